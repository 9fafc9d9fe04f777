//! Whether a word looks like a pattern.

use super::{Aim, Scene};
use crate::model::{Cause, Part, Word, printed_by};
use crate::rules::schema::{PathClass, Pattern};
use crate::rules::sql::{self, StatementClass};
use crate::rules::{glob, paths};

impl Scene<'_> {
    /// Whether a word looks like a pattern.
    pub(super) fn looks(&self, p: &Pattern, word: &Word, aim: Aim) -> bool {
        let filled = aim == Aim::Find || p.unknown == Some(true);
        (p.exact.is_empty() || exact(p, word))
            && (p.glob.is_empty() || globbed(p, word))
            && p.regex.as_deref().is_none_or(|regex| self.regex(regex, word, filled))
            && (p.path.is_empty() || self.lies(&p.path, word, aim))
            && (p.sql.is_empty() || self.sql(&p.sql, word))
            && (p.statement.is_empty() || self.statement(&p.statement, word))
            && p.unknown.is_none_or(|unknown| word.has_hole() == unknown)
            && (p.from.is_empty() || self.from(word, &p.from))
            && (!p.output || is_output(word))
            && (!p.printed || self.is_printed(word))
            && (!p.secret || self.secret(word))
            && p.written.as_ref().is_none_or(|written| {
                let contents = self.file_text(word).unwrap_or_default();
                contents.iter().any(|content| self.looks(written, content, aim))
            })
            && p.not.as_ref().is_none_or(|not| !self.looks(not, word, aim.turned()))
    }

    /// Whether a text that is read looks like a pattern. One variable in a long
    /// text must not hide the rest of it from a regular expression, so there a
    /// placeholder stands for what is not known.
    pub(super) fn written(&self, pattern: &Pattern, word: &Word, aim: Aim) -> bool {
        let only_regex = Pattern { regex: pattern.regex.clone(), ..Pattern::default() };
        if !word.has_hole() || *pattern != only_regex {
            return self.looks(pattern, word, aim);
        }
        self.looks(pattern, &fill(word), aim)
    }

    /// Whether a word is a path of one of these classes, by itself or through a
    /// link; an excuse needs both.
    fn lies(&self, classes: &[PathClass], word: &Word, aim: Aim) -> bool {
        let own = paths::judge(word, self.invocation.cwd.as_deref(), self.ctx).class;
        let own = classes.contains(&own);
        match self.behind_link(word).map(|class| classes.contains(&class)) {
            None => own,
            Some(behind) if aim == Aim::Find => own || behind,
            Some(behind) => own && behind,
        }
    }

    /// Whether a word is output of which all is known.
    fn is_printed(&self, word: &Word) -> bool {
        let [Part::Hole(hole)] = word.parts.as_slice() else { return false };
        let text = printed_by(&hole.from, |index| {
            let invocation = self.all.get(index)?;
            Some((&invocation.stdin, invocation.output.as_ref()))
        });
        text.is_some_and(|text| !text.has_hole())
    }

    /// With `filled` a placeholder stands for what is not known.
    fn regex(&self, pattern: &str, word: &Word, filled: bool) -> bool {
        let text = match (word.has_hole(), filled) {
            (false, _) => word.display(),
            (true, true) => fill(word).display(),
            (true, false) => return false,
        };
        self.file.regex(pattern).is_none_or(|regex| regex.is_match(&text))
    }

    fn sql(&self, patterns: &[String], word: &Word) -> bool {
        sql::statements(&sql_text(word)).iter().any(|statement| {
            patterns.iter().any(|p| self.file.regex(p).is_none_or(|r| r.is_match(statement)))
        })
    }

    fn statement(&self, classes: &[StatementClass], word: &Word) -> bool {
        let found = self.read.classes(&sql_text(word));
        found.iter().any(|class| classes.contains(class))
    }
}

/// `<(..)`, and nothing else.
fn is_output(word: &Word) -> bool {
    matches!(word.parts.as_slice(), [Part::Hole(hole)] if hole.cause == Cause::ProcessSubstitution)
}

/// The word with a placeholder for what is not known.
fn fill(word: &Word) -> Word {
    let mut known = Word { parts: Vec::new(), span: word.span };
    for part in &word.parts {
        match part {
            Part::Text(text) | Part::Glob(text) => known.push_text(text),
            Part::Hole(_) => known.push_text(sql::HOLE),
        }
    }
    known
}

/// SQL with holes is read with the holes as an unknown name, because the verb
/// usually stands in the known part.
fn sql_text(word: &Word) -> String {
    let mut text = String::new();
    for part in &word.parts {
        match part {
            Part::Text(t) | Part::Glob(t) => text.push_str(t),
            Part::Hole(_) => text.push_str(sql::HOLE),
        }
    }
    text
}

fn exact(p: &Pattern, word: &Word) -> bool {
    if word.has_hole() {
        return false;
    }
    let text = word.display();
    p.exact.iter().any(
        |want| {
            if p.ignore_case { want.eq_ignore_ascii_case(&text) } else { *want == text }
        },
    )
}

/// Globs on a word with holes: the known beginning has to fit a pattern that
/// ends in `*`.
fn globbed(p: &Pattern, word: &Word) -> bool {
    let text = if word.has_hole() { word.known_prefix() } else { word.display() };
    p.glob.iter().any(|pattern| {
        if word.has_hole() && !pattern.ends_with('*') {
            return false;
        }
        glob::matches(pattern, &text, p.ignore_case)
    })
}
