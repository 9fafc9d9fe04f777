//! `generate grammars --facts DIR`: the tool grammars and verb tables.
//!
//! Reads the fact files (names, arity and effect classes of public command line
//! tools) and `rules/grammar-*.yaml`, and writes two tables of sorted lines, key
//! and fields parted by tabs. The first character of a field says what it is:
//!
//! ```text
//! grammars.tsv, key: a command path
//!   v q n f x  options: value, optional or attached value, numeric value,
//!              switch, words up to `;`
//!   = NAME     another name of this sibling      ~ PATH  shares this grammar
//!   u PATH     the subcommands stand under PATH  w N     stops at operand N
//!   c CODE     effect class                      e LIST  last option
//!   k KIND     how subcommands are found
//!   a abbreviations  t lists are complete  l options end with the level
//!   d one dash  g Go flags  o old bundle  b verb abbreviations
//!   + plus options  m modes  p pairs
//! verbs.tsv, key: a tool, or a tool and an operation
//!   for a tool: `CODE WORD...` in the order in which they win, and
//!   `skip WORD...`; for an operation: its code
//! ```

mod merge;
mod tree;
mod verbs;

use std::path::{Path, PathBuf};

use super::output;

/// Runs the subcommand; returns what to report.
pub(crate) fn run(args: &[&str]) -> Result<String, String> {
    let mut facts = None;
    let mut check = false;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match *arg {
            "--check" => check = true,
            "--facts" => facts = rest.next().map(PathBuf::from),
            other => return Err(format!("unknown argument {other}")),
        }
    }
    let facts = facts.ok_or("give the folder with the fact files: --facts DIR")?;
    let (grammars, verbs) = tables(&facts)?;
    let mut report = output::settle("rules/generated/grammars.tsv", &grammars, check)?;
    report += &output::settle("rules/generated/verbs.tsv", &verbs, check)?;
    Ok(report)
}

/// Both tables as text.
pub(crate) fn tables(facts: &Path) -> Result<(String, String), String> {
    let help = merge::extra("rules/grammar-help.yaml")?;
    let extra = merge::extra("rules/grammar-extra.yaml")?;
    let load = |name: &str| -> Result<serde_json::Value, String> {
        let file = facts.join(name);
        let text =
            std::fs::read_to_string(&file).map_err(|e| format!("{}: {e}", file.display()))?;
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", file.display()))
    };
    let (mut aws, azure, gcloud) =
        (load("aws_min.json")?, load("azure.json")?, load("gcloud.json")?);
    let mut tools = merge::from_table(&load("cli_compact.json")?)?;
    merge::kubectl(&mut tools, &load("kubectl.json")?)?;
    merge::terraform(&mut tools, &load("terraform.json")?)?;
    merge::clouds(&mut tools, &aws, &azure, &gcloud)?;
    merge::overlay(&mut tools, &help)?;
    merge::overlay(&mut tools, &extra)?;
    merge::finish(&mut tools, &extra)?;
    let mut words = load("verbs.json")?;
    if let Some(tools) = words.as_object_mut() {
        let any = verbs::joined(&tools["az"], &tools["gcloud"]);
        tools.insert("any".to_owned(), any);
    }
    for (tool, more) in &extra.verbs {
        let lists =
            if tool == "aws" { aws.get_mut("default_verbs") } else { words.get_mut(tool.as_str()) };
        verbs::extend(lists.ok_or_else(|| format!("no verb list for {tool}"))?, more);
    }
    let verbs = verbs::table(&words, &aws, &azure, &gcloud, &extra.classes)?;
    Ok((tree::lines(&tools), verbs))
}
