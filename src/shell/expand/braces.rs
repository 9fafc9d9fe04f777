//! Brace expansion (bash(1), Brace Expansion), on pieces: quoted text and
//! substitutions are opaque, as they are for bash.

use std::collections::HashMap;

use crate::shell::lex::{Piece, PieceKind};
use crate::shell::limits;

/// A piece, or a part of the text of one.
#[derive(Debug, Clone)]
pub(super) enum Atom<'a> {
    /// Unquoted text.
    Text(String),
    /// Anything else.
    Piece(&'a Piece),
    /// A word that brace expansion made of a variable's name and more text.
    Unknown,
}

/// Too many words.
#[derive(Debug, Clone, Copy)]
pub(super) struct TooMany;

/// One unquoted character, or something opaque.
#[derive(Debug, Clone, Copy)]
enum Unit<'a> {
    Char(char),
    Piece(&'a Piece),
}

/// The words that a word becomes. A word without braces becomes itself.
pub(super) fn expand(pieces: &[Piece]) -> Result<Vec<Vec<Atom<'_>>>, TooMany> {
    let has_brace = pieces
        .iter()
        .any(|piece| matches!(&piece.kind, PieceKind::Literal(text) if text.contains('{')));
    if !has_brace {
        return Ok(vec![pieces.iter().map(atom).collect()]);
    }
    let mut units = Vec::new();
    for piece in pieces {
        match &piece.kind {
            PieceKind::Literal(text) => units.extend(text.chars().map(Unit::Char)),
            _ => units.push(Unit::Piece(piece)),
        }
    }
    let mut budget = limits::MAX_VALUE * 4;
    let words = units_to_words(&units, &mut budget, 0)?;
    Ok(words.into_iter().map(|word| join(&word)).collect())
}

fn atom(piece: &Piece) -> Atom<'_> {
    match &piece.kind {
        PieceKind::Literal(text) => Atom::Text(text.clone()),
        _ => Atom::Piece(piece),
    }
}

/// Units back to atoms. Text that now follows `$name` would extend the name.
fn join<'a>(word: &[Unit<'a>]) -> Vec<Atom<'a>> {
    let mut atoms: Vec<Atom<'a>> = Vec::new();
    let mut previous_end = None;
    for unit in word {
        match unit {
            Unit::Char(c) => {
                if let Some(Atom::Text(text)) = atoms.last_mut() {
                    text.push(*c);
                } else {
                    if previous_end == Some(true) && (c.is_ascii_alphanumeric() || *c == '_') {
                        atoms.push(Atom::Unknown);
                    }
                    atoms.push(Atom::Text(c.to_string()));
                }
                previous_end = None;
            }
            Unit::Piece(piece) => {
                let bare = matches!(&piece.kind, PieceKind::Parameter(p)
                    if !p.braced && crate::shell::lex::is_name(&p.name));
                previous_end = Some(bare);
                atoms.push(Atom::Piece(piece));
            }
        }
    }
    atoms
}

type Words<'a> = Vec<Vec<Unit<'a>>>;

fn units_to_words<'a>(
    units: &[Unit<'a>],
    budget: &mut usize,
    depth: usize,
) -> Result<Words<'a>, TooMany> {
    if depth > limits::MAX_DEPTH {
        return Err(TooMany);
    }
    *budget = budget.checked_sub(units.len()).ok_or(TooMany)?;
    let mut words: Words<'a> = vec![Vec::new()];
    let groups = find_groups(units).ok_or(TooMany)?;
    let mut at = 0;
    while let Some(unit) = units.get(at) {
        if let Some(group) = groups.get(&at) {
            let inner = units.get(at + 1..group.end).unwrap_or_default();
            let alternatives = match group.kind {
                GroupKind::List => {
                    let mut all = Vec::new();
                    for member in split(inner) {
                        all.extend(units_to_words(member, budget, depth + 1)?);
                    }
                    all
                }
                GroupKind::Sequence => sequence(inner).ok_or(TooMany)?,
            };
            words = product(&words, &alternatives, budget)?;
            at = group.end + 1;
            continue;
        }
        *budget = budget.checked_sub(words.len()).ok_or(TooMany)?;
        for word in &mut words {
            word.push(*unit);
        }
        at += 1;
    }
    Ok(words)
}

fn product<'a>(
    left: &Words<'a>,
    right: &Words<'a>,
    budget: &mut usize,
) -> Result<Words<'a>, TooMany> {
    let count = left.len().saturating_mul(right.len());
    if count > limits::MAX_WORDS {
        return Err(TooMany);
    }
    let mut out = Vec::with_capacity(count);
    for first in left {
        for second in right {
            *budget = budget.checked_sub(first.len() + second.len() + 1).ok_or(TooMany)?;
            let mut word = first.clone();
            word.extend_from_slice(second);
            out.push(word);
        }
    }
    Ok(out)
}

enum GroupKind {
    List,
    Sequence,
}

