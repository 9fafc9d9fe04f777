//! Rules as they are built into the program.
//!
//! Rule files are written in YAML and checked strictly, once, by the generator.
//! The program carries the result as two tables: what a verdict needs, by
//! program name, and the documentation, by rule id.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    error::{RuleError, RuleErrors},
    everywhere,
    lint::{self, Hooks, Source},
    schema::{Examples, Rule, RuleFile},
    table, yaml,
};

/// What the generator writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compiled {
    /// `rules/generated/rules.jsonl`: the first program of each file to its
    /// [`RuleFile`], without the parts that only people read.
    pub rules: String,
    /// `rules/generated/index.tsv`: each program to the place of its file in
    /// `rules`, first byte and length, and a mark when the file says how the
    /// program's command line is read. Lines of `rules` are long; a search among
    /// them would read most of the table.
    pub index: String,
    /// `rules/generated/everywhere.jsonl`: the rules for every program, each a
    /// [`RuleFile`] of its own.
    pub everywhere: String,
    /// `rules/generated/everywhere.tsv`: what a command has to the rules of
    /// `everywhere` that it may fit.
    pub needs: String,
    /// `rules/generated/docs.jsonl`: rule id to [`Page`].
    pub docs: String,
}

/// A rule with everything that people want to know about it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// Name of the tool.
    pub tool: String,
    /// Programs the rule is for.
    pub programs: Vec<String>,
    /// Path of the file the rule is in.
    pub source: String,
    /// The line in that file where the rule starts, from 1; 0 when nobody looked.
    #[serde(default)]
    pub line: usize,
    /// The rule.
    pub rule: Rule,
}

/// Checks rule files, given as name and text, and compiles them.
///
/// # Errors
/// All mistakes of all files.
pub fn rules(files: &[(String, String)], hooks: Hooks<'_>) -> Result<Compiled, RuleErrors> {
    let mut sources = Vec::new();
    let mut errors = Vec::new();
    for (name, text) in files {
        match lint::check(name, text, hooks) {
            Ok(file) => sources.push(Source { name: name.clone(), text: text.clone(), file }),
            Err(RuleErrors(found)) => errors.extend(found),
        }
    }
    errors.extend(lint::across(&sources, true, &|_| None));
    if !errors.is_empty() {
        return Err(RuleErrors(errors));
    }
    let (mut rules, mut docs) = (Vec::new(), Vec::new());
    let mut names: Vec<(Vec<String>, bool)> = Vec::new();
    let mut everywhere = Vec::new();
    for Source { name, text, file } in &sources {
        if file.programs == ["*"] {
            everywhere.push(hot(file));
        } else {
            let json = json(name, &hot(file))?;
            let Some(first) = file.programs.first() else { continue };
            rules.push((first.clone(), json));
            names.push((file.programs.clone(), brings_tools(file)));
        }
        for (at, mut page) in pages(name, file).into_iter().enumerate() {
            page.line = line(name, text, "rules", at).unwrap_or_default();
            docs.push((page.rule.id.clone(), self::json(name, &page)?));
        }
    }
    let (everywhere, needs) = one_by_one(&everywhere)?;
    let rules = table::build(rules);
    let index = index(&rules, &names);
    Ok(Compiled { rules, index, everywhere, needs, docs: table::build(docs) })
}

/// The rules of files for every program, one in a line, and where they are.
fn one_by_one(files: &[RuleFile]) -> Result<(String, String), RuleError> {
    let mut text = String::new();
    let mut places = Vec::new();
    for file in files {
        for rule in &file.rules {
            let one = RuleFile { rules: vec![rule.clone()], ..file.clone() };
            let json = json("rules", &one)?;
            places.push((&rule.matches, (text.len(), json.len())));
            text.push_str(&json);
            text.push('\n');
        }
    }
    Ok((text, everywhere::build(&places)))
}

/// Whether a file says how command lines are read.
const fn brings_tools(file: &RuleFile) -> bool {
    file.grammar.is_some() || !file.wrappers.is_empty()
}

/// Where the file of each program is. `names` has the programs of each file.
fn index(rules: &str, names: &[(Vec<String>, bool)]) -> String {
    let mut entries = Vec::new();
    let mut start = 0;
    for line in rules.split_inclusive('\n') {
        let Some((first, json)) = line.trim_end_matches('\n').split_once('\t') else { continue };
        let of_file = |names: &&(Vec<String>, bool)| names.0.first().is_some_and(|p| p == first);
        let found = names.iter().find(of_file);
        let mark = if found.is_some_and(|(_, tools)| *tools) { "\ttools" } else { "" };
        let place = format!("{}\t{}{mark}", start + first.len() + 1, json.len());
        let programs = found.into_iter().flat_map(|(programs, _)| programs);
        entries.extend(programs.map(|program| (program.clone(), place.clone())));
        start += line.len();
    }
    table::build(entries)
}

/// Compiles any other YAML file strictly: reads it as `T` and gives its JSON.
///
/// # Errors
/// The first mistake.
pub fn value<T: DeserializeOwned + Serialize>(name: &str, text: &str) -> Result<String, RuleError> {
    json(name, &yaml::parse::<T>(name, text)?)
}

/// The line, from 1, where an entry of a list in a YAML file starts: the rule
/// `at` of `rules`, for one.
#[must_use]
pub fn line(name: &str, text: &str, list: &str, at: usize) -> Option<usize> {
    let start = yaml::outline(name, text).ok()?.key(list)?.index(at)?.mark().start;
    Some(text.get(..start)?.bytes().filter(|byte| *byte == b'\n').count() + 1)
}

/// The documentation of the rules of a file.
#[must_use]
pub fn pages(name: &str, file: &RuleFile) -> Vec<Page> {
    let page = |rule: &Rule| Page {
        tool: file.tool.clone(),
        programs: file.programs.clone(),
        source: name.to_owned(),
        line: 0,
        rule: rule.clone(),
    };
    file.rules.iter().map(page).collect()
}

/// The file without what no verdict needs.
fn hot(file: &RuleFile) -> RuleFile {
    let mut file = file.clone();
    for rule in &mut file.rules {
        rule.why.clear();
        rule.references.clear();
        rule.examples = Examples::default();
    }
    file
}

fn json(name: &str, value: &impl Serialize) -> Result<String, RuleError> {
    serde_json::to_string(value).map_err(|error| {
        RuleError::whole(name, &format!("The file cannot be written as JSON: {error}."))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Hooks, rules};

    fn everywhere(tool: &str) -> (String, String) {
        let text = format!(
            "tool: {tool}\nprograms: ['*']\nrules:\n  - id: {tool}.one\n    summary: s\n    why: w\n    \
             match: {{redirects: [{{op: [append]}}]}}\n    \
             effect: {{verb: modify, object: o, scope: 1}}\n    \
             examples: {{match: [a, b, c], pass: [d, e, f]}}\n"
        );
        (format!("rules/x/{tool}.yaml"), text)
    }

    #[test]
    fn rules_for_every_command_stand_alone() {
        let files = [everywhere("one"), everywhere("two")];
        let compiled = rules(&files, Hooks::default()).unwrap();
        assert_eq!(compiled.everywhere.lines().count(), 2);
        assert!(compiled.rules.is_empty() && !compiled.needs.is_empty());
        for id in ["one.one", "two.one"] {
            assert!(compiled.everywhere.contains(id) && compiled.docs.contains(id), "{id}");
        }
    }
}
