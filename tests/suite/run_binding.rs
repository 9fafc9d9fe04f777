//! What was approved is what runs, through the library: the moment between
//! finding a program and starting it cannot be hit from outside.

use std::ffi::OsString;
use std::fs;

use guard::decide::{Approved, Decision, Subject, Verdict};
use guard::exit::Exit;
use guard::model::{Actor, ActorKind};
use guard::run::{Executable, RunError, prepare, resolve};
use nix::sys::signal::{SigSet, Signal, raise};

use crate::run_place::Place;

fn approve(argv: &[&str]) -> Approved {
    let argv = argv.iter().map(OsString::from).collect();
    let actor = Actor { kind: ActorKind::Human, name: None, evidence: String::new() };
    let subject = Subject { argv, shell_text: None };
    match Decision::new(Verdict::default(), subject, &actor) {
        Decision::Permit(permit) => permit.approve(),
        other => panic!("{other:?}"),
    }
}

fn find(place: &Place, name: &str) -> (String, Executable) {
    let path = place.path("bin").join(name).to_str().unwrap().to_owned();
    let found = resolve(path.as_ref(), None, place.root()).unwrap();
    (path, found)
}

fn refused(result: Result<guard::run::Running, RunError>) -> RunError {
    match result {
        Ok(running) => panic!("it ran: {:?}", running.wait()),
        Err(error) => error,
    }
}

#[test]
fn a_program_swapped_after_the_approval_does_not_run() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (path, found) = find(&place, "tool");
    let prepared = prepare(approve(&[&path]), found);
    place.script("tool", "exit 1");
    let error = refused(prepared.start());
    assert_eq!(error.exit(), Exit::Denied);
    assert!(error.to_string().contains("has changed since it was judged"), "{error}");
}

#[test]
fn a_script_rewritten_in_place_after_the_approval_does_not_run() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (path, found) = find(&place, "tool");
    let prepared = prepare(approve(&[&path]), found);
    fs::write(&path, "#!/bin/sh\nexit 1\n").unwrap();
    assert!(matches!(refused(prepared.start()), RunError::Changed { .. }));
}

#[test]
fn another_program_than_the_approved_one_does_not_run() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (_, found) = find(&place, "tool");
    let prepared = prepare(approve(&["other-tool"]), found);
    assert!(matches!(refused(prepared.start()), RunError::Changed { .. }));
}

#[test]
fn a_failed_exec_is_told_to_the_caller() {
    let place = Place::new();
    place.program("tool", "no format at all", 0o755);
    let (path, found) = find(&place, "tool");
    let error = refused(prepare(approve(&[&path]), found).start());
    let RunError::Exec { source, .. } = error else { panic!("{error:?}") };
    assert_eq!(source.raw_os_error(), Some(nix::libc::ENOEXEC));
}

#[test]
fn a_nul_byte_in_an_argument_is_refused() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (path, found) = find(&place, "tool");
    let error = refused(prepare(approve(&[&path, "a\0b"]), found).start());
    assert_eq!(error.exit(), Exit::NotExecutable);
}

#[test]
fn a_signal_during_the_record_calls_the_run_off() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (path, found) = find(&place, "tool");
    let prepared = prepare(approve(&[&path]), found);
    raise(Signal::SIGTERM).unwrap();
    assert!(matches!(refused(prepared.start()), RunError::Interrupted(15)));
}

#[test]
fn a_run_that_is_called_off_lets_signals_through_again() {
    let place = Place::new();
    place.script("tool", "exit 0");
    let (path, found) = find(&place, "tool");
    let before = SigSet::thread_get_mask().unwrap();
    let prepared = prepare(approve(&[&path]), found);
    assert!(SigSet::thread_get_mask().unwrap().contains(Signal::SIGTERM));
    drop(prepared);
    assert_eq!(SigSet::thread_get_mask().unwrap(), before);
}
