//! Asking and waiting: joining, and every way in which it can end.

use guard::second::Answer;

use super::desk::{DELETE, Desk, handle, people};
use crate::harness::{GUARD, output};

#[test]
fn an_approved_command_runs_once_and_the_next_one_asks_again() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    let ran = desk.asks(&DELETE);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "RAN delete namespace payments\n"));
    assert!(ran.stderr.contains("approved by dana@example.org"), "{}", ran.stderr);
    let again = desk.asks(&DELETE);
    assert_eq!(again.code, Some(75), "{}", again.stderr);
    assert_ne!(handle(&again.stderr), asked);
    assert_eq!(desk.runs(), 1);
    let kinds = desk.place.kinds();
    let at = |kind: &str| kinds.iter().position(|one| one == kind).unwrap();
    assert!(
        at("petition") < at("answer") && at("answer") < at("claim") && at("claim") < at("start")
    );
}

#[test]
fn the_same_command_joins_and_another_one_does_not() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let ran = desk.asks(&DELETE);
    assert_eq!(handle(&ran.stderr), asked);
    assert!(ran.stderr.contains("waiting again"), "{}", ran.stderr);
    assert_ne!(desk.asked(&["kubectl", "delete", "namespace", "shop"]), asked);
    let listed = desk.place.run(["requests", "--json"]).stdout;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(
        |row| row["state"] == "pending" && row["who"].as_str().unwrap().contains("claude-code")
    ));
}

#[test]
fn a_command_that_waits_goes_on_as_soon_as_it_is_approved() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let token = desk.yes(&asked);
    let words = [&["run", "--wait", "60s", "--"], &DELETE[..]].concat();
    let waiting = desk.agent(&words).stdout(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600));
    assert_eq!(desk.runs(), 0);
    assert_eq!(desk.accept(&token).code, Some(0));
    let ran = waiting.wait_with_output().unwrap();
    assert_eq!((ran.status.code(), desk.runs()), (Some(0), 1));
}

#[test]
fn a_no_is_final_for_the_same_command() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    let yes = desk.yes(&asked);
    let no = desk.token(&request, "dana@example.org", &desk.key("dana"), Answer::Deny);
    assert_eq!(desk.accept(&no).code, Some(0));
    for _ in 0..2 {
        let ran = desk.asks(&DELETE);
        assert_eq!(ran.code, Some(77), "{}", ran.stderr);
        assert!(ran.stderr.contains("was denied by dana@example.org: agreed"), "{}", ran.stderr);
        assert_eq!(desk.decision(), "denied");
        // A yes that comes later changes nothing.
        desk.accept(&yes);
    }
    assert_eq!(desk.runs(), 0);
}

#[test]
fn every_end_has_its_own_words_code_and_record() {
    let desk = Desk::new();
    // Unanswered.
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.decision(), "unanswered");
    // Withdrawn, while somebody waits.
    let words = [&["run", "--wait", "60s", "--"], &DELETE[..]].concat();
    let waiting = desk.agent(&words).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600));
    let withdrawn = output(&mut desk.agent(&["requests", "withdraw", &asked]));
    assert_eq!(withdrawn.code, Some(0), "an agent may take back: {}", withdrawn.stderr);
    let ended = waiting.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(77), "{said}");
    assert!(said.contains("was withdrawn by"), "{said}");
    assert_eq!(desk.decision(), "withdrawn");
    // Policy changed.
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    desk.policy("raise:\n  - when: {rules: [git.*]}\n    to: deny\n    why: x\n");
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(ran.stderr.contains("the rules or the policy in force have changed"), "{}", ran.stderr);
    // Expired.
    desk.policy("second-human: {approve-within: 1s}\n");
    let asked = desk.asked(&DELETE);
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let late = desk.accept(&desk.yes(&asked));
    assert_eq!(late.code, Some(1), "{}", late.stderr);
    let ran = desk.asks(&DELETE);
    assert!(ran.stderr.contains("has expired: nobody answered in time"), "{}", ran.stderr);
    let words = [&["run", "--wait", "20s", "--"], &DELETE[..]].concat();
    let ran = output(&mut desk.agent(&words));
    assert_eq!((ran.code, desk.decision().as_str()), (Some(77), "expired"), "{}", ran.stderr);
    assert_eq!(desk.runs(), 0);
}

#[test]
fn with_nobody_enrolled_nothing_is_waited_for() {
    let desk = Desk::new();
    desk.trust("# nobody yet\n");
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert!(ran.stderr.contains("nobody is enrolled"), "{}", ran.stderr);
    assert!(ran.stderr.contains("guard approvers add"), "{}", ran.stderr);
    desk.trust("* no trust file\n");
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(78), "{}", ran.stderr);
    assert!(ran.stderr.contains("allowed_signers: line 1, column 1"), "{}", ran.stderr);
}

