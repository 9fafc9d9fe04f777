//! `${x:1:2}`, `${x#a}`, `${x/a/b}`, `${x^^}` and `${x@Q}` on values of which
//! some parts may be unknown.

use super::fields::push_text;
use super::pattern::{self, Budget, Cut, Element, Found, Symbol};
use super::symbols::Symbols;
use crate::model::{Hole, Part};
use crate::shell::lex::{Piece, PieceKind};
use crate::shell::limits;

/// `${text:from:count}`; negative numbers count from the end.
pub(super) fn substring(
    text: &Symbols<'_>,
    from: i64,
    count: Option<i64>,
    gap: Hole,
) -> Option<Vec<Part>> {
    if !text.is_ascii() {
        return None;
    }
    let (head, tail) = text.known_ends();
    let length = text.len();
    let whole = head == length;
    let distance = usize::try_from(from.unsigned_abs()).ok()?;
    let start = match (from < 0, whole) {
        (false, _) if distance <= head => distance,
        (true, true) if distance <= length => length - distance,
        (true, false) if distance <= tail => length - distance,
        (_, true) => return Some(Vec::new()),
        _ => return None,
    };
    let Some(count) = count else { return Some(text.slice(start, length)) };
    let distance = usize::try_from(count.unsigned_abs()).ok()?;
    if count < 0 {
        let end = length.checked_sub(distance)?;
        let certain = end >= start && (whole || distance <= tail);
        return certain.then(|| text.slice(start, end));
    }
    let end = start.saturating_add(distance);
    if end <= head || start > head || whole {
        return Some(text.slice(start, end.min(length)));
    }
    let mut parts = text.slice(start, head);
    parts.push(Part::Hole(gap));
    Some(parts)
}

/// `${text#pattern}` and its kin.
pub(super) fn strip(
    text: &Symbols<'_>,
    wanted: &[Element],
    operator: &str,
    mut gap: Hole,
    budget: &mut Budget,
) -> Option<Vec<Part>> {
    if !pattern::is_certain(wanted, &text.list) {
        return None;
    }
    let length = text.len();
    let longest = operator.len() == 2;
    let symbols = text.list.iter().copied();
    if operator.starts_with('#') {
        return Some(match pattern::cut(symbols, wanted, longest, budget)? {
            Cut::At(at) => text.slice(at, length),
            Cut::Between(_, high) => {
                let mut parts = vec![Part::Hole(gap)];
                parts.extend(text.slice(high, length));
                parts
            }
        });
    }
    let wanted: Vec<Element> = wanted.iter().rev().cloned().collect();
    Some(match pattern::cut(symbols.rev(), &wanted, longest, budget)? {
        Cut::At(at) => text.slice(0, length.checked_sub(at)?),
        Cut::Between(_, high) => {
            let mut parts = text.slice(0, length.checked_sub(high)?);
            // A path without the slash at its end is the same place.
            if wanted.iter().all(|element| *element == Element::Char('/'))
                && let [Symbol::Gap(_)] = text.list.as_slice()
                && let Some(Part::Hole(hole)) = text.slice(0, 1).first()
            {
                gap.cause = hole.cause;
            }
            parts.push(Part::Hole(gap));
            parts
        }
    })
}

/// `${text/pattern/replacement}` and its kin.
pub(super) fn replace(
    text: &Symbols<'_>,
    wanted: &[Element],
    replacement: &[Part],
    operator: &str,
    gap: &Hole,
    budget: &mut Budget,
) -> Option<Vec<Part>> {
    if !pattern::is_certain(wanted, &text.list) {
        return None;
    }
    let length = text.len();
    // Versions disagree on whether there is something to replace.
    if length == 0 && wanted.contains(&Element::Star) {
        return None;
    }
    if operator == "/%" {
        let wanted: Vec<Element> = wanted.iter().rev().cloned().collect();
        let symbols = text.list.iter().rev().copied();
        let Cut::At(at) = pattern::cut(symbols, &wanted, true, budget)? else { return None };
        let mut parts = text.slice(0, length.checked_sub(at)?);
        if at > 0 || wanted.is_empty() {
            append(&mut parts, replacement);
        }
        return Some(parts);
    }
    if wanted.is_empty() {
        let mut parts = Vec::new();
        if operator == "/#" {
            append(&mut parts, replacement);
        }
        append(&mut parts, &text.slice(0, length));
        return Some(parts);
    }
    let single = wanted.len() == 1 && wanted.first() != Some(&Element::Star);
    let mut parts = Vec::new();
    let (mut at, mut kept) = (0, 0);
    while at < length && (at == 0 || operator != "/#") {
        if single && let Some(Symbol::Gap(slashless)) = text.list.get(at) {
            // A pattern of one character matches inside the gap or not at all.
            if !(*slashless && wanted.first() == Some(&Element::Char('/'))) {
                if operator != "//" {
                    return unknown(parts, text, kept, at, gap);
                }
                append(&mut parts, &text.slice(kept, at));
                parts.push(Part::Hole(gap.clone()));
                kept = at + 1;
            }
            at += 1;
            continue;
        }
        match pattern::match_at(&text.list, at, wanted, budget)? {
            Found::Unknown => return unknown(parts, text, kept, at, gap),
            Found::No => at += 1,
            Found::Until(end) => {
                append(&mut parts, &text.slice(kept, at));
                append(&mut parts, replacement);
                if size(&parts) > limits::MAX_VALUE {
                    return None;
                }
                at = end;
                kept = end;
                if operator != "//" {
                    break;
                }
            }
        }
    }
    append(&mut parts, &text.slice(kept, length));
    Some(parts)
}

