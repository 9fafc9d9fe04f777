//! Takes secrets out of commands before they are stored or shown.
//!
//! Pure: no file, no clock. Three ways to the same marks: by where a value
//! stands (`context`: the option or name before it), by what is around it
//! (`embedded`: addresses, headers, `name=value`), by what it looks like
//! (`embedded`: token formats). What is no secret is not touched, byte for
//! byte.
//!
//! A mark is `[redacted:3f9a1c2b]`: a keyed fingerprint, so that the same
//! secret is recognised again without being known.

mod context;
mod embedded;
mod forms;
mod listed;
mod names;
mod table;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use super::key::Key;
use crate::decide::logging::Redact;

/// How deep text in words in text is followed (`sh -c "ssh h 'mysql -px'"`).
const MAX_DEPTH: usize = 6;

type Fingerprint<'a> = Box<dyn Fn(&[u8]) -> Option<String> + 'a>;

/// Replaces secrets by marks.
pub struct Redactor<'a> {
    fingerprint: Fingerprint<'a>,
    /// What a policy names besides.
    listed: Redact,
}

impl std::fmt::Debug for Redactor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Redactor(..)")
    }
}

/// How a piece of text is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One word as a program gets it: quotes and `$` are plain characters.
    Word,
    /// Shell text.
    Text,
}

impl<'a> Redactor<'a> {
    /// Marks with fingerprints under a key.
    #[must_use]
    pub fn new(key: &'a Key) -> Self {
        Self::with(|secret| Some(key.fingerprint(secret)))
    }

    /// Marks with fingerprints from a function, which is only called when there
    /// is a secret; `None`: a mark without a fingerprint.
    #[must_use]
    pub fn with(fingerprint: impl Fn(&[u8]) -> Option<String> + 'a) -> Self {
        Self { fingerprint: Box::new(fingerprint), listed: Redact::default() }
    }

    /// Marks without fingerprints: `[redacted]`.
    #[must_use]
    pub fn without_key() -> Self {
        Self::with(|_| None)
    }

    /// Takes out what a policy names, too.
    #[must_use]
    pub fn also(self, listed: Redact) -> Self {
        Self { listed, ..self }
    }

    /// The words of one command, program first.
    #[must_use]
    pub fn argv<'w>(&self, argv: &[&'w [u8]]) -> Vec<Cow<'w, [u8]>> {
        let mut found: Vec<context::Hits> = Vec::new();
        found.resize_with(argv.len(), Default::default);
        context::argv(argv, &mut found);
        let mut before: &[u8] = b"";
        let mut out = Vec::with_capacity(argv.len());
        for (word, mut hits) in argv.iter().zip(found) {
            // The word after `-c` is shell text, and any word with blanks may be.
            let shell = context::is_shell_c(before);
            let mode = if shell { Mode::Text } else { Mode::Word };
            if shell {
                hits.spans.clear();
            }
            if hits.prose.is_empty() && word.iter().any(u8::is_ascii_whitespace) {
                context::text(word, 0, 0, &mut hits);
            }
            if listed::is_option(&self.listed, before) {
                hits.spans.push(0..word.len());
            }
            hits.spans.extend(listed::find(&self.listed, word, mode));
            out.push(self.replace(word, merge(word, mode, hits), mode));
            before = word;
        }
        out
    }

    /// Shell text.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            // Spans begin and end at ASCII bytes, or hold whole characters.
            Cow::Owned(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
        }
    }

    fn bytes<'t>(&self, text: &'t [u8]) -> Cow<'t, [u8]> {
        let mut hits = context::Hits::default();
        context::text(text, 0, 0, &mut hits);
        hits.spans.extend(listed::find(&self.listed, text, Mode::Text));
        self.replace(text, merge(text, Mode::Text, hits), Mode::Text)
    }

    /// The value of an environment variable.
    #[must_use]
    pub fn env<'v>(&self, name: &str, value: &'v str) -> Cow<'v, str> {
        let secret = names::secret_name(name.as_bytes())
            .is_some_and(|kind| names::can_be_secret(value.as_bytes(), kind, true));
        let secret = secret || listed::is_name(&self.listed, name.as_bytes());
        if secret { Cow::Owned(self.mark(value.as_bytes())) } else { self.text(value) }
    }

    fn mark(&self, secret: &[u8]) -> String {
        match (self.fingerprint)(secret) {
            Some(print) => format!("[redacted:{print}]"),
            None => "[redacted]".to_owned(),
        }
    }

    fn replace<'t>(&self, text: &'t [u8], spans: Vec<Range<usize>>, mode: Mode) -> Cow<'t, [u8]> {
        if spans.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = Vec::with_capacity(text.len() + 16);
        let mut at = 0;
        for span in spans {
            let secret = text.get(span.clone()).unwrap_or(&[]);
            out.extend_from_slice(text.get(at..span.start).unwrap_or(&[]));
            // The same secret gets the same mark, quoted or not.
            let plain = if mode == Mode::Text { words::unquote(secret) } else { secret.into() };
            out.extend_from_slice(self.mark(&plain).as_bytes());
            at = span.end;
        }
        out.extend_from_slice(text.get(at..).unwrap_or(&[]));
        Cow::Owned(out)
    }
}

/// All secrets of a text, in order and without overlaps.
fn merge(text: &[u8], mode: Mode, hits: context::Hits) -> Vec<Range<usize>> {
    let mut found = embedded::scan(text, mode);
    if !hits.prose.is_empty() {
        // Both are in the order of the text.
        let mut prose = hits.prose.iter().peekable();
        found.by_name.retain(|span| {
            while prose.next_if(|range| range.end < span.end).is_some() {}
            prose.peek().is_none_or(|range| range.start > span.start)
        });
    }
    let mut spans = hits.spans;
    spans.append(&mut found.by_form);
    spans.append(&mut found.by_name);
    spans.retain(|span| span.start < span.end && span.end <= text.len());
    spans.sort_by_key(|span| (span.start, span.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(spans.len());
    for span in spans {
        match merged.last_mut() {
            Some(last) if span.start < last.end => last.end = last.end.max(span.end),
            _ => merged.push(span),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
