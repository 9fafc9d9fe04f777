//! POSIX regular expressions over ASCII text, the leftmost and longest match.
//!
//! The crate `regex` finds what Perl would find, which is another match: of
//! `a|ab` the first branch, not the longer one. So this is a small matcher of
//! its own, which keeps sets of positions and counts its steps.

use super::syntax::{Assertion, Node};

/// A pattern that has been read.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) root: Node,
    pub(super) groups: usize,
}

/// Most steps that all searches of one command may take together.
const MAX_STEPS: usize = 200_000;

/// What is left of the steps.
pub(super) struct Steps(usize);

impl Steps {
    /// The steps for an input of some size.
    pub(super) fn new(input: &[u8]) -> Self {
        Self(Self::allowed(input.len()))
    }

    /// How many steps an input of this size gets.
    pub(super) fn allowed(size: usize) -> usize {
        (10_000 + size * 64).min(MAX_STEPS)
    }

    /// Counts steps; `None` when there are no more.
    pub(super) fn spend(&mut self, count: usize) -> Option<()> {
        self.0 = self.0.checked_sub(count)?;
        Some(())
    }
}

/// Where something stands.
pub(super) type Place = (usize, usize);

/// What a search finds; the outer `None` means that the steps are used up.
type Found<T> = Option<Option<T>>;

impl Pattern {
    /// The leftmost longest match at or behind `from`.
    pub(super) fn find(&self, text: &[u8], from: usize, steps: &mut Steps) -> Found<Place> {
        self.find_where(text, from, steps, |_, _| true)
    }

    /// The leftmost longest match that is also accepted.
    pub(super) fn find_where(
        &self,
        text: &[u8],
        from: usize,
        steps: &mut Steps,
        accept: impl Fn(usize, usize) -> bool,
    ) -> Found<Place> {
        for start in from..=text.len() {
            let ends = ends(&self.root, &[start], text, steps)?;
            if let Some(end) = ends.into_iter().rev().find(|end| accept(start, *end)) {
                return Some(Some((start, end)));
            }
        }
        Some(None)
    }

    /// What the groups up to number `most` took of a match, when POSIX and the
    /// usual matchers agree on it; `None` otherwise.
    pub(super) fn groups(
        &self,
        text: &[u8],
        place: Place,
        most: usize,
        steps: &mut Steps,
    ) -> Option<Vec<Place>> {
        let mut pieces = Vec::new();
        flatten(&self.root, &mut pieces);
        let (mut at, end) = place;
        let mut starts = vec![None; most + 1];
        let mut places = vec![None; most + 1];
        for (number, piece) in pieces.iter().enumerate() {
            let rest = pieces.get(number + 1..)?;
            match piece {
                Piece::Open(group) => {
                    if let Some(slot) = starts.get_mut(*group) {
                        *slot = Some((number, at));
                    }
                }
                Piece::Close(group) => {
                    let Some((opened, start)) = starts.get(*group).copied().flatten() else {
                        continue;
                    };
                    // Matchers that go piece by piece and those that make the
                    // whole group as long as can be must come to the same.
                    for other in sequence(pieces.get(opened..number)?, &[start], text, steps)? {
                        if other > at && reaches(rest, other, end, text, steps)? {
                            return None;
                        }
                    }
                    *places.get_mut(*group)? = Some((start, at));
                }
                Piece::Node(node) => {
                    let mut fitting = Vec::new();
                    for other in ends(node, &[at], text, steps)?.into_iter().rev() {
                        if reaches(rest, other, end, text, steps)? {
                            fitting.push(other);
                            if is_simple(node) {
                                break;
                            }
                        }
                    }
                    at = match fitting.as_slice() {
                        [only] => *only,
                        _ => return None,
                    };
                }
            }
            if places.iter().skip(1).all(Option::is_some) {
                break;
            }
        }
        *places.first_mut()? = Some(place);
        places.into_iter().collect()
    }
}

/// A pattern cut into what comes one after the other.
enum Piece<'a> {
    Open(usize),
    Close(usize),
    Node(&'a Node),
}

fn flatten<'a>(node: &'a Node, pieces: &mut Vec<Piece<'a>>) {
    match node {
        Node::Cat(nodes) => nodes.iter().for_each(|node| flatten(node, pieces)),
        Node::Group(number, inner) => {
            pieces.push(Piece::Open(*number));
            flatten(inner, pieces);
            pieces.push(Piece::Close(*number));
        }
        node => pieces.push(Piece::Node(node)),
    }
}

/// Whether all matchers take as much as can be.
fn is_simple(node: &Node) -> bool {
    match node {
        Node::Set(_) | Node::Assert(_) => true,
        Node::Repeat(inner, ..) => matches!(**inner, Node::Set(_)),
        _ => false,
    }
}

fn sequence(
    pieces: &[Piece],
    starts: &[usize],
    text: &[u8],
    steps: &mut Steps,
) -> Option<Vec<usize>> {
    let mut current = starts.to_vec();
    for piece in pieces {
        if let Piece::Node(node) = piece {
            current = ends(node, &current, text, steps)?;
        }
    }
    Some(current)
}

fn reaches(
    pieces: &[Piece],
    start: usize,
    end: usize,
    text: &[u8],
    steps: &mut Steps,
) -> Option<bool> {
    Some(sequence(pieces, &[start], text, steps)?.binary_search(&end).is_ok())
}

/// Where matches end that begin at one of `starts`; both sorted.
fn ends(node: &Node, starts: &[usize], text: &[u8], steps: &mut Steps) -> Option<Vec<usize>> {
    steps.spend(starts.len() + 1)?;
    if starts.is_empty() {
        return Some(Vec::new());
    }
    match node {
        Node::Set(set) => Some(
            starts
                .iter()
                .filter(|at| text.get(**at).is_some_and(|byte| set.contains(*byte)))
                .map(|at| at + 1)
                .collect(),
        ),
        Node::Assert(assertion) => {
            Some(starts.iter().copied().filter(|at| holds(*assertion, text, *at)).collect())
        }
        Node::Cat(nodes) => {
            let mut current = starts.to_vec();
            for node in nodes {
                if current.is_empty() {
                    break;
                }
                current = ends(node, &current, text, steps)?;
            }
            Some(current)
        }
        Node::Alt(nodes) => {
            let mut all = Vec::new();
            for node in nodes {
                all.extend(ends(node, starts, text, steps)?);
            }
            all.sort_unstable();
            all.dedup();
            Some(all)
        }
        Node::Group(_, inner) => ends(inner, starts, text, steps),
        Node::Repeat(inner, least, most) => {
            let mut current = starts.to_vec();
            for _ in 0..*least {
                current = ends(inner, &current, text, steps)?;
            }
            let mut reached: std::collections::BTreeSet<usize> = current.iter().copied().collect();
            let mut turns = most.map(|most| most.saturating_sub(*least));
            while !current.is_empty() && turns != Some(0) {
                turns = turns.map(|turns| turns - 1);
                current = ends(inner, &current, text, steps)?;
                current.retain(|at| reached.insert(*at));
            }
            Some(reached.into_iter().collect())
        }
    }
}

/// Whether a byte is part of a word.
pub(super) fn is_word(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

fn holds(assertion: Assertion, text: &[u8], at: usize) -> bool {
    let before = at > 0 && is_word(text.get(at - 1));
    let after = is_word(text.get(at));
    match assertion {
        Assertion::Start => at == 0,
        Assertion::End => at == text.len(),
        Assertion::Edge => before != after,
        Assertion::WordStart => !before && after,
        Assertion::WordEnd => before && !after,
    }
}
