//! A rule file that is ready to be matched.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use regex_lite::{Regex, RegexBuilder};

use super::schema::{EffectSpec, Examples, Match, Rule, RuleFile, ScopeSpec, Whereabouts};
use crate::command::grammar::own::Own;
use crate::model::{Tier, Verb};

/// Longest regular expression in bytes.
pub const MAX_PATTERN: usize = 512;
/// Largest compiled regular expression in bytes.
pub const MAX_PROGRAM: usize = 256 * 1024;
/// How deep groups may be nested.
const NEST_LIMIT: u32 = 32;

/// Where a rule file comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Part of guard.
    BuiltIn,
    /// A file of the system's or the user's rule directory; its path.
    File(String),
}

/// A rule file with a cache of its compiled regular expressions. They compile
/// when they are first needed: most rules of a file are never asked that far.
#[derive(Debug)]
pub struct LoadedFile {
    /// The rules.
    pub file: RuleFile,
    /// Where they come from.
    pub origin: Origin,
    regexes: Mutex<HashMap<String, Option<Arc<Regex>>>>,
    grammar: Option<Arc<Own>>,
    subcommands: bool,
}

impl LoadedFile {
    /// Wraps a file that was validated before.
    #[must_use]
    pub fn new(file: RuleFile, origin: Origin) -> Self {
        let grammar = file.own_grammar().map(Arc::new);
        let subcommands = file.rules.iter().any(|rule| looks_at_subcommands(&rule.matches));
        Self { file, origin, regexes: Mutex::default(), grammar, subcommands }
    }

    /// The grammar that the file has for its programs.
    #[must_use]
    pub fn grammar(&self) -> Option<Arc<Own>> {
        self.grammar.clone()
    }

    /// Stands for rules that cannot be read: whatever the programs do is refused,
    /// because a tool must not become harmless when its rules break.
    #[must_use]
    pub fn broken(programs: &[String], origin: Origin, why: &str) -> Self {
        let rule = Rule {
            id: "guard.broken-rules".into(),
            summary: why.into(),
            why: String::new(),
            matches: Match::default(),
            effect: EffectSpec {
                verb: Verb::ExecuteUnknown,
                object: "program".into(),
                name: Vec::new(),
                scope: ScopeSpec::Level(3),
                reversibility: None,
                flags: Vec::new(),
                bypass: Vec::new(),
                local: false,
                throwaway: false,
            },
            floor: Some(Tier::Deny),
            safer: None,
            references: Vec::new(),
            examples: Examples::default(),
        };
        let file = RuleFile {
            tool: "guard".into(),
            programs: programs.to_vec(),
            grammar: None,
            wrappers: Vec::new(),
            whereabouts: Whereabouts::default(),
            acts_despite_help: true,
            rules: vec![rule],
        };
        Self::new(file, origin)
    }

    /// Whether some rule looks at the subcommand, so that a command with an
    /// unknown subcommand could be a dangerous one.
    #[must_use]
    pub const fn has_subcommands(&self) -> bool {
        self.subcommands
    }

    /// The compiled form of a regular expression of this file; `None` when it is
    /// not valid, which validation excludes. A caller must treat `None` as
    /// "matches".
    #[must_use]
    pub fn regex(&self, pattern: &str) -> Option<Arc<Regex>> {
        let mut cache = self.regexes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = cache.get(pattern) {
            return known.clone();
        }
        let compiled = compile(pattern).map(Arc::new);
        cache.insert(pattern.to_owned(), compiled.clone());
        compiled
    }
}

fn looks_at_subcommands(m: &Match) -> bool {
    !m.subcommand.is_empty()
        || !m.class.is_empty()
        || m.any.iter().chain(&m.none).any(looks_at_subcommands)
}

/// Compiles a regular expression for matching. `regex-lite` compiles at a
/// twentieth of the cost of `regex`; a process compiles an expression once and
/// matches it once, so that is what counts.
fn compile(pattern: &str) -> Option<Regex> {
    if pattern.is_empty() || pattern.len() > MAX_PATTERN {
        return None;
    }
    RegexBuilder::new(pattern).size_limit(MAX_PROGRAM).nest_limit(NEST_LIMIT).build().ok()
}

/// Checks a regular expression against the limits. `regex` says best what is
/// wrong; `regex-lite`, which matches, has to accept it as well.
///
/// # Errors
/// Why it is not acceptable, as a sentence.
pub fn check(pattern: &str) -> Result<(), String> {
    if pattern.is_empty() {
        return Err("An empty regular expression fits everything.".into());
    }
    if pattern.len() > MAX_PATTERN {
        return Err(format!("The regular expression is longer than {MAX_PATTERN} bytes."));
    }
    let mut builder = regex::bytes::RegexBuilder::new(pattern);
    let built = builder.unicode(false).size_limit(MAX_PROGRAM).nest_limit(NEST_LIMIT).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "The regular expression is too large when compiled; use smaller repetitions.".into()
        }
        error => {
            // The library draws the pattern again; the last line says what is wrong.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
            format!("This is not a regular expression: {last}.")
        }
    })?;
    compile(pattern).map(|_| ()).ok_or_else(|| {
        "The regular expression uses something that guard's matcher does not have (see \
         docs.rs/regex-lite): Unicode classes, or too many repetitions."
            .into()
    })
}

#[cfg(test)]
mod tests {
    use super::{LoadedFile, Origin, check};

    #[test]
    fn a_regex_is_compiled_once() {
        let loaded = LoadedFile::broken(&[], Origin::BuiltIn, "");
        let (a, b) = (loaded.regex("^DROP "), loaded.regex("^DROP "));
        assert!(a.zip(b).is_some_and(|(a, b)| std::sync::Arc::ptr_eq(&a, &b)));
        assert!(loaded.regex("(").is_none());
    }

    #[test]
    fn limits_hold_and_messages_are_short() {
        for (pattern, part) in [
            ("(a", "unclosed group"),
            ("", "empty"),
            ("a{1000}{1000}", "too large"),
            (&"a".repeat(513), "longer than"),
            (&format!("{}a{}", "(".repeat(40), ")".repeat(40)), "nested"),
        ] {
            let message = check(pattern).err().unwrap_or_default();
            assert!(message.contains(part), "{message}");
        }
        for good in [r"^DROP\s+TABLE\b", r"(?i)^(delete|update) ", r"\d{1,3}", r"\w+="] {
            assert!(check(good).is_ok(), "{good}");
        }
    }
}
