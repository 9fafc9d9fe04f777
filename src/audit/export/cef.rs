//! `ArcSight` Common Event Format, version 0 ("Implementing ArcSight CEF",
//! revision 25): `|` and `\` are escaped in the header, `=`, `\` and line breaks
//! in the extension.

use super::{Event, cut};

pub(super) fn line(event: &Event<'_>) -> String {
    let request = &event.request;
    let severity = match (event.verdict.stopped(), request.level) {
        (_, 0) => 1,
        (_, 1) => 3,
        (_, 2) => 5,
        (_, 3) => 7,
        _ => 9,
    };
    let guard = if request.guard.is_empty() { env!("CARGO_PKG_VERSION") } else { &request.guard };
    let mut out = format!(
        "CEF:0|guard|guard|{}|{}|{}|{severity}|rt={}",
        header(guard),
        header(&event.kind),
        header(event.title()),
        event.time
    );
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let fields: [(&str, String, usize); 17] = [
        ("dvchost", request.host.clone(), 100),
        ("suser", request.user.clone(), 1023),
        ("suid", number(request.uid), 1023),
        ("duser", event.approver.clone(), 1023),
        ("spid", number(request.pid), 20),
        ("sproc", request.agent.clone(), 1023),
        ("dproc", request.program.clone(), 1023),
        ("filePath", event.text("exe"), 1023),
        ("act", event.verdict.name().to_owned(), 63),
        ("outcome", event.outcome().to_owned(), 63),
        ("reason", event.text("reason"), 1023),
        ("externalId", event.id.clone(), 40),
        ("cs1", request.rules.first().cloned().unwrap_or_default(), 4000),
        ("cs2", request.tier.clone(), 4000),
        ("cs3", event.sha256.clone(), 4000),
        ("cn1", event.seq.to_string(), 20),
        ("cn2", number(event.number("exit")), 20),
    ];
    let labels = [
        ("cs1", "rule"),
        ("cs2", "tier"),
        ("cs3", "recordSha256"),
        ("cn1", "seq"),
        ("cn2", "exitCode"),
    ];
    let mut short = false;
    for (key, value, max) in fields {
        if value.is_empty() {
            continue;
        }
        if let Some((_, label)) = labels.iter().find(|(known, _)| *known == key) {
            out += &format!(" {key}Label={label}");
        }
        short |= value.len() > max;
        out += &format!(" {key}={}", extension(cut(&value, max)));
    }
    short |= request.command.len() > 1023;
    if short {
        out += " cs5Label=truncated cs5=true";
    }
    if !request.command.is_empty() {
        out += &format!(" msg={}", extension(cut(&request.command, 1023)));
    }
    out
}

fn header(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|").replace(['\n', '\r'], " ")
}

fn extension(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out += "\\\\",
            '=' => out += "\\=",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            c if c.is_control() => out += &format!("\\\\x{:02x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out
}
