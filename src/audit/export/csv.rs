//! RFC 4180. A field that a spreadsheet would take for a formula gets an
//! apostrophe in front (OWASP, CSV injection).

use super::Event;

pub(super) const HEADER: &str = "time,seq,sha256,kind,request,verdict,tier,actor,agent,user,host,\
cwd,rule,command,approver,exit,signal,duration_ms,reason";

pub(super) fn line(event: &Event<'_>) -> String {
    let request = &event.request;
    let number = |key| event.number(key).map(|n| n.to_string()).unwrap_or_default();
    let fields = [
        event.stamp.clone(),
        event.seq.to_string(),
        event.sha256.clone(),
        event.kind.clone(),
        event.id.clone(),
        event.verdict.name().to_owned(),
        request.tier.clone(),
        request.actor.clone(),
        request.agent.clone(),
        request.user.clone(),
        request.host.clone(),
        request.cwd.clone(),
        request.rules.first().cloned().unwrap_or_default(),
        request.command.clone(),
        event.approver.clone(),
        number("exit"),
        number("signal"),
        number("duration_ms"),
        event.text("reason"),
    ];
    fields.map(|field| quoted(&field)).join(",")
}

pub(super) fn quoted(field: &str) -> String {
    let formula = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let guarded = if formula { format!("'{field}") } else { field.to_owned() };
    if formula || guarded.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}
