//! Elastic Common Schema.

use serde_json::{Map, Value, json};

use super::Event;
use super::event::Verdict;

pub(super) fn event(event: &Event<'_>) -> Value {
    let request = &event.request;
    let (category, kind, action) = match (event.kind.as_str(), event.verdict) {
        ("start", _) => ("process", "start", "guard-start".to_owned()),
        ("end", _) => ("process", "end", "guard-end".to_owned()),
        ("run", _) if event.started().is_some() => ("process", "end", "guard-run".to_owned()),
        ("decision", Verdict::Approved) => ("iam", "admin", "guard-approved".to_owned()),
        ("decision", Verdict::Rejected) => ("iam", "admin", "guard-rejected".to_owned()),
        ("policy_change", _) => ("configuration", "change", "guard-policy-change".to_owned()),
        ("trust_change", _) => ("iam", "change", "guard-trust-change".to_owned()),
        (_, verdict) if verdict.stopped() => ("process", "info", "guard-denied".to_owned()),
        (kind, _) => ("process", "info", format!("guard-{kind}")),
    };
    let alert = event.kind == "override";
    let people: Vec<&str> = [request.user.as_str(), event.approver.as_str()]
        .into_iter()
        .filter(|name| !name.is_empty())
        .collect();
    let mut out = json!({
        "@timestamp": event.stamp,
        "ecs": { "version": "9.4.0" },
        "event": {
            "kind": if alert { "alert" } else { "event" },
            "module": "guard", "dataset": "guard.audit", "provider": "guard",
            "category": [category], "type": [kind], "action": action,
            "outcome": event.outcome(), "reason": event.text("reason"),
            "sequence": event.seq, "hash": event.sha256, "original": event.raw, "id": event.id,
        },
        "process": {
            "args": request.argv, "args_count": request.argv.len(),
            "command_line": request.command, "executable": event.text("exe"),
            "working_directory": request.cwd, "pid": event.number("pid"),
            "parent": { "pid": request.pid }, "exit_code": event.number("exit"),
        },
        "user": { "name": request.user, "id": request.uid.map(|uid| uid.to_string()) },
        "host": { "name": request.host },
        "related": { "user": people, "hash": [event.sha256] },
        "rule": { "id": request.rules.first(), "ruleset": "guard" },
        "labels": {
            "guard_tier": request.tier, "guard_verdict": event.verdict.name(),
            "guard_actor": request.actor, "guard_agent": request.agent,
            "guard_approver": event.approver,
        },
    });
    prune(&mut out);
    out
}

/// Takes out what is not known.
pub(super) fn prune(value: &mut Value) {
    if let Value::Object(map) = value {
        map.values_mut().for_each(prune);
        map.retain(|_, value| !is_empty(value));
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => Map::is_empty(map),
        _ => false,
    }
}
