//! What the client of `guard mcp` has declined, for the record.

use std::ffi::OsString;
use std::path::PathBuf;

use super::actor;
use super::judge::{self, Input};
use super::memory;
use super::record::Recorder;
use super::session::Session;
use crate::audit::Decided;
use crate::decide::Subject;
use crate::model::Way;

/// Records that a command was not started because the client's user, or the
/// client for them, said no. `cwd` is where it was to run, else here; `client` is
/// what the client calls itself.
///
/// # Errors
/// What to say when it cannot be recorded.
pub fn declined(
    command: &str,
    cwd: Option<PathBuf>,
    client: &str,
    how: &str,
) -> Result<(), String> {
    let cwd = cwd.or_else(|| std::env::current_dir().ok());
    let session = Session::open_as(cwd, actor::of_client(client), Way::Mcp)
        .map_err(|error| error.to_string())?;
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
