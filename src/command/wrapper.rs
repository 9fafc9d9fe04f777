//! The table of wrappers: programs that start another program.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::text::table;

/// Shape of `rules/wrappers.yaml`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrapperFile {
    /// The entries.
    pub wrappers: Vec<WrapperSpec>,
}

/// How one wrapper is given its inner command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WrapperSpec {
    /// File names of the wrapper. In a rule file they are left out: there the
    /// programs of the file are meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Only below this subcommand path; empty: only without a subcommand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subcommand: Option<String>,
    /// Only when this says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    /// With one of these options it starts nothing (`command -v`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// Only with one of these options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// It runs nothing when it is given an option that it does not know.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub refuses: bool,
    /// Where the inner command stands; every form that applies counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inner: Vec<Inner>,
    /// The files that it writes: they may be run later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub writes: Option<Writes>,
    /// The folder that it fills: what lies there may be run later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unpacks: Option<Unpacks>,
    /// Where the inner command runs.
    #[serde(default, skip_serializing_if = "PlaceSpec::is_here")]
    pub place: PlaceSpec,
    /// Which words name that place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name: Vec<PlaceName>,
    /// `NAME=value` words may stand before the command.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assignments: bool,
    /// Words from the wrapper's input are added at the end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub appends: bool,
    /// Options whose value is replaced by words from the input.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<String>,
    /// The text that is replaced without such an option.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placeholder: Option<String>,
    /// The wrapper's own rules say what a text that is not known means.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub knows_unknown: bool,
    /// Words that stand for an option where the command should begin
    /// (`env - CMD`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Words that end the command and begin a list of inputs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub input_after: Vec<String>,
    /// Its output, and what it gives to the commands it starts, are paths below
    /// its operands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lists: Option<Lists>,
    /// Its output is some of the lines of its input, in any order.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filters: bool,
}

/// How a search says what the names of the paths that it finds look like.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Lists {
    /// Its operands are the paths that it finds, when they are patterns and it has
    /// no options but these (`ls -t *.log`).
    pub operands: Vec<String>,
    /// Options whose value is a pattern for the last component, or for the whole.
    pub names: Vec<String>,
    /// Words between which one set of conditions or another holds.
    pub or: Vec<String>,
    /// Words that turn a condition around.
    pub not: Vec<String>,
    /// Options whose value names one file.
    pub single: Vec<String>,
    /// Conditions that only files and folders without content meet.
    pub empty: Vec<String>,
}

/// What tells whether a tool that does many things is a wrapper this time: the
/// value of an option or an operand (`-m shell`, `cmd.run`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The last of these options counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// The operand at this position, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operand: Option<usize>,
    /// It is one of these, or it is not known.
    pub values: Vec<String>,
    /// What it means when neither is there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
}

/// Which files a program writes, and what they hold then.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
pub struct Writes {
    /// The values of these options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Operands from this one on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operands: Option<usize>,
    /// The last operand; it holds what the first one holds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub copy: bool,
    /// The last part of each operand that is an address, with one of these
    /// options, or always when the list is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Vec<String>>,
    /// The files hold what is read from standard input.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub input: bool,
    /// It edits files that are there: what this text has written before is no
    /// longer known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub changes: bool,
}

/// A folder that a program fills, with what nobody has seen.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Unpacks {
    /// The value of one of these options is the folder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub into: Vec<String>,
    /// Else this operand is; else the working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<usize>,
    /// The value of one of these options is the archive.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub file: Vec<String>,
    /// Or this operand is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operand: Option<usize>,
    /// Or standard input, when it comes from one of these programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// The operand is no archive but an address on another machine, and names
    /// the folder when nothing else does.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub address: bool,
    /// Names of files there that are no surprise; one may begin with `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

/// Tasks that a file of the project defines.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// What the file looks like.
    pub format: TaskFormat,
    /// Options that name another file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub file: Vec<String>,
    /// Options that name another folder.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub folder: Vec<String>,
}

/// Files that define tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskFormat {
    /// `scripts` of `package.json` (npm-scripts of docs.npmjs.com).
    PackageJson,
    /// Rules of a makefile (GNU make manual, Writing Rules).
    Makefile,
    /// Recipes of a justfile (just manual, Recipes).
    Justfile,
    /// Tasks of a Taskfile (taskfile.dev, Schema Reference).
    Taskfile,
}

