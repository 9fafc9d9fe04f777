//! How much of a shell text guard is willing to read.
//!
//! Every bound exists so that hostile text costs bounded time and memory. Text
//! beyond one gets a problem of kind `Limit`, which is never harmless.

/// Longest text, in bytes. Linux itself refuses a single argument of more than
/// 128 KiB, so that a longer `-c TEXT` can only come from a file or a hook.
pub const MAX_BYTES: usize = 1024 * 1024;

/// Most simple commands in one text, substitutions included.
pub const MAX_COMMANDS: usize = 10_000;

/// Most tokens in one text, substitutions included.
pub const MAX_TOKENS: usize = 200_000;

/// Deepest nesting of groups, loops, conditionals, substitutions and quotes.
pub const MAX_DEPTH: usize = 100;

/// Deepest nesting of `case`. The grammar tries the last item of a `case` that
/// does not parse twice, so that the cost of bad text doubles with each level.
pub const MAX_CASE_DEPTH: usize = 5;

/// Most operators in one `[[ .. ]]`.
pub const MAX_TEST_OPERATORS: usize = 500;

/// Most words that one word may become by brace expansion, variables and field
/// splitting.
pub const MAX_WORDS: usize = 1_000;

/// Longest value of a word or variable after resolving, in bytes.
pub const MAX_VALUE: usize = 64 * 1024;

/// Most parts of a word or variable after resolving.
pub const MAX_PARTS: usize = 250;

/// Longest source text that a hole keeps, in bytes; the rest is cut.
pub const MAX_SOURCE: usize = 4 * 1024;

/// Bytes that may be copied while resolving, over the whole text.
pub const MAX_WORK: usize = 32 * 1024 * 1024;

/// Nesting beyond which the text is read on a thread with a large stack: the
/// grammar is recursive and its frames are large in debug builds.
pub(super) const DEEP: usize = 6;

/// Stack of that thread, in bytes; only touched pages are ever allocated.
pub(super) const DEEP_STACK: usize = 64 * 1024 * 1024;

/// Most rounds of one loop that are walked one by one, each with its values.
pub const MAX_ROUNDS: usize = 64;

/// Most such rounds in one text, loops in loops included.
pub const MAX_ALL_ROUNDS: usize = 500;

/// How often a function may be inside itself before its arguments and all
/// variables are taken as unknown.
pub const MAX_RECURSION: usize = 2;

/// Most calls of the text's own functions that are followed.
pub const MAX_CALLS: usize = 500;

/// Most values of which a variable is known to hold one.
pub const MAX_CHOICES: usize = 6;

/// Most rounds in which one command is walked for the values of its variables.
pub const MAX_COMBINATIONS: usize = 12;

/// Most such rounds in one text.
pub const MAX_ALL_CHOICES: usize = 200;
