//! What a newcomer reads is true: links, commands, examples, exit codes, help,
//! completions and manual pages.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use guard::cli::args::Cli;
use guard::cli::{completions, man};

use crate::harness::{GUARD, Place, output, root};

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The blocks of one language in a Markdown text.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let parts = text.split(&fence).skip(1);
    parts.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The targets of `[..](TARGET)` and `![..](TARGET)`.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap()).collect()
}

/// The files of the checkout as git lists them; all but build output elsewhere.
fn tracked() -> Vec<PathBuf> {
    let list =
        std::process::Command::new("git").args(["ls-files", "-z"]).current_dir(root()).output();
    if let Ok(list) = list
        && list.status.success()
    {
        let names = list.stdout.split(|b| *b == 0).filter(|name| !name.is_empty());
        let names = names.map(|name| root().join(String::from_utf8_lossy(name).as_ref()));
        return names.filter(|path| path.is_file()).collect();
    }
    let mut out = Vec::new();
    walk(root(), &mut out);
    out
}

fn walk(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", ".git"].contains(&name.as_str()) {
            walk(&path, out);
        } else if path.is_file() {
            out.push(path);
        }
    }
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    for name in ["README.md", "CHANGELOG.md"] {
        let text = read(name);
        for link in links(&text) {
            if link.starts_with("https://") {
                continue;
            }
            let target = link.split('#').next().unwrap();
            assert!(root().join(target).exists(), "{name} links to {link}, which does not exist");
        }
    }
    assert!(links(&read("README.md")).len() > 10);
}

#[test]
fn the_readme_is_short_and_says_first_what_guard_does_not_do() {
    let text = read("README.md");
    assert!(text.lines().count() < 250);
    let at = |heading: &str| text.find(heading).unwrap_or_else(|| panic!("{heading}"));
    assert!(text.lines().nth(2).unwrap().starts_with("`guard -- "), "one sentence with a command");
    assert!(at("./demo") < at("## What it stops"));
    assert!(at("## What it stops") < at("## What guard does not protect against"));
    assert!(at("## What guard does not protect against") < at("## Wiring"));
}