/// A script that an interpreter is given as a file.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScriptFile {
    /// With one of these options the first operand is something else.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// The values of these options are scripts too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// And the values of these variables in front of the command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// The language, in the table of languages; without it shell text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Each operand is one, and counts only when the same text has fetched or made
    /// it: packages, which hold scripts, and nobody can read them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub made: bool,
    /// Only what the options and variables name is a script.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub named: bool,
    /// A file on standard input is one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// The operand is a folder, and each file in it is a script.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub folder: bool,
}

/// Forms in which a wrapper takes its inner command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Inner {
    /// Operands from this one on, word for word.
    Argv(usize),
    /// Operands from this one on, joined by spaces, are shell text.
    Words(usize),
    /// The value of one of these options is shell text.
    Text(Vec<String>),
    /// This operand is shell text.
    OperandText(usize),
    /// The words after `--`, else operands from this one on.
    Dashes(usize),
    /// The words after one of these, up to `;` or `+`.
    Actions(Vec<String>),
    /// The value of one of these options is a program in the interpreter's own
    /// terms (`python -m pip`); the operands are its arguments.
    Module(Vec<String>),
    /// The first operand is a script with its arguments, unless one of these
    /// options is there: the rules for the script's own name apply.
    Script(Vec<String>),
    /// The operands name tasks of a file of the project (`npm run X`, `make X`).
    Task(Task),
    /// The first operand is a file with a script, the other operands are its
    /// arguments.
    File(ScriptFile),
    /// Standard input is shell text, unless there are more operands than this
    /// or the text is given in another way.
    Stdin(usize),
    /// The value of one of these options is split into words, which stand
    /// before all words that follow (`env -S`).
    Split(Vec<String>),
    /// A shell whose arguments are the operands from this one on, unless the
    /// wrapper is given a command in another way.
    Shell(Shell),
    /// Subscripts in the operands are expanded once more, whatever quotes
    /// stood around them (`test -v 'a[$(CMD)]'`).
    Subscripts,
    /// What stands behind `=` in each operand is shell text (`alias`).
    Definitions,
    /// The operands are the arguments of this program.
    Program(String),
    /// Arguments of the program that a container image starts by itself.
    Image(Image),
    /// Shell text under a key of an option's value, which is JSON or a
    /// shorthand for it (`--parameters commands=["df -h"]`).
    Keys(Keys),
    /// Code in another language than shell.
    Code(CodeSpec),
    /// Commands inside texts of another form, found by a pattern.
    Extract(Box<Extract>),
    /// Commands under keys of a text that it is given.
    Manifest(Box<Manifest>),
}

/// A text with commands under keys: standard input, or a file that the same
/// text has written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Options whose value names the file, or standard input (`-`).
    pub options: Vec<String>,
    /// Only without these options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// Where the commands stand.
    pub keys: super::tool_files::KeySpec,
}

/// The program of a container image: named by an option, else after the image
/// when that is a tool with subcommands (`docker run hashicorp/terraform plan`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Options whose value is the program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entrypoint: Vec<String>,
    /// Options whose value is the image; without one, the first operand is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// With one of these options the arguments are a command of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
}

/// Where code in another language stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeSpec {
    /// The language, as `rules/languages.yaml` names it.
    pub language: String,
    /// The values of these options are code; of several, lines of one program.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// This operand is code, unless one of `unless` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operand: Option<usize>,
    /// Standard input is code when there is no operand but `-`, and none of
    /// `options` and `unless`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// How many operands stand in front of those that matter (a subcommand).
    #[serde(default, skip_serializing_if = "is_zero")]
    pub skip: usize,
    /// Options with which the operand or the input is something else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
const fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Texts in which a pattern finds commands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Extract {
    /// Values of these options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Operands from this one on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operands: Option<usize>,
    /// The operand at this position alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operand: Option<usize>,
    /// Known standard input.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// Values of these variables in front of the command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Only with one of these options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
    /// Only without these options.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unless: Vec<String>,
    /// Each line is a text of its own.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub lines: bool,
    /// What is looked for; every match counts.
    pub pattern: String,
    /// Not where the command from there on, up to the end of the line or one of
    /// `;`, `|`, `{` and `}`, looks like this.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub except: String,
    /// The words of the command; `$1` is the first group. A word that is `$1`
    /// alone and nothing else becomes as many words as blanks part it into.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub argv: Vec<String>,
    /// The operands follow these words.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub files: bool,
    /// Instead: the text for a shell.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub shell: String,
    /// Instead: code in this language is the first group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub language: String,
}

/// Shell text under a key of an option's value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// The options.
    pub options: Vec<String>,
    /// The keys; what stands under one is a text or a list of texts. Without
    /// any, each value is a text.
    pub keys: Vec<String>,
}

