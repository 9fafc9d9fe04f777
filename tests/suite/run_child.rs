//! Exit codes, signals, standard files and bad programs, without a terminal.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};

use crate::run_place::{GUARD, Place};

fn output(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().unwrap()
}

fn code(command: &mut Command) -> Option<i32> {
    output(command).status.code()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_commands_exit_code_passes_through() {
    let place = Place::new();
    place.script("leave", "exit $1");
    for wanted in [0, 1, 2, 37, 64, 70, 74, 75, 77, 78, 126, 127, 128, 130, 137, 143, 254, 255] {
        assert_eq!(code(&mut place.guard(&["leave", &wanted.to_string()])), Some(wanted));
    }
}

#[test]
fn guard_dies_by_the_signal_of_the_command_and_leaves_no_second_core() {
    let place = Place::new();
    place.script("fall", "ulimit -c 0; kill -$1 $$");
    // 34 and 64 are real-time signals, which have no name.
    for signal in [1, 2, 3, 6, 8, 9, 11, 13, 14, 15, 34, 64] {
        let status = output(&mut place.guard(&["fall", &signal.to_string()])).status;
        assert_eq!(status.signal(), Some(signal));
        assert!(!status.core_dumped(), "signal {signal}");
    }
}

#[test]
fn bad_programs_get_the_exit_codes_of_shells_and_a_way_out() {
    let place = Place::new();
    place.program("no-shebang", "echo hello\n", 0o755);
    place.program("no-interpreter", "#!/nonexistent/interpreter\n", 0o755);
    place.program("no-permission", "#!/bin/sh\n", 0o644);
    place.program("empty", "", 0o755);
    fs::create_dir(place.path("bin/folder")).unwrap();
    for (program, wanted, hint) in [
        ("nonexistent-program", 127, "not found in PATH"),
        ("./nonexistent-program", 127, "does not exist"),
        ("folder", 127, "not found in PATH"),
        ("bin/folder", 126, "is a directory"),
        ("no-permission", 126, "chmod u+x"),
        ("bin/no-permission", 126, "chmod u+x"),
        ("no-shebang", 126, "guard -- sh"),
        ("empty", 126, "exec format error"),
        ("no-interpreter", 127, "interpreter"),
    ] {
        let out = output(&mut place.guard(&[program]));
        assert_eq!(out.status.code(), Some(wanted), "{program}");
        let said = text(&out.stderr);
        assert!(said.contains(hint), "{program}: {said}");
        assert!(out.stdout.is_empty());
    }
}

#[test]
fn a_script_finds_itself_by_its_path() {
    let place = Place::new();
    place.script("me", "echo $0");
    let out = output(&mut place.guard(&["me"]));
    assert_eq!(text(&out.stdout).trim(), place.path("bin/me").to_str().unwrap());
    let out = output(&mut place.guard(&["bin/me"]));
    assert_eq!(text(&out.stdout).trim(), "bin/me");
}

#[test]
fn a_program_of_ones_own_is_named_after_its_file_not_a_descriptor() {
    let place = Place::new();
    fs::copy("/bin/cat", place.path("bin/my-cat")).unwrap();
    let out = output(&mut place.guard(&["my-cat", "/proc/self/comm", "/proc/self/cmdline"]));
    let said = text(&out.stdout);
    // Before Linux 6.14 the kernel itself names it after the descriptor.
    assert!(said.ends_with("my-cat\0/proc/self/comm\0/proc/self/cmdline\0"), "{said:?}");
}

#[test]
fn the_child_finds_signals_and_files_as_without_guard() {
    let place = Place::new();
    place.script(
        "look",
        "cat /proc/$$/status | grep -E '^Sig(Blk|Ign|Cgt)'; cd /proc/$$/fd; echo *",
    );
    // One shell runs both, so that both inherit the same files.
    let both = "look >without; guard -- look >with";
    // The second time as under nohup, with a closed standard input.
    for odd in ["", "trap '' HUP INT PIPE CHLD; exec <&-; "] {
        output(place.command("sh").args(["-c", &format!("{odd}{both}")]));
        let [without, with] = ["without", "with"].map(|name| fs::read(place.path(name)).unwrap());
        assert!(text(&without).contains("SigBlk"));
        assert_eq!(text(&with), text(&without), "{odd}");
    }
}

#[test]
fn closed_standard_files_are_the_commands_own_problem() {
    let place = Place::new();
    for (redirect, program) in
        [("<&-", "cat"), (">&-", "pwd"), ("2>&-", "true"), ("<&- >&-", "true")]
    {
        let run = |prefix: &str| {
            let line = format!("exec {prefix} {program} {redirect}");
            code(place.command("sh").args(["-c", &line]))
        };
        assert_eq!(run("guard --"), run("env"), "{program} {redirect}");
    }
}

#[test]
fn a_full_device_fails_the_command_and_not_guard() {
    let place = Place::new();
    assert_eq!(code(place.command("sh").args(["-c", "exec guard -- echo x >/dev/full"])), Some(1));
}

#[test]
fn without_path_the_system_folders_are_searched() {
    let place = Place::new();
    assert_eq!(code(place.guard(&["true"]).env_remove("PATH")), Some(0));
    assert_eq!(code(place.guard(&["true"]).env("PATH", "")), Some(127));
}

#[test]
fn without_a_terminal_a_child_stopped_and_resumed_alone_is_waited_for() {
    let place = Place::new();
    // Stops itself; somebody else resumes it, and knows nothing of guard.
    place.script("pause", "echo $$ >pid; kill -STOP $$; exit 3");
    place.script(
        "outside",
        "guard -- pause & job=$!
         until [ -s pid ] && grep -q '^State:.T' /proc/$(cat pid)/status; do sleep 0.05; done
         sleep 0.2; kill -CONT $(cat pid); wait $job",
    );
    assert_eq!(code(place.command("setsid").args(["--wait", "outside"])), Some(3));
}

#[test]
fn timeout_in_the_same_process_group_can_end_the_command() {
    let place = Place::new();
    let out =
        code(place.command("timeout").args(["--foreground", "1", GUARD, "--", "sleep", "300"]));
    assert_eq!(out, Some(124));
}
