//! Secrets that show by themselves or by the text right around them.

use std::ops::Range;

use super::names::{NameKind, can_be_secret, find, secret_name};
use super::table;
use super::{Mode, forms};

/// Names longer than this are not looked at.
const MAX_NAME: usize = 80;

/// What [`scan`] finds.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// By form: tokens, addresses with a password, headers, private keys.
    pub(super) by_form: Vec<Range<usize>>,
    /// By the name before them; in prose such a name is only a word.
    pub(super) by_name: Vec<Range<usize>>,
}

/// Finds secrets anywhere in `text`, in one pass.
pub(super) fn scan(text: &[u8], mode: Mode) -> Found {
    let mut out = Found::default();
    let scan = Scan { text, mode };
    let mut previous = 0_u8;
    let mut skip_to = 0;
    for (at, &byte) in text.iter().enumerate() {
        let starts = !(previous.is_ascii_alphanumeric() || previous == b'_');
        previous = byte;
        if at < skip_to {
            continue;
        }
        let (found, list) = match byte {
            b'=' => (scan.assignment(at), &mut out.by_name),
            b':' if scan.rest(at).starts_with(b"://") => (scan.address(at), &mut out.by_form),
            b':' => match scan.header(at) {
                None => (scan.colon(at), &mut out.by_name),
                found => (found, &mut out.by_form),
            },
            b'-' if starts && scan.rest(at).starts_with(b"-----BEGIN ") => {
                (scan.pem(at), &mut out.by_form)
            }
            b'\'' | b'"' => (scan.sql(at), &mut out.by_name),
            _ if starts && byte.is_ascii_alphabetic() => (scan.token(at), &mut out.by_form),
            _ => continue,
        };
        if let Some(span) = found {
            // What lies behind the beginning of a secret belongs to it.
            skip_to = span.end;
            list.push(span);
        }
    }
    out
}

struct Scan<'t> {
    text: &'t [u8],
    mode: Mode,
}

