//! Links to guard in front of programs, and the lines for people's shells.

use std::process::{Command, Stdio};

use crate::harness::{GUARD, Output, Place, output};

/// A place with a stand-in and a link in front of it.
fn place(names: &[&str]) -> Place {
    let place = Place::new();
    for name in names {
        place.program(name, &format!("echo \"REAL {name} $*\"; exit 7"));
    }
    let args = ["init", "shims", "--yes"].iter().chain(names);
    let made = output(place.command(GUARD).args(args).stdin(Stdio::null()));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    place
}

/// A command that finds the links first.
fn command(place: &Place, program: &str, args: &[&str]) -> Command {
    let dir = place.path("home/.local/state/guard/shims");
    let mut command = place.command(program);
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap();
    let path = format!("{}:{}", dir.display(), path.to_str().unwrap());
    command.env("PATH", path).args(args).stdin(Stdio::null());
    command
}

fn run(place: &Place, program: &str, args: &[&str]) -> Output {
    output(&mut command(place, program, args))
}

#[test]
fn a_script_that_calls_a_program_by_its_name_calls_guard_and_guard_the_program() {
    let place = place(&["kubectl"]);
    let ran = run(&place, "/bin/sh", &["-c", "kubectl get pods; echo $?"]);
    assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("REAL kubectl get pods\n7\n", ""));
    assert_eq!(place.kinds(), ["run"]);

    let mut stopped = command(&place, "/bin/sh", &["-c", "kubectl delete ns prod; echo $?"]);
    let stopped = output(stopped.env("CODEX_CI", "1"));
    assert!(!stopped.stdout.contains("REAL"), "{}", stopped.stdout);
    assert!(["75\n", "77\n"].contains(&stopped.stdout.as_str()), "{}", stopped.stdout);
}

#[test]
fn guard_itself_passes_the_links_over() {
    let place = place(&["kubectl"]);
    let ran = run(&place, GUARD, &["--", "kubectl", "get", "pods"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(7), "REAL kubectl get pods\n"));
    let starts = place.events("start");
    assert_eq!(starts.len(), 1, "judged once: {starts:?}");
}

#[test]
fn a_link_without_a_program_behind_it_is_not_found_and_never_loops() {
    let place = place(&["kubectl"]);
    std::fs::remove_file(place.path("bin/kubectl")).unwrap();
    // A real client of the machine must not answer in its place.
    let dir = place.path("home/.local/state/guard/shims");
    let mut command = place.command(dir.join("kubectl"));
    let ran = output(command.env("PATH", &dir).arg("get").stdin(Stdio::null()));
    assert_eq!(ran.code, Some(127), "{}", ran.stderr);
}

#[test]
fn options_of_guard_are_the_programs_when_it_is_called_by_another_name() {
    let place = place(&["kubectl"]);
    for args in [&["--help"][..], &["--", "get"], &["check", "-c", "x"], &["run", "-c", "id"]] {
        let dir = place.path("home/.local/state/guard/shims");
        let ran = run(&place, dir.join("kubectl").to_str().unwrap(), args);
        if ran.code == Some(7) {
            assert_eq!(ran.stdout, format!("REAL kubectl {}\n", args.join(" ")), "{args:?}");
        } else {
            assert!(matches!(ran.code, Some(75 | 77)), "{args:?}: {}", ran.stderr);
        }
    }
}

/// Where an agent runs the tests, guard rightly asks nothing at a terminal.
fn nobody_here() -> bool {
    let ancestors = guard::app::actor::ancestors();
    let actor = guard::app::actor::detect(&|_| None, &ancestors, true);
    if !actor.can_answer() {
        eprintln!("SKIPPED: {}", actor.evidence);
    }
    !actor.can_answer()
}

