//! Everything that is recorded, provoked once, with all that each record has to say.

use std::collections::{BTreeMap, BTreeSet};

use guard::audit::record::{hash, hex};
use serde_json::Value;

use super::desk::{DELETE, Desk, ended, handle, people};
use crate::harness::{Place, output, root};
use crate::log_rotate;

/// What each kind says besides what all say, by JSON pointer in `ev`.
const SAYS: &[(&str, &[&str])] = &[
    ("request", &["/request_id", "/tier", "/rules", "/policy", "/actor/kind", "/host", "/user"]),
    ("run", &["/request_id", "/tier", "/rules", "/policy", "/actor/kind", "/asked", "/exit"]),
    ("petition", &["/request_id", "/petition", "/sha256", "/document", "/by", "/expires"]),
    ("answer", &["/petition", "/sha256", "/answer", "/by", "/actor/kind"]),
    ("decision", &["/request_id", "/decision", "/how"]),
    ("claim", &["/request_id", "/petition", "/sha256"]),
    ("start", &["/request_id", "/pid", "/exe"]),
    ("end", &["/request_id", "/exit", "/duration_ms"]),
    ("failed", &["/request_id", "/exit", "/error"]),
    ("outcome", &["/request_id", "/by"]),
    ("override", &["/request_id", "/petition", "/user", "/reason"]),
    ("policy_change", &["/what", "/path", "/after", "/actor/kind"]),
    ("trust_change", &["/what", "/path", "/before", "/after", "/actor/kind"]),
    ("checkpoint", &["/origin", "/size", "/root", "/sig_b64"]),
    ("retention", &["/file", "/sha256", "/first", "/next", "/last"]),
];

/// Checks every record of a place, and what is known of which kind.
fn checked(place: &Place, seen: &mut BTreeMap<String, Vec<Value>>) {
    let (mut seq, mut prev) = (None::<u64>, None::<String>);
    let (mut mono, mut boot) = (0, String::new());
    let mut commands = BTreeSet::new();
    for path in place.logs() {
        for line in std::fs::read_to_string(path).unwrap().lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
            let number = record["seq"].as_u64().unwrap();
            assert!(seq.is_none_or(|before| before + 1 == number), "{line}");
            assert!(prev.is_none_or(|before| before == text("prev")), "{line}");
            (seq, prev) = (Some(number), Some(hex(&hash(line.as_bytes()))));
            assert!(guard::text::stamp::Stamp::parse(&text("time")).is_some(), "{line}");
            if text("boot") != boot {
                (mono, boot) = (0, text("boot"));
            }
            let now = record["mono_us"].as_u64().unwrap();
            assert!(now >= mono && now > 0 && !boot.is_empty(), "{line}");
            mono = now;
            let (kind, ev) = (text("kind"), &record["ev"]);
            let (_, says) = SAYS.iter().find(|(known, _)| *known == kind).unwrap();
            for pointer in *says {
                let told = ev.pointer(pointer).is_some_and(|value| !value.is_null());
                // What an agent's hook or a missing program left unsaid.
                let open = kind == "run" && *pointer == "/exit";
                assert!(told || open, "{kind} does not say {pointer}: {line}");
            }
            // All that is about a command names the record that says who asked
            // for it, in which session, by which rules and policy.
            let id = ev["request_id"].as_str().map(str::to_owned);
            if kind == "request" || kind == "run" {
                assert_eq!(ev["policy"].as_str().unwrap().len(), 64, "{line}");
                commands.insert(id.unwrap());
            } else if let Some(id) = id {
                assert!(commands.contains(&id), "{line}");
            }
            seen.entry(kind).or_default().push(ev.clone());
        }
    }
}

/// What an agent's hook says before and after a command.
fn hooked(place: &Place) {
    for (name, args) in
        [("before", &["hook", "claude-code"][..]), ("ok", &["hook", "claude-code", "--after"][..])]
    {
        let path = root().join(format!("tests/fixtures/agents-after/claude-code/{name}.json"));
        let said = std::fs::read_to_string(path).unwrap().replace("make test", "git status");
        assert_eq!(place.run_with(args, said.as_bytes()).code, Some(0));
    }
}

/// Enrols somebody, as a second person has agreed.
fn enrolled(desk: &Desk) {
    let public = format!("{}.pub", desk.key("eve").display());
    let add = ["approvers", "add", "eve@example.org", &public, "--wait", "0s"];
    let token = desk.yes(&handle(&output(&mut desk.agent(&add)).stderr));
    let ran = output(&mut desk.agent(&[&add[..], &["--token", &token]].concat()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn each_kind_of_record_is_written_and_says_what_the_specification_wants() {
    let desk = Desk::new();
    let place = &desk.place;
    place.run(["--", "true"]);
    hooked(place);
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    let other = ["kubectl", "delete", "namespace", "orders"];
    let taken_back = desk.asked(&other);
    let back = output(&mut desk.agent(&["requests", "withdraw", &taken_back]));
    assert_eq!(back.code, Some(0), "{}", back.stderr);
    assert_ne!(place.run(["--", "rm", "-rf", "/"]).code, Some(0));
    enrolled(&desk);
    assert_eq!(place.run(["init", "claude-code", "--yes"]).code, Some(0));
    desk.policy("log: {harmless: sync}\n");
    place.run(["--", "nosuch-program"]);
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    let glass = people();
    if glass {
        let user = guard::app::host::user().unwrap();
        desk.policy(&format!("break-glass: {{users: [{user}]}}\n"));
        let how = ["run", "--break-glass", "--reason", "the site is down", "--"];
        let mut pty = desk.person(&[&how[..], &other].concat());
        let (_, word) = pty.exp_regex("type: break-glass ....-....").unwrap();
        pty.send_line(word.trim_start_matches("type: ")).unwrap();
        assert_eq!(ended(pty).0, 0);
    }
    let removed = log_rotate::place(&[40, 20]);
    log_rotate::policy(&removed, "log: {keep: 7d}\n");
    assert_eq!(log_rotate::rotate(&removed).code, Some(0));

    let mut seen = BTreeMap::new();
    checked(place, &mut seen);
    checked(&removed, &mut seen);
    for (kind, _) in SAYS.iter().filter(|(kind, _)| glass || *kind != "override") {
        assert!(seen.contains_key(*kind), "{kind} is missing: {:?}", seen.keys());
    }
    let has = |kind: &str, pointer: &str, value: &str| {
        let all = &seen[kind];
        let found = all.iter().any(|ev| ev.pointer(pointer).and_then(Value::as_str) == Some(value));
        assert!(found, "no {kind} with {pointer} {value}: {all:?}");
    };
    has("decision", "/decision", "approved");
    has("decision", "/decision", "refused");
    has("decision", "/decision", "unanswered");
    has("answer", "/answer", "approve");
    has("answer", "/answer", "withdraw");
    has("run", "/decision", "handed-on");
    let signed = |ev: &Value| ev.pointer("/evidence/tokens/0").is_some();
    assert!(seen["decision"].iter().any(signed), "the signed bytes are kept");
    let asks = |ev: &&Value| ev["tier"] == "second-human";
    for ev in seen["request"].iter().filter(asks) {
        assert!(!ev["rules"].as_array().unwrap().is_empty(), "{ev}");
        assert!(ev["sessions"].as_array().is_some_and(|all| !all.is_empty()), "{ev}");
    }
    // Other policy, another digest.
    let policies: BTreeSet<_> = seen["request"].iter().map(|ev| ev["policy"].as_str()).collect();
    assert!(policies.len() > 1, "{policies:?}");
}
