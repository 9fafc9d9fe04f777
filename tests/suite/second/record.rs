//! The record of a second human: complete, and checkable from itself alone.

use super::desk::{DELETE, Desk};

fn approved() -> (Desk, String) {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    (desk, asked)
}

#[test]
fn one_command_is_told_from_request_to_end() {
    let (desk, asked) = approved();
    let told = desk.place.run(["log", "show", &asked]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    let mut from = 0;
    for words in [
        "request: kubectl delete namespace payments [second-human]",
        "by agent claude-code as",
        &format!("petition: {asked} to be answered by second-human"),
        "  |   [3]  payments",
        "answer: approve by dana@example.org",
        "signed by dana@example.org at 20",
        "was shown guard-text/1 with SHA-256",
        "decision: approved (second-human)",
        "claim:",
        "start:",
        "end: exit 0",
    ] {
        let at = told.stdout[from..].find(words);
        from += at.unwrap_or_else(|| panic!("{words} is missing or out of order: {}", told.stdout));
    }
    assert_eq!(desk.place.run(["log", "show", "nothing-like-it"]).code, Some(1));
}

#[test]
fn a_report_tells_question_answer_run_and_end() {
    let (desk, asked) = approved();
    let told = desk.place.run(["log", "report", "--incident", &asked]);
    assert_eq!(told.code, Some(0), "{}", told.stderr);
    // The first attempt, which was answered after it had ended, and the second.
    let mut from = 0;
    for words in [
        &format!("asked of second-human as {asked}"),
        "unanswered",
        "approve by dana@example.org",
        &format!("asked of second-human as {asked}"),
        "approved by dana@example.org (second-human)",
        " started",
        " exit 0 after ",
    ] {
        let at = told.stdout[from..].find(words);
        from += at.unwrap_or_else(|| panic!("{words} is missing or out of order: {}", told.stdout));
        from += words.len();
    }
}

#[test]
fn every_signature_in_the_record_is_checked_again() {
    let (desk, _) = approved();
    let good = desk.place.run(["log", "verify"]);
    assert_eq!(good.code, Some(0), "{}", good.stdout);
    assert!(good.stdout.contains("good: 1 signature of people"), "{}", good.stdout);
    // A copy in which the trust file of that time names somebody else's key:
    // the chain is broken there as well, but the signature is named.
    let text = std::fs::read_to_string(&desk.place.logs()[0]).unwrap();
    let dana = std::fs::read_to_string(desk.place.path("tmp/dana.key.pub")).unwrap();
    let eve = std::fs::read_to_string(desk.key("eve").with_extension("key.pub")).unwrap();
    // As it stands in the trust file: the key's bytes may stand in the token too.
    let data = |line: &str| line.split(' ').take(2).collect::<Vec<_>>().join(" ");
    let forged = text.replace(&data(&dana), &data(&eve));
    assert_ne!(forged, text);
    let copy = desk.place.write("copy.jsonl", forged);
    let found = desk.place.run(["log", "verify", copy.to_str().unwrap()]);
    assert_eq!(found.code, Some(1));
    assert!(found.stdout.contains("signed with another key"), "{}", found.stdout);
}

#[test]
fn what_a_second_human_allowed_ends_with_a_signed_checkpoint() {
    let (desk, asked) = approved();
    assert_eq!(desk.place.kinds().last().unwrap(), "checkpoint");
    let verified = desk.place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert!(verified.stdout.contains("1 checkpoint holds"), "{}", verified.stdout);
    let proof = desk.place.path("tmp/proof");
    let key = desk.place.path("home/.local/state/guard/checkpoint.key.pub");
    let (proof, key) = (proof.to_str().unwrap(), key.to_str().unwrap());
    let proved = desk.place.run(["log", "prove", &asked, "-o", proof]);
    assert_eq!(proved.code, Some(0), "{}", proved.stderr);
    let checked = desk.place.run(["log", "check-proof", proof, "--key", key]);
    assert_eq!(checked.code, Some(0), "{}", checked.stderr);
    for kind in ["request", "petition", "decision", "claim", "start", "end"] {
        assert!(checked.stdout.contains(&format!(r#""kind":"{kind}""#)), "{}", checked.stdout);
    }
}
