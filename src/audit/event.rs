//! What the records of a command say: the payload `ev` of each kind.
//!
//! Fields are only ever added. Readers take every field as optional, because
//! logs outlive versions.

mod command;

use serde::Serialize;

pub use command::Command;

use super::said::Said;
use crate::model::{Actor, Count, Environment, Flag, Scope, Tier, Verb, Way};

/// `request`: a command was judged.
#[derive(Debug, Clone, Serialize)]
pub struct Request {
    /// Joins the records of one command, see [`super::lookup::new_id`].
    pub request_id: String,
    /// The verdict.
    pub tier: Tier,
    /// Rules that matched, strictest first.
    pub rules: Vec<String>,
    /// Why the tier is what it is, in words; already without secrets.
    pub reasons: Vec<String>,
    /// Whether something decisive could not be known.
    pub unknown: bool,
    /// Who asked.
    pub actor: Actor,
    /// By which way it came to guard.
    pub via: Way,
    /// Every program that would run.
    pub programs: Vec<String>,
    /// SHA-256 of everything that decided: this guard, its rules, the rules and
    /// policies of system, user and project, as in requests to a second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What was asked for.
    #[serde(flatten)]
    pub command: Command,
    /// The working directory.
    pub cwd: Option<String>,
    /// The host.
    pub host: String,
    /// Login name of the caller.
    pub user: Option<String>,
    /// User id of the caller.
    pub uid: u32,
    /// guard's process id.
    pub pid: u32,
    /// What the caller gave as reason; already without secrets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was known about the effects that somebody has to be asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Known>,
    /// What was before, where it made this worse.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// Names for who acts: steps under the same belong together.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
    /// Version of guard.
    pub guard: &'static str,
}

/// What was known about one effect when it was judged; without secrets.
#[derive(Debug, Clone, Serialize)]
pub struct Known {
    /// The rule that found it.
    pub rule: String,
    /// Its tier.
    pub tier: Tier,
    /// Fact 1.
    pub verb: Verb,
    /// `kind/name`.
    pub object: String,
    /// Fact 2, 0 to 6.
    pub scope: Scope,
    /// Fact 3.
    pub count: Count,
    /// Fact 4, in words.
    pub undo: &'static str,
    /// Fact 5.
    pub environment: Environment,
    /// Fact 6.
    pub flags: Vec<Flag>,
    /// What the facts rest on, in words: what probes saw, with their time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
}

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decided {
    /// Somebody said yes.
    Approved,
    /// Somebody said no, or nothing that could be understood.
    Declined,
    /// guard refused without asking.
    Refused,
    /// The question was broken off (Ctrl-C, time limit, terminal gone).
    Cancelled,
    /// Somebody elsewhere said no.
    Denied,
    /// Nobody elsewhere answered before the request ran out.
    Expired,
    /// guard stopped waiting; the request still stands.
    Unanswered,
    /// The requester took the request back.
    Withdrawn,
    /// Rules, policy or approvers changed since the request.
    PolicyChanged,
    /// The command's surroundings changed since the request.
    StateChanged,
    /// The request was used up by another guard.
    AlreadyUsed,
    /// A hook left it to the agent: to go on, to ask, or to run it through
    /// `guard run`, which records it by itself.
    HandedOn,
}

/// `decision`: the answer to a request. Commands that need none (`allow`,
/// `notify`) have no such record.
#[derive(Debug, Clone, Serialize)]
pub struct Decision {
    /// The request.
    pub request_id: String,
    /// The answer.
    pub decision: Decided,
    /// How it was given: `terminal`, `hook`, or `guard` for a refusal of its own.
    pub how: &'static str,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long the question stood, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waited_ms: Option<u64>,
    /// What a decision from elsewhere rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// `guard` where a hook made the agent run it through `guard run`, which
    /// records the same command once more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<&'static str>,
}

/// What a decision from elsewhere rests on: enough to check it again from the
/// record alone, with stock `ssh-keygen -Y verify` as well.
#[derive(Debug, Clone, Serialize)]
pub struct Evidence {
    /// Id of the petition.
    pub petition: String,
    /// SHA-256 of the request document.
    pub sha256: String,
    /// The request document in base64.
    pub document: String,
    /// Who agreed or refused.
    pub by: Vec<String>,
    /// The tokens: decision documents with their signatures.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// Who was trusted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trusted>,
}

/// The trust file as it was.
#[derive(Debug, Clone, Serialize)]
pub struct Trusted {
    /// SHA-256 of the trust files.
    pub sha256: String,
    /// `advise` or `two-person`.
    pub mode: &'static str,
    /// The text of `allowed_signers`.
    pub signers: String,
}

