//! The agents, and what each of them can be told.

use clap::ValueEnum;

/// A coding agent whose hook protocol guard speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, ValueEnum)]
pub enum Agent {
    /// Kiro: CLI 2, the v3 engine and the IDE.
    Kiro,
    /// Amazon Q Developer CLI.
    #[value(alias = "q")]
    AmazonQ,
    /// Claude Code.
    #[value(alias = "claude")]
    ClaudeCode,
    /// Codex CLI.
    Codex,
    /// Cursor and Cursor Agent.
    Cursor,
    /// Gemini CLI.
    #[value(alias = "gemini")]
    GeminiCli,
    /// GitHub Copilot CLI.
    #[value(alias = "copilot")]
    CopilotCli,
    /// Qwen Code.
    #[value(alias = "qwen")]
    QwenCode,
    /// opencode, through guard's plugin.
    Opencode,
    /// Windsurf.
    Windsurf,
    /// Cline: IDE and CLI.
    Cline,
    /// OpenHands.
    Openhands,
    /// Devin.
    Devin,
}

impl Agent {
    /// The name on the command line and in the record.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kiro => "kiro",
            Self::AmazonQ => "amazon-q",
            Self::ClaudeCode => "claude-code",
            Self::Codex => "codex",
            Self::Cursor => "cursor",
            Self::GeminiCli => "gemini-cli",
            Self::CopilotCli => "copilot-cli",
            Self::QwenCode => "qwen-code",
            Self::Opencode => "opencode",
            Self::Windsurf => "windsurf",
            Self::Cline => "cline",
            Self::Openhands => "openhands",
            Self::Devin => "devin",
        }
    }

    /// How long a rewritten command may wait for an answer, where this agent
    /// gives up before the 110 seconds that guard waits by itself. Measured:
    /// Codex answers its model after 10 seconds and ends the process with the
    /// run; Cline kills after 30.
    #[must_use]
    pub const fn wait(self) -> Option<&'static str> {
        match self {
            Self::Codex => Some("8s"),
            Self::Cline => Some("25s"),
            _ => None,
        }
    }

    /// The members of a tool's input that move the tool to another folder. Only
    /// those that this agent is known to obey: the model writes the input, and a
    /// folder that the agent ignores would be one that only guard believes in.
    #[must_use]
    pub(super) const fn folder_members(self) -> &'static [&'static str] {
        match self {
            Self::GeminiCli => &["directory", "dir_path"],
            Self::Opencode => &["workdir"],
            Self::Kiro | Self::Cursor => &["cwd"],
            _ => &[],
        }
    }

    /// Whether the agent has a tool that types into a program that it started
    /// earlier. No hook sees what is typed, so an interactive program is as much
    /// as any command.
    #[must_use]
    pub const fn types_unseen(self) -> bool {
        matches!(self, Self::Codex | Self::CopilotCli)
    }

    /// Whether the agent ends its run at a refusal and tells neither its model nor
    /// the person why. What it can run in place of the command is told better: there
    /// `guard run` refuses, and its text is what the tool answers.
    #[must_use]
    pub const fn hides_refusals(self) -> bool {
        matches!(self, Self::Cline)
    }

    /// Whether the agent itself has a tool that calls AWS (`use_aws`).
    #[must_use]
    pub const fn calls_aws(self) -> bool {
        matches!(self, Self::AmazonQ | Self::Kiro)
    }
}
