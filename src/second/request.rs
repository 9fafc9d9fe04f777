//! The request document: what somebody is asked to agree to.
//!
//! Its exact bytes are what a decision is about. Field by field it says what
//! `docs/approval.md`, section "The request", says; fields that are optional
//! there are optional here.

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::display::sha256;
use super::json::{self, DocumentError, MAX_INTEGER};
use super::seen::Seen;
use super::time::Utc;
use crate::model::Tier;

/// `type` of a request.
pub const TYPE: &str = "guard.request";
/// The longest time between making a request and its end, in seconds: a week.
pub const MAX_LIFE: i64 = 7 * 86_400;
/// The longest time between approval and start, in seconds: a day.
pub const MAX_WINDOW: u32 = 86_400;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Request {
    /// Version: 1.
    pub v: u32,
    /// Always [`TYPE`].
    #[serde(rename = "type")]
    pub kind: String,
    /// A random UUID.
    pub id: String,
    /// 128 random bits in hexadecimal.
    pub nonce: String,
    /// When it was made.
    pub created: Utc,
    /// Not good before.
    pub not_before: Utc,
    /// Approve by: a decision after this does not count.
    pub expires: Utc,
    /// Run within so many seconds of the approval.
    pub exec_window_s: u32,
    /// Version of the guard that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guard: Option<String>,
    /// Which machine, since which start.
    pub host: Host,
    /// Who asks.
    pub requester: Requester,
    /// What would run.
    pub command: Command,
    /// What it would run in.
    pub context: Surroundings,
    /// What it would act on.
    #[serde(default)]
    pub targets: Vec<Target>,
    /// What the host that asks has seen of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Why it needs an answer, and whose.
    pub policy: Policy,
    /// Who was trusted to answer when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
    /// Where the log of the host stood, so that each approval anchors it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<LogHead>,
}

/// The machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its name.
    pub name: String,
    /// `/etc/machine-id` (machine-id(5)).
    pub machine_id: String,
    /// `/proc/sys/kernel/random/boot_id` (random(4)).
    pub boot_id: String,
    /// Seconds since start when the request was made (`CLOCK_BOOTTIME`), so
    /// that a wall clock that is set back does not prolong anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_s: Option<u64>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requester {
    /// Their name among the approvers and operators, if policy knows one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// Login name.
    pub user: String,
    /// User id.
    pub uid: u32,
    /// The agent, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<Agent>,
    /// What kind of caller, and by which evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor: Option<String>,
    /// The processes above, nearest first.
    #[serde(default)]
    pub ancestry: Vec<Process>,
    /// The caller's terminal as `MAJOR:MINOR`, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    /// Fingerprints of the keys that the operator of this host can use: none
    /// of them can answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
    /// Why, in the caller's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// An agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// Its name.
    pub name: String,
    /// Its session, if it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
}

/// A process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Process {
    /// Its number.
    pub pid: u32,
    /// Its program.
    pub exe: String,
}

/// What would run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The text, when guard was given text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell_text: Option<String>,
    /// The words, each in base64: these are executed.
    pub argv_b64: Vec<String>,
    /// The words for people who read the document by eye; never used.
    pub argv_display: Vec<String>,
    /// Words that hold a secret: in `argv_b64` and `shell_text` it is replaced,
    /// and here the whole word is bound.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<Hidden>,
    /// The program.
    pub exe: Exe,
    /// Every file that decides what happens.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Standard input.
    pub stdin: Stdin,
}

/// A word that holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hidden {
    /// Which word, from 0.
    pub word: u32,
    /// HMAC-SHA-256 of it under a key that never leaves the host.
    pub hmac_sha256: String,
}

/// A program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exe {
    /// Absolute, without links.
    pub path: String,
    /// Device, decimal: inode numbers are larger than JSON's exact integers.
    pub dev: String,
    /// Inode, decimal.
    pub ino: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
}

