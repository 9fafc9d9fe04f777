#![allow(clippy::unwrap_used)]

use super::*;
use crate::second::handle;

const PUBLISHED: &[u8] = include_bytes!("../../../tests/fixtures/approval/request.json");

#[test]
fn the_published_request_is_read() {
    let request = Request::read(PUBLISHED).unwrap();
    assert_eq!(handle(PUBLISHED), "GEXS-Z6KB");
    let words = ["kubectl", "--context", "prod-eu", "delete", "namespace", "payments"];
    assert_eq!(request.argv(), words.map(OsString::from));
    assert_eq!(request.answered_by(), AnsweredBy::SecondHuman);
    assert_eq!(encode(&request.argv()), request.command.argv_b64);
    assert_eq!(request.policy.quorum.require, [Proof::Touch]);
}

#[test]
fn a_request_is_the_same_after_writing_and_reading() {
    let request = Request::read(PUBLISHED).unwrap();
    let written = request.write();
    assert_eq!(written.last(), Some(&b'\n'));
    assert_eq!(Request::read(&written).unwrap(), request);
}

#[test]
fn a_request_that_no_guard_writes_is_refused() {
    let text = std::str::from_utf8(PUBLISHED).unwrap();
    for (from, to) in [
        ("\"v\": 1", "\"v\": 2"),
        ("\"v\": 1", "\"v\": 1, \"v\": 1"),
        ("guard.request", "guard.decision"),
        ("09:45:00Z", "09:30:00Z"),
        ("2026-11-22T09:45:00Z", "2026-12-22T09:45:00Z"),
        ("\"exec_window_s\": 300", "\"exec_window_s\": 0"),
        ("\"exec_window_s\": 300", "\"exec_window_s\": 99999999999"),
        ("\"size\": 57827480", "\"size\": 9007199254740993"),
        ("\"a3ViZWN0bA==\", ", "\"a3ViZWN0bA=\", "),
        ("\"approvals\": 1", "\"approvals\": 0"),
        ("\"uid\": 1000, \"agent\"", "\"uid\": 1000, \"uid\": 0, \"agent\""),
        ("\"kind\": \"none\"", "\"kind\": \"none\", \"more\": 1"),
        ("6f1d2f0e-8b1c", "6f1d2f0e-8b1"),
        ("\"require\": [\"touch\"]", "\"require\": [\"nothing\"]"),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        assert!(Request::read(changed.as_bytes()).is_err(), "{from} -> {to}");
    }
}
