//! Who asks.

use serde::{Deserialize, Serialize};

/// Who asked for the command, and how guard knows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The kind.
    pub kind: ActorKind,
    /// Name of the agent or CI system, when known.
    pub name: Option<String>,
    /// What showed it, in words (`CLAUDECODE is set`, `ancestor process codex`).
    pub evidence: String,
}

/// Kinds of [`Actor`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// A person at a terminal.
    Human,
    /// An AI agent; never answers a question.
    Agent,
    /// A CI job; never answers a question.
    Ci,
    /// No agent was seen, but there is no terminal either: nobody to ask.
    Unattended,
}

/// By which way a command came to guard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// `guard --` or `guard run`.
    Direct,
    /// The hook of an agent.
    Hook,
    /// A link to guard with the name of another program.
    Shim,
    /// guard as a shell.
    Shell,
    /// The tools of `guard mcp`.
    Mcp,
}

impl Way {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Direct, Self::Hook, Self::Shim, Self::Shell, Self::Mcp];

    /// The name in records.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Hook => "hook",
            Self::Shim => "shim",
            Self::Shell => "shell",
            Self::Mcp => "mcp",
        }
    }
}

impl Actor {
    /// Whether a question on the terminal would reach a person.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        self.kind == ActorKind::Human
    }
}
