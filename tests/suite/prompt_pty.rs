//! The question of `guard -- CMD` in a real pty. The programs are harmless
//! stand-ins; what is tested is who gets to answer.

use std::process::Command;

use nix::sys::wait::WaitStatus;
use rexpect::session::PtySession;

use crate::harness::{GUARD, Place, output};

/// Shown by the stand-in programs.
const RAN: &str = "THE PROGRAM RAN";
const YES_NO: &str = "[y/N] ";
/// Tier T2: y or n.
const CONFIRM: &str = "rm -rf data";
/// Tier T3: the name of the namespace.
const CHALLENGE: &str = "kubectl --context stage-eu delete namespace shop";

/// A place with the stand-ins, unless nobody here counts as a person: where an
/// agent runs the tests, guard rightly asks nothing.
pub fn place() -> Option<Place> {
    let ancestors = guard::app::actor::ancestors();
    let actor = guard::app::actor::detect(&|_| None, &ancestors, true);
    if !actor.can_answer() {
        eprintln!("skipped: {}", actor.evidence);
        return None;
    }
    let place = Place::new();
    place.write("data/file", "x");
    place.program("rm", &format!("echo {RAN}"));
    place.program("kubectl", &format!("echo {RAN}"));
    Some(place)
}

pub fn pty(mut command: Command) -> PtySession {
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    rexpect::session::spawn_command(command, Some(10_000)).unwrap()
}

fn asked(place: &Place, words: &str, prompt: &str) -> PtySession {
    let args = ["--"].into_iter().chain(words.split(' '));
    let mut pty = pty(place.guard(args));
    pty.exp_string(prompt).unwrap();
    pty
}

/// Waits for the end; what was shown on the way.
pub fn ended(mut pty: PtySession, code: i32) -> String {
    let shown = pty.exp_eof().unwrap();
    match pty.process().wait().unwrap() {
        WaitStatus::Exited(_, found) => assert_eq!(found, code, "{shown}"),
        other => panic!("{other:?}: {shown}"),
    }
    shown
}

/// The order, not the time: the probe ends only after the line was read.
#[test]
fn the_first_line_is_there_while_a_slow_probe_still_looks() {
    let Some(place) = place() else { return };
    let go = place.path("tmp/go");
    let wait = format!("while [ ! -e '{}' ]; do sleep 0.05; done; echo pod/web-1", go.display());
    place.client("kubectl", &wait);
    let words = "kubectl --context stage-eu -n shop delete pod web-1";
    let mut pty = asked(&place, words, "DELETE pod ");
    pty.exp_string("looking at what this would hit ...").unwrap();
    assert!(!go.exists());
    std::fs::write(&go, "").unwrap();
    // The line gives way to the screen, with what the probe saw.
    pty.exp_string("1 pod").unwrap();
    pty.exp_string(YES_NO).unwrap();
    pty.send_line("n").unwrap();
    ended(pty, 77);
}

#[test]
fn yes_runs_it_and_no_does_not() {
    let Some(place) = place() else { return };
    for (answer, code, runs) in [("y", 0, true), ("n", 77, false), ("", 77, false)] {
        let mut pty = asked(&place, CONFIRM, YES_NO);
        pty.send_line(answer).unwrap();
        assert_eq!(ended(pty, code).contains(RAN), runs, "{answer:?}");
    }
}

#[test]
fn a_challenge_wants_the_name_and_gives_three_attempts() {
    let Some(place) = place() else { return };
    let mut pty = asked(&place, CHALLENGE, "shop  > ");
    for wrong in ["y", "yes"] {
        pty.send_line(wrong).unwrap();
        pty.exp_string("shop  > ").unwrap();
    }
    pty.send_line("shop-eu").unwrap();
    let shown = ended(pty, 77);
    assert!(!shown.contains(RAN) && shown.contains("3 answers did not match"), "{shown}");

    let mut pty = asked(&place, CHALLENGE, "shop  > ");
    pty.send_line("shop").unwrap();
    assert!(ended(pty, 0).contains(RAN));
}

#[test]
fn what_was_typed_ahead_does_not_answer() {
    let Some(place) = place() else { return };
    let mut shell = place.command("/bin/bash");
    shell.args(["-c", "echo ready; sleep 0.5; exec \"$0\" -- rm -rf data", GUARD]);
    let mut pty = pty(shell);
    pty.exp_string("ready").unwrap();
    pty.send_line("y").unwrap();
    pty.send_line("y").unwrap();
    pty.exp_string(YES_NO).unwrap();
    pty.send_line("n").unwrap();
    assert!(!ended(pty, 77).contains(RAN));
}

