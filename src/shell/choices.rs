//! Values of which one is certainly the right one: `if ..; then x=a; else x=b; fi`.
//! A command that uses such a variable is walked once for each of them.

use std::collections::{BTreeMap, BTreeSet};

use brush_parser::ast;

use super::flow::{Flow, Output};
use super::lex::{Piece, PieceKind, plain};
use super::limits;
use super::read::{Buffer, Context, Reader};
use super::vars::{Mark, Value};
use super::walk::word_at;

/// Parts of a text of which one runs.
#[derive(Debug, Default)]
pub(super) struct Choice {
    /// What each part that goes on leaves behind.
    ends: Vec<BTreeMap<String, Value>>,
    /// One of the parts runs in any case.
    pub complete: bool,
}

impl Choice {
    /// A part without commands.
    pub(super) fn nothing(&mut self) {
        self.ends.push(BTreeMap::new());
    }
}

impl Reader {
    /// A list that runs when the others of the choice do not.
    pub(super) fn chosen(
        &mut self,
        list: &ast::CompoundList,
        buffer: &Buffer,
        context: &Context,
        choice: &mut Choice,
    ) -> Flow {
        let mark = self.variables.mark();
        let flow = self.branch_from(&mark, list, buffer, context, Some(choice));
        // A part that leaves the text gives nothing to what follows.
        if leaves(list, buffer) {
            choice.ends.pop();
        }
        flow
    }

    /// Notes what the part that began at the mark leaves behind.
    pub(super) fn end_of(&mut self, mark: &Mark, choice: &mut Choice) {
        self.charge(self.variables.changes_since(mark) * 16);
        choice.ends.push(self.variables.assigned_since(mark));
    }

    /// After all parts: what each of them has assigned has one of their values.
    pub(super) fn choose(&mut self, choice: Choice) {
        let mut ends = choice.ends.into_iter();
        let Some(first) = ends.next().filter(|_| choice.complete) else { return };
        let rest: Vec<_> = ends.collect();
        for (name, value) in first {
            let mut others = rest.iter().map(|end| end.get(&name));
            let joined = others.try_fold(value, |joined, other| joined.or(other?));
            if let Some(joined) = joined {
                self.variables.set(&name, joined);
            }
        }
    }

    /// A simple command, once for each of the values that its words may have.
    pub(super) fn simple(
        &mut self,
        command: &ast::SimpleCommand,
        buffer: &Buffer,
        context: &Context,
    ) -> Flow {
        let rounds = self.combinations(command, buffer);
        if rounds.len() < 2 || self.choices_left < rounds.len() {
            return self.simple_once(command, buffer, context);
        }
        self.choices_left -= rounds.len();
        let mut choice = Choice { complete: true, ..Choice::default() };
        let mut flow: Option<Flow> = None;
        for round in rounds {
            let mark = self.variables.mark();
            let descriptors = self.descriptors.clone();
            for (name, value) in round {
                self.variables.set(&name, value);
            }
            let next = self.simple_once(command, buffer, context);
            self.end_of(&mark, &mut choice);
            self.leave_scope(&mark);
            self.perhaps_opened(&descriptors);
            flow = Some(match flow {
                None => next,
                Some(flow) => either(flow, next),
            });
        }
        self.choose(choice);
        flow.unwrap_or_default()
    }

    /// The values of the variables in the words of a command that have one of
    /// several, each with each; nothing when there are none or too many.
    fn combinations(
        &self,
        command: &ast::SimpleCommand,
        buffer: &Buffer,
    ) -> Vec<Vec<(String, Value)>> {
        if !self.variables.has_choices() {
            return Vec::new();
        }
        let mut names = BTreeSet::new();
        let mut note = |word: &ast::Word| {
            if let Some((pieces, _)) = word_at(word.loc.as_ref(), buffer) {
                used(pieces, &mut names);
            }
        };
        let prefix = command.prefix.iter().flat_map(|prefix| &prefix.0);
        let suffix = command.suffix.iter().flat_map(|suffix| &suffix.0);
        for item in prefix.chain(suffix) {
            match item {
                ast::CommandPrefixOrSuffixItem::AssignmentWord(_, word)
                | ast::CommandPrefixOrSuffixItem::Word(word)
                | ast::CommandPrefixOrSuffixItem::IoRedirect(
                    ast::IoRedirect::File(_, _, ast::IoFileRedirectTarget::Filename(word))
                    | ast::IoRedirect::HereString(_, word),
                ) => note(word),
                _ => {}
            }
        }
        command.word_or_name.iter().for_each(note);
        let mut all = vec![Vec::new()];
        for name in names {
            let Some(values) = self.variables.choices(&name) else { continue };
            if all.len() * values.len() > limits::MAX_COMBINATIONS {
                return Vec::new();
            }
            let mut more = Vec::new();
            for before in &all {
                for value in values {
                    let mut round: Vec<(String, Value)> = Clone::clone(before);
                    round.push((name.clone(), value.clone()));
                    more.push(round);
                }
            }
            all = more;
        }
        all
    }
}

