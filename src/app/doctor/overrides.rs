//! Settings beside guard's hook that keep it from being called: switches in any
//! of the files that an agent reads, files that outrank others, and variables
//! that lead the agent to other files. Which switch beats which was measured with
//! the agents; docs/agents.md has the sources.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::Finding;
use crate::hook::Agent;
use crate::install::{calls, settings};

/// guard's name where an agent lists hooks by name.
const NAME: &str = "guard";
/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 1 << 20;
const WHY: &str = "guard's hook is never called, and the agent says nothing about it";

/// Where an agent looks for settings.
pub(super) struct Places<'a> {
    /// The home folder.
    pub home: &'a Path,
    /// The project, if there is one.
    pub project: Option<&'a Path>,
    /// What stands in front of `/etc`: the root.
    pub root: &'a Path,
    /// The environment that the agent would get.
    pub env: &'a dyn Fn(&str) -> Option<OsString>,
}

/// A file of settings that is there.
struct File {
    path: PathBuf,
    text: String,
    value: Value,
}

impl File {
    fn read(path: PathBuf) -> Option<Self> {
        let meta = std::fs::metadata(&path).ok()?;
        if !meta.is_file() || meta.len() > MAX_FILE {
            return None;
        }
        let text = std::fs::read_to_string(&path).ok()?;
        let value = settings(&text).unwrap_or_default();
        Some(Self { path, text, value })
    }

    fn says(&self, pointer: &str) -> Option<bool> {
        self.value.pointer(pointer).and_then(Value::as_bool)
    }

    /// Whether guard's hook is in it.
    fn hooked(&self) -> bool {
        calls(&self.text).is_ok_and(|calls| !calls.is_empty())
    }
}

/// What keeps an agent from calling guard's hook.
pub(super) fn overrides(agent: Agent, places: &Places<'_>) -> Vec<Finding> {
    let mut out = match agent {
        Agent::ClaudeCode => claude(places),
        Agent::GeminiCli => gemini(places),
        Agent::Codex => codex(places),
        Agent::CopilotCli => copilot(places),
        Agent::Opencode => opencode(places),
        _ => Vec::new(),
    };
    out.extend(moved(agent, places));
    out
}

impl Places<'_> {
    fn of_home(&self, name: &str) -> Option<File> {
        File::read(self.home.join(name))
    }

    fn of_project(&self, name: &str) -> Option<File> {
        File::read(self.project?.join(name))
    }

    fn of_system(&self, name: &str) -> Option<File> {
        File::read(self.root.join("etc").join(name))
    }

    /// The files of a folder of the system, in the order of their names.
    fn drop_ins(&self, folder: &str) -> Vec<File> {
        let Ok(entries) = std::fs::read_dir(self.root.join("etc").join(folder)) else {
            return Vec::new();
        };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
        paths.sort();
        paths.into_iter().filter_map(File::read).collect()
    }
}

/// Claude Code: a switch of the user or the project does not reach a hook of the
/// machine's settings; those can leave out everybody else's.
fn claude(places: &Places<'_>) -> Vec<Finding> {
    let name = Agent::ClaudeCode.name();
    let mut managed: Vec<File> =
        places.of_system("claude-code/managed-settings.json").into_iter().collect();
    managed.extend(places.drop_ins("claude-code/managed-settings.d"));
    let pinned = managed.iter().any(File::hooked);
    let own = [
        places.of_home(".claude/settings.json"),
        places.of_project(".claude/settings.json"),
        places.of_project(".claude/settings.local.json"),
    ];
    let own_files: Vec<File> = own.into_iter().flatten().collect();
    let mut out: Vec<Finding> = managed
        .iter()
        .chain(own_files.iter().filter(|_| !pinned))
        .filter(|file| file.says("/disableAllHooks") == Some(true))
        .map(|file| off(name, &file.path, "remove `disableAllHooks`"))
        .collect();
    let only = managed.iter().find(|file| file.says("/allowManagedHooksOnly") == Some(true));
    out.extend(only.filter(|_| !pinned).map(|file| left_out(name, &file.path)));
    let files = own_files.iter().chain(&managed);
    out.extend(files.filter(|file| answers_dialogs(file)).map(|file| {
        Finding::note(
            name,
            format!("{}: a hook of somebody else answers its dialogs", file.path.display()),
            "what guard asks there may be answered by a program; policy that raises a command to \
             `challenge` asks a person elsewhere",
        )
    }));
    out
}

