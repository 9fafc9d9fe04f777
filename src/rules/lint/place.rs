//! A position in a file, followed beside the value that is checked.

use std::ops::Range;

use crate::rules::{error::RuleError, yaml::Outline};

/// The mistakes found so far.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) errors: Vec<RuleError>,
}

impl Report {
    pub(super) fn add(&mut self, error: RuleError) {
        self.errors.push(error);
    }
}

/// Where the checks are. A key that is not in the file stands for the place
/// where it is missing.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    name: &'a str,
    text: &'a str,
    node: Option<&'a Outline>,
    /// Start and end of what is marked when there is no node.
    around: (usize, usize),
}

impl<'a> Place<'a> {
    pub(super) fn root(name: &'a str, text: &'a str, outline: &'a Outline) -> Self {
        let Range { start, end } = outline.mark();
        Self { name, text, node: Some(outline), around: (start, end) }
    }

    /// The value of a key.
    pub(super) fn key(self, key: &str) -> Self {
        let around = match self.node.and_then(|node| node.key_range(key)) {
            Some(range) => (range.start, range.end),
            None => self.around,
        };
        Self { node: self.node.and_then(|node| node.key(key)), around, ..self }
    }

    /// The entry of a list.
    pub(super) fn index(self, at: usize) -> Self {
        let node = self.node.and_then(|node| node.index(at));
        let around = node.map_or(self.around, |node| {
            let Range { start, end } = node.mark();
            (start, end)
        });
        Self { node, around, ..self }
    }

    /// A mistake here: a scalar is marked itself, anything else at its key or
    /// its beginning.
    pub(super) fn error(self, message: &str) -> RuleError {
        let range = match self.node {
            Some(node) if node.is_scalar() => node.range.clone(),
            _ => self.around.0..self.around.1,
        };
        RuleError::at(self.name, self.text, range, message)
    }
}
