//! docs/probes.md lists every command of a probe with its proof, and what the
//! local ones look at stays as it was, byte for byte.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::{Place, output, root};

/// The table of docs/probes.md, as the code has it.
fn table() -> String {
    let mut out = String::from("| command | why it cannot write |\n|---|---|\n");
    for command in guard::probe::commands::ALL {
        let words = format!("{} {}", command.program, command.words).replace('|', "\\|");
        out += &format!("| `{words}` | {} |\n", command.proof);
    }
    out
}

#[test]
fn every_command_of_a_probe_stands_in_the_document_with_its_proof() {
    let path = root().join("docs/probes.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let begin = text.find("| command |").unwrap();
    let end = text[begin..].find("\n\n").map_or(text.len(), |at| begin + at + 1);
    if text[begin..end] != table() && std::env::var_os("GUARD_UPDATE").is_some() {
        std::fs::write(&path, format!("{}{}{}", &text[..begin], table(), &text[end..])).unwrap();
        return;
    }
    assert_eq!(text[begin..end], table(), "GUARD_UPDATE=1 writes it");
}

#[test]
fn every_command_of_a_probe_only_reads_by_guard_s_own_rules() {
    let texts = guard::probe::commands::ALL.iter().map(|command| {
        // What guard itself puts there.
        let ask = match command.program {
            "psql" | "mysql" | "mariadb" => "'select 1'",
            "redis-cli" => "DBSIZE",
            _ => "",
        };
        let (rest, last) = command.words.rsplit_once("{}").unwrap_or((command.words, ""));
        format!("{} {}{ask}{last}", command.program, rest.replace("{} ", ""))
    });
    let texts: Vec<String> = texts.collect();
    let lines: String =
        texts.iter().map(|text| format!("{}\n", serde_json::json!({ "command": text }))).collect();
    let ran = Place::new().run_with(["check", "--jsonl"], lines.as_bytes());
    let mut verdicts = ran.stdout.lines();
    for text in &texts {
        let verdict: serde_json::Value = serde_json::from_str(verdicts.next().unwrap()).unwrap();
        assert_eq!(verdict["tier"], "allow", "{text}: {verdict}");
    }
}

#[test]
fn only_the_client_of_the_probes_starts_programs_and_only_those_of_the_table() {
    let mut dirs = vec![root().join("src/probe")];
    while let Some(dir) = dirs.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                dirs.push(path);
                continue;
            }
            // Tests make what they look at.
            if path.ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let text = text.split("#[cfg(test)]").next().unwrap();
            let client = path.ends_with("client.rs");
            assert_eq!(text.contains("std::process"), client, "{}", path.display());
            let writes = ["fs::write", "fs::remove", "File::create", "OpenOptions", "fs::rename"];
            assert!(!writes.iter().any(|word| text.contains(word)), "{}", path.display());
        }
    }
}

#[test]
fn every_rule_that_has_a_probe_is_a_rule() {
    let place = Place::new();
    for rule in guard::probe::rules() {
        let ran = place.run(["rules", "show", rule]);
        assert_eq!(ran.code, Some(0), "{rule}: {}", ran.stderr);
    }
}

/// Everything below a folder: name, kind, time of the last change, content.
pub fn picture(root: &Path) -> BTreeMap<PathBuf, (std::time::SystemTime, Vec<u8>)> {
    let mut out = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let (path, meta) = (entry.path(), entry.metadata().unwrap());
            let content = if meta.is_file() { std::fs::read(&path).unwrap() } else { Vec::new() };
            out.insert(path.clone(), (meta.modified().unwrap(), content));
            if meta.is_dir() {
                open.push(path);
            }
        }
    }
    out
}