/// What is certain, and then a gap.
fn unknown(
    mut parts: Vec<Part>,
    text: &Symbols<'_>,
    kept: usize,
    at: usize,
    gap: &Hole,
) -> Option<Vec<Part>> {
    append(&mut parts, &text.slice(kept, at));
    parts.push(Part::Hole(gap.clone()));
    Some(parts)
}

fn size(parts: &[Part]) -> usize {
    let size = |part: &Part| match part {
        Part::Text(text) | Part::Glob(text) => text.len(),
        Part::Hole(hole) => hole.source.len(),
    };
    parts.iter().map(size).sum()
}

/// Appends parts; neighbouring texts become one.
pub(super) fn append(parts: &mut Vec<Part>, more: &[Part]) {
    for part in more {
        match part {
            Part::Text(text) => push_text(parts, text),
            part => parts.push(part.clone()),
        }
    }
}

/// `^`, `^^`, `,`, `,,`, and the undocumented `~`, `~~` (swap), on the
/// characters that the pattern matches.
pub(super) fn change_case(
    text: &Symbols<'_>,
    operator: &str,
    wanted: &[Element],
    gap: &Hole,
    budget: &mut Budget,
) -> Option<Vec<Part>> {
    if !text.is_ascii() {
        return None;
    }
    let all = operator.len() == 2;
    let how = operator.as_bytes().first().copied();
    let mut first = true;
    let mut certain = Some(());
    let change = |c: char, out: &mut String| {
        let active = std::mem::take(&mut first) || all;
        let matched = active
            && (wanted.is_empty() || {
                let mut buffer = [0; 4];
                pattern::matches(c.encode_utf8(&mut buffer), wanted, budget).unwrap_or_else(|| {
                    certain = None;
                    false
                })
            });
        out.push(match how {
            _ if !matched => c,
            Some(b'^') => c.to_ascii_uppercase(),
            Some(b',') => c.to_ascii_lowercase(),
            _ if c.is_ascii_uppercase() => c.to_ascii_lowercase(),
            _ => c.to_ascii_uppercase(),
        });
    };
    let nonempty = |hole: &Hole| Hole { nonempty: hole.nonempty, ..gap.clone() };
    if all {
        let parts = text.map(0, text.len(), change, nonempty);
        return certain.map(|()| parts);
    }
    // Only the first character changes, which an empty gap does not have.
    if matches!(text.list.first(), Some(Symbol::Gap(_))) {
        return None;
    }
    let parts = text.map(0, text.len(), change, Hole::clone);
    certain.map(|()| parts)
}

/// `${text@Q}` of printable text.
pub(super) fn quoted(text: &str) -> Option<String> {
    if text == "'" {
        return Some("\\'".to_owned());
    }
    let plain = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    plain.then(|| format!("'{}'", text.replace('\'', "'\\''")))
}

/// A part of the argument of an operator.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unit<'a> {
    /// Unquoted text.
    Literal(&'a str),
    Piece(&'a Piece),
}

/// The parts of an argument.
pub(super) fn units(argument: &[Piece]) -> Vec<Unit<'_>> {
    argument.iter().map(unit).collect()
}

fn unit(piece: &Piece) -> Unit<'_> {
    match &piece.kind {
        PieceKind::Literal(text) => Unit::Literal(text),
        _ => Unit::Piece(piece),
    }
}

/// Cuts `pattern/replacement` at the first unquoted slash.
pub(super) fn split_replacement(argument: &[Piece]) -> (Vec<Unit<'_>>, Vec<Unit<'_>>) {
    let mut wanted = Vec::new();
    for (index, piece) in argument.iter().enumerate() {
        if let PieceKind::Literal(text) = &piece.kind
            && let Some((before, after)) = text.split_once('/')
        {
            wanted.push(Unit::Literal(before));
            let mut replacement = vec![Unit::Literal(after)];
            replacement.extend(argument.iter().skip(index + 1).map(unit));
            return (wanted, replacement);
        }
        wanted.push(unit(piece));
    }
    (wanted, Vec::new())
}
