//! `guard rules list`.

use std::io::{self, Write};

use serde::Serialize;

use crate::exit::Exit;
use crate::model::{Flag, Tier, Verb};
use crate::rules::{compile::Page, schema::ScopeSpec};
use crate::text::{Escaped, Palette, Role, nearest, width, words};

/// A rule as JSON.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    tool: &'a str,
    programs: &'a [String],
    summary: &'a str,
    verb: Verb,
    object: &'a str,
    scope: ScopeSpec,
    reversibility: Option<u8>,
    flags: &'a [Flag],
    floor: Option<Tier>,
    safer: Option<&'a str>,
    source: &'a str,
}

/// Prints the rules of a tool or program, or all.
pub(super) fn run(
    pages: &[Page],
    tool: Option<&str>,
    json: bool,
    palette: Palette,
    out: &mut dyn Write,
    err: &mut dyn Write,
) -> io::Result<Exit> {
    let pages: Vec<&Page> = match tool {
        None => pages.iter().collect(),
        Some(tool) => {
            let found: Vec<&Page> = pages.iter().filter(|page| is_for(page, tool)).collect();
            if found.is_empty() {
                return none(pages, tool, err);
            }
            found
        }
    };
    if json {
        let entries: Vec<Entry<'_>> = pages.iter().map(|page| entry(page)).collect();
        crate::text::json::write_pretty(&mut *out, &entries)?;
        writeln!(out)?;
        return Ok(Exit::Ok);
    }
    let widest = pages.iter().map(|page| page.rule.id.len()).max().unwrap_or(0);
    for page in &pages {
        let id = width::pad(&page.rule.id, widest);
        let summary = Escaped(&page.rule.summary);
        writeln!(out, "{}  {summary}", palette.paint(Role::Strong, id))?;
    }
    let tools = pages.chunk_by(|a, b| a.tool == b.tool).count();
    let count = [words::count(pages.len() as u64, "rule"), words::count(tools as u64, "tool")];
    writeln!(out, "\n{}. `guard rules show ID` has the page of one.", count.join(" for "))?;
    Ok(Exit::Ok)
}

fn is_for(page: &Page, tool: &str) -> bool {
    page.tool == tool || page.programs.iter().any(|program| program == tool)
}

/// There are no rules for a tool: not an error, but worth a sentence.
fn none(pages: &[Page], tool: &str, err: &mut dyn Write) -> io::Result<Exit> {
    write!(err, "There are no rules for `{}`.", Escaped(tool))?;
    let names = pages.iter().flat_map(|page| &page.programs).map(String::as_str);
    let mut near = nearest(tool, names, 12);
    near.dedup();
    if let Some(first) = near.first() {
        write!(err, " Did you mean `{}`?", Escaped(first))?;
    }
    writeln!(err)?;
    Ok(Exit::Usage)
}

fn entry(page: &Page) -> Entry<'_> {
    let rule = &page.rule;
    Entry {
        id: &rule.id,
        tool: &page.tool,
        programs: &page.programs,
        summary: &rule.summary,
        verb: rule.effect.verb,
        object: &rule.effect.object,
        scope: rule.effect.scope,
        reversibility: rule.effect.reversibility,
        flags: &rule.effect.flags,
        floor: rule.floor,
        safer: rule.safer.as_deref(),
        source: &page.source,
    }
}
