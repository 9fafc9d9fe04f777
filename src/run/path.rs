//! Following a path as the kernel would, to learn who could swap its end.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Component, Path, PathBuf};

/// As many as the kernel follows (path_resolution(7)).
const MAX_LINKS: u32 = 40;

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Walked {
    /// Absolute, without symbolic links, `.` and `..`.
    pub(super) canonical: PathBuf,
    /// Whether root alone could make the path lead elsewhere or change the
    /// file: every directory that is passed, those of symbolic links included,
    /// and the file belong to root and nobody else may write to them.
    pub(super) only_root_can_change: bool,
}

/// Follows an absolute path to its end.
///
/// # Errors
/// Those of lstat(2) and readlink(2), and `InvalidInput` for a relative path or
/// more than 40 symbolic links.
pub(super) fn walk(path: &Path) -> io::Result<Walked> {
    if !path.is_absolute() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut canonical = PathBuf::from("/");
    let mut only_root_can_change = belongs_to_root(&fs::symlink_metadata("/")?);
    let mut links = 0;
    let mut todo = VecDeque::new();
    push_front(&mut todo, path);
    while let Some(name) = todo.pop_front() {
        if name == ".." {
            canonical.pop();
            continue;
        }
        canonical.push(&name);
        let metadata = fs::symlink_metadata(&canonical)?;
        if !metadata.is_symlink() {
            only_root_can_change &= belongs_to_root(&metadata);
            continue;
        }
        links += 1;
        if links > MAX_LINKS {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let target = fs::read_link(&canonical)?;
        canonical.pop();
        if target.is_absolute() {
            canonical = PathBuf::from("/");
        }
        push_front(&mut todo, &target);
    }
    Ok(Walked { canonical, only_root_can_change })
}

fn push_front(todo: &mut VecDeque<OsString>, path: &Path) {
    for component in path.components().rev() {
        match component {
            Component::Normal(name) => todo.push_front(name.to_owned()),
            Component::ParentDir => todo.push_front("..".into()),
            Component::RootDir | Component::CurDir | Component::Prefix(_) => {}
        }
    }
}

/// A sticky directory such as `/tmp` does not count: root's files there are
/// safe from others, but a name that root has not taken yet is not. Access
/// lists show in the group's write bit (acl(5)).
fn belongs_to_root(metadata: &fs::Metadata) -> bool {
    metadata.uid() == 0 && metadata.mode() & 0o022 == 0
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn symbolic_links_and_dots_lead_where_the_kernel_goes() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/target"), "").unwrap();
        symlink("../target", root.join("a/b/relative")).unwrap();
        symlink(root.join("a/b"), root.join("absolute")).unwrap();
        let walked = walk(&root.join("absolute/./../b/relative")).unwrap();
        assert_eq!(walked.canonical, root.join("a/target"));
        assert_eq!(walked.canonical, root.join("absolute/../b/relative").canonicalize().unwrap());
    }

    #[test]
    fn a_link_loop_and_a_missing_part_are_errors() {
        let root = tempfile::tempdir().unwrap();
        symlink("loop", root.path().join("loop")).unwrap();
        assert!(walk(&root.path().join("loop")).is_err());
        assert!(walk(&root.path().join("absent/x")).is_err());
        assert!(walk(Path::new("relative")).is_err());
    }

    #[test]
    fn a_path_through_a_directory_that_others_may_write_is_not_roots_alone() {
        let root = tempfile::tempdir().unwrap();
        let open = root.path().join("open");
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
        symlink("/bin/sh", open.join("link")).unwrap();
        assert!(!walk(&open.join("link")).unwrap().only_root_can_change);
        assert!(walk(Path::new("/")).unwrap().only_root_can_change);
    }
}
