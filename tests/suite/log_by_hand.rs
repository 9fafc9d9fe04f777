//! The commands of docs/log.md check a log without guard, exactly as they are
//! printed there.

use std::path::Path;
use std::process::Command;

use crate::grammar_clients::skipped;
use crate::harness::root;

const VECTOR: &str = include_str!("../fixtures/audit/chain-vector.jsonl");

fn document() -> String {
    std::fs::read_to_string(root().join("docs/log.md")).unwrap()
}

/// The commands of the section about checking by hand, as one script.
fn script() -> String {
    let text = document();
    let (_, section) = text.split_once("\n## 7. Checking by hand\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let blocks: Vec<&str> =
        section.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    assert_eq!(blocks.len(), 3, "chain, signature and root");
    blocks.concat()
}

/// The folder that the section describes.
fn folder(log: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let fixture = |name: &str| {
        std::fs::read_to_string(root().join("tests/fixtures/audit").join(name)).unwrap()
    };
    let (text, signature) =
        (fixture("chain-vector.checkpoint"), fixture("chain-vector.checkpoint.sig"));
    std::fs::write(dir.path().join("log.jsonl"), log).unwrap();
    std::fs::write(dir.path().join("5.checkpoint"), format!("{text}\n{signature}")).unwrap();
    std::fs::write(dir.path().join("allowed_signers"), fixture("chain-vector.allowed_signers"))
        .unwrap();
    dir
}

fn by_hand(dir: &Path) -> String {
    let out = Command::new("bash").args(["-c", &script()]).current_dir(dir).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&out.stdout), text(&out.stderr))
}

/// Whether all tools of the section are there.
fn tools() -> bool {
    let missing: Vec<&str> = ["bash", "sha256sum", "jq", "ssh-keygen", "base64"]
        .into_iter()
        .filter(|tool| {
            let found = |dir: std::path::PathBuf| dir.join(tool).is_file();
            !std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(found)
        })
        .collect();
    let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
    assert!(missing.is_empty() || !ci, "{missing:?} are needed under CI");
    if !missing.is_empty() {
        skipped(&format!(
            "{missing:?} are not installed: the commands of docs/log.md were not run"
        ));
    }
    missing.is_empty()
}

#[test]
fn the_commands_of_the_document_accept_the_vector_and_find_every_change() {
    if !tools() {
        return;
    }
    let good = by_hand(folder(VECTOR).path());
    let hash = "69252dc66f9e58fbaba5850acd6fa115120ea5f31ab181c433b7fa3670186597";
    assert!(good.contains(&format!("5 lines, the hash of the last is {hash}")), "{good}");
    assert!(good.contains("Good \"guard-checkpoint@v1\" signature"), "{good}");
    assert!(good.contains("the first 5 lines are those that were signed"), "{good}");
    assert!(!good.contains("does not hold"), "{good}");

    let edited = by_hand(folder(&VECTOR.replace("b7c1f2", "b7c1f3")).path());
    assert!(edited.contains("line 4 does not hold the hash"), "{edited}");
    assert!(edited.contains("are NOT those"), "{edited}");
    let cut: String = VECTOR.split_inclusive('\n').take(4).collect();
    let cut = by_hand(folder(&cut).path());
    assert!(!cut.contains("does not hold") && cut.contains("are NOT those"), "{cut}");
    let grown = by_hand(folder(&format!("{VECTOR}{VECTOR}")).path());
    assert!(grown.contains("the first 5 lines are those that were signed"), "{grown}");

    let dir = folder(VECTOR);
    let path = dir.path().join("5.checkpoint");
    let checkpoint = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, checkpoint.replacen("\n5\n", "\n4\n", 1)).unwrap();
    let forged = by_hand(dir.path());
    assert!(!forged.contains("Good") && forged.contains("are NOT those"), "{forged}");
}

#[test]
fn the_document_shows_the_vector_as_it_is() {
    let text = document();
    let checkpoint = include_str!("../fixtures/audit/chain-vector.checkpoint");
    assert!(text.contains(&format!("```text\n{checkpoint}```")));
    let roots = text.lines().filter(|line| line.starts_with("| ") && line.ends_with("=` |"));
    assert_eq!(roots.count(), 6);
}

#[test]
fn the_policy_of_the_document_is_accepted() {
    let place = crate::harness::Place::new();
    let text = document();
    let blocks: Vec<&str> = text.split("```yaml\n").skip(1).collect();
    assert_eq!(blocks.len(), 4);
    for yaml in blocks {
        let path = place.write("policy.yaml", yaml.split("```").next().unwrap().replace('…', "x"));
        let out = place.run(["policy", "check", path.to_str().unwrap()]);
        assert_eq!(out.code, Some(0), "{}{}", out.stdout, out.stderr);
    }
}
