//! `guard init` and `guard uninit` on settings that look like people's own, and
//! the hook that was written, called as the agent calls it.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use crate::harness::{Output, Place, output, root};
use crate::second::desk::{ended, people};

const SETTINGS: &str = r#"{
    // what works for us
    "model": "opus",
    "hooks": {
        "PreToolUse": [
            {"matcher": "Bash", "hooks": [{"type": "command", "command": "~/bin/lint.sh"}]}
        ],
        "Stop": [ { "hooks": [{ "type": "command", "command": "notify-send done" }] } ]
    },
    "permissions": { "allow": ["Bash(ls:*)"],   "deny": [] }
}
"#;

/// Calls what is registered as the agent does: through a shell, with a payload.
fn call(place: &Place, line: &str, command: &str) -> Output {
    let payload = serde_json::json!({"hook_event_name": "PreToolUse", "cwd": place.path("project"),
        "tool_name": "Bash", "tool_input": {"command": command}});
    let file = place.path("tmp").join("payload.json");
    std::fs::write(&file, payload.to_string()).unwrap();
    let mut shell = place.command("/bin/sh");
    shell.args(["-c", line]).stdin(std::fs::File::open(file).unwrap());
    output(&mut shell)
}

#[test]
fn init_keeps_what_is_there_and_writes_a_hook_that_stops_commands() {
    let place = Place::new();
    let path = place.write_home(".claude/settings.json", SETTINGS);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let dry = place.run(["init", "claude-code", "--dry-run"]);
    assert_eq!(dry.code, Some(0), "{}", dry.stderr);
    assert!(dry.stderr.contains("+ ") && dry.stderr.contains("onFailure"), "{}", dry.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), SETTINGS);

    let done = place.run(["init", "claude-code", "--yes"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    assert!(done.stderr.contains("by hand") && done.stderr.contains("cannot stop"));
    let text = std::fs::read_to_string(&path).unwrap();
    for kept in
        ["// what works for us", "~/bin/lint.sh", "notify-send done", "[\"Bash(ls:*)\"],   "]
    {
        assert!(text.contains(kept), "{kept}\n{text}");
    }
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let again = place.run(["init", "claude-code", "--yes"]);
    assert!(again.stderr.contains("nothing to write"), "{}", again.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);

    let bare = text.replace("// what works for us", "");
    let settings: serde_json::Value = serde_json::from_str(&bare).unwrap();
    let line = settings["hooks"]["PreToolUse"][1]["hooks"][0]["command"].as_str().unwrap();
    let stopped = call(&place, line, "rm -rf /");
    assert_eq!(stopped.code, Some(2), "{}", stopped.stderr);
    let passed = call(&place, line, "git status");
    assert_eq!((passed.code, passed.stdout.as_str()), (Some(0), ""), "{}", passed.stderr);
    // Without guard's program nothing runs.
    let gone = line.replace(crate::harness::GUARD, "/nowhere/guard");
    let missing = call(&place, &gone, "git status");
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("missing"), "{}", missing.stderr);
    let kinds = place.kinds();
    assert!(kinds.contains(&"policy_change".to_owned()), "{kinds:?}");
}

