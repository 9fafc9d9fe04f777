//! `guard rules show`: the documentation page of a rule.

use std::io::{self, Write};

use super::Surroundings;
use crate::decide::describe;
use crate::decide::judge::OWN_RULES;
use crate::exit::Exit;
use crate::model::{Reversibility, Scope, Verb};
use crate::rules::{
    compile::Page,
    schema::{EffectSpec, PathSource, Rule, ScopeSpec},
    words::conditions,
};
use crate::text::{Escaped, Palette, Role, escape, nearest, width, words};

/// Columns of running text.
const WIDTH: usize = 76;

/// Prints the page of a rule, or lets a person at a terminal pick one.
pub(super) fn run(
    pages: &[Page],
    id: Option<&str>,
    world: Surroundings<'_>,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let picked;
    let id = match id {
        Some(id) => id,
        None if world.terminal => match pick(pages) {
            Some(id) => {
                picked = id;
                &picked
            }
            None => return Ok(Exit::Ok),
        },
        None => {
            writeln!(err, "Which rule? `guard rules list` has the ids.")?;
            return Ok(Exit::Usage);
        }
    };
    match pages.iter().find(|page| page.rule.id == id) {
        Some(page) => show(page, world.palette, out).map(|()| Exit::Ok),
        None => unknown(pages, id, err),
    }
}

/// A list at the terminal: first the tool, then the rule. It grants nothing.
fn pick(pages: &[Page]) -> Option<String> {
    let mut tools: Vec<&str> = pages.iter().map(|page| page.tool.as_str()).collect();
    tools.dedup();
    let tool = tools.get(select("Tool", &tools)?).copied()?;
    let of_tool: Vec<&Page> = pages.iter().filter(|page| page.tool == tool).collect();
    let line = |page: &&Page| format!("{}  {}", escape(&page.rule.id), escape(&page.rule.summary));
    let lines: Vec<String> = of_tool.iter().map(line).collect();
    let page = of_tool.get(select("Rule", &lines)?)?;
    Some(page.rule.id.clone())
}

fn select<T: std::fmt::Display>(prompt: &str, items: &[T]) -> Option<usize> {
    let select = dialoguer::Select::new().with_prompt(prompt).items(items).default(0);
    select.max_length(15).interact_opt().ok().flatten()
}

fn unknown(pages: &[Page], id: &str, err: &mut dyn Write) -> io::Result<Exit> {
    writeln!(err, "There is no rule `{}`.", Escaped(id))?;
    let of_tool = |page: &&Page| page.tool == id || page.programs.iter().any(|p| p == id);
    let mut near: Vec<&str> =
        pages.iter().filter(of_tool).map(|page| page.rule.id.as_str()).take(10).collect();
    if near.is_empty() {
        near = nearest(id, pages.iter().map(|page| page.rule.id.as_str()), 3);
    }
    if near.is_empty() {
        writeln!(err, "`guard rules list` has the ids.")?;
    } else {
        let near: Vec<String> = near.iter().map(|id| format!("`{}`", escape(id))).collect();
        writeln!(err, "Did you mean {}?", words::or_list(&near))?;
    }
    Ok(Exit::Usage)
}

/// The page.
pub(super) fn show(page: &Page, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Page { rule, programs, source, .. } = page;
    let title = palette.paint(Role::Strong, Escaped(&rule.id));
    writeln!(out, "{title}: {}\n", Escaped(&rule.summary))?;
    for line in width::wrap(&escape(&rule.why.replace('\n', " ")), WIDTH) {
        writeln!(out, "{line}")?;
    }
    heading("Matches", palette, out)?;
    // A rule that names its programs says so among its conditions.
    let own = OWN_RULES.iter().find(|(id, ..)| *id == rule.id).map(|(.., when)| (*when).to_owned());
    let called = own.or_else(|| rule.matches.program.is_empty().then(|| called(programs)));
    for line in called.into_iter().chain(conditions(&rule.matches)) {
        bullet(&line, out)?;
    }
    heading("Effect", palette, out)?;
    for line in effect(&rule.effect) {
        bullet(&line, out)?;
    }
    if let Some(floor) = rule.floor {
        bullet(&format!("at least {floor} ({}), whatever else holds", floor.short()), out)?;
    }
    if let Some(safer) = &rule.safer {
        heading("Safer", palette, out)?;
        bullet(safer, out)?;
    }
    examples(rule, palette, out)?;
    if !rule.references.is_empty() {
        heading("References", palette, out)?;
        for reference in &rule.references {
            writeln!(out, "  {}", Escaped(reference))?;
        }
    }
    writeln!(out, "\n{}", palette.paint(Role::Dim, format!("From {}", escape(source))))
}

