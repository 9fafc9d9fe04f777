//! The conditions of a rule in words, for its documentation page.

use super::schema::{
    At, EnvTest, Match, OperandTest, OptionTest, PathClass, Pattern, PlaceKind, RedirectKind,
    RedirectTest, StdinKind, StdinTest,
};
use crate::model::OpClass;
use crate::text::words::{and_list, or_list};

/// One line for each condition; all of them must hold. Conditions inside others
/// are indented by two blanks. The lines are not escaped.
#[must_use]
pub fn conditions(m: &Match) -> Vec<String> {
    let mut lines = Vec::new();
    if !m.program.is_empty() {
        lines.push(format!("it is called as {}", or_list(&quoted(&m.program))));
    }
    if !m.subcommand.is_empty() {
        lines.push(format!("the subcommand is {}", or_list(&quoted(&m.subcommand))));
    }
    if !m.class.is_empty() {
        let classes: Vec<_> = m.class.iter().copied().map(class).collect();
        lines.push(format!("the operation {}", or_list(&classes)));
    }
    lines.extend(m.options.iter().map(option));
    lines.extend(m.operands.iter().map(operand));
    lines.extend(m.redirects.iter().map(redirect));
    lines.extend(m.stdin.as_ref().map(stdin));
    if !m.place.is_empty() {
        let places: Vec<_> = m.place.iter().copied().map(place).collect();
        lines.push(format!("it runs {}", or_list(&places)));
    }
    if !m.folder.is_empty() {
        let folders: Vec<_> = m.folder.iter().copied().map(path).collect();
        lines.push(format!("the working directory is {}", or_list(&folders)));
    }
    lines.extend(m.env.iter().map(env));
    nested("at least one of these holds:", &m.any, &mut lines);
    nested("none of these holds:", &m.none, &mut lines);
    lines
}

fn nested(title: &str, list: &[Match], lines: &mut Vec<String>) {
    if list.is_empty() {
        return;
    }
    lines.push(title.to_owned());
    for inner in list {
        let mut inner = conditions(inner).into_iter();
        lines.extend(inner.next().map(|first| format!("  - {first}")));
        lines.extend(inner.map(|line| format!("    {line}")));
    }
}

fn option(test: &OptionTest) -> String {
    let value = test.value.as_ref().map(|value| format!(" with a value that {}", pattern(value)));
    let value = value.unwrap_or_default();
    if !test.any.is_empty() {
        format!("the option {} is given{value}", or_list(&quoted(&test.any)))
    } else if !test.all.is_empty() {
        format!("the options {} are given", and_list(&quoted(&test.all)))
    } else {
        format!("the option {} is not given{value}", or_list(&quoted(&test.none)))
    }
}

fn operand(test: &OperandTest) -> String {
    let number = match (test.min, test.max) {
        (None, None) => None,
        (Some(min), Some(max)) if min == max => Some(format!("there are {min} operands")),
        (Some(min), Some(max)) => Some(format!("there are {min} to {max} operands")),
        (Some(min), None) => Some(format!("there are at least {min} operands")),
        (None, Some(0)) => Some("there are no operands".to_owned()),
        (None, Some(max)) => Some(format!("there are at most {max} operands")),
    };
    let Some(is) = &test.is else {
        return number.unwrap_or_else(|| presence(test.at).to_owned());
    };
    let which = match test.at {
        At::Any => "an operand",
        At::All => "every operand",
        At::None => "no operand",
        At::First => "the first operand",
        At::Second => "the second operand",
        At::Third => "the third operand",
        At::Last => "the last operand",
        At::Rest => "an operand after the first",
    };
    let number = number.map(|number| format!("{number}, and ")).unwrap_or_default();
    format!("{number}{which} {}", pattern(is))
}

const fn presence(at: At) -> &'static str {
    match at {
        At::None => "there are no operands",
        At::Any | At::All | At::First | At::Last => "there is an operand",
        At::Second | At::Rest => "there is a second operand",
        At::Third => "there is a third operand",
    }
}

