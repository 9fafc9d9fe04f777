//! Folders that a command fills from elsewhere: archives that the same text has
//! fetched, and repositories. A program out of them is code that nobody has seen.

use super::cwd::Cwd;
use super::files::{self, Content};
use super::resolve::Resolver;
use super::wrapper::Unpacks;
use crate::model::{Invocation, SCRATCH, Stdin, Word};

impl Resolver<'_> {
    /// Notes the folder that a program fills.
    pub(super) fn unpacks(&mut self, unpacks: &Unpacks, inv: &Invocation, index: usize, cwd: &Cwd) {
        if inv.help {
            return;
        }
        let named = inv.options_named(&unpacks.file).find_map(|opt| opt.value.as_ref());
        let source = named.or_else(|| inv.operands.get(unpacks.operand?));
        let source = source.filter(|word| word.as_static() != Some("-"));
        let mut strange = false;
        let made = match source {
            Some(source) if unpacks.address => {
                if !elsewhere(source) {
                    return;
                }
                Vec::new()
            }
            Some(source) => match self.fetched(source, cwd) {
                Some(made) => made,
                // An archive that was there before: only in a scratch folder,
                // where nobody keeps what they mean to build.
                None => {
                    strange = true;
                    Vec::new()
                }
            },
            None => match self.piped(unpacks, inv) {
                Some(made) => made,
                None => return,
            },
        };
        let into = inv.options_named(&unpacks.into).filter_map(|opt| opt.value.clone()).last();
        let folder = into.or_else(|| inv.operands.get(unpacks.folder?).cloned()).or_else(|| {
            let address = source.filter(|_| unpacks.address)?.display();
            let name = address.trim_end_matches('/').rsplit(['/', ':']).next()?;
            Some(Word::text(name.strip_suffix(".git").unwrap_or(name), inv.span))
        });
        let folder = folder.unwrap_or_else(|| Word::text(".", inv.span));
        let folder = files::absolute(&folder, cwd, self.ctx);
        if let Some(folder) = folder.filter(|folder| !strange || scratch(folder)) {
            let made = std::iter::once(index).chain(made).collect();
            self.book.fill(folder, made, &unpacks.except);
        }
    }

    /// What made an archive, when this text did.
    fn fetched(&self, archive: &Word, cwd: &Cwd) -> Option<Vec<usize>> {
        let path = files::absolute(archive, cwd, self.ctx)?;
        match self.book.written(&path)? {
            Content::Made(made) => Some(made.clone()),
            _ => None,
        }
    }

    /// What feeds standard input, when one of the programs that fetch does.
    fn piped(&self, unpacks: &Unpacks, inv: &Invocation) -> Option<Vec<usize>> {
        let from = match &inv.stdin {
            Stdin::Pipe(from) => from,
            Stdin::Inherited => &self.upstream,
            Stdin::File(file) => return file.holes().next().map(|hole| hole.from.clone()),
            Stdin::Text(_) => return None,
        };
        let fetches = |index: &usize| {
            let program = self.out.invocations.get(*index).and_then(|inv| inv.program.as_ref());
            program.is_some_and(|program| unpacks.from.contains(program))
        };
        from.iter().any(fetches).then(|| from.clone())
    }
}

/// Whether a folder lies where programs put what they throw away.
fn scratch(folder: &str) -> bool {
    SCRATCH.iter().any(|dir| {
        folder.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

/// Whether a word is an address on another machine: `https://..`, `host:path`,
/// or `owner/name` of a hosting service, which has no dot in front.
fn elsewhere(word: &Word) -> bool {
    let text = word.display();
    let beginning = text.split('/').next().unwrap_or_default();
    text.contains("://") || beginning.contains(':') || word.has_hole()
}