fn called(programs: &[String]) -> String {
    if programs.iter().any(|program| program == "*") {
        return "the program is any".to_owned();
    }
    let names: Vec<String> = programs.iter().map(|program| format!("`{program}`")).collect();
    format!("the program is {}", words::or_list(&names))
}

fn heading(text: &str, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n{}", palette.paint(Role::Strong, text))
}

/// A line, wrapped and indented below itself.
fn bullet(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let body = text.trim_start();
    let indent = " ".repeat(2 + text.len() - body.len());
    for (i, line) in width::wrap(&escape(body), WIDTH - indent.len()).iter().enumerate() {
        writeln!(out, "{indent}{}{line}", if i == 0 { "" } else { "  " })?;
    }
    Ok(())
}

fn examples(rule: &Rule, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let lists = [("Such as", &rule.examples.matches), ("But not", &rule.examples.pass)];
    for (title, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        heading(title, palette, out)?;
        for example in list {
            writeln!(out, "  $ {}", Escaped(example))?;
        }
    }
    Ok(())
}

/// The facts that the rule itself settles.
fn effect(effect: &EffectSpec) -> Vec<String> {
    let mut lines = vec![format!("{}: {}", verb(effect.verb), effect.object)];
    lines.push(match effect.scope {
        ScopeSpec::Level(level) => format!("reaches {} (scope {level})", Scope(level).words()),
        ScopeSpec::Paths(source) => format!("reaches as far as {} do", paths(source)),
    });
    lines.extend(effect.reversibility.map(|level| {
        let words = match Reversibility(level).name() {
            "built-in" => "the tool itself can undo it",
            "snapshot" => "a copy or the history can undo it",
            "rebuild" => "it can be made again",
            "backup" => "only a backup brings it back",
            _ => "there is no way back",
        };
        format!("{words} (reversibility {level})")
    }));
    let flags: Vec<&str> = effect.flags.iter().copied().map(describe::flag).collect();
    if !flags.is_empty() {
        lines.push(format!("worse because: {}", flags.join(", ")));
    }
    if !effect.bypass.is_empty() {
        let names: Vec<String> = effect.bypass.iter().map(|name| format!("`{name}`")).collect();
        lines.push(format!("one tier stricter with {}", words::or_list(&names)));
    }
    if effect.local {
        lines.push("always on this machine".to_owned());
    }
    lines
}

const fn verb(verb: Verb) -> &'static str {
    match verb {
        Verb::Read => "reads",
        Verb::Create => "creates",
        Verb::Modify => "changes",
        Verb::Stop => "stops",
        Verb::Delete => "deletes or overwrites",
        Verb::Access => "changes who may do what",
        Verb::Expose => "makes public or sends out",
        Verb::ExecuteUnknown => "runs code that cannot be seen",
    }
}

const fn paths(source: PathSource) -> &'static str {
    match source {
        PathSource::Operands => "the operands",
        PathSource::Rest => "the operands after the first",
        PathSource::Sources => "the operands before the last",
        PathSource::Last => "the last operands",
        PathSource::First => "the first operands",
        PathSource::Redirects => "the targets of the redirections",
        PathSource::Value => "the values of its options",
    }
}
