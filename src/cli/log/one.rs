//! `guard log show ID`: everything about one command, in the order in which it
//! happened: what was asked, who was shown what, who answered, what ran, how it
//! ended.

use std::io;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use super::{LogIo, show_path, unreadable};
use crate::audit::find::{Finder, Note};
use crate::audit::parts::Source;
use crate::audit::said::Said;
use crate::exit::Exit;
use crate::second::display::{display, sha256};
use crate::second::{Decision, Request, handle};
use crate::ssh::sshsig::Signature;
use crate::ssh::{PublicKey, Token};
use crate::text::words::count;
use crate::text::{Role, escape};

/// Shows one command by the id of its request, its petition or their beginning,
/// or by a petition's short name.
pub(super) fn show(id: &str, files: &[PathBuf], io: &mut LogIo<'_>) -> io::Result<Exit> {
    let mut found = false;
    for path in files {
        let log = match Source::open(path) {
            Ok(log) => log,
            Err(error) => return unreadable(io, path, &error),
        };
        let mut finder = Finder::new(&log);
        let hits = match finder.find(id) {
            Ok(hits) => hits,
            Err(error) => return unreadable(io, path, &error),
        };
        for hit in &hits {
            write(&hit.record, io)?;
            found = true;
        }
        for hit in hits.iter().filter(|hit| !hit.follows) {
            let seq = hit.record.get("seq").and_then(Value::as_u64).unwrap_or_default();
            writeln!(
                io.err,
                "guard: the chain does not hold at record {seq}; `guard log verify` tells more"
            )?;
        }
        told(&finder.notes(), io)?;
    }
    if found {
        return Ok(Exit::Ok);
    }
    writeln!(io.err, "guard: nothing is recorded about {}", escape(id))?;
    Ok(Exit::Failed)
}

/// What became of the indexes.
pub(super) fn told(notes: &[Note], io: &mut LogIo<'_>) -> io::Result<()> {
    for note in notes {
        match note {
            Note::Missing(files) => {
                let files = count(*files as u64, "closed file");
                writeln!(io.err, "guard: read {files} without an index, and made one for later")?;
            }
            Note::Old(file) => {
                let file = show_path(file);
                writeln!(io.err, "guard: {file} changed since it was indexed; it was read anew")?;
            }
            Note::Wrong(file) => {
                let file = show_path(file);
                writeln!(io.err, "guard: the index of {file} was wrong; it was read anew")?;
            }
        }
    }
    Ok(())
}

fn write(record: &Value, io: &mut LogIo<'_>) -> io::Result<()> {
    let ev = record.get("ev").unwrap_or(&Value::Null);
    let kind = text(record, "kind");
    let title = io.palette.paint(Role::Strong, format!("{} {kind}", text(record, "time")));
    match kind.as_str() {
        "request" => asked(&title, ev, io)?,
        "run" => {
            asked(&title, ev, io)?;
            whole(ev, io)?;
        }
        "petition" => {
            let by = text(ev, "by");
            writeln!(io.out, "{title}: {} to be answered by {by}; shown as", text(ev, "handle"))?;
            shown(ev, io)?;
        }
        "answer" => {
            writeln!(
                io.out,
                "{title}: {} by {} {}",
                text(ev, "answer"),
                text(ev, "by"),
                text(ev, "reason")
            )?;
            if let Some(token) = ev.get("token").and_then(Value::as_str) {
                signed(token, io)?;
            }
        }
        "decision" => {
            writeln!(
                io.out,
                "{title}: {} ({}) {}",
                text(ev, "decision"),
                text(ev, "how"),
                text(ev, "reason")
            )?;
            let tokens = ev.get("evidence").and_then(|evidence| evidence.get("tokens"));
            for token in tokens.and_then(Value::as_array).into_iter().flatten() {
                signed(token.as_str().unwrap_or_default(), io)?;
            }
        }
        "end" => writeln!(io.out, "{title}: {}", ended(ev))?,
        "outcome" => writeln!(io.out, "{title}: {}", escape(&Said::read(ev).phrase()))?,
        _ => {
            let what = ["reason", "error", "exe", "what"].map(|key| text(ev, key));
            let what = what.into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
            writeln!(io.out, "{title}: {}", what.join(" "))?;
        }
    }
    Ok(())
}

