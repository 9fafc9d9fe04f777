//! Ways to hide a command from guard: each has to be asked about, and what only
//! looks like one must not be. Nothing here is ever run.

use serde_json::{Value, json};

use crate::harness::{Place, children_cpu};

/// The tiers of shell texts, in order.
fn tiers(texts: &[&str]) -> Vec<String> {
    let lines: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| json!({ "id": id.to_string(), "command": text }).to_string())
        .collect();
    let ran = Place::new().run_with(["check", "--jsonl"], lines.join("\n").as_bytes());
    let tier = |line: &str| {
        let verdict: Value = serde_json::from_str(line).unwrap();
        verdict["tier"].as_str().unwrap().to_owned()
    };
    ran.stdout.lines().map(tier).collect()
}

pub(crate) fn asks(texts: &[&str]) {
    for (text, tier) in texts.iter().zip(tiers(texts)) {
        assert!(!matches!(tier.as_str(), "allow" | "notify"), "{text} is {tier}");
    }
}

pub(crate) fn passes(texts: &[&str]) {
    for (text, tier) in texts.iter().zip(tiers(texts)) {
        assert!(matches!(tier.as_str(), "allow" | "notify"), "{text} is {tier}");
    }
}

#[test]
fn a_request_for_help_behind_the_operands_is_not_believed() {
    asks(&[
        "rm -rf /srv/data --help",
        "POSIXLY_CORRECT=1 chmod -R 777 /srv --help",
        "sudo rm --verbose -rf /srv/data --help",
        "ssh host rm -rf /srv/data --version",
        "kubectl exec pod -- rm -rf /data --help",
        "systemctl stop sshd --help",
    ]);
    passes(&["rm --help", "rm -rf --help", "git push --help", "kubectl delete ns --help"]);
}

#[test]
fn env_splits_text_and_takes_a_lone_dash() {
    asks(&[
        "env -S 'rm' -rf /srv/data",
        "env -S 'A=b rm -rf' /srv/data",
        "env --split-string='-i rm -rf' /srv/data",
        "env -S'bash -c \"rm -rf /srv/data\"'",
        "env -vS 'rm -rf' /srv/data",
        "env - rm -rf /srv/data",
        "env - A=b rm -rf /srv/data",
    ]);
    passes(&["env - A=b ls", "env -S 'A=b ls' -la", "env -"]);
}

#[test]
fn shells_that_a_wrapper_starts_read_its_input() {
    asks(&[
        "echo x | sudo -s",
        "sudo -i <<E\nrm -rf /srv/data\nE",
        "unshare -r <<E\nrm -rf /srv/data\nE",
        "nsenter -t 1 -a <<E\nrm -rf /srv/data\nE",
        "script <<E\nrm -rf /srv/data\nE",
        "script -q /dev/null rm -rf /srv/data",
        "su x -- -c 'rm -rf /srv/data'",
        "su - x -- -c 'rm -rf /srv/data'",
        "su - x <<E\nrm -rf /srv/data\nE",
    ]);
    passes(&[
        "sudo -v",
        "sudo -l",
        "echo y | sudo -S true",
        "su x -c ls",
        "su --help",
        "script -c ls /dev/null",
    ]);
}

#[test]
fn parallel_gives_its_input_to_the_command() {
    asks(&[
        "ls | parallel rm -rf",
        "parallel rm -rf ::: /srv/data",
        "ls | parallel",
        "parallel ::: 'rm -rf /srv/data'",
        "ls | parallel sh -c",
        "parallel -j $N rm -rf ::: x",
    ]);
    passes(&["ls | parallel gzip -t", "parallel echo ::: a b", "parallel --version"]);
}

