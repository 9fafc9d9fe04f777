//! `grep`, `egrep` and `fgrep`.

use super::Printed;
use super::lines::lines;
use super::options::{Options, count};
use super::posix::{Pattern, Place, Steps, is_word};
use super::syntax::{self, Program, Syntax};

const LONG: &[(&str, char)] = &[
    ("invert-match", 'v'),
    ("ignore-case", 'i'),
    ("extended-regexp", 'E'),
    ("basic-regexp", 'G'),
    ("fixed-strings", 'F'),
    ("only-matching", 'o'),
    ("line-regexp", 'x'),
    ("word-regexp", 'w'),
    ("quiet", 'q'),
    ("silent", 'q'),
    ("count", 'c'),
    ("max-count", 'm'),
    ("line-number", 'n'),
    ("regexp", 'e'),
    ("no-filename", 'h'),
    ("text", 'a'),
    ("color", 'k'),
    ("colour", 'k'),
];

/// Lines that match; `name` is the program.
pub(super) fn run(name: &str, arguments: &[&str], input: &[u8]) -> Option<Printed> {
    // `k` is no letter of `grep`, and its `--color` needs its value in one word.
    let bad = |word: &&str| {
        matches!(*word, "--color" | "--colour")
            || word.starts_with('-') && !word.starts_with("--") && word.contains('k')
    };
    if arguments.iter().any(bad) || !input.is_ascii() || input.contains(&0) {
        return None;
    }
    let options = Options::read(arguments, "viEGFoxwqcm:ne:hak:", LONG)?;
    if options.value('k').is_some_and(|when| !matches!(when, "auto" | "never")) {
        return None;
    }
    let mut texts: Vec<&str> =
        options.given.iter().filter(|(letter, _)| *letter == 'e').map(|(_, text)| *text).collect();
    let mut operands = options.operands.as_slice();
    if texts.is_empty() {
        let (first, rest) = operands.split_first()?;
        texts.push(first);
        operands = rest;
    }
    if !matches!(operands, [] | ["-"]) {
        return None;
    }
    let kinds = [name == "egrep" || options.has('E'), name == "fgrep" || options.has('F')];
    if kinds == [true, true] || options.has('G') && kinds != [false, false] {
        return None;
    }
    let search = Search {
        patterns: patterns(&texts, kinds, options.has('i'))?,
        words: options.has('w'),
        whole: options.has('x'),
    };
    search.print(&options, input)
}

fn patterns(
    texts: &[&str],
    [extended, fixed]: [bool; 2],
    ignore_case: bool,
) -> Option<Vec<Pattern>> {
    let syntax = Syntax { extended, ignore_case, program: Program::Grep };
    texts
        .iter()
        .map(|text| match text {
            text if text.contains('\n') => None,
            text if fixed => syntax::literal(text.as_bytes(), ignore_case),
            text => syntax::parse(text.as_bytes(), syntax),
        })
        .collect()
}

struct Search {
    patterns: Vec<Pattern>,
    words: bool,
    whole: bool,
}

impl Search {
    fn print(&self, options: &Options, input: &[u8]) -> Option<Printed> {
        let most = options.value('m').map_or(Some(usize::MAX), count)?;
        let only = options.has('o');
        // With `-ow` grep goes on at places of its own choice.
        let alone = !options.given.iter().any(|(letter, _)| "vnw".contains(*letter));
        if only && !alone || most == 0 {
            return None;
        }
        let mut steps = Steps::new(input);
        let mut out = Vec::new();
        let mut selected = 0;
        for (number, line) in lines(input).enumerate() {
            let place = self.find(line, 0, &mut steps)?;
            if place.is_some() == options.has('v') {
                continue;
            }
            selected += 1;
            if only {
                self.matches(line, &mut out, &mut steps)?;
            } else {
                if options.has('n') {
                    out.extend(format!("{}:", number + 1).as_bytes());
                }
                out.extend(line);
                out.push(b'\n');
            }
            if selected == most {
                break;
            }
        }
        let bytes = match (options.has('q'), options.has('c')) {
            (true, _) => Vec::new(),
            (_, true) => format!("{selected}\n").into_bytes(),
            _ => out,
        };
        Some(Printed { bytes, success: Some(selected > 0) })
    }

    /// All matches of a line that are not empty.
    fn matches(&self, line: &[u8], out: &mut Vec<u8>, steps: &mut Steps) -> Option<()> {
        let mut at = 0;
        while let Some((start, end)) = self.find(line, at, steps)? {
            if end > start {
                out.extend(line.get(start..end)?);
                out.push(b'\n');
            }
            at = end.max(start + 1);
            if at > line.len() {
                break;
            }
        }
        Some(())
    }

    /// The leftmost longest match of any pattern.
    fn find(&self, line: &[u8], from: usize, steps: &mut Steps) -> Option<Option<Place>> {
        let accept = |start: usize, end: usize| {
            let before = start > 0 && is_word(line.get(start - 1));
            let apart = !before && !is_word(line.get(end));
            (!self.whole || start == 0 && end == line.len()) && (!self.words || apart)
        };
        let mut best: Option<Place> = None;
        for pattern in &self.patterns {
            if let Some((start, end)) = pattern.find_where(line, from, steps, accept)? {
                // Whether nothing at all can be a word is a long story.
                if self.words && start == end {
                    return None;
                }
                let better = best.is_none_or(|(s, e)| start < s || start == s && end > e);
                if better {
                    best = Some((start, end));
                }
            }
        }
        Some(best)
    }
}
