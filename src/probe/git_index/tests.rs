//! Against git itself, and against bytes that no git writes.

use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::{Listed, PIECE};

fn listed(mut index: &[u8], paths: &[&[u8]]) -> Option<Listed> {
    super::listed(&mut index, paths)
}

/// Gives at most so many bytes at once, as a pipe or a slow disk may.
struct Slow<'a>(&'a [u8], usize);

impl std::io::Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        std::io::Read::read(&mut self.0, &mut buffer[..most])
    }
}

#[test]
fn an_index_is_counted_alike_however_it_comes_and_wherever_a_piece_ends() {
    let name = |n: usize| format!("a/{n:04}{}", "x".repeat(n % 90));
    let entries: Vec<Vec<u8>> = (0..3000).map(|n| entry(name(n).as_bytes(), 0)).collect();
    let after = [&b"TREE"[..], &200_000_u32.to_be_bytes(), &[7; 200_000]].concat();
    let index = written(&entries, &after);
    assert!(index.len() > 4 * PIECE);
    let all = Some(Listed { files: 3000, unwatched: 0 });
    for at_once in [1, 61, 4096, PIECE, usize::MAX] {
        assert_eq!(super::listed(&mut Slow(&index, at_once), &[b"a"]), all, "{at_once}");
        let cut = &index[..index.len() - 1];
        assert_eq!(super::listed(&mut Slow(cut, at_once), &[b"a"]), None, "{at_once}");
    }
}

/// `None` when there is no git here, which is said; in CI it fails.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn git(dir: &Path, words: &str) -> Option<String> {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]);
    command.args(words.split(' ')).current_dir(dir).stdin(Stdio::null());
    command.env_clear().env("PATH", std::env::var_os("PATH")?).env("HOME", dir);
    match command.output() {
        Ok(ran) => {
            assert!(ran.status.success(), "{words}: {}", String::from_utf8_lossy(&ran.stderr));
            Some(String::from_utf8(ran.stdout).unwrap())
        }
        Err(_) => {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "git is missing");
            eprintln!("SKIPPED: git is not on this machine");
            None
        }
    }
}

fn index(dir: &Path) -> Vec<u8> {
    std::fs::read(dir.join(".git/index")).unwrap()
}

fn files(dir: &Path, paths: &[&str]) -> Option<u64> {
    let paths: Vec<&[u8]> = paths.iter().map(|path| path.as_bytes()).collect();
    listed(&index(dir), &paths).map(|listed| listed.files)
}

/// A repository with names that sort in ways that are easy to get wrong.
fn repository() -> Option<tempfile::TempDir> {
    let dir = tempfile::tempdir().unwrap();
    git(dir.path(), "init -q")?;
    let long = "l".repeat(200);
    let names = ["a/x", "a/y/z", "a-b/x", "a.b", "ab/x", "b", "ü/n\n", &format!("{long}/{long}")];
    for name in names {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, name).unwrap();
    }
    for n in 0..300 {
        std::fs::write(dir.path().join(format!("a/y/{n}")), "x").unwrap();
    }
    git(dir.path(), "add .")?;
    git(dir.path(), "commit -q -m all")?;
    Some(dir)
}

#[test]
fn every_version_of_an_index_is_counted_as_git_counts() {
    let Some(dir) = repository() else { return };
    let dir = dir.path();
    for version in 2..=4 {
        git(dir, &format!("update-index --index-version {version}"));
        if version == 3 {
            // Only an extended entry makes one of version 3.
            std::fs::write(dir.join("a/later"), "").unwrap();
            git(dir, "add -N a/later");
        }
        assert_eq!(index(dir)[7], version, "git wrote another version");
        for paths in [&["a"][..], &["a", "a/y"], &["a-b"], &["b", "ü"], &["no"], &["a/x"], &["l"]]
        {
            let asked = format!("ls-files -z -- {}", paths.join(" "));
            let said = git(dir, &asked).unwrap().matches('\0').count();
            assert_eq!(files(dir, paths), Some(said as u64), "version {version}: {paths:?}");
        }
    }
}

#[test]
fn what_git_does_not_look_at_is_told() {
    let Some(dir) = repository() else { return };
    let unwatched = |path: &str| listed(&index(dir.path()), &[path.as_bytes()]).unwrap().unwatched;
    assert_eq!(unwatched("a"), 0);
    git(dir.path(), "update-index --assume-unchanged a/x");
    git(dir.path(), "update-index --skip-worktree a/y/z");
    assert_eq!((unwatched("a"), unwatched("a/y"), unwatched("ab")), (2, 1, 0));
}

