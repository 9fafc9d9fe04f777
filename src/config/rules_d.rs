//! Rule files of the system and the user.
//!
//! They stand in `rules.d` below the configuration folders, at most three
//! folders deep. The file name says which programs a file is for, so that a
//! verdict opens only the files of the programs it meets:
//!
//! * `kubectl.yaml` is for `kubectl`,
//! * `envctl,ectl.yaml` is for both names,
//! * `@all.yaml` is for every program.
//!
//! A broken file stops everything, wherever it is. To know that no file is
//! broken without reading all of them at each start, a stamp in the state
//! folder remembers how they looked when they were last checked. It is no more
//! than that: what a verdict uses is always read and checked again, so a forged
//! stamp can hide a broken file only from commands that it is not about.

use std::fs::{self, Metadata};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::{ConfigError, paths::Paths};
use crate::rules::{
    LoadedFile, Origin, RuleError, RuleErrors, RuleSet, builtin,
    lint::{self, Hooks, Source},
    schema::RuleFile,
    yaml,
};
use crate::text::escape;

/// Name of the folder below each configuration folder.
pub const FOLDER: &str = "rules.d";
/// Name of the stamp below the state folder.
const STAMP: &str = "rules.stamp";
/// File name, without its ending, of rules for every program.
const ALL: &str = "@all";
/// How deep folders may be nested.
const DEPTH: usize = 3;
/// How many entries are looked at.
const ENTRIES: usize = 2000;

/// The rule files that exist. All of them have been checked, now or earlier.
#[derive(Debug, Clone, Default)]
pub struct RuleFiles {
    files: Vec<PathBuf>,
}

/// The built-in rules and those of the system and the user.
///
/// # Errors
/// As [`find`].
pub fn load(paths: &Paths) -> Result<RuleSet, ConfigError> {
    find(&paths.config, paths.state.as_deref(), Hooks::default()).map(|found| found.rules())
}

/// Finds the rule files below the configuration folders and makes sure that
/// none is broken.
///
/// # Errors
/// A file or folder that others can write, or that cannot be read; a broken
/// rule file; too many files.
pub fn find(
    config: &[PathBuf],
    state: Option<&Path>,
    hooks: Hooks<'_>,
) -> Result<RuleFiles, ConfigError> {
    let mut walk = Walk::default();
    for folder in config {
        walk.folder(&folder.join(FOLDER), DEPTH)?;
    }
    if walk.files.is_empty() {
        return Ok(RuleFiles::default());
    }
    walk.files.sort_by(|a, b| a.0.cmp(&b.0));
    let found = RuleFiles { files: walk.files.iter().map(|(path, _)| path.clone()).collect() };
    let stamp = stamp(&walk.files);
    let place = state.map(|state| state.join(STAMP));
    let known = place.as_deref().and_then(|place| fs::read(place).ok());
    if known.as_deref() != Some(stamp.as_slice()) {
        found.check_all(hooks)?;
        if let Some(place) = place {
            // Without a stamp the files are checked again next time; no more.
            let _ = write(&place, &stamp);
        }
    }
    Ok(found)
}

impl RuleFiles {
    /// Paths of all files.
    #[must_use]
    pub fn paths(&self) -> &[PathBuf] {
        &self.files
    }

    /// The built-in rules and, read when one of their programs is met, these.
    #[must_use]
    pub fn rules(&self) -> RuleSet {
        let mut set = RuleSet::builtin();
        for path in &self.files {
            let programs = programs(path);
            let (path, named) = (path.clone(), programs.clone());
            set.add_later(&programs, move || load_one(&path, &named));
        }
        set
    }

    /// Reads and checks every file, alone and together.
    fn check_all(&self, hooks: Hooks<'_>) -> Result<(), ConfigError> {
        let sources = self.files.iter().map(|path| read(path, hooks));
        let sources: Vec<Source> = sources.collect::<Result<_, _>>()?;
        // Files of the system and the user may be about the same program.
        let errors = lint::across(&sources, false, &builtin::owner);
        if errors.is_empty() { Ok(()) } else { Err(RuleErrors(errors).into()) }
    }
}

