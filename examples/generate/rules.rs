//! Compiles everything in `rules/` into `rules/generated/`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use guard::{
    command::{
        code::{Language, LanguageFile},
        tool_files::{self, ToolFile, ToolFiles},
        wrapper::{WrapperFile, WrapperSpec},
    },
    decide::table::Table,
    rules::{compile, lint::Hooks, table, yaml},
};

/// Files below `rules/` that are not rule files.
const OTHERS: [&str; 6] = [
    "tiers.yaml",
    "wrappers.yaml",
    "languages.yaml",
    "tool-files.yaml",
    "grammar-extra.yaml",
    "grammar-help.yaml",
];

/// Writes the compiled rules, or with `check` compares them.
pub(crate) fn generate(check: bool) -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut paths = Vec::new();
    collect(&root, &mut paths)?;
    paths.sort();
    let mut files = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(&root).unwrap_or(&path);
        if OTHERS.iter().any(|other| relative == Path::new(other)) {
            continue;
        }
        files.push((format!("rules/{}", relative.display()), read(&path)?));
    }
    let compiled =
        compile::rules(&files, Hooks::default()).map_err(|errors| errors.render(false))?;
    put(&root.join("generated/rules.jsonl"), &compiled.rules, check)?;
    put(&root.join("generated/index.tsv"), &compiled.index, check)?;
    put(&root.join("generated/everywhere.jsonl"), &compiled.everywhere, check)?;
    put(&root.join("generated/everywhere.tsv"), &compiled.needs, check)?;
    put(&root.join("generated/docs.jsonl"), &compiled.docs, check)?;
    put(&root.join("generated/tiers.json"), &tiers(&root)?, check)?;
    put(&root.join("generated/wrappers.jsonl"), &wrappers(&root)?, check)?;
    put(&root.join("generated/tool-files.jsonl"), &executed(&root)?, check)?;
    put(&root.join("generated/languages.jsonl"), &languages(&root)?, check)
}

/// The tier table as one JSON value.
fn tiers(root: &Path) -> Result<String, String> {
    let text = read(&root.join("tiers.yaml"))?;
    let json = compile::value::<Table>("rules/tiers.yaml", &text);
    json.map(|json| json + "\n").map_err(|error| error.render(false))
}

/// The wrappers by program: a program may have several entries.
fn wrappers(root: &Path) -> Result<String, String> {
    let (name, text) = ("rules/wrappers.yaml", read(&root.join("wrappers.yaml"))?);
    let file: WrapperFile = yaml::parse(name, &text).map_err(|error| error.render(false))?;
    let mut by_program: BTreeMap<&str, Vec<&WrapperSpec>> = BTreeMap::new();
    for spec in &file.wrappers {
        if spec.programs.is_empty() {
            return Err(format!("{name}: a wrapper without `programs` would never be met"));
        }
        for program in &spec.programs {
            by_program.entry(program).or_default().push(spec);
        }
    }
    // Programs with the same entries share them: most of the table would be copies.
    let mut first: BTreeMap<String, String> = BTreeMap::new();
    let line = |(program, specs): (&str, Vec<&WrapperSpec>)| {
        let json = serde_json::to_string(&specs).map_err(|error| error.to_string())?;
        let shared = first.get(&json).map(|other| format!("={other}"));
        let line = shared.unwrap_or_else(|| {
            first.insert(json.clone(), program.to_owned());
            json
        });
        Ok((program.to_owned(), line))
    };
    let lines: Result<Vec<_>, String> = by_program.into_iter().map(line).collect();
    Ok(table::build(lines?))
}

/// The languages by name.
fn languages(root: &Path) -> Result<String, String> {
    let (name, text) = ("rules/languages.yaml", read(&root.join("languages.yaml"))?);
    let file: LanguageFile = yaml::parse(name, &text).map_err(|error| error.render(false))?;
    let line = |language: &Language| {
        let json = serde_json::to_string(language).map_err(|error| error.to_string())?;
        Ok((language.name.clone(), json))
    };
    let lines: Result<Vec<_>, String> = file.languages.iter().map(line).collect();
    Ok(table::build(lines?))
}

/// The files that tools execute, by the last part of their names.
fn executed(root: &Path) -> Result<String, String> {
    let (name, text) = ("rules/tool-files.yaml", read(&root.join("tool-files.yaml"))?);
    let table: ToolFiles = yaml::parse(name, &text).map_err(|error| error.render(false))?;
    let mut by_key: BTreeMap<&str, Vec<ToolFile>> = BTreeMap::new();
    for file in &table.files {
        for name in &file.names {
            let own = ToolFile { names: vec![name.clone()], ..file.clone() };
            by_key.entry(tool_files::key(name)).or_default().push(own);
        }
    }
    let line = |(key, files): (&str, Vec<ToolFile>)| {
        let json = serde_json::to_string(&files).map_err(|error| error.to_string())?;
        Ok((key.to_owned(), json))
    };
    let lines: Result<Vec<_>, String> = by_key.into_iter().map(line).collect();
    Ok(table::build(lines?))
}

/// Writes a file, or with `check` fails when it would change.
fn put(path: &Path, text: &str, check: bool) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if check {
        let name = path.display();
        return Err(format!("{name} is out of date; run `cargo run --example generate -- rules`"));
    }
    fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            paths.push(path);
        }
    }
    Ok(())
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
