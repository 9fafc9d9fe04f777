//! Real programs through guard: the same output, the same exit code, and what
//! is refused does not happen.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use nix::sys::wait::WaitStatus;

use crate::harness::{GUARD, Output, Place, output};

/// A repository with one commit and work that is not committed; `None` without
/// git, which is an error where everything has to be tested.
fn repository() -> Option<Place> {
    if find("git").is_none() {
        skipped("git");
        return None;
    }
    let place = Place::new();
    std::fs::remove_dir_all(place.path("project/.git")).unwrap();
    place.write_home(".gitconfig", "[user]\nname = t\nemail = t@example.org\n");
    for args in
        [&["init", "-q", "-b", "main"][..], &["commit", "-q", "--allow-empty", "-m", "start"]]
    {
        assert!(git(&place, args).status().unwrap().success());
    }
    place.write("notes.txt", "a morning's work\n");
    assert!(git(&place, &["add", "notes.txt"]).status().unwrap().success());
    Some(place)
}

/// git without guard.
fn git(place: &Place, args: &[&str]) -> Command {
    let mut command = place.command(find("git").unwrap());
    command.args(args).stdin(Stdio::null());
    with_path(command)
}

/// guard in front of a program, in the PATH of the tests.
fn guarded(place: &Place, words: &[&str]) -> Command {
    let mut command = place.guard(["--"].iter().chain(words));
    command.stdin(Stdio::null());
    with_path(command)
}

fn with_path(mut command: Command) -> Command {
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// A program of this machine.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

fn skipped(program: &str) {
    let message = format!("SKIPPED: {program} is not on this machine, so nothing real was run");
    assert!(program != "git" || std::env::var("CI").as_deref() != Ok("true"), "{message}");
    eprintln!("{message}");
}

fn same(bare: &Output, guarded: &Output, about: &str) {
    assert_eq!(
        (guarded.code, guarded.signal, &guarded.stdout, &guarded.stderr),
        (bare.code, bare.signal, &bare.stdout, &bare.stderr),
        "{about}"
    );
}

#[test]
fn git_behaves_as_without_guard() {
    let Some(place) = repository() else { return };
    for args in [
        &["status"][..],
        &["status", "--short", "--branch"],
        &["log"],
        &["log", "--oneline", "--all"],
        &["diff", "--cached"],
        &["diff", "--cached", "--exit-code"],
        &["show", "--stat", "HEAD"],
        &["branch", "-a"],
        &["ls-files", "-z"],
        &["rev-parse", "--show-toplevel"],
        &["config", "--get", "user.name"],
        &["config", "--get", "no.such"],
        &["log", "no-such-branch"],
        &["no-such-subcommand-at-all", "--help"],
        &["--version"],
    ] {
        let bare = output(&mut git(&place, args));
        let words: Vec<_> = ["git"].iter().chain(args).copied().collect();
        same(&bare, &output(&mut guarded(&place, &words)), &words.join(" "));
    }
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    // As an alias would be used, from shell text.
    let ran = output(&mut with_path(place.guard(["run", "-c", "git status --short | cat"])));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "A  notes.txt\n"), "{}", ran.stderr);
}

#[test]
fn git_that_writes_a_little_works() {
    let Some(place) = repository() else { return };
    for words in [
        &["git", "commit", "-q", "-m", "rm -rf /"][..],
        &["git", "tag", "v1"],
        &["git", "switch", "-q", "-c", "b"],
    ] {
        let ran = output(&mut guarded(&place, words));
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
    }
    let log = output(&mut git(&place, &["log", "--format=%s", "-1"]));
    assert_eq!(log.stdout, "rm -rf /\n");
}

#[test]
fn a_refused_reset_keeps_the_work() {
    let Some(place) = repository() else { return };
    let file = place.path("project/notes.txt");
    for words in [
        &["git", "reset", "--hard"][..],
        &["git", "-c", "a.b=c", "reset", "--hard", "HEAD"],
        &["nice", "git", "reset", "--hard"],
        &["sh", "-c", "git reset --hard"],
        &["env", "X=1", "sh", "-c", "cd . && git reset --hard"],
        &["git", "rm", "-rf", "."],
    ] {
        let ran = output(&mut guarded(&place, words));
        assert_eq!(ran.code, Some(75), "{words:?}: {}", ran.stderr);
        assert!(file.exists(), "{words:?}");
    }
    assert_eq!(output(&mut git(&place, &["status", "--short"])).stdout, "A  notes.txt\n");
    assert!(!place.kinds().contains(&"start".to_owned()));
}

