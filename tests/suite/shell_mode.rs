//! guard under the name of a shell, as `$SHELL -c` of agents and editors.

use std::io::{BufRead as _, Read as _, Write as _};
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
fn environment_and_options_are_those_of_the_real_shell() {
    let place = Place::new();
    for args in [
        &[
            "-c",
            "env | grep -v '^_=' | sort; printf '%s\\n' \"$-\" \"$SHELLOPTS\" \"$#\" \"$*\"",
            "n",
            "a b",
        ][..],
        &["-euc", "echo \"$-\"; echo $nothing_of_that_name; echo not here"],
        &["-fc", "echo *"],
        &["-o", "pipefail", "-c", "false | true"],
        &["-xc", "echo traced"],
        &["+B", "-c", "echo {a,b}"],
    ] {
        let run = |program: &std::path::Path| {
            let mut command = place.command(program);
            command.args(args).env("A VARIABLE", "with\nlines").env("EMPTY", "");
            let ended = output(command.stdin(Stdio::null()));
            // The shell's own messages begin with the name that it was called by.
            let said = ended.stderr.replace("/bin/bash", "SHELL");
            let said = said.replace(&program.display().to_string(), "SHELL");
            (ended.code, ended.stdout, said)
        };
        assert_eq!(run(&shell(&place, "guard-bash")), run("/bin/bash".as_ref()), "{args:?}");
    }
}

#[test]
fn signals_to_guards_shell_reach_the_command_and_its_end_is_the_shells() {
    use nix::sys::signal::{Signal, kill};
    let place = Place::new();
    let shell = shell(&place, "guard-sh");
    for signal in
        [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP, Signal::SIGQUIT, Signal::SIGUSR1]
    {
        let name = signal.as_str().trim_start_matches("SIG");
        let trap = format!("trap 'echo got-{name}; exit 9' {name}; ");
        for (caught, trap) in [(true, trap.as_str()), (false, "")] {
            // bash(1) ignores SIGQUIT as long as it is bash.
            if signal == Signal::SIGQUIT && !caught {
                continue;
            }
            // bash itself goes on after SIGINT when the program that it waits for has
            // ended well: without a trap, the program gets it.
            let text = match caught {
                true => format!("{trap}echo ready; while :; do sleep 0.05; done"),
                false => "echo ready; exec sleep 60".to_owned(),
            };
            let mut command = place.command(&shell);
            command.args(["-c", &text]).stdin(Stdio::null()).stdout(Stdio::piped());
            let mut child = command.spawn().unwrap();
            let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            assert_eq!(line, "ready\n");
            kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), signal).unwrap();
            let mut rest = String::new();
            out.read_to_string(&mut rest).unwrap();
            let ended: Output = child.wait_with_output().unwrap().into();
            if caught {
                assert_eq!((ended.code, rest), (Some(9), format!("got-{name}\n")), "{name}");
            } else {
                assert_eq!((ended.code, ended.signal), (None, Some(signal as i32)), "{name}");
            }
        }
        if signal == Signal::SIGQUIT {
            continue;
        }
        // Whoever calls it sees what a shell makes of that.
        let line = format!("\"$1\" -c 'kill -{name} $$'; echo $?");
        let mut command = place.command("/bin/bash");
        command.args(["-c", &line, "bash"]).arg(&shell).stdin(Stdio::null());
        assert_eq!(output(&mut command).stdout, format!("{}\n", 128 + signal as i32), "{name}");
    }
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
    // What has no text to be judged is the real shell's, with a record.
    let before = place.events("request").len();
    let mut session = place.command(shell(&place, "guard-bash"));
    session.args(["--norc", "-i"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = session.stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"echo $((6 * 7))\nexit 5\n").unwrap();
    let ended: Output = child.wait_with_output().unwrap().into();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(5), "42\n"));
    let requests = place.events("request");
    assert_eq!(requests.len(), before + 1);
    assert!(requests.last().unwrap().to_string().contains("--norc"), "{requests:?}");
}
