//! Shell patterns against known text, for `${x#..}`, `${x%..}` and `${x/..}`.

/// One element of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    Char(char),
    Any,
    Star,
}

/// Whether the pattern matches the whole text. Time is bounded by the product
/// of the lengths.
fn matches(pattern: &[Element], text: &[char]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Element::Star) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(Element::Any) => {
                p += 1;
                t += 1;
                continue;
            }
            Some(Element::Char(c)) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match retry {
            Some((star, from)) => {
                retry = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
            None => return false,
        }
    }
    pattern.iter().skip(p).all(|element| *element == Element::Star)
}

/// `${text#pattern}`, or with the flag `${text##pattern}`.
pub(super) fn strip_prefix(text: &[char], pattern: &[Element], longest: bool) -> usize {
    let mut ends: Vec<usize> = (0..=text.len()).collect();
    if longest {
        ends.reverse();
    }
    ends.into_iter()
        .find(|end| text.get(..*end).is_some_and(|part| matches(pattern, part)))
        .unwrap_or(0)
}

/// `${text%pattern}`, or with the flag `${text%%pattern}`: the end to keep.
pub(super) fn strip_suffix(text: &[char], pattern: &[Element], longest: bool) -> usize {
    let mut starts: Vec<usize> = (0..=text.len()).collect();
    if !longest {
        starts.reverse();
    }
    starts
        .into_iter()
        .find(|start| text.get(*start..).is_some_and(|part| matches(pattern, part)))
        .unwrap_or(text.len())
}

/// The longest match that starts at `from`, and is not empty.
pub(super) fn match_at(text: &[char], from: usize, pattern: &[Element]) -> Option<usize> {
    (from + 1..=text.len())
        .rev()
        .find(|end| text.get(from..*end).is_some_and(|part| matches(pattern, part)))
}
