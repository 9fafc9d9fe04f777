//! Whether the links of `guard init shims` are what a shell finds first.

use super::{Finding, run};
use crate::app::session::Session;
use crate::app::shims::{self, Link};
use crate::hook::Reply;
use crate::install::HookCall;
use crate::text::escape;

/// A login shell reads other start files than one that is started by a program,
/// and a system-wide one may put its own folders in front.
const KINDS: [(&str, &str); 2] = [("-c", "a shell"), ("-lc", "a login shell")];

/// Looks up one of the links as shells do.
pub(super) fn links(session: &Session) -> Vec<Finding> {
    let (Ok(links), Ok(dir)) = (shims::there(session), shims::folder(session)) else {
        return Vec::new();
    };
    let Some(first) = links.first() else { return Vec::new() };
    let mut out = Vec::new();
    for link in links.iter().filter(|link| matches!(link, Link::Stale(_))) {
        out.push(Finding::bad(
            "shims",
            format!("{} does not link to this guard", escape(link.name())),
            "calls of it are judged by another program, or by none",
            format!("guard init shims {}", escape(link.name())),
        ));
    }
    let name = first.name();
    let shell = std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".into());
    for (option, kind) in KINDS {
        let argv = vec![shell.clone(), option.into(), format!("command -v {name}")];
        let found = run(&HookCall::Argv(argv), "").map(|Reply { stdout, .. }| stdout);
        let wanted = dir.join(name);
        let about = "shims";
        out.push(match found {
            Ok(found) if found.lines().last() == wanted.to_str() => {
                Finding::good(about, format!("{kind} ({option}) finds {name} there first"))
            }
            Ok(found) => Finding::bad(
                about,
                format!("{kind} ({option}) finds {} first", escape(found.trim())),
                "what calls the program by its name goes past guard",
                format!("export PATH=\"{}:$PATH\"", escape(&dir.to_string_lossy())),
            ),
            Err(why) => Finding::bad(
                about,
                format!("{} {option}: {}", escape(&shell), escape(&why)),
                "whether the links are in front is not known",
                "set SHELL to a shell that works",
            ),
        });
    }
    out
}