#[test]
fn the_local_probes_change_nothing() {
    let place = Place::new();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let git = |args: &[&str]| {
        let mut command = place.command("git");
        command.args(args).env("PATH", &path).stdin(Stdio::null());
        let ran = output(&mut command);
        assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
    };
    std::fs::remove_dir_all(place.path("project/.git")).unwrap();
    place.write_home(".gitconfig", "[user]\nname = a\nemail = a@example.org\n");
    git(&["init", "-q", "-b", "main"]);
    git(&["init", "-q", "--bare", "../tmp/remote.git"]);
    git(&["remote", "add", "origin", "../tmp/remote.git"]);
    place.write("src/a.txt", "one\n");
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "one"]);
    git(&["push", "-q", "-u", "origin", "main"]);
    git(&["branch", "side"]);
    // Hooks that a probe must not start.
    for hook in ["pre-push", "post-checkout", "reference-transaction"] {
        let file = place.write(&format!(".git/hooks/{hook}"), "#!/bin/sh\n: >\"$TMPDIR/hooked\"\n");
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }
    place.write("src/a.txt", "two\n");
    git(&["stash", "-q"]);
    let _ = std::fs::remove_file(place.path("tmp/hooked"));
    place.write("src/a.txt", "three\n");
    place.write("new/b.txt", "x");
    let before = (picture(&place.path("project")), picture(&place.path("tmp")));
    for words in [
        &["git", "reset", "--hard", "HEAD"][..],
        &["git", "checkout", "--", "src"],
        &["git", "restore", "."],
        &["git", "clean", "-fdx"],
        &["git", "push", "--force"],
        &["git", "stash", "clear"],
        &["rm", "-rf", "src", "new"],
        &["find", ".", "-name", "*.txt", "-delete"],
        &["shred", "-u", "src/a.txt"],
    ] {
        let words: Vec<_> = ["--"].iter().chain(words).collect();
        let mut guard = place.guard(words.iter().copied());
        let ran = output(guard.stdin(Stdio::null()).env("PATH", &path));
        assert!(matches!(ran.code, Some(75 | 77)), "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(" ms]"), "{words:?} was not probed: {}", ran.stderr);
    }
    let after = (picture(&place.path("project")), picture(&place.path("tmp")));
    assert_eq!(before.0, after.0);
    assert_eq!(before.1, after.1);
}

#[test]
fn what_runs_anyway_and_what_is_only_judged_is_not_probed() {
    let place = Place::new();
    let asked = place.path("tmp/asked");
    place.client("kubectl", &format!("[ -z \"$GUARD_PROBE\" ] || : >'{}'", asked.display()));
    place.run(["--", "kubectl", "get", "pods"]);
    place.run(["check", "--", "kubectl", "delete", "pod", "x"]);
    place.run(["explain", "--", "kubectl", "delete", "pod", "x"]);
    place.run(["run", "--dry-run", "--", "kubectl", "delete", "pod", "x"]);
    place.run(["--", "kubectl", "delete", "pods", "-l", ""]);
    assert!(!asked.exists());
    place.run(["--", "kubectl", "delete", "pod", "x"]);
    assert!(asked.exists());
}

#[test]
fn a_client_of_the_project_or_from_the_command_s_own_path_is_not_started() {
    let place = Place::new();
    place.marking("kubectl");
    let evil = place.write("bin/kubectl", "#!/bin/sh\n: >\"$TMPDIR/evil\"\n");
    std::fs::set_permissions(&evil, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    place.run(["--", "./bin/kubectl", "delete", "pod", "x"]);
    place.run(["run", "-c", "PATH=$PWD/bin:$PATH kubectl delete pod x"]);
    let mut guard = place.guard(["--", "kubectl", "delete", "pod", "x"]);
    let path = format!("{}:/usr/bin:/bin", place.path("project/bin").display());
    output(guard.stdin(Stdio::null()).env("PATH", path));
    assert!(!place.path("tmp/evil").exists());
}

/// As an account that may not look into a folder, with a mount point in it
/// that nobody but root may read.
#[test]
fn folders_and_mounts_that_cannot_be_read_are_said_and_count_as_more() {
    if !nix::unistd::geteuid().is_root() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "this needs root");
        eprintln!("SKIPPED: mounting needs root");
        return;
    }
    let place = Place::new();
    place.marking("rm");
    for name in ["kept/a", "kept/locked/b", "kept/mount/c"] {
        place.write(name, "x");
    }
    let nobody = nix::unistd::Uid::from_raw(65534);
    let mut open = vec![place.path("")];
    while let Some(path) = open.pop() {
        nix::unistd::chown(&path, Some(nobody), None).unwrap();
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
    }
    nix::unistd::chown(&place.path("project/kept/locked"), Some(0.into()), None).unwrap();
    let text = "chmod 700 kept/locked; mount -t tmpfs -o mode=0700 none kept/mount && \
                exec setpriv --reuid=65534 --clear-groups \"$@\"";
    let mut command = place.command("unshare");
    command.args(["-m", "sh", "-c", text, "sh", crate::harness::GUARD]);
    command.args(["run", "--wait", "0s", "--", "rm", "-rf", "kept"]).stdin(Stdio::null());
    let ran = output(&mut command);
    let screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    // Whoever may not read one does not know how much is in it.
    for text in ["T3 challenge", "1 mount point", "2 folders not readable"] {
        assert!(screen.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
    assert!(!place.ran("rm"));
}

#[test]
fn a_huge_tree_is_at_least_what_was_counted_in_time() {
    let place = Place::new();
    for dir in 0..20 {
        for n in 0..1000 {
            place.write(&format!("big/{dir}/{n}"), "");
        }
    }
    let begun = Instant::now();
    let ran = place.run(["--", "rm", "-rf", "big"]);
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("20000 files") || ran.stderr.contains("at least"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("T3 challenge"), "{}", ran.stderr);
}

/// A file system whose server is gone: FUSE that nobody answers. What looks at it
/// waits for ever, and cannot be called back.
#[test]
fn a_mount_that_hangs_costs_the_time_of_a_probe_and_no_more() {
    let can = nix::unistd::geteuid().is_root() && Path::new("/dev/fuse").exists();
    if !can {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "this needs root and /dev/fuse");
        eprintln!("SKIPPED: mounting needs root and /dev/fuse");
        return;
    }
    let place = Place::new();
    place.marking("rm");
    place.write("kept/a", "x");
    std::fs::create_dir(place.path("project/kept/mount")).unwrap();
    let mount = "exec 3<>/dev/fuse && mount -i -t fuse \
                 -o fd=3,rootmode=40000,user_id=0,group_id=0 none kept/mount && \
                 exec timeout -s KILL 60 \"$@\"";
    let remove = |path: &str| {
        let mut command = place.command("unshare");
        command.args(["-m", "sh", "-c", mount, "sh", crate::harness::GUARD]);
        command.args(["run", "--wait", "0s", "--", "rm", "-rf", path]).stdin(Stdio::null());
        let ran = output(&mut command);
        let screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let unknown = "count unknown (no probe answered within 5 s): treated as more than 100";
        for text in ["T3 challenge", unknown, "undo not checked"] {
            assert!(screen.contains(text), "{text:?} is missing:\n{}", ran.stderr);
        }
        (ran.code, screen)
    };
    // Somebody is asked, who knows as much as guard does.
    assert_eq!(remove("kept").0, Some(75));
    // What cannot be looked at cannot be bound to an answer either.
    for path in ["kept/mount", "kept/mount/x"] {
        let (code, screen) = remove(path);
        assert!(screen.contains(&format!("{path} does not answer")), "{code:?}: {screen}");
        assert!(code.is_some_and(|code| (64..80).contains(&code)), "{code:?}: {screen}");
    }
    assert!(!place.ran("rm"));
}

