//! Built-in rules together with those of the system and the user.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use super::{builtin, loaded::LoadedFile};
use crate::command::grammar::own::{Own, Tools};
use crate::command::wrapper::{self, WrapperSpec};

/// A file that is read when a program it is about is met.
type Later = LazyLock<Arc<LoadedFile>, Box<dyn FnOnce() -> Arc<LoadedFile> + Send + Sync>>;

/// All rules that count for a verdict. Files of the system and the user only
/// add to the built-in ones: a rule can find an effect, never excuse one.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    added: BTreeMap<String, Vec<Arc<Later>>>,
}

impl RuleSet {
    /// Only the built-in rules.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds a file for all its programs.
    pub fn add(&mut self, file: LoadedFile) {
        let programs = file.file.programs.clone();
        self.add_later(&programs, move || file);
    }

    /// Adds a file for these programs that is made when one of them is met.
    /// Whoever makes it answers for failures: see [`LoadedFile::broken`].
    pub fn add_later(
        &mut self,
        programs: &[String],
        make: impl FnOnce() -> LoadedFile + Send + Sync + 'static,
    ) {
        let later: Later = LazyLock::new(Box::new(move || Arc::new(make())));
        let later = Arc::new(later);
        for program in programs {
            self.added.entry(program.clone()).or_default().push(Arc::clone(&later));
        }
    }

    /// The files with rules for a program (`*`: those for every program), the
    /// built-in one first.
    #[must_use]
    pub fn files(&self, program: &str) -> Vec<Arc<LoadedFile>> {
        let added = self.added.get(program).into_iter().flatten();
        let added = added.map(|later| Arc::clone(LazyLock::force(later)));
        builtin::lookup(program).into_iter().chain(added).collect()
    }

    /// Whether some file may say how a program's command line is read. Most do
    /// not, and this is asked for every command.
    fn brings_tools(&self, program: &str) -> bool {
        self.added.contains_key(program) || builtin::has_tools(program)
    }

    /// The files that were added, each once.
    #[must_use]
    pub fn added(&self) -> Vec<Arc<LoadedFile>> {
        let mut files: Vec<Arc<LoadedFile>> = Vec::new();
        for later in self.added.values().flatten() {
            let file = LazyLock::force(later);
            if !files.iter().any(|known| Arc::ptr_eq(known, file)) {
                files.push(Arc::clone(file));
            }
        }
        files
    }
}

impl Tools for RuleSet {
    /// The first of the files with rules for a program that has one.
    fn grammar(&self, program: &str) -> Option<Arc<Own>> {
        if !self.brings_tools(program) {
            return None;
        }
        self.files(program).iter().find_map(|file| file.grammar())
    }

    /// The built-in entries, and those of all files with rules for a program: a
    /// wrapper more can only find more commands.
    fn wrappers(&self, program: &str) -> Arc<[WrapperSpec]> {
        let builtin = wrapper::lookup(program);
        if !self.brings_tools(program) {
            return builtin;
        }
        let files = self.files(program);
        let own: Vec<&WrapperSpec> = files.iter().flat_map(|file| &file.file.wrappers).collect();
        if own.is_empty() {
            return builtin;
        }
        builtin.iter().chain(own).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::RuleSet;
    use crate::rules::{LoadedFile, Origin, builtin, schema::RuleFile};

    #[test]
    fn files_of_the_user_add_and_never_replace() {
        let builtin = builtin::lookup("shutdown").unwrap();
        let file = RuleFile {
            tool: "own".into(),
            programs: vec!["shutdown".into(), "own".into()],
            ..builtin.file.clone()
        };
        let mut set = RuleSet::builtin();
        set.add(LoadedFile::new(file, Origin::File("own.yaml".into())));
        assert_eq!(set.files("shutdown").len(), 2);
        assert_eq!(set.files("shutdown").first().unwrap().origin, Origin::BuiltIn);
        assert_eq!(set.files("own").len(), 1);
        assert_eq!(set.added().len(), 1);
        assert!(set.files("other").is_empty());
    }

    #[test]
    fn a_file_is_made_when_it_is_needed_and_once() {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let mut set = RuleSet::builtin();
        let programs = ["a".to_owned(), "b".to_owned()];
        set.add_later(&programs, || {
            MADE.fetch_add(1, Ordering::Relaxed);
            LoadedFile::broken(&["a".to_owned(), "b".to_owned()], Origin::BuiltIn, "gone")
        });
        assert!(set.files("other").is_empty());
        assert_eq!(MADE.load(Ordering::Relaxed), 0);
        assert_eq!(set.files("a").len() + set.clone().files("b").len(), 2);
        assert_eq!(MADE.load(Ordering::Relaxed), 1);
    }
}
