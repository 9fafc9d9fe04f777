//! `guard demo` plays to its end and touches nothing but its folder.

use std::collections::BTreeMap;
use std::path::Path;

use crate::harness::{Place, output};

/// Every file below a folder with its content, but for one folder.
fn tree(dir: &Path, but: &Path, out: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path == but {
            continue;
        }
        let name = path.to_string_lossy().into_owned();
        if path.is_dir() && !path.is_symlink() {
            out.insert(format!("{name}/"), Vec::new());
            tree(&path, but, out);
        } else {
            out.insert(name, std::fs::read(&path).unwrap_or_default());
        }
    }
}

#[test]
fn the_demo_ends_as_told_and_touches_only_its_folder() {
    if Path::new("/etc/guard/allowed_signers").exists() {
        eprintln!("SKIPPED: this host has approvers of its own");
        return;
    }
    let place = Place::new();
    let dir = place.path("tmp/demo");
    let root = place.path("");
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    tree(&root, &dir, &mut before);
    let ran = output(&mut place.guard(["demo", "--dir", dir.to_str().unwrap()]));
    tree(&root, &dir, &mut after);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert!(before == after, "something outside the folder was changed");
    for text in [
        "2nd step of delete and recreate",
        "was denied by dana@example.org",
        "approved by dana@example.org; it runs now",
        "Neither the agent nor its operator can answer",
    ] {
        assert!(ran.stderr.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
    for text in ["intact", "broken in 1 place"] {
        assert!(ran.stdout.contains(text), "{text:?} is missing:\n{}", ran.stdout);
    }
    let orders = std::fs::read_to_string(dir.join("cloud/cost-prod/orders.csv")).unwrap();
    assert_eq!(orders.lines().count(), 1204);
    assert!(!dir.join("cloud/cost-canary").exists());
    let report = std::fs::read_to_string(dir.join("report.html")).unwrap();
    assert!(report.contains("the orders would be gone"), "{report}");
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let place = Place::new();
    place.write("kept/file", "x");
    let dir = place.path("project/kept");
    let ran = output(&mut place.guard(["demo", "--dir", dir.to_str().unwrap()]));
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("name a new one with --dir"), "{}", ran.stderr);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
}

#[test]
fn a_part_is_played_only_at_a_terminal() {
    let place = Place::new();
    let ran = output(&mut place.guard(["demo", "--interactive", "approver"]));
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("needs a terminal"), "{}", ran.stderr);
}