#[test]
fn a_quorum_that_cannot_be_reached_is_said_at_once() {
    let desk = Desk::new();
    desk.policy("second-human: {count: 2, touch: required}\n");
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert!(ran.stderr.contains("touch needed, but only 0 could (nobody)"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_held_still_is_refused() {
    use std::io::Write as _;
    let desk = Desk::new();
    let words = [&["run", "--wait", "0s", "--"], &DELETE[..]].concat();
    let mut command = desk.agent(&words);
    command.stdin(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let mut guard = command.spawn().unwrap();
    // Something was said, and more may come.
    let mut pipe = guard.stdin.take().unwrap();
    pipe.write_all(b"first\n").unwrap();
    let ran = guard.wait_with_output().unwrap();
    drop(pipe);
    let said = String::from_utf8_lossy(&ran.stderr).into_owned();
    assert_eq!(ran.status.code(), Some(77), "{said}");
    assert!(said.contains("standard input is a pipe that is still being written to"), "{said}");
}

#[test]
fn data_on_standard_input_is_bound_and_replayed() {
    let desk = Desk::new();
    desk.place.program("kubectl", "cat; echo x >>\"$TMPDIR/ran\"");
    let run = |data: &[u8]| {
        use std::io::Write as _;
        let words = [&["run", "--wait", "0s", "--"], &DELETE[..]].concat();
        let mut command = desk.agent(&words);
        command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut guard = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
        guard.stdin.take().unwrap().write_all(data).unwrap();
        let ran = guard.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code(), text(&ran.stdout), text(&ran.stderr))
    };
    let (code, _, said) = run(b"good data\n");
    assert_eq!(code, Some(75), "{said}");
    assert_eq!(desk.accept(&desk.yes(&handle(&said))).code, Some(0));
    let (code, _, said) = run(b"evil data\n");
    assert_eq!(code, Some(75), "{said}");
    assert!(said.contains("standard input: it is not the same"), "{said}");
    let (_, _, said) = run(b"good data\n");
    assert_eq!(desk.accept(&desk.yes(&handle(&said))).code, Some(0));
    let (code, out, said) = run(b"good data\n");
    assert_eq!((code, out.as_str()), (Some(0), "good data\n"), "{said}");
}

/// Killing guard while it waits runs nothing and loses nothing.
#[test]
fn a_guard_that_is_killed_while_it_waits_leaves_the_request() {
    let desk = Desk::new();
    let words = [&["run", "--wait", "60s", "--"], &DELETE[..]].concat();
    let mut waiting = desk.agent(&words).stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(800));
    waiting.kill().unwrap();
    let said = waiting.wait_with_output().unwrap().stderr;
    let asked = handle(&String::from_utf8_lossy(&said));
    assert_eq!(desk.asked(&DELETE), asked);
    assert_eq!(desk.runs(), 0);
}

#[test]
fn people_are_told_where_policy_says_so() {
    let desk = Desk::new();
    let out = desk.place.path("tmp/told");
    desk.place.program("tell", &format!("cat >>'{}'", out.display()));
    let tell = desk.place.path("bin/tell");
    let words =
        format!("notify:\n  - command: ['{}']\n  - command: [/nowhere/at/all]\n", tell.display());
    desk.policy(&words);
    let ran = desk.asks(&DELETE);
    assert!(ran.stderr.contains("a message was not delivered: /nowhere/at/all"), "{}", ran.stderr);
    let told: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    assert_eq!(told["event"], "request");
    assert_eq!(told["command"], "kubectl delete namespace payments");
    assert_eq!(told["handle"], handle(&ran.stderr).as_str());
    desk.accept(&desk.yes(&handle(&ran.stderr)));
    let told = std::fs::read_to_string(&out).unwrap();
    assert!(told.contains(r#""event":"decision""#) && told.contains("dana@example.org"), "{told}");
}

/// What an agent may not answer, the operator does: the same program, another
/// terminal.
#[test]
fn the_operator_answers_in_a_terminal_of_their_own() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    desk.place.write("data/x", "x");
    desk.place.program("rm", "echo RAN; echo x >>\"$TMPDIR/ran\"");
    let words = ["rm", "-rf", "data"];
    let asked = desk.asked(&words);
    let by_agent = output(&mut desk.agent(&["approve", &asked]));
    assert_eq!(by_agent.code, Some(77));
    assert!(by_agent.stderr.contains("an agent cannot answer"), "{}", by_agent.stderr);
    let mut unattended = desk.place.command(GUARD);
    let unattended =
        output(unattended.args(["approve", &asked]).stdin(std::process::Stdio::null()));
    assert!(unattended.stderr.contains("there is no terminal"), "{}", unattended.stderr);
    let (code, shown) = desk.answers(&["approve", &asked], "To approve, type: ", "data");
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("via agent claude-code") && shown.contains("MODE   advise"), "{shown}");
    let ran = desk.asks(&words);
    assert_eq!((ran.code, desk.runs()), (Some(0), 1), "{}", ran.stderr);
    let decision = desk.place.events("decision").last().unwrap().clone();
    assert_eq!((&decision["decision"], &decision["how"]), (&"approved".into(), &"operator".into()));
}

/// Killed at any moment, guard leaves no request or a whole one.
#[test]
fn a_guard_that_is_killed_while_it_asks_leaves_no_half_request() {
    let desk = Desk::new();
    for step in 0..40_u64 {
        let name = format!("payments-{step}");
        let words = ["run", "--wait", "60s", "--", "kubectl", "delete", "namespace", &name];
        let mut guard = desk.agent(&words).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(step * 3));
        guard.kill().unwrap();
        guard.wait().unwrap();
    }
    let listed = desk.place.run(["requests", "--all", "--json"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.stdout).unwrap();
    assert!(!rows.is_empty(), "the last ones had time enough");
    for row in &rows {
        let request = desk.request(row["id"].as_str().unwrap());
        assert_eq!(guard::second::display::sha256(&request), row["sha256"].as_str().unwrap());
        assert!(guard::second::Request::read(&request).is_ok());
    }
    // Each was in the record before anybody could see it; a record without its
    // request is what a kill between the two leaves.
    let recorded: std::collections::BTreeSet<String> = desk
        .place
        .events("petition")
        .iter()
        .map(|event| event["petition"].as_str().unwrap().to_owned())
        .collect();
    let visible = rows.iter().map(|row| row["id"].as_str().unwrap());
    let without: Vec<&str> = visible.filter(|id| !recorded.contains(*id)).collect();
    assert!(without.is_empty(), "requests without a record: {without:?} of {}", rows.len());
    assert_eq!(desk.runs(), 0);
}

/// guard for the agent, with a link in front of kubectl.
fn linked(desk: &Desk, text: &str) -> std::process::Command {
    let made = output(desk.place.command(GUARD).args(["init", "shims", "--yes", "kubectl"]));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let mut command = desk.agent(&["run", "--wait", "0s", "-c", text]);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
    let shims = desk.place.path("home/.local/state/guard/shims");
    let path = format!("{}:{}", shims.display(), path.to_str().unwrap());
    command.env("PATH", path).stdin(std::process::Stdio::null());
    command
}

const PAIR: &str = "kubectl delete namespace payments && kubectl create namespace payments";

#[test]
fn a_pair_that_was_approved_as_a_whole_is_not_asked_about_in_its_parts() {
    let desk = Desk::new();
    let asked = output(&mut linked(&desk, PAIR));
    assert_eq!(asked.code, Some(75), "{}", asked.stderr);
    assert!(asked.stderr.contains("delete and recreate"), "{}", asked.stderr);
    assert_eq!(desk.accept(&desk.yes(&handle(&asked.stderr))).code, Some(0));
    let ran = output(&mut linked(&desk, PAIR));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let both = "RAN delete namespace payments\nRAN create namespace payments\n";
    assert_eq!(ran.stdout, both, "{}", ran.stderr);
}

#[test]
fn a_harmless_text_that_was_started_early_cannot_finish_a_pair() {
    let desk = Desk::new();
    let text = "while [ ! -e go ]; do sleep 0.05; done; kubectl create namespace payments";
    let early = linked(&desk, text).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    // One record each time that the delete was asked for.
    assert_eq!(desk.place.events("petition").len(), 2);
    desk.place.write("go", "");
    let begun = std::time::Instant::now();
    while desk.place.events("petition").len() < 3 && begun.elapsed().as_secs() < 30 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let asked = desk.place.events("petition").len();
    assert_eq!(asked, 3, "somebody is asked about the second step; runs: {}", desk.runs());
    let pid = nix::unistd::Pid::from_raw(i32::try_from(early.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let ended = early.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&ended.stdout).into_owned();
    assert!(!shown.contains("RAN create"), "{shown}");
    assert_eq!(desk.runs(), 1);
}