/// Looks through folders, bounded.
#[derive(Default)]
struct Walk {
    files: Vec<(PathBuf, Metadata)>,
    entries: usize,
}

impl Walk {
    fn folder(&mut self, folder: &Path, depth: usize) -> Result<(), ConfigError> {
        let fail = |source| ConfigError::Read { path: shown(folder), source };
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error)
                if depth == DEPTH
                    && matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(());
            }
            Err(error) => return Err(fail(error)),
        };
        trusted(folder, &fs::metadata(folder).map_err(fail)?)?;
        for entry in entries {
            self.entry(&entry.map_err(fail)?.path(), depth)?;
        }
        Ok(())
    }

    fn entry(&mut self, path: &Path, depth: usize) -> Result<(), ConfigError> {
        self.entries += 1;
        if self.entries > ENTRIES {
            return Err(ConfigError::Invalid(format!(
                "{}: There are more than {ENTRIES} rule files. Put the rules of one tool into one \
                 file.",
                shown(path)
            )));
        }
        let name = path.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
        if name.starts_with('.') {
            return Ok(());
        }
        let metadata =
            fs::metadata(path).map_err(|source| ConfigError::Read { path: shown(path), source })?;
        if metadata.is_dir() {
            if depth <= 1 {
                return Err(ConfigError::Invalid(format!(
                    "{}: This folder is nested too deeply. Rule files stand at most {DEPTH} \
                     folders deep.",
                    shown(path)
                )));
            }
            return self.folder(path, depth - 1);
        }
        match path.extension().map(|extension| extension.to_string_lossy()) {
            Some(ending) if ending == "yaml" => self.files.push((path.to_owned(), metadata)),
            Some(ending) if ending == "yml" => {
                return Err(ConfigError::Invalid(format!(
                    "{0}: A rule file ends in .yaml; this one would be overlooked. Rename it.",
                    shown(path)
                )));
            }
            _ => {}
        }
        Ok(())
    }
}

/// A file or folder must belong to root or the caller, and nobody else may be
/// able to write it.
fn trusted(path: &Path, metadata: &Metadata) -> Result<(), ConfigError> {
    let path = shown(path);
    let us = nix::unistd::getuid().as_raw();
    if metadata.uid() != 0 && metadata.uid() != us {
        let problem = "belongs to neither root nor you".to_owned();
        let fix = format!("chown \"$USER\" {path}");
        return Err(ConfigError::Unsafe { path, problem, fix });
    }
    if metadata.mode() & 0o022 != 0 {
        let problem = "can be written by others".to_owned();
        let fix = format!("chmod go-w {path}");
        return Err(ConfigError::Unsafe { path, problem, fix });
    }
    Ok(())
}

/// The programs a file is for, by its name.
fn programs(path: &Path) -> Vec<String> {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy()).unwrap_or_default();
    if stem == ALL {
        return vec!["*".to_owned()];
    }
    stem.split(',').map(str::to_owned).collect()
}

/// Reads a file that has been checked. It may have changed in the meantime:
/// then nothing that it is about may run.
fn load_one(path: &Path, programs: &[String]) -> LoadedFile {
    let origin = Origin::File(path.to_string_lossy().into_owned());
    match load_file(path, Hooks::default()) {
        Ok(file) => file,
        Err(error) => {
            let text = error.to_string();
            let why = format!("broken rules: {}", text.lines().next().unwrap_or_default());
            LoadedFile::broken(programs, origin, &why)
        }
    }
}

/// Reads and checks one file of a rule folder.
///
/// # Errors
/// As [`find`], for this file.
pub fn load_file(path: &Path, hooks: Hooks<'_>) -> Result<LoadedFile, ConfigError> {
    let Source { name, file, .. } = read(path, hooks)?;
    Ok(LoadedFile::new(file, Origin::File(name)))
}

