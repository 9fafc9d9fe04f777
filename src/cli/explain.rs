//! `guard explain`: how a verdict came about, word by word.

use std::io;
use std::process::ExitCode;

use super::args::ExplainArgs;
use super::{prepare, print, render, stdout_palette};
use crate::app::judge::judge;
use crate::app::public::public;
use crate::exit::Exit;
use crate::text::width;

/// Runs the subcommand.
pub fn explain(args: &ExplainArgs) -> ExitCode {
    let (input, session) = match prepare(&args.what) {
        Ok(ready) => ready,
        Err(code) => return code,
    };
    let verdict = judge(&input, session.world());
    let shown = public(&verdict, &input.text(), &session);
    let columns = width::columns(&io::stdout());
    let text = render::explain(&shown.verdict, &shown.command, stdout_palette(), columns);
    print(|out| out.write_all(text.as_bytes()).map(|()| Exit::Ok))
}
