//! `guard init shims` and `guard init shell`: in front of programs and of people.

use std::process::ExitCode;

use clap::ValueEnum as _;

use super::{InitArgs, UninitArgs, failed, not_done};
use crate::app::session::Session;
use crate::app::shims::{self, Link};
use crate::approve::{How, typed};
use crate::cli::{print, stderr_palette, usage_error};
use crate::exit::Exit;
use crate::install::shell::{self, Shell};
use crate::text::{escape, tell};

/// Links in front of programs.
pub(super) fn shims(args: &InitArgs, session: &Session) -> ExitCode {
    let ready =
        shims::wanted(&args.names, session).and_then(|links| Ok((links, shims::folder(session)?)));
    let (links, dir) = match ready {
        Ok(ready) => ready,
        Err(why) => return failed(&why),
    };
    if links.is_empty() {
        return failed("none of the usual programs is installed; name those that you want");
    }
    let dir = escape(&dir.to_string_lossy());
    let mut text = format!("{dir}\n");
    for link in &links {
        let (sign, note) = match link {
            Link::New(_) => ('+', ""),
            Link::Stale(_) => ('~', " (now links elsewhere)"),
            Link::Stands(_) => (' ', ""),
        };
        text.push_str(&format!("  {sign} {}{note}\n", escape(link.name())));
    }
    tell(&text);
    let needed = links.iter().any(|link| !matches!(link, Link::Stands(_)));
    if needed && !args.dry_run {
        if !args.yes {
            match typed::text("Make these links? [y/N] ") {
                Ok(line) if matches!(line.trim(), "y" | "Y" | "yes") => {}
                Err(How::NoTerminal) => {
                    return usage_error("there is no terminal to ask on; add --yes to make them.");
                }
                Ok(_) | Err(_) => return not_done("nothing was written."),
            }
        }
        if let Err(why) = shims::make(&links, session) {
            return failed(&why);
        }
    }
    tell(&format!(
        "Put the folder first in PATH, at the end of ~/.profile and of ~/.bashrc or ~/.zshenv:\n  \
         export PATH=\"{dir}:$PATH\"\n\
         Not covered: programs called by an absolute path, `sudo` with a PATH of its own, and\n\
         whatever sets another PATH. `guard doctor` says whether the folder is in front.\n"
    ));
    Exit::Ok.into()
}

/// Takes links away.
pub(super) fn remove_shims(args: &UninitArgs, session: &Session) -> ExitCode {
    let links = match shims::there(session) {
        Ok(links) => links,
        Err(why) => return failed(&why),
    };
    let named = |link: &Link| args.names.is_empty() || args.names.iter().any(|n| n == link.name());
    let links: Vec<Link> = links.into_iter().filter(named).collect();
    if links.is_empty() {
        tell("guard: there is no such link.\n");
        return Exit::Ok.into();
    }
    let list: String = links.iter().map(|link| format!("  - {}\n", escape(link.name()))).collect();
    if args.dry_run {
        tell(&list);
        return Exit::Ok.into();
    }
    if !session.actor.can_answer() {
        return not_done("only a person at a terminal takes guard away.");
    }
    let purpose = "From then on nobody asks about what scripts call. To take the links away";
    if typed::word(&|_| list.clone(), purpose, "shims", stderr_palette()).is_err() {
        return not_done("nothing was changed.");
    }
    match shims::remove(&links, session) {
        Ok(()) => {
            tell("guard: the links are gone.\n");
            Exit::Ok.into()
        }
        Err(why) => failed(&why),
    }
}

/// What a shell's start file evaluates.
pub(super) fn shell(args: &InitArgs, session: &Session) -> ExitCode {
    let Some((name, tools)) = args.names.split_first() else {
        return usage_error("which shell? `guard init shell bash`, `zsh` or `fish`.");
    };
    let Ok(kind) = Shell::from_str(name, false) else {
        return usage_error(&format!("\"{}\": bash, zsh and fish are known.", escape(name)));
    };
    let quote = |path: &std::path::Path| {
        path.to_str().map(|path| crate::shell::join(&[path.as_bytes().to_vec()]).0)
    };
    let guard = std::env::current_exe().ok().as_deref().and_then(quote);
    let Some(guard) = guard else { return failed("the path of guard's program is not UTF-8") };
    let text = if tools.is_empty() {
        let links = shims::there(session).unwrap_or_default();
        let dir = shims::folder(session).ok().filter(|_| !links.is_empty());
        shell::check(kind, &guard, dir.as_deref().and_then(quote).as_deref())
    } else {
        if let Err(why) = shims::wanted(tools, session) {
            return failed(&why);
        }
        shell::aliases(kind, &guard, tools)
    };
    print(|out| out.write_all(text.as_bytes()).map(|()| Exit::Ok))
}
