//! Colour, passed around as a value: nothing global, so that a screen is a pure
//! function of its input.
//!
//! Colour is only ever extra. Every screen says the same in words.

use std::ffi::OsString;
use std::fmt;

use anstyle::{AnsiColor, Style};

/// What a piece of text means; the palette decides how that looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Role {
    /// Ordinary text.
    #[default]
    Plain,
    /// Labels and evidence: there when looked for.
    Dim,
    /// The thing to read first.
    Strong,
    /// Destroys something, or is refused.
    Danger,
    /// Needs care.
    Warn,
    /// Harmless or done.
    Good,
    /// The program of a command.
    Program,
    /// A subcommand.
    Subcommand,
    /// An option.
    Option,
    /// An operand: what is acted on.
    Operand,
    /// A part that is not known before the command runs.
    Unknown,
}

impl Role {
    const fn style(self) -> Style {
        let style = Style::new();
        match self {
            Self::Plain => style,
            Self::Dim => style.dimmed(),
            Self::Strong => style.bold(),
            Self::Danger => AnsiColor::Red.on_default().bold(),
            Self::Warn => AnsiColor::Yellow.on_default().bold(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Program => AnsiColor::Cyan.on_default().bold(),
            Self::Subcommand => AnsiColor::Cyan.on_default(),
            Self::Option => AnsiColor::Magenta.on_default(),
            Self::Operand => AnsiColor::Yellow.on_default(),
            Self::Unknown => AnsiColor::Red.on_default(),
        }
    }
}

/// Whether to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Palette {
    /// Write escape sequences.
    pub on: bool,
}

impl Palette {
    /// No colour.
    pub const OFF: Self = Self { on: false };
    /// Colour.
    pub const ON: Self = Self { on: true };

    /// Decides from the environment.
    ///
    /// `NO_COLOR`, set and not empty, always wins (no-color.org);
    /// `CLICOLOR_FORCE`, set and not `0`, asks for colour without a terminal
    /// (bixense.com/clicolors); else colour needs a terminal whose `TERM` is
    /// set and is not `dumb`.
    #[must_use]
    pub fn choose(var: impl Fn(&str) -> Option<OsString>, terminal: bool) -> Self {
        let set = |name: &str| var(name).is_some_and(|value| !value.is_empty());
        if set("NO_COLOR") {
            return Self::OFF;
        }
        if set("CLICOLOR_FORCE") && var("CLICOLOR_FORCE").is_none_or(|value| value != "0") {
            return Self::ON;
        }
        let able = var("TERM").is_some_and(|term| !term.is_empty() && term != "dumb");
        Self { on: terminal && able }
    }

    /// The text in the look of its role. The text is written as it is: escape
    /// it first when it comes from elsewhere, or use [`super::Line`].
    pub const fn paint<T>(self, role: Role, text: T) -> Painted<T> {
        Painted { on: self.on, role, text }
    }
}

/// Text with its look; made by [`Palette::paint`].
#[derive(Debug, Clone, Copy)]
pub struct Painted<T> {
    on: bool,
    role: Role,
    text: T,
}

impl<T: fmt::Display> fmt::Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.on {
            return self.text.fmt(f);
        }
        let style = self.role.style();
        write!(f, "{style}{}{style:#}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::{Palette, Role};

    fn choose(vars: &[(&str, &str)], terminal: bool) -> bool {
        let var = |name: &str| vars.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).into());
        Palette::choose(var, terminal).on
    }

    #[test]
    fn colour_follows_the_terminal_and_the_three_conventions() {
        assert!(choose(&[("TERM", "xterm")], true));
        assert!(!choose(&[("TERM", "xterm")], false));
        assert!(!choose(&[("TERM", "dumb")], true));
        assert!(!choose(&[], true));
        assert!(!choose(&[("TERM", "xterm"), ("NO_COLOR", "1")], true));
        assert!(choose(&[("TERM", "xterm"), ("NO_COLOR", "")], true), "empty means not set");
        assert!(choose(&[("CLICOLOR_FORCE", "1")], false));
        assert!(!choose(&[("CLICOLOR_FORCE", "0")], false));
        assert!(!choose(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], true));
    }

    #[test]
    fn without_colour_no_escape_sequence_is_written() {
        assert_eq!(Palette::OFF.paint(Role::Danger, "x").to_string(), "x");
        assert_eq!(Palette::ON.paint(Role::Danger, "x").to_string(), "\x1b[1m\x1b[31mx\x1b[0m");
        assert_eq!(Palette::ON.paint(Role::Plain, "x").to_string(), "x");
    }
}
