//! Open Cybersecurity Schema Framework 1.8.0 (<https://schema.ocsf.io/1.8.0/>):
//! Process Activity (1007) for `start`, `end` and `run`, Authorize Session (3003) for
//! `decision`, Base Event (0) for the rest. Consumers should key on
//! `metadata.event_code`.

use serde_json::{Value, json};

use super::Event;
use super::ecs::prune;
use super::event::Verdict;

pub(super) fn event(event: &Event<'_>) -> Value {
    let (class, category, activity) = match event.kind.as_str() {
        "start" => (1007, 1, 1),
        "end" => (1007, 1, 2),
        // Begun and ended; the class has no activity for both, and every field
        // of the end is there.
        "run" if event.started().is_some() => (1007, 1, 2),
        "decision" if event.verdict == Verdict::Approved => (3003, 3, 1),
        "decision" => (3003, 3, 99),
        _ => (0, 0, 99),
    };
    let request = &event.request;
    let uid = request.uid.map(|uid| uid.to_string());
    // The schema wants a name or a number of users, and one of processes.
    let user = match request.user.is_empty() && uid.is_none() {
        true => json!({ "name": "unknown", "type_id": 0 }),
        false => json!({ "name": request.user, "uid": uid, "type_id": 1 }),
    };
    let process_of_guard = request.pid.map(|pid| json!({ "pid": pid, "name": "guard" }));
    let mut out = json!({
        "class_uid": class, "category_uid": category, "activity_id": activity,
        "type_uid": class * 100 + activity, "time": event.time,
        "severity_id": severity(request.level),
        "action_id": if event.verdict.stopped() { 2 } else { 1 },
        "disposition_id": disposition(event.verdict),
        "is_alert": event.kind == "override",
        "actor": {
            "user": user, "app_name": request.agent, "session": { "uid": request.session },
            "process": process_of_guard,
        },
        "device": { "hostname": host(event), "type_id": 0, "boot_uid": event.boot },
        "policy": { "uid": request.rules.first() },
        "metadata": {
            "version": "1.8.0",
            "product": { "name": "guard", "vendor_name": "guard", "version": request.guard },
            "profiles": ["security_control", "host"],
            "correlation_uid": event.id, "uid": event.sha256, "sequence": event.seq,
            "log_name": "guard.audit", "event_code": event.kind,
        },
        "message": event.title(),
        "raw_data": event.raw,
    });
    let more = match class {
        1007 => process(event),
        3003 => session(event, &user),
        _ => json!({}),
    };
    if let (Value::Object(out), Value::Object(more)) = (&mut out, more) {
        out.extend(more);
    }
    prune(&mut out);
    out
}

/// The host; a record that belongs to no command may have it in its origin. The
/// schema wants a name of the device.
fn host(event: &Event<'_>) -> String {
    let origin = event.text("origin");
    let origin = origin.split('/').next().unwrap_or_default();
    let host = [event.request.host.as_str(), origin].into_iter().find(|host| !host.is_empty());
    host.unwrap_or("unknown").to_owned()
}

fn process(event: &Event<'_>) -> Value {
    let request = &event.request;
    let exe = event.text("exe");
    let name = exe.rsplit('/').next().filter(|name| !name.is_empty());
    let name = name.unwrap_or(&request.program).to_owned();
    let exit = event.number("exit");
    json!({
        "launch_type_id": if event.kind == "start" { Some(3) } else { None },
        "exit_code": exit,
        "status_id": if event.outcome() == "failure" { 2 } else { 1 },
        "status_code": exit.map(|code| code.to_string()),
        "process": {
            "cmd_line": request.command, "name": name, "pid": event.number("pid"),
            "working_directory": request.cwd,
            "file": if exe.is_empty() {
                Value::Null
            } else {
                json!({ "name": name, "path": exe, "type_id": 8 })
            },
        },
    })
}

fn session(event: &Event<'_>, user: &Value) -> Value {
    let privileges: Vec<String> =
        event.request.rules.iter().take(1).map(|rule| format!("guard:{rule}")).collect();
    json!({
        "user": user,
        "privileges": if privileges.is_empty() { vec!["guard:run".to_owned()] } else { privileges },
        "session": { "uid": event.id },
        "status_id": if event.verdict.stopped() { 2 } else { 1 },
        "status_detail": event.text("reason"),
        "comment": event.approver,
    })
}

/// Informational to critical.
const fn severity(level: u8) -> u8 {
    match level {
        0 => 1,
        1 => 2,
        2 => 3,
        3 => 4,
        _ => 5,
    }
}

const fn disposition(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Open | Verdict::HandedOn => 17,
        Verdict::Allowed => 1,
        Verdict::Approved => 8,
        Verdict::Denied => 2,
        Verdict::Rejected => 25,
        Verdict::Cancelled => 26,
        Verdict::Override => 15,
    }
}