/// `petition`: somebody who is not here is asked.
#[derive(Debug, Clone, Serialize)]
pub struct Petition {
    /// The request.
    pub request_id: String,
    /// Id of the petition.
    pub petition: String,
    /// Its short name.
    pub handle: String,
    /// SHA-256 of the request document.
    pub sha256: String,
    /// `second-human` or `operator`.
    pub by: &'static str,
    /// Approve by.
    pub expires: String,
    /// An earlier run of the same command made it.
    pub joined: bool,
    /// The request document in base64.
    pub document: String,
}

/// `answer`: somebody answered a petition here.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Id of the petition.
    pub petition: String,
    /// SHA-256 of the request document.
    pub sha256: String,
    /// `approve`, `deny`, `review` or `withdraw`.
    pub answer: &'static str,
    /// Who: a name of the trust file, or an account.
    pub by: String,
    /// Who answered, as guard sees it.
    pub actor: Actor,
    /// Why, in their words; already without secrets.
    pub reason: String,
    /// Two guards judged the command differently, and it was answered despite
    /// that.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub despite: bool,
    /// The token, when it was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// `claim`: a petition is used up, so that it runs once.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// The request.
    pub request_id: String,
    /// Id of the petition.
    pub petition: String,
    /// SHA-256 of the request document.
    pub sha256: String,
}

/// `override`: somebody went past a missing approval.
#[derive(Debug, Clone, Serialize)]
pub struct Override {
    /// The request.
    pub request_id: String,
    /// Id of the petition, which stays open for review.
    pub petition: String,
    /// Whose account.
    pub user: String,
    /// Why, in their words; already without secrets.
    pub reason: String,
}

/// `policy_change`: what makes an agent ask guard was changed; `trust_change`:
/// who may approve was (in older records that is a `policy_change`, too).
#[derive(Debug, Clone, Serialize)]
pub struct PolicyChange {
    /// What was done, in words.
    pub what: String,
    /// The file.
    pub path: String,
    /// SHA-256 before; none when there was no file.
    pub before: Option<String>,
    /// SHA-256 after; empty when the file is gone.
    pub after: String,
    /// Who.
    pub actor: Actor,
    /// Petitions that were voided by it.
    pub voided: usize,
}

/// `start`: the command is about to be started.
#[derive(Debug, Clone, Serialize)]
pub struct Start {
    /// The request.
    pub request_id: String,
    /// guard's process id: the parent of the command.
    pub pid: u32,
    /// The executable that was found.
    pub exe: Option<String>,
    /// What was unusual, such as variables that make the loader run other code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// `end`: the command ended.
#[derive(Debug, Clone, Serialize)]
pub struct End {
    /// The request.
    pub request_id: String,
    /// How.
    #[serde(flatten)]
    pub ended: Ended,
}

/// `run`: a harmless command that nobody was asked about, written when it is
/// over: request, start and end in one.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// What was asked for.
    #[serde(flatten)]
    pub request: Request,
    /// The executable that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exe: Option<String>,
    /// When it was asked for, RFC 3339, UTC; the record's own time is that of
    /// the end.
    pub asked: String,
    /// How it went.
    #[serde(flatten)]
    pub came_to: Option<CameTo>,
}

impl Run {
    /// A command that was asked for at `asked`, RFC 3339, UTC.
    #[must_use]
    pub const fn new(request: Request, asked: String) -> Self {
        Self { request, exe: None, asked, came_to: None }
    }
}

/// How a harmless command went.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum CameTo {
    /// It ran.
    Ended(Ended),
    /// It could not be started.
    Failed {
        /// What guard exits with: 126 or 127.
        exit: i32,
        /// Why, in words.
        error: String,
    },
    /// An agent's hook left it to the agent.
    Decided {
        /// What the hook said.
        decision: Decided,
        /// `hook`.
        how: &'static str,
    },
}

/// How a command ended: `end` without the request.
#[derive(Debug, Clone, Serialize)]
pub struct Ended {
    /// Its exit code, unless a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// From start to end, in milliseconds.
    pub duration_ms: u64,
    /// Processor time in user mode, in milliseconds.
    pub user_ms: u64,
    /// Processor time in the kernel, in milliseconds.
    pub sys_ms: u64,
    /// Peak memory in KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_rss_kib: Option<u64>,
}

/// `outcome`: an agent says how a command went that its hook left to it. guard
/// saw nothing of it, and whoever may call guard may say it.
#[derive(Debug, Clone, Serialize)]
pub struct Told {
    /// The request that was left to the agent.
    pub request_id: String,
    /// What it says.
    #[serde(flatten)]
    pub said: Said,
}

/// `failed`: the command could not be started. May follow `start`, because
/// that is written before anything can fail.
#[derive(Debug, Clone, Serialize)]
pub struct Failed {
    /// The request.
    pub request_id: String,
    /// What guard exits with: 126 or 127.
    pub exit: i32,
    /// Why, in words.
    pub error: String,
}