#[test]
fn commands_of_the_readme_do_what_it_says() {
    let place = Place::new();
    std::os::unix::fs::symlink(GUARD, place.path("bin/guard")).unwrap();
    assert_eq!(place.run(["--", "true"]).code, Some(0));
    let mut ran = 0;
    for line in blocks(&read("README.md"), "sh").iter().flat_map(|block| block.lines()) {
        // Nothing else of the documents is ever executed.
        let harmless = ["guard check ", "guard explain ", "guard rules show ", "guard log show"];
        // The walk-through has a test of its own.
        let walk = line.contains("GEXS-Z6KB");
        if walk || !harmless.iter().any(|front| line.starts_with(front)) {
            continue;
        }
        let out = output(place.command("/bin/bash").args(["-c", line]));
        assert!(matches!(out.code, Some(0 | 3 | 4)), "{line}: {:?} {}", out.code, out.stderr);
        assert!(!out.stderr.contains("error"), "{line}: {}", out.stderr);
        ran += 1;
    }
    assert!(ran >= 4, "{ran}");
    for (path, why) in [("demo", "./demo"), ("test", "./test"), (".ci/run", ".ci/run")] {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(root().join(path)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{why} is executable");
    }
}

#[test]
fn commands_that_the_readme_promises_to_stop_are_stopped() {
    let text = read("README.md");
    let start = text.find("## What it stops").unwrap();
    let end = text.find("It reads the whole bash grammar").unwrap();
    let list = text[start..end].replace('\n', " ");
    let mut commands: Vec<String> = list.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    // The README writes `..` for what does not matter, and names a variable.
    commands.retain(|text| text.contains(' ') && text != "DIR");
    assert!(commands.len() >= 9, "{commands:?}");
    let texts: Vec<String> = commands
        .iter()
        .map(|text| {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let text = text.replace("'drop table ..'", "'drop table t'");
            text.replace("curl ..", "curl https://example.org/x")
        })
        .map(|text| match text.as_str() {
            "kubectl delete ns" => "kubectl delete ns prod".to_owned(),
            other => other.to_owned(),
        })
        .collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for (text, verdict) in texts.iter().zip(Place::new().verdicts(&texts)) {
        let tier = verdict["tier"].as_str().unwrap();
        assert!(!["allow", "notify"].contains(&tier), "{text}: {verdict}");
    }
    let two = ["sudo env X=1 sh -c 'git -C app push origin :main'", "git commit -m \"rm -rf /\""];
    assert!(two.iter().all(|command| text.replace('\n', " ").contains(command)));
    let [push, commit] = &Place::new().verdicts(&two)[..] else { panic!() };
    assert_eq!(push["effects"][0]["rule"], "git.push-delete");
    assert!(["allow", "notify"].contains(&commit["tier"].as_str().unwrap()), "{commit}");
}

#[test]
fn the_policy_of_the_readme_is_valid_and_in_force() {
    let place = Place::new();
    let examples = blocks(&read("README.md"), "yaml");
    assert_eq!(examples.len(), 1);
    let file = place.write(".guard.yaml", &examples[0]);
    let ran = place.run(["policy", "check", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("2 lines, no mistakes"), "{}", ran.stdout);
    let ran = place.run(["check", "-c", "git reset --hard"]);
    assert!(ran.stdout.contains("T3"), "raised to challenge: {}", ran.stdout);
}

/// Number and name of every exit code in the source.
fn exit_codes() -> BTreeMap<u8, String> {
    let source = read("src/exit.rs");
    let lines = source.lines().filter_map(|line| line.trim().strip_suffix(','));
    lines
        .filter_map(|line| line.split_once(" = "))
        .filter_map(|(name, code)| Some((code.parse().ok()?, name.to_owned())))
        .collect()
}

/// The numbers in a text.
fn numbers(text: &str) -> BTreeSet<u8> {
    text.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect()
}

#[test]
fn the_exit_codes_of_readme_and_help_are_those_of_the_source() {
    let codes = exit_codes();
    assert!(codes.len() >= 12, "{codes:?}");
    let text = read("README.md");
    let table = text.split("| code | meaning |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    let first = |line: &str| line.split('|').nth(1).unwrap_or_default().to_owned();
    let documented: BTreeSet<u8> = table.lines().flat_map(|line| numbers(&first(line))).collect();
    let known: BTreeSet<u8> = codes.keys().copied().collect();
    assert_eq!(documented, known);
    let help = Cli::command().render_long_help().to_string();
    let help = help.split("Exit codes:").nth(1).unwrap();
    let told = numbers(help);
    let unknown: Vec<_> = told.iter().filter(|code| !codes.contains_key(code)).collect();
    assert!(unknown.is_empty(), "the help tells of {unknown:?}");
    for code in [64, 70, 74, 75, 77, 78, 126, 127, 3, 4] {
        assert!(told.contains(&code), "the help does not tell of {code}");
    }
}

/// Every command with the words that lead to it, guard itself first.
fn commands() -> Vec<(Vec<String>, clap::Command)> {
    fn add(
        path: Vec<String>,
        command: &clap::Command,
        out: &mut Vec<(Vec<String>, clap::Command)>,
    ) {
        out.push((path.clone(), command.clone()));
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let path = path.iter().cloned().chain([sub.get_name().to_owned()]).collect();
            add(path, sub, out);
        }
    }
    let mut out = Vec::new();
    add(Vec::new(), &Cli::command(), &mut out);
    out
}

#[test]
fn the_help_of_every_subcommand() {
    let place = Place::new();
    let mut all = String::new();
    for (path, _) in commands() {
        let ran = place.run(path.iter().map(String::as_str).chain(["--help"]));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{path:?}");
        let title = std::iter::once("guard").chain(path.iter().map(String::as_str));
        let title = title.collect::<Vec<_>>().join(" ");
        all += &format!("\n==== {title} --help\n{}", ran.stdout);
    }
    insta::assert_snapshot!("help", all);
}

#[test]
fn every_subcommand_teaches_by_examples() {
    for (path, command) in commands() {
        let after = command.get_after_help().or_else(|| command.get_after_long_help());
        let after = after.map(ToString::to_string).unwrap_or_default();
        let has_example = after.contains("Examples:") && after.contains("guard ");
        assert!(has_example || command.has_subcommands(), "{path:?} has no examples");
        assert!(command.get_about().is_some(), "{path:?}");
        for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
            assert!(argument.get_help().is_some(), "{path:?} {}", argument.get_id());
        }
    }
}

#[test]
fn examples_of_the_help_are_understood() {
    let place = Place::new();
    std::os::unix::fs::symlink(GUARD, place.path("bin/guard")).unwrap();
    let mut checked = 0;
    for (path, command) in commands() {
        let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        for line in after.lines().map(str::trim).filter(|line| line.starts_with("guard ")) {
            // Only the command line is read, by the real parser; nothing runs.
            let text = line.split("   ").next().unwrap().split(['>', '|', '<']).next().unwrap();
            let words = place
                .command("/bin/bash")
                .args(["-c", &format!("printf '%s\\0' {text}")])
                .output()
                .unwrap();
            let words: Vec<_> = String::from_utf8(words.stdout)
                .unwrap()
                .split_terminator('\0')
                .map(str::to_owned)
                .collect();
            let read = <Cli as clap::Parser>::try_parse_from(&words);
            assert!(read.is_ok(), "{path:?}: {line}: {}", read.unwrap_err());
            checked += 1;
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn every_subcommand_has_a_manual_page_and_every_page_is_up_to_date() {
    let pages = man::pages();
    let names: BTreeSet<_> = pages.iter().map(|(name, _)| name.clone()).collect();
    for (path, _) in commands() {
        let name = std::iter::once("guard").chain(path.iter().map(String::as_str));
        let name = name.collect::<Vec<_>>().join("-") + ".1";
        assert!(names.contains(&name), "{name} is missing");
    }
    for (name, page) in &pages {
        assert!(
            read(&format!("man/{name}")).as_bytes() == page.as_slice(),
            "man/{name} is {STALE}"
        );
    }
    for entry in std::fs::read_dir(root().join("man")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name) || name == "sections.roff", "man/{name} belongs to nothing");
    }
}

const STALE: &str = "out of date: cargo run --example generate -- artefacts";

#[test]
fn every_completion_script_is_up_to_date() {
    let mut names = BTreeSet::new();
    for (shell, name) in completions::FILES {
        let file = read(&format!("completions/{name}"));
        assert!(file.as_bytes() == completions::script(shell), "completions/{name} is {STALE}");
        names.insert(name.to_owned());
    }
    for entry in std::fs::read_dir(root().join("completions")).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        assert!(names.contains(&name), "completions/{name} belongs to nothing");
    }
}

#[test]
fn guard_prints_the_committed_completions_and_pages() {
    let place = Place::new();
    for (name, file) in [
        ("bash", "guard.bash"),
        ("zsh", "_guard"),
        ("fish", "guard.fish"),
        ("nushell", "guard.nu"),
        ("elvish", "guard.elv"),
        ("powershell", "_guard.ps1"),
    ] {
        assert_eq!(place.run(["completions", name]).stdout, read(&format!("completions/{file}")));
    }
    assert_eq!(place.run(["man"]).stdout, read("man/guard.1"));
    assert_eq!(place.run(["man", "run"]).stdout, read("man/guard-run.1"));
    let dir = place.path("tmp/pages");
    assert_eq!(place.run(["man", "--dir", dir.to_str().unwrap()]).code, Some(0));
    assert_eq!(
        std::fs::read_to_string(dir.join("guard-check.1")).unwrap(),
        read("man/guard-check.1")
    );
    assert_eq!(place.run(["man", "nothing"]).code, Some(64));
    assert_eq!(place.run(["completions", "nothing"]).code, Some(64));
}

#[test]
fn the_completion_script_for_bash_completes() {
    let place = Place::new();
    let script = "source \"$SCRIPT\"; COMP_WORDS=(guard ch); COMP_CWORD=1; _guard guard ch guard; \
                  echo \"${COMPREPLY[*]}\"";
    let mut bash = place.command("/bin/bash");
    bash.args(["--norc", "-c", script]).env("SCRIPT", root().join("completions/guard.bash"));
    assert_eq!(output(&mut bash).stdout.trim(), "check");
}

#[test]
fn manual_pages_are_without_mistakes_for_man() {
    let missing = std::process::Command::new("groff").arg("--version").output().is_err();
    if missing {
        eprintln!("SKIPPED: groff is not installed, so the manual pages were not formatted");
        return;
    }
    for (name, _) in man::pages() {
        let page = root().join("man").join(&name);
        let out = std::process::Command::new("groff")
            .args(["-man", "-Tutf8", "-ww"])
            .arg(page)
            .output()
            .unwrap();
        assert!(
            out.status.success() && out.stderr.is_empty(),
            "{name}: {}",
            String::from_utf8_lossy(&out.stderr)
        );
    }
}

#[test]
fn the_manual_states_the_limits_of_the_source() {
    let page = read("man/guard.1");
    let shown = |number: usize| {
        let digits = number.to_string();
        let groups: Vec<_> =
            digits.as_bytes().rchunks(3).rev().map(|g| std::str::from_utf8(g).unwrap()).collect();
        groups.join(",")
    };
    use guard::shell::limits;
    assert!(page.contains("LIMITS"));
    assert!(page.contains(&shown(limits::MAX_COMMANDS)), "{}", shown(limits::MAX_COMMANDS));
    assert!(page.contains(&limits::MAX_DEPTH.to_string()));
    assert!(page.contains("1 MiB") && limits::MAX_BYTES == 1 << 20);
}

#[test]
fn the_source_holds_no_reminders_and_no_leftovers() {
    // Put together here, so that this file does not hold them.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("db", "g!("),
        concat!("tod", "o!("),
        concat!("unimplement", "ed!("),
    ];
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    for path in tracked() {
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for word in words {
            let found = text.match_indices(word).any(|(at, _)| {
                !is_word(text[..at].chars().next_back())
                    && !is_word(text[at + word.len()..].chars().next())
            });
            assert!(!found, "{} holds {word}", path.display());
        }
    }
}

