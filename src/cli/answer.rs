//! `guard approve`, `guard deny`, `guard review`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueHint};

use super::{print, session, stderr_palette};
use crate::app::second::answer::{self, AnswerError, Answered, Wanted};
use crate::exit::Exit;
use crate::second::Answer;
use crate::ssh::DECISION;
use crate::text::{escape, qr, tell};

/// Options of an answer.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard approve GEXS-Z6KB                  on the host where it was asked
  guard approve request.json               on your own machine, from a file
  guard approve -                          from a paste; ends with Ctrl-D
  guard approve GEXS-Z6KB --key ~/keys/guard --reason 'agreed in CHG-4711'
  guard approve request.json --as dana@example.org --detached out/

The command is judged again by your own guard. You see every word of it, what
is bound, and who asks; then you type the name of what would be hit.

Exit codes: 0 answered, 77 not answered, 74 not recorded.")]
pub struct AnswerArgs {
    /// The request: its name, its id, a file, or `-` for a paste.
    #[arg(value_name = "ID|FILE|-", value_hint = ValueHint::AnyPath)]
    pub request: String,

    /// Private key to sign with; without it a key in ssh-agent.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,

    /// Your name among the approvers, where the key does not tell.
    #[arg(long = "as", value_name = "NAME")]
    pub principal: Option<String>,

    /// Why; signed with the answer.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub reason: String,

    /// Answer although your guard and theirs judge the command differently.
    #[arg(long)]
    pub despite: bool,

    /// Look at what would be hit now, from here and as yourself (docs/probes.md).
    #[arg(long)]
    pub probe: bool,

    /// Write the bytes to be signed into this folder instead of signing them.
    #[arg(long, value_name = "DIR", conflicts_with = "key", value_hint = ValueHint::DirPath)]
    pub detached: Option<PathBuf>,

    /// Show the token as a QR code, too.
    #[arg(long)]
    pub qr: bool,
}

/// Runs the subcommand.
pub fn answer(args: &AnswerArgs, kind: Answer) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let wanted = Wanted {
        principal: args.principal.clone(),
        key: args.key.clone(),
        reason: args.reason.clone(),
        despite: args.despite,
        probe: args.probe,
        detached: args.detached.clone(),
        palette: stderr_palette(),
    };
    match answer::answer(&args.request, kind, &wanted, &session) {
        Ok(answered) => said(&answered, kind, args.qr),
        Err(error) => {
            tell(&format!("guard: not answered: {error}\n"));
            match error {
                AnswerError::Log(_) | AnswerError::Store(_) => Exit::NotRecorded.into(),
                AnswerError::Config(_) => Exit::Config.into(),
                _ => Exit::Denied.into(),
            }
        }
    }
}

fn said(answered: &Answered, kind: Answer, as_qr: bool) -> ExitCode {
    match answered {
        Answered::Here => {
            let what = match kind {
                Answer::Approve => {
                    "approved; the command that waits runs as soon as enough people agree"
                }
                Answer::Deny => "denied; it stays denied",
                Answer::Review => "reviewed",
            };
            tell(&format!("guard: {what}.\n"));
            Exit::Ok.into()
        }
        Answered::Token(token) => {
            tell(
                "guard: signed. Send this line back; there it goes into `guard token accept`,\n\
                  or into `guard run --token TOKEN` with the same command:\n",
            );
            if as_qr {
                match qr::render(token, super::columns()) {
                    Ok(picture) => tell(&picture),
                    Err(why) => tell(&format!("guard: no QR code: {why}\n")),
                }
            }
            print(|out| writeln!(out, "{token}").map(|()| Exit::Ok))
        }
        Answered::Detached(path, principal) => {
            let path = escape(&path.to_string_lossy());
            tell(&format!(
                "guard: written, not signed. Sign it with\n  \
                 ssh-keygen -Y sign -n {DECISION} -f YOUR_KEY {path}\n\
                 and make the token, in the name of {}, with\n  \
                 guard token make {path} {path}.sig\n",
                escape(principal)
            ));
            Exit::Ok.into()
        }
    }
}
