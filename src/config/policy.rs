//! Loads policy: system, user and project. Lower ones can only raise.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::ConfigError;
use super::paths::{POLICY_FILE, PROJECT_POLICY, Paths, SYSTEM_CONFIG};
use super::rules_d;
use crate::decide::{Policy, PolicyFile};
use crate::rules::yaml;
use crate::text::escape;

/// Reads every policy file that applies. `now` is the time in RFC 3339, UTC,
/// which sorts as text.
///
/// # Errors
/// Any file that exists and cannot be trusted, read or understood.
pub fn load(paths: &Paths, project: Option<&Path>, now: &str) -> Result<Policy, ConfigError> {
    let mut policy = Policy::default();
    for dir in &paths.config {
        add(&mut policy, &dir.join(POLICY_FILE), true, now)?;
    }
    if let Some(project) = project {
        // A repository's file may belong to anybody: it can only tighten.
        add(&mut policy, &project.join(PROJECT_POLICY), false, now)?;
    }
    Ok(policy)
}

fn add(policy: &mut Policy, path: &Path, owned: bool, now: &str) -> Result<(), ConfigError> {
    let Some(text) = read(path, owned)? else { return Ok(()) };
    let name = path.to_string_lossy();
    let mut file = parse(&name, &text)?;
    let ignored = if owned { Vec::new() } else { file.keep_stricter() };
    if !ignored.is_empty() {
        policy.notes.push(format!(
            "{}: ignored: {}. A repository can only make guard stricter; this belongs into \
             /etc/guard/policy.yaml or ~/.config/guard/policy.yaml",
            escape(&name),
            ignored.join(", ")
        ));
    }
    if file.service_account.is_some() && !path.starts_with(SYSTEM_CONFIG) {
        return Err(ConfigError::Invalid(format!(
            "{}: service-account: only {SYSTEM_CONFIG}/policy.yaml can name it",
            escape(&name)
        )));
    }
    file.freeze.retain(|freeze| {
        freeze.from.as_deref().is_none_or(|from| from <= now)
            && freeze.until.as_deref().is_none_or(|until| now < until)
    });
    let wrong = |why: String| ConfigError::Invalid(format!("{}: {why}", escape(&name)));
    policy.add(&escape(&name), file).map_err(wrong)?;
    policy.texts.push((name.into_owned(), text));
    Ok(())
}

fn parse(name: &str, text: &str) -> Result<PolicyFile, ConfigError> {
    let file: PolicyFile =
        yaml::parse(name, text).map_err(|error| ConfigError::Invalid(error.to_string()))?;
    check_times(name, &file)?;
    match file.mistake() {
        Some(why) => Err(ConfigError::Invalid(format!("{}: {why}", escape(name)))),
        None => Ok(file),
    }
}

/// Reads one file without putting it in force; the number of its lines.
///
/// # Errors
/// A file that is missing, cannot be read or has mistakes.
pub fn check(path: &Path) -> Result<usize, ConfigError> {
    let name = path.to_string_lossy();
    let missing = || ConfigError::Read {
        path: escape(&name),
        source: std::io::Error::from(ErrorKind::NotFound),
    };
    let text = read(path, false)?.ok_or_else(missing)?;
    let file = parse(&name, &text)?;
    Ok(file.raise.len() + file.freeze.len() + usize::from(file.second_human.is_some()))
}

/// Times are compared as text, which is right only for one exact form.
fn check_times(name: &str, file: &PolicyFile) -> Result<(), ConfigError> {
    let times = file.freeze.iter().flat_map(|f| [f.from.as_deref(), f.until.as_deref()]);
    for time in times.flatten() {
        if !is_utc(time) {
            return Err(ConfigError::Invalid(format!(
                "{}: freeze: the time \"{}\" is not of the form 2026-12-31T23:59:59Z",
                escape(name),
                escape(time)
            )));
        }
    }
    Ok(())
}

/// `YYYY-MM-DDTHH:MM:SSZ`.
fn is_utc(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// The text of a configuration file, or `None` when there is none.
///
/// With `owned`, the file must belong to root or to the caller and must not be
/// writable by others.
///
/// # Errors
/// A file that exists and cannot be trusted or read.
pub fn read(path: &Path, owned: bool) -> Result<Option<String>, ConfigError> {
    match fs::metadata(path) {
        Ok(_) => rules_d::read_text(path, owned).map(Some),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(ConfigError::Read { path: escape(&path.to_string_lossy()), source }),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::fs::PermissionsExt;

    use super::{load, read};
    use crate::config::paths::Paths;

    fn paths(dir: &std::path::Path) -> Paths {
        Paths { homes: Vec::new(), config: vec![dir.to_owned()], state: None }
    }

    #[test]
    fn files_of_system_user_and_project_add_up() {
        let dir = tempfile::tempdir().unwrap();
        let project = tempfile::tempdir().unwrap();
        let line = "raise:\n  - when: {rules: [git.*]}\n    to: deny\n    why: not here\n";
        std::fs::write(dir.path().join("policy.yaml"), line).unwrap();
        std::fs::write(project.path().join(".guard.yaml"), line).unwrap();
        let policy = load(&paths(dir.path()), Some(project.path()), "2026-01-01T00:00:00Z");
        assert_eq!(policy.unwrap().raise.len(), 2);
    }

    #[test]
    fn a_freeze_counts_only_within_its_time() {
        let dir = tempfile::tempdir().unwrap();
        let text = "freeze:\n  - from: 2026-12-20T00:00:00Z\n    until: 2027-01-03T00:00:00Z\n    why: holidays\n";
        std::fs::write(dir.path().join("policy.yaml"), text).unwrap();
        let count = |now: &str| load(&paths(dir.path()), None, now).unwrap().freeze.len();
        assert_eq!(count("2026-12-19T23:59:59Z"), 0);
        assert_eq!(count("2026-12-20T00:00:00Z"), 1);
        assert_eq!(count("2027-01-03T00:00:00Z"), 0);
    }

    #[test]
    fn a_broken_file_names_line_and_column() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("policy.yaml"), "raise:\n  - to: nothing\n    why: x\n")
            .unwrap();
        let error = load(&paths(dir.path()), None, "2026-01-01T00:00:00Z").unwrap_err();
        assert!(error.to_string().contains("policy.yaml:2:"), "{error}");
    }

    #[test]
    fn a_file_that_others_can_write_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("policy.yaml");
        std::fs::write(&file, "raise: []\n").unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).unwrap();
        assert!(read(&file, true).unwrap_err().to_string().contains("chmod go-w"));
        assert!(read(&file, false).unwrap().is_some());
    }
}
