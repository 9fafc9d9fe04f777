//! `guard log stats`: exact numbers from a log that is written here.

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
    std::fs::create_dir_all(place.log_dir()).unwrap();
    std::fs::write(place.log_dir().join("web1.jsonl"), log.lines.join("\n") + "\n").unwrap();
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
        ("by_hook", 7),
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
    for text in ["codex", "█", "rules that ask most", "seen by hooks: 7 of 9", "break-glass: 1"] {
        assert!(wide.contains(text), "{text:?} is missing:\n{wide}");
    }
    // One was denied, so the rule does not ask in vain, but mostly too quickly.
    assert!(
        wide.contains("x.delete: approved 6, of these 6 within two seconds, denied 1"),
        "{wide}"
    );
    let csv = stats(&place, &["--by", "agent", "--csv"]).stdout;
    assert!(csv.contains("\ncodex,7,7,6,6,6,0,0,0,0,1000,1000,0,0\n"), "{csv}");
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
