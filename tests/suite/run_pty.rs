//! Guard at a real terminal: an interactive bash in a pty must see no
//! difference between a command and the same command under guard.

use std::fs;

use rexpect::session::{PtySession, spawn_command};

use crate::run_place::Place;

/// Far beyond what anything here takes.
const TIMEOUT_MS: u64 = 60_000;

/// An interactive bash with job control, without echo.
struct Shell {
    pty: PtySession,
    place: Place,
}

impl Shell {
    fn start() -> Self {
        let place = Place::new();
        // Says that it runs, and leaves its process id behind.
        place.script("sleeper", "echo $$ >pid; echo ready; exec sleep 300");
        let mut bash = place.command("bash");
        bash.args(["--norc", "--noprofile", "--noediting", "-i"]).env("PS1", "");
        let mut pty = spawn_command(bash, Some(TIMEOUT_MS)).unwrap();
        pty.process_mut().set_kill_timeout(Some(200));
        let mut shell = Self { pty, place };
        // bash may have looked at the terminal before echo was switched off,
        // and would switch it on again after a signal.
        shell.line("stty -echo; echo be''gin");
        shell.expect("begin");
        shell
    }

    fn line(&mut self, text: &str) {
        self.pty.send_line(text).unwrap();
    }

    fn key(&mut self, key: char) {
        self.pty.send_control(key).unwrap();
    }

    /// Waits for a text; what came before it.
    fn expect(&mut self, text: &str) -> String {
        match self.pty.exp_string(text) {
            Ok(before) => before,
            Err(error) => panic!("waited for {text:?}: {error}"),
        }
    }

    /// `$?` of the last command.
    fn status(&mut self) -> i32 {
        // Split, so that the terminal's echo of the line is not taken for it.
        self.line("echo r''c=$?=");
        self.expect("rc=");
        let code = self.expect("=");
        code.parse().unwrap_or_else(|_| panic!("{code:?} is no exit code"))
    }

    /// Waits until the process whose id is in the file `pid` is gone.
    fn expect_child_gone(&mut self) {
        self.line("while kill -0 $(cat pid) 2>&-; do sleep 0.05; done; echo go''ne");
        self.expect("gone");
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // bash passes it on to its jobs; without it stopped ones would stay.
        let _ = self.pty.process_mut().signal(rexpect::process::Signal::SIGHUP);
    }
}

#[test]
fn ctrl_c_ends_the_command_with_130() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper");
    shell.expect("ready");
    shell.key('c');
    assert_eq!(shell.status(), 130);
    shell.expect_child_gone();
}

#[test]
fn ctrl_c_ends_the_list_that_guard_is_part_of() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper; echo w''ent-on");
    shell.expect("ready");
    shell.key('c');
    shell.line("echo e''nd");
    assert!(!shell.expect("end").contains("went-on"));
}

#[test]
fn ctrl_c_ends_a_loop_around_guard() {
    let mut shell = Shell::start();
    shell.line("for i in 1 2 3; do guard -- sleeper; done");
    shell.expect("ready");
    shell.key('c');
    shell.line("echo e''nd");
    assert!(!shell.expect("end").contains("ready"));
}

#[test]
fn ctrl_backslash_ends_the_command_with_131() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper");
    shell.expect("ready");
    shell.key('\\');
    assert_eq!(shell.status(), 131);
}

#[test]
fn ctrl_z_stops_and_fg_resumes_as_often_as_one_likes() {
    let mut shell = Shell::start();
    shell.place.script("reader", "echo ready; read -r line; echo got-$line; exit 5");
    shell.line("guard -- reader");
    shell.expect("ready");
    for _ in 0..10 {
        shell.key('z');
        shell.expect("Stopped");
        assert_eq!(shell.status(), 148);
        shell.line("fg");
        // bash names the job that it resumes.
        shell.expect("guard -- reader");
    }
    shell.line("word");
    shell.expect("got-word");
    assert_eq!(shell.status(), 5);
}

#[test]
fn a_child_that_ignores_ctrl_z_keeps_the_terminal() {
    let mut shell = Shell::start();
    shell.place.script("reader", "trap '' TSTP; echo ready; read -r line; echo got-$line; exit 8");
    shell.line("guard -- reader");
    shell.expect("ready");
    shell.key('z');
    shell.line("word");
    shell.expect("got-word");
    assert_eq!(shell.status(), 8);
}

#[test]
fn a_background_job_that_reads_the_terminal_stops_and_the_shell_keeps_it() {
    let mut shell = Shell::start();
    shell.place.script("reader", "read -r line; echo got-$line");
    shell.line("guard -- reader & while ! jobs | grep Stopped; do sleep 0.05; done");
    shell.expect("Stopped");
    shell.line("echo s''till-here");
    shell.expect("still-here");
    shell.line("fg");
    shell.expect("guard -- reader");
    shell.line("word");
    shell.expect("got-word");
    assert_eq!(shell.status(), 0);
}

#[test]
fn a_background_job_runs_on_and_is_waited_for() {
    let mut shell = Shell::start();
    shell.place.script("quick", "exit 9");
    shell.line("guard -- quick & wait $!");
    assert_eq!(shell.status(), 9);
}

