//! Each approval anchors the log: the request says where the log ended, and that
//! is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use guard::audit::record::{hash, hex};
use guard::second::Request;
use guard::second::display::sha256;
use guard::second::request::LogHead;

use super::desk::{DELETE, Desk};

fn lines(desk: &Desk) -> Vec<String> {
    let text = std::fs::read_to_string(&desk.place.logs()[0]).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn head(request: &[u8]) -> LogHead {
    Request::read(request).unwrap().log.expect("a request says where the log ended")
}

/// Writes a log anew, with a chain that holds.
fn chained(lines: &[String]) -> String {
    let (mut out, mut before) = (String::new(), "0".repeat(64));
    for line in lines {
        let mut line = line.clone();
        let at = line.find(r#""prev":""#).unwrap() + 8;
        line.replace_range(at..at + 64, &before);
        before = hex(&hash(line.as_bytes()));
        out += &(line + "\n");
    }
    out
}

/// A log with one harmless command, and the request of another that waits.
fn asked() -> (Desk, String, Vec<u8>) {
    let desk = Desk::new();
    assert_eq!(desk.place.run(["--", "true"]).code, Some(0));
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    (desk, asked, request)
}

#[test]
fn a_request_holds_the_hash_of_the_last_line_that_there_was_and_the_decision_keeps_it() {
    let (desk, asked, request) = asked();
    let head = head(&request);
    let next = usize::try_from(head.seq).unwrap();
    let log = lines(&desk);
    assert_eq!(head.sha256, hex(&hash(log[next - 1].as_bytes())), "{log:#?}");
    // Nothing is between: the next record is that somebody is asked.
    assert_eq!(desk.place.kinds()[next - 1..=next], ["request", "petition"]);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    let decision = desk.place.events("decision").pop().unwrap();
    let document = BASE64.decode(decision["evidence"]["document"].as_str().unwrap()).unwrap();
    assert_eq!(self::head(&document), head);
    let verified = desk.place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let good = "good: 1 end of the log that a request carried, in place";
    assert!(verified.stdout.contains(good), "{}", verified.stdout);
}

#[test]
fn a_request_whose_head_was_changed_after_signing_runs_nothing() {
    let (desk, asked, request) = asked();
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    let head = head(&request);
    let changed = String::from_utf8(request).unwrap().replace(&head.sha256, &"0".repeat(64));
    let db = desk.place.path("home/.local/state/guard/guard.db");
    let row = (changed.as_bytes(), sha256(changed.as_bytes()));
    rusqlite::Connection::open(db)
        .unwrap()
        .execute("UPDATE requests SET document = ?1, sha256 = ?2", row)
        .unwrap();
    let ran = desk.asks(&DELETE);
    assert_ne!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("about another request"), "{}", ran.stderr);
    assert_eq!(desk.runs(), 0);
}

/// Whoever has the host's key can sign checkpoints anew, but not the approval.
#[test]
fn a_log_that_was_written_anew_before_an_approval_is_found_by_the_approval() {
    let (desk, asked, _) = asked();
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    let mut log = lines(&desk);
    log.retain(|line| !line.contains(r#""kind":"checkpoint""#));
    let verify = |text: String| {
        let copy = desk.place.write("copy.jsonl", text);
        desk.place.run(["log", "verify", copy.to_str().unwrap()])
    };
    let same = verify(chained(&log));
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    log[0] = log[0].replace(r#""true""#, r#""date""#);
    let anew = verify(chained(&log));
    assert!(anew.stdout.contains("intact"), "the chain alone shows nothing: {}", anew.stdout);
    assert_eq!(anew.code, Some(1), "{}", anew.stdout);
    assert!(anew.stdout.contains("the log was written anew"), "{}", anew.stdout);
}

#[test]
fn a_log_that_was_cut_back_is_found_with_the_request_that_the_approver_kept() {
    let (desk, _, request) = asked();
    let next = usize::try_from(head(&request).seq).unwrap();
    let kept = desk.place.write("kept.json", &request);
    let kept = kept.to_str().unwrap();
    let whole = desk.place.run(["log", "verify", "--request", kept]);
    assert_eq!(whole.code, Some(0), "{}{}", whole.stdout, whole.stderr);
    assert!(whole.stdout.contains("good: 1 end of the log"), "{}", whole.stdout);
    let log = lines(&desk);
    std::fs::write(&desk.place.logs()[0], chained(&log[..next - 1])).unwrap();
    assert_eq!(desk.place.run(["log", "verify"]).code, Some(0), "by itself nothing is missing");
    let cut = desk.place.run(["log", "verify", "--request", kept]);
    assert_eq!(cut.code, Some(1), "{}", cut.stdout);
    assert!(cut.stdout.contains("the log was cut"), "{}", cut.stdout);
    // Nor does it help to remove the whole of it.
    std::fs::remove_file(&desk.place.logs()[0]).unwrap();
    let gone = desk.place.run(["log", "verify", "--request", kept]);
    assert_eq!(gone.code, Some(1), "{}", gone.stdout);
    // What is no request is an error, and not nothing.
    let other = desk.place.write("other.json", "{}");
    let refused = desk.place.run(["log", "verify", "--request", other.to_str().unwrap()]);
    assert_eq!(refused.code, Some(74), "{}", refused.stderr);
}
