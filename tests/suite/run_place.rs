//! A place for tests of running: an own home, a folder of small programs that
//! is first in PATH, and none of the caller's environment.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The guard under test.
pub(crate) const GUARD: &str = env!("CARGO_BIN_EXE_guard");

/// A temporary home.
pub(crate) struct Place(tempfile::TempDir);

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs::create_dir(place.path("bin")).unwrap();
        std::os::unix::fs::symlink(GUARD, place.path("bin/guard")).unwrap();
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    /// Makes an executable script in the folder that is first in PATH. What a
    /// test does goes there, so that guard has nothing to judge in its text.
    pub(crate) fn script(&self, name: &str, text: &str) {
        self.program(name, &format!("#!/bin/sh\n{text}\n"), 0o755);
    }

    pub(crate) fn program(&self, name: &str, content: &str, mode: u32) {
        let path = self.path("bin").join(name);
        // Written aside and renamed: a file that some concurrent fork still
        // holds open for writing cannot be executed (ETXTBSY).
        let aside = self.path(&format!("{name}.new"));
        fs::write(&aside, content).unwrap();
        fs::set_permissions(&aside, fs::Permissions::from_mode(mode)).unwrap();
        fs::rename(aside, path).unwrap();
    }

    /// A command in this place, with nothing of the caller's environment.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.root())
            .env("XDG_STATE_HOME", self.path("state"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()))
            .env("TERM", "dumb")
            .current_dir(self.root());
        command
    }

    /// `guard -- ARGS`.
    pub(crate) fn guard(&self, args: &[&str]) -> Command {
        let mut command = self.command(GUARD);
        command.arg("--").args(args);
        command
    }
}
