//! Shell patterns against text of which some parts may be unknown, for
//! `${x#..}`, `${x%..}`, `${x/..}` and `${x^..}`.
//!
//! Every pattern is matched from left to right with the set of all states that
//! the text so far allows, so that time is bounded by the product of the
//! lengths. Two sets tell what may match and what matches for certain.

use crate::shell::limits;

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    Char(char),
    Any,
    Star,
    /// A bracket expression.
    Set {
        negated: bool,
        items: Vec<Item>,
    },
}

/// One member of a bracket expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    Range(char, char),
    /// A character class, by its place in [`CLASSES`].
    Class(usize),
}

/// One symbol of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Char(char),
    /// Any text; the flag: without slashes.
    Gap(bool),
}

/// Whether a character belongs to a class.
type Test = fn(&char) -> bool;

/// The names of character classes. Outside ASCII they depend on the locale.
const CLASSES: &[(&str, Test)] = &[
    ("alnum", char::is_ascii_alphanumeric),
    ("alpha", char::is_ascii_alphabetic),
    ("blank", |c| matches!(c, ' ' | '\t')),
    ("cntrl", char::is_ascii_control),
    ("digit", char::is_ascii_digit),
    ("graph", char::is_ascii_graphic),
    ("lower", char::is_ascii_lowercase),
    ("print", |c| c.is_ascii_graphic() || *c == ' '),
    ("punct", char::is_ascii_punctuation),
    ("space", |c| c.is_ascii_whitespace() || *c == '\u{b}'),
    ("upper", char::is_ascii_uppercase),
    ("word", |c| c.is_ascii_alphanumeric() || *c == '_'),
    ("xdigit", char::is_ascii_hexdigit),
];

/// Reads a pattern: characters, and whether each one is quoted. `None` where
/// options of the shell or its locale decide what it means.
pub(super) fn parse(text: &[(char, bool)]) -> Option<Vec<Element>> {
    let mut pattern = Vec::new();
    let mut rest = text;
    while let Some((&(c, quoted), tail)) = rest.split_first() {
        rest = tail;
        // With `extglob` on, `+(..)` and the like are operators.
        if !quoted && "?*+@!".contains(c) && tail.first() == Some(&('(', false)) {
            return None;
        }
        pattern.push(match c {
            _ if quoted => Element::Char(c),
            '*' => {
                if pattern.last() == Some(&Element::Star) {
                    continue;
                }
                Element::Star
            }
            '?' => Element::Any,
            '[' => match bracket(tail)? {
                Some((set, after)) => {
                    rest = after;
                    set
                }
                None => Element::Char('['),
            },
            c => Element::Char(c),
        });
    }
    Some(pattern)
}

type Bracket<'a> = Option<(Element, &'a [(char, bool)])>;

/// A bracket expression behind its `[`; `Some(None)`: it is never closed, so
/// that the bracket means itself.
fn bracket(text: &[(char, bool)]) -> Option<Bracket<'_>> {
    let mut rest = text;
    let negated = matches!(rest.first(), Some(('!' | '^', false)));
    if negated {
        rest = rest.get(1..)?;
        // Replacing and cutting off disagree on where it ends.
        if rest.first() == Some(&(']', false)) {
            return None;
        }
    }
    let mut items = Vec::new();
    let mut first = true;
    loop {
        let Some((&(c, quoted), tail)) = rest.split_first() else { return Some(None) };
        rest = tail;
        if c == ']' && !quoted && !first {
            return Some(Some((Element::Set { negated, items }, rest)));
        }
        first = false;
        if c == '[' && !quoted && matches!(rest.first(), Some((':' | '=' | '.', false))) {
            let (class, after) = class(rest)?;
            items.push(Item::Class(class));
            rest = after;
            continue;
        }
        let range = matches!(rest, [('-', false), (end, quoted), ..] if *end != ']' || *quoted);
        if !range {
            items.push(Item::Range(c, c));
            continue;
        }
        let (end, end_quoted) = *rest.get(1)?;
        // The order of other characters depends on the locale.
        if !c.is_ascii() || !end.is_ascii() || (end == '[' && !end_quoted) {
            return None;
        }
        items.push(Item::Range(c, end));
        rest = rest.get(2..)?;
    }
}

/// `:name:]`.
fn class(text: &[(char, bool)]) -> Option<(usize, &[(char, bool)])> {
    let rest = text.strip_prefix(&[(':', false)])?;
    let length = rest.iter().take(8).position(|(c, _)| !c.is_ascii_lowercase())?;
    let (name, rest) = rest.split_at_checked(length)?;
    let name: String = name.iter().map(|(c, _)| c).collect();
    let rest = rest.strip_prefix(&[(':', false), (']', false)])?;
    Some((CLASSES.iter().position(|class| class.0 == name)?, rest))
}

impl Element {
    fn takes(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::Any | Self::Star => true,
            Self::Set { negated, items } => {
                let has = items.iter().any(|item| match item {
                    Item::Range(from, to) => (*from..=*to).contains(&c),
                    Item::Class(class) => CLASSES.get(*class).is_some_and(|class| class.1(&c)),
                });
                has != *negated
            }
        }
    }
}

/// Whether the locale has no say in what the pattern matches: in some, a
/// character outside ASCII is several.
pub(super) fn is_certain(pattern: &[Element], symbols: &[Symbol]) -> bool {
    let plain = |element: &Element| matches!(element, Element::Char(_) | Element::Star);
    pattern.iter().all(plain)
        || symbols.iter().all(|symbol| match symbol {
            Symbol::Char(c) => c.is_ascii(),
            Symbol::Gap(_) => true,
        })
}

/// How much matching may still cost.
#[derive(Debug)]
pub(super) struct Budget(pub usize);