/// A shell that a wrapper starts by itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shell {
    /// The first operand that is an argument of the shell.
    pub from: usize,
    /// Only with one of these options; without any, always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<String>,
}

/// Kinds of places a wrapper leads to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceSpec {
    /// Where the wrapper runs.
    #[default]
    Here,
    /// There, as another user.
    AsUser,
    /// In a container.
    Container,
    /// On another host.
    Remote,
    /// Under another root.
    Chroot,
}

/// Which word names the place.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceName {
    /// The operand at this position, counted from 0.
    Operand(usize),
    /// The value of one of these options.
    Option(Vec<String>),
}

impl PlaceSpec {
    /// What is left out of the table.
    fn is_here(&self) -> bool {
        *self == Self::Here
    }
}

/// The table, compiled from `rules/wrappers.yaml`: a line for each program; `=NAME`
/// where another one has the same entries.
const TABLE: &str = include_str!("../../rules/generated/wrappers.jsonl");

/// The entries of a program as they stand in the table.
fn entries(program: &str) -> Option<&'static str> {
    let found = table::find(TABLE, program)?;
    found.strip_prefix('=').map_or(Some(found), |other| table::find(TABLE, other))
}

/// The entries for a program. Only its own line is parsed, and only once.
#[must_use]
pub fn lookup(program: &str) -> Arc<[WrapperSpec]> {
    static CACHE: Mutex<BTreeMap<String, Arc<[WrapperSpec]>>> = Mutex::new(BTreeMap::new());
    let Some(json) = entries(program) else { return Arc::default() };
    let mut cache = CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = cache.get(program) {
        return Arc::clone(known);
    }
    // The generated table is checked by a test; a line that does not parse
    // could only mean a broken build.
    let specs: Vec<WrapperSpec> = serde_json::from_str(json).unwrap_or_default();
    let specs: Arc<[WrapperSpec]> = specs.into();
    cache.insert(program.to_owned(), Arc::clone(&specs));
    specs
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::grammar;
    use super::{Inner, TABLE, WrapperSpec, entries, lookup};
    use crate::model::{Span, Word};

    #[test]
    fn every_line_of_the_table_parses() {
        for line in TABLE.lines() {
            let (name, _) = line.split_once('\t').unwrap();
            let specs: Vec<WrapperSpec> = serde_json::from_str(entries(name).unwrap()).unwrap();
            assert!(specs.iter().all(|spec| spec.programs.iter().any(|p| p == name)), "{name}");
        }
        assert!(!lookup("sudo").is_empty() && lookup("wc").is_empty());
    }

    /// Options of an entry whose value is a text that will be run.
    fn with_text(spec: &WrapperSpec) -> Vec<&String> {
        spec.inner
            .iter()
            .flat_map(|inner| match inner {
                Inner::Code(code) => code.options.iter(),
                Inner::Extract(extract) => extract.options.iter(),
                _ => [].iter(),
            })
            .collect()
    }

    /// Whether a grammar takes the text as the value of the option.
    fn takes(program: &str, path: &str, option: &str) -> bool {
        let apart = vec![option.to_owned(), "TEXT".to_owned()];
        let forms = [apart, vec![format!("{option}=TEXT")], vec![format!("{option}TEXT")]];
        forms.iter().any(|form| {
            let words = [program].into_iter().chain(path.split_whitespace());
            let words = words.chain(form.iter().map(String::as_str));
            let argv: Vec<Word> = words.map(|word| Word::text(word, Span::default())).collect();
            grammar::read(&grammar::tool_name(program), &argv).iter().any(|reading| {
                let mut values = reading.options.iter().filter_map(|found| found.value.as_ref());
                values.any(|value| value.as_static() == Some("TEXT"))
            })
        })
    }

    /// Otherwise the text would be an operand, and nobody would look into it. Of
    /// programs that share an entry not each has each option.
    #[test]
    fn an_option_that_holds_a_text_to_run_takes_a_value_in_the_grammar_of_its_program() {
        let mut wrong = Vec::new();
        for line in TABLE.lines() {
            let (name, _) = line.split_once('\t').unwrap();
            let specs: Vec<WrapperSpec> = serde_json::from_str(entries(name).unwrap()).unwrap();
            for spec in &specs {
                let path = spec.subcommand.as_deref().unwrap_or_default();
                let options = with_text(spec);
                let taken = |option: &&&String| takes(name, path, option);
                let right = match spec.programs.len() {
                    1 => options.iter().all(|option| taken(&option)),
                    _ => options.is_empty() || options.iter().any(|option| taken(&option)),
                };
                if !right {
                    wrong.push(format!("{name} {path} {options:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}
