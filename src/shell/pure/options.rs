//! Options the way getopt(3) reads them, but only exact names.

/// Options in their order, and operands.
pub(super) struct Options<'a> {
    pub(super) given: Vec<(char, &'a str)>,
    pub(super) operands: Vec<&'a str>,
}

impl<'a> Options<'a> {
    /// Reads arguments. `short` holds the letters, each with a `:` behind it
    /// when it takes a value; `long` holds names and the letters they mean.
    ///
    /// `None` when there is an option that is not listed.
    pub(super) fn read(arguments: &[&'a str], short: &str, long: &[(&str, char)]) -> Option<Self> {
        let valued = |letter: char| -> Option<bool> {
            let mut rest = short.chars().skip_while(|c| *c != letter);
            (letter != ':' && rest.next().is_some()).then(|| rest.next() == Some(':'))
        };
        let mut found = Self { given: Vec::new(), operands: Vec::new() };
        let mut words = arguments.iter().copied();
        while let Some(word) = words.next() {
            if word == "--" {
                found.operands.extend(words);
                break;
            }
            if let Some(name) = word.strip_prefix("--") {
                let (name, value) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (name, None),
                };
                let letter = long.iter().find(|(long, _)| *long == name)?.1;
                match (valued(letter)?, value) {
                    (true, Some(value)) => found.given.push((letter, value)),
                    (true, None) => found.given.push((letter, words.next()?)),
                    (false, None) => found.given.push((letter, "")),
                    (false, Some(_)) => return None,
                }
                continue;
            }
            let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.is_empty()) else {
                found.operands.push(word);
                continue;
            };
            let mut rest = letters.chars();
            while let Some(letter) = rest.next() {
                if !valued(letter)? {
                    found.given.push((letter, ""));
                    continue;
                }
                let value = rest.as_str();
                found.given.push((letter, if value.is_empty() { words.next()? } else { value }));
                break;
            }
        }
        Some(found)
    }

    pub(super) fn has(&self, letter: char) -> bool {
        self.given.iter().any(|(given, _)| *given == letter)
    }

    /// The value of an option; the last one counts.
    pub(super) fn value(&self, letter: char) -> Option<&'a str> {
        self.given.iter().rev().find(|(given, _)| *given == letter).map(|(_, value)| *value)
    }

    /// Whether standard input is all that is read.
    pub(super) fn only_stdin(&self) -> Option<()> {
        matches!(self.operands.as_slice(), [] | ["-"] | ["/dev/stdin"]).then_some(())
    }
}

/// A plain decimal number.
pub(super) fn count(text: &str) -> Option<usize> {
    (!text.is_empty() && text.len() < 10 && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())?
}
