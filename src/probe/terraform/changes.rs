//! What a plan does, in numbers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::Found;
use super::types::{Kept, Types, digest, undo};
use crate::model::{Count, Flag, Reversibility, Scope};
use crate::text::escape;

/// What a plan does, in numbers.
#[derive(Default)]
pub(super) struct Changes {
    pub(super) lost: Types,
    pub(super) kept: Kept,
    gone: u64,
    replaced: u64,
    made: u64,
    /// Left running with nobody to manage them (a `removed` block).
    forgotten: u64,
    changed: u64,
    /// Each object of which something becomes, with what.
    acts: Vec<String>,
    /// Of each resource with a `count` or `for_each`: what is there, what stays.
    sets: BTreeMap<String, (u64, u64)>,
}

impl Changes {
    pub(super) fn read(plan: &Value) -> Self {
        let mut all = Self::default();
        for change in plan.get("resource_changes").and_then(Value::as_array).into_iter().flatten() {
            let actions = change.pointer("/change/actions").and_then(Value::as_array);
            let has = |name: &str| actions.is_some_and(|all| all.iter().any(|a| a == name));
            match (has("delete"), has("create")) {
                (true, true) => all.replaced += 1,
                (true, false) => all.gone += 1,
                (false, true) => all.made += 1,
                (false, false) => all.changed += u64::from(has("update")),
            }
            if let Some(actions) = actions.filter(|_| !has("no-op") && !has("read")) {
                let at = |name: &str| change.get(name).unwrap_or(&Value::Null);
                let words = [at("address"), at("deposed"), &Value::from(actions.clone())];
                all.acts.push(words.map(Value::to_string).join(" "));
            }
            all.forgotten += u64::from(has("forget"));
            let text = |name: &str| change.get(name).and_then(Value::as_str);
            if has("delete") {
                all.lost.add(text("type").unwrap_or("unknown"), 1);
                all.kept.add(change.pointer("/change/before").unwrap_or(&Value::Null));
            }
            let there = has("delete") || !has("create");
            if let (Some(address), true, true) =
                (text("address"), there, change.get("index").is_some())
            {
                let set = address.rsplit_once('[').map_or(address, |(set, _)| set);
                let (total, left) = all.sets.entry(set.to_owned()).or_default();
                *total += 1;
                *left += u64::from(!has("delete") || has("create"));
            }
        }
        all
    }

    /// A set that a change of the configuration has emptied, or nearly: a list
    /// that was read as empty looks like this.
    fn emptied(&self) -> Option<String> {
        let sets = self.sets.iter().filter(|(_, (total, left))| *total > 1 && left * 10 <= *total);
        let (name, (total, left)) = sets.max_by_key(|(_, (total, left))| total - left)?;
        Some(format!("{left} of {total} {} left", escape(name)))
    }
}

/// What a plan says that would happen.
pub(super) fn found(plan: &Value) -> Found {
    let changes = Changes::read(plan);
    let emptied = changes.emptied();
    let Changes { lost, kept, gone, replaced, made, forgotten, changed, acts, .. } = changes;
    let objects = Some(digest(acts));
    let mut flags = lost.flags();
    if replaced > 0 {
        flags.push(Flag::Replace);
    }
    if emptied.is_some() {
        flags.push(Flag::All);
    }
    let n = gone + replaced;
    // Short, because the end of a long line is cut.
    let mut hits = format!("{gone} to delete, {replaced} to replace, {made} new");
    for (count, what) in [(changed, "changed"), (forgotten, "forgotten")] {
        if count > 0 {
            hits += &format!(", {count} {what}");
        }
    }
    if n > 0 {
        hits += &format!(": {}", lost.words());
    }
    if plan.get("prior_state").is_none_or(|state| state.get("values").is_none()) && made > 0 {
        hits += ", no state before";
    }
    let undo = if n > 0 {
        Some((Reversibility(4), undo(&kept, "what is made again is new and empty")))
    } else {
        None
    };
    if let Some(emptied) = emptied {
        hits = format!("{emptied} · {hits}");
    }
    let count = n.max(changed).max(forgotten);
    // terraform says itself when a plan leaves something for later.
    let whole = plan.get("complete").and_then(Value::as_bool) != Some(false);
    let count = if whole { Count::Exact(count) } else { Count::AtLeast(count) };
    // A resource that is made again, or that holds data, is a whole service, and
    // so is a set that is emptied.
    let deletes = (n > 0).then_some(if flags.is_empty() { Scope::FILE } else { Scope::SERVICE });
    Found { count, hits, objects, undo, flags, deletes, ..Found::default() }
}