/// A million names, made as links of a thousand files. It takes a while, so it
/// is left to CI and to whoever asks for it.
#[test]
fn a_million_files_are_at_least_what_was_counted_within_the_budget() {
    let wanted = std::env::var_os("GUARD_TEST_HUGE").is_some();
    if !wanted && std::env::var("CI").as_deref() != Ok("true") {
        eprintln!("SKIPPED: a million files are made with GUARD_TEST_HUGE=1 and in CI");
        return;
    }
    let place = Place::new();
    for dir in 0..1000 {
        let first = place.write(&format!("huge/{dir}/0"), "");
        for n in 1..1000 {
            std::fs::hard_link(&first, first.with_file_name(n.to_string())).unwrap();
        }
    }
    let begun = Instant::now();
    let ran = place.run(["run", "--wait", "0s", "--", "rm", "-rf", "huge"]);
    let took = begun.elapsed();
    let screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    eprintln!("{took:?}: {screen}");
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(screen.contains("T3 challenge"), "{screen}");
    let counted = screen.split(" files").next().and_then(|text| text.rsplit(' ').next()).unwrap();
    let counted: u64 = counted.replace(',', "").parse().unwrap();
    // A fast machine may count all of them in time; what it did not count is said.
    assert_eq!(screen.contains("hits at least "), counted < 1_000_000, "{screen}");
    assert!((1000..=1_000_000).contains(&counted), "{counted}: {screen}");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[test]
fn who_acts_is_asked_once_for_all_that_a_command_does_with_the_same_credentials() {
    let place = Place::new();
    let asked = place.path("tmp/asked");
    place.client(
        "kubectl",
        &format!(
            "case \"$*\" in *whoami*) echo \"$*\" >>'{}'; echo '{{\"status\":{{\"userInfo\":{{\"username\":\"ann\"}}}}}}' ;;\n\
             *can-i*) echo no; exit 1 ;;\n *) echo pod/x ;; esac",
            asked.display()
        ),
    );
    let text =
        "kubectl -n a delete pod x; kubectl -n b delete pod y; kubectl --context z delete pod z";
    let ran = place.run(["run", "--wait", "0s", "-c", text]);
    assert!(ran.stderr.contains("as ann"), "{}", ran.stderr);
    let mut lines: Vec<String> =
        std::fs::read_to_string(asked).unwrap().lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(
        lines,
        [
            "--context=z auth whoami -o json --request-timeout=3s",
            "auth whoami -o json --request-timeout=3s"
        ]
    );
}
