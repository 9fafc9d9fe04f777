//! `guard init` and `guard uninit` for every agent, in a home that looks like
//! somebody's: what they did not write stays as it is, to the byte.

use std::collections::BTreeMap;
use std::path::Path;

use crate::harness::Place;
use crate::hook::AGENTS;
use crate::second::desk::{ended, people};

/// Settings of others: the agent, a file, the event that guard uses too, and
/// whether its hooks stand in groups.
const THEIRS: &[(&str, &str, &str, bool)] = &[
    ("amazon-q", ".aws/amazonq/cli-agents/q_cli_default.json", "preToolUse", false),
    ("amazon-q", ".aws/amazonq/cli-agents/mine.json", "preToolUse", false),
    ("claude-code", ".claude/settings.json", "PreToolUse", true),
    ("codex", ".codex/hooks.json", "PreToolUse", true),
    ("cursor", ".cursor/hooks.json", "beforeShellExecution", false),
    ("devin", ".config/devin/config.json", "PreToolUse", true),
    ("gemini-cli", ".gemini/settings.json", "BeforeTool", true),
    ("kiro", ".kiro/agents/mine.json", "preToolUse", false),
    ("openhands", ".openhands/hooks.json", "PreToolUse", true),
    ("qwen-code", ".qwen/settings.json", "PreToolUse", true),
    ("windsurf", ".codeium/windsurf/hooks.json", "pre_run_command", false),
];

/// Files beside which guard puts one of its own, and settings that name an agent.
const BESIDE: &[(&str, &str, &str)] = &[
    ("amazon-q", ".local/share/amazon-q/settings.json", "{\n  \"chat.theme\": \"dark\"\n}\n"),
    ("cline", ".cline/hooks/TaskStart.sh", "#!/bin/sh\necho '{}'\n"),
    ("copilot-cli", ".copilot/hooks/mine.json", "{\"version\": 1, \"hooks\": {}}\n"),
    ("kiro", ".kiro/settings/cli.json", "{\n    \"chat.theme\" : \"dark\"\n}"),
    ("kiro", ".kiro/hooks/mine.json", "{\"version\": \"v1\", \"hooks\": []}\n"),
    ("opencode", ".config/opencode/plugins/mine.js", "export const Mine = async () => ({})\n"),
];

fn settings(event: &str, grouped: bool) -> String {
    let hook = r#"{"type": "command",  "command": "~/bin/lint.sh"}"#;
    let entry = match grouped {
        true => format!(r#"{{"matcher": "Bash", "hooks": [{hook}]}}"#),
        false => hook.to_owned(),
    };
    format!(
        "{{\n    // what works for us\n    \"name\": \"mine\", \"version\": 1,\n    \"hooks\": {{\n        \
         \"{event}\": [\n            {entry} /* keep */\n        ],\n        \
         \"stop\": [ {{ \"command\":\"notify-send done\" }} ]\n    }},\n    \
         \"list\": [\"a\",   \"b\"] // the end\n}}\n"
    )
}

/// A home with settings of others for an agent.
fn home(agent: &str) -> Place {
    let place = Place::new();
    for (_, file, event, grouped) in THEIRS.iter().filter(|row| row.0 == agent) {
        place.write_home(file, settings(event, *grouped));
    }
    for (_, file, text) in BESIDE.iter().filter(|row| row.0 == agent) {
        place.write_home(file, text);
    }
    place
}

/// Every file of the home, but for what guard keeps for itself.
fn files(place: &Place) -> BTreeMap<String, Vec<u8>> {
    fn walk(dir: &Path, home: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(home).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                walk(&path, home, out);
            } else if !name.starts_with(".local/state/guard/") {
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let (home, mut out) = (place.path("home"), BTreeMap::new());
    walk(&home, &home, &mut out);
    out
}

#[test]
fn a_dry_run_shows_the_difference_for_every_agent_and_writes_nothing() {
    for agent in AGENTS {
        for place in [Place::new(), home(agent)] {
            let before = files(&place);
            let dry = place.run(["init", agent, "--dry-run"]);
            assert_eq!(dry.code, Some(0), "{agent}: {}", dry.stderr);
            assert!(dry.stderr.lines().any(|line| line.trim_start().starts_with("+ ")), "{agent}");
            assert!(dry.stderr.contains("hook"), "{agent}: {}", dry.stderr);
            assert_eq!(files(&place), before, "{agent}");
            assert!(!place.path("home/.local/state/guard/agents").exists(), "{agent}");
            assert!(!place.kinds().contains(&"policy_change".to_owned()), "{agent}");
        }
    }
}

#[test]
fn what_others_wrote_keeps_every_byte_and_its_place_in_every_agents_settings() {
    for agent in AGENTS {
        let place = home(agent);
        let before = files(&place);
        let done = place.run(["init", agent, "--yes"]);
        assert_eq!(done.code, Some(0), "{agent}: {}", done.stderr);
        let after = files(&place);
        assert_ne!(after, before, "{agent}");
        for (name, theirs) in &before {
            let theirs = String::from_utf8(theirs.clone()).unwrap();
            let now = String::from_utf8(after[name].clone()).unwrap();
            // Without guard's entries, which stand in lines of their own, there are
            // at most commas more.
            let mut rest = now.as_str();
            let pieces = theirs.lines().flat_map(|line| line.split(" /* "));
            for piece in pieces.flat_map(|piece| piece.split(" // ")) {
                let piece = piece.trim_end_matches(',');
                let at =
                    rest.find(piece).unwrap_or_else(|| panic!("{agent} {name}: {piece}\n{now}"));
                rest = &rest[at + piece.len()..];
            }
        }
        let again = place.run(["init", agent, "--yes"]);
        assert!(again.stderr.contains("nothing to write"), "{agent}: {}", again.stderr);
        assert_eq!(files(&place), after, "{agent}");
    }
}

/// A home with this agent's hooks in it, and the files from before.
fn installed(agent: &str) -> (Place, BTreeMap<String, Vec<u8>>) {
    let place = home(agent);
    let before = files(&place);
    assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0), "{agent}");
    (place, before)
}

#[test]
fn uninit_brings_back_every_agents_settings() {
    if !people() {
        return;
    }
    for agent in AGENTS {
        let (place, before) = installed(agent);
        taken_away(&place, agent);
        assert_eq!(files(&place), before, "{agent}");
    }
}

#[test]
fn uninit_takes_only_guards_entries_out_of_settings_that_were_changed_since() {
    if !people() {
        return;
    }
    for agent in AGENTS {
        let (place, before) = installed(agent);
        for (_, file, ..) in THEIRS.iter().filter(|row| row.0 == agent) {
            let path = place.path("home").join(file);
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text.replace("// the end", "// the very end")).unwrap();
        }
        taken_away(&place, agent);
        let after = files(&place);
        for (_, file, ..) in THEIRS.iter().filter(|row| row.0 == agent) {
            let text = |files: &BTreeMap<String, Vec<u8>>| {
                let text = String::from_utf8(files[*file].clone()).unwrap();
                let text = text.replace("very ", "").split_whitespace().collect::<String>();
                // Commas that JSON with comments may have, and that nobody reads.
                text.replace(",/*", "/*").replace(",//", "//")
            };
            assert_eq!(text(&after), text(&before), "{agent} {file}");
        }
    }
}

fn taken_away(place: &Place, agent: &str) {
    let mut command = place.guard(["uninit", agent]);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let mut pty = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    pty.exp_string("To take guard away").unwrap();
    pty.send_line(agent).unwrap();
    let (code, said) = ended(pty);
    assert_eq!(code, 0, "{agent}: {said}");
}
