//! What guard knows of each programming language, as data: how its text is cut
//! into tokens and what its calls are equal to as commands.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use regex_lite::Regex;
use serde::{Deserialize, Serialize};

use super::names;
use crate::text::table;

/// Shape of `rules/languages.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageFile {
    /// The languages.
    pub languages: Vec<Language>,
}

/// One language.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Language {
    /// Its name, as the table of wrappers says it.
    pub name: String,
    /// How text is cut into tokens.
    #[serde(skip_serializing_if = "is_default")]
    pub syntax: Syntax,
    /// Functions that only make values, by what they do.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<ValueOp, Vec<String>>,
    /// Names of known values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, String>,
    /// Names that hold the environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<String>,
    /// Calls that do something, the first that fits counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<CallSpec>,
    /// Beginnings of the paths of clients of services: what they give one by one,
    /// or when a promise is kept, is theirs as well. `of: ['@services']` means them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<String>,
    /// Others whose lists are walked object by object.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub walked: Vec<String>,
    /// Languages whose calls are known here as well.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
    #[serde(skip)]
    index: OnceLock<Index>,
}

/// What a name means: a value, or a call by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It makes a value.
    Value(ValueOp),
    /// It does something.
    Call(usize),
}

/// Patterns by their last part, because most paths mean nothing.
#[derive(Debug, Clone, Default)]
struct Index {
    by_last: BTreeMap<String, Vec<(String, Meaning)>>,
    wild: Vec<(String, Meaning)>,
}

impl Language {
    /// Whether a path begins as `of` says.
    pub(super) fn is_of(&self, path: &str, of: &[String]) -> bool {
        of.iter().any(|start| match start.as_str() {
            "@services" => self.services.iter().any(|start| path.starts_with(start.as_str())),
            start => path.starts_with(start),
        })
    }

    /// Whether what a path lists has the methods of the path itself.
    pub(super) fn is_walked(&self, path: &str) -> bool {
        self.services.iter().chain(&self.walked).any(|start| path.starts_with(start.as_str()))
    }

    /// What a path can mean: values first, then calls in their order.
    pub(super) fn meanings(&self, path: &str) -> Vec<Meaning> {
        let index = self.index.get_or_init(|| self.build());
        let last = path.rsplit('.').next().unwrap_or_default();
        let named = index.by_last.get(last).into_iter().flatten();
        let fitting = named.chain(&index.wild).filter(|(pattern, _)| names::fits(pattern, path));
        let mut out: Vec<Meaning> = fitting.map(|(_, meaning)| *meaning).collect();
        out.sort_by_key(|meaning| match meaning {
            Meaning::Value(_) => 0,
            Meaning::Call(at) => at + 1,
        });
        out
    }

