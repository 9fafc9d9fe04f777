//! `tr`.

use super::Printed;
use super::escape::number;
use super::options::Options;
use crate::shell::limits;

/// `tr` with one or two sets.
pub(super) fn run(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long =
        [("complement", 'c'), ("delete", 'd'), ("squeeze-repeats", 's'), ("truncate-set1", 't')];
    // Options end at the first set: `tr a -d` is about the letters `-` and `d`
    // on some systems.
    let sets = arguments.iter().position(|word| !word.starts_with('-') || *word == "-");
    let at = sets.unwrap_or(arguments.len());
    let (options, sets) = arguments.split_at_checked(at)?;
    let options = Options::read(options, "cCdst", &long)?;
    let mut sets: Vec<&str> = options.operands.iter().chain(sets).copied().collect();
    if let [first, "--", second] = sets.as_slice() {
        sets = vec![first, second];
    }
    if sets.iter().skip(1).any(|set| set.starts_with('-') && set.len() > 1) {
        return None;
    }
    let complement = options.has('c') || options.has('C');
    let (delete, squeeze) = (options.has('d'), options.has('s'));
    let (first, second) = match (sets.as_slice(), delete, squeeze) {
        ([first], true, false) | ([first], false, true) => (parse(first)?, None),
        ([first, second], true, true) | ([first, second], false, _) => {
            (parse(first)?, Some(parse(second)?))
        }
        _ => return None,
    };
    if first.iter().any(|item| matches!(item, Item::Repeat(..))) {
        return None;
    }
    let set = domain(&first, complement);
    let work = Work { complement, delete, squeeze, truncate: options.has('t') };
    let out = work.apply(&first, set, second.as_deref(), input)?;
    // Systems differ on whether a character of more bytes is one or many.
    let plain = |items: &[Item]| items.iter().all(Item::is_ascii);
    let ascii_sets = plain(&first) && second.as_deref().is_none_or(plain);
    if ascii_sets && !complement && std::str::from_utf8(input).is_ok()
        || input.is_ascii() && out.is_ascii()
    {
        return Printed::ok(out);
    }
    None
}

struct Work {
    complement: bool,
    delete: bool,
    squeeze: bool,
    truncate: bool,
}

impl Work {
    fn apply(
        &self,
        first: &[Item],
        mut set: Vec<u8>,
        second: Option<&[Item]>,
        input: &[u8],
    ) -> Option<Vec<u8>> {
        let member = |set: &[u8]| {
            let mut table = [false; 256];
            for byte in set {
                if let Some(slot) = table.get_mut(usize::from(*byte)) {
                    *slot = true;
                }
            }
            move |byte: u8| table.get(usize::from(byte)).copied().unwrap_or(false)
        };
        if self.truncate && (self.delete || second.is_none()) {
            return None;
        }
        if self.delete {
            let deleted = member(&set);
            let kept: Vec<u8> = input.iter().copied().filter(|b| !deleted(*b)).collect();
            return match second {
                Some(second) if second.iter().any(|item| matches!(item, Item::Repeat(..))) => None,
                Some(second) => {
                    let second = expand(second, 0)?;
                    Some(squeezed(&kept, member(&second)))
                }
                None => Some(kept),
            };
        }
        let Some(second) = second else { return Some(squeezed(input, member(&set))) };
        if second.is_empty() || !aligned(first, second, self.complement) {
            return None;
        }
        let mut other = expand(second, set.len())?;
        if self.complement && first.iter().any(|item| matches!(item, Item::Class(..))) {
            let head = other.first()?;
            other.iter().all(|b| b == head).then_some(())?;
        }
        if self.truncate {
            set.truncate(other.len());
        }
        let last = *other.last()?;
        other.resize(other.len().max(set.len()), last);
        let mut table: Vec<u8> = (0..=u8::MAX).collect();
        for (from, to) in set.iter().zip(&other) {
            *table.get_mut(usize::from(*from))? = *to;
        }
        let out: Vec<u8> =
            input.iter().filter_map(|b| table.get(usize::from(*b)).copied()).collect();
        Some(if self.squeeze { squeezed(&out, member(&other)) } else { out })
    }
}

fn squeezed(bytes: &[u8], member: impl Fn(u8) -> bool) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    for byte in bytes {
        if out.last() != Some(byte) || !member(*byte) {
            out.push(*byte);
        }
    }
    out
}

/// A piece of a set.
#[derive(Debug, PartialEq)]
enum Item {
    Byte(u8),
    Range(u8, u8),
    Class(&'static str, Vec<u8>),
    /// `[c*n]`; zero means as many as are needed.
    Repeat(u8, usize),
}

impl Item {
    fn is_ascii(&self) -> bool {
        match self {
            Self::Byte(byte) | Self::Repeat(byte, _) => byte.is_ascii(),
            Self::Range(_, high) => high.is_ascii(),
            Self::Class(..) => true,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Range(low, high) => usize::from(high.saturating_sub(*low)) + 1,
            Self::Class(_, bytes) => bytes.len(),
            Self::Repeat(_, count) => *count,
        }
    }
}

/// The classes, in ASCII.
fn class(name: &[u8]) -> Option<Item> {
    let (name, test): (&'static str, fn(&u8) -> bool) = match name {
        b"alnum" => ("alnum", u8::is_ascii_alphanumeric),
        b"alpha" => ("alpha", u8::is_ascii_alphabetic),
        b"blank" => ("blank", |b| matches!(b, b' ' | b'\t')),
        b"cntrl" => ("cntrl", u8::is_ascii_control),
        b"digit" => ("digit", u8::is_ascii_digit),
        b"graph" => ("graph", u8::is_ascii_graphic),
        b"lower" => ("lower", u8::is_ascii_lowercase),
        b"print" => ("print", |b| matches!(b, b' '..=b'~')),
        b"punct" => ("punct", u8::is_ascii_punctuation),
        b"space" => ("space", |b| matches!(b, b' ' | 9..=13)),
        b"upper" => ("upper", u8::is_ascii_uppercase),
        b"xdigit" => ("xdigit", u8::is_ascii_hexdigit),
        _ => return None,
    };
    Some(Item::Class(name, (0..=127).filter(test).collect()))
}

/// Reads a set; `None` where systems differ or refuse.
fn parse(text: &str) -> Option<Vec<Item>> {
    // Escaped characters are never special.
    let mut bytes: Vec<(u8, bool)> = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push((byte, false));
            continue;
        }
        let (&kind, tail) = rest.split_first()?;
        rest = tail;
        let byte = match kind {
            b'a' => 7,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 11,
            b'0'..=b'7' => u8::try_from(number(&mut rest, 8, 2, u32::from(kind - b'0')).0).ok()?,
            b'8' | b'9' | b'a'..=b'z' | b'A'..=b'Z' => return None,
            _ => kind,
        };
        bytes.push((byte, true));
    }
    items(&bytes)
}