/// Whether another program than guard is asked at Claude Code's dialogs.
fn answers_dialogs(file: &File) -> bool {
    let groups = file.value.pointer("/hooks/PermissionRequest").and_then(Value::as_array);
    let hooks = groups.into_iter().flatten();
    let mut hooks = hooks.filter_map(|group| group.get("hooks")?.as_array()).flatten();
    hooks.any(|hook| !hook.to_string().contains("guard hook "))
}

/// Gemini CLI: the last of its files that says something decides.
fn gemini(places: &Places<'_>) -> Vec<Finding> {
    let name = Agent::GeminiCli.name();
    let files = [
        places.of_system("gemini-cli/system-defaults.json"),
        places.of_home(".gemini/settings.json"),
        places.of_project(".gemini/settings.json"),
        places.of_system("gemini-cli/settings.json"),
    ];
    let files: Vec<File> = files.into_iter().flatten().collect();
    let decides = files.iter().rfind(|file| file.says("/hooksConfig/enabled").is_some());
    let disabled = decides.filter(|file| file.says("/hooksConfig/enabled") == Some(false));
    let mut out: Vec<Finding> = disabled
        .map(|file| off(name, &file.path, "set hooksConfig.enabled to true"))
        .into_iter()
        .collect();
    let named = |file: &&File| {
        let list = file.value.pointer("/hooksConfig/disabled").and_then(Value::as_array);
        list.is_some_and(|list| list.iter().any(|entry| entry.as_str() == Some(NAME)))
    };
    let fix = "take `guard` out of hooksConfig.disabled";
    out.extend(files.iter().filter(named).map(|file| off(name, &file.path, fix)));
    out
}

/// Codex: `features.hooks`, unless the machine's requirements pin it.
fn codex(places: &Places<'_>) -> Vec<Finding> {
    let pinned = places
        .of_system("codex/requirements.toml")
        .is_some_and(|file| toml_says(&file.text, "features", "hooks") == Some(true));
    let file = places.of_home(".codex/config.toml").filter(|_| !pinned);
    let file = file.filter(|file| toml_says(&file.text, "features", "hooks") == Some(false));
    let fix = "remove `hooks = false` from [features]";
    file.map(|file| off(Agent::Codex.name(), &file.path, fix)).into_iter().collect()
}

/// Copilot CLI: the machine's settings can leave out the user's hooks.
fn copilot(places: &Places<'_>) -> Vec<Finding> {
    let file = places.of_system("github-copilot/managed-settings.json");
    let file = file.filter(|file| file.says("/allowManagedHooksOnly") == Some(true));
    let pinned = places.drop_ins("github-copilot/policy.d").iter().any(File::hooked);
    let file = file.filter(|_| !pinned);
    file.map(|file| left_out(Agent::CopilotCli.name(), &file.path)).into_iter().collect()
}

fn opencode(places: &Places<'_>) -> Vec<Finding> {
    let set = (places.env)("OPENCODE_PURE").filter(|value| !value.is_empty() && value != "0");
    let what = "OPENCODE_PURE is set: no plugin is loaded";
    set.map(|_| Finding::bad(Agent::Opencode.name(), what, WHY, "unset OPENCODE_PURE"))
        .into_iter()
        .collect()
}

