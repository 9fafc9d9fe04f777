//! What people read.
#![allow(clippy::unwrap_used)]

use std::fs;

use serde_json::json;

use super::*;
use crate::audit::{Durability, Kind, Log};

/// A log with one command of every outcome, and fixed times.
fn sample(dir: &Path) {
    let mut log = Log::open(dir, "h").unwrap();
    let mut add = |kind, ev: serde_json::Value| {
        log.append(kind, &ev, Durability::Buffered).unwrap();
    };
    let mut request = |n: u32, tier: &str, actor: serde_json::Value, argv: &[&str]| {
        let ev = json!({
            "request_id": n.to_string(), "tier": tier, "rules": [format!("{}.x", argv[0])],
            "reasons": ["4a: because"], "unknown": false, "actor": actor, "argv": argv,
            "programs": [argv[0]], "user": "dana", "uid": 1000, "pid": 0, "host": "h",
        });
        add(Kind::Request, ev);
        let id = n.to_string();
        match n {
            1 => add(
                Kind::End,
                json!({"request_id": id, "exit": 0, "signal": null, "duration_ms": 12}),
            ),
            2 => add(
                Kind::Decision,
                json!({"request_id": id, "decision": "refused", "how": "guard"}),
            ),
            3 => {
                add(
                    Kind::Decision,
                    json!({"request_id": id, "decision": "approved", "how": "terminal"}),
                );
                add(
                    Kind::End,
                    json!({"request_id": id, "exit": null, "signal": 15, "duration_ms": 61_000}),
                );
            }
            4 => add(Kind::Decision, json!({"request_id": id, "decision": "declined"})),
            5 => add(Kind::Failed, json!({"request_id": id, "exit": 127, "error": "no"})),
            6 => add(Kind::Start, json!({"request_id": id, "pid": 0})),
            _ => {}
        }
    };
    let human = json!({"kind": "human", "name": null, "evidence": "tty"});
    let agent = json!({"kind": "agent", "name": "claude-code", "evidence": "env"});
    request(1, "allow", human.clone(), &["git", "status"]);
    request(
        2,
        "second-human",
        agent.clone(),
        &["kubectl", "--context", "prod-eu", "delete", "namespace", "payments"],
    );
    request(3, "confirm", human.clone(), &["git", "commit", "-m", "it's \u{202e}odd\n"]);
    request(4, "challenge", human, &["terraform", "destroy"]);
    request(5, "allow", agent.clone(), &["nosuch"]);
    request(6, "notify", json!({"kind": "ci"}), &["make", &"x".repeat(90)]);
    request(7, "confirm", agent, &["rm", "-rf", "build"]);
    // Times of the test do not matter to the table's other columns.
    let path = dir.join("h.jsonl");
    let fixed: String = fs::read_to_string(&path)
        .unwrap()
        .lines()
        .map(|line| {
            let at = line.find("\"time\":\"").unwrap() + 8;
            format!("{}2026-11-22T09:30:00.104Z{}\n", &line[..at], &line[at + 24..])
        })
        .collect();
    fs::write(&path, fixed).unwrap();
}

struct Shown {
    exit: Exit,
    out: String,
    err: String,
}

fn shown(dir: &Path, args: &[&str], palette: Palette, columns: Option<usize>) -> Shown {
    use clap::Parser as _;
    #[derive(clap::Parser)]
    struct Cli {
        #[command(flatten)]
        log: LogArgs,
    }
    let args = Cli::try_parse_from(std::iter::once(&"log").chain(args)).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let now = Stamp::parse("2026-11-22T10:00").unwrap();
    let mut io = LogIo {
        out: &mut out,
        err: &mut err,
        progress: false,
        dir,
        host: "h",
        palette,
        columns,
        now,
    };
    let exit = run(&args.log, &mut io).unwrap();
    let place = dir.to_str().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(place, "DIR");
    Shown { exit, out: text(out), err: text(err) }
}

fn plain(dir: &Path, args: &[&str]) -> Shown {
    shown(dir, args, Palette::OFF, Some(100))
}

