//! What a person's own shell evaluates so that guard is asked before a line runs.
//!
//! The check is bound to the Enter key, before the shell takes the line, because
//! that is the one place where bash, zsh and fish all let a line be kept from
//! running: bash's own hook before a command, the DEBUG trap, can only skip a
//! command with `extdebug`, which changes how functions and sourced files behave.
//! A line that nobody needs to agree to is run by the shell itself; any other is
//! exchanged for the call of guard that asks and then runs it.

/// A shell that people type into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// GNU bash, 4.4 or later.
    Bash,
    /// zsh, 5.3 or later.
    Zsh,
    /// fish, 3.1 or later.
    Fish,
}

/// The lines for the start file. `guard` is the program, quoted for a POSIX
/// shell, `shims` the folder of links, if there is one, quoted too.
#[must_use]
pub fn check(shell: Shell, guard: &str, shims: Option<&str>) -> String {
    let text = match shell {
        Shell::Bash => include_str!("shell/bash.sh"),
        Shell::Zsh => include_str!("shell/zsh.sh"),
        Shell::Fish => include_str!("shell/fish.fish"),
    };
    let path = shims.map(|shims| path(shell, shims)).unwrap_or_default();
    format!("{path}{}", text.replace("@GUARD@", guard))
}

/// The lines that make single tools ask, and nothing else.
#[must_use]
pub fn aliases(shell: Shell, guard: &str, tools: &[String]) -> String {
    let line = |tool: &String| match shell {
        Shell::Bash | Shell::Zsh => {
            // Inside quotes, so that a quote in the path of guard stays one.
            let call = format!("{guard} -- {tool}").replace('\'', "'\\''");
            format!("alias {tool}='{call}'\n")
        }
        Shell::Fish => {
            format!("function {tool} --wraps={tool}\n    {guard} -- {tool} $argv\nend\n")
        }
    };
    tools.iter().map(line).collect()
}

fn path(shell: Shell, shims: &str) -> String {
    match shell {
        Shell::Bash | Shell::Zsh => {
            format!("case \":$PATH:\" in :{shims}:*) ;; *) export PATH={shims}:\"$PATH\" ;; esac\n")
        }
        Shell::Fish => format!("fish_add_path --path --move --prepend {shims}\n"),
    }
}
