//! Checks across several files.

use std::collections::BTreeMap;

use super::place::{Place, Report};
use crate::rules::{
    error::RuleError,
    schema::RuleFile,
    yaml::{self, Outline},
};

/// A rule file with its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// Path, as it is shown.
    pub name: String,
    /// Content.
    pub text: String,
    /// What [`super::check`] made of it.
    pub file: RuleFile,
}

/// Refuses ids that are used twice or `taken` by what this says, and with
/// `one_each` also programs that two of the files claim.
#[must_use]
pub fn across(
    files: &[Source],
    one_each: bool,
    taken: &dyn Fn(&str) -> Option<String>,
) -> Vec<RuleError> {
    let mut report = Report::default();
    let mut programs: BTreeMap<&str, &str> = BTreeMap::new();
    let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
    for source in files {
        // The outline costs a second pass; most sets have no mistake.
        let mut outline = None;
        for (i, program) in source.file.programs.iter().enumerate() {
            let other = programs.insert(program, &source.name).filter(|o| *o != source.name);
            // Several files may hold rules for every command (`*`).
            let other = other.filter(|_| program != "*");
            if let Some(other) = other.filter(|_| one_each) {
                let at = root(source, &mut outline).key("programs").index(i);
                let message = format!("The program `{program}` has rules in {other} already.");
                report.add(at.error(&message).expected("all rules for a program in one file"));
            }
        }
        for (i, rule) in source.file.rules.iter().enumerate() {
            let earlier = ids.insert(&rule.id, &source.name).filter(|o| *o != source.name);
            let other = earlier.map(str::to_owned).or_else(|| taken(&rule.id));
            if let Some(other) = other {
                let at = root(source, &mut outline).key("rules").index(i).key("id");
                report.add(at.error(&format!("The id `{}` is taken by {other}.", rule.id)));
            }
        }
    }
    report.errors
}

fn root<'a>(source: &'a Source, outline: &'a mut Option<Outline>) -> Place<'a> {
    let outline = outline
        .get_or_insert_with(|| yaml::outline(&source.name, &source.text).unwrap_or_default());
    Place::root(&source.name, &source.text, outline)
}
