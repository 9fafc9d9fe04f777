//! Small words for messages: counted nouns and lists.

/// How long ago, in the largest unit that fits: `40 s`, `4 min`, `2 h`.
#[must_use]
pub fn ago(seconds: u64) -> String {
    match seconds {
        0..90 => format!("{seconds} s"),
        90..5400 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3600),
    }
}

/// `1 file`, `3 files`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {}", plural(noun)) }
}

/// The regular English plural of a noun, or of the last word of a phrase.
#[must_use]
pub fn plural(noun: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    if ends(&["s", "x", "ch", "sh"]) {
        return format!("{noun}es");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) && !stem.is_empty() => {
            format!("{stem}ies")
        }
        _ => format!("{noun}s"),
    }
}

/// `a`, `a or b`, `a, b or c`.
#[must_use]
pub fn or_list<S: AsRef<str>>(items: &[S]) -> String {
    list(items, "or")
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn and_list<S: AsRef<str>>(items: &[S]) -> String {
    list(items, "and")
}

fn list<S: AsRef<str>>(items: &[S], word: &str) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let last = at + 1 == items.len();
            out += if last { " " } else { ", " };
            if last {
                out += word;
                out += " ";
            }
        }
        out += item.as_ref();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{and_list, count, or_list};

    #[test]
    fn nouns_are_counted() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(3, "policy"), "3 policies");
        assert_eq!(count(3, "key"), "3 keys");
        assert_eq!(count(2, "remote branch"), "2 remote branches");
        assert_eq!(count(2, "ingress"), "2 ingresses");
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(or_list(&["a"]), "a");
        assert_eq!(or_list(&["a", "b"]), "a or b");
        assert_eq!(and_list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(or_list::<&str>(&[]), "");
    }
}