#[test]
fn quoted_text_that_bash_expands_once_more_is_read() {
    asks(&[
        "test -v 'a[$(rm -rf /srv/data)]'",
        "[ -v 'a[$(rm -rf /srv/data)]' ]",
        "[[ 'a[$(rm -rf /srv/data)]' -eq 1 ]]",
        "[[ -v 'a[`rm -rf /srv/data`]' ]]",
        "let 'a[$(rm -rf /srv/data)]'",
        "printf -v 'a[$(rm -rf /srv/data)]' x",
        "read 'a[$(rm -rf /srv/data)]'",
        "unset 'a[$(rm -rf /srv/data)]'",
        "declare 'a[$(rm -rf /srv/data)]=1'",
        "x='a[$(rm -rf /srv/data)]'; echo $((x))",
        "x='a[$(rm -rf /srv/data)]'; (( x ))",
        "x='$(rm -rf /srv/data)'; echo ${x@P}",
        "alias ls='rm -rf /srv/data'",
    ]);
    passes(&[
        "[[ 'a[1]' -eq 1 ]]",
        "x='a[1]'; echo $((x))",
        "[[ $x == '[$(y)]' ]]",
        "test -v 'a[$(ls)]'",
        "alias ls='ls --color'",
        "echo 'a[$(rm -rf /srv/data)]'",
        "i=1; echo $((i + 1))",
    ]);
}

#[test]
fn an_option_of_which_only_the_beginning_is_known_may_be_the_dangerous_one() {
    asks(&["git reset --$X", "git reset --ha$X", "find . -$X", "git push --fo$X"]);
    passes(&["ls -$X", "head -$N file", "git reset --soft=$X HEAD"]);
}

#[test]
fn further_wrappers_are_taken_off() {
    asks(&[
        "run0 rm -rf /srv/data",
        "sg wheel -c 'rm -rf /srv/data'",
        "faketime yesterday rm -rf /srv/data",
        "sshpass -p x ssh host 'rm -rf /srv/data'",
        "op run -- rm -rf /srv/data",
        "lxc exec c -- rm -rf /srv/data",
        "hyperfine 'rm -rf /srv/data'",
        "find . | entr rm -rf /srv/data",
        "watchexec -- rm -rf /srv/data",
        "git difftool -x 'rm -rf /srv/data'",
    ]);
}

#[test]
fn code_in_other_languages_is_judged_by_its_calls() {
    asks(&[
        "python3 -c 'import os; os.system(\"rm -rf /srv/data\")'",
        "python3 - <<'EOF'\nimport shutil as s\ns.rmtree('/srv/data')\nEOF",
        "cat <<'EOF' | node\nrequire('fs').rmSync('/srv/data', {recursive: true})\nEOF",
        "cat > a.py <<'EOF'\nimport shutil\nshutil.rmtree('/srv/data')\nEOF\npython3 ./a.py",
        "vim -c ':!rm -rf /srv/data' -c q",
        "git -c alias.x='!rm -rf /srv/data' x",
        "sed -n '1e rm -rf /srv/data' x",
    ]);
    passes(&[
        "python3 -c 'import subprocess; print(subprocess.check_output([\"git\", \"status\"]))'",
        "python3 - <<'EOF'\nfrom pathlib import Path\np = Path('src/a.py')\n\
         p.write_text(p.read_text().replace('a', 'b'))\nEOF",
        "node -p 'require(\"./package.json\").version'",
        "perl -pi -e 's/a/b/' file.txt",
        "awk '{print $1 | \"sort\"}' file.txt",
        "PAGER=less man ls",
        "git -c core.pager=cat log -1",
    ]);
}