/// A file that decides what happens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// What it is to the command.
    pub role: Role,
    /// The path as the command names it, or absolute.
    pub path: String,
    /// What stands there.
    pub kind: FileKind,
    /// Device and inode, decimal, of a [`Role::Target`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dev: Option<String>,
    /// See `dev`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ino: Option<String>,
    /// Bytes of content, of all files for a folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of the content; for a folder of its sorted list of paths, modes
    /// and hashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// What a file is to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// It is started.
    Program,
    /// Its text is run, and was judged.
    Script,
    /// It is read: a manifest, a saved plan, a list.
    Input,
    /// It is acted on: identity only, not content.
    Target,
    /// It decides where the command acts.
    Config,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Something else: device, socket, pipe.
    Other,
    /// Nothing.
    Absent,
}

/// Standard input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stdin {
    /// The kind.
    pub kind: StdinKind,
    /// Bytes, for [`StdinKind::File`] and [`StdinKind::Data`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// SHA-256 of what will be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Kinds of standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StdinKind {
    /// Nothing to read: closed or `/dev/null`. A live pipe that has said
    /// nothing is replaced by `/dev/null` and counts as this.
    None,
    /// A terminal.
    Tty,
    /// A regular file, from its current position.
    File,
    /// A pipe that was read to its end and is replayed.
    Data,
}

/// What a command runs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Surroundings {
    /// The working directory.
    pub cwd: Folder,
    /// Root of the project around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// File mode creation mask, octal.
    pub umask: String,
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Supplementary groups.
    #[serde(default)]
    pub groups: Vec<u32>,
    /// The variables that can change what the command does, by name.
    #[serde(default)]
    pub env: Vec<Variable>,
    /// Variables that the command will not get.
    #[serde(default)]
    pub env_stripped: Vec<String>,
}

/// A folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// Absolute path.
    pub path: String,
    /// Device, decimal.
    pub dev: String,
    /// Inode, decimal.
    pub ino: String,
}

/// A variable: its value, or a keyed hash of it when it may be a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// HMAC-SHA-256 of its value under a key that never leaves the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hmac_sha256: Option<String>,
}

/// What a command acts on, and as whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    /// `kubernetes`, `aws`, `git`, ...
    pub kind: String,
    /// The context, profile or configuration by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// SHA-256 of the certificate authority that it is known by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca_sha256: Option<String>,
    /// As whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Which part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The cloud account, project or subscription.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Why an answer is needed, and whose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// SHA-256 of the rules and policy in force.
    pub sha256: String,
    /// Rules that matched, strictest first.
    pub rules: Vec<String>,
    /// The tier.
    pub tier: String,
    /// The tier without policy: what another guard with the same rules finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_tier: Option<Tier>,
    /// Who answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<AnsweredBy>,
    /// How many, and of whom.
    pub quorum: Quorum,
    /// Further conditions, of other policy files; all must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Quorum>,
}

/// Who answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnsweredBy {
    /// An enrolled approver, by signature.
    SecondHuman,
    /// The operator, in a terminal of their own.
    Operator,
}

/// How many approvals, and of whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// Distinct people.
    pub approvals: u32,
    /// Members of any of these groups; none: everybody who is enrolled.
    #[serde(default)]
    pub groups: Vec<String>,
    /// What their signatures must show.
    #[serde(default)]
    pub require: Vec<Proof>,
}

/// What a signature must show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Proof {
    /// Somebody touched the security key (flag UP).
    Touch,
    /// The security key knew the person: PIN or biometric (flag UV).
    Uv,
}

/// Who was trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trust {
    /// SHA-256 of the trust files: `allowed_signers` and the revoked keys.
    pub sha256: String,
    /// `advise` when somebody on this host could have changed them, else
    /// `two-person`.
    pub mode: String,
}

/// Where the log stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    /// Number of the next record.
    pub seq: u64,
    /// SHA-256 of the last line, hexadecimal.
    pub sha256: String,
}