#[test]
fn a_hook_that_dies_or_hangs_is_a_refusal_in_what_is_registered() {
    let place = Place::new();
    for agent in ["codex", "cline"] {
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
    }
    let settings = std::fs::read_to_string(place.path("home/.codex/hooks.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let line = settings["hooks"]["PreToolUse"][0]["hooks"][0]["command"].as_str().unwrap();
    let script = std::fs::read_to_string(place.path("home/.cline/hooks/PreToolUse.sh")).unwrap();
    // Without the time that it takes to end a guard that hangs.
    let quick = |text: &str| text.replace("-s KILL 20 ", "-s KILL 1 ");
    for (name, body) in [
        ("killed", "kill -KILL $$"),
        ("crashed", "exit 101"),
        ("failed", "exit 1"),
        ("half", "printf '{'; kill -KILL $$"),
        ("hangs", "exec sleep 60"),
    ] {
        let dead = place.executable("guard", format!("#!/bin/sh\n{body}\n"));
        let dead = dead.to_str().unwrap();
        let told = call(&place, &quick(line).replace(crate::harness::GUARD, dead), "git status");
        assert_eq!(told.code, Some(2), "{name}: {}", told.stderr);
        assert!(told.stderr.contains("ended before it answered"), "{name}: {}", told.stderr);
        let told = call(&place, &quick(&script).replace(crate::harness::GUARD, dead), "git status");
        let answer: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!((told.code, &answer["cancel"]), (Some(0), &serde_json::json!(true)), "{name}");
    }
}

#[test]
fn what_is_registered_for_afterwards_stops_nothing_and_is_no_hook_that_asks() {
    let place = Place::new();
    for (agent, file, events) in [
        ("claude-code", ".claude/settings.json", &["PostToolUse", "PostToolUseFailure"][..]),
        ("codex", ".codex/hooks.json", &["PostToolUse"]),
        ("gemini-cli", ".gemini/settings.json", &["AfterTool"]),
        ("qwen-code", ".qwen/settings.json", &["PostToolUse"]),
        ("cursor", ".cursor/hooks.json", &["afterShellExecution"]),
        ("amazon-q", ".aws/amazonq/cli-agents/q_cli_default.json", &["postToolUse"]),
        ("kiro", ".kiro/agents/guard.json", &["postToolUse"]),
        ("copilot-cli", ".copilot/hooks/guard.json", &["postToolUse"]),
        ("openhands", ".openhands/hooks.json", &["PostToolUse"]),
        ("devin", ".config/devin/config.json", &["PostToolUse"]),
        ("windsurf", ".codeium/windsurf/hooks.json", &["post_run_command"]),
    ] {
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0), "{agent}");
        let path = place.path("home").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
        for event in events {
            let hook = settings["hooks"][event][0].to_string();
            assert!(hook.contains("--after"), "{agent} {event}: {hook}");
        }
        // Without the hook that asks, the one for afterwards is none.
        let mut only = settings.clone();
        only["hooks"].as_object_mut().unwrap().retain(|name, _| events.contains(&name.as_str()));
        std::fs::write(&path, only.to_string()).unwrap();
        let doctor = place.run(["doctor"]).stdout;
        std::fs::write(&path, &text).unwrap();
        let line = format!("{}: the hook stops", path.display());
        assert!(!doctor.contains(&line), "{agent}: {doctor}");
    }
    let text = std::fs::read_to_string(place.path("home/.gemini/settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
    let line = settings["hooks"]["AfterTool"][0]["hooks"][0]["command"].as_str().unwrap();
    // In some agents a failure would hide what the command has printed.
    for program in [crate::harness::GUARD, "/nowhere/guard", "/bin/false"] {
        let line = line.replace(crate::harness::GUARD, program);
        let payload = "{\"hook_event_name\": \"AfterTool\"}";
        let mut shell = place.command("/bin/sh");
        let file = place.path("tmp").join("after.json");
        std::fs::write(&file, payload).unwrap();
        shell.args(["-c", &line]).stdin(std::fs::File::open(file).unwrap());
        let told = output(&mut shell);
        assert_eq!((told.code, told.stdout.as_str()), (Some(0), ""), "{program}: {}", told.stderr);
    }
}

#[test]
fn uninit_brings_back_every_byte_and_only_for_a_person() {
    let place = Place::new();
    let path = place.write_home(".claude/settings.json", SETTINGS);
    place.run(["init", "claude-code", "--yes"]);
    let with_guard = std::fs::read_to_string(&path).unwrap();
    let refused = place.run(["uninit", "claude-code"]);
    assert_eq!(refused.code, Some(77), "{}", refused.stderr);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), with_guard);

    if !people() {
        return;
    }
    let mut command = place.guard(["uninit", "claude-code"]);
    command.env("TERM", "xterm").env("NO_COLOR", "1");
    let mut pty = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    pty.exp_string("To take guard away").unwrap();
    pty.send_line("claude-code").unwrap();
    let (code, said) = ended(pty);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("no longer asks guard"), "{said}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), SETTINGS);
}

