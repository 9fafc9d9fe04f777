//! The rules that are part of guard.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use super::{
    compile::Page,
    everywhere,
    loaded::{LoadedFile, Origin},
    table,
};
use crate::model::{Context, Invocation};
use crate::text::pieces::{Pieces, pieces};

/// Rules by file, see [`super::compile::Compiled`], each a piece.
static RULES: Pieces = pieces!("rules.jsonl");
/// Program name to the place of its rules in [`RULES`].
static INDEX: &str = include_str!("../../rules/generated/index.tsv");
/// The rules for every program, see [`super::compile::Compiled`].
static EVERYWHERE: &str = include_str!("../../rules/generated/everywhere.jsonl");
/// What a command has to the places of its rules in [`EVERYWHERE`].
static NEEDS: &str = include_str!("../../rules/generated/everywhere.tsv");
/// Rule id to documentation, compressed by the build script (RFC 1951).
static DOCS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/docs.jsonl.deflate"));

/// The files that were parsed in this process, by their place.
type Cache = Mutex<HashMap<usize, Arc<LoadedFile>>>;

/// The rules for a program. A file is parsed when one of its programs is first
/// met, and kept.
#[must_use]
pub fn lookup(program: &str) -> Option<Arc<LoadedFile>> {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let (start, length) = place(program)?;
    Some(cached(&CACHE, start, || {
        RULES.once(start, length, |text| read(program, text.unwrap_or_default()))
    }))
}

/// The rules for commands of every program that one may fit; the same holds for
/// each of them.
#[must_use]
pub fn everywhere(invocation: &Invocation, ctx: &Context) -> Vec<Arc<LoadedFile>> {
    static CACHE: OnceLock<Cache> = OnceLock::new();
    let places = everywhere::places(NEEDS, invocation, ctx).into_iter();
    let text = |start: usize, length| EVERYWHERE.get(start..start.saturating_add(length));
    places
        .map(|(start, length)| {
            cached(&CACHE, start, || read("*", text(start, length).unwrap_or_default()))
        })
        .collect()
}

fn cached(
    cache: &OnceLock<Cache>,
    start: usize,
    load: impl FnOnce() -> LoadedFile,
) -> Arc<LoadedFile> {
    let mut cache =
        cache.get_or_init(Cache::default).lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(cache.entry(start).or_insert_with(|| Arc::new(load())))
}

/// Where the rules for a program are.
fn place(program: &str) -> Option<(usize, usize)> {
    let mut fields = table::find(INDEX, program)?.split('\t');
    let (start, length) = (fields.next()?, fields.next()?);
    // A damaged number leads to rules that cannot be read, not to none.
    Some((start.parse().unwrap_or(usize::MAX), length.parse().unwrap_or(0)))
}

/// Whether the file of a program says how its command line is read, without
/// parsing it.
#[must_use]
pub fn has_tools(program: &str) -> bool {
    table::find(INDEX, program).is_some_and(|fields| fields.ends_with("\ttools"))
}

/// Whether there are rules for a program, without parsing them.
#[must_use]
pub fn has(program: &str) -> bool {
    place(program).is_some()
}

/// The names of all programs with rules.
pub fn programs() -> impl Iterator<Item = &'static str> {
    table::lines(INDEX).map(|(program, _)| program)
}

/// [`DOCS`], unpacked when somebody first wants to read it; no verdict depends on
/// it.
fn docs() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| table::unpack(DOCS))
}

/// The ids of all rules.
pub fn ids() -> impl Iterator<Item = &'static str> {
    table::lines(docs()).map(|(id, _)| id)
}

/// Whether a built-in rule has this id.
#[must_use]
pub fn has_id(id: &str) -> bool {
    table::find(docs(), id).is_some()
}

/// Who has this id, in words, when a built-in rule has it.
#[must_use]
pub fn owner(id: &str) -> Option<String> {
    has_id(id).then(|| "a built-in rule".to_owned())
}

/// The documentation of a rule.
#[must_use]
pub fn page(id: &str) -> Option<Page> {
    serde_json::from_str(table::find(docs(), id)?).ok()
}

/// The documentation of all rules, in the order of their ids.
pub fn pages() -> impl Iterator<Item = Page> {
    table::lines(docs()).filter_map(|(_, json)| serde_json::from_str(json).ok())
}

/// Changes, as good as always, when the built-in rules do: what was checked
/// against other rules must be checked again.
#[must_use]
pub fn fingerprint() -> usize {
    (RULES.size() + EVERYWHERE.len()).wrapping_mul(1_000_003).wrapping_add(DOCS.len())
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

    use super::{EVERYWHERE, NEEDS, RULES, ids, lookup, page, pages, place, programs, read};
    use crate::model::Tier;
    use crate::rules::schema::{Match, Rule, RuleFile};

    #[test]
    fn every_line_can_be_read() {
        for program in programs() {
            let (start, length) = place(program).unwrap_or_default();
            let file: Result<RuleFile, _> =
                RULES.once(start, length, |text| serde_json::from_str(text.unwrap_or_default()));
            assert!(file.is_ok_and(|f| f.programs.iter().any(|p| p == program)), "{program}");
        }
        assert_eq!(pages().count(), ids().count());
        let everywhere = pages().filter(|page| page.programs == ["*"]).count();
        assert_eq!(EVERYWHERE.lines().count(), everywhere);
        for line in EVERYWHERE.lines() {
            let file: Result<RuleFile, _> = serde_json::from_str(line);
            assert!(file.is_ok_and(|file| file.rules.len() == 1), "{line}");
            let start = line.as_ptr() as usize - EVERYWHERE.as_ptr() as usize;
            assert!(NEEDS.contains(&format!("{start} {}", line.len())), "{line}");
        }
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
