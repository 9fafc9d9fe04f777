//! Globs over whole words: `*` any text (also `/`), `?` one character, `[a-z]`
//! and `[!a-z]` one of a set, `\` takes the next character as it is.
//!
//! Only the last `*` is ever tried again, so the cost is at most the length of
//! the pattern times the length of the text, whatever the text is.

use std::str::Chars;

/// Longest pattern that [`check`] accepts, in bytes.
pub const MAX_LENGTH: usize = 512;

/// Whether the whole text fits the pattern. With `ignore_case`, characters that
/// differ only in case are the same.
#[must_use]
pub fn matches(pattern: &str, text: &str, ignore_case: bool) -> bool {
    let mut pattern = pattern.chars();
    let mut text = text.chars();
    // Where to go on after the last `*` when the text does not fit: the pattern
    // behind the star, and the text with one more character given to the star.
    let mut retry: Option<(Chars<'_>, Chars<'_>)> = None;
    loop {
        let before = pattern.clone();
        if pattern.next() == Some('*') {
            retry = Some((pattern.clone(), text.clone()));
            continue;
        }
        pattern = before;
        let fits = match text.next() {
            None if pattern.as_str().is_empty() => return true,
            None => return false,
            Some(c) => one(&mut pattern, c, ignore_case),
        };
        if !fits {
            let Some((behind, rest)) = &mut retry else { return false };
            if rest.next().is_none() {
                return false;
            }
            pattern = behind.clone();
            text = rest.clone();
        }
    }
}

/// Takes one element off the pattern and says whether it is the character.
fn one(pattern: &mut Chars<'_>, c: char, ignore_case: bool) -> bool {
    match pattern.next() {
        None => false,
        Some('?') => true,
        Some('\\') => pattern.next().is_some_and(|p| same(p, c, ignore_case)),
        Some('[') => in_set(pattern, c, ignore_case),
        Some(p) => same(p, c, ignore_case),
    }
}

/// Takes a set off the pattern, `[` is gone already. As in shells a `]` at the
/// first place is an ordinary character.
fn in_set(pattern: &mut Chars<'_>, c: char, ignore_case: bool) -> bool {
    let mut rest = pattern.clone();
    let negated = matches!(rest.clone().next(), Some('!' | '^'));
    if negated {
        rest.next();
    }
    let mut found = false;
    let mut first = true;
    while let Some(low) = rest.next() {
        if low == ']' && !first {
            *pattern = rest;
            return found != negated;
        }
        first = false;
        let low = if low == '\\' { rest.next().unwrap_or(low) } else { low };
        let mut ahead = rest.clone();
        let high = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(high)) if high != ']' => {
                rest = ahead;
                if high == '\\' { rest.next().unwrap_or(high) } else { high }
            }
            _ => low,
        };
        found |= between(low, c, high, ignore_case);
    }
    // The set is not closed; `check` refuses such a pattern, here it fits nothing.
    false
}

fn between(low: char, c: char, high: char, ignore_case: bool) -> bool {
    (low..=high).contains(&c)
        || ignore_case
            && (c.to_lowercase().any(|c| (low..=high).contains(&c))
                || c.to_uppercase().any(|c| (low..=high).contains(&c)))
}

fn same(a: char, b: char, ignore_case: bool) -> bool {
    a == b || ignore_case && a.to_lowercase().eq(b.to_lowercase())
}

/// Whether a pattern means something.
///
/// # Errors
/// What is wrong with it, as a sentence.
pub fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("An empty glob fits only empty words; leave it out.".into());
    }
    if pattern.len() > MAX_LENGTH {
        return Err(format!("The glob is longer than {MAX_LENGTH} bytes."));
    }
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => {
                return Err("The glob ends with a backslash that escapes nothing.".into());
            }
            '[' => check_set(&mut chars)?,
            _ => {}
        }
    }
    Ok(())
}

fn check_set(chars: &mut Chars<'_>) -> Result<(), String> {
    let mut first = true;
    let mut low = None;
    loop {
        let Some(c) = chars.next() else { return Err("A `[` in the glob is not closed.".into()) };
        match c {
            '!' | '^' if first && low.is_none() => {
                low = Some('\0');
                continue;
            }
            ']' if !first => return Ok(()),
            '\\' => low = chars.next(),
            '-' => {
                let mut ahead = chars.clone();
                if let (Some(from), Some(to)) = (low.filter(|_| !first), ahead.next())
                    && to != ']'
                    && from > to
                {
                    return Err(format!("The range `{from}-{to}` in the glob is empty."));
                }
                low = Some(c);
            }
            c => low = Some(c),
        }
        first = false;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{check, matches};

    #[test]
    fn globs_mean_what_shells_mean_but_cross_slashes() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("*.prod", "db.prod", true),
            ("*.prod", "db.prod.old", false),
            ("/etc/*", "/etc/ssh/sshd_config", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]a]", "]", true),
            ("[a-]", "-", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("[", "[", false),
            ("é?", "éé", true),
        ] {
            assert_eq!(matches(pattern, text, false), expected, "{pattern} {text}");
        }
        assert!(matches("PROD-*", "prod-eu", true));
        assert!(!matches("PROD-*", "prod-eu", false));
        assert!(matches("[a-z]", "Q", true));
    }

    #[test]
    fn many_stars_stay_cheap() {
        let text = "a".repeat(100_000);
        assert!(!matches("*a*a*a*a*a*a*a*a*a*a*b", &text, false));
    }

    #[test]
    fn patterns_without_a_meaning_are_refused() {
        for (bad, part) in [
            ("", "empty"),
            ("[a", "closed"),
            ("x\\", "backslash"),
            ("[z-a]", "z-a"),
            ("[!", "closed"),
        ] {
            let message = check(bad).expect_err(bad);
            assert!(message.contains(part), "{message}");
        }
        for good in ["*", "[!a]", "[]]", "a-b", "[a-]", r"\[", "[^x-z]*"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        assert!(check(&"x".repeat(513)).is_err());
    }

    /// The definition, exponential and obviously right.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some(('*', rest)), _) => (0..=text.len()).any(|at| naive(rest, text.split_at(at).1)),
            (Some(('?', rest)), Some((_, text))) => naive(rest, text),
            (Some((p, rest)), Some((c, text))) => p == c && naive(rest, text),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[abc]{0,10}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(matches(&pattern, &text, false), naive(&p, &t));
        }

        #[test]
        fn never_panics(pattern in any::<String>(), text in any::<String>(), case in any::<bool>()) {
            let _ = check(&pattern);
            let _ = matches(&pattern, &text, case);
        }

        #[test]
        fn a_text_with_its_special_characters_escaped_fits_only_itself(text in "[a-z*?\\[\\]]{1,10}") {
            let escaped: String = text.chars().flat_map(|c| ['\\', c]).collect();
            prop_assert!(matches(&escaped, &text, false));
            let longer = format!("{text}x");
            prop_assert!(!matches(&escaped, &longer, false));
        }
    }
}
