//! Where coding agents keep the settings that decide which commands they ask
//! about, and the hooks that bring commands to guard. Names of files only: an
//! agent that is new is a new line here.

/// Folders of agents with the files and folders in them that count. Components
/// match wherever they stand: in a home, in a project, in another home.
const SETTINGS: &[(&str, &[&str])] = &[
    (".claude", &["settings.json", "settings.local.json", "hooks", "plugins"]),
    (".codex", &["config.toml", "hooks.json", "hooks", "requirements.toml", "rules"]),
    (".cursor", &["hooks.json", "hooks", "cli.json", "cli-config.json", "permissions.json"]),
    (
        ".gemini",
        &[
            "settings.json",
            "policies",
            "hooks",
            "config",
            "trusted_hooks.json",
            "trustedFolders.json",
        ],
    ),
    (".qwen", &["settings.json", "hooks", "policies"]),
    (".copilot", &["settings.json", "config.json", "hooks"]),
    (".github", &["hooks"]),
    (".github/copilot", &["settings.json", "settings.local.json"]),
    (".opencode", &["plugin", "plugins", "opencode.json", "opencode.jsonc"]),
    (".config/opencode", &["plugin", "plugins", "opencode.json", "opencode.jsonc", "config.json"]),
    (".config/amp", &["settings.json", "settings.jsonc"]),
    (".windsurf", &["hooks.json"]),
    (".codeium/windsurf", &["hooks.json"]),
    (".kiro", &["hooks", "agents", "settings"]),
    (".amazonq", &["cli-agents", "agents", "settings.json"]),
    (".aws/amazonq", &["cli-agents", "agents", "settings.json"]),
    (".cline", &["hooks", "settings.json"]),
    (".clinerules", &["hooks"]),
    ("Cline", &["Hooks"]),
    (".continue", &["config.yaml", "config.json", "permissions.yaml"]),
    (".factory", &["settings.json", "hooks", "config.json"]),
    (".augment", &["settings.json", "hooks"]),
    (".openhands", &["hooks.json", "hooks"]),
    (".devin", &["hooks.v1.json", "config.json", "config.local.json"]),
    (".config/devin", &["config.json"]),
    (".config/goose", &["config.yaml", "permission.yaml"]),
    (".config/crush", &["crush.json"]),
    (".config/github-copilot", &["settings.json", "hooks"]),
];

/// Of those folders, the ones that hold hardly anything else: removing or
/// moving the whole of one takes the settings with it.
const WHOLE: &[&str] = &[
    ".claude",
    ".codex",
    ".gemini",
    ".qwen",
    ".copilot",
    ".opencode",
    ".config/opencode",
    ".config/amp",
    ".windsurf",
    ".kiro",
    ".amazonq",
    ".cline",
    ".continue",
    ".factory",
    ".augment",
    ".openhands",
    ".devin",
];

/// Files with such settings by name alone.
const FILES: &[&str] = &[
    ".guard.yaml",
    ".aider.conf.yml",
    "managed-settings.json",
    "opencode.json",
    "opencode.jsonc",
    ".crush.json",
];

/// Folders of the whole system with such settings.
const SYSTEM: &[&str] = &[
    "/etc/claude-code",
    "/etc/codex",
    "/etc/gemini-cli",
    "/etc/github-copilot",
    "/etc/cursor",
    "/etc/windsurf",
    "/etc/opencode",
    "/Library/Application Support/ClaudeCode",
    "/Library/Application Support/Cursor",
    "/Library/Application Support/Windsurf",
];

/// Names under which guard itself is installed or keeps its files, whoever's
/// they are; below an absolute folder of programs or of a user's data.
const OWN: &[&str] = &[
    "/bin/guard",
    "/bin/guard-sh",
    "/sbin/guard",
    "/.config/guard",
    "/.local/state/guard",
    "/.local/share/guard",
    "/Application Support/guard",
];

/// Whether a normalised path is a setting of an agent.
#[must_use]
pub(super) fn is_setting(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    FILES.contains(&last)
        || SYSTEM.iter().any(|dir| super::paths::within(path, dir))
        || WHOLE.iter().any(|dir| ends_with_components(path, dir))
        || SETTINGS.iter().any(|(dir, names)| {
            below(path, dir).is_some_and(|rest| {
                let first = rest.split('/').next().unwrap_or_default();
                names.contains(&first)
            })
        })
}

/// Whether a normalised path is a file of guard's own by its name.
#[must_use]
pub(super) fn is_guard(path: &str) -> bool {
    OWN.iter().any(|name| {
        path.find(name).is_some_and(|at| {
            let rest = path.get(at + name.len()..).unwrap_or_default();
            rest.is_empty() || rest.starts_with('/')
        })
    })
}

fn ends_with_components(path: &str, dir: &str) -> bool {
    path.strip_suffix(dir).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

/// What follows the first place in `path` where the components of `dir` stand.
fn below<'p>(path: &'p str, dir: &str) -> Option<&'p str> {
    path.match_indices(dir).find_map(|(at, _)| {
        let begins = at == 0 || path.get(..at).is_some_and(|before| before.ends_with('/'));
        let rest = path.get(at + dir.len()..)?.strip_prefix('/')?;
        begins.then_some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::{is_guard, is_setting};

    #[test]
    fn settings_of_agents_are_found_in_every_folder() {
        for path in [
            "/home/user/.claude/settings.json",
            "/home/user/project/.claude/settings.local.json",
            "/srv/.claude",
            "/root/.codex/config.toml",
            "/home/user/project/.github/hooks/x.json",
            "/home/user/.config/opencode/plugin/guard.js",
            "/home/user/project/.guard.yaml",
            "/etc/codex/requirements.toml",
        ] {
            assert!(is_setting(path), "{path}");
        }
        for path in [
            "/home/user/project/.claude/commands/review.md",
            "/home/user/project/.cursor",
            "/home/user/project/.cursor/rules/style.mdc",
            "/home/user/project/.github/workflows/ci.yml",
            "/home/user/project/claude/settings.json",
            "/home/user/project/my.codex/config.toml",
        ] {
            assert!(!is_setting(path), "{path}");
        }
    }

    #[test]
    fn guard_is_known_by_where_it_is_installed() {
        for path in
            ["/usr/local/bin/guard", "/home/x/.cargo/bin/guard", "/root/.config/guard/policy.yaml"]
        {
            assert!(is_guard(path), "{path}");
        }
        for path in ["/usr/bin/guardian", "/home/x/guard/src", "/opt/guard"] {
            assert!(!is_guard(path), "{path}");
        }
    }
}