    fn build(&self) -> Index {
        let mut index = Index::default();
        let values = self
            .values
            .iter()
            .flat_map(|(op, names)| names.iter().map(|name| (name.clone(), Meaning::Value(*op))));
        let calls = self.calls.iter().enumerate().flat_map(|(at, spec)| {
            spec.call.iter().map(move |name| (name.clone(), Meaning::Call(at)))
        });
        for (name, meaning) in values.chain(calls) {
            let last = name.rsplit('.').next().unwrap_or_default();
            if last.contains('*') {
                index.wild.push((name, meaning));
            } else {
                index.by_last.entry(last.to_owned()).or_default().push((name, meaning));
            }
        }
        index
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// How text is cut into tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Syntax {
    /// What starts a comment that ends with the line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<String>,
    /// Comments with a beginning and an end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<(String, String)>,
    /// String literals; the first that fits counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub strings: Vec<Quote>,
    /// Letters in front of a quote change its meaning (`r""`, `f""`, `b""`).
    #[serde(skip_serializing_if = "is_default")]
    pub prefixes: bool,
    /// Words that start a literal with a delimiter of choice (`qw(..)`, `%x{..}`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quoting: Vec<Quote>,
    /// Texts between `<<NAME` and a line `NAME`.
    #[serde(skip_serializing_if = "is_default")]
    pub here: Here,
    /// `/../` is a pattern where an operand may stand.
    #[serde(skip_serializing_if = "is_default")]
    pub patterns: bool,
    /// Characters in front of the names of variables.
    #[serde(skip_serializing_if = "is_default")]
    pub sigils: String,
    /// `:name` is a text.
    #[serde(skip_serializing_if = "is_default")]
    pub symbols: bool,
    /// Operators that join texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub concat: Vec<String>,
    /// Operators between a thing and its member.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub member: Vec<String>,
    /// Values that stand next to each other are joined (awk).
    #[serde(skip_serializing_if = "is_default")]
    pub adjacent: bool,
    /// The arguments of a call may stand without parentheses.
    #[serde(skip_serializing_if = "is_default")]
    pub bare: bool,
    /// `| "CMD"` and `> "FILE"` start commands and write files (awk).
    #[serde(skip_serializing_if = "is_default")]
    pub redirects: bool,
    /// Letter case of names does not matter.
    #[serde(skip_serializing_if = "is_default")]
    pub caseless: bool,
}

/// Shapes of here-documents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Here {
    /// None.
    #[default]
    None,
    /// `<<NAME`, `<<~NAME`, `<<"NAME"` (perl, ruby).
    Two,
    /// `<<<NAME` (PHP).
    Three,
}

/// One form of string literal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Quote {
    /// What it starts with.
    pub open: String,
    /// What it ends with; without it, as it starts. Not for `quoting`.
    #[serde(skip_serializing_if = "is_default")]
    pub close: String,
    /// A backslash means itself.
    #[serde(skip_serializing_if = "is_default")]
    pub raw: bool,
    /// A backslash stands only for itself and before the quote.
    #[serde(skip_serializing_if = "is_default")]
    pub plain: bool,
    /// It ends with its line at the latest.
    #[serde(skip_serializing_if = "is_default")]
    pub line: bool,
    /// Digits after a backslash are decimal, not octal (lua).
    #[serde(skip_serializing_if = "is_default")]
    pub decimal: bool,
    /// What inside is replaced by values.
    #[serde(skip_serializing_if = "is_default")]
    pub holes: Holes,
    /// What the literal is.
    #[serde(skip_serializing_if = "is_default")]
    pub kind: QuoteKind,
    /// It has a second part (`s/a/b/`).
    #[serde(skip_serializing_if = "is_default")]
    pub two: bool,
}

/// What inside a literal is replaced by values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holes {
    /// Nothing.
    #[default]
    None,
    /// `$name`, `${..}`, `@name` (perl, PHP).
    Dollar,
    /// `#{..}` (ruby).
    Hash,
    /// `${..}` (JavaScript).
    Braced,
    /// `{..}` (python).
    Braces,
}

/// What a literal is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuoteKind {
    /// A text.
    #[default]
    Text,
    /// A shell command that runs.
    Command,
    /// A list of words.
    Words,
    /// A pattern.
    Pattern,
}

/// What a function makes of its arguments without doing anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValueOp {
    /// The first argument, or the thing itself.
    Same,
    /// The module of that name.
    Module,
    /// The member of a thing by its name.
    Member,
    /// All variables by their names.
    Names,
    /// Items joined by the text, or by the argument.
    Join,
    /// One text replaced by another.
    Replace,
    /// Back to front.
    Reverse,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Without blanks at both ends.
    Strip,
    /// Cut into words.
    Split,
    /// Base64, decoded.
    Base64,
    /// Hexadecimal digits, decoded.
    Hex,
    /// Rotated by 13 letters.
    Rot13,
    /// Decoded in the way that the second argument names.
    Codec,
    /// Percent signs, decoded.
    Percent,
    /// Characters of these numbers.
    Characters,
    /// Values by the letters of a template (`pack "H*"`).
    Pack,
    /// Places in a text filled in.
    Format,
    /// Texts joined by slashes.
    Path,
    /// The home directory.
    Home,
    /// A variable of the environment.
    Variable,
    /// A path whose `~` is the home directory.
    ExpandHome,
    /// The name of a new temporary file.
    Temporary,
    /// The content of the named file.
    Content,
    /// A list of names that fit a pattern.
    Glob,
    /// All arguments, one after the other.
    List,
    /// The list that it is called on with the arguments behind it
    /// (`Command::new("rm").arg("-r")`).
    Append,
    /// Names in a folder.
    Entries,
    /// In another form, of which only matters where it came from.
    Encoded,
}

