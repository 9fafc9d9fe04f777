//! Symbolic links that the text itself makes: what goes through one afterwards
//! reaches what it points to (`ln -s / x; rm -rf x/*`).

use super::flow::Flows;
use super::matching::Scene;
use super::paths;
use super::schema::PathClass;
use crate::model::{Invocation, Part, Word};

/// A link as it is written, and what it points to.
#[derive(Debug)]
struct Link {
    name: String,
    target: Word,
}

/// The links that a command makes.
#[derive(Debug, Default)]
pub struct Links {
    links: Vec<Link>,
    /// There are more than are followed.
    more: bool,
}

/// Links that are followed in one command; with more, each path is taken for one
/// that leads to the root.
const MAX_LINKS: usize = 64;
/// Links to links that are followed.
const MAX_DEPTH: usize = 8;
/// Programs that work on the link itself when its name ends there.
const ON_THE_LINK: &[&str] = &["rm", "unlink", "mv", "ln", "ls", "stat", "readlink", "test", "["];

impl Links {
    fn of(all: &[Invocation]) -> Self {
        let mut made = all.iter().filter_map(made);
        let links = made.by_ref().take(MAX_LINKS).collect();
        Self { links, more: made.next().is_some() }
    }

    /// What a word of an invocation reaches when it goes through one of them.
    #[must_use]
    pub fn behind(&self, word: &Word, invocation: &Invocation) -> Option<Word> {
        if self.more {
            return Some(Word::text("/", word.span));
        }
        let mut behind = self.one(word, invocation)?;
        for _ in 0..MAX_DEPTH {
            match self.one(&behind, invocation) {
                Some(further) => behind = further,
                None => return Some(behind),
            }
        }
        Some(Word::text("/", word.span))
    }

    fn one(&self, word: &Word, invocation: &Invocation) -> Option<Word> {
        if self.links.is_empty() {
            return None;
        }
        let shown = word.parts.first().and_then(text)?;
        let shown = shown.strip_prefix("./").unwrap_or(shown);
        let program = invocation.program.as_deref().unwrap_or_default();
        self.links.iter().rev().find_map(|link| {
            let rest = shown.strip_prefix(link.name.as_str())?;
            let whole = rest.is_empty() && word.parts.len() == 1;
            let through =
                if whole { !ON_THE_LINK.contains(&program) } else { rest.starts_with('/') };
            let mut behind = through.then(|| link.target.clone())?;
            let slashed = behind.display().ends_with('/');
            behind.push_text(rest.strip_prefix('/').filter(|_| slashed).unwrap_or(rest));
            behind.parts.extend(word.parts.iter().skip(1).cloned());
            Some(behind)
        })
    }
}

impl Flows {
    /// The links that the command makes.
    pub fn links(&self, all: &[Invocation]) -> &Links {
        self.links.get_or_init(|| Links::of(all))
    }
}

impl Scene<'_> {
    /// The class of what a word reaches through a link that the text makes.
    pub(super) fn behind_link(&self, word: &Word) -> Option<PathClass> {
        let behind = self.flows.links(self.all).behind(word, self.invocation)?;
        Some(paths::judge(&behind, self.invocation.cwd.as_deref(), self.ctx).class)
    }
}

fn text(part: &Part) -> Option<&str> {
    match part {
        Part::Text(text) => Some(text),
        Part::Glob(_) | Part::Hole(_) => None,
    }
}

/// The link that an invocation makes.
fn made(inv: &Invocation) -> Option<Link> {
    let symbolic = |name: &str| matches!(name, "-s" | "--symbolic" | "--symbolic-link");
    if !matches!(inv.program.as_deref(), Some("ln" | "gln" | "cp" | "gcp"))
        || !inv.options.iter().any(|opt| symbolic(&opt.name))
    {
        return None;
    }
    let [target, link] = inv.operands.as_slice() else { return None };
    let name = link.as_static()?;
    let name = name.strip_prefix("./").unwrap_or(name).trim_end_matches('/');
    let mut target = target.clone();
    // A link is read from the folder in which it lies.
    if let (Some(Part::Text(text)), Some((folder, _))) =
        (target.parts.first_mut(), name.rsplit_once('/'))
        && !text.starts_with(['/', '~'])
    {
        text.insert_str(0, &format!("{folder}/"));
    }
    (!name.is_empty()).then(|| Link { name: name.to_owned(), target })
}
