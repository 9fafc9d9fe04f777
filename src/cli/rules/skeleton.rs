//! The text of a first draft of a rule file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::command::grammar::{self, own};
use crate::model::{OpClass, Verb};
use crate::rules::{builtin, lint::UNWRITTEN};
use crate::text::words;

/// Subcommands that one rule lists.
const MOST: usize = 24;

/// What the author said.
pub(super) struct Wanted<'a> {
    pub(super) id: Option<&'a str>,
    pub(super) verb: Option<Verb>,
}

/// A rule that is to be drafted.
struct Drafted {
    id: String,
    verb: Verb,
    subcommands: Vec<String>,
}

/// Drafts a file for a tool, `NAME` or `NAME,OTHER`; nothing when that cannot be
/// the name of a program. `taken` says which ids other rules have.
pub(super) fn draft(
    names: &str,
    wanted: &Wanted<'_>,
    taken: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let programs: Vec<&str> = names.split(',').collect();
    let fits = |name: &&str| {
        own::one_word(name)
            && !name.starts_with(['-', '.', '@'])
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_+.".contains(c))
    };
    let unique = (1..programs.len()).all(|i| {
        let (before, rest) = programs.split_at(i);
        rest.first().is_none_or(|name| !before.contains(name))
    });
    if !programs.iter().all(fits) || !unique {
        return None;
    }
    let first = programs.first()?;
    let tool = tool_name(first);
    let known = grammar::knows(&grammar::tool_name(first));
    let rules = rules(first, &tool, wanted, taken);
    let mut out = head(&tool, &programs, known);
    for rule in &rules {
        // Writing to a String cannot fail.
        let _ = write!(out, "{}", body(&tool, first, rule));
    }
    Some(out)
}

/// The name in ids: small letters, digits, `-`, `_`, `+`.
fn tool_name(program: &str) -> String {
    let name = program.to_ascii_lowercase().replace('.', "-");
    name.trim_start_matches(['-', '_', '+']).to_owned()
}

fn rules(
    program: &str,
    tool: &str,
    wanted: &Wanted<'_>,
    taken: &dyn Fn(&str) -> bool,
) -> Vec<Drafted> {
    let mut found = candidates(program);
    if let Some(verb) = wanted.verb {
        found.retain(|known, _| *known == verb);
        found.entry(verb).or_default();
    } else if wanted.id.is_some() {
        let first = found.pop_first();
        found = first.into_iter().collect();
    }
    if found.is_empty() {
        found.insert(Verb::Delete, vec!["delete".to_owned()]);
    }
    let mut drafted = Vec::new();
    for (verb, mut subcommands) in found {
        subcommands.truncate(MOST);
        let name = wanted.id.map_or_else(|| verb_name(verb).to_owned(), str::to_owned);
        let name = name.strip_prefix(&format!("{tool}.")).unwrap_or(&name).to_owned();
        let mut id = format!("{tool}.{name}");
        let mut number = 2;
        while taken(&id) {
            id = format!("{tool}.{name}-{number}");
            number += 1;
        }
        drafted.push(Drafted { id, verb, subcommands });
    }
    drafted
}

/// Subcommands of a known tool whose last word names something dangerous, by
/// what they would do.
fn candidates(program: &str) -> BTreeMap<Verb, Vec<String>> {
    let mut found: BTreeMap<Verb, Vec<String>> = BTreeMap::new();
    for path in own::builtin_paths(&grammar::tool_name(program)) {
        let last = path.rsplit(' ').next().unwrap_or_default();
        let verb = match grammar::class_of_word(last) {
            Some(OpClass::Delete) => Verb::Delete,
            Some(OpClass::Disrupt) => Verb::Stop,
            Some(OpClass::Access) => Verb::Access,
            _ => continue,
        };
        found.entry(verb).or_default().push(path);
    }
    found
}

fn verb_name(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "read",
        Verb::Create => "create",
        Verb::Modify => "modify",
        Verb::Stop => "stop",
        Verb::Delete => "delete",
        Verb::Access => "access",
        Verb::Expose => "expose",
        Verb::ExecuteUnknown => "execute-unknown",
    }
}

/// A name as YAML text: one that would be read as something else is quoted.
fn scalar(name: &str) -> String {
    let word = matches!(
        name.to_ascii_lowercase().as_str(),
        "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
    );
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    if word || !name.starts_with(letter) { format!("\"{name}\"") } else { name.to_owned() }
}

/// Everything above the rules.
fn head(tool: &str, programs: &[&str], known: bool) -> String {
    let first = programs.first().copied().unwrap_or_default();
    let list: Vec<String> = programs.iter().map(|name| scalar(name)).collect();
    let list = list.join(", ");
    let has = builtin::pages().filter(|page| page.programs.iter().any(|p| p == first)).count();
    let beside = match has {
        0 => String::new(),
        n => {
            let rules = words::count(n as u64, "built-in rule");
            format!("# guard has {rules} for it already: guard rules list {first}\n")
        }
    };
    let grammar = if known { KNOWN } else { UNKNOWN };
    format!(
        "\
# What {first} can destroy. guard judges every {first} command by this file and by
# its own rules; a rule can only make a verdict stricter.
{beside}#
#   guard rules lint FILE     is everything in here well formed and meant?
#   guard rules test FILE     is every example judged as it says?
#   guard explain -c 'TEXT'   how guard reads a command, word by word

# First part of every id.
tool: {}
# The programs these rules are for; the file's name lists the same.
programs: [{list}]
{grammar}
# Where the tool acts. Say which words name a place, and guard sees production.
# whereabouts:
#   remote: true                     it acts on another machine
#   options: [--profile, --context]  options whose value names the environment
#   env: [APP_ENV]                   variables that do so

rules:
",
        scalar(tool)
    )
}

