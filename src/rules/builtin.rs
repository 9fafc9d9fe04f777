//! The rules that are part of guard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    compile::Page,
    loaded::{LoadedFile, Origin},
    table,
};

/// Program name to rules, see [`super::compile::Compiled`].
static RULES: &str = include_str!("../../rules/generated/rules.jsonl");
/// Rule id to documentation.
static DOCS: &str = include_str!("../../rules/generated/docs.jsonl");

/// The files that were parsed in this process, by program name.
type Cache = Mutex<HashMap<&'static str, Arc<LoadedFile>>>;

/// The rules for a program, `*` for those of every program. A file is parsed
/// when its program is first met, and kept.
#[must_use]
pub fn lookup(program: &str) -> Option<Arc<LoadedFile>> {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let mut cache =
        CACHE.get_or_init(Cache::default).lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(program) {
        return Some(Arc::clone(known));
    }
    let mut line = table::find(RULES, program)?;
    let mut name = program;
    if let Some(first) = line.strip_prefix('@') {
        if let Some(known) = cache.get(first) {
            return Some(Arc::clone(known));
        }
        line = table::find(RULES, first)?;
        name = first;
    }
    let loaded = Arc::new(read(name, line));
    // The key must live as long as the table; the table has it.
    if let Some(key) = key_of(line) {
        cache.insert(key, Arc::clone(&loaded));
    }
    Some(loaded)
}

/// Whether there are rules for a program, without parsing them.
#[must_use]
pub fn has(program: &str) -> bool {
    table::find(RULES, program).is_some()
}

/// The names of all programs with rules.
pub fn programs() -> impl Iterator<Item = &'static str> {
    table::lines(RULES).map(|(program, _)| program)
}

/// The ids of all rules.
pub fn ids() -> impl Iterator<Item = &'static str> {
    table::lines(DOCS).map(|(id, _)| id)
}

/// The documentation of a rule.
#[must_use]
pub fn page(id: &str) -> Option<Page> {
    serde_json::from_str(table::find(DOCS, id)?).ok()
}

/// The documentation of all rules, in the order of their ids.
pub fn pages() -> impl Iterator<Item = Page> {
    table::lines(DOCS).filter_map(|(_, json)| serde_json::from_str(json).ok())
}

/// Changes, as good as always, when the built-in rules do: what was checked
/// against other rules must be checked again.
#[must_use]
pub const fn fingerprint() -> usize {
    RULES.len().wrapping_mul(1_000_003).wrapping_add(DOCS.len())
}

/// The key in front of a value of the table.
fn key_of(line: &'static str) -> Option<&'static str> {
    let offset = (line.as_ptr() as usize).checked_sub(RULES.as_ptr() as usize)?;
    let before = RULES.get(..offset.checked_sub(1)?)?;
    Some(before.rsplit('\n').next().unwrap_or(before))
}

/// Parses a line. The generator wrote it and a test reads every one, so it does
/// not fail; if it did, the tool must not become harmless.
fn read(program: &str, line: &str) -> LoadedFile {
    match serde_json::from_str(line) {
        Ok(file) => LoadedFile::new(file, Origin::BuiltIn),
        Err(_) => {
            let why = "guard is damaged: its rules for this program cannot be read";
            LoadedFile::broken(&[program.to_owned()], Origin::BuiltIn, why)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{RULES, ids, lookup, page, pages, programs, read, table};
    use crate::model::Tier;
    use crate::rules::schema::{Match, Rule, RuleFile};

    #[test]
    fn every_line_can_be_read() {
        for (program, line) in table::lines(RULES) {
            let line = line.strip_prefix('@').map_or(Some(line), |first| table::find(RULES, first));
            let file: Result<RuleFile, _> = serde_json::from_str(line.unwrap_or_default());
            assert!(file.is_ok_and(|f| f.programs.iter().any(|p| p == program)), "{program}");
        }
        assert_eq!(pages().count(), ids().count());
        assert!(programs().all(|program| lookup(program).is_some()));
    }

    #[test]
    fn a_file_is_parsed_once_for_all_its_names() {
        let (first, alias) = (lookup("shutdown"), lookup("reboot"));
        assert!(first.zip(alias).is_some_and(|(a, b)| Arc::ptr_eq(&a, &b)));
        assert!(lookup("no-such-program").is_none());
        assert!(lookup("").is_none());
        assert!(lookup("shutdown\t").is_none());
    }

    #[test]
    fn pages_have_what_the_compiled_rules_leave_out() {
        let page = page("shutdown.power-off");
        assert!(page.is_some_and(|p| !p.rule.why.is_empty() && p.rule.examples.pass.len() >= 3));
        let loaded = lookup("shutdown");
        assert!(loaded.is_some_and(|l| l.file.rules.iter().all(|r| r.why.is_empty())));
    }

    #[test]
    fn damaged_rules_refuse_everything() {
        let loaded = read("x", "{");
        let refuses =
            |rule: &Rule| rule.matches == Match::default() && rule.floor == Some(Tier::Deny);
        assert!(loaded.file.programs == ["x"] && loaded.file.rules.iter().all(refuses));
    }
}