impl Request {
    /// Reads a request and checks everything that can be checked without the
    /// machine it is from.
    ///
    /// # Errors
    /// [`DocumentError`].
    pub fn read(bytes: &[u8]) -> Result<Self, DocumentError> {
        let request: Self = json::read(bytes, "request")?;
        request.check()?;
        Ok(request)
    }

    /// The document.
    #[must_use]
    pub fn write(&self) -> Vec<u8> {
        json::write(self)
    }

    /// The words that would be executed.
    #[must_use]
    pub fn argv(&self) -> Vec<OsString> {
        let words = self.command.argv_b64.iter().map(|word| BASE64.decode(word));
        words.map(|word| OsString::from_vec(word.unwrap_or_default())).collect()
    }

    /// The same for the same command in the same state by the same caller: such
    /// a request is joined and not made again.
    #[must_use]
    pub fn join_key(&self) -> String {
        let trust = self.trust.as_ref().map(|trust| &trust.sha256);
        let agent = self.requester.agent.as_ref().map(|agent| &agent.name);
        let host = (&self.host.machine_id, &self.host.boot_id);
        let what = (&self.command, &self.context, &self.targets, &self.policy);
        sha256(&json::write(&(host, self.requester.uid, agent, what, trust)))
    }

    /// The same for the same command by the same caller, whatever has changed
    /// around it.
    #[must_use]
    pub fn command_key(&self) -> String {
        let agent = self.requester.agent.as_ref().map(|agent| &agent.name);
        let command = (&self.command.argv_b64, &self.command.shell_text);
        let cwd = &self.context.cwd.path;
        sha256(&json::write(&(self.requester.uid, agent, command, cwd)))
    }

    /// Who answers; a second human unless it says otherwise.
    #[must_use]
    pub fn answered_by(&self) -> AnsweredBy {
        self.policy.answer.unwrap_or(AnsweredBy::SecondHuman)
    }

    /// All conditions on the approvals.
    pub fn quorums(&self) -> impl Iterator<Item = &Quorum> {
        std::iter::once(&self.policy.quorum).chain(&self.policy.also)
    }

    fn check(&self) -> Result<(), DocumentError> {
        let refuse =
            |why: &str| Err(DocumentError::Unacceptable { what: "request", why: why.to_owned() });
        if self.v != 1 || self.kind != TYPE {
            return refuse("it is not a guard.request of version 1");
        }
        if !is_uuid(&self.id) || !is_hex(&self.nonce, 32) {
            return refuse("id or nonce are not of the right form");
        }
        let life = self.expires.0.saturating_sub(self.created.0);
        if !(1..=MAX_LIFE).contains(&life) || !(1..=MAX_WINDOW).contains(&self.exec_window_s) {
            return refuse("its times are not of this world");
        }
        let words = &self.command.argv_b64;
        if words.is_empty() || words.iter().any(|word| BASE64.decode(word).is_err()) {
            return refuse("argv_b64 is empty or not base64");
        }
        let sizes = self.command.inputs.iter().filter_map(|input| input.size);
        let sizes = sizes.chain(self.command.stdin.size).chain([self.command.exe.size]);
        if sizes.into_iter().any(|size| size > MAX_INTEGER.unsigned_abs()) {
            return refuse("a size is too large");
        }
        if !is_hex(&self.policy.sha256, 64) || !is_hex(&self.command.exe.sha256, 64) {
            return refuse("a SHA-256 is not 64 hexadecimal digits");
        }
        if self.quorums().any(|quorum| quorum.approvals == 0) {
            return refuse("it asks for no approval at all");
        }
        Ok(())
    }
}

/// The words of a command for [`Command::argv_b64`].
#[must_use]
pub fn encode(argv: &[OsString]) -> Vec<String> {
    argv.iter().map(|word| BASE64.encode(word.as_bytes())).collect()
}

pub(super) fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// 8-4-4-4-12 lower-case hexadecimal digits (RFC 9562).
pub(super) fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && is_hex(&text.replace('-', ""), 32)
}

#[cfg(test)]
#[path = "request/tests.rs"]
mod tests;