#[test]
fn hostile_sizes_are_answered_soon() {
    let before = children_cpu();
    let texts = [
        format!("rm {}", "[a".repeat(100_000)),
        format!("rm {}x/", "[a".repeat(100_000)),
        "export A=b;".repeat(20_000),
        (0..20_000).map(|i| format!("A{i}=b;")).collect(),
        format!("find . {}", "-exec rm {} \\; ".repeat(20_000)),
        format!("find . {}", "-exec find . ".repeat(2_000)),
        (0..20_000).map(|i| format!("f{i}()((1));")).collect(),
        format!(
            "a='{}'; set -- {}; {}",
            "x".repeat(9_000),
            "$a ".repeat(900),
            "((1))||((2));".repeat(9_000)
        ),
        format!("{{ {} }} {}", "a;".repeat(3_000), "> f ".repeat(3_000)),
        format!("cat {}", ">(a) ".repeat(9_000)),
        "cd a && rm b;".repeat(4_500),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_eq!(tiers(&texts).len(), texts.len());
    // A square of any of these sizes takes minutes, on any machine.
    let used = children_cpu() - before;
    assert!(used < 100, "{used} s of CPU");
}

#[test]
fn no_message_carries_what_would_fool_a_terminal() {
    let place = Place::new();
    let name = "a\u{202e}\u{200b}\u{9b}31m\u{1b}[2J";
    let flag = format!("--{name}");
    let runs = [
        place.run(["check", flag.as_str()]),
        place.run(["log", "show", flag.as_str()]),
        place.run(["run", "--reason", name, "--", "true", name]),
        place.run(["log", "show"]),
        place.run(["log", "show", "--json"]),
    ];
    for ran in runs {
        let shown = format!("{}{}", ran.stdout, ran.stderr);
        assert!(!shown.contains(['\u{202e}', '\u{200b}', '\u{9b}', '\u{1b}']), "{shown:?}");
    }
}

#[test]
fn places_are_in_the_text_that_was_given() {
    for text in [". <<E\nm*$$$$$$$$$$$$*\nE\n", "sh -c '        $x y'", "echo hi; sh <<< '$x'"] {
        let line = json!({ "command": text }).to_string();
        let ran = Place::new().run_with(["check", "--jsonl"], line.as_bytes());
        let verdict: Value = serde_json::from_str(&ran.stdout).unwrap();
        let effects = verdict["effects"].as_array().unwrap();
        assert!(!effects.is_empty(), "{text}");
        for effect in effects {
            let (start, end) = (effect["span"][0].as_u64(), effect["span"][1].as_u64());
            let all = u64::try_from(text.len()).unwrap();
            assert!(start < end && end <= Some(all), "{text:?} {effect}");
            assert_ne!((start, end), (Some(8), Some(10)), "a place in the inner text");
        }
    }
}

#[test]
fn the_working_directory_does_not_make_the_system_a_project() {
    let line = |cwd: &str, text: &str| json!({ "cwd": cwd, "command": text }).to_string();
    let ask = [
        line("/", "echo x > /etc/passwd"),
        line("/etc", "echo x > passwd"),
        line("/etc", "echo x > motd"),
        line("/etc/nginx", "echo x > nginx.conf"),
        line("/usr/local/bin", "echo x > tool"),
        line("/home/user", "echo x > .bashrc"),
        line("/home/user/.ssh", "echo x > authorized_keys"),
        line("/", "rm -rf /srv/data"),
    ];
    let pass = [line("/home/user", "echo x > notes.txt"), line("/srv/app", "echo x > notes.txt")];
    let ran = Place::new().run_with(["check", "--jsonl"], ask.join("\n").as_bytes());
    for (line, verdict) in ask.iter().zip(ran.stdout.lines()) {
        let verdict: Value = serde_json::from_str(verdict).unwrap();
        assert!(!matches!(verdict["tier"].as_str(), Some("allow" | "notify")), "{line}");
    }
    let ran = Place::new().run_with(["check", "--jsonl"], pass.join("\n").as_bytes());
    for (line, verdict) in pass.iter().zip(ran.stdout.lines()) {
        let verdict: Value = serde_json::from_str(verdict).unwrap();
        assert!(matches!(verdict["tier"].as_str(), Some("allow" | "notify")), "{line}");
    }
}

#[test]
fn an_option_that_only_looks_excuses_nothing_that_can_take_it_back() {
    // An agent can answer for the person whom `xargs -p` asks on its terminal.
    let texts = [
        "bash -n +n -c 'rm -rf /srv/x'",
        "echo /srv/x | xargs -p rm -rf",
        "find /srv -print0 | xargs -0 --interactive rm -rf",
    ];
    for (text, verdict) in texts.iter().zip(Place::new().verdicts(&texts)) {
        assert_ne!(verdict["tier"], "allow", "{text}");
    }
    let texts = ["bash -n -c 'rm -rf /srv/x'", "bash -n deploy.sh"];
    for (text, verdict) in texts.iter().zip(Place::new().verdicts(&texts)) {
        assert_eq!(verdict["tier"], "allow", "{text}");
    }
}
