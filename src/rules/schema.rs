//! The shape of a rule file.
//!
//! One file teaches one tool. All conditions of a [`Match`] must hold; inside a
//! list one entry is enough. There are no "safe" rules: a rule can only find an
//! effect, never excuse one.

mod forms;

use serde::{Deserialize, Serialize};

use super::sql::StatementClass;
use crate::command::grammar::own::Own;
use crate::command::wrapper::WrapperSpec;
use crate::model::{Flag, OpClass, Tier, Verb};

pub use forms::{GrammarSpec, PathSource, ScopeSpec};

/// A rule file: everything guard knows about the dangers of one tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// Name of the tool: the first part of every rule id in the file.
    pub tool: String,
    /// The programs these rules are for, by file name. `*` in a file of its own
    /// means every simple command (redirections).
    pub programs: Vec<String>,
    /// What the command line looks like, for a tool that guard does not know:
    /// the name of a tool that it does know, or the options and subcommands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grammar: Option<GrammarSpec>,
    /// How the programs are given another program that they start, as entries
    /// of `rules/wrappers.yaml` without `programs`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wrappers: Vec<WrapperSpec>,
    /// Where the tool acts, and which words name that place.
    #[serde(default, skip_serializing_if = "Whereabouts::is_default")]
    pub whereabouts: Whereabouts,
    /// The tool, or a shell builtin of its name, acts although `--help` is
    /// among its words. Everywhere else `--help` and `--version` run nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub acts_despite_help: bool,
    /// The rules.
    pub rules: Vec<Rule>,
}

impl RuleFile {
    /// The file's grammar, ready to read command lines.
    #[must_use]
    pub fn own_grammar(&self) -> Option<Own> {
        self.grammar.as_ref().map(|grammar| match grammar {
            GrammarSpec::Like(tool) => Own::Like(tool.clone()),
            GrammarSpec::Own(spec) => Own::new(spec),
        })
    }
}

/// One danger of a tool.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `<tool>.<kebab-case-name>`, stable for ever.
    pub id: String,
    /// At most 72 characters: what the command does.
    pub summary: String,
    /// Why that is dangerous; a short paragraph. Empty only in the compiled form,
    /// which leaves out what no verdict needs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub why: String,
    /// When the rule applies.
    #[serde(rename = "match")]
    pub matches: Match,
    /// What the command would do.
    pub effect: EffectSpec,
    /// Never milder than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<Tier>,
    /// A safer command, or a sentence in which every command stands in backquotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safer: Option<String>,
    /// Addresses of the documentation this rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
    /// Commands that show what the rule means. They are tests.
    #[serde(default, skip_serializing_if = "Examples::is_empty")]
    pub examples: Examples,
}

/// Commands that must and must not match.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// At least three that match.
    #[serde(rename = "match")]
    pub matches: Vec<String>,
    /// At least three near misses.
    pub pass: Vec<String>,
}

impl Examples {
    fn is_empty(&self) -> bool {
        self.matches.is_empty() && self.pass.is_empty()
    }
}

/// Conditions on an invocation; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Match {
    /// The subcommand path starts with one of these (`rollout undo`). `*`
    /// stands for any one word, `a|b` for either, `delete-*` for a prefix.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subcommand: Vec<String>,
    /// The class of the operation in the tool's verb table.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub class: Vec<OpClass>,
    /// Conditions on options; each must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<OptionTest>,
    /// Conditions on operands; each must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub operands: Vec<OperandTest>,
    /// Conditions on redirections; each must hold for some redirection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirects: Vec<RedirectTest>,
    /// Where standard input comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<StdinTest>,
    /// Where the command runs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub place: Vec<PlaceKind>,
    /// The working directory is a path of one of these classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub folder: Vec<PathClass>,
    /// Variables set in front of the command or known in the environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvTest>,
    /// The program was called by one of these names (files with several
    /// `programs`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub program: Vec<String>,
    /// What is known of the commands that it starts itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts: Option<Starts>,
    /// At least one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<Match>,
    /// None of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<Match>,
}

/// What is known of the commands that a command starts, by an option, a
/// setting or a line of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starts {
    /// There is one, and guard knows the program of each, so that each has been
    /// judged by its own rules. A shell counts only with a text that was read.
    Known,
}

