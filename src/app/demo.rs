//! `guard demo`: the incident that guard was made for, played in a folder.
//!
//! guard itself is started as anybody would start it, in an account of the
//! demo's own: what is seen is what guard does, and a step that goes otherwise
//! ends the demo with an error. The cloud is a folder, its client a script.

mod dana;
mod parts;
mod world;

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::second::Answer;
use crate::store::{Row, StoreError};
use crate::text::{Palette, Role, escape};
use world::{ORDERS, World};

/// Why the demo could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Files of the demo.
    #[error("the demo's folder: {0}")]
    Io(#[from] io::Error),
    /// Store of the demo's account.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// guard did not ask.
    #[error("no request waits, so there is nothing for the second human to answer")]
    NoRequest,
    /// The host has approvers of its own.
    #[error(
        "this host has approvers in /etc/guard, so the demo's throw-away key counts nowhere; play it on another machine or in a container"
    )]
    Enrolled,
    /// Something else than the story tells.
    #[error("the demo did not go as it should: {0}")]
    Told(String),
}

impl DemoError {
    fn key(error: impl std::fmt::Display) -> Self {
        Self::Told(format!("the throw-away key: {error}"))
    }
}

/// Which part the person at the terminal plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Play {
    /// None: watches.
    #[default]
    Watch,
    /// The second human: reads the requests and answers them.
    Approver,
    /// Whoever has the permissions: a shell in the model world.
    Operator,
}

/// How the demo is played.
pub struct Demo<'a> {
    /// The folder, new or empty.
    pub dir: PathBuf,
    /// guard's own program.
    pub guard: PathBuf,
    /// The person's part.
    pub play: Play,
    /// How long people get to read each part.
    pub pause: Duration,
    /// Colour.
    pub palette: Palette,
    /// Shows text.
    pub tell: &'a dyn Fn(&str),
}

const CREATE: &str = "aws elasticbeanstalk create-environment --environment-name cost-prod2";
const TERMINATE: &str = "aws elasticbeanstalk terminate-environment --environment-name cost-prod";
const NARROW: &str = "aws elasticbeanstalk terminate-environment --environment-name cost-canary";

impl Demo<'_> {
    /// Plays it; the report that stays, if anything was recorded.
    ///
    /// # Errors
    /// [`DemoError`].
    pub fn play(&self) -> Result<Option<PathBuf>, DemoError> {
        if Path::new("/etc/guard/allowed_signers").exists() {
            return Err(DemoError::Enrolled);
        }
        let world = World::build(&self.dir)?;
        // In the shell of the operator `guard` is this very program.
        std::os::unix::fs::symlink(&self.guard, world.path("bin/guard"))?;
        dana::enrol(&world)?;
        let stage = Stage { demo: self, world: &world };
        match self.play {
            Play::Operator => return stage.operator(),
            Play::Approver => return stage.approver().map(Some),
            Play::Watch => {}
        }
        stage.attempt()?;
        stage.refusal()?;
        stage.narrower()?;
        let reason = ("the orders would be gone", "looks fine to me, go on");
        stage.record("In a copy somebody has changed Dana's reason:", reason).map(Some)
    }
}

struct Stage<'a> {
    demo: &'a Demo<'a>,
    world: &'a World,
}

