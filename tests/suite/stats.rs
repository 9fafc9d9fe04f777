//! `guard log stats`: exact numbers from a log that is written here.

use std::process::Stdio;

use serde_json::{Value, json};

use crate::harness::{Output, Place, output};

/// Appends records as guard would have written them; the chain does not matter.
struct Log {
    lines: Vec<String>,
}

impl Log {
    fn add(&mut self, kind: &str, time: &str, ev: Value) {
        let seq = self.lines.len();
        let record = json!({ "v": 1, "seq": seq, "prev": "0".repeat(64), "kind": kind,
            "time": time, "mono_us": seq, "boot": "b", "ev": ev });
        self.lines.push(record.to_string());
    }

    fn write(&self, place: &Place) {
        std::fs::create_dir_all(place.log_dir()).unwrap();
        let text = self.lines.join("\n") + "\n";
        std::fs::write(place.log_dir().join("web1.jsonl"), text).unwrap();
    }

    #[allow(clippy::too_many_arguments)]
    fn command(
        &mut self,
        id: &str,
        time: &str,
        tier: &str,
        agent: Option<&str>,
        answer: Option<(&str, u64)>,
    ) {
        let kind = if agent.is_some() { "agent" } else { "human" };
        let evidence = agent.map_or("a terminal".to_owned(), |agent| format!("hook of {agent}"));
        self.add(
            "request",
            time,
            json!({ "request_id": id, "tier": tier, "rules": ["x.delete"],
            "reasons": [], "unknown": false, "programs": ["x"], "argv": ["x", id],
            "actor": { "kind": kind, "name": agent, "evidence": evidence },
            "cwd": "/srv/<script>shop", "host": "web1", "user": "ana", "uid": 1000, "pid": 7,
            "guard": "0.1.0" }),
        );
        if let Some((answer, waited)) = answer {
            self.add(
                "decision",
                time,
                json!({ "request_id": id, "decision": answer,
                "how": "terminal", "waited_ms": waited }),
            );
        }
    }
}

pub(crate) fn place() -> Place {
    let place = Place::new();
    let mut log = Log { lines: Vec::new() };
    for n in 0..6 {
        let id = format!("yes-{n}");
        log.command(
            &id,
            "2026-11-24T10:00:00.000Z",
            "confirm",
            Some("codex"),
            Some(("approved", 1000)),
        );
    }
    log.command("no", "2026-11-25T10:00:00.000Z", "challenge", None, Some(("declined", 60_000)));
    log.command("guard", "2026-11-25T11:00:00.000Z", "deny", None, None);
    log.add(
        "decision",
        "2026-11-25T11:00:00.000Z",
        json!({ "request_id": "guard", "decision": "refused", "how": "guard" }),
    );
    log.command("free", "2026-11-25T12:00:00.000Z", "allow", Some("codex"), None);
    log.add(
        "override",
        "2026-11-25T12:01:00.000Z",
        json!({ "request_id": "no", "reason": "fire" }),
    );
    log.write(&place);
    place
}

