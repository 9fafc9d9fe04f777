//! `guard token`: explaining, checking and carrying tokens.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueHint};

use super::{print, session};
use crate::app::second::answer::load;
use crate::app::second::circle::{Circle, now};
use crate::app::second::withdraw;
use crate::app::session::Session;
use crate::exit::Exit;
use crate::second::{Decision, Utc, quorum};
use crate::ssh::sshsig::Signature;
use crate::ssh::{PublicKey, Token, armor};
use crate::text::{escape, tell};

/// Most bytes that are read of a file.
const MAX_FILE: u64 = 256 << 10;

/// `guard token`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard token inspect TOKEN                what it says, in words; checks nothing
  guard token verify TOKEN --request r.json
  guard token accept TOKEN                 for the command that waits here
  guard token make decision.json decision.json.sig
  guard token split TOKEN out/             the two files, for ssh-keygen -Y verify")]
pub struct TokenArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: TokenCommand,
}

/// Subcommands of `guard token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Explain a token in words. Nothing is checked.
    #[command(after_help = "\
Examples:
  guard token inspect TOKEN
  guard token inspect token.txt
  pbpaste | guard token inspect -")]
    Inspect {
        /// The token, a file with it, or `-`.
        token: String,
    },
    /// Check a token as the host that asked would.
    #[command(after_help = "\
Examples:
  guard token verify TOKEN                 against the request on this host
  guard token verify TOKEN --request r.json --at 2026-11-22T09:32:00Z

Exit codes: 0 it counts, 1 it does not.")]
    Verify {
        /// The token, a file with it, or `-`.
        token: String,
        /// The request, as a file or its name; without it the one on this host.
        #[arg(long, value_name = "FILE|ID")]
        request: Option<String>,
        /// As if it were this time.
        #[arg(long, value_name = "TIME", value_parser = time)]
        at: Option<Utc>,
        /// Trust this file instead of the one in force.
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        signers: Option<PathBuf>,
    },
    /// Take a token in, so that the command that waits here goes on.
    #[command(after_help = "\
Examples:
  guard token accept TOKEN
  guard token accept -                     from a paste; ends with Ctrl-D")]
    Accept {
        /// The token, a file with it, or `-`.
        token: String,
    },
    /// Make a token of the files that stock ssh-keygen works with.
    #[command(after_help = "\
Examples:
  guard approve r.json --as dana@example.org --detached out
  ssh-keygen -Y sign -n guard-decision@v1 -f KEY out/decision.json
  guard token make out/decision.json out/decision.json.sig")]
    Make {
        /// The decision document.
        #[arg(value_hint = ValueHint::FilePath)]
        document: PathBuf,
        /// The signature that `ssh-keygen -Y sign` has made.
        #[arg(value_hint = ValueHint::FilePath)]
        signature: PathBuf,
    },
    /// Write document and signature of a token as files for stock ssh-keygen.
    #[command(after_help = "\
Examples:
  guard token split TOKEN out
  ssh-keygen -Y verify -f allowed_signers -I dana@example.org -n guard-decision@v1 \\
    -s out/decision.json.sig < out/decision.json")]
    Split {
        /// The token, a file with it, or `-`.
        token: String,
        /// The folder.
        #[arg(value_hint = ValueHint::DirPath)]
        folder: PathBuf,
    },
}

fn time(text: &str) -> Result<Utc, String> {
    Utc::parse(text).ok_or_else(|| "expected a time such as 2026-11-22T09:32:00Z".to_owned())
}

/// Runs the subcommand.
pub fn token(args: &TokenArgs) -> ExitCode {
    let done = match &args.command {
        TokenCommand::Inspect { token } => read(token).and_then(|token| inspect(&token)),
        TokenCommand::Verify { token, request, at, signers } => read(token)
            .and_then(|token| verify(&token, request.as_deref(), *at, signers.as_deref())),
        TokenCommand::Accept { token } => read(token).and_then(|token| accept(&token)),
        TokenCommand::Make { document, signature } => make(document, signature),
        TokenCommand::Split { token, folder } => {
            read(token).and_then(|token| split(&token, folder))
        }
    };
    done.unwrap_or_else(|why| {
        tell(&format!("guard: {why}\n"));
        Exit::Failed.into()
    })
}

/// A text file, bounded.
pub(super) fn read_file(path: &Path) -> Result<String, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", escape(&path.to_string_lossy()));
    let file = std::fs::File::open(path).map_err(fail)?;
    let mut text = String::new();
    file.take(MAX_FILE).read_to_string(&mut text).map_err(fail)?;
    Ok(text)
}

fn read(typed: &str) -> Result<Token, String> {
    let text = if typed == "-" {
        let mut text = String::new();
        let read = std::io::stdin().take(MAX_FILE).read_to_string(&mut text);
        read.map_err(|error| error.to_string())?;
        text
    } else if Path::new(typed).is_file() {
        read_file(Path::new(typed))?
    } else {
        typed.to_owned()
    };
    Token::read(&text).map_err(|error| error.to_string())
}