fn redirect(test: &RedirectTest) -> String {
    let kinds: Vec<_> = test.op.iter().copied().map(redirect_kind).collect();
    let kinds = if kinds.is_empty() { String::new() } else { format!(" that {}", or_list(&kinds)) };
    let target = test.target.as_ref().map(|p| format!(", and its target {}", pattern(p)));
    format!("there is a redirection{kinds}{}", target.unwrap_or_default())
}

fn stdin(test: &StdinTest) -> String {
    let mut parts = Vec::new();
    if !test.kind.is_empty() {
        let kinds: Vec<_> = test.kind.iter().copied().map(stdin_kind).collect();
        parts.push(format!("is {}", or_list(&kinds)));
    }
    if !test.from.is_empty() {
        parts.push(format!("comes from {}", or_list(&quoted(&test.from))));
    }
    if test.secret {
        parts.push("is or comes from a file with secrets".to_owned());
    }
    if test.known {
        parts.push("is all known".to_owned());
    }
    if let Some(text) = &test.text {
        parts.push(format!("holds text that {}", pattern(text)));
    }
    format!("standard input {}", and_list(&parts))
}

fn env(test: &EnvTest) -> String {
    let names = or_list(&quoted(&test.name));
    match &test.is {
        None => format!("the variable {names} is set"),
        Some(is) => format!("the variable {names} {}", pattern(is)),
    }
}

/// What a word is like, to go on after "a word".
fn pattern(p: &Pattern) -> String {
    let mut parts = Vec::new();
    if !p.exact.is_empty() {
        parts.push(format!("is {}", or_list(&quoted(&p.exact))));
    }
    if !p.glob.is_empty() {
        parts.push(format!("looks like {}", or_list(&quoted(&p.glob))));
    }
    if let Some(last) = parts.last_mut().filter(|_| p.ignore_case) {
        last.push_str(" in any letter case");
    }
    if let Some(regex) = &p.regex {
        parts.push(format!("fits the regular expression `{regex}`"));
    }
    if !p.path.is_empty() {
        let paths: Vec<_> = p.path.iter().copied().map(path).collect();
        parts.push(format!("is {}", or_list(&paths)));
    }
    if !p.sql.is_empty() {
        parts.push(format!("has an SQL statement that fits {}", or_list(&quoted(&p.sql))));
    }
    match p.unknown {
        Some(true) => parts.push("is not known before the command runs".to_owned()),
        Some(false) => parts.push("is known before the command runs".to_owned()),
        None => {}
    }
    if !p.from.is_empty() {
        parts.push(format!("is made from the output of {}", or_list(&quoted(&p.from))));
    }
    if p.output {
        parts.push("is the output of a command, `<(..)`".to_owned());
    }
    if p.printed {
        parts.push("is output of which all is known".to_owned());
    }
    if p.secret {
        parts.push("names a file with secrets, or is made from one".to_owned());
    }
    if let Some(not) = &p.not {
        parts.push(format!("is not a word that {}", pattern(not)));
    }
    and_list(&parts)
}

fn quoted(words: &[String]) -> Vec<String> {
    words.iter().map(|word| format!("`{word}`")).collect()
}

const fn class(class: OpClass) -> &'static str {
    match class {
        OpClass::Read => "only reads",
        OpClass::ReadSecret => "reads a secret",
        OpClass::Create => "creates or starts",
        OpClass::Modify => "modifies",
        OpClass::Disrupt => "stops or disrupts",
        OpClass::Delete => "deletes",
        OpClass::Execute => "runs code",
        OpClass::Access => "changes who has access",
        OpClass::Local => "changes only this machine's configuration",
        OpClass::Unknown => "is not known",
    }
}

const fn place(place: PlaceKind) -> &'static str {
    match place {
        PlaceKind::Here => "here, as the caller",
        PlaceKind::AsUser => "as another user",
        PlaceKind::Container => "in a container",
        PlaceKind::Remote => "on another host",
        PlaceKind::Chroot => "under another root folder",
    }
}

