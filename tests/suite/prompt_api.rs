//! The question on the terminal, in a real pty, below the command line.
//!
//! Each test starts this test binary again as a child whose only work is
//! [`child`]: it asks one question through the library and prints what came of
//! it. Signals and job control need a process and a terminal of their own.
#![allow(clippy::print_stdout, reason = "the child talks to the test through its terminal")]

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::{BufRead, Write};
use std::process::Command;
use std::time::{Duration, Instant};

use guard::approve::{Asked, Settings, ask};
use guard::decide::{Decision, Finding, Reason, Subject, Verdict};
use guard::model::{
    Actor, ActorKind, Count, Effect, Environment, Facts, Reversibility, Scope, Span, Tier, Verb,
};
use guard::text::Palette;
use rexpect::session::PtySession;

/// Names the question for the child; also what makes it a child.
const QUESTION: &str = "GUARD_TEST_QUESTION";
const LIMIT: &str = "GUARD_TEST_LIMIT_MS";

fn verdict(tier: Tier, name: &str) -> Verdict {
    let facts = Facts {
        verb: Verb::Delete,
        scope: Scope::SERVICE,
        count: Count::NotChecked,
        reversibility: Reversibility(4),
        environment: Environment::Stage,
        named: false,
        remote: true,
        flags: BTreeSet::new(),
        objects: None,
        evidence: Vec::new(),
    };
    let effect = Effect {
        rule: "kubectl.delete-namespace".into(),
        summary: "deletes a namespace".into(),
        kind: "namespace".into(),
        name: Some(name.into()),
        facts,
        floor: None,
        safer: None,
        invocation: 0,
        span: Span::default(),
    };
    let reasons = vec![Reason { id: "3a".into(), text: "a whole service".into(), tier }];
    let findings = vec![Finding { effect, tier, reasons }];
    Verdict { tier, findings, ..Verdict::default() }
}

/// Not a test: the child that the tests talk to.
#[test]
#[ignore = "run by the other tests of this file, in a pty"]
fn child() {
    let Ok(kind) = std::env::var(QUESTION) else { return };
    let tier = if kind == "yes-no" { Tier::Confirm } else { Tier::Challenge };
    let subject = Subject { argv: vec!["kubectl".into()], shell_text: None };
    let actor = Actor { kind: ActorKind::Human, name: None, evidence: String::new() };
    let Decision::Ask(question) = Decision::new(verdict(tier, "cost-prod"), subject, &actor) else {
        panic!("not a question");
    };
    let limit = std::env::var(LIMIT).ok().and_then(|ms| ms.parse().ok()).unwrap_or(20_000);
    let settings = Settings { limit: Duration::from_millis(limit), ..Settings::default() };
    println!("before the question");
    if kind == "slow" {
        // Time for the test to type ahead.
        std::thread::sleep(Duration::from_millis(600));
    }
    let screen = |_: Palette, columns: usize| format!("SCREEN of {columns}\n");
    let asked = ask(question, settings, &screen, |_| Ok::<(), Infallible>(())).unwrap();
    match asked {
        Asked::Approved(approved) => println!("OUTCOME approved {}", approved.how()),
        Asked::Declined(declined) => println!("OUTCOME {:?}", declined.how),
    }
    if kind == "stdin" {
        let left = std::io::stdin().lock().lines().next().unwrap().unwrap();
        println!("STDIN still holds {left}");
    }
    std::io::stdout().flush().unwrap();
}

/// The shell words that start the child. The test harness has threads, and a
/// signal goes to any thread that does not block it; guard has one thread.
fn child_words() -> String {
    let me = std::env::current_exe().unwrap();
    format!(
        "env --block-signal=INT,QUIT,TERM,HUP,CONT {} prompt_api::child --exact --ignored --nocapture --test-threads=1 -q",
        me.to_str().unwrap()
    )
}

fn command(shell: &str, kind: &str, limit: Option<u64>) -> Command {
    let mut command = Command::new("/bin/bash");
    command.args(["--norc", "--noprofile"]);
    if !shell.is_empty() {
        command.args(["-c", shell]);
    }
    command.env(QUESTION, kind).env("TERM", "xterm").env("CHILD", child_words());
    if let Some(limit) = limit {
        command.env(LIMIT, limit.to_string());
    }
    command
}

