//! Checks that subcommand paths can be met.

use super::{
    Hooks,
    place::{Place, Report},
};
use crate::command::grammar::{self, Reading};
use crate::model::{Span, Word};
use crate::rules::{
    glob,
    schema::{Match, RuleFile},
};

/// Alternatives that one entry may stand for.
const ALTERNATIVES: usize = 64;

/// Checks the entries of `subcommand`.
pub(super) fn check(
    file: &RuleFile,
    matches: &Match,
    at: Place<'_>,
    hooks: Hooks<'_>,
    report: &mut Report,
) {
    let own = file.own_grammar();
    let tools: Vec<&str> =
        file.programs.iter().filter(|p| called(p, matches)).map(String::as_str).collect();
    let knows = |tool: &&str, path: &str| match &own {
        Some(own) if !grammar::knows(tool) => arrives(tool, path, &|argv| own.read(argv)),
        _ => (hooks.knows_subcommand)(tool, path),
    };
    for (i, path) in matches.subcommand.iter().enumerate() {
        let at = at.index(i);
        let alternatives = alternatives(path);
        if alternatives.is_empty() {
            report.add(at.error("This is not a subcommand path.").expected("words, single blanks"));
        }
        for path in alternatives {
            if tools.is_empty() || tools.iter().any(|tool| knows(tool, &path)) {
                continue;
            }
            let tools = tools.join("` and `");
            let message = format!("By the grammar of `{tools}` no command has this: `{path}`.");
            report.add(at.error(&message).expected("a subcommand path with aliases resolved"));
        }
    }
}

/// Whether the rule is for a program at all.
pub(super) fn called(program: &str, matches: &Match) -> bool {
    let names = &matches.program;
    names.is_empty() || names.iter().any(|name| glob::matches(name, program, false))
}

/// Takes `a|b c` apart into `a c` and `b c`; nothing for what is no path.
pub(super) fn alternatives(path: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for word in path.split(' ') {
        let mut next = Vec::new();
        for start in &found {
            for choice in word.split('|') {
                if choice.is_empty() || next.len() >= ALTERNATIVES {
                    return Vec::new();
                }
                let blank = if start.is_empty() { "" } else { " " };
                next.push(format!("{start}{blank}{choice}"));
            }
        }
        found = next;
    }
    found
}

/// Whether a command line made of the program and this path is read as having
/// this path: an alias is read as what it stands for, so a rule about the alias
/// would never match. Words that the grammar does not know stay what they are.
/// True for paths with patterns.
#[must_use]
pub fn reachable(program: &str, path: &str) -> bool {
    let tool = grammar::tool_name(program);
    arrives(program, path, &|argv| grammar::read(&tool, argv))
}

/// As [`reachable`], by any way to read a command line.
fn arrives(program: &str, path: &str, read: &dyn Fn(&[Word]) -> Vec<Reading>) -> bool {
    if path.contains(['*', '?', '[']) {
        return true;
    }
    let path: Vec<&str> = path.split(' ').collect();
    // A program may stand for the first words itself: `docker-compose down` is
    // read as `docker compose down`.
    (0..path.len()).any(|skipped| {
        let words = std::iter::once(&program).chain(path.iter().skip(skipped));
        let argv: Vec<Word> = words.map(|word| Word::text(*word, Span::default())).collect();
        read(&argv).iter().any(|reading| {
            let operands = reading.operands.iter().filter_map(Word::as_static);
            let mut read = reading.subcommand.iter().map(String::as_str).chain(operands);
            path.iter().all(|want| read.next() == Some(want))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn what_the_grammar_reads_differently_is_out_of_reach() {
        assert!(reachable("kubectl", "delete"));
        assert!(reachable("kubectl", "rollout undo"));
        assert!(reachable("no-such-tool", "any thing"));
        assert!(reachable("kubectl", "delete-*"));
        assert!(reachable("docker-compose", "compose down"));
        assert!(!reachable("docker-compose", "down"));
        assert!(reachable("helm", "uninstall") && !reachable("helm", "delete"), "an alias");
    }
}