/// What is said about the command line of a tool that guard knows.
const KNOWN: &str = "\
# guard knows its options and subcommands: options may stand anywhere in a command,
# and aliases are resolved before a rule is asked.
";

/// What is said about the command line of any other tool.
const UNKNOWN: &str = "\
# guard does not know its command line yet. Without this, the value of an option
# that stands before the subcommand is taken for the subcommand.
# grammar:
#   values: [--config, -c]           options that take a value
#   switches: [--verbose, -v]        options that do not
#   subcommands:
#     env:
#       subcommands:
#         delete: {aliases: [rm], switches: [--force]}

# If it starts other programs, say where their command stands.
# wrappers:
#   - subcommand: exec
#     inner: [{dashes: 1}]           the words after `--`, else from the second operand
";

/// One rule.
fn body(tool: &str, program: &str, rule: &Drafted) -> String {
    let Drafted { id, verb, subcommands } = rule;
    let shown = verb_name(*verb);
    let does = match verb {
        Verb::Read => "reads something that is secret",
        Verb::Create => "creates something",
        Verb::Modify => "changes something that others rely on",
        Verb::Stop => "stops something that is in use",
        Verb::Delete => "deletes something",
        Verb::Access => "changes who may do what",
        Verb::Expose => "makes something public",
        Verb::ExecuteUnknown => "runs code that nobody has seen",
    };
    let list: Vec<String> = subcommands.iter().map(|path| format!("        - {path}\n")).collect();
    let matches = if list.is_empty() {
        format!("      program: [{}]\n", scalar(program))
    } else {
        format!("      subcommand:\n{}", list.concat())
    };
    format!(
        "  - id: {id}
    # One line: what the command does.
    summary: {does} with {tool}
    # A short paragraph: what is lost, and why nobody gets it back.
    why: Whoever needs it finds that it is gone or different, and nobody was asked.
    # When the rule applies. All keys must hold; in a list one entry is enough.
    match:
      # Keep the dangerous ones. `*` is any one word, `a|b` either.
{matches}      # options: [{{any: [--force, -f]}}]       any, all or none of these are given
      # operands: [{{at: first, is: {{glob: [\"prod*\"]}}}}]
      # none: [{{options: [{{any: [--dry-run]}}]}}]   what makes it harmless
    effect:
      # read, create, modify, stop, delete, access, expose or execute-unknown
      verb: {shown}
      # What is hit, in the tool's own word, and which word names it (0: the first operand).
      object: object
      name: [{{operand: 0}}]
      # 0 a file, 1 a folder, 2 the repository, 3 this host, 4 a whole service,
      # database or bucket, 5 a cluster or account, 6 many of them
      scope: 4
      # 0 undo is built in, 1 a snapshot, 2 build it again, 3 a backup, 4 no way back
      reversibility: 4
      # What makes it worse: data, customers, others, access, evidence, network, all, backup
      # flags: [data]
      # Options that switch off the tool's own question.
      # bypass: [--yes, -y]
    # What to do instead: a command, or a sentence with commands in backquotes.
    # safer: \"`{program} list` shows what is there\"
    # references: [\"https://example.com/docs/{program}\"]
    # Whole commands. They are tests: at least three that match, and three that
    # nearly do (the harmless subcommand, a dry run, the words as data).
    examples:
      match:
        - {UNWRITTEN} a command that is dangerous
        - {UNWRITTEN} the same with options in front, or behind sudo
        - {UNWRITTEN} the same by another name or in a longer command
      pass:
        - {UNWRITTEN} a command of {program} that only reads
        - {UNWRITTEN} the dangerous one as a dry run, or with --help
        - {UNWRITTEN} a command with the same words in another place
"
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Wanted, draft};
    use crate::model::Verb;
    use crate::rules::lint::{self, Hooks};

    const ANY: Wanted<'static> = Wanted { id: None, verb: None };

    #[test]
    fn every_draft_is_a_good_rule_file() {
        for tool in [
            "envctl",
            "kubectl",
            "docker",
            "aws",
            "git",
            "a.b",
            "X,y",
            "gcloud",
            "7z",
            "true",
            "12",
            "docker-compose",
        ] {
            let text = draft(tool, &ANY, &|_| false).unwrap();
            let file = lint::check("draft.yaml", &text, Hooks::default());
            assert!(file.is_ok(), "{tool}: {}", file.unwrap_err());
        }
        assert!(draft("kubectl", &ANY, &|_| false).unwrap().contains("\n        - delete\n"));
    }

    #[test]
    fn what_the_author_says_is_kept() {
        let wanted = Wanted { id: Some("app.wipe-all"), verb: Some(Verb::Access) };
        let text = draft("app", &wanted, &|_| false).unwrap();
        assert!(text.contains("- id: app.wipe-all\n") && text.contains("verb: access\n"), "{text}");
        assert!(lint::check("draft.yaml", &text, Hooks::default()).is_ok());
        let text = draft("app", &ANY, &|id| id == "app.delete").unwrap();
        assert!(text.contains("- id: app.delete-2\n"), "{text}");
    }

    #[test]
    fn what_is_no_program_gets_no_draft() {
        for bad in ["", "a/b", "../x", "a b", "-x", "a,,b", "@all", "a,a", "x\ny", "*", ".x"] {
            assert!(draft(bad, &ANY, &|_| false).is_none(), "{bad}");
        }
    }
}