fn items(bytes: &[(u8, bool)]) -> Option<Vec<Item>> {
    let plain = |at: usize, wanted: u8| bytes.get(at) == Some(&(wanted, false));
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&(byte, escaped)) = bytes.get(at) {
        if byte == b'[' && !escaped {
            // `[=a=]` means more than it looks like in some locales.
            if plain(at + 1, b'=') {
                return None;
            }
            if plain(at + 1, b':') {
                let inner = bytes.get(at + 2..)?;
                let length = (0..inner.len()).take(8).find(|end| {
                    inner.get(*end) == Some(&(b':', false))
                        && inner.get(end + 1) == Some(&(b']', false))
                })?;
                let name: Vec<u8> = inner.get(..length)?.iter().map(|(byte, _)| *byte).collect();
                found.push(class(&name)?);
                at += length + 4;
                continue;
            }
            if plain(at + 2, b'*') {
                let byte = bytes.get(at + 1)?.0;
                let digits: Vec<u8> = bytes
                    .get(at + 3..)?
                    .iter()
                    .take(5)
                    .take_while(|(byte, escaped)| byte.is_ascii_digit() && !escaped)
                    .map(|(byte, _)| *byte)
                    .collect();
                if !plain(at + 3 + digits.len(), b']') || digits.starts_with(b"0") {
                    return None;
                }
                let count = std::str::from_utf8(&digits).ok()?;
                let count = if count.is_empty() { 0 } else { count.parse().ok()? };
                found.push(Item::Repeat(byte, count));
                at += 4 + digits.len();
                continue;
            }
        }
        if plain(at + 1, b'-')
            && let Some(&(high, _)) = bytes.get(at + 2)
        {
            // `a-[` may be the start of something else; nobody types it.
            if byte > high || high == b'[' {
                return None;
            }
            found.push(Item::Range(byte, high));
            at += 3;
            continue;
        }
        found.push(Item::Byte(byte));
        at += 1;
    }
    Some(found)
}

/// The characters of the first set.
fn domain(items: &[Item], complement: bool) -> Vec<u8> {
    let plain = expand(items, 0).unwrap_or_default();
    if !complement {
        return plain;
    }
    let mut member = [false; 256];
    for byte in plain {
        if let Some(slot) = member.get_mut(usize::from(byte)) {
            *slot = true;
        }
    }
    (0..=u8::MAX).filter(|b| !member.get(usize::from(*b)).copied().unwrap_or(false)).collect()
}

/// All characters, where an open repetition fills up to `wanted`.
fn expand(items: &[Item], wanted: usize) -> Option<Vec<u8>> {
    let total: usize = items.iter().map(Item::len).sum();
    let open = items.iter().filter(|item| matches!(item, Item::Repeat(_, 0))).count();
    if total > limits::MAX_VALUE || open > 1 {
        return None;
    }
    let mut out = Vec::with_capacity(total);
    for item in items {
        match item {
            Item::Byte(byte) => out.push(*byte),
            Item::Range(low, high) => out.extend(*low..=*high),
            Item::Class(_, bytes) => out.extend(bytes),
            Item::Repeat(byte, 0) => {
                out.resize(out.len() + wanted.saturating_sub(total), *byte);
            }
            Item::Repeat(byte, count) => out.resize(out.len() + count, *byte),
        }
    }
    Some(out)
}

/// Whether classes of the second set stand where GNU allows them: a case
/// opposite a case.
fn aligned(first: &[Item], second: &[Item], complement: bool) -> bool {
    let cases = |items: &[Item]| -> Vec<usize> {
        let mut at = 0;
        let mut found = Vec::new();
        for item in items {
            if matches!(item, Item::Class("lower" | "upper", _)) {
                found.push(at);
            }
            at += item.len();
        }
        found
    };
    let classes = |items: &[Item]| items.iter().any(|item| matches!(item, Item::Class(..)));
    if !classes(second) {
        return true;
    }
    let only_cases = |items: &[Item]| {
        items.iter().all(|item| {
            !matches!(item, Item::Class(..) | Item::Repeat(..))
                || matches!(item, Item::Class("lower" | "upper", _))
        })
    };
    // A class may not have to be repeated.
    let length = |items: &[Item]| items.iter().map(Item::len).sum::<usize>();
    let ends = matches!(second.last(), Some(Item::Class(..)));
    let fits = !ends || length(first) <= length(second);
    fits && !complement && only_cases(second) && only_cases(first) && cases(first) == cases(second)
}
