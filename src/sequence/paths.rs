//! Steps on files and folders, whose programs name the verb.

use super::{Act, MAX_NAMES};
use crate::model::Invocation;

/// What a program does to paths, and the paths, absolute where the folder is
/// known.
pub(super) fn act(invocation: &Invocation, cwd: Option<&str>) -> Option<(Act, Vec<String>)> {
    let program = invocation.program.as_deref()?;
    let here = match invocation.cwd.as_deref() {
        None => cwd,
        Some("") => None,
        Some(dir) => Some(dir),
    };
    let operands = || invocation.operands.iter().filter_map(|word| word.as_static());
    let all = || operands().take(MAX_NAMES).map(|path| absolute(path, here)).collect();
    match program {
        "rm" | "rmdir" | "unlink" | "shred" => Some((Act::Delete, all())),
        "mkdir" => Some((Act::Create, all())),
        "mv" => Some((Act::Other, all())),
        "git" => {
            let verb = invocation.subcommand.first()?;
            match verb.as_str() {
                "init" => {
                    let dir = operands().next().unwrap_or(".");
                    Some((Act::Create, vec![absolute(&format!("{dir}/.git"), here)]))
                }
                "clone" => {
                    let mut given = operands();
                    let url = given.next()?;
                    let last = url.trim_end_matches('/').rsplit(['/', ':']).next()?;
                    let dir = given.next().unwrap_or_else(|| last.trim_end_matches(".git"));
                    let dir = absolute(dir, here);
                    Some((Act::Create, vec![format!("{dir}/.git"), dir]))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The state files of terraform that a copy or a move names: what terraform then
/// takes for the world may be another one.
pub(super) fn state(invocation: &Invocation) -> Option<Vec<String>> {
    let program = invocation.program.as_deref()?;
    if !["cp", "mv", "ln", "install", "rsync", "scp"].contains(&program) {
        return None;
    }
    let operands = invocation.operands.iter().filter_map(|word| word.as_static());
    let names: Vec<String> =
        operands.filter(|path| path.ends_with(".tfstate")).map(str::to_owned).collect();
    (!names.is_empty()).then_some(names)
}

/// A path without `.`, `..` and double slashes, by its words alone.
fn absolute(path: &str, here: Option<&str>) -> String {
    let whole = match here {
        Some(here) if !path.starts_with(['/', '~']) => format!("{here}/{path}"),
        _ => path.to_owned(),
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if whole.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}