fn opened() -> Result<Session, String> {
    session().map_err(|_| "the configuration is broken, see above".to_owned())
}

fn inspect(token: &Token) -> Result<ExitCode, String> {
    let decision = Decision::read(&token.document).map_err(|error| error.to_string())?;
    let signature = Signature::read(&token.signature).map_err(|error| error.to_string())?;
    let key = PublicKey::from_blob(&signature.public_key).map_err(|error| error.to_string())?;
    Ok(print(|out| {
        let Decision { principal, request_id, request_sha256, issued, expires, .. } = &decision;
        writeln!(out, "Says    {} by {}", decision.decision.name(), escape(principal))?;
        writeln!(out, "About   request {request_id}")?;
        writeln!(out, "        with SHA-256 {request_sha256}")?;
        writeln!(out, "Made    {issued}, good until {expires}, for one run")?;
        if !decision.reason.is_empty() {
            writeln!(out, "Why     {}", escape(&decision.reason))?;
        }
        writeln!(
            out,
            "Shown   as {}, SHA-256 {}",
            escape(&decision.renderer),
            decision.display_sha256
        )?;
        writeln!(out, "Key     {} {}", key.algorithm(), key.fingerprint())?;
        if let Some(application) = key.application() {
            writeln!(out, "        for {}", escape(application))?;
        }
        writeln!(out, "For     {}", escape(&signature.namespace))?;
        writeln!(out, "Nothing has been checked: `guard token verify` does.").map(|()| Exit::Ok)
    }))
}

fn verify(
    token: &Token,
    request: Option<&str>,
    at: Option<Utc>,
    signers: Option<&Path>,
) -> Result<ExitCode, String> {
    let session = opened()?;
    let claimed = Decision::read(&token.document).map_err(|error| error.to_string())?;
    let loaded = load::load(request.unwrap_or(&claimed.request_id), &session);
    let loaded = loaded.map_err(|error| error.to_string())?;
    let circle = match signers {
        Some(path) => Circle::of_file(&session, path).map(Some),
        None => Circle::open(&session),
    };
    let circle = circle.map_err(|error| error.to_string())?;
    let circle = circle.ok_or("nobody is enrolled here; name the trust file with --signers")?;
    let now = at.unwrap_or_else(now);
    let vote = quorum::vote(token, loaded.asked(), circle.trusted(), now)
        .map_err(|why| format!("it does not count: {why}"))?;
    let touch = match (vote.proof.touched(), vote.proof.knew_the_person()) {
        (true, true) => "touched, and the key knew the person",
        (true, false) => "touched",
        _ => "no proof of touch",
    };
    let outcome =
        quorum::evaluate(std::slice::from_ref(&vote), loaded.asked(), circle.groups(), now);
    Ok(print(|out| {
        let answer = vote.decision.decision.name();
        writeln!(out, "It counts: {answer} by {} ({touch}).", escape(&vote.principal))?;
        match &outcome {
            crate::second::Outcome::Granted(grant) => {
                writeln!(out, "Alone it is enough, until {}.", grant.until())?;
            }
            crate::second::Outcome::Denied { .. } => writeln!(out, "It ends the request.")?,
            crate::second::Outcome::Missing(what) => {
                writeln!(out, "Alone it is not enough: {}.", escape(what))?;
            }
        }
        Ok(Exit::Ok)
    }))
}

fn accept(token: &Token) -> Result<ExitCode, String> {
    let session = opened()?;
    let (handle, answer, by) =
        withdraw::accept(&session, token).map_err(|error| error.to_string())?;
    tell(&format!("guard: request {handle}: {} by {}.\n", answer.name(), escape(&by)));
    Ok(Exit::Ok.into())
}

fn make(document: &Path, signature: &Path) -> Result<ExitCode, String> {
    let text = read_file(document)?;
    let token = Token::from_files(text.into_bytes(), &read_file(signature)?);
    let line = token.and_then(|token| token.write()).map_err(|error| error.to_string())?;
    Ok(print(|out| writeln!(out, "{line}").map(|()| Exit::Ok)))
}

fn split(token: &Token, folder: &Path) -> Result<ExitCode, String> {
    let fail = |error: std::io::Error| format!("{}: {error}", escape(&folder.to_string_lossy()));
    std::fs::create_dir_all(folder).map_err(fail)?;
    let path = folder.join("decision.json");
    std::fs::write(&path, &token.document).map_err(fail)?;
    std::fs::write(folder.join("decision.json.sig"), armor::write(&token.signature))
        .map_err(fail)?;
    let path = escape(&path.to_string_lossy());
    let who = Decision::read(&token.document).map(|d| d.principal).unwrap_or_default();
    tell(&format!(
        "guard: written. Anybody can check it with\n  ssh-keygen -Y verify -f allowed_signers -I {} \
         -n {} -s {path}.sig < {path}\n",
        escape(&who),
        crate::ssh::DECISION
    ));
    Ok(Exit::Ok.into())
}