#[test]
fn a_link_a_broken_file_and_a_foreign_script_are_left_alone() {
    let place = Place::new();
    let real = place.write_home("real.json", "{}");
    std::fs::create_dir_all(place.path("home/.claude")).unwrap();
    std::os::unix::fs::symlink(&real, place.path("home/.claude/settings.json")).unwrap();
    let linked = place.run(["init", "claude-code", "--yes"]);
    assert_eq!(linked.code, Some(1));
    assert!(linked.stderr.contains("link"), "{}", linked.stderr);
    assert_eq!(std::fs::read_to_string(&real).unwrap(), "{}");

    let broken = place.write_home(".gemini/settings.json", "{ \"a\": ");
    let output = place.run(["init", "gemini-cli", "--yes"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert_eq!(std::fs::read_to_string(&broken).unwrap(), "{ \"a\": ");

    let script = place.write_home(".cline/hooks/PreToolUse.sh", "#!/bin/sh\necho mine\n");
    let output = place.run(["init", "cline", "--yes"]);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert_eq!(std::fs::read_to_string(&script).unwrap(), "#!/bin/sh\necho mine\n");
    assert!(!place.path("home/Documents").exists(), "all files or none");
}

#[test]
fn both_engines_of_kiro_and_every_agent_file_of_the_user_get_the_hook() {
    let place = Place::new();
    let mine = place.write_home(".kiro/agents/mine.json", "{\"name\": \"mine\"}\n");
    let done = place.run(["init", "kiro", "--yes"]);
    assert_eq!(done.code, Some(0), "{}", done.stderr);
    let read = |name: &str| -> serde_json::Value {
        let text = std::fs::read_to_string(place.path("home/.kiro").join(name)).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    // A glob for one engine, a regular expression for the other.
    assert_eq!(read("agents/guard.json")["hooks"]["preToolUse"][0]["matcher"], "*");
    assert_eq!(read("agents/guard.json")["hooks"]["preToolUse"][0]["timeout_ms"], 600_000);
    assert_eq!(read("hooks/guard.json")["hooks"][0]["matcher"], ".*");
    assert_eq!(read("hooks/guard.json")["hooks"][0]["timeout"], 600);
    assert_eq!(read("settings/cli.json")["chat.defaultAgent"], "guard");
    assert!(std::fs::read_to_string(mine).unwrap().contains("hook kiro"));
}

#[test]
fn doctor_knows_an_agent_file_that_nobody_uses() {
    for (agent, settings, other) in [
        ("amazon-q", ".local/share/amazon-q/settings.json", ".aws/amazonq/cli-agents/x.json"),
        ("kiro", ".kiro/settings/cli.json", ".kiro/agents/x.json"),
    ] {
        let place = Place::new();
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
        let fine = place.run(["doctor"]);
        assert_eq!(fine.code, Some(0), "{agent}: {}", fine.stdout);
        place.write_home(settings, "{\"chat.defaultAgent\": \"x\"}");
        place.write_home(other, "{\"name\": \"x\", \"tools\": [\"*\"]}");
        let unused = place.run(["doctor"]);
        assert_eq!(unused.code, Some(1), "{agent}: {}", unused.stdout);
        assert!(unused.stdout.contains("`x` does not have the hook"), "{}", unused.stdout);
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
        assert_eq!(place.run(["doctor"]).code, Some(0), "{agent}");
    }
}

#[test]
fn init_alone_says_which_agents_are_here_and_whether_they_ask() {
    let place = Place::new();
    std::fs::create_dir_all(place.path("home/.codex")).unwrap();
    let output = place.run(["init"]);
    assert!(output.stdout.contains("codex") && output.stdout.contains("guard init codex"));
    place.run(["init", "codex", "--yes"]);
    assert!(place.run(["init"]).stdout.contains("asks guard"));
    let mut command = place.guard(["init", "qwen-code"]);
    let unasked = crate::harness::output(command.stdin(Stdio::null()));
    assert_eq!(unasked.code, Some(64), "{}", unasked.stderr);
    assert!(unasked.stderr.contains("--yes"), "{}", unasked.stderr);
}

#[test]
fn doctor_calls_what_is_registered_and_says_what_is_wrong() {
    let place = Place::new();
    for dir in [".codex", ".claude", ".copilot", ".cline", ".cursor", ".config/opencode"] {
        std::fs::create_dir_all(place.path("home").join(dir)).unwrap();
    }
    let none = place.run(["doctor"]);
    assert_eq!(none.code, Some(1), "{}", none.stderr);
    assert!(none.stdout.contains("guard init codex"), "{}", none.stdout);
    for agent in ["codex", "claude-code", "copilot-cli", "cline", "cursor", "opencode"] {
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
    }
    let asleep = place.run(["doctor"]);
    assert!(asleep.stdout.contains("not trusted yet"), "{}", asleep.stdout);
    let hooks = place.path("home/.codex/hooks.json");
    let trusted = format!("[hooks.state.\"{}:pre_tool_use:0:0\"]\n", hooks.display());
    place.write_home(".codex/config.toml", trusted + "trusted_hash = \"x\"\n");
    let fine = place.run(["doctor", "--json"]);
    let all: serde_json::Value = serde_json::from_str(&fine.stdout).unwrap();
    assert_eq!((fine.code, &all["ok"]), (Some(0), &serde_json::json!(true)), "{all:#}");
    // guard, record, requests, sequences, approvers, clock, six agents, Cline twice,
    // and what stays open in three of them.
    let findings = all["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 16, "{all:#}");
    let notes = findings.iter().filter(|finding| finding["note"] == true);
    let notes: Vec<&str> = notes.map(|finding| finding["about"].as_str().unwrap()).collect();
    assert_eq!(notes, ["codex", "copilot-cli", "cline"]);
    let said = place.run(["doctor"]).stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("note codex a hook that is killed together with its shell"), "{said}");

    // Hooks that answer wrongly, not at all, or too late, and one switched off.
    let wrong = [
        (".codex/hooks.json", "hook codex", "hook codex >/dev/null 2>&1; exit 0", "does not stop"),
        (".codex/hooks.json", "exit 2", "exit 1", "does not stop"),
        (".codex/hooks.json", "\"command\": \"", "\"command\": \"sleep 30; ", "within 2 seconds"),
        (".claude/settings.json", "{", "{ \"disableAllHooks\": true, ", "switched off"),
    ];
    for (file, old, new, said) in wrong {
        let path = place.path("home").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replacen(old, new, 1)).unwrap();
        let output = place.run(["doctor"]);
        let flat = output.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(output.code, Some(1), "{new}: {flat}");
        assert!(flat.contains(said) && flat.contains("why"), "{new}: {flat}");
        std::fs::write(&path, text).unwrap();
    }
    // As a guard wrote it whose shell did not outlive it: nothing is broken yet.
    let text = std::fs::read_to_string(&hooks).unwrap();
    let line = text.split("\"command\": \"").nth(1).unwrap().split(" || ").next().unwrap();
    let rest = text.split(line).nth(1).unwrap().split("\",\n").next().unwrap();
    std::fs::write(&hooks, text.replace(rest, "")).unwrap();
    let older = place.run(["doctor"]);
    let flat = older.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(older.code, Some(0), "{flat}");
    assert!(flat.contains("another guard than this wrote the hook"), "{flat}");
    std::fs::write(&hooks, text).unwrap();
    let mut silenced = place.guard(["doctor"]);
    silenced.env("BASH_ENV", "/tmp/x").stdin(Stdio::null());
    let silenced = output(&mut silenced);
    assert_eq!(silenced.code, Some(1));
    assert!(silenced.stdout.contains("BASH_ENV"), "{}", silenced.stdout);
}

#[test]
fn doctor_looks_at_databases_approvers_and_the_clock() {
    let place = Place::new();
    place.program("ls", "exit 0");
    assert_eq!(place.run(["--", "ls"]).code, Some(0));
    let doctor = || {
        let mut ran = place.run(["doctor"]);
        ran.stdout = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        ran
    };
    let fine = doctor();
    for text in ["requests", "sequences", "nobody is enrolled", "clock"] {
        assert!(fine.stdout.contains(text), "{text:?} is missing:\n{}", fine.stdout);
    }
    let state = place.path("home/.local/state/guard");
    for (file, told) in [
        ("guard.db", "what needs somebody elsewhere is refused"),
        ("steps.db", "delete and recreate across commands is not seen"),
    ] {
        std::fs::write(state.join(file), "no database, but long enough to be read as one").unwrap();
        let ran = doctor();
        assert_ne!(ran.code, Some(0), "{file}");
        assert!(ran.stdout.contains(told), "{file}:\n{}", ran.stdout);
        std::fs::remove_file(state.join(file)).unwrap();
    }
    place.write_home(".config/guard/allowed_signers", "no key at all\n");
    let ran = doctor();
    assert!(ran.stdout.contains("needs a second human is refused"), "{}", ran.stdout);
    std::fs::remove_file(place.path("home/.config/guard/allowed_signers")).unwrap();
    let log = place.logs().remove(0);
    let text = std::fs::read_to_string(&log).unwrap();
    let year = text.split("\"time\":\"").nth(1).unwrap().chars().take(4).collect::<String>();
    std::fs::write(&log, text.replace(&format!(":\"{year}-"), ":\"2999-")).unwrap();
    let ran = doctor();
    assert_ne!(ran.code, Some(0));
    assert!(ran.stdout.contains("the record already holds 2999-"), "{}", ran.stdout);
}

#[test]
fn doctor_reads_what_the_running_agent_was_started_with() {
    let place = Place::new();
    place.write_home(".codex/config.toml", "");
    place.run(["init", "codex", "--yes"]);
    // What the agent's command unsets, its hooks still have.
    let agent = place.executable(
        "codex",
        format!(
            "#!/bin/sh\nenv -u CODEX_HOME -u BASH_ENV {} doctor\ntrue\n",
            crate::harness::GUARD
        ),
    );
    let mut started = place.command(&agent);
    started.env("CODEX_HOME", "/srv/other").env("BASH_ENV", "/dev/null");
    let told = output(&mut started);
    let text = told.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("CODEX_HOME is set: settings are read in /srv/other"), "{text}");
    assert!(text.contains("BASH_ENV is set"), "{text}");
    let text = place.run(["doctor"]).stdout;
    assert!(!text.contains("CODEX_HOME"), "{text}");
}

#[test]
fn doctor_tells_of_an_agent_that_has_not_read_its_hook_yet() {
    for (agent, program, told) in [("codex", "codex", true), ("claude-code", "claude", false)] {
        let place = Place::new();
        place.executable(program, "#!/bin/sh\nwhile :; do sleep 0.1; done\n");
        let start = || place.command(place.path("bin").join(program)).spawn().unwrap();
        let stop = |mut child: std::process::Child| {
            child.kill().unwrap();
            child.wait().unwrap();
        };
        let doctor = || {
            let said = place.run(["doctor"]).stdout;
            said.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let before = start();
        std::thread::sleep(Duration::from_millis(700));
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
        let said = doctor();
        // Claude Code reads new hooks while it runs.
        assert_eq!(said.contains("of it ("), told, "{agent}: {said}");
        if told {
            let line = format!("1 process of it ({}) began before", before.id());
            assert!(said.contains(&line), "{said}");
            assert!(said.contains(&format!("kill {}", before.id())), "{said}");
        }
        stop(before);
        std::thread::sleep(Duration::from_millis(700));
        let after = start();
        std::thread::sleep(Duration::from_millis(300));
        let said = doctor();
        assert!(!said.contains("began before"), "{agent}: {said}");
        stop(after);
    }
}

#[test]
fn doctor_tells_of_a_time_limit_that_passes_before_guard_has_answered() {
    for (agent, file, old, new) in [
        ("gemini-cli", ".gemini/settings.json", "600000", "600"),
        ("copilot-cli", ".copilot/hooks/guard.json", "\"timeoutSec\": 600", "\"timeoutSec\": 6"),
        ("kiro", ".kiro/hooks/guard.json", "\"timeout\": 600", "\"timeout\": 6"),
    ] {
        let place = Place::new();
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
        let fine = place.run(["doctor"]);
        assert_eq!(fine.code, Some(0), "{agent}: {}", fine.stdout);
        let path = place.path("home").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{agent}: {text}");
        std::fs::write(&path, text.replace(old, new)).unwrap();
        let short = place.run(["doctor"]);
        let said = short.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(short.code, Some(1), "{agent}: {said}");
        assert!(said.contains("gives the hook 6"), "{agent}: {said}");
        assert!(said.contains(&format!("guard init {agent}")), "{agent}: {said}");
        assert_eq!(place.run(["init", agent, "--yes"]).code, Some(0));
        assert_eq!(place.run(["doctor"]).code, Some(0), "{agent}");
    }
}

#[test]
fn doctor_says_whether_the_list_of_approvers_is_safe_from_who_asks() {
    let place = Place::new();
    let list = root().join("tests/fixtures/approval/allowed_signers");
    let path = place.write_home(".config/guard/allowed_signers", std::fs::read(list).unwrap());
    let said = place.run(["doctor", "--json"]).stdout;
    assert!(said.contains(&path.display().to_string()), "{said}");
    assert!(said.contains("an approval stops accidents only: "), "{said}");
}

#[test]
fn clines_scripts_for_afterwards_stop_nothing_whatever_becomes_of_guard() {
    let place = Place::new();
    assert_eq!(place.run(["init", "cline", "--yes"]).code, Some(0));
    for name in [".cline/hooks/PostToolUse.sh", "Documents/Cline/Hooks/PostToolUse"] {
        let path = place.path("home").join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        for program in [crate::harness::GUARD, "/nowhere/guard", "/bin/false"] {
            let script = place.executable("hook", text.replace(crate::harness::GUARD, program));
            let told = output(&mut place.command(&script));
            let said: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
            assert_eq!(
                (told.code, &said["cancel"]),
                (Some(0), &serde_json::json!(false)),
                "{name}"
            );
        }
    }
}