impl<'t> Scan<'t> {
    fn rest(&self, at: usize) -> &'t [u8] {
        self.text.get(at..).unwrap_or(&[])
    }

    fn slice(&self, range: Range<usize>) -> &'t [u8] {
        self.text.get(range).unwrap_or(&[])
    }

    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// Where the name that ends before `end` begins.
    fn name_start(&self, end: usize) -> usize {
        let back = self.slice(end.saturating_sub(MAX_NAME)..end);
        let len = back.iter().rev().take_while(|b| is_name(**b)).count();
        end - len
    }

    /// `name=value`.
    fn assignment(&self, at: usize) -> Option<Range<usize>> {
        // `:=` and `+=` too.
        let mut end = at
            - self
                .slice(at.saturating_sub(1)..at)
                .iter()
                .filter(|b| matches!(b, b':' | b'+'))
                .count();
        let blanks = self.blanks_before(end);
        end -= blanks;
        let start = self.name_start(end);
        // A comparison or an expansion is no assignment.
        if start == end || matches!(self.byte(at + 1), b'=' | b'~') {
            return None;
        }
        let preceded = if start == 0 { 0 } else { self.byte(start - 1) };
        if preceded == b'$' {
            return None;
        }
        let name = self.slice(start..end);
        // `Pwd=` is a password in a connection string, a folder anywhere else.
        let kind = if name.eq_ignore_ascii_case(b"pwd") && matches!(preceded, b';' | b'&' | b'?') {
            NameKind::Secret
        } else {
            secret_name(name)?
        };
        let value = at + 1 + self.blanks_after(at + 1);
        let spaced = blanks > 0 || value > at + 1;
        let quoted = matches!(self.byte(value), b'\'' | b'"')
            || matches!(self.slice(value..value + 2), b"\\\"" | b"\\'");
        if spaced && !quoted {
            return None;
        }
        let docker = name.ends_with(b"secret")
            && [&b"id="[..], b"type=", b"source=", b"src="]
                .iter()
                .any(|p| self.rest(value).starts_with(p));
        if docker {
            return None;
        }
        let span = if quoted { self.quoted(value) } else { self.plain(value) };
        self.check(span, kind)
    }

    fn blanks_before(&self, end: usize) -> usize {
        let back = self.slice(end.saturating_sub(4)..end);
        back.iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    fn blanks_after(&self, at: usize) -> usize {
        self.rest(at).iter().take(4).take_while(|b| matches!(b, b' ' | b'\t')).count()
    }

    fn check(&self, span: Range<usize>, kind: NameKind) -> Option<Range<usize>> {
        let single = span.start > 0 && self.byte(span.start - 1) == b'\'';
        let literal = self.mode == Mode::Text && single;
        can_be_secret(self.slice(span.clone()), kind, literal).then_some(span)
    }

    /// The value between quotes (also escaped ones) that begin at `at`.
    fn quoted(&self, at: usize) -> Range<usize> {
        let escaped = self.byte(at) == b'\\';
        let start = at + 1 + usize::from(escaped);
        let quote = self.byte(start - 1);
        let mut end = start;
        while let Some(&byte) = self.text.get(end) {
            match byte {
                b'\\' if escaped && self.byte(end + 1) == quote => break,
                b'\\' => end += 1,
                _ if byte == quote => break,
                _ => {}
            }
            end += 1;
        }
        start..end.min(self.text.len())
    }

    /// A value without quotes: up to a blank, a quote, a bracket or what
    /// separates it from the next name.
    fn plain(&self, start: usize) -> Range<usize> {
        let mut depth = 0_usize;
        let mut end = start;
        while let Some(&byte) = self.text.get(end) {
            // `$(..)`, `${..}` and `{{..}}` are taken whole.
            let opens = matches!(byte, b'(' | b'{')
                && (depth > 0 || end == start || matches!(self.byte(end - 1), b'$' | b'{'));
            if opens {
                depth += 1;
            } else if depth > 0 && matches!(byte, b')' | b'}') {
                depth -= 1;
            } else if depth == 0 {
                let stop = match byte {
                    b'\'' | b'"' | b'`' | b'<' | b'>' | b'|' | b'&' | b';' | b')' | b'}' | b']' => {
                        true
                    }
                    b'\\' => matches!(self.byte(end + 1), b'"' | b'\'' | b'n'),
                    b',' => names_follow(self.rest(end + 1)),
                    _ => byte.is_ascii_whitespace(),
                };
                if stop {
                    break;
                }
            } else if byte == b'\n' {
                break;
            }
            end += 1;
        }
        start..end
    }

    /// `"name": "value"`, or `name: value` at the end of a line.
    fn colon(&self, at: usize) -> Option<Range<usize>> {
        let mut end = at - self.blanks_before(at);
        let quoted_name = end > 0 && matches!(self.byte(end - 1), b'"' | b'\'');
        if quoted_name {
            end -= 1;
            end -= usize::from(end > 0 && self.byte(end - 1) == b'\\');
        } else if end != at {
            return None;
        }
        let start = self.name_start(end);
        if start == end {
            return None;
        }
        let name = self.slice(start..end);
        let kind = secret_name(name)?;
        let value = at + 1 + self.blanks_after(at + 1);
        match self.byte(value) {
            b'"' | b'\'' => self.check(self.quoted(value), kind),
            b'\\' if quoted_name => self.check(self.quoted(value), kind),
            // A word in the middle of a sentence is no value.
            _ if quoted_name || (value > at + 1 && self.is_last_of_line(value)) => {
                self.check(self.plain(value), kind)
            }
            _ => None,
        }
    }

    fn is_last_of_line(&self, at: usize) -> bool {
        let rest = self.rest(at);
        let len = rest.iter().take_while(|b| !b.is_ascii_whitespace()).count();
        let mut after = rest.iter().skip(len).skip_while(|b| matches!(b, b' ' | b'\t' | b'\r'));
        len > 0 && matches!(after.next(), None | Some(b'\n'))
    }

    /// The credential of a header whose colon is at `at`.
    fn header(&self, at: usize) -> Option<Range<usize>> {
        let name = self.name_start(at);
        let lower = self.slice(name..at).to_ascii_lowercase();
        if !table::HEADERS.iter().any(|header| header.as_bytes() == lower) {
            return None;
        }
        let mut start = at + 1 + self.blanks_after(at + 1);
        let whole = self.mode == Mode::Word && name == 0;
        let mut end = start;
        while let Some(&byte) = self.text.get(end) {
            let quote = matches!(byte, b'"' | b'\'')
                || (byte == b'\\' && matches!(self.byte(end + 1), b'"' | b'\'' | b'n' | b'r'));
            if matches!(byte, b'\n' | b'\r') || (quote && !whole) {
                break;
            }
            end += 1;
        }
        let value = self.slice(start..end);
        if let Some(blank) = value.iter().position(|b| *b == b' ') {
            let scheme = value.get(..blank).unwrap_or(&[]).to_ascii_lowercase();
            if table::SCHEMES.iter().any(|known| known.as_bytes() == scheme) {
                start += blank + 1;
                start += self.slice(start..end).iter().take_while(|b| **b == b' ').count();
            }
        }
        can_be_secret(
            self.slice(start..end),
            NameKind::Secret,
            whole && !self.slice(start..end).contains(&b'$'),
        )
        .then_some(start..end)
    }

    /// `scheme://user:password@host`; the colon is at `at`.
    fn address(&self, at: usize) -> Option<Range<usize>> {
        if self.name_start(at) == at {
            return None;
        }
        let start = at + 3;
        let len = self
            .rest(start)
            .iter()
            .take_while(|b| {
                !(b.is_ascii_whitespace()
                    || matches!(
                        b,
                        b'/' | b'?' | b'#' | b'\'' | b'"' | b'`' | b'<' | b'>' | b'|' | b'\\'
                    ))
            })
            .count();
        let authority = self.slice(start..start + len);
        let end = start + authority.iter().rposition(|b| *b == b'@')?;
        let user = self.slice(start..end);
        if let Some(colon) = user.iter().position(|b| *b == b':') {
            let secret = start + colon + 1..end;
            return can_be_secret(self.slice(secret.clone()), NameKind::Secret, false)
                .then_some(secret);
        }
        // A token instead of a user name: long, with digits.
        let token = user.len() >= 20
            && user.iter().any(u8::is_ascii_digit)
            && user.iter().all(|b| forms::Set::Word.has(*b));
        token.then_some(start..end)
    }

    /// Private keys in PEM form (RFC 7468).
    fn pem(&self, at: usize) -> Option<Range<usize>> {
        const DASHES: &[u8] = b"-----";
        let label = self.rest(at + 11);
        let label_end = find(label.get(..64.min(label.len())).unwrap_or(&[]), DASHES)?;
        let label = label.get(..label_end).unwrap_or(&[]);
        find(label, b"PRIVATE KEY")?;
        let start = at + 11 + label_end + DASHES.len();
        let end = find(self.rest(start), b"-----END").map_or(self.text.len(), |len| start + len);
        // Taken out before.
        (!is_mark(self.slice(start..end))).then_some(start..end)
    }

    /// `IDENTIFIED BY '..'`, `PASSWORD '..'`: the opening quote is at `at`.
    fn sql(&self, at: usize) -> Option<Range<usize>> {
        let blanks = self.blanks_before(at);
        if blanks == 0 {
            return None;
        }
        let end = at - blanks;
        let start = self.name_start(end);
        let word = self.slice(start..end).to_ascii_lowercase();
        let by = word == b"by" && {
            let before = self.slice(start.saturating_sub(12)..start).to_ascii_lowercase();
            before.trim_ascii_end().ends_with(b"identified")
        };
        let alone =
            start == 0 || matches!(self.byte(start - 1), b' ' | b'\t' | b'\n' | b'(' | b'"');
        let literal = word == b"password" && alone && self.byte(at) == b'\'';
        if !by && !literal {
            return None;
        }
        let span = self.quoted(at);
        // An opening quote needs a closing one, or this is the end of something.
        let closed = span.end < self.text.len();
        if closed { self.check(span, NameKind::Secret) } else { None }
    }

    /// Token formats, JSON web tokens and `Bearer x`.
    fn token(&self, at: usize) -> Option<Range<usize>> {
        let rest = self.rest(at);
        let first = self.byte(at);
        for prefix in forms::PREFIXES {
            let start = prefix.start.as_bytes();
            if start.first() != Some(&first) || !rest.starts_with(start) {
                continue;
            }
            let len = rest.iter().skip(start.len()).take_while(|b| prefix.set.has(**b)).count();
            if len >= prefix.min {
                let from = if prefix.keep { at + start.len() } else { at };
                return Some(from..at + start.len() + len);
            }
        }
        match first {
            b'e' if rest.starts_with(b"eyJ") => {
                // Header, payload, signature; all but the last are JSON objects.
                let head = rest.iter().take_while(|b| forms::Set::Word.has(**b)).count();
                if head < 10 || !self.rest(at + head).starts_with(b".eyJ") {
                    return None;
                }
                let tail = self.rest(at + head).iter();
                let len = tail.take_while(|b| forms::Set::Word.has(**b) || **b == b'.').count();
                Some(at..at + head + len)
            }
            b'b' | b'B' if rest.len() > 7 && rest.get(..7)?.eq_ignore_ascii_case(b"bearer ") => {
                let start = at + 7;
                let len = self.rest(start).iter().take_while(|b| forms::Set::Wide.has(**b)).count();
                let token = self.slice(start..start + len);
                (len >= 16 && token.iter().any(u8::is_ascii_digit)).then_some(start..start + len)
            }
            _ => None,
        }
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// Whether another `name=` begins here, perhaps behind blanks.
pub(super) fn names_follow(rest: &[u8]) -> bool {
    let rest = rest.trim_ascii_start();
    let len = rest.iter().take(MAX_NAME).take_while(|b| is_name(**b) || **b == b' ').count();
    len > 0 && rest.get(len) == Some(&b'=')
}

/// Whether this is a mark and nothing else.
fn is_mark(text: &[u8]) -> bool {
    let inner = text.strip_prefix(b"[redacted").and_then(|rest| rest.strip_suffix(b"]"));
    inner.is_some_and(|inner| {
        inner.is_empty()
            || inner
                .strip_prefix(b":")
                .is_some_and(|print| print.iter().all(u8::is_ascii_hexdigit) && print.len() <= 64)
    })
}
