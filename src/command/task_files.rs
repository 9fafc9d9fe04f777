//! Files of task runners, rewritten as makefiles: a task is a target, what it
//! depends on its prerequisites.

/// A justfile as a makefile.
pub(super) fn just(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with(['#', '[']) {
            continue;
        }
        if trimmed.len() < line.len() {
            out.push_str(&format!("\t{}\n", filled(trimmed)));
            continue;
        }
        match trimmed.split_once(":=") {
            Some((name, value)) => {
                let name = name.trim().trim_start_matches("export ").trim_start_matches("alias ");
                let value = value.trim().trim_matches(['"', '\'']);
                out.push_str(&format!("{name} = {}\n", filled(value)));
            }
            None => {
                let (head, needs) = trimmed.split_once(':').unwrap_or((trimmed, ""));
                // Parameters follow the name.
                let name = head.split_whitespace().next().unwrap_or_default();
                let name = name.trim_start_matches('@');
                let needs = needs.replace("&&", " ").replace(['(', ')'], " ");
                out.push_str(&format!("{name}: {needs}\n"));
            }
        }
    }
    out
}

/// `{{NAME}}` becomes a variable of make; a dollar sign is the shell's.
fn filled(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        out.push_str(&before.replace('$', "$$"));
        let name = name.trim().trim_start_matches('.');
        out.push_str(&format!("$({name})"));
        rest = behind;
    }
    out.push_str(&rest.replace('$', "$$"));
    out
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| *c == ' ').count()
}

fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''));
    quote.and_then(|quote| text.strip_prefix(quote)?.strip_suffix(quote)).unwrap_or(text)
}

/// The name of a task as one of a target, in which a colon ends it.
pub(super) fn target(name: &str) -> String {
    name.replace(':', "-")
}

/// A Taskfile as a makefile.
pub(super) fn taskfile(text: &str) -> String {
    let mut out = String::new();
    let mut section = "";
    let mut level = None;
    let mut key = "";
    for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        let at = indent(line);
        if at == 0 {
            section = trimmed.trim_end_matches(':');
            level = None;
            continue;
        }
        let (name, value) = trimmed.split_once(':').unwrap_or((trimmed, ""));
        let value = value.trim();
        let deepest = *level.get_or_insert(at);
        match section {
            "vars" | "env" if at == deepest => {
                out.push_str(&format!("{} = {}\n", name, filled(unquoted(value))));
            }
            "tasks" if at == deepest => {
                key = "";
                out.push_str(&format!("{}:\n", target(unquoted(name))));
                command(value, &mut out);
            }
            "tasks" => {
                if let Some(item) = trimmed.strip_prefix("- ") {
                    entry(key, item, &mut out);
                } else {
                    let known = matches!(
                        name,
                        "cmd"
                            | "cmds"
                            | "deps"
                            | "desc"
                            | "vars"
                            | "preconditions"
                            | "status"
                            | "sources"
                            | "generates"
                            | "dir"
                            | "env"
                            | "defer"
                            | "task"
                    );
                    if known {
                        key = name;
                        match name {
                            "cmd" | "cmds" | "defer" => command(value, &mut out),
                            "deps" => needs(value, &mut out),
                            _ => {}
                        }
                    } else if matches!(key, "cmd" | "cmds" | "defer") {
                        // A line of a text that spans several.
                        command(trimmed, &mut out);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

fn entry(key: &str, item: &str, out: &mut String) {
    match key {
        "cmds" | "cmd" | "status" | "preconditions" => {
            let text = item.strip_prefix("cmd:").or_else(|| item.strip_prefix("defer:"));
            if let Some(task) = item.strip_prefix("task:") {
                needs(task, out);
            } else {
                command(text.unwrap_or(item), out);
            }
        }
        "deps" => needs(item.strip_prefix("task:").unwrap_or(item), out),
        _ => {}
    }
}

fn command(text: &str, out: &mut String) {
    let text = text.trim();
    if text.is_empty() || matches!(text, "|" | ">" | "|-" | ">-") {
        return;
    }
    if let Some(list) = text.strip_prefix('[') {
        for item in list.trim_end_matches(']').split("\", \"") {
            out.push_str(&format!("\t{}\n", filled(item.trim_matches('"'))));
        }
        return;
    }
    out.push_str(&format!("\t{}\n", filled(unquoted(text))));
}

/// A prerequisite stands in a recipe: `make` of the same file, in the order of
/// the task, would be the same commands.
fn needs(text: &str, out: &mut String) {
    for name in text.trim_matches(['[', ']']).split(',') {
        let name = unquoted(name);
        if !name.is_empty() {
            out.push_str(&format!("\ttask {}\n", target(name)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{just, taskfile};

    #[test]
    fn a_justfile_becomes_a_makefile() {
        let text = "dir := \"/srv\"\n# c\nbuild target='x': clean && deploy\n    @echo {{target}} $HOME\n\nclean:\n  rm -rf {{dir}}/x\n";
        assert_eq!(
            just(text),
            "dir = /srv\nbuild:  clean   deploy\n\t@echo $(target) $$HOME\nclean: \n\trm -rf $(dir)/x\n"
        );
    }

    #[test]
    fn a_taskfile_becomes_a_makefile() {
        let text = "version: '3'\nvars:\n  D: /srv\ntasks:\n  build:\n    deps: [lint]\n    cmds:\n      - go build\n      - cmd: rm -rf {{.D}}\n      - task: x:y\n      - |\n        ls\n        pwd\n  lint: golint\n";
        assert_eq!(
            taskfile(text),
            "D = /srv\nbuild:\n\ttask lint\n\tgo build\n\trm -rf $(D)\n\ttask x-y\n\tls\n\tpwd\nlint:\n\tgolint\n"
        );
    }
}
