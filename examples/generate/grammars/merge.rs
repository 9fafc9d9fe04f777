//! Bringing the sources together; a later source wins.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::super::output;
use super::tree::{Node, Nodes, Written};

/// `rules/grammar-extra.yaml` or `rules/grammar-help.yaml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Extra {
    names: BTreeMap<String, String>,
    bare: Vec<String>,
    everywhere: BTreeMap<String, BTreeMap<char, String>>,
    tools: BTreeMap<String, Written>,
    pub(super) classes: BTreeMap<String, BTreeMap<String, String>>,
    /// More words of the verb table: tool, code, words.
    pub(super) verbs: BTreeMap<String, BTreeMap<String, String>>,
}

/// Loads one of the hand-kept files.
pub(super) fn extra(path: &str) -> Result<Extra, String> {
    let text =
        std::fs::read_to_string(output::in_package(path)).map_err(|e| format!("{path}: {e}"))?;
    serde_yaml::from_str(&text).map_err(|e| format!("{path}: {e}"))
}

fn object<'a>(value: &'a Value, what: &str) -> Result<&'a serde_json::Map<String, Value>, String> {
    value.as_object().ok_or_else(|| format!("{what} is missing or no object"))
}

/// `cli_compact.json`.
pub(super) fn from_table(table: &Value) -> Result<Nodes, String> {
    let mut tools = Nodes::new();
    for (name, node) in object(table, "cli_compact")? {
        tools.insert(name.clone(), compact(node)?);
    }
    Ok(tools)
}

fn compact(value: &Value) -> Result<Node, String> {
    let mut node = Node::default();
    for (key, content) in object(value, "a node")? {
        let text = content.as_str().unwrap_or_default();
        match key.as_str() {
            "v" => node.list('v', &dashed(text)),
            "q" => node.list('q', &dashed(text)),
            "w" => drop(node.fields.insert('w', "1".to_owned())),
            "=" => drop(node.fields.insert('=', text.to_owned())),
            "s" => {
                for (name, below) in object(content, "s")? {
                    node.subcommands.insert(name.clone(), compact(below)?);
                }
            }
            other => return Err(format!("cli_compact: unknown key {other}")),
        }
    }
    Ok(node)
}

/// Only what can be an option: some sources list words or typographic dashes.
fn dashed(list: &str) -> String {
    let options = list.split_whitespace().filter(|word| word.starts_with('-') && word.is_ascii());
    options.collect::<Vec<_>>().join(" ")
}

/// `kubectl.json`: all options, complete; the optional values of the other
/// table stay.
pub(super) fn kubectl(tools: &mut Nodes, facts: &Value) -> Result<(), String> {
    let root = tools.entry("kubectl".to_owned()).or_default();
    arities(root, &facts["global"])?;
    options_tree(root, &facts["tree"])?;
    root.fields.insert('t', String::new());
    for (list, code) in [("read", "r"), ("delete", "d")] {
        for path in facts[list].as_array().ok_or("kubectl: no list")? {
            let path = path.as_str().unwrap_or_default();
            root.at(path.split('.')).fields.insert('c', code.to_owned());
        }
    }
    Ok(())
}

/// `terraform.json`. A path without a class reads.
pub(super) fn terraform(tools: &mut Nodes, facts: &Value) -> Result<(), String> {
    let root = tools.entry("terraform".to_owned()).or_default();
    arities(root, &facts["global"])?;
    for (name, below) in object(&facts["tree"], "terraform tree")? {
        options_tree(root.at([name.as_str()]), below)?;
    }
    root.fields.insert('t', String::new());
    for below in root.subcommands.values_mut() {
        below.each(&mut |node| drop(node.fields.insert('c', "r".to_owned())));
    }
    for (path, code) in object(&facts["classes"], "terraform classes")? {
        let code = code.as_str().unwrap_or_default().to_owned();
        root.at(path.split(' ')).fields.insert('c', code);
    }
    tools.remove("tofu");
    Ok(())
}

fn options_tree(node: &mut Node, facts: &Value) -> Result<(), String> {
    if facts.get("o").is_some() {
        arities(node, &facts["o"])?;
    }
    if facts.get("s").is_some() {
        for (name, below) in object(&facts["s"], "s")? {
            options_tree(node.at([name.as_str()]), below)?;
        }
    }
    Ok(())
}

/// Option to "0" (switch), "1" (value) or "=" (attached value).
fn arities(node: &mut Node, facts: &Value) -> Result<(), String> {
    for (option, arity) in object(facts, "options")? {
        let letter = match arity.as_str().map_or_else(|| arity.to_string(), str::to_owned).as_str()
        {
            "0" => 'f',
            "1" => 'v',
            _ => 'q',
        };
        let listed = node.options.get(option).copied();
        if !(listed == Some('q') && letter != 'q') {
            node.options.insert(option.clone(), letter);
        }
    }
    Ok(())
}