#[test]
fn an_index_that_says_more_than_is_understood_is_left_to_git() {
    let Some(dir) = repository() else { return };
    let dir = dir.path();
    assert!(files(dir, &["a"]).is_some());
    // Split over two files.
    git(dir, "update-index --split-index");
    assert_eq!(files(dir, &["a"]), None);
    git(dir, "update-index --no-split-index");
    assert!(files(dir, &["a"]).is_some());
    // Folders in place of their files.
    git(dir, "sparse-checkout set --cone --sparse-index ab");
    assert_eq!(files(dir, &["a"]), None);
    git(dir, "sparse-checkout disable");
    // A merge that is not finished.
    git(dir, "checkout -q -b other");
    std::fs::write(dir.join("b"), "theirs").unwrap();
    git(dir, "commit -q -a -m theirs");
    git(dir, "checkout -q main");
    std::fs::write(dir.join("b"), "ours").unwrap();
    git(dir, "commit -q -a -m ours");
    assert!(files(dir, &["a"]).is_some());
    git(dir, "read-tree -m main~1 main other");
    assert_eq!(files(dir, &["b"]), None);
    // Object names of another length.
    let other = tempfile::tempdir().unwrap();
    git(other.path(), "init -q --object-format=sha256");
    std::fs::write(other.path().join("b"), "").unwrap();
    git(other.path(), "add b");
    assert_eq!(files(other.path(), &["b"]), None);
}

/// An entry of version 2.
fn entry(name: &[u8], flags: u16) -> Vec<u8> {
    let mut out = vec![0; 24];
    out.extend(0o100_644_u32.to_be_bytes());
    out.resize(60, 0);
    let length = u16::try_from(name.len().min(0xfff)).unwrap();
    out.extend((flags | length).to_be_bytes());
    out.extend(name);
    out.resize((out.len() + 8) & !7, 0);
    out
}

fn written(entries: &[Vec<u8>], after: &[u8]) -> Vec<u8> {
    let mut out = b"DIRC\0\0\0\x02".to_vec();
    out.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
    entries.iter().for_each(|entry| out.extend(entry));
    out.extend(after);
    out.extend([0; 20]);
    out
}

#[test]
fn a_broken_index_is_no_index() {
    let good = [entry(b"a/x", 0), entry(b"b", 0)];
    let one = Some(Listed { files: 1, unwatched: 0 });
    assert_eq!(listed(&written(&good, b""), &[b"a"]), one);
    assert_eq!(listed(&written(&good, b"TREE\0\0\0\x01x"), &[b"a"]), one);
    // An extension that has to be understood, one that is cut off, loose bytes.
    for after in [&b"link\0\0\0\x01x"[..], b"TREE\0\0\xff\xff", b"T", b"TREE\0\0\0\x01xy"] {
        assert_eq!(listed(&written(&good, after), &[b"a"]), None, "{after:?}");
    }
    for wrong in [entry(b"a", 0x4000), entry(b"a", 0x1000), entry(b"", 0)] {
        assert_eq!(listed(&written(&[wrong], b""), &[b"a"]), None);
    }
    let whole = written(&good, b"");
    for end in 0..whole.len() {
        assert_eq!(listed(&whole[..end], &[b"a"]), None, "{end} bytes");
    }
    // More entries than there are bytes for.
    let mut many = whole;
    many[8..12].fill(0xff);
    assert_eq!(listed(&many, &[b"a"]), None);
}

#[test]
fn names_that_grow_without_end_are_no_index() {
    let mut bytes = b"DIRC\0\0\0\x04\0\x01\0\0".to_vec();
    for n in 1..65_536_u32 {
        bytes.resize(bytes.len() + 24, 0);
        bytes.extend(0o100_644_u32.to_be_bytes());
        bytes.resize(bytes.len() + 32, 0);
        bytes.extend(u16::try_from(n.min(0xfff)).unwrap().to_be_bytes());
        bytes.extend(b"\0a\0");
    }
    let begun = std::time::Instant::now();
    assert_eq!(listed(&bytes, &[b"a"]), None);
    assert!(begun.elapsed() < std::time::Duration::from_secs(1));
}

proptest! {
    #[test]
    fn no_bytes_break_the_reader(
        mut bytes in proptest::collection::vec(any::<u8>(), 0..600),
        version in 2_u8..5,
        changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..4),
    ) {
        let _ = listed(&bytes, &[b"a"]);
        let head = [b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, 2];
        bytes.splice(..bytes.len().min(head.len()), head);
        let _ = listed(&bytes, &[b"a", b""]);
        let mut near = written(&[entry(b"a/x", 0), entry(b"b", 0)], b"TREE\0\0\0\x01x");
        for (at, byte) in changes {
            let at = at % near.len();
            near[at] = byte;
        }
        if let Some(listed) = listed(&near, &[b"a", b"b"]) {
            prop_assert!(listed.files <= 2);
        }
    }
}