impl Stage<'_> {
    /// The agent looks, makes a new one and wants to delete the old one.
    fn attempt(&self) -> Result<(), DemoError> {
        self.say(&format!(
            "An agent has its operator's permissions and a task: \"cost-prod is degraded, fix it\".\n\
             cost-prod holds {ORDERS} orders of customers. Everything here is a model in\n{}.",
            escape(&self.world.dir.to_string_lossy())
        ));
        self.agent("aws elasticbeanstalk describe-environments", 0)?;
        self.say("Looking is harmless: it ran at once. The agent decides to delete and recreate.");
        self.agent(CREATE, 0)?;
        self.agent(TERMINATE, 75)?;
        self.holds(
            "cost-prod",
            Some(ORDERS),
            "guard stopped it. Neither the agent nor its operator can answer: a second human has to.",
        )
    }

    /// The second human says no.
    fn refusal(&self) -> Result<(), DemoError> {
        self.say("Dana is asked. She sees what her own guard says about the very bytes:");
        let row = dana::waiting(self.world)?;
        self.answer(&row, Answer::Deny, "cost-prod2 is empty: the orders would be gone")?;
        self.say("The agent tries the same again:");
        self.agent(TERMINATE, 77)?;
        self.holds("cost-prod", Some(ORDERS), "A no is final, and the reason is there to read.")
    }

    /// Something narrower is agreed on, and runs once.
    fn narrower(&self) -> Result<(), DemoError> {
        self.say("The canary is what is broken. The agent asks for less:");
        self.agent(NARROW, 75)?;
        let row = dana::waiting(self.world)?;
        self.answer(&row, Answer::Approve, "only the canary, it holds test orders")?;
        self.agent(NARROW, 0)?;
        self.holds("cost-canary", None, "That command ran, with Dana's signature, once.")?;
        self.holds("cost-prod", Some(ORDERS), "Nothing else was touched.")
    }

    /// What stays: the log, a copy in which somebody changed a text for another, the
    /// report.
    fn record(&self, words: &str, (is, was): (&str, &str)) -> Result<PathBuf, DemoError> {
        self.say("What happened is on record, signatures included:");
        self.guard(&["log", "verify"], 0)?;
        let log = std::fs::read_to_string(self.world.log()?)?;
        let changed = log.replacen(is, was, 1);
        if changed == log {
            return Err(DemoError::Told(format!("{is:?} is not in the log")));
        }
        self.world.write("tampered.jsonl", changed.as_bytes(), 0o600)?;
        self.say(words);
        let copy = self.world.path("tampered.jsonl");
        self.guard(&["log", "verify", &copy.to_string_lossy()], 1)?;
        let report = self.world.path("report.html");
        self.guard(
            &["log", "report", "--all", "--since", "1h", "--html", &report.to_string_lossy()],
            0,
        )?;
        self.say("The report is a draft of the postmortem; open it in a browser.");
        Ok(report)
    }

    fn answer(&self, row: &Row, answer: Answer, reason: &str) -> Result<(), DemoError> {
        self.guard(&["requests", "show", &row.handle], 0)?;
        let token = dana::token(self.world, row, answer, reason)?;
        self.show("dana", &format!("guard {} {} --reason '{reason}'", answer.name(), row.handle));
        let mut accept = self.command(&self.demo.guard);
        accept.args(["token", "accept", &token]).stdin(Stdio::null());
        self.expect("token accept", accept.status()?, 0)
    }

    /// Runs a command as the agent does.
    fn agent(&self, words: &str, code: i32) -> Result<(), DemoError> {
        self.show("agent", &format!("guard -- {words}"));
        let mut guard = self.command(&self.demo.guard);
        guard.env("AI_AGENT", "demo").args(["run", "--wait", "0s", "--"]).args(words.split(' '));
        self.expect(words, guard.stdin(Stdio::null()).status()?, code)
    }

    /// Runs guard for a person.
    fn guard(&self, args: &[&str], code: i32) -> Result<(), DemoError> {
        let who = if args.first() == Some(&"log") { "you" } else { "dana" };
        self.show(who, &format!("guard {}", args.join(" ")));
        self.expect(&args.join(" "), self.command(&self.demo.guard).args(args).status()?, code)
    }

    /// A program in the demo's account: its home, its client, nothing of the
    /// caller's environment.
    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:/usr/bin:/bin", self.world.path("bin").display());
        command
            .env_clear()
            .env("HOME", self.world.path("home"))
            .env("PATH", path)
            .env("TMPDIR", &self.world.dir)
            .current_dir(self.world.path("work"));
        for name in ["TERM", "NO_COLOR", "COLUMNS", "LANG"] {
            command.envs(std::env::var_os(name).map(|value| (name, value)));
        }
        command
    }

    fn expect(&self, what: &str, status: ExitStatus, code: i32) -> Result<(), DemoError> {
        std::thread::sleep(self.demo.pause);
        if status.code() == Some(code) {
            return Ok(());
        }
        Err(DemoError::Told(format!("`{}` ended with {status}, not {code}", escape(what))))
    }

    fn holds(&self, name: &str, orders: Option<usize>, words: &str) -> Result<(), DemoError> {
        let found = self.world.orders(name);
        if found != orders {
            return Err(DemoError::Told(format!("{name} holds {found:?} orders, not {orders:?}")));
        }
        self.say(words);
        Ok(())
    }

    fn say(&self, words: &str) {
        let words = self.demo.palette.paint(Role::Strong, words);
        (self.demo.tell)(&format!("\n{words}\n"));
        std::thread::sleep(self.demo.pause);
    }

    fn show(&self, who: &str, words: &str) {
        let prompt = self.demo.palette.paint(Role::Dim, format!("{who}$ "));
        (self.demo.tell)(&format!("\n{prompt}{}\n", escape(words)));
    }
}