#[test]
fn the_table() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    let shown = plain(dir.path(), &[]);
    insta::assert_snapshot!(shown.out, @r#"
    TIME (UTC)           WHO          TIER          OUTCOME    TOOK   COMMAND
    2026-11-22 09:30:00  dana         allow         exit 0      12ms  git status
    2026-11-22 09:30:00  claude-code  second-human  refused           kubectl --context prod-eu delete …
    2026-11-22 09:30:00  dana         confirm       SIGTERM    1m01s  git commit -m 'it'\''s \u{202e}od…
    2026-11-22 09:30:00  dana         challenge     declined          terraform destroy
    2026-11-22 09:30:00  claude-code  allow         not found         nosuch
    2026-11-22 09:30:00  ci           notify        lost              make xxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    2026-11-22 09:30:00  claude-code  confirm       not run           rm -rf build
    "#);
    insta::assert_snapshot!(shown.err, @r#"
    (… marks a cut command; --wide shows it whole)
    "#);
    let coloured = super::tests::shown(dir.path(), &["show"], Palette::ON, Some(100));
    assert!(coloured.out.contains("\x1b["));
    let wide = plain(dir.path(), &["show", "--wide"]);
    assert!(wide.out.contains(&"x".repeat(90)) && wide.err.is_empty());
}

#[test]
fn filters() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    let count = |args: &[&str]| plain(dir.path(), args).out.lines().count().saturating_sub(1);
    assert_eq!(count(&["show", "--refused"]), 2);
    assert_eq!(count(&["show", "--actor", "agent"]), 3);
    assert_eq!(count(&["show", "--actor", "human", "--tier", "T2+"]), 2);
    assert_eq!(count(&["show", "--tier", "confirm"]), 2);
    assert_eq!(count(&["show", "--rule", "git.*"]), 2);
    assert_eq!(count(&["show", "--program", "kubectl"]), 1);
    assert_eq!(count(&["show", "--since", "1h"]), 7);
    assert_eq!(count(&["show", "--since", "10m"]), 0);
    assert_eq!(count(&["--last", "2"]), 2);
    assert!(plain(dir.path(), &["--last", "2"]).err.contains("--last 0 shows all"));
    assert!(plain(dir.path(), &["--program", "none"]).err.contains("No recorded command fits"));
}

#[test]
fn json_lines() {
    let dir = tempfile::tempdir().unwrap();
    sample(dir.path());
    let shown = plain(dir.path(), &["show", "--json", "--program", "kubectl"]);
    insta::assert_snapshot!(shown.out, @r#"
    {"request_id":"2","seq":2,"time":"2026-11-22T09:30:00.104Z","outcome":"refused","tier":"second-human","actor":"agent","agent":"claude-code","user":"dana","host":"h","cwd":null,"argv":["kubectl","--context","prod-eu","delete","namespace","payments"],"text":null,"programs":["kubectl"],"rules":["kubectl.x"],"reasons":["4a: because"],"reason":null,"decision":"refused","duration_ms":null}
    "#);
}

#[test]
fn an_empty_log_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("none");
    let shown = plain(&missing, &["show"]);
    assert_eq!(shown.exit, Exit::Ok);
    assert!(shown.out.is_empty() && shown.err.contains("guard -- git status"), "{}", shown.err);
    assert_eq!(plain(&missing, &["verify"]).exit, Exit::Ok);
    assert_eq!(plain(dir.path(), &["path"]).out, "DIR/h.jsonl\n");
}

#[test]
fn verifying() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    let vector = include_str!("../../../tests/fixtures/audit/chain-vector.jsonl");
    fs::write(&path, format!("{vector}{{\"v\":1,")).unwrap();
    let shown = plain(dir.path(), &["verify"]);
    assert_eq!(shown.exit, Exit::Ok);
    insta::assert_snapshot!(shown.out, @r#"
    DIR/h.jsonl: intact, 5 records
      1 torn line left by a process that died while writing (no break): line 6
      the last line has no end yet: it is being written, or was cut
      last record: 4, sha256 69252dc66f9e58fbaba5850acd6fa115120ea5f31ab181c433b7fa3670186597

    This shows that lines were not changed, removed, added or moved, and that everything that a
    checkpoint covers is there. Lines after the newest checkpoint from elsewhere could have been
    cut off or written anew by somebody who may write the file, which includes every program
    that runs as you. docs/log.md says what the record cannot prove.
    "#);

    let lines: Vec<&str> = vector.split_inclusive('\n').collect();
    let edited = [lines[0], &lines[1].replace("dana@", "dora@"), lines[2], lines[4], lines[3]];
    fs::write(&path, edited.concat()).unwrap();
    let shown = plain(dir.path(), &["verify"]);
    assert_eq!(shown.exit, Exit::Failed);
    insta::assert_snapshot!(shown.out.lines().take(4).collect::<Vec<_>>().join("\n"), @r"
    DIR/h.jsonl: broken in 3 places, 5 records
      line 3: record 2 does not hold the hash of the line before; one of the two was changed
      line 4: record 4 stands where record 3 belongs; what stood there was removed or damaged
      line 5: record 3 stands where record 5 belongs; lines were moved, added or repeated
    ");

    let gone = dir.path().join("gone.jsonl");
    let shown = plain(dir.path(), &["verify", gone.to_str().unwrap()]);
    assert_eq!(shown.exit, Exit::NotRecorded);
    assert!(shown.err.contains("cannot be read"), "{}", shown.err);
}

#[test]
fn wrong_values_are_explained() {
    for text in ["", "h", "2", "-1h", "2y", "yesterday", "99999999999999999h", "é"] {
        assert!(Since::parse(text).is_err(), "{text}");
    }
    assert_eq!(Since::parse("2h"), Ok(Since::Ago(7_200_000)));
    assert!(parse_tiers("sometimes").unwrap_err().contains("second-human"));
    assert_eq!(parse_tiers("t3+"), Ok((Tier::Challenge, Tier::Deny)));
}
