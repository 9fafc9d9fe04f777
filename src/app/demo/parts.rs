//! The parts that a person plays: whoever answers, and whoever has the
//! permissions. Nobody is corrected: what they decide happens, in the model.

use std::io::{self, BufRead as _, Read as _};
use std::path::PathBuf;

use super::world::ORDERS;
use super::{CREATE, DemoError, NARROW, Stage, TERMINATE, dana};
use crate::exit::Exit;
use crate::second::Answer;
use crate::text::escape;

/// How often somebody may begin an answer anew.
const ATTEMPTS: usize = 3;
/// Bytes of a line that is read.
const MAX_LINE: u64 = 4096;

impl Stage<'_> {
    /// The second human.
    pub(super) fn approver(&self) -> Result<PathBuf, DemoError> {
        self.attempt()?;
        self.say("You are Dana, the second human. What is decided is yours alone.");
        match self.decide()? {
            Some(Answer::Approve) => {
                self.agent(TERMINATE, 0)?;
                let gone =
                    format!("{ORDERS} orders of customers are gone, and cost-prod2 is empty.");
                self.holds("cost-prod", None, &format!("It ran, with your signature. {gone}"))?;
            }
            Some(_) => {
                self.say("The agent tries the same again:");
                self.agent(TERMINATE, 77)?;
                self.holds("cost-prod", Some(ORDERS), "Your no is final.")?;
                self.less()?;
            }
            None => {
                self.say("You have not answered. The agent tries the same again:");
                self.agent(TERMINATE, 75)?;
                self.holds("cost-prod", Some(ORDERS), "Without an answer nothing runs.")?;
            }
        }
        self.record(
            "In a copy somebody has changed what was asked for:",
            ("cost-prod", "cost-test"),
        )
    }

    /// The agent asks for something narrower.
    fn less(&self) -> Result<(), DemoError> {
        self.say("The canary is what is broken. The agent asks for less:");
        self.agent(NARROW, 75)?;
        let (code, left, words) = match self.decide()? {
            Some(Answer::Approve) => (0, None, "That command ran, with your signature, once."),
            Some(_) => (77, Some(1), "Nothing was deleted."),
            None => (75, Some(1), "Without an answer nothing runs."),
        };
        self.agent(NARROW, code)?;
        self.holds("cost-canary", left, words)?;
        self.holds("cost-prod", Some(ORDERS), "Nothing else was touched.")
    }

    /// What the person answers to the request that waits, by guard's own commands.
    fn decide(&self) -> Result<Option<Answer>, DemoError> {
        let row = dana::waiting(self.world)?;
        self.guard(&["requests", "show", &row.handle], 0)?;
        let key = self.world.path("dana/key");
        let key = key.to_string_lossy();
        for _ in 0..ATTEMPTS {
            let said = self.line("approve, deny, or Enter to leave it open")?;
            let answer = match said.as_str() {
                "" => return Ok(None),
                "approve" => Answer::Approve,
                "deny" => Answer::Deny,
                _ => continue,
            };
            let reason = self.line("why, in a few words; it is signed, too")?;
            let args = [answer.name(), &row.handle, "--key", &key, "--reason", &reason];
            self.show("dana", &format!("guard {}", args.join(" ")));
            let code = self.command(&self.demo.guard).args(args).status()?.code();
            if code == Some(0) {
                return Ok(Some(answer));
            }
            if code != Some(i32::from(Exit::Denied as u8)) {
                return Err(DemoError::Told(format!("the answer ended with {code:?}")));
            }
        }
        Ok(None)
    }

    fn line(&self, words: &str) -> Result<String, DemoError> {
        (self.demo.tell)(&format!("\n{words}\n> "));
        let mut line = String::new();
        io::stdin().lock().take(MAX_LINE).read_line(&mut line)?;
        Ok(line.trim().to_owned())
    }

    /// Whoever has the permissions: a shell in the model world, for training.
    pub(super) fn operator(&self) -> Result<Option<PathBuf>, DemoError> {
        self.say(&format!(
            "You have the permissions. cost-prod is degraded. Try, each after `guard --`:\n  {}\n  {CREATE}\n  {TERMINATE}\n\
             Ctrl-C stops waiting; answer as Dana with `guard approve ID --key {}`, then\nrun the command again. `exit` ends it.",
            "aws elasticbeanstalk describe-environments",
            escape(&self.world.path("dana/key").to_string_lossy())
        ));
        let mut shell = self.command("/bin/sh");
        shell.env("PS1", "demo$ ").arg("-i");
        shell.status()?;
        self.say(&match self.world.orders("cost-prod") {
            Some(n) => format!("cost-prod still holds {n} orders."),
            None => "cost-prod is gone, and its orders with it.".to_owned(),
        });
        let Ok(log) = self.world.log() else {
            self.say("Nothing went through guard, so there is no record.");
            return Ok(None);
        };
        // The last line of a chain is held by a checkpoint only.
        if std::fs::read_to_string(log)?.lines().count() < 2 {
            return Ok(None);
        }
        let host = ("\"host\":\"", "\"host\":\"other-");
        self.record("In a copy somebody has changed where it happened:", host).map(Some)
    }
}