impl Budget {
    pub(super) const fn new() -> Self {
        Self(limits::MAX_WORK / 16)
    }

    fn pay(&mut self, cost: usize) -> Option<()> {
        self.0 = self.0.checked_sub(cost)?;
        Some(())
    }
}

/// The states of a pattern that a text may and must lead to.
struct States<'p> {
    pattern: &'p [Element],
    may: Vec<bool>,
    must: Vec<bool>,
}

impl<'p> States<'p> {
    fn new(pattern: &'p [Element]) -> Self {
        let mut start = vec![false; pattern.len() + 1];
        if let Some(first) = start.first_mut() {
            *first = true;
        }
        let mut states = Self { pattern, must: start.clone(), may: start };
        states.skip_stars();
        states
    }

    /// A star also matches nothing.
    fn skip_stars(&mut self) {
        for set in [&mut self.may, &mut self.must] {
            for (at, element) in self.pattern.iter().enumerate() {
                if *element == Element::Star && set.get(at) == Some(&true) {
                    put(set, at + 1);
                }
            }
        }
    }

    fn take(&mut self, symbol: Symbol) {
        match symbol {
            Symbol::Char(c) => {
                for set in [&mut self.may, &mut self.must] {
                    let mut next = vec![false; set.len()];
                    for (at, element) in self.pattern.iter().enumerate() {
                        if set.get(at) == Some(&true) && element.takes(c) {
                            put(&mut next, at + usize::from(*element != Element::Star));
                        }
                    }
                    *set = next;
                }
            }
            Symbol::Gap(slashless) => {
                // What has matched so far is known; only what goes on counts.
                for set in [&mut self.may, &mut self.must] {
                    if let Some(end) = set.last_mut() {
                        *end = false;
                    }
                }
                for (at, element) in self.pattern.iter().enumerate() {
                    let star = *element == Element::Star;
                    if !star && let Some(state) = self.must.get_mut(at) {
                        *state = false;
                    }
                    let blocked = slashless && *element == Element::Char('/');
                    if self.may.get(at) == Some(&true) && !blocked {
                        put(&mut self.may, at + 1);
                    }
                }
            }
        }
        self.skip_stars();
    }

    fn may_match(&self) -> bool {
        self.may.last() == Some(&true)
    }

    fn must_match(&self) -> bool {
        self.must.last() == Some(&true)
    }

    fn is_dead(&self) -> bool {
        !self.may.contains(&true)
    }
}

fn put(set: &mut [bool], at: usize) {
    if let Some(state) = set.get_mut(at) {
        *state = true;
    }
}

/// Where `${text#pattern}` cuts, in symbols from the start: at one place, or
/// somewhere between two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    At(usize),
    Between(usize, usize),
}

/// The cut of the shortest or longest match at the start; none: at 0.
pub(super) fn cut(
    symbols: impl ExactSizeIterator<Item = Symbol>,
    pattern: &[Element],
    longest: bool,
    budget: &mut Budget,
) -> Option<Cut> {
    let mut states = States::new(pattern);
    // The places where a match may end; the first one that certainly does.
    let mut may: Vec<(usize, bool)> = Vec::new();
    let note = |states: &States<'_>, at: usize, may: &mut Vec<(usize, bool)>| {
        if states.may_match() {
            may.push((at, states.must_match()));
        }
    };
    note(&states, 0, &mut may);
    for (at, symbol) in symbols.enumerate() {
        if states.is_dead() || (!longest && may.last().is_some_and(|(_, must)| *must)) {
            break;
        }
        budget.pay(pattern.len() + 1)?;
        states.take(symbol);
        if matches!(symbol, Symbol::Gap(_)) && states.may_match() {
            // Inside the gap, from its start to its end.
            may.push((at, false));
            may.push((at + 1, states.must_match()));
        } else {
            note(&states, at + 1, &mut may);
        }
    }
    if longest {
        may.reverse();
    }
    let certain = may.iter().position(|(_, must)| *must);
    let end = certain.map_or(0, |index| may.get(index).map_or(0, |place| place.0));
    match (certain, may.first()) {
        (Some(0), _) | (_, None) => Some(Cut::At(end)),
        (_, Some(_)) => {
            let possible = || {
                let count = certain.map_or(may.len(), |index| index + 1);
                may.iter().take(count).map(|place| place.0)
            };
            let low = if certain.is_none() { 0 } else { possible().min()? };
            Some(Cut::Between(low, possible().max()?))
        }
    }
}

/// What a match from a place of a text is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    No,
    /// The longest one ends there.
    Until(usize),
    Unknown,
}

/// The longest match that starts at `from` and is not empty.
pub(super) fn match_at(
    symbols: &[Symbol],
    from: usize,
    pattern: &[Element],
    budget: &mut Budget,
) -> Option<Found> {
    let mut states = States::new(pattern);
    let mut found = Found::No;
    for (at, symbol) in symbols.iter().enumerate().skip(from) {
        budget.pay(pattern.len() + 1)?;
        states.take(*symbol);
        if states.is_dead() {
            break;
        }
        if matches!(symbol, Symbol::Gap(_)) {
            found = Found::Unknown;
        }
        if states.must_match() {
            found = Found::Until(at + 1);
        } else if states.may_match() {
            found = Found::Unknown;
        }
    }
    Some(found)
}

/// Whether the pattern matches the text.
pub(super) fn matches(text: &str, pattern: &[Element], budget: &mut Budget) -> Option<bool> {
    let mut states = States::new(pattern);
    for c in text.chars() {
        budget.pay(pattern.len() + 1)?;
        states.take(Symbol::Char(c));
    }
    Some(states.must_match())
}
