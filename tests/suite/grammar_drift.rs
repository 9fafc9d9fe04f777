//! The committed grammar tables are what the generator writes.

use std::path::{Path, PathBuf};

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/generate/output.rs"]
mod output;

#[allow(dead_code, unreachable_pub)]
#[path = "../../examples/generate/grammars/mod.rs"]
mod grammars;

/// Where the fact files are: `GUARD_FACTS`, or beside the checkout.
fn facts() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/facts");
    let folder = std::env::var_os("GUARD_FACTS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

#[test]
fn grammar_tables_are_up_to_date() {
    let Some(facts) = facts() else {
        super::grammar_clients::skipped("no fact files: the grammar tables were not compared");
        return;
    };
    let (grammars, verbs) = grammars::tables(&facts).unwrap();
    for (path, content) in
        [("rules/generated/grammars.tsv", grammars), ("rules/generated/verbs.tsv", verbs)]
    {
        let committed = std::fs::read_to_string(output::in_package(path)).unwrap();
        assert!(
            committed == content,
            "{path} is out of date: cargo run --example generate -- grammars --facts DIR"
        );
    }
}
