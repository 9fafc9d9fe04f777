//! Small words for messages: counted nouns, lists with "or", did-you-mean.

/// `1 file`, `3 files`.
#[must_use]
pub fn count(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {}", plural(noun)) }
}

/// The regular English plural of a noun, or of the last word of a phrase.
#[must_use]
pub fn plural(noun: &str) -> String {
    let ends = |endings: &[&str]| endings.iter().any(|ending| noun.ends_with(ending));
    if ends(&["s", "x", "ch", "sh"]) {
        return format!("{noun}es");
    }
    match noun.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'i', 'o', 'u']) && !stem.is_empty() => {
            format!("{stem}ies")
        }
        _ => format!("{noun}s"),
    }
}

/// `a`, `a or b`, `a, b or c`.
#[must_use]
pub fn or_list<S: AsRef<str>>(items: &[S]) -> String {
    list(items, "or")
}

/// `a`, `a and b`, `a, b and c`.
#[must_use]
pub fn and_list<S: AsRef<str>>(items: &[S]) -> String {
    list(items, "and")
}

fn list<S: AsRef<str>>(items: &[S], word: &str) -> String {
    let mut out = String::new();
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            let last = at + 1 == items.len();
            out += if last { " " } else { ", " };
            if last {
                out += word;
                out += " ";
            }
        }
        out += item.as_ref();
    }
    out
}

/// The candidate that was probably meant: at most a third of its letters are
/// wrong, swapped neighbours counting as one.
#[must_use]
pub fn did_you_mean<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= candidate.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance (Levenshtein plus swaps of neighbours).
/// Long input is not compared: the answer would be "far" anyway.
#[allow(clippy::indexing_slicing, reason = "rows have b.len() + 1 cells by construction")]
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 64;
    let a: Vec<char> = a.chars().take(LONGEST + 1).collect();
    let b: Vec<char> = b.chars().take(LONGEST + 1).collect();
    if a.len() > LONGEST || b.len() > LONGEST {
        return usize::MAX;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let wrong = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (above[j] + 1).min(row[j - 1] + 1).min(above[j - 1] + wrong);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{and_list, count, did_you_mean, or_list};

    #[test]
    fn nouns_are_counted() {
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(0, "file"), "0 files");
        assert_eq!(count(3, "policy"), "3 policies");
        assert_eq!(count(3, "key"), "3 keys");
        assert_eq!(count(2, "remote branch"), "2 remote branches");
        assert_eq!(count(2, "ingress"), "2 ingresses");
    }

    #[test]
    fn lists_read_like_sentences() {
        assert_eq!(or_list(&["a"]), "a");
        assert_eq!(or_list(&["a", "b"]), "a or b");
        assert_eq!(and_list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(or_list::<&str>(&[]), "");
    }

    #[test]
    fn near_misses_are_found_and_far_ones_are_not() {
        let commands = ["check", "explain", "rules", "run"];
        assert_eq!(did_you_mean("chekc", commands), Some("check"));
        assert_eq!(did_you_mean("explian", commands), Some("explain"));
        assert_eq!(did_you_mean("kubernetes", commands), None);
        assert_eq!(did_you_mean(&"x".repeat(100_000), commands), None);
    }
}