/// A variable that leads the agent to another folder than the one that guard
/// writes to.
fn moved(agent: Agent, places: &Places<'_>) -> Option<Finding> {
    let (variable, usual) = match agent {
        Agent::ClaudeCode => ("CLAUDE_CONFIG_DIR", ".claude"),
        Agent::Codex => ("CODEX_HOME", ".codex"),
        Agent::CopilotCli => ("COPILOT_HOME", ".copilot"),
        Agent::Kiro => ("KIRO_HOME", ".kiro"),
        Agent::Cline => ("CLINE_DIR", ".cline"),
        _ => return None,
    };
    let folder = (places.env)(variable).filter(|value| !value.is_empty()).map(PathBuf::from)?;
    let other = std::path::absolute(&folder).ok()? != places.home.join(usual);
    other.then(|| {
        Finding::bad(
            agent.name(),
            format!("{variable} is set: settings are read in {}", folder.display()),
            "guard's hook stands in the usual folder, which the agent does not read then",
            format!("unset {variable}, or copy the hook there"),
        )
    })
}

fn off(name: &str, path: &Path, fix: &str) -> Finding {
    Finding::bad(name, format!("{}: hooks are switched off", path.display()), WHY, fix)
}

fn left_out(name: &str, path: &Path) -> Finding {
    Finding::bad(
        name,
        format!("{}: only hooks of this machine's settings count", path.display()),
        WHY,
        format!("sudo guard init {name} --scope managed"),
    )
}

/// A switch in a TOML file: below its section, or with a dot at the top.
fn toml_says(text: &str, section: &str, key: &str) -> Option<bool> {
    let dotted = format!("{section}.{key}");
    let mut inside = "";
    let mut found = None;
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if let Some(header) = line.strip_prefix('[') {
            inside = header.trim_end_matches(']').trim();
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let (name, value) = (name.trim(), value.trim());
        let inline = format!("{key}=");
        if name == section && inside.is_empty() {
            let squeezed: String = value.split_whitespace().collect();
            let rest = squeezed.split_once(&inline).map(|(_, rest)| rest.to_owned());
            found = rest.and_then(|rest| bool_at(&rest)).or(found);
        } else if (inside == section && name == key) || (inside.is_empty() && name == dotted) {
            found = bool_at(value).or(found);
        }
    }
    found
}

