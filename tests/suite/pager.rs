//! `guard log show` at a terminal: through a pager, which is a program and its
//! options and nothing that a shell reads.

use std::process::{Command, Stdio};

use crate::grammar_clients::skipped;
use crate::harness::{GUARD, Place, output};
use crate::prompt_pty::{self, ended, pty};

/// A place with so many commands in its record.
fn recorded(commands: usize) -> Option<Place> {
    let place = prompt_pty::place()?;
    let mut text = String::new();
    for n in 0..commands {
        let ev = serde_json::json!({ "request_id": format!("{n:08}-0000-4000-8000-000000000000"), "tier": "allow", "rules": [],
            "actor": { "kind": "human" }, "argv": ["work", format!("step-{n}")], "host": "h",
            "user": "ana", "programs": ["work"], "asked": "2026-11-22T10:00:00.000Z", "exit": 0 });
        let line = serde_json::json!({ "v": 1, "seq": n, "prev": "0".repeat(64), "kind": "run",
            "time": "2026-11-22T10:00:00.000Z", "mono_us": n, "boot": "b", "ev": ev });
        text += &format!("{line}\n");
    }
    std::fs::create_dir_all(place.log_dir()).unwrap();
    std::fs::write(place.log_dir().join("h.jsonl"), text).unwrap();
    let args = place.path("tmp/args");
    let pager = format!("printf '%s\\n' \"$LESS\" \"$@\" >'{}'; sed 's/^/PAGED /'", args.display());
    place.program("mypager", &pager);
    Some(place)
}

/// What is shown at a terminal with this pager.
fn shown(place: &Place, args: &[&str], pager: &str) -> String {
    ended(pty(with(place, args, pager)), 0)
}

fn with(place: &Place, args: &[&str], pager: &str) -> Command {
    let mut guard = place.command(GUARD);
    guard.args(args).env("PAGER", pager);
    guard
}

#[test]
fn a_terminal_gets_a_pager_and_nothing_else_does() {
    let Some(place) = recorded(3) else { return };
    for args in [
        &["log"][..],
        &["log", "show"],
        &["log", "show", "--json"],
        &["log", "show", "00000001-0000-4000-8000-000000000000"],
    ] {
        let shown = shown(&place, args, "mypager");
        assert!(shown.contains("PAGED ") && shown.contains("step-1"), "{args:?}: {shown}");
        // As git does: it ends by itself when all fits on the screen.
        assert_eq!(std::fs::read_to_string(place.path("tmp/args")).unwrap(), "FRX\n");
    }
    for (args, pager) in [
        (&["log", "--no-pager"][..], "mypager"),
        (&["log", "show", "--no-pager"], "mypager"),
        (&["log", "stats"], "mypager"),
        (&["log", "path"], "mypager"),
        (&["log"], ""),
        (&["log"], "cat"),
    ] {
        let shown = shown(&place, args, pager);
        assert!(!shown.contains("PAGED"), "{args:?} {pager:?}: {shown}");
    }
    let piped = output(with(&place, &["log"], "mypager").stdin(Stdio::null()));
    assert!(piped.stdout.contains("step-1") && !piped.stdout.contains("PAGED"), "{}", piped.stdout);
}

#[test]
fn an_agent_at_a_terminal_gets_no_pager() {
    let Some(place) = recorded(3) else { return };
    let mut guard = with(&place, &["log"], "mypager");
    guard.env("AI_AGENT", "x");
    let shown = ended(pty(guard), 0);
    assert!(shown.contains("step-1") && !shown.contains("PAGED"), "{shown}");
    // Nor can one name a program for it that guard does not judge.
    let found = place.verdicts(&["PAGER='rm -rf ~' guard log", "PAGER='less -S' guard log"]);
    let tiers: Vec<&str> = found.iter().map(|found| found["tier"].as_str().unwrap()).collect();
    assert!(["second-human", "deny"].contains(&tiers[0]) && tiers[1] == "allow", "{tiers:?}");
}

#[test]
fn no_shell_reads_the_words_of_the_pager() {
    let Some(place) = recorded(3) else { return };
    let mark = place.path("tmp/owned");
    let pager = format!("mypager -x $HOME ;touch {} `id` ' |cat", mark.display());
    let shown = shown(&place, &["log"], &pager);
    assert!(shown.contains("PAGED "), "{shown}");
    let args = std::fs::read_to_string(place.path("tmp/args")).unwrap();
    let wanted = format!("FRX\n-x\n$HOME\n;touch\n{}\n`id`\n'\n|cat\n", mark.display());
    assert_eq!(args, wanted);
    assert!(!mark.exists());
}

#[test]
fn a_pager_that_is_missing_or_ends_early_is_no_error() {
    let Some(place) = recorded(20_000) else { return };
    let missing = shown(&place, &["log", "--last", "3"], "no-such-pager -x");
    assert!(missing.contains("step-19999"), "{missing}");
    let why = "no-such-pager (PAGER) cannot be started";
    assert!(missing.find(why) > missing.find("step-19999"), "{missing}");
    // More than a pipe holds: guard is still writing when nobody reads any more.
    let early = shown(&place, &["log", "--last", "0", "--json"], "head -n 1");
    assert!(
        early.contains("step-0") && !early.contains("step-1\"") && early.lines().count() < 4,
        "{early}"
    );
}

#[test]
fn less_is_left_by_its_own_keys_and_ctrl_c_ends_neither() {
    let less = Command::new("less").arg("--version").stdout(Stdio::null()).status();
    if less.is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "less is not installed");
        return skipped("less is not installed: no real pager was used");
    }
    let Some(place) = recorded(200) else { return };
    let mut guard = place.command(GUARD);
    guard.args(["log", "--last", "0"]);
    let mut pty = pty(guard);
    pty.exp_string("step-1").unwrap();
    pty.send_control('c').unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    pty.send("G").unwrap();
    pty.flush().unwrap();
    pty.exp_string("step-199").unwrap();
    pty.send("q").unwrap();
    pty.flush().unwrap();
    ended(pty, 0);
}

#[test]
fn pages_go_back_from_the_newest() {
    let Some(place) = recorded(25) else { return };
    let page = |skip: &str| {
        let shown = place.run(["log", "--last", "10", "--skip", skip]);
        let steps: Vec<String> = shown
            .stdout
            .lines()
            .filter_map(|line| Some(line.split_once("step-")?.1.to_owned()))
            .collect();
        (steps, shown.stderr)
    };
    let steps = |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    let (newest, said) = page("0");
    assert_eq!(newest, steps(15..25));
    assert!(said.contains("the newest 10; --skip 10 goes on"), "{said}");
    let (next, said) = page("10");
    assert_eq!(next, steps(5..15));
    assert!(said.contains("--skip 20 goes on"), "{said}");
    assert_eq!(page("20"), (steps(0..5), String::new()));
    assert!(page("30").0.is_empty());
}