/// A call and what it is equal to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CallSpec {
    /// Paths: `os.system`. `*` stands for any text inside one part, `**` for any
    /// parts; `()` after a part means that it was called.
    pub call: Vec<String>,
    /// The whole path starts with one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Conditions, all of which must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<When>,
    /// This is text for a shell.
    #[serde(skip_serializing_if = "is_default")]
    pub shell: String,
    /// The words of a command; one word alone is text for a shell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// The words of a command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// This is code in the same language.
    #[serde(skip_serializing_if = "is_default")]
    pub code: String,
    /// It does nothing that matters, whatever later entries say.
    #[serde(skip_serializing_if = "is_default")]
    pub ordinary: bool,
    /// What it runs can't be known.
    #[serde(skip_serializing_if = "is_default")]
    pub unknown: bool,
}

/// A condition on an argument.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct When {
    /// A placeholder as in templates: `2|mode`.
    pub argument: String,
    /// The known text fits this; unknown parts stand as `?`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// It is there or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub there: Option<bool>,
    /// It holds the content of a file, or the environment.
    #[serde(skip_serializing_if = "is_default")]
    pub file: bool,
    /// It is at least partly known.
    #[serde(skip_serializing_if = "is_default")]
    pub known: bool,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl When {
    /// Whether the condition on text holds. A broken expression holds: a test
    /// keeps those out, and the stricter reading is the safe one.
    pub(super) fn fits(&self, text: &str) -> bool {
        let Some(source) = &self.regex else { return true };
        let regex = self.compiled.get_or_init(|| Regex::new(source).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

/// The table, compiled from `rules/languages.yaml`: one line per language.
/// Compressed, as few commands are programs.
static TABLE: LazyLock<String> = LazyLock::new(|| {
    table::unpack(include_bytes!(concat!(env!("OUT_DIR"), "/languages.jsonl.deflate")))
});

/// A language by its name, with what it takes over from others.
pub(super) fn lookup(name: &str) -> Option<Arc<Language>> {
    static CACHE: Mutex<BTreeMap<String, Arc<Language>>> = Mutex::new(BTreeMap::new());
    let json = table::find(&TABLE, name)?;
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(name) {
        return Some(Arc::clone(known));
    }
    let mut language: Language = serde_json::from_str(json).ok()?;
    for other in &language.like {
        let other = table::find(&TABLE, other).and_then(|json| serde_json::from_str(json).ok());
        let Some(other): Option<Language> = other else { continue };
        language.calls.extend(other.calls);
        for (op, names) in other.values {
            language.values.entry(op).or_default().extend(names);
        }
    }
    let language = Arc::new(language);
    cache.insert(name.to_owned(), Arc::clone(&language));
    Some(language)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Language, Regex, TABLE, lookup};

    #[test]
    fn every_language_of_the_table_is_read_and_its_patterns_compile() {
        for line in TABLE.lines() {
            let (name, json) = line.split_once('\t').unwrap();
            let language: Language = serde_json::from_str(json).unwrap();
            for when in language.calls.iter().flat_map(|call| &call.when) {
                assert!(when.regex.as_deref().is_none_or(|r| Regex::new(r).is_ok()), "{when:?}");
            }
            for other in &language.like {
                assert!(lookup(other).is_some(), "{name} is like {other}");
            }
        }
    }
}
