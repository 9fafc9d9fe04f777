//! Finding the program, as `execvp` and the shells do.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use nix::unistd::{AccessFlags, access};

use super::{Executable, Obstacle, RunError};

/// What is searched when there is no PATH at all (execvp(3)).
const DEFAULT_PATH: &str = "/bin:/usr/bin";

/// Finds a program and pins its file.
///
/// A name with a slash is taken as it is. Any other is looked up in `path_var`,
/// where an empty element means `cwd`; the first file that may be executed
/// wins, directories are passed over, and if there are only files without
/// execute permission the first of them is what the error names. Links to guard
/// itself under another name are passed over: they stand in front of the real
/// program. `cwd` is the
/// directory of this process: the child starts in it, and relative results
/// refer to it.
///
/// # Errors
/// [`RunError::NotFound`] (127) or [`RunError::NotExecutable`] (126), decided
/// as bash does.
pub fn resolve(
    program: &OsStr,
    path_var: Option<&OsStr>,
    cwd: &Path,
) -> Result<Executable, RunError> {
    if program.as_bytes().contains(&b'/') {
        let path = PathBuf::from(program);
        return match look(&cwd.join(&path)) {
            Found::Program(metadata) => Executable::pin(program, path, cwd, &metadata),
            Found::Nothing => Err(not_found(program, None)),
            Found::Blocked(obstacle) => Err(RunError::NotExecutable { path, obstacle }),
        };
    }
    let path_var = path_var.unwrap_or(OsStr::new(DEFAULT_PATH));
    let mut blocked = None;
    // An empty name would name the directories themselves.
    let elements = (!program.is_empty()).then(|| path_var.as_bytes().split(|byte| *byte == b':'));
    for element in elements.into_iter().flatten() {
        let candidate = Path::new(OsStr::from_bytes(element)).join(program);
        // Without a slash `execve` would be given a bare name, and scripts
        // would see it as `$0`; bash shows `./name`.
        let candidate = if element.is_empty() { Path::new(".").join(candidate) } else { candidate };
        match look(&cwd.join(&candidate)) {
            Found::Program(metadata) if is_shim(program, &cwd.join(&candidate), &metadata) => {}
            Found::Program(metadata) => {
                return Executable::pin(program, candidate, cwd, &metadata);
            }
            Found::Blocked(obstacle @ Obstacle::Permission) if blocked.is_none() => {
                blocked = Some(RunError::NotExecutable { path: candidate, obstacle });
            }
            Found::Nothing | Found::Blocked(_) => {}
        }
    }
    Err(blocked.unwrap_or_else(|| not_found(program, Some(path_var))))
}

/// Whether a file is guard under the name of another program. Two copies of
/// guard know each other by the name of the file behind the link.
fn is_shim(program: &OsStr, path: &Path, metadata: &fs::Metadata) -> bool {
    if program.as_bytes().starts_with(b"guard") {
        return false;
    }
    let own = fs::metadata("/proc/self/exe").or_else(|_| fs::metadata(std::env::current_exe()?));
    let same = own.is_ok_and(|own| (own.dev(), own.ino()) == (metadata.dev(), metadata.ino()));
    let link = || fs::symlink_metadata(path).is_ok_and(|link| link.is_symlink());
    let behind =
        || path.canonicalize().is_ok_and(|real| real.file_name() == Some("guard".as_ref()));
    same || (link() && behind())
}

fn not_found(program: &OsStr, searched: Option<&OsStr>) -> RunError {
    let text = |text: &OsStr| text.to_string_lossy().into_owned();
    RunError::NotFound { program: text(program), searched: searched.map(text) }
}

enum Found {
    Nothing,
    Program(fs::Metadata),
    Blocked(Obstacle),
}