/// A condition on options. Exactly one of `any`, `all`, `none` is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OptionTest {
    /// One of these options is present. A switch that is turned off
    /// (`--force=false`, `--dry-run=none`) is not present.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any: Vec<String>,
    /// All of these are present.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all: Vec<String>,
    /// None of these is present. Of an option given several times the last one
    /// counts; one whose value is not known is not taken as present.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub none: Vec<String>,
    /// With `any`: the value of the option fits. With `none`: no option with
    /// such a value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Pattern>,
}

/// A condition on operands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperandTest {
    /// Which operands are looked at.
    #[serde(default)]
    pub at: At,
    /// What they look like. Without it the test is about presence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Pattern>,
    /// At least this many operands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<usize>,
    /// At most this many operands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<usize>,
}

/// Which operands an [`OperandTest`] looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum At {
    /// Some operand.
    #[default]
    Any,
    /// Every operand, and there is at least one.
    All,
    /// No operand.
    None,
    /// The first.
    First,
    /// The second.
    Second,
    /// The third.
    Third,
    /// The last.
    Last,
    /// Some operand after the first.
    Rest,
}

/// A condition on a redirection.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RedirectTest {
    /// What the operator does; empty: anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub op: Vec<RedirectKind>,
    /// What the target looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Pattern>,
    /// The target is also read: by the command, or by one that feeds it, when
    /// that is one of these programs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub read_by: Vec<String>,
}

/// Groups of redirection operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RedirectKind {
    /// `>`, `>|`, `&>`: an existing file loses its content.
    Truncate,
    /// `>>`, `&>>`.
    Append,
    /// `<`, `<<`, `<<<`.
    Read,
}

/// A condition on standard input.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StdinTest {
    /// It is one of these kinds; empty: anything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kind: Vec<StdinKind>,
    /// Some command upstream in the pipe is one of these programs; an entry may
    /// go on with the first words of the command.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// Every command directly upstream in the pipe is one of these programs, and
    /// there is one; entries as in `from`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub only: Vec<String>,
    /// It is a file with keys or passwords, or some command upstream reads one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// All of it is known, so that what it says has been judged by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub known: bool,
    /// The here-document, the here-string, or what an `echo` or `printf`
    /// upstream prints, looks like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<Pattern>,
}

/// Kinds of standard input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StdinKind {
    /// As guard's own.
    Inherited,
    /// The output of another command.
    Pipe,
    /// A file.
    File,
    /// Text in the command.
    Text,
}

/// Kinds of [`crate::model::Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlaceKind {
    /// Here, as the caller.
    Here,
    /// As another user.
    AsUser,
    /// In a container.
    Container,
    /// On another host.
    Remote,
    /// Under another root.
    Chroot,
}

/// A condition on a variable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnvTest {
    /// Names; one is enough. `*` at the end stands for anything, and then only
    /// what the command's own text assigns counts.
    pub name: Vec<String>,
    /// What the value looks like; without it the variable is just set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<Pattern>,
}

/// What a word looks like. All the given keys must hold; in a list one entry
/// is enough. A word with a hole fits `exact` and `regex` never, `glob` when
/// its known beginning decides, and `path` by what could be meant. With
/// `unknown: true` a regular expression is held against the known parts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pattern {
    /// The whole word is one of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exact: Vec<String>,
    /// The whole word fits one of these globs (`*` also crosses `/`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub glob: Vec<String>,
    /// Some part of the word fits this regular expression.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
    /// The word is a path of one of these classes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path: Vec<PathClass>,
    /// One of the SQL statements in the word, without comments, with string
    /// literals emptied, blanks collapsed and upper case, fits one of these
    /// regular expressions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sql: Vec<String>,
    /// One of the SQL statements in the word does one of these things.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub statement: Vec<StatementClass>,
    /// The word has (true) or has no (false) unknown part.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<bool>,
    /// The word is made from the output of one of these programs
    /// (`$(curl ..)`, `<(curl ..)`). An entry may go on with the first words of
    /// the command: `kubectl completion`. `jq ... *x*` has an option or
    /// operand `*x*` anywhere. `@read-secret` stands for every operation of that
    /// class.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub from: Vec<String>,
    /// The word stands for the output of a command, as a file: `<(..)`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub output: bool,
    /// The word is the output of commands, and all of it is known, so that what
    /// it says has been judged by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub printed: bool,
    /// The word names a file that holds keys, passwords or the like, or a whole
    /// home, or it is made from what was read there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub secret: bool,
    /// The word names a file that commands in front of this one wrote, and what
    /// they wrote looks like this. Only where all of it is in the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Box<Pattern>>,
    /// Letter case does not matter for `exact` and `glob`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_case: bool,
    /// The word does not look like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not: Option<Box<Pattern>>,
}