/// What one of two does.
fn either(mut first: Flow, second: Flow) -> Flow {
    first.commands.extend(second.commands);
    let output = if first.output == second.output { first.output } else { Output::Unknown };
    let success = first.success.filter(|_| first.success == second.success);
    Flow { output, success, ..first }
}

/// The variables that a word expands itself; commands inside it see to theirs.
fn used(pieces: &[Piece], names: &mut BTreeSet<String>) {
    for piece in pieces {
        match &piece.kind {
            PieceKind::Parameter(parameter) => {
                names.insert(parameter.name.clone());
                used(&parameter.argument, names);
                used(parameter.index.as_deref().unwrap_or_default(), names);
            }
            PieceKind::Double(inner)
            | PieceKind::Arithmetic(inner)
            | PieceKind::Subscript(inner) => {
                used(inner, names);
            }
            PieceKind::Array(elements) => elements.iter().for_each(|element| used(element, names)),
            _ => {}
        }
    }
}

/// Whether a list certainly ends with `exit` or `return`.
fn leaves(list: &ast::CompoundList, buffer: &Buffer) -> bool {
    let Some(ast::CompoundListItem(and_or, ast::SeparatorOperator::Sequence)) = list.0.last()
    else {
        return false;
    };
    let [ast::Command::Simple(command)] = and_or.first.seq.as_slice() else { return false };
    let name = command.word_or_name.as_ref().and_then(|word| word_at(word.loc.as_ref(), buffer));
    let name = name.and_then(|(pieces, _)| plain(pieces));
    and_or.additional.is_empty() && matches!(name, Some("exit" | "return"))
}

#[cfg(test)]
mod tests {
    use crate::model::Word;
    use crate::shell::{Known, read};

    /// What the commands named `run` are given, in the order of the text.
    fn runs(text: &str) -> Vec<String> {
        let script = read(text, &Known::default());
        assert!(script.problems.is_empty(), "{text:?}: {:?}", script.problems);
        let first = |words: &[Word]| words.first().and_then(Word::as_static) == Some("run");
        let shown = |words: &[Word]| {
            let words = words.iter().skip(1).map(|word| word.as_static().unwrap_or("?"));
            words.collect::<Vec<_>>().join(" ")
        };
        script.commands.iter().filter(|c| first(&c.words)).map(|c| shown(&c.words)).collect()
    }

    #[test]
    fn a_variable_has_the_values_that_branches_give() {
        let both = ["a", "b"];
        assert_eq!(runs("if t; then x=a; else x=b; fi; run $x"), both);
        assert_eq!(runs("x=a; if t; then x=b; fi; run $x"), both);
        assert_eq!(runs("x=a; t && x=b; run $x"), both);
        assert_eq!(runs("x=a; [ -f y ] || x=b; run \"$x\""), both);
        assert_eq!(runs("case $1 in p) x=a;; *) x=b;; esac; run $x"), both);
        assert_eq!(runs("if t; then x=a; elif u; then x=b; else exit 1; fi; run $x"), both);
        assert_eq!(runs("if t; then x=a; else x=b; fi; y=$x/c; run $y"), ["a/c", "b/c"]);
        assert_eq!(runs("if t; then run=a; else run=b; fi; run ${run%z}"), both);
        let pairs = ["a c", "a d", "b c", "b d"];
        assert_eq!(runs("x=a y=c; t && x=b; t && y=d; run $x $y"), pairs);
        assert_eq!(runs("f() { run $1; }; x=a; t && x=b; f $x"), both);
    }

    #[test]
    fn a_value_that_may_be_another_is_not_known() {
        for text in [
            "if t; then x=a; fi; run $x",
            "if t; then x=a; elif u; then x=b; fi; run $x",
            "if t; then x=a; else y=b; fi; run $x",
            "case $1 in p) x=a;; q) x=b;; esac; run $x",
            "case $1 in p) x=a;; *) ;; esac; run $x",
            "if t; then x=a; else x=$(date); fi; run $x",
            "if t; then x=a; else unset x; fi; run $x",
            "x=a; while t; do x=b$x; done; run $x",
            "x=a; if t; then x=b; eval \"$y\"; fi; run $x",
            "x=a; if t; then read x; fi; run $x",
            "if t; then x=a; else x=b; fi; trap 'x=c' DEBUG; run $x",
            "if t; then x=a; else exit; fi & run $x",
        ] {
            let runs = runs(text);
            assert!(runs.iter().any(|run| run == "?"), "{text}: {runs:?}");
        }
    }

    #[test]
    fn too_many_values_are_unknown() {
        let many: String = (0..7).map(|i| format!("{i}) x={i};; ")).collect();
        assert!(runs(&format!("case $1 in {many}*) x=z;; esac; run $x")).contains(&"?".into()));
        let four = "a=1; t && a=2; b=1; t && b=2; c=1; t && c=2; d=1; t && d=2; run $a $b $c $d";
        assert_eq!(runs(four), ["? ? ? ?"]);
    }
}
