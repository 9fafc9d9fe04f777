//! The walk-through of the README, run as it is written.

use super::desk::{Desk, ended, people};
use crate::harness::{GUARD, Place, root};

#[test]
fn the_walk_through_of_the_readme_works_as_written() {
    if !people() {
        return;
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let start = readme.find("<!-- walk-through").expect("the README has a walk-through");
    let block = readme[start..].split("```").nth(1).unwrap();
    let lines: Vec<&str> = block.lines().skip(1).filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 7, "{block}");
    let desk = Desk { place: Place::new() };
    desk.place.program("kubectl", "echo \"RAN $*\"; echo x >>\"$TMPDIR/ran\"");
    std::os::unix::fs::symlink(GUARD, desk.place.path("bin/guard")).unwrap();
    let tmp = desk.place.path("tmp");
    let mut asked = "GEXS-Z6KB".to_owned();
    let mut codes = Vec::new();
    for line in lines {
        let line =
            line.replace("/tmp/", &format!("{}/", tmp.display())).replace("GEXS-Z6KB", &asked);
        let mut command = desk.place.command("sh");
        command
            .args(["-c", &line])
            .env("TERM", "xterm")
            .env("NO_COLOR", "1")
            .env("GUARD_PAGER", "");
        let mut pty = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
        if line.contains("guard approve ") {
            pty.exp_string("To approve, type: ").unwrap();
            pty.send_line("prod").unwrap();
        }
        let (code, shown) = ended(pty);
        if let Some(at) = shown.find("answer to request ") {
            asked = shown[at + 18..].chars().take(9).collect();
        }
        codes.push(code);
        if line.contains("guard log show") {
            assert!(shown.contains("answer: approve by dana@example.org"), "{shown}");
        }
    }
    assert_eq!((codes, desk.runs()), (vec![0, 0, 75, 0, 0, 0, 0], 1));
}

/// What the specification says about its own vectors is true.
#[test]
fn the_numbers_in_the_specification_are_those_of_the_vectors() {
    use guard::second::{Request, display::sha256, handle};
    let text = std::fs::read_to_string(root().join("docs/approval.md")).unwrap();
    let request = std::fs::read(root().join("tests/fixtures/approval/request.json")).unwrap();
    assert!(Request::read(&request).is_ok());
    for words in [sha256(&request), handle(&request), "2,205 bytes".to_owned()] {
        assert!(text.contains(&words), "{words}");
    }
    assert_eq!(request.len(), 2205);
    let document = std::fs::read(root().join("tests/fixtures/approval/bob.json")).unwrap();
    let data = guard::ssh::signed_data("guard-decision@v1", guard::ssh::Hash::Sha512, &document);
    assert_eq!(data.len(), 109);
    let hex: String = data.iter().take(31).map(|byte| format!("{byte:02x}")).collect();
    assert!(text.contains(&hex), "{hex}");
    for name in ["bob", "dana0", "dana1", "erin"] {
        assert!(text.contains(&format!("`{name}.sig`")), "{name}");
    }
    // Every field of a request is explained.
    let value: serde_json::Value = serde_json::from_slice(&request).unwrap();
    for (name, part) in value.as_object().unwrap() {
        assert!(text.contains(name.as_str()), "{name}");
        for inner in part.as_object().into_iter().flatten().map(|(inner, _)| inner) {
            assert!(text.contains(inner.as_str()), "{name}.{inner}");
        }
    }
}
