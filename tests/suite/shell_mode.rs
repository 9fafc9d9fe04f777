//! guard under the name of a shell, as `$SHELL -c` of agents and editors.

use std::io::Write as _;
use std::process::Stdio;

use crate::harness::{GUARD, Output, Place, output};

/// A place with guard under the name of a shell.
fn shell(place: &Place, name: &str) -> std::path::PathBuf {
    let link = place.path("bin").join(name);
    if !link.exists() {
        std::os::unix::fs::symlink(GUARD, &link).unwrap();
    }
    link
}

fn run(place: &Place, args: &[&str]) -> Output {
    output(place.command(shell(place, "guard-sh")).args(args).stdin(Stdio::null()))
}

#[test]
fn harmless_text_runs_as_in_the_real_shell() {
    let place = Place::new();
    for args in [
        &["-c", "echo \"$0 $1 $BASHOPTS\" | cut -c1-8; echo err >&2; exit 3", "name", "arg"][..],
        &["-lc", "echo $((6 * 7)); shopt -q login_shell && echo login"],
        &["-c", "-l", "shopt -q login_shell && echo login"],
        &["-ec", "false; echo not here"],
        &["-c", "printf '%s\\n' \"$PWD\" \"$HOME\""],
    ] {
        let real = output(place.command("/bin/bash").args(args).stdin(Stdio::null()));
        let ours = run(&place, args);
        assert_eq!(
            (ours.code, ours.stdout, ours.stderr),
            (real.code, real.stdout, real.stderr),
            "{args:?}"
        );
    }
    let killed = run(&place, &["-c", "kill -TERM $$"]);
    assert_eq!(killed.signal, Some(15), "{:?}", killed.code);
}

#[test]
fn dangerous_text_does_not_run() {
    let place = Place::new();
    place.marking("kubectl");
    for args in [
        &["-c", "kubectl delete ns prod"][..],
        &["-lc", "cd /tmp && kubectl delete ns prod"],
        &["-c", "-l", "kubectl delete ns prod"],
        // As Claude Code calls the program of CLAUDE_CODE_SHELL_PREFIX.
        &["true && eval 'kubectl delete ns prod' < /dev/null && pwd -P >| /dev/null"],
    ] {
        let mut command = place.command(shell(&place, "guard-sh"));
        command.args(args).env("CODEX_CI", "1").stdin(Stdio::null());
        let ended = output(&mut command);
        assert!(matches!(ended.code, Some(75 | 77)), "{args:?}: {:?} {}", ended.code, ended.stderr);
        assert!(!place.ran("kubectl"), "{args:?}");
    }
    let requests = place.events("request");
    assert_eq!(requests.len(), 4);
}

#[test]
fn standard_input_reaches_the_command() {
    let place = Place::new();
    let mut command = place.command(shell(&place, "guard-bash"));
    command.args(["-c", "tr a-z A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through\n").unwrap();
    let ended: Output = child.wait_with_output().unwrap().into();
    assert_eq!(ended.stdout, "THROUGH\n");
}

#[test]
fn a_script_is_judged_by_its_text_and_options_are_the_shells_own() {
    let place = Place::new();
    place.marking("kubectl");
    let script = place.write("deploy.sh", "kubectl delete ns prod\n");
    let ended = run(&place, &[script.to_str().unwrap()]);
    assert!(matches!(ended.code, Some(75 | 77)), "{:?} {}", ended.code, ended.stderr);
    assert!(!place.ran("kubectl"));
    let version = run(&place, &["--version"]);
    assert!(version.stdout.contains("GNU bash"), "{}", version.stdout);
}
