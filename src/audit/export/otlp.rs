//! OpenTelemetry logs as JSON (opentelemetry-proto 1.9.0, JSON mapping): keys in
//! lowerCamelCase, 64-bit integers as strings, enums as integers.

use serde_json::{Value, json};

use super::Event;
use super::event::Verdict;

pub(super) fn event(event: &Event<'_>) -> Value {
    let request = &event.request;
    let nanos = format!("{}000000", event.time.max(0));
    // INFO, WARN, ERROR (severity numbers of the log data model).
    let (number, severity) = match (event.kind.as_str(), event.verdict) {
        ("failed", _) => (17, "ERROR"),
        ("run", _) if !event.text("error").is_empty() => (17, "ERROR"),
        ("override", _) | (_, Verdict::Override) => (13, "WARN"),
        (_, verdict) if verdict.stopped() => (13, "WARN"),
        _ => (9, "INFO"),
    };
    let name = format!("guard.{}", event.kind);
    let mut attributes: Vec<Value> = Vec::new();
    let mut text = |key: &str, value: &str| {
        if !value.is_empty() {
            attributes.push(json!({ "key": key, "value": { "stringValue": value } }));
        }
    };
    text("event.name", &name);
    text("process.executable.path", &event.text("exe"));
    text("process.working_directory", &request.cwd);
    text("user.name", &request.user);
    text("guard.actor", &request.actor);
    text("guard.agent", &request.agent);
    text("guard.rule.id", request.rules.first().map_or("", String::as_str));
    text("guard.tier", &request.tier);
    text("guard.verdict", event.verdict.name());
    text("guard.outcome", event.outcome());
    text("guard.request.id", &event.id);
    text("guard.approver", &event.approver);
    text("guard.record.sha256", &event.sha256);
    text("user.id", &request.uid.map(|uid| uid.to_string()).unwrap_or_default());
    for (key, value) in [
        ("process.pid", event.number("pid")),
        ("process.parent_pid", request.pid),
        ("process.exit.code", event.number("exit")),
        ("guard.record.seq", Some(event.seq)),
    ] {
        if let Some(value) = value {
            attributes.push(json!({ "key": key, "value": { "intValue": value.to_string() } }));
        }
    }
    let args: Vec<Value> = request.argv.iter().map(|word| json!({ "stringValue": word })).collect();
    if !args.is_empty() {
        let list = json!({ "arrayValue": { "values": args } });
        attributes.push(json!({ "key": "process.command_args", "value": list }));
    }
    let body = match event.number("exit") {
        Some(code) => format!("{}: exit {code}", request.command),
        None => format!("{}: {}", event.title(), request.command),
    };
    json!({ "resourceLogs": [{
        "resource": { "attributes": [
            { "key": "service.name", "value": { "stringValue": "guard" } },
            { "key": "service.version", "value": { "stringValue": request.guard } },
            { "key": "host.name", "value": { "stringValue": request.host } },
        ] },
        "scopeLogs": [{
            "scope": { "name": "guard.audit" },
            "logRecords": [{
                "timeUnixNano": nanos, "observedTimeUnixNano": nanos,
                "severityNumber": number, "severityText": severity, "eventName": name,
                "body": { "stringValue": body }, "attributes": attributes,
            }],
        }],
    }] })
}
