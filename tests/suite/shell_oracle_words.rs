//! Words against the real bash, generated from a grammar of everything that
//! expands: quoting, parameters and their operators, arithmetic, braces, tildes
//! and field splitting, with scalars, arrays, positional parameters and IFS.
//!
//! 5,000 texts in every run. The long run takes 100,000, a few minutes:
//!
//! ```sh
//! GUARD_ORACLE_CASES=100000 cargo nextest run shell_oracle_words
//! ```
//!
//! `GUARD_ORACLE_SEED` draws other texts. The only commands in them are
//! assignments, `set`, and `printf` and `echo` of constants.

use guard::model::{Part, Word};
use guard::shell;

use crate::shell_oracle::{bash, known};
use crate::shell_oracle_grammar::Grammar;

/// How many texts share one bash.
const BATCH: usize = 1_000;

/// What guard cannot know: variables of the environment.
const OUTSIDE: &str = "export U=u UE= US=/ UP=a/b.c UB='a b' UG='*'; ";

/// What came of one text.
#[derive(Default)]
struct Tally {
    /// All words known, and right.
    sure: usize,
    /// Some words with unknown parts, and what is known of them right.
    partly: usize,
    wrong: Vec<String>,
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

/// Whether a word that bash made fits what guard knows of it.
fn fits(parts: &[Part], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((Part::Text(own) | Part::Glob(own), rest)) => {
            text.strip_prefix(own.as_str()).is_some_and(|tail| fits(rest, tail))
        }
        Some((Part::Hole(hole), rest)) => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.filter(|at| *at > 0 || !hole.nonempty).any(|at| fits(rest, &text[at..]))
        }
    }
}

/// Whether the words can be compared one by one.
fn is_countable(words: &[Word]) -> bool {
    words.iter().flat_map(Word::holes).all(|hole| !hole.splits)
}

fn compare(texts: &[String], tally: &mut Tally) {
    let folder = tempfile::tempdir().unwrap();
    let asked: Vec<String> = texts.iter().map(|text| format!("{OUTSIDE}{text}")).collect();
    for (text, answer) in texts.iter().zip(bash(&asked, folder.path())) {
        let script = shell::read(text, &known());
        let Some(command) = script.commands.last().filter(|_| script.problems.is_empty()) else {
            continue;
        };
        assert_eq!(command.words.first().and_then(Word::as_static), Some("printf"), "{text}");
        let words = command.words.get(2..).unwrap_or_default();
        if !is_countable(words) {
            continue;
        }
        let holes = words.iter().any(Word::has_hole);
        let shown: Vec<String> = words.iter().map(|word| format!("{:?}", word.display())).collect();
        let Some(answer) = answer else {
            // Where the shell ends, nothing comes of the words.
            if !holes {
                tally.wrong.push(format!("{text}\n  guard: {shown:?}\n  bash:  refuses"));
            }
            continue;
        };
        let answer: Vec<String> =
            answer.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        // `printf` without arguments prints its format once.
        let empty = [Word::default()];
        let words = if words.is_empty() { &empty } else { words };
        let right = answer.len() == words.len()
            && words.iter().zip(&answer).all(|(word, text)| fits(&word.parts, text));
        if !right {
            tally.wrong.push(format!("{text}\n  guard: {shown:?}\n  bash:  {answer:?}"));
        } else if holes {
            tally.partly += 1;
        } else {
            tally.sure += 1;
        }
    }
}

#[test]
fn generated_words_become_what_bash_makes_of_them() {
    let cases = usize::try_from(number("GUARD_ORACLE_CASES", 5_000)).unwrap();
    let mut grammar = Grammar::new(number("GUARD_ORACLE_SEED", 1));
    // Around an unquoted tilde next to `:`, bash 5.2 has bugs of its own. Many
    // sequences in one word keep it busy for minutes.
    let odd = |text: &String| {
        ["~:", "~=", ":~", "=~"].iter().any(|pair| text.contains(pair))
            || text.matches("..").count() > 4
    };
    let texts: Vec<String> =
        std::iter::repeat_with(|| grammar.text()).filter(|text| !odd(text)).take(cases).collect();
    let mut tally = Tally::default();
    for batch in texts.chunks(BATCH) {
        compare(batch, &mut tally);
    }
    let Tally { sure, partly, wrong } = tally;
    eprintln!("{cases} texts: {sure} known, {partly} partly known, {} wrong", wrong.len());
    let head = |text: &String| text.lines().map(|line| format!("{line:.600}\n")).collect();
    let first: Vec<String> = wrong.iter().take(40).map(head).collect();
    assert!(wrong.is_empty(), "{} of {cases} differ:\n{}", wrong.len(), first.join("\n"));
    assert!(sure * 2 > cases, "guard is sure of only {sure} of {cases}");
}
