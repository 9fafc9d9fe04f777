//! Values as symbols: known characters, and gaps of which nothing is known.

use super::fields::push_text;
use super::pattern::Symbol;
use crate::model::{Cause, Hole, Part};

/// A value to match and cut.
#[derive(Debug)]
pub(super) struct Symbols<'v> {
    pub list: Vec<Symbol>,
    /// The holes of the gaps and their places, in order.
    holes: Vec<(usize, &'v Hole)>,
}

impl<'v> Symbols<'v> {
    /// The symbols of a value without patterns.
    pub(super) fn new(parts: &'v [Part]) -> Self {
        let mut new = Self { list: Vec::new(), holes: Vec::new() };
        for part in parts {
            match part {
                Part::Text(text) | Part::Glob(text) => {
                    new.list.extend(text.chars().map(Symbol::Char));
                }
                Part::Hole(hole) => {
                    new.holes.push((new.list.len(), hole));
                    new.list.push(Symbol::Gap(is_slashless(hole)));
                }
            }
        }
        new
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether every character is certain to be one character everywhere.
    pub(super) fn is_ascii(&self) -> bool {
        self.list.iter().all(|symbol| match symbol {
            Symbol::Char(c) => c.is_ascii(),
            Symbol::Gap(_) => true,
        })
    }

    /// The known characters at the start and at the end. Without gaps all are
    /// at the start.
    pub(super) fn known_ends(&self) -> (usize, usize) {
        let length = self.list.len();
        let first = self.holes.first().map_or(length, |hole| hole.0);
        let last = self.holes.last().map_or(0, |hole| length - hole.0 - 1);
        (first, last)
    }

    /// The parts of some of the symbols; `change` makes new text and holes.
    pub(super) fn map(
        &self,
        from: usize,
        to: usize,
        mut change: impl FnMut(char, &mut String),
        mut gap: impl FnMut(&Hole) -> Hole,
    ) -> Vec<Part> {
        let skipped = self.holes.partition_point(|hole| hole.0 < from);
        let mut holes = self.holes.iter().skip(skipped);
        let mut parts = Vec::new();
        let mut text = String::new();
        for symbol in self.list.get(from..to).unwrap_or_default() {
            match symbol {
                Symbol::Char(c) => change(*c, &mut text),
                Symbol::Gap(_) => {
                    push_text(&mut parts, &text);
                    text.clear();
                    parts.extend(holes.next().map(|hole| Part::Hole(gap(hole.1))));
                }
            }
        }
        push_text(&mut parts, &text);
        parts
    }

    /// The parts of some of the symbols.
    pub(super) fn slice(&self, from: usize, to: usize) -> Vec<Part> {
        self.map(from, to, |c, text| text.push(c), Hole::clone)
    }
}

/// A name that one pattern stands for has no slash in it.
fn is_slashless(hole: &Hole) -> bool {
    hole.cause == Cause::Pattern && !hole.source.contains('/') && !hole.source.contains("**")
}

/// A value with the patterns in it replaced by what they may match.
pub(in crate::shell) fn without_patterns(parts: Vec<Part>) -> Vec<Part> {
    if !parts.iter().any(|part| matches!(part, Part::Glob(_))) {
        return parts;
    }
    let ends = |part: Option<&Part>, start: bool| match part {
        None => true,
        Some(Part::Text(text)) if start => text.ends_with('/'),
        Some(Part::Text(text)) => text.starts_with('/'),
        Some(_) => false,
    };
    let mut out = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let Part::Glob(source) = part else {
            out.push(part.clone());
            continue;
        };
        let before = at.checked_sub(1).and_then(|at| parts.get(at));
        // A whole component of a path is never empty.
        let nonempty = ends(before, true) && ends(parts.get(at + 1), false);
        let cause = Cause::Pattern;
        out.push(Part::Hole(Hole { source: source.clone(), cause, nonempty, ..Hole::default() }));
    }
    out
}

/// Whether a value is certainly not empty.
pub(super) fn is_filled(parts: &[Part]) -> bool {
    parts.iter().any(|part| match part {
        Part::Text(text) | Part::Glob(text) => !text.is_empty(),
        Part::Hole(hole) => hole.nonempty,
    })
}

/// The hole for what an operator makes of a value that is not all known.
pub(super) fn derived(source: String, parts: &[Part]) -> Hole {
    let mut hole = Hole { source, ..Hole::default() };
    hole.from.extend(parts.iter().flat_map(commands));
    hole
}

/// The commands that a part names.
pub(super) fn commands(part: &Part) -> impl Iterator<Item = usize> + '_ {
    let hole = match part {
        Part::Hole(hole) => Some(hole),
        _ => None,
    };
    hole.into_iter().flat_map(|hole| hole.from.iter().copied())
}
