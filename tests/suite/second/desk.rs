//! A place with an approver, an agent that asks, and terminals that answer.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guard::keys::{self, KeyFile};
use guard::second::decision::TYPE;
use guard::second::display::{RENDERER, display, sha256};
use guard::second::{Answer, Decision, Request, Utc};
use guard::ssh::{DECISION, Token};
use rexpect::session::PtySession;

use crate::harness::{GUARD, Output, Place, output};

/// A command of the highest tier, and what has to be typed for it.
pub const DELETE: [&str; 4] = ["kubectl", "delete", "namespace", "payments"];

/// Needs a program, or under CI fails.
pub fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$1\"", "sh", program])
        .output()
        .is_ok_and(|found| found.status.success());
    if !found {
        let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!ci, "{program} is needed under CI");
        eprintln!("SKIPPED: {program} is not installed");
    }
    found
}

/// Whether somebody at a terminal counts as a person here; where an agent runs
/// the tests, guard rightly lets nobody answer.
pub fn people() -> bool {
    let ancestors = guard::app::actor::ancestors();
    let actor = guard::app::actor::detect(&|_| None, &ancestors, true);
    if !actor.can_answer() {
        eprintln!("SKIPPED: nobody can answer here: {}", actor.evidence);
    }
    actor.can_answer()
}

/// A place with a stand-in for kubectl, in which `dana` is enrolled.
pub struct Desk {
    pub place: Place,
}

impl Desk {
    pub fn new() -> Self {
        let place = Place::new();
        place.program("kubectl", "echo \"RAN $*\"; echo x >>\"$TMPDIR/ran\"");
        let desk = Self { place };
        desk.enrol(&[("dana@example.org", &desk.key("dana"))]);
        desk
    }

    /// The private key of somebody, made when it is first asked for.
    pub fn key(&self, name: &str) -> PathBuf {
        let path = self.place.path("tmp").join(format!("{name}.key"));
        if !path.exists() {
            keygen(&path, &["-t", "ed25519", "-N", ""]);
        }
        path
    }

    /// Writes the trust file as its owner would.
    pub fn enrol(&self, people: &[(&str, &Path)]) {
        let lines: String = people.iter().map(|(name, key)| line(name, key, "20990101Z")).collect();
        self.trust(&lines);
    }

    pub fn trust(&self, text: &str) {
        self.place.write_home(".config/guard/allowed_signers", text);
    }

    pub fn policy(&self, text: &str) {
        self.place.write_home(".config/guard/policy.yaml", text);
    }

    /// How often the stand-in was run.
    pub fn runs(&self) -> usize {
        std::fs::read_to_string(self.place.path("tmp/ran")).map_or(0, |text| text.lines().count())
    }

    /// guard as an agent runs it, not started yet.
    pub fn agent(&self, args: &[&str]) -> Command {
        let mut command = self.place.command(GUARD);
        command.args(args).env("CLAUDECODE", "1").stdin(Stdio::null());
        command
    }

    /// An agent runs a command under guard and does not wait.
    pub fn asks(&self, words: &[&str]) -> Output {
        output(&mut self.agent(&[&["run", "--wait", "0s", "--"], words].concat()))
    }

    /// The name of the request that an agent's command has made.
    pub fn asked(&self, words: &[&str]) -> String {
        let ran = self.asks(words);
        assert_eq!(ran.code, Some(75), "{}", ran.stderr);
        handle(&ran.stderr)
    }

    /// A request by its name: its exact bytes.
    pub fn request(&self, handle: &str) -> Vec<u8> {
        let ran = self.place.run(["requests", "export", "--file", handle]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.into_bytes()
    }

    /// What somebody signs with their key, on whatever machine.
    pub fn token(&self, request: &[u8], name: &str, key: &Path, answer: Answer) -> String {
        let decision = decision(request, name, answer);
        sign(key, &decision).write().unwrap()
    }

    /// The usual yes of dana to a request.
    pub fn yes(&self, handle: &str) -> String {
        let request = self.request(handle);
        self.token(&request, "dana@example.org", &self.key("dana"), Answer::Approve)
    }

    /// Takes a token in; what was said about it.
    pub fn accept(&self, token: &str) -> Output {
        self.place.run(["token", "accept", token])
    }

    /// A person runs guard in a terminal of their own.
    pub fn person(&self, args: &[&str]) -> PtySession {
        let mut command = self.place.command(GUARD);
        command.args(args).env("TERM", "xterm").env("NO_COLOR", "1").env("GUARD_PAGER", "");
        rexpect::session::spawn_command(command, Some(20_000)).unwrap()
    }

    /// A person answers a request by typing what is asked for.
    pub fn answers(&self, args: &[&str], prompt: &str, typed: &str) -> (i32, String) {
        let mut pty = self.person(args);
        let before = pty.exp_string(prompt).unwrap();
        pty.send_line(typed).unwrap();
        let (code, rest) = ended(pty);
        (code, before + &rest)
    }

    /// The last decision in the record.
    pub fn decision(&self) -> String {
        let decisions = self.place.events("decision");
        decisions.last().map_or_else(String::new, |d| d["decision"].as_str().unwrap().to_owned())
    }
}

/// Waits for the end: exit code and what was shown.
pub fn ended(mut pty: PtySession) -> (i32, String) {
    use nix::sys::wait::WaitStatus;
    let shown = pty.exp_eof().unwrap();
    match pty.process().wait().unwrap() {
        WaitStatus::Exited(_, code) => (code, shown),
        other => panic!("{other:?}: {shown}"),
    }
}

/// The name of a request in what guard has said.
pub fn handle(said: &str) -> String {
    let at = said.find("answer to request ").unwrap_or_else(|| panic!("no request: {said}"));
    said[at + 18..].chars().take(9).collect()
}

pub fn keygen(path: &Path, options: &[&str]) {
    let made = Command::new("ssh-keygen").arg("-q").args(options).arg("-f").arg(path).output();
    let made = made.unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// A line of a trust file.
pub fn line(name: &str, key: &Path, until: &str) -> String {
    let public = std::fs::read_to_string(key.with_extension("key.pub")).unwrap();
    let words: Vec<&str> = public.split(' ').take(2).collect();
    let (kind, data) = (words[0], words[1].trim());
    format!("{name} namespaces=\"{DECISION}\",valid-before=\"{until}\" {kind} {data}\n")
}

pub fn now() -> Utc {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Utc(i64::try_from(since.as_secs()).unwrap())
}

pub fn decision(request: &[u8], name: &str, answer: Answer) -> Decision {
    let read = Request::read(request).unwrap();
    Decision {
        v: 1,
        kind: TYPE.to_owned(),
        request_id: read.id.clone(),
        request_sha256: sha256(request),
        decision: answer,
        principal: name.to_owned(),
        issued: now(),
        expires: read.expires,
        max_uses: 1,
        reason: "agreed".to_owned(),
        renderer: RENDERER.to_owned(),
        display_sha256: sha256(display(&read, request).as_bytes()),
    }
}

pub fn sign(key: &Path, decision: &Decision) -> Token {
    let key = KeyFile::open(key).unwrap().unlock(b"").unwrap();
    keys::sign(&key, DECISION, decision.write()).unwrap()
}