fn spawn(shell: &str, kind: &str, limit: Option<u64>) -> PtySession {
    rexpect::session::spawn_command(command(shell, kind, limit), Some(10_000)).unwrap()
}

fn asked(kind: &str) -> PtySession {
    let mut pty = spawn("$CHILD", kind, None);
    pty.exp_string(if kind == "yes-no" { "[y/N] " } else { "  > " }).unwrap();
    pty
}

#[test]
fn yes_is_yes_and_everything_shorter_is_not() {
    for (typed, outcome) in [
        ("y", "approved terminal"),
        ("YES", "approved terminal"),
        ("", "No"),
        ("n", "No"),
        ("no", "No"),
    ] {
        let mut pty = asked("yes-no");
        pty.send_line(typed).unwrap();
        pty.exp_string(&format!("OUTCOME {outcome}")).unwrap();
    }
}

#[test]
fn the_name_must_be_typed_and_yes_is_not_a_name() {
    let mut pty = spawn("$CHILD", "name", None);
    pty.exp_string("To run it, type the name of the namespace: cost-prod  > ").unwrap();
    pty.send_line("y").unwrap();
    pty.exp_string("That is not it, and nothing was run").unwrap();
    pty.exp_string("cost-prod  > ").unwrap();
    pty.send_line("cost-prod").unwrap();
    pty.exp_string("OUTCOME approved terminal").unwrap();
}

#[test]
fn three_attempts() {
    let mut pty = asked("name");
    for left in ["2 more attempts", "1 more attempt)"] {
        pty.send_line("cost-dev").unwrap();
        pty.exp_string(left).unwrap();
        pty.exp_string("  > ").unwrap();
    }
    pty.send_line("cost-pro").unwrap();
    pty.exp_string("OUTCOME TooManyAttempts(3)").unwrap();
}

#[test]
fn control_c_and_control_d_and_control_backslash_are_no() {
    for (key, outcome) in [('c', "Interrupted(2)"), ('\\', "Interrupted(3)"), ('d', "Closed")] {
        let mut pty = asked("yes-no");
        pty.send_control(key).unwrap();
        pty.exp_string(&format!("OUTCOME {outcome}")).unwrap();
    }
}

#[test]
fn a_line_that_ctrl_d_cut_short_is_no_answer() {
    let mut pty = asked("yes-no");
    pty.send("y").unwrap();
    pty.send_control('d').unwrap();
    pty.exp_string("Please answer y or n (2 more attempts)").unwrap();
    pty.exp_string("[y/N] ").unwrap();
    pty.send_line("n").unwrap();
    pty.exp_string("OUTCOME No").unwrap();
}

#[test]
fn what_was_typed_before_the_question_does_not_answer_it() {
    let mut pty = spawn("$CHILD", "slow", None);
    pty.exp_string("before the question").unwrap();
    pty.send_line("cost-prod").unwrap();
    pty.send("cost-pro").unwrap();
    pty.flush().unwrap();
    pty.exp_string("  > ").unwrap();
    // Had the start of the line been kept, this would complete the name.
    pty.send_line("d").unwrap();
    pty.exp_string("That is not it").unwrap();
    pty.exp_string("  > ").unwrap();
    pty.send_line("").unwrap();
    pty.exp_string("OUTCOME No").unwrap();
}

#[test]
fn standard_input_is_not_read() {
    let mut pty = spawn("yes cost-prod | $CHILD", "stdin", None);
    pty.exp_string("  > ").unwrap();
    pty.send_line("").unwrap();
    pty.exp_string("OUTCOME No").unwrap();
    pty.exp_string("STDIN still holds cost-prod").unwrap();
}

