//! Where things stand in a YAML text.
//!
//! The typed value that serde makes has no positions. Checks that come after
//! parsing walk this outline beside the value, so that their messages can point
//! at the key or entry that is wrong. It is made from the parser's events, and
//! sees two things that serde hides: tags, and characters written as escapes.

use std::ops::Range;

use serde_yaml::granit_parser::{Event, Parser, Span};

use crate::rules::error::RuleError;

/// One node: the bytes it takes and what is below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline {
    /// Bytes of a scalar; of a list or map, its beginning.
    pub range: Range<usize>,
    below: Below,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Below {
    #[default]
    Nothing,
    List(Vec<Outline>),
    Map(Vec<(String, Range<usize>, Outline)>),
}

impl Outline {
    /// The value of a key.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&Self> {
        match &self.below {
            Below::Map(entries) => {
                entries.iter().find(|(key, ..)| key == name).map(|(.., value)| value)
            }
            _ => None,
        }
    }

    /// Bytes of the key itself.
    #[must_use]
    pub fn key_range(&self, name: &str) -> Option<Range<usize>> {
        match &self.below {
            Below::Map(entries) => {
                entries.iter().find(|(key, ..)| key == name).map(|(_, range, _)| range.clone())
            }
            _ => None,
        }
    }

    /// The entry of a list.
    #[must_use]
    pub fn index(&self, at: usize) -> Option<&Self> {
        match &self.below {
            Below::List(entries) => entries.get(at),
            _ => None,
        }
    }

    /// Whether this is a plain value.
    #[must_use]
    pub const fn is_scalar(&self) -> bool {
        matches!(self.below, Below::Nothing)
    }

    /// Bytes that a message about this node should mark: a scalar itself, the
    /// first key of a map, the first entry of a list.
    #[must_use]
    pub fn mark(&self) -> Range<usize> {
        match &self.below {
            Below::Nothing => self.range.clone(),
            Below::List(entries) => entries.first().map_or_else(|| self.range.clone(), Self::mark),
            Below::Map(entries) => {
                entries.first().map_or_else(|| self.range.clone(), |(_, range, _)| range.clone())
            }
        }
    }
}

/// A list or map that is still open.
struct Open {
    node: Outline,
    /// In a map: the key that waits for its value.
    key: Option<(String, Range<usize>)>,
}

/// Makes the outline and refuses tags and deceptive characters.
///
/// The caller has parsed the text under the limits of [`super::parse`] before,
/// so depth and size are bounded here.
pub(super) fn read(name: &str, text: &str) -> Result<Outline, RuleError> {
    let mut open: Vec<Open> = Vec::new();
    let mut root = Outline::default();
    for event in Parser::new_from_str(text) {
        let Ok((event, span)) = event else {
            return Err(RuleError::whole(name, "This is not YAML."));
        };
        let range = bytes(&span);
        let done = match event {
            Event::Scalar(value, _, _, tag) => {
                refuse_tag(name, text, tag.is_some(), &span)?;
                refuse_deceptive(name, text, &value, &range)?;
                if let Some(Open { node: Outline { below: Below::Map(_), .. }, key: key @ None }) =
                    open.last_mut()
                {
                    *key = Some((value.into_owned(), range));
                    continue;
                }
                Outline { range, below: Below::Nothing }
            }
            Event::SequenceStart(_, _, tag) => {
                refuse_tag(name, text, tag.is_some(), &span)?;
                let below = Below::List(Vec::new());
                open.push(Open { node: Outline { range, below }, key: None });
                continue;
            }
            Event::MappingStart(_, _, tag) => {
                refuse_tag(name, text, tag.is_some(), &span)?;
                let below = Below::Map(Vec::new());
                open.push(Open { node: Outline { range, below }, key: None });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match open.pop() {
                Some(Open { node, .. }) => node,
                None => continue,
            },
            _ => continue,
        };
        close(&mut open, &mut root, done);
    }
    Ok(root)
}

/// Puts a finished node into the list or map around it.
fn close(open: &mut [Open], root: &mut Outline, done: Outline) {
    match open.last_mut() {
        None => *root = done,
        Some(Open { node: Outline { below: Below::List(entries), .. }, .. }) => entries.push(done),
        Some(Open { node: Outline { below: Below::Map(entries), .. }, key }) => {
            // A key that is itself a list or map has no place in our files; serde
            // has refused it already.
            let (name, range) = key.take().unwrap_or_default();
            entries.push((name, range, done));
        }
        Some(Open { node: Outline { below: Below::Nothing, .. }, .. }) => {}
    }
}

fn bytes(span: &Span) -> Range<usize> {
    span.byte_range().unwrap_or_default()
}

/// Tags change what a scalar means (`!!binary YQ==` is read as `a`), and no file
/// of ours needs one.
fn refuse_tag(name: &str, text: &str, tagged: bool, span: &Span) -> Result<(), RuleError> {
    if !tagged {
        return Ok(());
    }
    let start = span.tag_start.and_then(|mark| mark.byte_offset()).unwrap_or(bytes(span).start);
    let length =
        text.get(start..).and_then(|rest| rest.find([' ', '\n', '\r', ',', ']', '}'])).unwrap_or(1);
    Err(RuleError::at(name, text, start..start + length, "YAML tags are not allowed here.")
        .expected("the plain value, without `!...` in front"))
}

fn refuse_deceptive(
    name: &str,
    text: &str,
    value: &str,
    range: &Range<usize>,
) -> Result<(), RuleError> {
    match value.chars().find(|c| super::refused(*c)) {
        None => Ok(()),
        Some(c) => Err(RuleError::at(
            name,
            text,
            range.clone(),
            &format!(
                "This text has the character U+{:04X}, which is invisible or reorders text.",
                c as u32
            ),
        )
        .expected("visible characters; write what you mean in words")),
    }
}
