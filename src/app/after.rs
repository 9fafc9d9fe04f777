//! What an agent's hook says after a command: noted with the verdict that left
//! the command to the agent, as the agent's word.

use super::hook::Hook;
use super::session::Session;
use super::{memory, record};
use crate::audit::event::Told;
use crate::audit::handed::{Asked, HandedOn};
use crate::audit::log;
use crate::audit::said::Said;
use crate::hook::After;
use crate::hook::after::End;

/// Notes it. A command that guard ran itself, or that it knows nothing of, is
/// left as it is.
///
/// # Errors
/// In words; nobody but a person who tries it is to be told.
pub fn note(hook: &Hook<'_>, after: &After, session: &Session) -> Result<(), String> {
    let agent = hook.agent.name();
    let redactor = session.redactor();
    // As the verdict's record names it.
    let named = after.call.session.as_deref().map(|id| memory::session_name(agent, id));
    for text in &after.texts {
        if hook.is_own(text, session) {
            continue;
        }
        let text = redactor.text(text);
        let asked = Asked {
            agent,
            session: named.as_deref(),
            cwd: session.ctx.cwd.as_deref(),
            text: &text,
        };
        // Of several commands only their sum is known.
        let one = after.texts.len() == 1;
        let told = |found: HandedOn| told(agent, after, one, found);
        record::told(session, &asked, told).map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn told(agent: &'static str, after: &After, one: bool, found: HandedOn) -> Told {
    let (mono_us, boot) = log::clock();
    let between = mono_us.checked_sub(found.mono_us).filter(|_| boot == found.boot);
    let end = if one { after.end } else { End::default() };
    let said = Said {
        by: agent.to_owned(),
        exit: end.exit,
        signal: end.signal,
        failed: end.failed,
        interrupted: end.interrupted,
        background: end.background,
        duration_ms: after.duration_ms.filter(|_| one),
        between_ms: between.map(|us| us / 1000),
    };
    Told { request_id: found.request_id, said }
}
