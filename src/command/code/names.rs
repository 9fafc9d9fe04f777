//! Names of things, as paths with dots.

/// Whether a path fits a pattern: part by part, `*` any text inside one part,
/// `**` in front any parts, or none.
pub(super) fn fits(pattern: &str, path: &str) -> bool {
    if let Some(rest) = pattern.strip_prefix("**.") {
        let parts = rest.split('.').count();
        let have = path.split('.').count();
        if have < parts {
            return false;
        }
        let tail = path.splitn(have - parts + 1, '.').last().unwrap_or_default();
        return fits(rest, tail);
    }
    let mut have = path.split('.');
    pattern.split('.').all(|want| have.next().is_some_and(|part| part_fits(want, part)))
        && have.next().is_none()
}

fn part_fits(want: &str, part: &str) -> bool {
    match want.split_once('*') {
        None => want == part,
        Some((start, end)) => {
            part.len() >= start.len() + end.len() && part.starts_with(start) && part.ends_with(end)
        }
    }
}

/// `terminate_instances`, `TerminateInstances`, `DBInstance`: with dashes, in
/// lower case.
pub(super) fn kebab(name: &str) -> String {
    let mut out = String::new();
    let chars: Vec<char> = name.chars().collect();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let lower_after = chars.get(i + 1).is_some_and(|c| c.is_lowercase());
        let starts = c.is_uppercase()
            && before.is_some_and(|b| {
                b.is_lowercase() || b.is_ascii_digit() || (b.is_uppercase() && lower_after)
            });
        if starts {
            out.push('-');
        }
        match c {
            '_' => out.push('-'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// Whether a method of this name gives all that is in a map or text, in another
/// form.
pub(super) fn in_another_form(method: &str) -> bool {
    const METHODS: [&str; 14] = [
        "encode",
        "decode",
        "items",
        "values",
        "copy",
        "inspect",
        "to_a",
        "to_h",
        "to_hash",
        "to_json",
        "to_s",
        "iteritems",
        "select",
        "map",
    ];
    METHODS.contains(&method)
}

/// Whether a method of this name calls a function with each thing of a list, or
/// with what a promise gives.
pub(super) fn gives_each(method: &str) -> bool {
    const METHODS: [&str; 12] = [
        "each",
        "map",
        "forEach",
        "for_each",
        "then",
        "flat_map",
        "flatMap",
        "each_with_index",
        "find_each",
        "collect",
        "select",
        "filter",
    ];
    METHODS.contains(&method)
}

#[cfg(test)]
mod tests {
    use super::{fits, kebab};

    #[test]
    fn patterns_fit_part_by_part() {
        assert!(fits("os.system", "os.system") && !fits("os.system", "os.system.x"));
        assert!(fits("subprocess.*", "subprocess.run") && !fits("subprocess.*", "subprocess.a.b"));
        assert!(fits("**.unlink", "unlink") && fits("**.unlink", "a.b().unlink"));
        assert!(fits("**.delete_*", "k.v1.delete_pod") && !fits("**.delete_*", "delete_pod.x"));
        assert!(fits("*().m", "client().m") && !fits("*().m", "client.m"));
    }

    #[test]
    fn names_get_dashes() {
        assert_eq!(kebab("terminate_instances"), "terminate-instances");
        assert_eq!(kebab("DBInstanceIdentifier"), "db-instance-identifier");
        assert_eq!(kebab("InstanceIds"), "instance-ids");
    }
}