fn stats(place: &Place, args: &[&str]) -> Output {
    let ran =
        output(&mut place.guard(["log", "stats", "--since", "2026-11-01"].iter().chain(args)));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

fn numbers(place: &Place, args: &[&str]) -> Value {
    serde_json::from_str(&stats(place, &[args, &["--json"]].concat()).stdout).unwrap()
}

#[test]
fn questions_answers_and_waiting_times_are_counted() {
    let total = &numbers(&place(), &[])["total"];
    for (key, value) in [
        ("seen", 9),
        ("asked", 8),
        ("approved", 6),
        ("quick", 6),
        ("denied", 1),
        ("refused", 1),
        ("cancelled", 0),
        ("break_glass", 1),
        ("median_ms", 1000),
        ("p90_ms", 60_000),
    ] {
        assert_eq!(total[key], value, "{key}: {total}");
    }
    // Records of a version that did not note the way: only hooks are known.
    let ways = json!({ "direct": 0, "hook": 7, "shim": 0, "shell": 0, "mcp": 0, "unknown": 2 });
    assert_eq!(total["ways"], ways);
}

/// The same harmless command on every way; what agents run by `guard run` because
/// a hook told them to is one command, the hook's.
#[test]
fn each_way_to_guard_is_counted_by_itself_and_a_rewritten_command_once() {
    let place = Place::new();
    for name in ["deploy", "kubectl"] {
        place.program(name, "exit 0");
    }
    for (link, times) in [("tmp/links/deploy", 2), ("tmp/links/guard-sh", 3)] {
        let link = place.path(link);
        std::fs::create_dir_all(link.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(crate::harness::GUARD, &link).unwrap();
        for _ in 0..times {
            let args: &[&str] = if link.ends_with("deploy") { &[] } else { &["-c", "true"] };
            let ran = output(place.command(&link).args(args).stdin(Stdio::null()));
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
    }
    assert_eq!(place.run(["--", "deploy"]).code, Some(0));
    crate::mcp::called(&place, "deploy");
    let call = |command: &str| {
        json!({ "hook_event_name": "PreToolUse", "session_id": "s", "tool_name": "Bash",
            "cwd": place.path("project"), "permission_mode": "default",
            "tool_input": { "command": command } })
        .to_string()
    };
    for _ in 0..4 {
        place.run_with(["hook", "claude-code"], call("deploy").as_bytes());
    }
    let serious = "kubectl delete namespace shop";
    let answer = place.run_with(["hook", "claude-code"], call(serious).as_bytes());
    assert!(answer.stdout.contains("updatedInput"), "{}", answer.stdout);
    let run = |text: &str| {
        let mut guard = place.guard(["run", "-c", text]);
        output(guard.env("CLAUDECODE", "1").stdin(Stdio::null()))
    };
    assert_ne!(run(serious).code, Some(0));
    let total = &numbers(&place, &[])["total"];
    let ways = json!({ "direct": 1, "hook": 5, "shim": 2, "shell": 3, "mcp": 1, "unknown": 0 });
    assert_eq!((&total["ways"], &total["seen"], &total["asked"]), (&ways, &json!(12), &json!(1)));
    // Announced once, run once more: that is another command.
    run(serious);
    assert_eq!(numbers(&place, &[])["total"]["ways"]["direct"], 2);

    let by_way = &numbers(&place, &["--by", "way"])["groups"];
    let seen = |way: &str| by_way[way]["seen"].as_u64();
    assert_eq!((seen("hook"), seen("shim"), seen("direct")), (Some(5), Some(2), Some(2)));
    let line = "by way: hooks 5 (38 %), shims 2 (15 %), guard as shell 3 (23 %), mcp 1 (7 %), `guard --` 2 (15 %)";
    let table = stats(&place, &[]).stdout;
    assert!(table.contains(line), "{table}");
    let csv = stats(&place, &["--csv"]).stdout;
    let row = csv.lines().nth(1).unwrap();
    assert!(csv.starts_with("group,seen,by_hook,by_shim,by_shell,by_mcp,by_direct,by_unknown,"));
    assert!(row.contains(",13,5,2,3,1,2,0,2,"), "{csv}");
    let file = place.path("tmp/team.html");
    stats(&place, &["--html", file.to_str().unwrap()]);
    let page = std::fs::read_to_string(file).unwrap();
    assert!(page.contains(line) && page.contains("guard as shell</text>"), "{page}");
}

#[test]
fn the_share_that_used_guard_in_the_last_week_is_told_of_people_and_agents() {
    let ago = |days: u64| {
        let at = std::time::SystemTime::now() - std::time::Duration::from_secs(days * 86_400);
        let millis = at.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        guard::text::stamp::Stamp(i64::try_from(millis).unwrap()).to_string()
    };
    let place = Place::new();
    let mut log = Log { lines: Vec::new() };
    let used = [("codex", 20), ("claude-code", 12), ("cursor", 9), ("codex", 3)];
    for (n, (agent, days)) in used.into_iter().enumerate() {
        log.command(&format!("c{n}"), &ago(days), "allow", Some(agent), None);
    }
    log.write(&place);
    let stats = output(&mut place.guard(["log", "stats", "--json"]));
    let found: Value = serde_json::from_str(&stats.stdout).unwrap();
    assert_eq!(found["agents"], json!({ "known": 3, "last_week": 1, "share": 33 }));
    assert_eq!(found["people"], json!({ "known": 1, "last_week": 1, "share": 100 }));
    let table = output(&mut place.guard(["log", "stats"])).stdout;
    let line = "used guard in the last week: 1 of 1 people (100 %), 1 of 3 agents (33 %)";
    assert!(table.contains(line), "{table}");
}

#[test]
fn groups_are_days_weeks_agents_people_and_folders() {
    let place = place();
    let seen = |by: &str| -> Vec<(String, u64)> {
        let stats = numbers(&place, &["--by", by]);
        let groups = stats["groups"].as_object().unwrap();
        groups.iter().map(|(k, v)| (k.clone(), v["seen"].as_u64().unwrap())).collect()
    };
    let own = |list: &[(&str, u64)]| -> Vec<(String, u64)> {
        list.iter().map(|(k, n)| ((*k).to_owned(), *n)).collect()
    };
    assert_eq!(seen("day"), own(&[("2026-11-24", 6), ("2026-11-25", 3)]));
    assert_eq!(seen("week"), own(&[("2026-11-23", 9)]), "weeks begin on Monday");
    assert_eq!(seen("agent"), own(&[("codex", 7), ("no agent", 2)]));
    assert_eq!(seen("person"), own(&[("ana@web1", 9)]));
    assert_eq!(seen("repository"), own(&[("/srv/<script>shop", 9)]));
    assert_eq!(seen("rule"), own(&[("x.delete", 9)]));
}

#[test]
fn the_table_fits_a_narrow_terminal_and_names_needless_questions() {
    let place = place();
    let wide = stats(&place, &["--by", "agent"]).stdout;
    for text in ["codex", "█", "rules that ask most", "by way: hooks 7 (77 %)", "break-glass: 1"]
    {
        assert!(wide.contains(text), "{text:?} is missing:\n{wide}");
    }
    // One was denied, so the rule does not ask in vain, but mostly too quickly.
    assert!(
        wide.contains("x.delete: approved 6, of these 6 within two seconds, denied 1"),
        "{wide}"
    );
    let csv = stats(&place, &["--by", "agent", "--csv"]).stdout;
    assert!(csv.contains("\ncodex,7,7,0,0,0,0,0,6,6,6,0,0,0,0,1000,1000,0,0\n"), "{csv}");
}

#[test]
fn the_page_loads_nothing_and_holds_names_as_text() {
    let place = place();
    let file = place.path("tmp/team.html");
    stats(&place, &["--by", "repository", "--html", file.to_str().unwrap()]);
    let page = std::fs::read_to_string(file).unwrap();
    for never in ["<script", "http://", "https://", "src=", "href=", "url("] {
        assert!(!page.contains(never), "{never:?} in the page");
    }
    assert!(page.contains("/srv/&lt;script&gt;shop") && page.contains("<svg "), "{page}");
}
