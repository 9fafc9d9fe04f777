//! The dependencies between modules point one way.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::harness::root;

/// What each module may use. Leaves stand at the end.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &["text"]),
    ("shell", &["model", "text"]),
    ("command", &["model", "shell", "text"]),
    ("rules", &["model", "command", "text"]),
    ("blast", &["model", "command", "rules", "text"]),
    ("sequence", &["model"]),
    ("ssh", &["text"]),
    ("hook", &[]),
    ("install", &["hook"]),
    ("second", &["model", "ssh", "text"]),
    ("decide", &["model", "command", "rules", "blast", "sequence", "second", "text"]),
    ("approve", &["model", "decide", "second", "text", "sys"]),
    ("run", &["model", "decide", "text", "sys", "exit"]),
    ("audit", &["model", "decide", "second", "ssh", "text", "sys", "exit"]),
    ("bind", &["model", "rules", "second", "text", "sys"]),
    ("keys", &["ssh", "text", "sys"]),
    ("notify", &["decide", "second", "text", "sys"]),
    // Looks at the world for facts of the model; what to make of them is for
    // `decide`, and what to show for `approve`.
    ("probe", &["model", "blast", "text", "sys"]),
    ("store", &["sequence", "second", "text", "sys"]),
    ("config", &["model", "decide", "rules", "second", "ssh", "text"]),
    (
        "app",
        &[
            "model", "shell", "command", "rules", "blast", "sequence", "ssh", "second", "decide",
            "approve", "run", "audit", "bind", "keys", "notify", "probe", "store", "config",
            "hook", "install", "text", "sys", "exit",
        ],
    ),
    (
        "cli",
        &[
            "model", "shell", "command", "rules", "blast", "sequence", "ssh", "second", "decide",
            "approve", "run", "audit", "bind", "keys", "notify", "probe", "store", "config",
            "hook", "install", "app", "text", "sys", "exit",
        ],
    ),
    ("text", &["sys"]),
    ("exit", &[]),
    ("sys", &[]),
];

/// Modules that see nothing of the world.
const PURE: &[&str] = &[
    "model", "shell", "command", "rules", "blast", "sequence", "ssh", "second", "decide", "hook",
    "install",
];

/// What a pure module must not name.
const WORLD: &[&str] = &[
    "std::fs",
    "std::env::",
    "std::process",
    "std::net",
    "std::time",
    "SystemTime",
    "Instant::",
    "std::io::std",
    "nix::",
    "libc::",
    "std::thread::sleep",
];

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Every source file with its top-level module and its text without tests.
fn modules() -> Vec<(PathBuf, String, String)> {
    let src = root().join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    files
        .into_iter()
        .filter_map(|path| {
            let below = path.strip_prefix(&src).unwrap().to_owned();
            let first = below.components().next()?.as_os_str().to_str()?.to_owned();
            let module = first.trim_end_matches(".rs").to_owned();
            let is_test = below.file_stem().is_some_and(|s| s == "tests" || s == "samples");
            if module == "lib" || module == "main" || is_test {
                return None;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or("").to_owned();
            Some((below, module, text))
        })
        .collect()
}

/// The names after `crate::` in code, groups included.
fn uses(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        for (at, _) in line.match_indices("crate::") {
            let rest = &line[at + "crate::".len()..];
            let rest = rest.trim_start_matches('{');
            for name in rest.split([',', '}']) {
                let name: String =
                    name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if name.chars().next().is_some_and(char::is_lowercase) {
                    out.insert(name);
                }
                if !line[at..].starts_with("crate::{") {
                    break;
                }
            }
        }
    }
    out
}

#[test]
fn modules_depend_only_on_what_they_may() {
    let names: BTreeSet<&str> = ALLOWED.iter().map(|(name, _)| *name).collect();
    let mut wrong = Vec::new();
    for (path, module, text) in modules() {
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("{}: {module} has no line in the table", path.display()));
            continue;
        };
        for used in uses(&text) {
            if names.contains(used.as_str()) && used != module && !allowed.contains(&used.as_str())
            {
                wrong.push(format!("{}: {module} must not use {used}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pure_core_names_nothing_of_the_world() {
    let mut wrong = Vec::new();
    for (path, module, text) in modules() {
        if !PURE.contains(&module.as_str()) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for word in WORLD {
                // `unix::` is not `nix::`.
                let starts = |at: usize| !line[..at].ends_with(char::is_alphanumeric);
                if line.match_indices(word).any(|(at, _)| starts(at)) {
                    wrong.push(format!("{}:{}: {word}", path.display(), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn unsafe_stands_only_in_sys_and_always_says_why() {
    for (path, module, text) in modules() {
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.trim_start().starts_with("//") || !line.contains("unsafe {") {
                continue;
            }
            assert_eq!(module, "sys", "{}:{}", path.display(), number + 1);
            let before = &lines[number.saturating_sub(8)..number];
            let says = before.iter().any(|line| line.contains("SAFETY:"));
            assert!(says, "{}:{}: no SAFETY comment", path.display(), number + 1);
        }
    }
}

#[test]
fn the_check_itself_finds_a_wrong_edge() {
    assert!(uses("use crate::{model::Tier, decide};").contains("decide"));
    assert!(uses("    crate::app::run::x()").contains("app"));
    assert!(!uses("// use crate::app").contains("app"));
}