struct Group {
    kind: GroupKind,
    /// Index of the closing brace.
    end: usize,
}

/// The groups to expand, by their opening brace; none where bash does what
/// nobody expects.
fn find_groups(units: &[Unit<'_>]) -> Option<HashMap<usize, Group>> {
    let mut open: Vec<(usize, bool)> = Vec::new();
    let mut groups = HashMap::new();
    for (index, unit) in units.iter().enumerate() {
        match unit {
            Unit::Char('{') => open.push((index, false)),
            Unit::Char(',') => {
                if let Some((_, comma)) = open.last_mut() {
                    *comma = true;
                }
            }
            Unit::Char('}') => {
                let Some((start, comma)) = open.pop() else { continue };
                let inner = units.get(start + 1..index).unwrap_or_default();
                if comma {
                    groups.insert(start, Group { kind: GroupKind::List, end: index });
                } else if is_sequence(inner) {
                    groups.insert(start, Group { kind: GroupKind::Sequence, end: index });
                } else if is_broken(inner) {
                    return None;
                }
            }
            _ => {}
        }
    }
    Some(groups)
}

/// `{a..$x}` and `{..{1..2}}`: bash tries a sequence, gives up, and leaves
/// what is inside as it is, or loses the braces.
fn is_broken(inner: &[Unit<'_>]) -> bool {
    let dots = inner.windows(2).any(|pair| matches!(pair, [Unit::Char('.'), Unit::Char('.')]));
    dots && inner.iter().any(|unit| matches!(unit, Unit::Char('{') | Unit::Piece(_)))
}

/// The members of a list.
fn split<'u, 'a>(inner: &'u [Unit<'a>]) -> Vec<&'u [Unit<'a>]> {
    let mut levels = 0usize;
    inner
        .split(|unit| {
            match unit {
                Unit::Char('{') => levels += 1,
                Unit::Char('}') => levels = levels.saturating_sub(1),
                Unit::Char(',') if levels == 0 => return true,
                _ => {}
            }
            false
        })
        .collect()
}

fn text_of(inner: &[Unit<'_>]) -> Option<String> {
    if inner.len() > 64 {
        return None;
    }
    inner
        .iter()
        .map(|unit| match unit {
            Unit::Char(c) => Some(*c),
            Unit::Piece(_) => None,
        })
        .collect()
}

fn is_sequence(inner: &[Unit<'_>]) -> bool {
    text_of(inner).is_some_and(|text| bounds(&text).is_some())
}

enum Bounds {
    Numbers(i64, i64, usize),
    Letters(u8, u8),
}

/// The ends and the step of `x..y` or `x..y..step`.
fn bounds(text: &str) -> Option<(Bounds, i64)> {
    let mut parts = text.split("..");
    let (first, last, step) = (parts.next()?, parts.next()?, parts.next());
    if parts.next().is_some() {
        return None;
    }
    let step = step.map_or(Some(1), |step| step.parse::<i64>().ok())?;
    if let (Ok(from), Ok(to)) = (first.parse::<i64>(), last.parse::<i64>()) {
        let padded = |text: &str| {
            let digits = text.trim_start_matches(['-', '+']);
            digits.len() > 1 && digits.starts_with('0')
        };
        let width = if padded(first) || padded(last) { first.len().max(last.len()) } else { 0 };
        return Some((Bounds::Numbers(from, to, width), step));
    }
    match (first.as_bytes(), last.as_bytes()) {
        ([from], [to]) if from.is_ascii_alphabetic() && to.is_ascii_alphabetic() => {
            Some((Bounds::Letters(*from, *to), step))
        }
        _ => None,
    }
}

/// The words of a sequence; `None` when there are too many, or when they hold
/// characters between the two cases, some of which quote.
fn sequence<'a>(inner: &[Unit<'_>]) -> Option<Words<'a>> {
    let (bounds, step) = bounds(&text_of(inner)?)?;
    let (from, to, width) = match bounds {
        Bounds::Numbers(from, to, width) => (from, to, Some(width)),
        Bounds::Letters(from, to) if from.is_ascii_lowercase() == to.is_ascii_lowercase() => {
            (i64::from(from), i64::from(to), None)
        }
        Bounds::Letters(..) => return None,
    };
    let step = i128::from(step).unsigned_abs().max(1);
    let distance = (i128::from(to) - i128::from(from)).unsigned_abs();
    let count = usize::try_from(distance / step).ok()?.checked_add(1)?;
    if count > limits::MAX_WORDS {
        return None;
    }
    let direction = if to < from { -1 } else { 1 };
    let step = i128::try_from(step).ok()? * direction;
    let mut value = i128::from(from);
    let mut words = Vec::with_capacity(count);
    for _ in 0..count {
        let text = match width {
            None => char::from(u8::try_from(value).ok()?).to_string(),
            Some(0) => value.to_string(),
            Some(width) => format!("{value:0width$}"),
        };
        words.push(text.chars().map(Unit::Char).collect());
        value += step;
    }
    Some(words)
}