fn bool_at(text: &str) -> Option<bool> {
    [("true", true), ("false", false)]
        .into_iter()
        .find(|(word, _)| text.starts_with(word))
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is found with these files (below the root, the home or the project)
    /// and these variables.
    fn found(agent: Agent, files: &[(&str, &str)], vars: &[(&str, &str)]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let env = |name: &str| vars.iter().find(|var| var.0 == name).map(|var| var.1.into());
        let (home, project) = (dir.path().join("home"), dir.path().join("project"));
        let places = Places { home: &home, project: Some(&project), root: dir.path(), env: &env };
        let mut found: Vec<String> =
            overrides(agent, &places).into_iter().map(|finding| finding.what).collect();
        for what in &mut found {
            *what = what.replace(&format!("{}/", dir.path().display()), "");
        }
        found
    }

    /// A hook as `guard init` registers it.
    const HOOK: &str = r#"{"hooks":{"PreToolUse":[{"hooks":[{"type":"command","command":"guard hook claude-code"}]}]},"x":1}"#;
    const OFF: &str = "{\n  // for a moment\n  \"disableAllHooks\" : true,\n}";

    #[test]
    fn a_switch_in_any_file_of_claude_code_is_found_unless_the_machine_pins_the_hook() {
        let agent = Agent::ClaudeCode;
        assert!(found(agent, &[("home/.claude/settings.json", "{}")], &[]).is_empty());
        for file in [
            "home/.claude/settings.json",
            "project/.claude/settings.json",
            "project/.claude/settings.local.json",
        ] {
            assert_eq!(
                found(agent, &[(file, OFF)], &[]),
                [format!("{file}: hooks are switched off")]
            );
            let managed = ("etc/claude-code/managed-settings.json", HOOK);
            assert!(found(agent, &[(file, OFF), managed], &[]).is_empty(), "{file}");
        }
        let only =
            ("etc/claude-code/managed-settings.d/10.json", "{\"allowManagedHooksOnly\": true}");
        assert_eq!(
            found(agent, &[only], &[]),
            [
                "etc/claude-code/managed-settings.d/10.json: only hooks of this machine's settings count"
            ]
        );
    }

    #[test]
    fn a_program_that_answers_claude_codes_dialogs_is_told() {
        let hook = |command: &str| {
            format!(
                r#"{{"hooks":{{"PermissionRequest":[{{"matcher":"Bash","hooks":[{{"type":"command","command":"{command}"}}]}}]}}}}"#
            )
        };
        let file = "project/.claude/settings.json";
        let found = |command| found(Agent::ClaudeCode, &[(file, &hook(command))], &[]);
        assert!(found("/usr/bin/guard hook claude-code --dialog").is_empty());
        assert_eq!(
            found("~/bin/yes.sh"),
            [format!("{file}: a hook of somebody else answers its dialogs")]
        );
    }

    #[test]
    fn of_geminis_files_the_last_one_decides() {
        let agent = Agent::GeminiCli;
        let says = |file: &'static str, on: bool| {
            (
                file,
                if on {
                    r#"{"hooksConfig":{"enabled":true}}"#
                } else {
                    r#"{"hooksConfig":{"enabled":false}}"#
                },
            )
        };
        let (user, system) = ("home/.gemini/settings.json", "etc/gemini-cli/settings.json");
        assert_eq!(
            found(agent, &[says(user, false)], &[]),
            [format!("{user}: hooks are switched off")]
        );
        assert!(found(agent, &[says(user, false), says(system, true)], &[]).is_empty());
        assert_eq!(
            found(agent, &[says(user, true), says(system, false)], &[]),
            [format!("{system}: hooks are switched off")]
        );
        let named = (user, r#"{"hooksConfig":{"disabled":["other","guard"]}}"#);
        assert_eq!(found(agent, &[named], &[]), [format!("{user}: hooks are switched off")]);
    }

    #[test]
    fn codex_reads_its_switch_unless_requirements_pin_it() {
        let agent = Agent::Codex;
        let file = "home/.codex/config.toml";
        for text in [
            "[features]\nhooks = false # x\n",
            "features.hooks=false\n",
            "features = { hooks = false }\n",
        ] {
            assert_eq!(
                found(agent, &[(file, text)], &[]),
                [format!("{file}: hooks are switched off")]
            );
            let pin = ("etc/codex/requirements.toml", "[features]\nhooks = true\n");
            assert!(found(agent, &[(file, text), pin], &[]).is_empty());
        }
        for text in [
            "",
            "[features]\nhooks = true\n",
            "[other]\nhooks = false\n",
            "# features.hooks=false\n",
        ] {
            assert!(found(agent, &[(file, text)], &[]).is_empty(), "{text}");
        }
    }

    #[test]
    fn variables_that_lead_an_agent_elsewhere_are_found() {
        let away = |agent, name| found(agent, &[], &[(name, "/srv/other")]);
        assert_eq!(
            away(Agent::Codex, "CODEX_HOME"),
            ["CODEX_HOME is set: settings are read in /srv/other"]
        );
        assert_eq!(away(Agent::ClaudeCode, "CLAUDE_CONFIG_DIR").len(), 1);
        assert_eq!(away(Agent::CopilotCli, "COPILOT_HOME").len(), 1);
        assert!(away(Agent::GeminiCli, "CODEX_HOME").is_empty());
        assert_eq!(found(Agent::Opencode, &[], &[("OPENCODE_PURE", "1")]).len(), 1);
        assert!(found(Agent::Opencode, &[], &[("OPENCODE_PURE", "0")]).is_empty());
    }

    #[test]
    fn settings_of_copilot_that_leave_users_out_are_found_unless_policy_has_the_hook() {
        let only = ("etc/github-copilot/managed-settings.json", "{\"allowManagedHooksOnly\":true}");
        let policy = ("etc/github-copilot/policy.d/guard.json", HOOK);
        assert_eq!(found(Agent::CopilotCli, &[only], &[]).len(), 1);
        assert!(found(Agent::CopilotCli, &[only, policy], &[]).is_empty());
    }
}