const fn redirect_kind(kind: RedirectKind) -> &'static str {
    match kind {
        RedirectKind::Truncate => "empties the file first",
        RedirectKind::Append => "appends",
        RedirectKind::Read => "reads",
    }
}

const fn stdin_kind(kind: StdinKind) -> &'static str {
    match kind {
        StdinKind::Inherited => "that of the caller",
        StdinKind::Pipe => "a pipe",
        StdinKind::File => "a file",
        StdinKind::Text => "text in the command",
    }
}

const fn path(class: PathClass) -> &'static str {
    match class {
        PathClass::Root => "the root folder",
        PathClass::Home => "a home folder",
        PathClass::Ancestor => "a folder above the working folder",
        PathClass::Guard => "a file of guard's own",
        PathClass::AgentSettings => "a setting that decides what a coding agent asks about",
        PathClass::BlockDevice => "a disk or other block device",
        PathClass::Null => "/dev/null or a terminal",
        PathClass::Kernel => "a file of the kernel or a device",
        PathClass::Sensitive => "a file about access or log-in",
        PathClass::System => "a file of the operating system",
        PathClass::ScratchRoot => "a temporary folder as a whole",
        PathClass::Scratch => "a temporary file",
        PathClass::Project => "the project as a whole",
        PathClass::Repository => "the project's .git folder",
        PathClass::BuildOutput => "build output or a cache",
        PathClass::Inside => "a file of the project",
        PathClass::HomeInside => "a file in a home folder",
        PathClass::Outside => "a file elsewhere on this machine",
        PathClass::RemotePath => "a path on another machine",
        PathClass::MaybeRoot => "a path that could be the root folder",
        PathClass::Unknown => "an unknown path",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::conditions;
    use crate::rules::{builtin, schema::Match, yaml};

    fn words(text: &str) -> String {
        conditions(&yaml::parse::<Match>("x", text).unwrap()).join("\n")
    }

    #[test]
    fn every_kind_of_condition_has_words() {
        insta::assert_snapshot!(words("\
program: [a, b]
subcommand: [rollout undo, 'x|y']
class: [delete, disrupt]
options:
  - any: [-f, --force]
  - all: [-a, -b]
  - none: [--dry-run]
    value: {exact: [none]}
operands:
  - {at: first, is: {path: [root, home]}}
  - {min: 2}
  - {at: none, is: {glob: ['*.txt'], ignore_case: true}}
  - {at: rest}
redirects:
  - {op: [truncate], target: {path: [system]}}
stdin: {kind: [pipe], from: [curl, wget]}
place: [container, remote]
env:
  - {name: [PGHOST], is: {regex: prod, not: {exact: [x]}}}
  - {name: [X]}
any:
  - {subcommand: [a], options: [{any: [-x]}]}
  - {operands: [{is: {sql: [^DROP], unknown: true, from: [curl]}}]}
none:
  - {stdin: {text: {exact: [y]}}}
"), @"
it is called as `a` or `b`
the subcommand is `rollout undo` or `x|y`
the operation deletes or stops or disrupts
the option `-f` or `--force` is given
the options `-a` and `-b` are given
the option `--dry-run` is not given with a value that is `none`
the first operand is the root folder or a home folder
there are at least 2 operands
no operand looks like `*.txt` in any letter case
there is a second operand
there is a redirection that empties the file first, and its target is a file of the operating system
standard input is a pipe and comes from `curl` or `wget`
it runs in a container or on another host
the variable `PGHOST` fits the regular expression `prod` and is not a word that is `x`
the variable `X` is set
at least one of these holds:
  - the subcommand is `a`
    the option `-x` is given
  - an operand has an SQL statement that fits `^DROP`, is not known before the command runs and is made from the output of `curl`
none of these holds:
  - standard input holds text that is `y`
");
    }

    #[test]
    fn every_builtin_rule_has_words() {
        for page in builtin::pages() {
            assert!(!conditions(&page.rule.matches).is_empty(), "{}", page.rule.id);
        }
    }
}