#[test]
fn no_file_names_the_place_where_it_was_written() {
    let mut places: Vec<String> = root()
        .ancestors()
        .filter(|dir| dir.components().count() > 2)
        .map(|dir| dir.to_string_lossy().into_owned())
        .collect();
    places.retain(|place| place.len() > 6);
    for path in tracked() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for place in &places {
            assert!(!text.contains(place.as_str()), "{} names {place}", path.display());
        }
    }
}

/// What stands between quotes behind `key=` or at the place of `key`, line by line.
fn quoted<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let lines = text.lines().filter_map(|line| line.trim_start().strip_prefix(key));
    lines.map(|rest| rest.trim_matches(['"', ','])).collect()
}

/// What the agents were seen to do: rows of a case and a cell for each agent.
fn seen() -> (Vec<String>, Vec<(String, Vec<String>)>) {
    let text = read("tests/agents/expected.tsv");
    let mut rows = text.lines().map(|line| line.split('\t').map(str::to_owned));
    let agents = rows.next().unwrap().skip(1).collect();
    let rows = rows.map(|mut row| (row.next().unwrap(), row.collect())).collect();
    (agents, rows)
}

#[test]
fn the_table_of_the_agents_is_what_they_were_seen_to_do() {
    let (agents, rows) = seen();
    let (source, cases) = (read("tests/agents/agents.py"), read("tests/agents/inside.py"));
    let (titles, packages) = (quoted(&source, "title="), quoted(&source, "package="));
    assert_eq!((titles.len(), packages.len()), (agents.len(), agents.len()));
    let heads = titles.iter().zip(&packages).map(|(title, package)| {
        let (_, version) = package.rsplit_once('@').unwrap();
        format!("{title} {version}")
    });
    let head = format!("| | {} |", heads.collect::<Vec<_>>().join(" | "));
    let page = read("docs/agents.md");
    let mut lines = page.lines().skip_while(|line| *line != head).skip(2);
    for (case, cells) in rows {
        let what = quoted(&cases, &format!("\"{case}\": "))[0];
        let good = ["harmless", "approved", "dialog"].contains(&case.as_str());
        let cell = |cell: &String| match (cell.as_str(), good) {
            ("RAN", true) => "ran".to_owned(),
            ("RAN", false) => "**RAN**".to_owned(),
            ("BLOCKED", _) => "blocked".to_owned(),
            (other, _) => other.to_owned(),
        };
        let row =
            format!("| {what} | {} |", cells.iter().map(cell).collect::<Vec<_>>().join(" | "));
        assert_eq!(lines.next(), Some(row.as_str()), "tests/agents/run --table prints the table");
    }
}

#[test]
fn whatever_becomes_of_guard_itself_no_agent_runs_the_command() {
    let (agents, rows) = seen();
    for (at, name) in agents.iter().enumerate() {
        let cell = |case: &str| {
            let row = rows.iter().find(|(name, _)| name == case);
            row.unwrap_or_else(|| panic!("{case}")).1[at].as_str()
        };
        assert_eq!([cell("harmless"), cell("approved")], ["RAN"; 2], "{name}");
        for case in ["denied", "unanswered", "missing", "killed", "hangs", "disk-full"] {
            assert_eq!(cell(case), "BLOCKED", "{name}, {case}");
        }
        assert_eq!(cell("policy-broken"), "BLOCKED", "{name}");
        // What the agent itself decides: `guard init` and `guard doctor` say so.
        let agent: guard::hook::Agent = clap::ValueEnum::from_str(name, true).unwrap();
        let open = ["hook-killed", "hook-slow"].map(cell).contains(&"RAN");
        assert_eq!(guard::install::lets_run(agent).is_some(), open, "{name}");
    }
}
