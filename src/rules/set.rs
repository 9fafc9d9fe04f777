//! Built-in rules together with those of the system and the user.

use std::{collections::BTreeMap, sync::Arc};

use super::{builtin, loaded::LoadedFile};

/// All rules that count for a verdict. Files of the system and the user only
/// add to the built-in ones: a rule can find an effect, never excuse one.
#[derive(Debug, Clone, Default)]
pub struct RuleSet {
    added: BTreeMap<String, Vec<Arc<LoadedFile>>>,
}

impl RuleSet {
    /// Only the built-in rules.
    #[must_use]
    pub fn builtin() -> Self {
        Self::default()
    }

    /// Adds a file for all its programs.
    pub fn add(&mut self, file: LoadedFile) {
        let file = Arc::new(file);
        for program in &file.file.programs {
            self.added.entry(program.clone()).or_default().push(Arc::clone(&file));
        }
    }

    /// The files with rules for a program (`*`: those for every program), the
    /// built-in one first.
    #[must_use]
    pub fn files(&self, program: &str) -> Vec<Arc<LoadedFile>> {
        let added = self.added.get(program).into_iter().flatten().cloned();
        builtin::lookup(program).into_iter().chain(added).collect()
    }

    /// The files that were added, each once.
    #[must_use]
    pub fn added(&self) -> Vec<Arc<LoadedFile>> {
        let mut files: Vec<Arc<LoadedFile>> = Vec::new();
        for file in self.added.values().flatten() {
            if !files.iter().any(|known| Arc::ptr_eq(known, file)) {
                files.push(Arc::clone(file));
            }
        }
        files
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
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
}