#[test]
fn the_question_goes_to_the_terminal_and_not_into_files() {
    let dir = tempfile::tempdir().unwrap();
    let (out, err) = (dir.path().join("out"), dir.path().join("err"));
    let shell = format!("$CHILD >{} 2>{}", out.display(), err.display());
    let mut pty = spawn(&shell, "yes-no", None);
    pty.exp_string("SCREEN of ").unwrap();
    pty.exp_string("[y/N] ").unwrap();
    pty.send_line("y").unwrap();
    pty.process().wait().unwrap();
    let out = std::fs::read_to_string(out).unwrap();
    assert!(out.contains("OUTCOME approved") && !out.contains("[y/N]"), "{out}");
    assert!(!std::fs::read_to_string(err).unwrap().contains("[y/N]"));
}

#[test]
fn bytes_that_are_no_text_are_no_answer() {
    for bytes in [&b"\xff\n"[..], b"y\0\n", &[b'y'; 5000]] {
        let mut pty = asked("yes-no");
        let mut raw = pty.process().get_file_handle().unwrap();
        raw.write_all(bytes).unwrap();
        if !bytes.ends_with(b"\n") {
            raw.write_all(b"\n").unwrap();
        }
        pty.exp_string("Please answer y or n").unwrap();
        pty.exp_string("[y/N] ").unwrap();
        pty.send_line("n").unwrap();
        pty.exp_string("OUTCOME No").unwrap();
    }
}

#[test]
fn no_answer_in_time_is_no() {
    let start = Instant::now();
    let mut pty = spawn("$CHILD", "yes-no", Some(700));
    pty.exp_string("[y/N] ").unwrap();
    pty.exp_string("OUTCOME TimedOut(700ms)").unwrap();
    assert!(start.elapsed() >= Duration::from_millis(700));
}

#[test]
fn a_raw_terminal_is_put_into_line_mode_and_back() {
    let mut pty = spawn("stty raw -echo; $CHILD; stty -a", "yes-no", None);
    pty.exp_string("[y/N] ").unwrap();
    pty.send("y").unwrap();
    pty.send("\r").unwrap();
    pty.flush().unwrap();
    pty.exp_string("OUTCOME approved").unwrap();
    pty.exp_string("-icanon").unwrap();
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let mut command = command("exec setsid -w $CHILD </dev/null", "yes-no", None);
    let output = command.output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(out.contains("OUTCOME NoTerminal"), "{out}");
}

/// An interactive bash, so that there is job control.
fn shell(kind: &str) -> PtySession {
    let mut command = command("", kind, None);
    command.arg("-i").env("PS1", "prompt$ ").env("HISTFILE", "/dev/null");
    let mut pty = rexpect::session::spawn_command(command, Some(10_000)).unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty
}

#[test]
fn control_z_stops_and_fg_asks_again() {
    let mut pty = shell("yes-no");
    pty.send_line("$CHILD").unwrap();
    pty.exp_string("[y/N] ").unwrap();
    pty.send_control('z').unwrap();
    pty.exp_string("Stopped").unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("fg").unwrap();
    pty.exp_string("SCREEN of ").unwrap();
    pty.exp_string("[y/N] ").unwrap();
    pty.send_line("y").unwrap();
    pty.exp_string("OUTCOME approved").unwrap();
    pty.send_line("exit").unwrap();
}

#[test]
fn in_the_background_nothing_is_asked_and_nothing_hangs() {
    let mut pty = shell("yes-no");
    pty.send_line("$CHILD & wait").unwrap();
    pty.exp_string("OUTCOME Background").unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("$CHILD").unwrap();
    pty.exp_string("[y/N] ").unwrap();
    pty.send_control('z').unwrap();
    pty.exp_string("Stopped").unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("bg; wait").unwrap();
    pty.exp_string("OUTCOME Background").unwrap();
    pty.exp_string("prompt$ ").unwrap();
    pty.send_line("exit").unwrap();
}

#[test]
fn a_signal_from_elsewhere_is_no() {
    let mut pty = spawn("$CHILD & echo pid $!; fg >/dev/null; wait", "yes-no", None);
    let _ = pty.exp_string("pid ").unwrap();
    // Without job control the child stays in the shell's own foreground group.
    let pid: i32 = pty.read_line().unwrap().trim().parse().unwrap();
    pty.exp_string("[y/N] ").unwrap();
    let pid = nix::unistd::Pid::from_raw(pid);
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    pty.exp_string("OUTCOME Interrupted(15)").unwrap();
}