#[test]
fn sigterm_to_guard_ends_the_child_and_gives_143() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper &");
    shell.expect("ready");
    shell.line("kill $!; wait $!");
    assert_eq!(shell.status(), 143);
    shell.expect_child_gone();
}

#[test]
fn sigkill_to_guard_ends_the_child_too() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper &");
    shell.expect("ready");
    shell.line("kill -KILL $!; wait $!");
    assert_eq!(shell.status(), 137);
    shell.expect_child_gone();
}

#[test]
fn a_signal_from_a_shell_in_the_same_process_group_arrives() {
    let mut shell = Shell::start();
    // Without job control a background command stays in the script's group.
    shell.place.script(
        "no-job-control",
        "guard -- sleeper & while ! [ -s pid ]; do sleep 0.05; done; kill $!; wait $!",
    );
    shell.line("no-job-control");
    assert_eq!(shell.status(), 143);
    shell.expect_child_gone();
}

#[test]
fn a_child_that_ignores_signals_goes_on_and_so_does_guard() {
    let mut shell = Shell::start();
    shell.place.script(
        "stubborn",
        "trap '' INT TERM HUP; echo ready; read -r line; echo got-$line; exit 6",
    );
    shell.line("guard -- stubborn");
    shell.expect("ready");
    shell.key('c');
    shell.key('c');
    shell.line("word");
    shell.expect("got-word");
    assert_eq!(shell.status(), 6);
}

#[test]
fn a_child_that_handles_ctrl_c_decides_the_exit_code() {
    let mut shell = Shell::start();
    shell.place.script("handler", "trap 'echo caught; exit 7' INT; echo ready; read -r line");
    shell.line("guard -- handler");
    shell.expect("ready");
    shell.key('c');
    shell.expect("caught");
    assert_eq!(shell.status(), 7);
}

#[test]
fn the_window_size_and_its_changes_reach_the_child() {
    let mut shell = Shell::start();
    shell.place.script(
        "window",
        "trap 'stty size' WINCH; stty size; tty >tty; echo ready; \
         while ! [ -e done ]; do sleep 0.05; done",
    );
    shell.line("stty rows 31 cols 97; guard -- window");
    shell.expect("31 97");
    shell.expect("ready");
    let tty = fs::read_to_string(shell.place.path("tty")).unwrap();
    let resized =
        shell.place.command("stty").args(["-F", tty.trim(), "rows", "32", "cols", "98"]).status();
    assert!(resized.unwrap().success());
    shell.expect("32 98");
    fs::write(shell.place.path("done"), "").unwrap();
    assert_eq!(shell.status(), 0);
}

#[test]
fn a_child_stopped_alone_stops_the_job_and_fg_resumes_it() {
    let mut shell = Shell::start();
    shell.place.script("reader", "echo $$ >pid; echo ready; read -r line; echo got-$line");
    shell.line("guard -- reader &");
    shell.expect("ready");
    // The background read stops both; this is about the child alone.
    shell.line("fg");
    shell.expect("guard -- reader");
    let pid = fs::read_to_string(shell.place.path("pid")).unwrap();
    let stopped = shell.place.command("kill").args(["-STOP", pid.trim()]).status();
    assert!(stopped.unwrap().success());
    shell.expect("Stopped");
    shell.line("fg");
    shell.expect("guard -- reader");
    shell.line("word");
    shell.expect("got-word");
    assert_eq!(shell.status(), 0);
}

#[test]
fn sigcont_to_guard_alone_resumes_the_child_too() {
    let mut shell = Shell::start();
    // Without processes of its own, which nobody would resume.
    shell.place.script("waiter", "mkfifo fifo; echo ready; read -r line <fifo; exit 4");
    shell.line("guard -- waiter");
    shell.expect("ready");
    shell.key('z');
    shell.expect("Stopped");
    shell.line("kill -CONT $(jobs -p); echo >fifo; wait $(jobs -p)");
    assert_eq!(shell.status(), 4);
}

#[test]
fn pipes_between_guards_and_to_others_work() {
    let mut shell = Shell::start();
    shell.line("guard -- yes word | head -n 1; echo ${PIPESTATUS[0]}-by''-pipe");
    // 141: ended by SIGPIPE, as without guard.
    shell.expect("word");
    shell.expect("141-by-pipe");
    shell.line("guard -- echo th''rough | guard -- cat; echo e''nd");
    shell.expect("through");
    shell.expect("end");
    shell.line("guard -- sleeper | guard -- cat");
    shell.expect("ready");
    shell.key('c');
    assert_eq!(shell.status(), 130);
}

#[test]
fn a_hang_up_ends_the_child() {
    let mut shell = Shell::start();
    shell.line("guard -- sleeper");
    shell.expect("ready");
    let pid = fs::read_to_string(shell.place.path("pid")).unwrap();
    shell.pty.process_mut().signal(rexpect::process::Signal::SIGHUP).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    let ends = std::time::Instant::now() + std::time::Duration::from_millis(TIMEOUT_MS);
    // A zombie counts as gone.
    while fs::read_to_string(&stat).is_ok_and(|stat| !stat.contains(") Z ")) {
        assert!(std::time::Instant::now() < ends, "the child lives on");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}