/// Whether somebody at a terminal counts as a person here; where an agent runs
/// the tests, guard rightly asks nothing.
fn nobody_can_answer() -> bool {
    let ancestors = guard::app::actor::ancestors();
    let actor = guard::app::actor::detect(&|_| None, &ancestors, true);
    if !actor.can_answer() {
        eprintln!("SKIPPED: nobody can answer a question here: {}", actor.evidence);
    }
    !actor.can_answer()
}

#[test]
fn an_answer_at_the_terminal_decides_about_the_reset() {
    let Some(place) = repository() else { return };
    if nobody_can_answer() {
        return;
    }
    let file = place.path("project/notes.txt");
    for (answer, code, kept) in [("n", 77, true), ("y", 0, false)] {
        let mut guard = place.command(GUARD);
        guard.args(["--", "git", "reset", "--hard"]).env("TERM", "xterm");
        let guard = with_path(guard);
        let mut pty = rexpect::session::spawn_command(guard, Some(60_000)).unwrap();
        let screen = pty.exp_string("[y/N] ").unwrap();
        assert!(screen.contains("git reset --hard") && screen.contains("T2"), "{screen}");
        pty.send_line(answer).unwrap();
        let rest = pty.exp_eof().unwrap();
        let status = pty.process().wait().unwrap();
        assert!(
            matches!(status, WaitStatus::Exited(_, found) if found == code),
            "{status:?} {rest}"
        );
        assert_eq!(file.exists(), kept, "{answer}: {rest}");
    }
    assert_eq!(place.kinds(), ["request", "decision", "request", "decision", "start", "end"]);
    let decisions = place.events("decision");
    assert_eq!([&decisions[0]["decision"], &decisions[1]["decision"]], ["declined", "approved"]);
}

#[test]
fn a_person_sees_one_line_about_a_small_change_and_none_with_quiet() {
    let place = Place::new();
    if nobody_can_answer() {
        return;
    }
    place.write("build/x", "");
    for (options, lines) in [(&["--"][..], 1), (&["-q", "--"], 0)] {
        let words = options.iter().copied().chain(["rm", "-rf", "build"]);
        let mut guard = place.guard(words);
        guard.env("TERM", "dumb");
        let mut pty = rexpect::session::spawn_command(guard, Some(60_000)).unwrap();
        let shown = pty.exp_eof().unwrap();
        assert_eq!(shown.lines().filter(|line| !line.is_empty()).count(), lines, "{shown}");
    }
    assert!(!place.path("project/build").exists());
}

#[test]
fn the_clients_of_this_machine_start_as_without_guard() {
    for words in [
        &["kubectl", "version", "--client"][..],
        &["terraform", "version"],
        &["aws", "--version"],
        &["docker", "--version"],
        &["psql", "--version"],
        &["helm", "version", "--client"],
        &["redis-cli", "--version"],
    ] {
        let Some(program) = find(words[0]) else {
            skipped(words[0]);
            continue;
        };
        let place = Place::new();
        let prepare = |mut command: Command| {
            // No look for a newer version on the network.
            command.env("CHECKPOINT_DISABLE", "1").stdin(Stdio::null());
            for name in ["PYENV_ROOT", "PYENV_VERSION"] {
                command.envs(std::env::var_os(name).map(|value| (name, value)));
            }
            with_path(command)
        };
        let mut bare = place.command(program);
        bare.args(&words[1..]);
        let bare = output(&mut prepare(bare));
        let ran = output(&mut prepare(guarded(&place, words)));
        same(&bare, &ran, &words.join(" "));
        if bare.code != Some(0) {
            eprintln!("SKIPPED: {} does not work here by itself: {}", words[0], bare.stderr);
        }
        assert_eq!(place.kinds(), ["run"], "{words:?}");
        assert_eq!(place.events("request")[0]["tier"], "allow", "{words:?}");
    }
}
