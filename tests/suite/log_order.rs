//! In which order guard writes, syncs and starts, as the kernel sees it: what is
//! on the disk when the power fails.

use std::process::Stdio;

use crate::grammar_clients::skipped;
use crate::harness::{GUARD, Output, Place, output};

/// A place where harmless commands are recorded before they run.
fn place() -> Place {
    let place = Place::new();
    place.marking("fine");
    place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
    // The folder and the file are there before anybody looks.
    assert_eq!(place.run(["--", "fine"]).code, Some(0));
    std::fs::remove_file(place.path("tmp/fine.ran")).unwrap();
    place
}

/// Runs guard under strace; what it did to the log, the start of `fine`, and when
/// a checkpoint was put in place, in order. `None` where tracing is not permitted.
fn traced(place: &Place, more: &[&str], args: &[&str]) -> Option<(Output, Vec<String>)> {
    let there = std::process::Command::new("strace").arg("-V").stdout(Stdio::null()).status();
    if there.is_err() {
        assert!(std::env::var_os("CI").is_none(), "strace is not installed");
        skipped("strace is not installed, so nobody looked at the order of writes");
        return None;
    }
    let trace = place.path("tmp/trace");
    let mut command = place.command("strace");
    command.args(["-f", "-y", "-s", "9999", "-e", "trace=write,fdatasync,flock,execve,/^rename"]);
    command.args(more).arg("-o").arg(&trace).arg(GUARD).args(args);
    let ran = output(&mut command);
    let trace = std::fs::read_to_string(&trace).unwrap_or_default();
    if !trace.contains("fdatasync(") {
        assert!(std::env::var_os("CI").is_none(), "strace: {}", ran.stderr);
        skipped(&format!("strace is not permitted here: {}", ran.stderr));
        return None;
    }
    let program = format!("execve(\"{}\"", place.path("bin/fine").display());
    let name = |line: &str| {
        let of_log = line.contains(".jsonl>");
        Some(if line.contains(&program) {
            "exec"
        } else if line.contains(" rename") && line.contains("latest.checkpoint") {
            "checkpoint"
        } else if of_log && line.contains(" write(") && line.contains(r#"\"kind\":\"start\""#) {
            "start"
        } else if of_log && line.contains(" write(") {
            "write"
        } else if of_log && line.contains(" fdatasync(") {
            if line.ends_with("= 0") { "sync" } else { "failed sync" }
        } else if of_log && line.contains(" flock(") && line.contains("LOCK_UN") {
            "unlock"
        } else if of_log && line.contains(" flock(") && line.ends_with("= 0") {
            "lock"
        } else {
            return None;
        })
    };
    Some((ran, trace.lines().filter_map(name).map(str::to_owned).collect()))
}

/// Without the lock while the disk works, so that others can write meanwhile and
/// all of them wait for it once.
#[test]
fn start_is_on_the_disk_before_the_command_begins_and_nobody_waits_for_the_disk_in_line() {
    let place = place();
    let Some((ran, order)) = traced(&place, &[], &["--", "fine"]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let wanted = ["lock", "start", "unlock", "sync", "exec", "lock", "write", "unlock"];
    assert_eq!(order, wanted, "{}", ran.stderr);
}

#[test]
fn nothing_runs_when_the_disk_does_not_take_its_record() {
    let place = place();
    let fail = ["-e", "inject=fdatasync:error=EIO"];
    let Some((ran, order)) = traced(&place, &fail, &["--", "fine"]) else { return };
    assert_eq!(ran.code, Some(74), "{}", ran.stderr);
    assert!(ran.stderr.contains("not run"), "{}", ran.stderr);
    assert!(order.iter().any(|what| what == "failed sync"), "{order:?}");
    assert!(!order.iter().any(|what| what == "exec"), "{order:?}");
    assert!(!place.ran("fine"));
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

/// A record that is not synced by its writer must not be lost behind a checkpoint
/// that covers it: the log would be shorter than what was signed.
#[test]
fn what_is_signed_is_on_the_disk_first() {
    let place = place();
    let Some((ran, order)) = traced(&place, &[], &["log", "checkpoint"]) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    // It first looks whether the day is over.
    let wanted = ["lock", "unlock", "sync", "checkpoint", "lock", "write", "unlock", "sync"];
    assert_eq!(order, wanted, "{}", ran.stderr);
}
