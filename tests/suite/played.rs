//! A process with the name of an agent, which starts programs as Claude Code was
//! seen to: its hooks get what it says through a pair of sockets of its own. It is
//! this very test program, called by another name.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Output, Place};

/// Where the agent is told what to start.
const SOCKET: &str = "GUARD_TEST_AGENT";

/// What stands on the standard input of a program.
#[derive(Clone, Copy)]
pub enum Given<'a> {
    /// What the agent says, as it says it to its hooks.
    Said(&'a str),
    /// Nothing, as its commands get it.
    Nothing,
}

/// The agent.
pub struct Played {
    socket: PathBuf,
    process: Child,
}

impl Played {
    /// Starts it with the environment of a place.
    pub fn start(place: &Place) -> Self {
        let socket = place.path("tmp/agent.sock");
        let mut command = Self::program(place, &socket);
        let process = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        wait_for(&socket);
        Self { socket, process }
    }

    /// The program, which listens at a socket.
    fn program(place: &Place, socket: &Path) -> Command {
        let path = place.path("bin/claude");
        if !path.exists() {
            std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &path).unwrap();
        }
        let mut command = place.command(path);
        command.args(["--exact", "played::as_an_agent", "--nocapture"]).env(SOCKET, socket);
        command
    }

    /// Has it start a program and wait for it. Only what was set on the command
    /// counts: the program inherits nothing.
    pub fn call(&self, command: &Command, given: Given<'_>) -> Output {
        start(&self.socket, command, given)
    }

    /// Another one below a program that it starts: what an agent's command that
    /// plays an agent of its own looks like. It calls the same program.
    pub fn call_through_another(&self, place: &Place, command: &Command, said: &str) -> Output {
        let socket = place.path("tmp/inner.sock");
        let inner = Self::program(place, &socket);
        std::thread::scope(|scope| {
            scope.spawn(|| self.call(&inner, Given::Nothing));
            wait_for(&socket);
            let output = start(&socket, command, Given::Said(said));
            end(&socket);
            output
        })
    }
}

impl Drop for Played {
    fn drop(&mut self) {
        end(&self.socket);
        let _ = self.process.wait();
    }
}

fn wait_for(socket: &Path) {
    let begun = Instant::now();
    while UnixStream::connect(socket).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the agent did not start");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn end(socket: &Path) {
    if let Ok(mut stream) = UnixStream::connect(socket) {
        let _ = stream.write_all(b"{\"end\": true}");
    }
}

fn start(socket: &Path, command: &Command, given: Given<'_>) -> Output {
    let text = |word: &std::ffi::OsStr| word.to_str().unwrap().to_owned();
    let envs = command.get_envs().filter_map(|(name, value)| Some((text(name), text(value?))));
    let envs: serde_json::Map<String, Value> = envs.map(|(k, v)| (k, v.into())).collect();
    let args: Vec<String> = command.get_args().map(text).collect();
    let said = match given {
        Given::Said(said) => json!(said),
        Given::Nothing => Value::Null,
    };
    let asked = json!({"program": text(command.get_program()), "args": args, "envs": envs,
        "cwd": command.get_current_dir().unwrap(), "said": said});
    let mut stream = UnixStream::connect(socket).unwrap();
    stream.write_all(asked.to_string().as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let number = |name: &str| answer[name].as_i64().map(|n| i32::try_from(n).unwrap());
    let text = |name: &str| answer[name].as_str().unwrap().to_owned();
    Output {
        code: number("code"),
        signal: number("signal"),
        stdout: text("stdout"),
        stderr: text("stderr"),
    }
}

/// No test: the agent, when this program was called as one.
#[test]
fn as_an_agent() {
    let Some(socket) = std::env::var_os(SOCKET) else { return };
    let listener = UnixListener::bind(socket).unwrap();
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        let mut asked = String::new();
        stream.read_to_string(&mut asked).unwrap();
        // Somebody only looked whether it listens.
        let Ok(asked) = serde_json::from_str::<Value>(&asked) else { continue };
        if asked["end"] == true {
            return;
        }
        std::thread::spawn(move || serve(stream, &asked));
    }
}

fn serve(mut stream: UnixStream, asked: &Value) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut command = Command::new(text(&asked["program"]));
    command.env_clear().current_dir(text(&asked["cwd"]));
    command.args(asked["args"].as_array().unwrap().iter().map(text));
    command.envs(asked["envs"].as_object().unwrap().iter().map(|(k, v)| (k, text(v))));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let said = asked["said"].as_str().map(|said| {
        let (near, far) = UnixStream::pair().unwrap();
        command.stdin(Stdio::from(std::os::fd::OwnedFd::from(far)));
        (near, said)
    });
    if said.is_none() {
        command.stdin(Stdio::null());
    }
    let child = command.spawn().unwrap();
    // Closes this process's copy of what the child got.
    drop(command);
    if let Some((mut near, said)) = said {
        let _ = near.write_all(said.as_bytes());
    }
    let output = Output::from(child.wait_with_output().unwrap());
    let answer = json!({"code": output.code, "signal": output.signal,
        "stdout": output.stdout, "stderr": output.stderr});
    stream.write_all(answer.to_string().as_bytes()).unwrap();
}