/// Global options of the cloud tools, and the groups of az and gcloud.
pub(super) fn clouds(
    tools: &mut Nodes,
    aws: &Value,
    azure: &Value,
    gcloud: &Value,
) -> Result<(), String> {
    let root = tools.entry("aws".to_owned()).or_default();
    for (list, letter) in [("flags", 'f'), ("values", 'v')] {
        for option in aws
            .pointer(&format!("/global_opts/{list}"))
            .and_then(|v| v.as_array())
            .ok_or("aws: no global_opts")?
        {
            root.list(letter, option.as_str().unwrap_or_default());
        }
    }
    arities(tools.entry("gcloud".to_owned()).or_default(), &gcloud["global"])?;
    for (tool, operations) in [("gcloud", &gcloud["ops"]), ("az", azure)] {
        let root = tools.entry(tool.to_owned()).or_default();
        for operation in object(operations, tool)?.keys() {
            let words: Vec<&str> = operation.split(' ').collect();
            let track = matches!(words.first(), Some(&("alpha" | "beta" | "preview")));
            let path = words.get(usize::from(track)..words.len() - 1).unwrap_or_default();
            if tool == "gcloud" || !track {
                root.at(path.iter().copied());
            }
        }
    }
    Ok(())
}

/// Lays a hand-kept file over the tools.
pub(super) fn overlay(tools: &mut Nodes, extra: &Extra) -> Result<(), String> {
    for (name, written) in &extra.tools {
        tools.entry(name.clone()).or_default().overlay(written);
    }
    Ok(())
}

/// What needs all sources: arities that hold everywhere, podman's share of
/// docker, other names, and paths that share a grammar.
pub(super) fn finish(tools: &mut Nodes, extra: &Extra) -> Result<(), String> {
    for (tool, corrections) in &extra.everywhere {
        let root = tools.get_mut(tool).ok_or_else(|| format!("everywhere: no tool {tool}"))?;
        root.each(&mut |node| {
            for (letter, options) in corrections {
                for option in options.split_whitespace() {
                    if let Some(list) = node.options.get_mut(option) {
                        *list = *letter;
                    }
                }
            }
        });
    }
    for name in &extra.bare {
        let root = tools.get_mut(name).ok_or_else(|| format!("bare: no tool {name}"))?;
        for below in root.subcommands.values_mut() {
            below.each(&mut |node| node.options.clear());
        }
    }
    podman(tools);
    for (name, target) in &extra.names {
        if !tools.contains_key(target) {
            return Err(format!("names: {name} stands for {target}, which has no grammar"));
        }
        let node = tools.entry(name.clone()).or_default();
        *node = Node::default();
        node.fields.insert('=', target.clone());
    }
    let snapshot = tools.clone();
    for (name, node) in tools.iter_mut() {
        settle_aliases(node);
        inherit(node, &BTreeMap::new());
        let mut failed = None;
        node.each(&mut |node| {
            while let Some(path) = node.fields.get(&'~').cloned() {
                match at_path(&snapshot, &path) {
                    None => failed = Some(path),
                    Some(target) => {
                        if let Some(further) = target.fields.get(&'~') {
                            node.fields.insert('~', further.clone());
                            continue;
                        }
                    }
                }
                break;
            }
        });
        if let Some(path) = failed {
            return Err(format!("{name}: like: {path} does not exist"));
        }
    }
    Ok(())
}

fn at_path<'a>(tools: &'a Nodes, path: &str) -> Option<&'a Node> {
    let mut words = path.split(' ');
    let root = tools.get(words.next()?)?;
    words.try_fold(root, |node, word| node.subcommands.get(word))
}

/// Drops options that hold anyway because what is above has them.
fn inherit(node: &mut Node, above: &BTreeMap<String, char>) {
    node.options.retain(|option, list| above.get(option) != Some(list));
    let mut known = above.clone();
    if !node.fields.contains_key(&'l') {
        known.extend(node.options.iter().map(|(option, list)| (option.clone(), *list)));
    }
    for below in node.subcommands.values_mut() {
        inherit(below, &known);
    }
}

/// Makes every alias name a sibling that is none itself. An alias of itself or
/// of something that is not there becomes a subcommand of its own.
fn settle_aliases(node: &mut Node) {
    let targets: BTreeMap<String, String> = node
        .subcommands
        .iter()
        .filter_map(|(name, below)| Some((name.clone(), below.fields.get(&'=')?.clone())))
        .collect();
    for name in targets.keys() {
        let mut last = name;
        for _ in 0..targets.len() {
            last = targets.get(last).unwrap_or(last);
        }
        let exists = node.subcommands.contains_key(last) && !targets.contains_key(last);
        let last = last.clone();
        if let Some(below) = node.subcommands.get_mut(name) {
            if exists && last != *name {
                below.fields.insert('=', last);
            } else {
                below.fields.remove(&'=');
            }
        }
    }
    for below in node.subcommands.values_mut() {
        settle_aliases(below);
    }
}

/// podman takes docker's command line; its own table is thinner.
fn podman(tools: &mut Nodes) {
    const NOT_PODMANS: [&str; 17] = [
        "swarm",
        "service",
        "stack",
        "node",
        "config",
        "context",
        "buildx",
        "scout",
        "sbom",
        "init",
        "debug",
        "extension",
        "model",
        "mcp",
        "trust",
        "plugin",
        "checkpoint",
    ];
    let Some(docker) = tools.get("docker").cloned() else { return };
    let podman = tools.entry("podman".to_owned()).or_default();
    for (name, theirs) in docker.subcommands {
        if !NOT_PODMANS.contains(&name.as_str()) {
            below(podman.subcommands.entry(name).or_default(), theirs);
        }
    }
}

fn below(own: &mut Node, theirs: Node) {
    for (option, list) in theirs.options {
        own.options.entry(option).or_insert(list);
    }
    for (letter, text) in theirs.fields {
        own.fields.entry(letter).or_insert(text);
    }
    for (name, node) in theirs.subcommands {
        below(own.subcommands.entry(name).or_default(), node);
    }
}
