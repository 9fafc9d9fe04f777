//! What the client of `guard mcp` has declined, for the record.

use std::ffi::OsString;

use super::judge::{self, Input};
use super::memory;
use super::record::Recorder;
use super::session::Session;
use crate::audit::Decided;
use crate::decide::Subject;

/// Records that a command was not started because the client's user, or the
/// client for them, said no.
///
/// # Errors
/// What to say when it cannot be recorded.
pub fn declined(command: &str, how: &str) -> Result<(), String> {
    let session = Session::open().map_err(|error| error.to_string())?;
    let verdict = judge::judge(&Input::Text(command.to_owned()), session.world());
    let verdict = memory::recall(verdict, &session, None);
    let argv = ["bash", "-c", command].map(OsString::from).to_vec();
    let subject = Subject { argv, shell_text: Some(command.to_owned()) };
    let mut recorder = Recorder::open(&session, &subject, &verdict, None, None)
        .map_err(|error| error.to_string())?;
    recorder
        .decided(Decided::Declined, "mcp", Some(how.to_owned()), None)
        .map_err(|error| error.to_string())
}
