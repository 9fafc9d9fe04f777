//! The second human of the demo: a throw-away key, and the answers that it
//! signs. Only requests in the demo's own folder are answered, for which only
//! the demo's own account counts this key.

use std::path::Path;

use super::DemoError;
use super::world::{DANA, World};
use crate::app::second::circle::now;
use crate::keys;
use crate::second::decision::TYPE;
use crate::second::display::{RENDERER, display, sha256};
use crate::second::{Answer, Decision, Request};
use crate::ssh::DECISION as NAMESPACE;
use crate::store::{Row, Store};

/// Makes the key and enrols it in the account of the demo.
pub(super) fn enrol(world: &World) -> Result<(), DemoError> {
    let mut seed = [0_u8; 32];
    crate::audit::key::random(&mut seed)?;
    let (private, public) = keys::file::throw_away(&seed, DANA).map_err(DemoError::key)?;
    world.write("dana/key", private.as_bytes(), 0o600)?;
    world.write("dana/key.pub", format!("{public}\n").as_bytes(), 0o600)?;
    let key: Vec<&str> = public.split(' ').take(2).collect();
    let day: String = now().plus(2 * 86_400).to_string().chars().take(10).collect();
    let until = day.replace('-', "");
    let line =
        format!("{DANA} namespaces=\"{NAMESPACE}\",valid-before=\"{until}Z\" {}\n", key.join(" "));
    world.write("home/.config/guard/allowed_signers", line.as_bytes(), 0o600)?;
    Ok(())
}

/// The request that waits.
pub(super) fn waiting(world: &World) -> Result<Row, DemoError> {
    let state = world.path("home/.local/state/guard");
    let store = Store::open_existing(&state)?.ok_or(DemoError::NoRequest)?;
    store.list(true, now(), 1)?.into_iter().next().ok_or(DemoError::NoRequest)
}

/// Signs an answer, as `guard approve` does after the name was typed.
pub(super) fn token(
    world: &World,
    row: &Row,
    answer: Answer,
    reason: &str,
) -> Result<String, DemoError> {
    let request =
        Request::read(&row.document).map_err(|error| DemoError::Told(error.to_string()))?;
    let shown = display(&request, &row.document);
    let decision = Decision {
        v: 1,
        kind: TYPE.to_owned(),
        request_id: request.id.clone(),
        request_sha256: sha256(&row.document),
        decision: answer,
        principal: DANA.to_owned(),
        issued: now(),
        expires: request.expires,
        max_uses: 1,
        reason: reason.to_owned(),
        renderer: RENDERER.to_owned(),
        display_sha256: sha256(shown.as_bytes()),
    };
    let key = open(&world.path("dana/key"))?;
    let token = keys::sign(&key, NAMESPACE, decision.write()).map_err(DemoError::key)?;
    token.write().map_err(DemoError::key)
}

fn open(path: &Path) -> Result<keys::file::Unlocked, DemoError> {
    let file = keys::file::KeyFile::open(path).map_err(DemoError::key)?;
    file.unlock(b"").map_err(DemoError::key)
}
