//! Runs the real guard in an environment of its own: own home, own state,
//! nothing inherited.

use std::ffi::{OsStr, OsString};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The guard under test.
pub const GUARD: &str = env!("CARGO_BIN_EXE_guard");

/// A home, a project and a folder of stand-in programs.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What a run of guard left behind.
pub struct Output {
    /// Exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Seconds of processor time that the programs started by this test have taken
/// so far, which do not depend on what else the machine is doing.
pub fn children_cpu() -> i64 {
    use nix::sys::resource::{UsageWho, getrusage};
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    used.user_time().tv_sec() + used.system_time().tv_sec()
}

impl Place {
    /// An empty home and an empty project with a `.git` folder.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for name in ["home", "project/.git", "bin", "tmp"] {
            std::fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// A path below the place.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join(name)
    }

    /// Writes a file below the project.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("project").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Writes a file below the home.
    pub fn write_home(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("home").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// Puts a shell script in the place of a program. It does nothing, and
    /// fails, when a probe asks it.
    pub fn program(&self, name: &str, script: &str) -> PathBuf {
        let unasked = "[ -z \"$GUARD_PROBE\" ] || exit 1";
        self.executable(name, format!("#!/bin/sh\n{unasked}\n{script}\n"))
    }

    /// Puts a shell script in the place of a program that probes ask too.
    pub fn client(&self, name: &str, script: &str) -> PathBuf {
        self.executable(name, format!("#!/bin/sh\n{script}\n"))
    }

    /// Puts an executable file of any content in the place of a program.
    pub fn executable(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path("bin").join(name);
        // Written aside and renamed: a file that some concurrent fork still
        // holds open for writing cannot be executed (ETXTBSY).
        let aside = self.path("tmp").join(name);
        std::fs::write(&aside, content).unwrap();
        std::fs::set_permissions(&aside, std::fs::Permissions::from_mode(0o755)).unwrap();
        std::fs::rename(aside, &path).unwrap();
        path
    }

    /// Puts a program in place that leaves a mark when it is executed.
    pub fn marking(&self, name: &str) {
        let mark = self.path("tmp").join(format!("{name}.ran"));
        self.program(name, &format!(": >'{}'", mark.display()));
    }

    /// Whether a program of [`Self::marking`] was executed.
    pub fn ran(&self, name: &str) -> bool {
        self.path("tmp").join(format!("{name}.ran")).exists()
    }

    /// The folder of the log.
    pub fn log_dir(&self) -> PathBuf {
        self.path("home/.local/state/guard/audit")
    }

    /// The logs, which have other files beside them.
    pub fn logs(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(self.log_dir()) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path());
        let mut logs: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|e| e == "jsonl")).collect();
        // Closed files come before the one that is written to.
        logs.sort();
        logs
    }

    /// The records so far, as JSON.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let mut out = Vec::new();
        for path in self.logs() {
            let text = std::fs::read_to_string(path).unwrap();
            out.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
        }
        out
    }

    /// The payloads of the records of one kind. The one record of a harmless
    /// command counts for each of those that it stands for.
    pub fn events(&self, kind: &str) -> Vec<serde_json::Value> {
        let is = |record: &serde_json::Value| {
            let ev = &record["ev"];
            record["kind"] == kind
                || record["kind"] == "run"
                    && match kind {
                        "request" => true,
                        "start" => ev["exe"].is_string(),
                        "end" => ev["exe"].is_string() && ev["error"].is_null(),
                        "failed" => ev["error"].is_string(),
                        "decision" => ev["decision"].is_string(),
                        _ => false,
                    }
        };
        self.records().into_iter().filter(is).map(|mut record| record["ev"].take()).collect()
    }

    /// The verdicts of `check --jsonl` on shell texts, in their order.
    pub fn verdicts(&self, texts: &[&str]) -> Vec<serde_json::Value> {
        let line = |text: &&str| format!("{}\n", serde_json::json!({ "command": text }));
        let asked: String = texts.iter().map(line).collect();
        let ran = self.run_with(["check", "--jsonl"], asked.as_bytes());
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let verdicts: Vec<_> =
            ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(verdicts.len(), texts.len());
        verdicts
    }

    /// The kinds of the records so far.
    pub fn kinds(&self) -> Vec<String> {
        self.records().iter().map(|record| record["kind"].as_str().unwrap().to_owned()).collect()
    }

    /// A command in this place with a clean environment.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/local/bin:/usr/bin:/bin", self.path("bin").display());
        command
            .env_clear()
            .env("HOME", self.path("home"))
            .env("PATH", path)
            .env("TMPDIR", self.path("tmp"))
            .env("LANG", "C.UTF-8")
            .env("TZ", "UTC")
            .current_dir(self.path("project"));
        command
    }

    /// guard with arguments, not started yet. It does not wait for anybody
    /// elsewhere, unless the arguments say so.
    pub fn guard<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = self.command(GUARD);
        let mut args: Vec<OsString> = args.into_iter().map(|arg| arg.as_ref().into()).collect();
        let at = match args.first().and_then(|first| first.to_str()) {
            Some("run") => 1,
            _ => 0,
        };
        let runs = args.iter().any(|arg| arg == "--" || at == 1 && arg == "-c");
        let other = ["check", "explain", "log", "rules", "policy"];
        let other = args.first().is_some_and(|first| other.iter().any(|name| first == name));
        if runs && !other && !args.iter().any(|arg| arg == "--wait") {
            args.splice(at..at, ["--wait", "0s"].map(OsString::from));
        }
        command.args(args);
        command
    }

    /// Runs guard without a terminal.
    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Output {
        output(self.guard(args).stdin(Stdio::null()))
    }

    /// Runs guard without a terminal, with standard input.
    pub fn run_with<S: AsRef<OsStr>>(
        &self,
        args: impl IntoIterator<Item = S>,
        stdin: &[u8],
    ) -> Output {
        let mut command = self.guard(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        let stdin = stdin.to_vec();
        let writer = std::thread::spawn(move || {
            let _ = pipe.write_all(&stdin);
        });
        let result = child.wait_with_output().unwrap();
        writer.join().unwrap();
        result.into()
    }
}

impl From<std::process::Output> for Output {
    fn from(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            signal: output.status.signal(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// Runs a prepared command to its end, in a session of its own, so that it has
/// no terminal even when the tests are started from one.
pub fn output(command: &mut Command) -> Output {
    use std::os::unix::process::CommandExt as _;
    // SAFETY: setsid is async-signal-safe and touches no memory.
    #[allow(unsafe_code, reason = "a test needs a process without a terminal")]
    unsafe {
        command.pre_exec(|| {
            let _ = nix::unistd::setsid();
            Ok(())
        });
    }
    command.output().unwrap().into()
}

/// The root of the checkout.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