#[test]
fn standard_input_cannot_answer() {
    let Some(place) = place() else { return };
    for feed in ["yes |", "printf 'y\\ny\\ny\\n' |", "</dev/null"] {
        let mut shell = place.command("/bin/bash");
        shell.args(["-c", &format!("{feed} \"$0\" -- rm -rf data"), GUARD]);
        let mut pty = pty(shell);
        pty.exp_string(YES_NO).unwrap();
        pty.send_line("n").unwrap();
        assert!(!ended(pty, 77).contains(RAN), "{feed}");
    }
}

#[test]
fn output_files_do_not_get_the_question() {
    let Some(place) = place() else { return };
    let mut shell = place.command("/bin/bash");
    shell.args(["-c", "\"$0\" -- rm -rf data >out 2>err", GUARD]);
    let mut pty = pty(shell);
    pty.exp_string(YES_NO).unwrap();
    pty.send_line("y").unwrap();
    ended(pty, 0);
    let read = |name: &str| std::fs::read_to_string(place.path("project").join(name)).unwrap();
    assert_eq!(read("out"), format!("{RAN}\n"));
    assert_eq!(read("err"), "");
}

#[test]
fn control_c_is_no_and_ends_guard_as_the_shell_expects() {
    let Some(place) = place() else { return };
    let mut pty = asked(&place, CONFIRM, YES_NO);
    pty.send_control('c').unwrap();
    let shown = pty.exp_eof().unwrap();
    assert!(!shown.contains(RAN), "{shown}");
    let status = pty.process().wait().unwrap();
    let by_sigint = nix::sys::signal::Signal::SIGINT;
    assert!(matches!(status, WaitStatus::Signaled(_, signal, _) if signal == by_sigint));
    assert!(!place.kinds().iter().any(|kind| kind == "start"), "{:?}", place.kinds());
}

#[test]
fn an_agent_is_not_asked_even_at_a_terminal() {
    let Some(place) = place() else { return };
    for words in [CONFIRM, CHALLENGE] {
        let mut command = place.guard(["--"].into_iter().chain(words.split(' ')));
        command.env("CLAUDECODE", "1");
        let shown = ended(pty(command), 75);
        assert!(!shown.contains(RAN) && !shown.contains(YES_NO), "{shown}");
        assert!(shown.contains("the operator, in a terminal of their own"), "{shown}");
        assert!(shown.contains("guard approve "), "{shown}");
    }
}

#[test]
fn without_a_terminal_the_answer_is_a_refusal() {
    let Some(place) = place() else { return };
    let ran = output(place.guard(["--", "rm", "-rf", "data"]).stdin(std::process::Stdio::null()));
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    for words in ["$ rm -rf data", "T2 confirm", "no terminal", "guard approve "] {
        assert!(ran.stderr.contains(words), "{words}: {}", ran.stderr);
    }
}

#[test]
fn what_could_deceive_is_shown_escaped() {
    let Some(place) = place() else { return };
    let name = "data\u{202e}txt\u{200b}\x1b[2J";
    let mut pty = pty(place.guard(["--", "rm", "-rf", name]));
    let screen = pty.exp_string(YES_NO).unwrap();
    assert!(!screen.contains(['\u{202e}', '\u{200b}']) && !screen.contains("\x1b[2J"), "{screen}");
    assert!(screen.contains(r"\u{202e}") && screen.contains(r"\u{200b}"), "{screen}");
    pty.send_line("n").unwrap();
    ended(pty, 77);
}

#[test]
fn control_z_and_fg_show_the_question_again() {
    let Some(place) = place() else { return };
    let mut shell = place.command("/bin/bash");
    shell.args(["--norc", "--noprofile", "-i"]).env("PS1", "prompt$ ").env("HISTFILE", "/dev/null");
    let mut pty = pty(shell);
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line(&format!("{GUARD} -- {CONFIRM}")).unwrap();
    pty.exp_string(YES_NO).unwrap();
    pty.send_control('z').unwrap();
    pty.exp_string("Stopped").unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("fg").unwrap();
    pty.exp_string("$ rm -rf data").unwrap();
    pty.exp_string(YES_NO).unwrap();
    pty.send_line("y").unwrap();
    pty.exp_string(RAN).unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("exit").unwrap();
}
