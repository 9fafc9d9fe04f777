//! Follows `cd` through a script, so that relative paths are judged where they
//! are used.

use crate::model::{Cause, Hole, Part, Simple, Word};

/// Longest path that is followed, in bytes: Linux takes no longer one (`PATH_MAX`
/// in `limits.h`), and thousands of changes in one text would cost their square.
const MAX_PATH: usize = 4096;

/// The directory that relative paths are relative to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Cwd {
    /// guard's own working directory.
    #[default]
    Start,
    /// A known change: absolute, or relative to the start.
    At(String),
    /// A change to somewhere unknown.
    Unknown,
}

impl Cwd {
    /// The directory after a simple command.
    pub(crate) fn after(self, command: &Simple, home: Option<&str>) -> Self {
        // `command cd DIR` changes it as well.
        let before = |word: &&Word| matches!(word.as_static(), Some("command" | "builtin"));
        let mut words = command.words.iter().skip_while(before);
        let Some(program) = words.next().and_then(Word::as_static) else { return self };
        if program == "popd" {
            return Self::Unknown;
        }
        if program != "cd" && program != "pushd" {
            return self;
        }
        let target =
            words.find(|word| !matches!(word.as_static(), Some("-P" | "-L" | "-e" | "--")));
        match target {
            None => home.map_or(Self::Unknown, |home| Self::At(home.to_owned())),
            Some(word) => match word.as_static() {
                None => match matched(word) {
                    Some(path) => self.join(&path),
                    None => Self::Unknown,
                },
                Some("-") => Self::Unknown,
                Some("") => self,
                Some(path) => self.join(path),
            },
        }
    }

    fn join(self, path: &str) -> Self {
        if path.starts_with('/') {
            return Self::At(path.to_owned());
        }
        match self {
            Self::Start => Self::At(path.to_owned()),
            Self::At(base) if base.len() + path.len() < MAX_PATH => {
                Self::At(format!("{base}/{path}"))
            }
            Self::At(_) | Self::Unknown => Self::Unknown,
        }
    }

    /// As stored in an invocation: `None` for guard's own directory, an empty
    /// text for unknown.
    pub(crate) fn stored(&self) -> Option<String> {
        match self {
            Self::Start => None,
            Self::At(path) => Some(path.clone()),
            Self::Unknown => Some(String::new()),
        }
    }
}

/// A folder that a pattern matches, with `?` for each name in it that is not known:
/// no pattern matches `..`, unless it begins with a dot.
fn matched(word: &Word) -> Option<String> {
    let mut out = String::new();
    for part in &word.parts {
        let pattern = match part {
            Part::Text(text) => {
                out.push_str(text);
                continue;
            }
            Part::Glob(pattern) => pattern,
            Part::Hole(Hole { cause: Cause::Pattern, source, .. }) => source,
            Part::Hole(_) => return None,
        };
        let start = out.is_empty() || out.ends_with('/');
        let hidden = start && pattern.starts_with(['.', '[']) || pattern.contains("/.");
        // An extended pattern may say `..` itself.
        if hidden || out.ends_with('.') || pattern.contains(['(', '{', '\\']) {
            return None;
        }
        for name in pattern.split_inclusive('/') {
            let plain = !name.contains(['*', '?', '[']);
            out.push_str(if plain { name } else { "?" });
            if !plain && name.ends_with('/') {
                out.push('/');
            }
        }
    }
    Some(out)
}

/// The working directory of each subshell that is open.
#[derive(Debug)]
pub(crate) struct Places {
    /// The number of the subshell, 0 for the script itself, and its directory.
    open: Vec<(u32, Cwd)>,
}

impl Places {
    pub(crate) fn new(start: Cwd) -> Self {
        Self { open: vec![(0, start)] }
    }

    /// The directory of a command in these subshells. Subshells that are over
    /// are forgotten with what they did; a new one starts where its parent is.
    pub(crate) fn enter(&mut self, subshells: &[u32]) -> Cwd {
        let same = self.open.iter().skip(1).zip(subshells).take_while(|(a, b)| a.0 == **b).count();
        self.open.truncate(same + 1);
        for subshell in subshells.iter().skip(same) {
            let parent = self.here();
            self.open.push((*subshell, parent));
        }
        self.here()
    }

    /// The command changed the directory.
    pub(crate) fn move_to(&mut self, cwd: Cwd) {
        if let Some(last) = self.open.last_mut() {
            last.1 = cwd;
        }
    }

    fn here(&self) -> Cwd {
        self.open.last().map_or(Cwd::Unknown, |(_, cwd)| cwd.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::{Cwd, MAX_PATH, Places, matched};
    use crate::model::{Part, Word};

    #[test]
    fn a_path_that_the_system_would_refuse_is_unknown_and_stays_so() {
        let at = |len: usize| Cwd::At("x".repeat(len));
        assert!(matches!(at(MAX_PATH - 2).join("a"), Cwd::At(_)));
        assert_eq!(at(MAX_PATH - 1).join("a"), Cwd::Unknown);
        assert_eq!(at(MAX_PATH).join("a").join("b"), Cwd::Unknown);
        assert_eq!(at(MAX_PATH).join("/srv"), Cwd::At("/srv".into()));
    }

    #[test]
    fn a_folder_that_a_pattern_matches_is_below_where_the_pattern_stands() {
        let word = |pieces: &[&str]| {
            let part = |text: &&str| match text.contains('*') {
                true => Part::Glob((*text).to_owned()),
                false => Part::Text((*text).to_owned()),
            };
            Word { parts: pieces.iter().map(part).collect(), ..Word::default() }
        };
        assert_eq!(matched(&word(&["packages/", "*"])).as_deref(), Some("packages/?"));
        assert_eq!(matched(&word(&["*", "/src"])).as_deref(), Some("?/src"));
        assert_eq!(matched(&word(&["a", "*", "/.."])).as_deref(), Some("a?/.."));
        for odd in [&[".*"][..], &["a/", ".*"], &["a/.", "*"], &["@(..|*)"], &["[.]*"]] {
            assert_eq!(matched(&word(odd)), None, "{odd:?}");
        }
    }

    #[test]
    fn what_a_subshell_does_to_the_directory_ends_with_it() {
        let mut places = Places::new(Cwd::Start);
        assert_eq!(places.enter(&[1]), Cwd::Start);
        places.move_to(Cwd::At("/tmp".into()));
        assert_eq!(places.enter(&[1, 2]), Cwd::At("/tmp".into()));
        places.move_to(Cwd::Unknown);
        assert_eq!(places.enter(&[1]), Cwd::At("/tmp".into()));
        assert_eq!(places.enter(&[]), Cwd::Start);
        assert_eq!(places.enter(&[3]), Cwd::Start);
    }
}