/// `exit 0` or `signal 15`.
fn ended(ev: &Value) -> String {
    let number = |key: &str| ev.get(key).and_then(Value::as_i64);
    match (number("exit"), number("signal")) {
        (Some(code), _) => format!("exit {code}"),
        (None, signal) => format!("signal {}", signal.unwrap_or(0)),
    }
}

/// What became of a harmless command, all of which stands in one record.
fn whole(ev: &Value, io: &mut LogIo<'_>) -> io::Result<()> {
    let words = match (text(ev, "error"), text(ev, "decision")) {
        (error, _) if !error.is_empty() => format!("not started: {error}"),
        (_, decision) if !decision.is_empty() => format!("{decision} ({})", text(ev, "how")),
        _ => format!("ran {}: {}", text(ev, "exe"), ended(ev)),
    };
    let reason = text(ev, "reason");
    if !reason.is_empty() {
        writeln!(io.out, "  reason given: {reason}")?;
    }
    writeln!(io.out, "  asked for at {}; {words}", text(ev, "asked"))
}

/// What was asked for, by whom, and why it had to be asked about.
fn asked(title: &dyn std::fmt::Display, ev: &Value, io: &mut LogIo<'_>) -> io::Result<()> {
    let words = ev.get("text").and_then(Value::as_str).map_or_else(
        || {
            let words = ev.get("argv").and_then(Value::as_array);
            let words = words.into_iter().flatten().filter_map(Value::as_str);
            words.collect::<Vec<_>>().join(" ")
        },
        str::to_owned,
    );
    let actor = ev.get("actor").unwrap_or(&Value::Null);
    writeln!(io.out, "{title}: {} [{}]", escape(&words), text(ev, "tier"))?;
    writeln!(
        io.out,
        "  by {} {} as {} on {} in {}",
        text(actor, "kind"),
        text(actor, "name"),
        text(ev, "user"),
        text(ev, "host"),
        text(ev, "cwd")
    )?;
    for fact in ev.get("facts").and_then(Value::as_array).into_iter().flatten() {
        writeln!(io.out, "  known: {}", escape(&super::report::collect::known(fact)))?;
    }
    for line in ev.get("before").and_then(Value::as_array).into_iter().flatten() {
        writeln!(io.out, "  before: {}", escape(line.as_str().unwrap_or_default()))?;
    }
    for reason in ev.get("reasons").and_then(Value::as_array).into_iter().flatten() {
        writeln!(io.out, "  because {}", escape(reason.as_str().unwrap_or_default()))?;
    }
    Ok(())
}

/// A text of a record, for people.
fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).map(escape).unwrap_or_default()
}

/// The text that whoever answered was shown, made again from the document.
fn shown(ev: &Value, io: &mut LogIo<'_>) -> io::Result<()> {
    let document = ev.get("document").and_then(Value::as_str).unwrap_or_default();
    let Ok(bytes) = BASE64.decode(document) else { return Ok(()) };
    let Ok(request) = Request::read(&bytes) else { return Ok(()) };
    for line in display(&request, &bytes).lines() {
        writeln!(io.out, "  | {line}")?;
    }
    writeln!(io.out, "  SHA-256 of the document {} ({})", sha256(&bytes), handle(&bytes))
}

/// Whose key, when, and whether they saw the text above.
fn signed(token: &str, io: &mut LogIo<'_>) -> io::Result<()> {
    let Ok(token) = Token::read(token) else { return Ok(()) };
    let Ok(decision) = Decision::read(&token.document) else { return Ok(()) };
    let key = Signature::read(&token.signature).ok();
    let key = key.and_then(|signature| PublicKey::from_blob(&signature.public_key).ok());
    let key =
        key.map_or_else(String::new, |key| format!("{} {}", key.algorithm(), key.fingerprint()));
    writeln!(
        io.out,
        "  signed by {} at {} with {key}; was shown {} with SHA-256 {}",
        escape(&decision.principal),
        decision.issued,
        escape(&decision.renderer),
        decision.display_sha256
    )
}
