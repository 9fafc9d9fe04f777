//! `guard demo` plays to its end and touches nothing but its folder.

use std::collections::BTreeMap;
use std::path::Path;

use rexpect::session::PtySession;

use crate::harness::{Place, output};
use crate::prompt_pty;

/// Every file below a folder with its content, but for one folder.
fn tree(dir: &Path, but: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path == but {
            continue;
        }
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            out.insert(format!("{name}/"), Vec::new());
            tree(&path, but, out);
        } else {
            out.insert(name, std::fs::read(&path).unwrap_or_default());
        }
    }
}

#[test]
fn the_demo_ends_as_told_and_touches_only_its_folder() {
    if Path::new("/etc/guard/allowed_signers").exists() {
        eprintln!("SKIPPED: this host has approvers of its own");
        return;
    }
    let place = Place::new();
    let dir = place.path("tmp/demo");
    let root = place.path("");
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    tree(&root, &dir, &mut before);
    let ran = output(&mut place.guard(["demo", "--dir", dir.to_str().unwrap()]));
    tree(&root, &dir, &mut after);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(before == after, "something outside the folder was changed");
    for text in [
        "2nd step of delete and recreate",
        "was denied by dana@example.org",
        "approved by dana@example.org; it runs now",
        "Neither the agent nor its operator can answer",
        // The radius, as a probe of the model saw it.
        "hits    1 environment → 4 instances, 1 load balancer",
    ] {
        assert!(ran.stderr.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
    for text in ["intact", "broken in 1 place"] {
        assert!(ran.stdout.contains(text), "{text:?} is missing:\n{}", ran.stdout);
    }
    let orders = std::fs::read_to_string(dir.join("cloud/cost-prod/orders.csv")).unwrap();
    assert_eq!(orders.lines().count(), 1204);
    assert!(!dir.join("cloud/cost-canary").exists());
    let report = std::fs::read_to_string(dir.join("report.html")).unwrap();
    assert!(report.contains("the orders would be gone"), "{report}");
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let place = Place::new();
    place.write("kept/file", "x");
    let dir = place.path("project/kept");
    let ran = output(&mut place.guard(["demo", "--dir", dir.to_str().unwrap()]));
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("name a new one with --dir"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
}

#[test]
fn a_part_is_played_only_at_a_terminal() {
    let place = Place::new();
    let ran = output(&mut place.guard(["demo", "--interactive", "approver"]));
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("needs a terminal"), "{}", ran.stderr);
}

/// The demo in a terminal, with a part for the person there.
fn played(place: &Place, part: &str) -> Option<PtySession> {
    if Path::new("/etc/guard/allowed_signers").exists() {
        eprintln!("SKIPPED: this host has approvers of its own");
        return None;
    }
    let dir = place.path("tmp/demo");
    let args = ["demo", "--fast", "--interactive", part, "--dir", dir.to_str().unwrap()];
    Some(prompt_pty::pty(place.guard(args)))
}

/// Waits for all of these, and types the line.
fn answer(pty: &mut PtySession, shown: &[&str], line: &str) {
    for text in shown {
        if let Err(error) = pty.exp_string(text) {
            panic!("{text:?} is not shown: {error}");
        }
    }
    pty.send_line(line).unwrap();
}

/// What every part ends with: the record holds, a changed copy does not, a report.
fn on_record(place: &Place, shown: &str) -> String {
    let (intact, broken) =
        (shown.find("intact").unwrap(), shown.find("broken in 1 place").unwrap());
    assert!(intact < broken && shown.contains("The report: "), "{shown}");
    std::fs::read_to_string(place.path("tmp/demo/report.html")).unwrap()
}

fn left(place: &Place, name: &str) -> Option<usize> {
    let orders = place.path("tmp/demo/cloud").join(name).join("orders.csv");
    std::fs::read_to_string(orders).ok().map(|text| text.lines().count())
}

#[test]
fn a_person_plays_the_second_human_who_says_no_and_then_yes_to_less() {
    let Some(place) = prompt_pty::place() else { return };
    let Some(mut pty) = played(&place, "approver") else { return };
    let choice = "approve, deny, or Enter to leave it open";
    answer(&mut pty, &["You are Dana", "cost-prod", choice], "what?");
    answer(&mut pty, &[choice], "deny");
    answer(&mut pty, &["why, in a few words"], "it holds all orders");
    answer(&mut pty, &["To deny, type: deny"], "deny");
    answer(&mut pty, &["Your no is final", "asks for less", "cost-canary", choice], "approve");
    answer(&mut pty, &["why, in a few words"], "test orders only");
    answer(&mut pty, &["To approve, type: cost-canary"], "cost-canary");
    let report = on_record(&place, &prompt_pty::ended(pty, 0));
    for text in ["it holds all orders", "test orders only", "2nd step of delete and recreate"] {
        assert!(report.contains(text), "{text:?} is missing: {report}");
    }
    assert_eq!((left(&place, "cost-prod"), left(&place, "cost-canary")), (Some(1204), None));
}

#[test]
fn what_the_second_human_allows_in_the_demo_happens_and_without_an_answer_nothing_does() {
    for (lines, orders, words) in [
        (&["approve", "be quick", "cost-prod"][..], None, "1204 orders of customers are gone"),
        (&[""][..], Some(1204), "Without an answer nothing runs"),
    ] {
        let Some(place) = prompt_pty::place() else { return };
        let Some(mut pty) = played(&place, "approver") else { return };
        let prompts = ["leave it open", "why, in a few words", "To approve, type: cost-prod"];
        for (prompt, line) in prompts.iter().zip(lines) {
            answer(&mut pty, &[prompt], line);
        }
        let shown = prompt_pty::ended(pty, 0);
        assert!(shown.contains(words), "{shown}");
        on_record(&place, &shown);
        assert_eq!(left(&place, "cost-prod"), orders);
    }
}

#[test]
fn a_person_plays_the_operator_who_has_all_permissions_and_still_needs_somebody() {
    let Some(place) = prompt_pty::place() else { return };
    let Some(mut pty) = played(&place, "operator") else { return };
    let prompt = "demo$ ";
    let run = |verb: &str, name: &str| {
        format!("guard -- aws elasticbeanstalk {verb}-environment --environment-name {name}")
    };
    answer(&mut pty, &["You have the permissions", prompt], &run("create", "cost-prod2"));
    answer(&mut pty, &["cost-prod2: Ready", prompt], &run("terminate", "cost-prod"));
    pty.exp_string("waiting for an answer to request ").unwrap();
    let handle = pty.exp_string(" (tier second-human)").unwrap();
    pty.exp_string("so far 0").unwrap();
    pty.send_control('c').unwrap();
    let key = place.path("tmp/demo/dana/key");
    let deny = format!("guard deny {handle} --key {} --reason training", key.display());
    answer(&mut pty, &[prompt], &deny);
    answer(&mut pty, &["To deny, type: deny"], "deny");
    answer(&mut pty, &[prompt], &run("terminate", "cost-prod"));
    answer(&mut pty, &["denied by dana@example.org", prompt], "exit");
    let shown = prompt_pty::ended(pty, 0);
    assert!(shown.contains("cost-prod still holds 1204 orders"), "{shown}");
    assert!(on_record(&place, &shown).contains("training"));
    assert_eq!(left(&place, "cost-prod"), Some(1204));
}

#[test]
fn an_operator_who_runs_nothing_leaves_no_report() {
    let Some(place) = prompt_pty::place() else { return };
    let Some(mut pty) = played(&place, "operator") else { return };
    answer(&mut pty, &["demo$ "], "exit");
    let shown = prompt_pty::ended(pty, 0);
    assert!(shown.contains("Nothing went through guard") && !shown.contains("report:"), "{shown}");
}