/// What kind of place a path is. A path has exactly one class, the first of
/// these that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathClass {
    /// `/`, or everything directly below it (`/*`).
    Root,
    /// A home directory, or everything directly in it.
    Home,
    /// An ancestor of the working directory, or everything in it.
    Ancestor,
    /// guard's own configuration, state, log or program, or a folder above them.
    Guard,
    /// Settings of a coding agent that decide which commands it asks about, and
    /// the folders and hooks they are in; a project's guard policy.
    AgentSettings,
    /// A disk, partition or other block device below `/dev`.
    BlockDevice,
    /// `/dev/null`, `/dev/stdout`, `/dev/tty` and the like: writing is harmless.
    Null,
    /// `/proc`, `/sys` and the rest of `/dev`.
    Kernel,
    /// Files that decide who may do what or what runs at log-in: `~/.ssh`,
    /// `~/.bashrc`, `~/.aws`, `~/.kube`, `~/.gnupg`, cron tables, unit files.
    Sensitive,
    /// Folders the operating system lives in: `/etc`, `/usr`, `/bin`, `/boot`,
    /// `/lib`, `/opt`, `/root`, `/var` and what is below them, except scratch.
    System,
    /// `/tmp`, `/var/tmp`, `/dev/shm` and everything directly below, as a whole.
    ScratchRoot,
    /// A named entry below a scratch folder.
    Scratch,
    /// The project root, the working directory as a whole (`.`, `./*`, `*`).
    Project,
    /// The `.git` folder of the project, or below it.
    Repository,
    /// Build output and caches known by name: `target`, `node_modules`,
    /// `__pycache__`, `dist`, `build`, ...
    BuildOutput,
    /// Anything else inside the project.
    Inside,
    /// Anything else below a home directory.
    HomeInside,
    /// Anything else on this host.
    Outside,
    /// A path on another machine (`host:path`).
    RemotePath,
    /// The beginning is unknown, and with an empty value it could be `/`.
    MaybeRoot,
    /// Nothing is known.
    Unknown,
}

/// What a matching command would do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectSpec {
    /// Fact 1.
    pub verb: Verb,
    /// Kind of object, in the tool's own words.
    pub object: String,
    /// Which words name the object; the first source that has one is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub name: Vec<NameSource>,
    /// Fact 2.
    pub scope: ScopeSpec,
    /// Fact 4, 0 to 4. Without it: by path for `scope: path`, else 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversibility: Option<u8>,
    /// Fact 6.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<Flag>,
    /// Options that switch off a question; when present they add `bypass`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bypass: Vec<String>,
    /// Acts on this machine whatever the file says in `whereabouts`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub local: bool,
    /// On a place that `whereabouts` calls `throwaway` the object is one that
    /// tests make again: undo 1, scope at most 2.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub throwaway: bool,
}

/// Where the name of the object is found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NameSource {
    /// The operand at this place, counted from 0.
    Operand(usize),
    /// All operands from this place on, joined with spaces.
    From(usize),
    /// The value of the first of these options.
    Option(Vec<String>),
    /// The value of the first of these variables, from an assignment prefix or
    /// the environment.
    Env(Vec<String>),
    /// The target of the first redirection.
    Redirect,
    /// Fixed words.
    Text(String),
    /// The subcommand path, joined with spaces.
    Subcommand,
}

/// Where a tool acts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Whereabouts {
    /// Without other evidence: does the tool act on another machine?
    pub remote: bool,
    /// Options whose value names the environment (context, profile, namespace,
    /// host, database URL): searched for prod, stage and dev evidence.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// Operands that do so too: `first`, `any`; empty: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operands: Option<At>,
    /// Variables that do so too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<String>,
    /// Among `options`, `operands` and `env`, the ones whose value is a host or
    /// a URL: a loopback address, a socket path or `localhost` there means
    /// local, another host means remote.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Like `hosts`, but a value counts as a host only when it holds `://` or
    /// `host=`, and a value of which the beginning is unknown as a remote one.
    /// `operands` stands for the operands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// Names that mean a cluster or server on this machine (`kind-*`,
    /// `minikube`); globs.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub local_names: Vec<String>,
    /// Names of what tests make for themselves (`*_test`, `:memory:`); globs.
    /// Every name among `options`, `operands` and `env` has to fit one, on this
    /// machine, before an effect that says `throwaway` believes it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub throwaway: Vec<String>,
}

impl Whereabouts {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
