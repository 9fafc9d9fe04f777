//! Which records belong together.

use std::collections::BTreeSet;

use serde_json::Value;

use super::super::index::{Query, names};
use crate::second::handle;

/// The records of one command, by what somebody typed: the id of its request, of
/// its petition or their beginning, or a petition's short name.
pub struct Wanted {
    typed: String,
    handle: Option<String>,
    ids: BTreeSet<String>,
}

impl Wanted {
    /// By what was typed.
    #[must_use]
    pub fn new(typed: &str) -> Self {
        let handle = handle::normal(typed);
        Self { typed: typed.to_ascii_lowercase(), handle, ids: BTreeSet::new() }
    }

    /// By one whole id.
    #[must_use]
    pub fn exactly(id: &str) -> Self {
        Self { typed: String::new(), handle: None, ids: BTreeSet::from([id.to_owned()]) }
    }

    /// Shorter beginnings would mean anything.
    const fn begins(&self) -> bool {
        self.typed.len() >= 6
    }

    /// Whether a record is one of them. Then its other ids are too.
    pub fn takes(&mut self, record: &Value) -> bool {
        let (ids, handle) = names(record);
        let named = self.handle.is_some() && handle == self.handle.as_deref();
        let begins = self.begins();
        let fits = ids.iter().any(|id| {
            self.ids.contains(*id) || begins && id.to_ascii_lowercase().starts_with(&self.typed)
        });
        if fits || named {
            self.ids.extend(ids.into_iter().map(str::to_owned));
        }
        fits || named
    }

    /// Where to look for them, as far as is known.
    pub(in super::super) fn queries(&self) -> Vec<Query> {
        let typed = self.begins().then(|| Query::beginning(&self.typed));
        let handle = self.handle.as_deref().map(Query::handle);
        let ids = self.ids.iter().map(|id| Query::beginning(id));
        typed.into_iter().chain(handle).chain(ids).collect()
    }
}
