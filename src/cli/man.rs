//! `guard man`: manual pages, generated from the command line's definition.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_mangen::Man;

use super::args::Cli;
use super::{print, usage_error};
use crate::exit::Exit;
use crate::text::{escape, tell};

/// Sections that clap knows nothing of, for guard(1).
const LIMITS: &str = include_str!("../../man/sections.roff");

/// Every page: its file name and its roff text.
#[must_use]
pub fn pages() -> Vec<(String, Vec<u8>)> {
    let mut root = Cli::command();
    root.build();
    let mut out = Vec::new();
    add(&root, "guard".to_owned(), &mut out);
    out
}

fn add(command: &clap::Command, name: String, out: &mut Vec<(String, Vec<u8>)>) {
    let mut page = Vec::new();
    let named = command.clone().name(name.clone()).display_name(name.clone());
    // Writing to memory does not fail.
    let _ = Man::new(named).render(&mut page);
    if name == "guard" {
        page.extend_from_slice(LIMITS.as_bytes());
    }
    out.push((format!("{name}.1"), page));
    for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
        add(sub, format!("{name}-{}", sub.get_name()), out);
    }
}

/// Runs the subcommand.
pub fn man(page: Option<&str>, dir: Option<&Path>) -> ExitCode {
    if let Some(dir) = dir {
        return match write_all(dir) {
            Ok(()) => Exit::Ok.into(),
            Err(error) => {
                tell(&format!("guard: {error:#}.\n"));
                Exit::NotRecorded.into()
            }
        };
    }
    let file = page.map_or_else(|| "guard.1".to_owned(), |page| format!("guard-{page}.1"));
    match pages().into_iter().find(|(name, _)| *name == file) {
        Some((_, text)) => print(|out| out.write_all(&text).map(|()| Exit::Ok)),
        None => {
            let names: Vec<String> = pages().into_iter().map(|(name, _)| name).collect();
            usage_error(&format!(
                "there is no page for {}. The pages are: {}.",
                escape(page.unwrap_or_default()),
                names.join(", ")
            ))
        }
    }
}

fn write_all(dir: &Path) -> anyhow::Result<()> {
    let shown = |path: &Path| escape(&path.to_string_lossy());
    std::fs::create_dir_all(dir)
        .with_context(|| format!("the folder {} could not be made", shown(dir)))?;
    for (name, text) in pages() {
        let path = dir.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("{} could not be written", shown(&path)))?;
    }
    Ok(())
}