fn look(path: &Path) -> Found {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::PermissionDenied | io::ErrorKind::NotADirectory => {
                    Found::Blocked(Obstacle::Unreachable)
                }
                _ => Found::Nothing,
            };
        }
    };
    if metadata.is_dir() {
        Found::Blocked(Obstacle::Directory)
    } else if !metadata.is_file() {
        Found::Blocked(Obstacle::NotRegular)
    } else if access(path, AccessFlags::X_OK).is_err() {
        Found::Blocked(Obstacle::Permission)
    } else {
        Found::Program(metadata)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;
    use crate::exit::Exit;
    use crate::run::Kind;

    struct Place(tempfile::TempDir);

    impl Place {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn file(&self, name: &str, mode: u32, content: &str) {
            let path = self.0.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, content).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }

        fn resolve(&self, program: &str, path: Option<&str>) -> Result<Executable, Exit> {
            resolve(program.as_ref(), path.map(OsStr::new), self.0.path())
                .map_err(|error| error.exit())
        }
    }

    #[test]
    fn the_search_passes_over_directories_and_files_without_permission() {
        let place = Place::new();
        fs::create_dir_all(place.0.path().join("dir/tool")).unwrap();
        place.file("plain/tool", 0o644, "");
        place.file("real/tool", 0o755, "#! /bin/sh -e\n");
        let found = place.resolve("tool", Some("none:dir:plain:real")).unwrap();
        assert_eq!(found.call_path, Path::new("real/tool"));
        assert_eq!(found.path, place.0.path().canonicalize().unwrap().join("real/tool"));
        assert_eq!(found.kind, Kind::Script { interpreter: "/bin/sh".into() });
        assert!(found.sha256.is_some());
    }

    #[test]
    fn not_found_is_127_and_not_executable_is_126() {
        let place = Place::new();
        fs::create_dir_all(place.0.path().join("dir/tool")).unwrap();
        place.file("plain/tool", 0o644, "");
        let refused = |program, path| place.resolve(program, path).unwrap_err();
        assert_eq!(refused("tool", Some("none:dir")), Exit::NotFound);
        assert_eq!(refused("tool", Some("none:plain:dir")), Exit::NotExecutable);
        assert_eq!(refused("plain/tool", None), Exit::NotExecutable);
        assert_eq!(refused("dir/tool", None), Exit::NotExecutable);
        assert_eq!(refused("plain/tool/below", None), Exit::NotExecutable);
        assert_eq!(refused("absent/tool", None), Exit::NotFound);
        assert_eq!(refused("", Some("dir:")), Exit::NotFound);
        assert_eq!(refused("/dev/null", None), Exit::NotExecutable);
        assert_eq!(refused(&"x".repeat(10_000), Some("dir:plain")), Exit::NotFound);
    }

    #[test]
    fn an_empty_path_element_is_the_current_directory() {
        let place = Place::new();
        place.file("tool", 0o755, "#!/bin/sh\n");
        for path in ["", "none:", ":none", "none::none"] {
            let found = place.resolve("tool", Some(path)).unwrap();
            assert_eq!(found.call_path, Path::new("./tool"), "PATH={path:?}");
        }
    }

    #[test]
    fn without_path_the_system_folders_are_searched() {
        let found = Place::new().resolve("sh", None).unwrap();
        assert_eq!(found.call_path, Path::new("/bin/sh"));
        assert!(!fs::symlink_metadata(&found.path).unwrap().is_symlink());
        assert_eq!(found.kind, Kind::Elf);
        assert_eq!(found.sha256, None);
    }

    #[test]
    fn a_file_that_was_swapped_rewritten_or_removed_is_noticed() {
        let place = Place::new();
        let root = place.0.path().canonicalize().unwrap();
        let pin = |name: &str| resolve(root.join(name).as_os_str(), None, &root).unwrap();

        place.file("swapped", 0o755, "#!/bin/sh\n");
        let swapped = pin("swapped");
        swapped.recheck().unwrap();
        place.file("other", 0o755, "#!/bin/sh\n");
        fs::rename(root.join("other"), root.join("swapped")).unwrap();
        assert_eq!(swapped.recheck().unwrap_err().exit(), Exit::Denied);

        place.file("rewritten", 0o755, "#!/bin/sh\ntrue\n");
        let rewritten = pin("rewritten");
        place.file("rewritten", 0o755, "#!/bin/sh\nfals\n");
        assert_eq!(rewritten.recheck().unwrap_err().exit(), Exit::Denied);

        place.file("removed", 0o755, "#!/bin/sh\n");
        let removed = pin("removed");
        fs::remove_file(root.join("removed")).unwrap();
        assert_eq!(removed.recheck().unwrap_err().exit(), Exit::Denied);

        place.file("target", 0o755, "#!/bin/sh\n");
        symlink("target", root.join("link")).unwrap();
        let linked = pin("link");
        fs::remove_file(root.join("link")).unwrap();
        symlink("rewritten", root.join("link")).unwrap();
        assert_eq!(linked.recheck().unwrap_err().exit(), Exit::Denied);
    }

    #[test]
    fn a_script_with_its_old_times_put_back_is_still_noticed() {
        let place = Place::new();
        let root = place.0.path().canonicalize().unwrap();
        place.file("script", 0o755, "#!/bin/sh\ntrue\n");
        let mut pinned = resolve(root.join("script").as_os_str(), None, &root).unwrap();
        fs::write(root.join("script"), "#!/bin/sh\nfals\n").unwrap();
        // As if the clock were too coarse to tell the two states apart.
        pinned.identity = (&fs::metadata(root.join("script")).unwrap()).into();
        assert_eq!(pinned.recheck().unwrap_err().exit(), Exit::Denied);
    }

    #[test]
    fn another_machines_image_is_not_run_by_descriptor() {
        let place = Place::new();
        let mut image = fs::read("/proc/self/exe").unwrap();
        image.truncate(64);
        image[18] ^= 0xff;
        let path = place.0.path().join("foreign");
        fs::write(&path, &image).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let found = resolve(path.as_os_str(), None, place.0.path()).unwrap();
        assert_eq!(found.kind, Kind::Other);
    }
}
