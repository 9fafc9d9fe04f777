//! RFC 5424, one message a line, facility 10 (security/authorization).

use super::event::Verdict;
use super::{Event, cut};
use crate::text::escape;

/// Facility `authpriv` (RFC 5424, table 1).
const FACILITY: u8 = 10;
/// The enterprise number that RFC 5612 reserves for documentation: guard has
/// none of its own.
const ENTERPRISE: u32 = 32473;

pub(super) fn line(event: &Event<'_>) -> String {
    let request = &event.request;
    let severity = match (event.kind.as_str(), event.verdict) {
        ("override", _) | (_, Verdict::Override) => 1,
        ("failed", _) => 3,
        (_, verdict) if verdict.stopped() => 4,
        ("run", _) if !event.text("error").is_empty() => 3,
        ("start" | "end" | "run", _) => 5,
        _ => 6,
    };
    let pri = FACILITY * 8 + severity;
    let host = header(&request.host, 255);
    let pid = request.pid.map_or_else(|| "-".to_owned(), |pid| pid.to_string());
    let mut data = String::new();
    for (name, value) in [
        ("req", event.id.as_str()),
        ("rule", request.rules.first().map_or("", String::as_str)),
        ("tier", request.tier.as_str()),
        ("verdict", event.verdict.name()),
        ("actor", request.actor.as_str()),
        ("agent", request.agent.as_str()),
        ("user", request.user.as_str()),
        ("approver", event.approver.as_str()),
        ("outcome", event.outcome()),
        ("seq", event.seq.to_string().as_str()),
        ("sha256", event.sha256.as_str()),
    ] {
        if !value.is_empty() {
            data += &format!(" {name}=\"{}\"", param(value));
        }
    }
    // The byte order mark says that what follows is UTF-8 (section 6.4).
    format!(
        "<{pri}>1 {} {host} guard {} {} [guard@{ENTERPRISE}{data}] \u{feff}{}",
        header(&event.stamp, 32),
        header(&pid, 128),
        header(&event.kind, 32),
        escape(&request.command)
    )
}

/// Printable ASCII without spaces, `-` when there is none.
fn header(text: &str, max: usize) -> String {
    let clean: String = text.chars().filter(char::is_ascii_graphic).collect();
    if clean.is_empty() { "-".to_owned() } else { cut(&clean, max).to_owned() }
}

/// PARAM-VALUE: `"`, `\` and `]` are escaped (section 6.3.3). Control characters
/// would break the line.
fn param(text: &str) -> String {
    escape(text).replace('\\', "\\\\").replace('"', "\\\"").replace(']', "\\]")
}
