//! What an operation does, by its name.
//!
//! Cloud command lines have thousands of operations with telling names. The
//! verb table holds the words that decide, and the operations whose name says
//! something else than they do.

use crate::model::OpClass;

use super::table;

/// The class that a code of the tables stands for.
pub(super) fn class(code: &str) -> OpClass {
    match code {
        "r" => OpClass::Read,
        "sens" => OpClass::ReadSecret,
        "c" => OpClass::Create,
        "m" => OpClass::Modify,
        "s" => OpClass::Disrupt,
        "d" => OpClass::Delete,
        "x" => OpClass::Execute,
        "p" => OpClass::Access,
        "local" => OpClass::Local,
        _ => OpClass::Unknown,
    }
}

/// Stands for a part of the subcommand that is not known.
pub(super) const ANY: &str = "?";

/// How strict a class is: an operation of a service that is not known is taken
/// for the strictest of its name.
const fn strictness(class: OpClass) -> usize {
    match class {
        OpClass::Read | OpClass::Local => 0,
        OpClass::ReadSecret => 1,
        OpClass::Create => 2,
        OpClass::Modify => 3,
        OpClass::Unknown => 4,
        OpClass::Disrupt => 5,
        OpClass::Execute => 6,
        OpClass::Access => 7,
        OpClass::Delete => 8,
    }
}

/// The class of an operation of `aws`, never missing.
pub(super) fn aws(path: &[String]) -> OpClass {
    let (service, operation) = match path {
        [] => return OpClass::Read,
        [service] if service == "configure" => return OpClass::Local,
        [_] => return OpClass::Read,
        [service, operation, ..] => (service.as_str(), operation.as_str()),
    };
    if operation == "help" || service == "help" || operation == "wait" {
        return OpClass::Read;
    }
    if let Some(code) = table::verb_of("aws", &format!("{service} {operation}")) {
        return class(code);
    }
    let by_name = aws_verb(operation);
    if service != ANY {
        return by_name;
    }
    let named = table::operations_named("aws", operation).map(class);
    named.chain([by_name]).max_by_key(|class| strictness(*class)).unwrap_or(by_name)
}

/// The class that the first words of an operation tell.
fn aws_verb(operation: &str) -> OpClass {
    let words = table::verbs("aws").unwrap_or_default();
    let mut parts = operation.split('-');
    let first = parts.next().unwrap_or_default();
    let skipped = listed(words, "skip", first)
        .then(|| parts.next().and_then(|second| by_word(words, second)))
        .flatten();
    skipped.or_else(|| by_word(words, first)).unwrap_or(OpClass::Unknown)
}

/// The class of an operation of `gcloud` or `az`, never missing.
pub(super) fn by_last_word(tool: &str, path: &[String]) -> OpClass {
    let Some(last) = path.last() else { return OpClass::Read };
    if let Some(code) = table::verb_of(tool, &path.join(" ")) {
        return class(code);
    }
    verb(tool, last).unwrap_or(OpClass::Unknown)
}

/// The class of a single word that stands for an operation, by the rule of
/// `gcloud`, `az` or, for other tools, `any`.
pub(super) fn verb(tool: &str, word: &str) -> Option<OpClass> {
    if tool == "any" {
        // `apps:destroy`, `vm.destroy`
        let word = word.rsplit([':', '.']).next().unwrap_or(word);
        return plain_verb(tool, word).or_else(|| in_capitals(word)).or_else(|| {
            // `instance-delete`
            let (_, last) = word.rsplit_once('-')?;
            by_word(table::verbs(tool)?, last)
        });
    }
    plain_verb(tool, word)
}

/// By the whole word, else by its part before the first hyphen.
pub(super) fn plain_verb(tool: &str, word: &str) -> Option<OpClass> {
    if tool != "az" && word.contains("iam-policy") && !word.starts_with("get") {
        return Some(OpClass::Access);
    }
    let words = table::verbs(tool)?;
    if let Some(found) = by_word(words, word) {
        return Some(found);
    }
    let first = word.split('-').next().unwrap_or_default();
    if tool != "gcloud" && matches!(first, "list" | "show" | "get" | "check") {
        return Some(OpClass::Read);
    }
    by_word(words, first)
}

/// `DeleteInstance`: operations named as in an API, by the list of `aws`.
fn in_capitals(word: &str) -> Option<OpClass> {
    let rest = word.strip_prefix(|c: char| c.is_ascii_uppercase())?;
    let end = rest.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(rest.len());
    let first = word.get(..=end)?.to_ascii_lowercase();
    let class = plain_verb("any", &first).or_else(|| by_word(table::verbs("aws")?, &first));
    class.filter(|_| end > 0)
}

/// The class whose list has this word. The lists stand in the order in which
/// they win.
fn by_word(fields: &str, word: &str) -> Option<OpClass> {
    fields.split('\t').find_map(|field| {
        let (code, words) = field.split_once(' ')?;
        (code != "skip" && words.split(' ').any(|w| w == word)).then(|| class(code))
    })
}

fn listed(fields: &str, code: &str, word: &str) -> bool {
    fields.split('\t').any(|field| {
        field
            .split_once(' ')
            .is_some_and(|(c, words)| c == code && words.split(' ').any(|w| w == word))
    })
}
