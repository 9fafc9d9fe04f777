//! guard in people's shells, in a real terminal that tmux drives: what must not
//! run does not, and the line editor, completion, history and job control work.

use std::cell::Cell;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{GUARD, Place, output};
use crate::second::desk::has;

/// How long a screen may take to show something.
const PATIENCE: Duration = Duration::from_secs(30);

/// A shell in a terminal.
struct Terminal {
    place: Place,
    socket: PathBuf,
    asked: Cell<u32>,
}

impl Terminal {
    /// Starts a program in a terminal of its own; `None` when tmux is not here.
    fn start(place: Place, program: &[&str]) -> Option<Self> {
        if !has("tmux") || !has(program.first()?) {
            return None;
        }
        let socket = place.path("tmp/tmux.sock");
        let terminal = Self { place, socket, asked: Cell::new(0) };
        let size = ["new-session", "-d", "-x", "150", "-y", "50"];
        let made = terminal.tmux(&[&size[..], program].concat());
        assert!(made.1, "{}", made.0);
        Some(terminal)
    }

    fn tmux(&self, args: &[&str]) -> (String, bool) {
        let mut command = self.place.command("tmux");
        command.arg("-f").arg("/dev/null").arg("-S").arg(&self.socket).args(args);
        let done = command.env("TERM", "xterm").stdin(Stdio::null()).output().unwrap();
        let said = if done.status.success() { &done.stdout } else { &done.stderr };
        (String::from_utf8_lossy(said).into_owned(), done.status.success())
    }

    /// Types a text as it is.
    fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Presses keys by their names in tmux(1).
    fn presses(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    fn line(&self, text: &str) {
        self.types(text);
        self.presses(&["Enter"]);
    }

    fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J", "-S", "-500"]).0
    }

    /// Waits until the screen has a line that is this text.
    fn shows(&self, wanted: &str) {
        self.waits(wanted, |screen| screen.lines().any(|line| line.trim_end() == wanted));
    }

    /// Waits until the text stands somewhere on the screen.
    fn holds(&self, wanted: &str) {
        self.waits(wanted, |screen| screen.contains(wanted));
    }

    fn waits(&self, wanted: &str, done: impl Fn(&str) -> bool) {
        let start = Instant::now();
        while !done(&self.screen()) {
            assert!(start.elapsed() < PATIENCE, "no {wanted:?} on\n{}", self.screen());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the shell answers to a line of its own.
    fn ready(&self) {
        let number = self.asked.get() + 1;
        self.asked.set(number);
        self.line(&format!("echo rea''dy-{number}"));
        self.shows(&format!("ready-{number}"));
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

/// A shell with guard's lines in it.
fn guarded(shell: &str, flags: &[&str]) -> Option<Terminal> {
    let place = Place::new();
    place.write("keep/notes.txt", "unique");
    place.write("a-long-name-of-a-file.txt", "inside-the-file\n");
    let terminal = Terminal::start(place, &[&[shell], flags].concat())?;
    terminal.ready();
    terminal.line(&match shell {
        "fish" => format!("{GUARD} init shell fish | source"),
        _ => format!("eval \"$({GUARD} init shell {shell})\""),
    });
    terminal.ready();
    Some(terminal)
}

const SHELLS: &[(&str, &[&str])] =
    &[("bash", &["--norc", "-i"]), ("zsh", &["-f", "-i"]), ("fish", &["--no-config", "-i"])];

#[test]
fn a_dangerous_line_does_not_run_in_any_shell_and_the_next_one_does() {
    for (shell, flags) in SHELLS {
        let Some(terminal) = guarded(shell, flags) else { continue };
        terminal.line("rm -rf keep");
        // The question, or, where nobody may answer, the refusal.
        terminal.waits("guard's words", |screen| {
            screen.contains("rm.recursive")
                || screen.contains("uncommitted")
                || screen.contains("T2")
        });
        terminal.presses(&["n", "Enter"]);
        terminal.ready();
        assert!(terminal.place.path("project/keep/notes.txt").exists(), "{}", terminal.screen());
        terminal.line("printf '%s-%s\\n' still here");
        terminal.shows("still-here");
    }
}

#[test]
fn history_and_completion_work_in_a_guarded_shell() {
    for (shell, flags) in SHELLS {
        let Some(terminal) = guarded(shell, flags) else { continue };
        terminal.types("cat a-long-na");
        terminal.presses(&["Tab"]);
        terminal.holds("a-long-name-of-a-file.txt");
        terminal.presses(&["Enter"]);
        terminal.shows("inside-the-file");
        terminal.line("printf '%s=%s\\n' count 1");
        terminal.shows("count=1");
        // The last line once more, changed: the editor has it.
        terminal.presses(&["Up", "BSpace"]);
        terminal.types("2");
        terminal.presses(&["Enter"]);
        terminal.shows("count=2");
    }
}

#[test]
fn job_control_works_in_a_guarded_shell() {
    for (shell, flags) in SHELLS {
        let Some(terminal) = guarded(shell, flags) else { continue };
        terminal.line("sleep 300");
        std::thread::sleep(Duration::from_millis(500));
        terminal.presses(&["C-z"]);
        terminal.waits("a stopped job", |screen| {
            screen.to_lowercase().contains("stopped") || screen.contains("suspended")
        });
        terminal.line("fg");
        std::thread::sleep(Duration::from_millis(500));
        terminal.presses(&["C-c"]);
        terminal.ready();
    }
}

#[test]
fn a_program_behind_a_link_stops_and_goes_on_like_any_other_job() {
    let place = Place::new();
    place.program("kubectl", "echo begun; sleep 300; echo over");
    let made = place
        .command(GUARD)
        .args(["init", "shims", "--yes", "kubectl"])
        .stdin(Stdio::null())
        .output();
    assert!(made.unwrap().status.success());
    let links = place.path("home/.local/state/guard/shims");
    let Some(terminal) = Terminal::start(place, &["bash", "--norc", "-i"]) else { return };
    terminal.ready();
    terminal.line(&format!("PATH={}:$PATH", links.display()));
    terminal.line("kubectl get pods");
    terminal.shows("begun");
    terminal.presses(&["C-z"]);
    terminal.holds("Stopped");
    terminal.line("jobs -s | wc -l");
    terminal.shows("1");
    terminal.line("fg");
    std::thread::sleep(Duration::from_millis(500));
    terminal.presses(&["C-c"]);
    terminal.ready();
    terminal.line("jobs | wc -l");
    terminal.shows("0");
    assert!(!terminal.screen().contains("over"));
}

#[test]
fn text_through_guards_shell_has_the_terminal_and_its_signals() {
    let place = Place::new();
    std::os::unix::fs::symlink(GUARD, place.path("bin/guard-sh")).unwrap();
    let Some(terminal) = Terminal::start(place, &["bash", "--norc", "-i"]) else { return };
    terminal.ready();
    terminal
        .line("guard-sh -c 'test -t 0 && test -t 1 && echo a-terminal; read word; echo got-$word'");
    terminal.shows("a-terminal");
    terminal.line("typed");
    terminal.shows("got-typed");
    terminal.line("guard-sh -c 'echo waiting; sleep 300'; echo code-$?");
    terminal.shows("waiting");
    terminal.presses(&["C-z"]);
    terminal.holds("Stopped");
    terminal.line("fg");
    std::thread::sleep(Duration::from_millis(500));
    terminal.presses(&["C-c"]);
    terminal.ready();
    let log = output(terminal.place.command(GUARD).args(["log", "verify"]).stdin(Stdio::null()));
    assert_eq!(log.code, Some(0), "{}", log.stderr);
}
