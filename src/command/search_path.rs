//! Programs that the text itself puts in front of others: a file that it has
//! written into a folder of the search path (`PATH="$d:$PATH" tree`).

use super::resolve::{Outer, Resolver};
use crate::model::{Invocation, Part, Word};

impl Resolver<'_> {
    /// The file that a name stands for, when this text has written it.
    pub(super) fn looked_up(&self, name: &str, base: &Invocation, outer: &Outer) -> Option<Word> {
        if self.book.is_empty() {
            return None;
        }
        let mut given = base.assignments.iter().rev().chain(base.exported.iter().rev());
        let path = &given.find(|assignment| assignment.name == "PATH")?.value;
        let mut folders = folders(path).into_iter();
        folders.find_map(|mut file| {
            file.push_text("/");
            file.push_text(name);
            self.wrote(&file, outer).then_some(file)
        })
    }
}

/// The folders of a search path, in order.
fn folders(path: &Word) -> Vec<Word> {
    let empty = || Word { parts: Vec::new(), span: path.span };
    let mut out = vec![empty()];
    for part in &path.parts {
        let Part::Text(text) = part else {
            out.last_mut().into_iter().for_each(|folder| folder.parts.push(part.clone()));
            continue;
        };
        for (at, piece) in text.split(':').enumerate() {
            if at > 0 {
                out.push(empty());
            }
            out.last_mut().into_iter().for_each(|folder| folder.push_text(piece));
        }
    }
    out.retain(|folder| !folder.parts.is_empty());
    out
}
