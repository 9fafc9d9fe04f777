//! `guard explain`: how a verdict came about, word by word.

use std::io;
use std::process::ExitCode;

use super::args::ExplainArgs;
use super::{origins::Origins, prepare, print, render, stdout_palette};
use crate::app::judge::judge;
use crate::app::public::{public, texts};
use crate::exit::Exit;
use crate::text::width;

/// Runs the subcommand.
pub fn explain(args: &ExplainArgs) -> ExitCode {
    let (input, session) = match prepare(&args.what) {
        Ok(ready) => ready,
        Err(code) => return code,
    };
    let verdict = judge(&input, session.world());
    let given = input.text();
    let mut shown = public(&verdict, &given, &session);
    texts(&mut shown.verdict, &session);
    let asked = render::Asked {
        text: &shown.command,
        moved: shown.command != given,
        origins: Origins::find(&verdict, &session.rules, &session.policy),
    };
    let columns = width::columns(&io::stdout());
    let text = render::explain(&shown.verdict, &asked, stdout_palette(), columns);
    print(|out| out.write_all(text.as_bytes()).map(|()| Exit::Ok))
}