#[test]
fn what_was_approved_as_a_whole_is_not_asked_about_again_and_nothing_else_profits() {
    if nobody_here() {
        return;
    }
    let place = place(&["rm"]);
    place.write("data/file", "x");
    place.write("other/file", "x");
    let whole = |text: &str, questions: usize| {
        let mut command = command(&place, GUARD, &["run", "-c", text]);
        command.env("TERM", "xterm").env("NO_COLOR", "1");
        let mut pty = rexpect::session::spawn_command(command, Some(10_000)).unwrap();
        for _ in 0..questions {
            pty.exp_string("[y/N] ").unwrap();
            pty.send_line("y").unwrap();
        }
        pty.exp_eof().unwrap()
    };
    assert!(whole("rm -rf data", 1).contains("REAL rm -rf data"));
    // What a script does was not on the line that was approved, and is asked about.
    place.write("x.sh", "rm -rf \"$1\"\n");
    let shown = whole("rm -rf data; sh x.sh other", 2);
    assert!(shown.contains("REAL rm -rf other"), "{shown}");
}

#[test]
fn a_script_that_writes_itself_anew_is_no_part_of_what_was_judged() {
    let place = place(&["kubectl"]);
    place.write("more", "kubectl delete ns prod\n");
    // The shell reads its script as it goes, so that the new line runs.
    place.write("x.sh", "cat more >> x.sh\necho appended\n");
    let mut command = command(&place, GUARD, &["--", "/bin/sh", "x.sh"]);
    let ran = output(command.env("CODEX_CI", "1"));
    assert!(ran.stdout.contains("appended"), "{} {}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("REAL"), "{}", ran.stdout);
}

#[test]
fn links_are_shown_before_they_are_made_and_only_a_person_takes_them_away() {
    let place = Place::new();
    place.program("kubectl", "true");
    let dir = place.path("home/.local/state/guard/shims");
    let go = |args: &[&str]| output(place.command(GUARD).args(args).stdin(Stdio::null()));
    let dry = go(&["init", "shims", "kubectl", "--dry-run"]);
    assert_eq!(dry.code, Some(0));
    assert!(dry.stderr.contains("+ kubectl"), "{}", dry.stderr);
    assert!(!dir.exists());
    assert_eq!(go(&["init", "shims", "kubectl", "--yes"]).code, Some(0));
    assert_eq!(std::fs::read_link(dir.join("kubectl")).unwrap(), std::path::Path::new(GUARD));
    assert_eq!(go(&["init", "shims", "../x", "--yes"]).code, Some(1));
    assert_eq!(go(&["init", "shims", "bash", "--yes"]).code, Some(1));
    let taken = output(place.command(GUARD).args(["uninit", "shims"]).env("CODEX_CI", "1"));
    assert_eq!(taken.code, Some(77), "{}", taken.stderr);
    assert!(dir.join("kubectl").exists());
}

#[test]
fn doctor_says_whether_shells_find_the_links_first() {
    let place = place(&["kubectl"]);
    let says = |mut command: Command| {
        let found = output(command.env("SHELL", "/bin/sh"));
        let all: serde_json::Value = serde_json::from_str(&found.stdout).unwrap();
        let all =
            all.as_array().cloned().unwrap_or_else(|| all["findings"].as_array().unwrap().clone());
        let shims = all.into_iter().filter(|finding| finding["about"] == "shims");
        shims.map(|finding| finding["ok"].as_bool().unwrap()).next()
    };
    assert_eq!(says(command(&place, GUARD, &["doctor", "--json"])), Some(true));
    let mut without = place.command(GUARD);
    without.args(["doctor", "--json"]).stdin(Stdio::null());
    assert_eq!(says(without), Some(false));
}

#[test]
fn the_lines_for_each_shell_are_read_by_that_shell() {
    let place = place(&["kubectl"]);
    for shell in ["bash", "zsh", "fish"] {
        for names in [&[][..], &["kubectl"]] {
            let args = ["init", "shell", shell].into_iter().chain(names.iter().copied());
            let lines = output(place.command(GUARD).args(args).stdin(Stdio::null()));
            assert_eq!(lines.code, Some(0), "{}", lines.stderr);
            let mut check = place.command(shell);
            check.args(["-n", "-c", &lines.stdout]).stdin(Stdio::null());
            match check.output() {
                Ok(read) => assert!(read.status.success(), "{shell}: {read:?}"),
                Err(error) => eprintln!("SKIPPED: {shell}: {error}"),
            }
        }
    }
}
