//! Objects of a cluster by kind, the kinds that matter most first.

use crate::text::{escape, words};

/// Kinds that are named on the screen before the others, in small letters.
const FIRST: &[&str] = &["pvc", "pv", "secret", "configmap", "pod", "ingress", "service"];
/// Kinds that are named at all.
const NAMED: usize = 4;

/// How many objects of each kind.
#[derive(Debug, Default)]
pub(super) struct Kinds(Vec<(String, u64)>);

impl Kinds {
    /// Counts the kinds of all objects. Claims and volumes get their short names.
    pub(super) fn of<'a>(kinds: impl Iterator<Item = &'a str>) -> Self {
        let mut out: Vec<(String, u64)> = Vec::new();
        for kind in kinds {
            let kind = match kind.to_ascii_lowercase().as_str() {
                "persistentvolumeclaim" => "PVC",
                "persistentvolume" => "PV",
                _ => kind,
            };
            match out.iter_mut().find(|(known, _)| known == kind) {
                Some((_, n)) => *n += 1,
                None => out.push((kind.to_owned(), 1)),
            }
        }
        let rank = |kind: &str| {
            FIRST.iter().position(|first| kind.eq_ignore_ascii_case(first)).unwrap_or(FIRST.len())
        };
        out.sort_by(|a, b| rank(&a.0).cmp(&rank(&b.0)).then(b.1.cmp(&a.1)));
        Self(out)
    }

    /// All objects.
    pub(super) fn total(&self) -> u64 {
        self.0.iter().map(|(_, n)| n).sum()
    }

    /// The objects of one kind, by the name that is shown.
    pub(super) fn number(&self, kind: &str) -> u64 {
        self.0.iter().find(|(known, _)| known == kind).map_or(0, |(_, n)| *n)
    }

    /// The objects of all kinds with one of these in their names.
    pub(super) fn named_like(&self, parts: &[&str]) -> u64 {
        let like = |kind: &str| parts.iter().any(|part| kind.to_ascii_lowercase().contains(part));
        self.0.iter().filter(|(kind, _)| like(kind)).map(|(_, n)| n).sum()
    }

    /// `1 PVC, 12 pods, 3 others`
    pub(super) fn in_words(&self) -> String {
        let named = self.0.iter().take(NAMED).map(|(kind, n)| words::count(*n, &escape(kind)));
        let named: Vec<String> = named.collect();
        let rest: u64 = self.0.iter().skip(NAMED).map(|(_, n)| n).sum();
        let rest = if rest > 0 { format!(", {rest} others") } else { String::new() };
        format!("{}{rest}", named.join(", "))
    }
}