/// Reads and checks a rule file that may stand anywhere and have any name, for
/// its author.
///
/// # Errors
/// As [`read_text`], and all mistakes in the file.
pub fn load_any(path: &Path, hooks: Hooks<'_>) -> Result<LoadedFile, ConfigError> {
    let name = path.to_string_lossy().into_owned();
    let text = read_text(path, false)?;
    let file = lint::check(&name, &text, hooks)?;
    Ok(LoadedFile::new(file, Origin::File(name)))
}

/// Reads and checks one file.
fn read(path: &Path, hooks: Hooks<'_>) -> Result<Source, ConfigError> {
    let name = path.to_string_lossy().into_owned();
    let text = read_text(path, true)?;
    let file = lint::check(&name, &text, hooks)?;
    check_name(&name, &text, &file, &programs(path))?;
    Ok(Source { name, text, file })
}

/// The text of a rule file, whose size and kind are limited before it is read.
/// With `owned`, nobody but root and the caller may be able to write it.
///
/// # Errors
/// A file that cannot be read or trusted, is too large, or is not UTF-8.
pub fn read_text(path: &Path, owned: bool) -> Result<String, ConfigError> {
    let fail = |source| ConfigError::Read { path: shown(path), source };
    // Opening a named pipe would wait for a writer.
    let options = fs::OpenOptions::new().read(true).custom_flags(libc::O_NONBLOCK).to_owned();
    let file = options.open(path).map_err(fail)?;
    let metadata = file.metadata().map_err(fail)?;
    let name = path.to_string_lossy();
    if !metadata.is_file() {
        return Err(RuleError::whole(&name, "This is not an ordinary file.").into());
    }
    if owned {
        trusted(path, &metadata)?;
    }
    let mut bytes = Vec::new();
    file.take(yaml::MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(fail)?;
    Ok(yaml::decode(&name, &bytes)?)
}

/// The name of a file is its index: it must list the same programs.
fn check_name(name: &str, text: &str, file: &RuleFile, named: &[String]) -> Result<(), RuleError> {
    let sorted = |list: &[String]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    if sorted(named) == sorted(&file.programs) {
        return Ok(());
    }
    let right = if file.programs == ["*"] { ALL.to_owned() } else { file.programs.join(",") };
    let outline = yaml::outline(name, text)?;
    let mark = outline.key("programs").map(yaml::Outline::mark).unwrap_or_default();
    Err(RuleError::at(name, text, mark, "These are not the programs that the file name lists.")
        .expected(format!("the file name {right}.yaml, or other programs here")))
}

fn shown(path: &Path) -> String {
    escape(&path.to_string_lossy())
}

/// How the files look from outside, and which guard has checked them.
fn stamp(files: &[(PathBuf, Metadata)]) -> Vec<u8> {
    let version = env!("CARGO_PKG_VERSION");
    let mut out = format!("guard {version} {}\n", builtin::fingerprint()).into_bytes();
    for (path, m) in files {
        let (mtime, ctime) = ((m.mtime(), m.mtime_nsec()), (m.ctime(), m.ctime_nsec()));
        let line = format!("{} {} {} {mtime:?} {ctime:?} ", m.dev(), m.ino(), m.size());
        out.extend_from_slice(line.as_bytes());
        out.extend_from_slice(path.as_os_str().as_bytes());
        out.push(0);
        out.push(b'\n');
    }
    out
}

/// Replaces the stamp as a whole.
fn write(place: &Path, stamp: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let fresh = place.with_extension(format!("{}.new", std::process::id()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&fresh)?;
    let written = file.write_all(stamp).and_then(|()| fs::rename(&fresh, place));
    if written.is_err() {
        let _ = fs::remove_file(&fresh);
    }
    written
}

#[cfg(test)]
mod tests;
