//! `guard policy`: what is asked for on top of the table, and by whom.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use super::args::{PolicyArgs, PolicyCommand};
use super::{print, session};
use crate::config::{self, paths};
use crate::decide::Policy;
use crate::exit::Exit;
use crate::text::{Palette, Role, escape, tell};

/// Runs the subcommand.
pub fn policy(args: &PolicyArgs) -> ExitCode {
    match &args.command {
        PolicyCommand::Show { json, .. } => show(*json),
        PolicyCommand::Check { files } => check(files),
    }
}

fn show(json: bool) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    print(|out| {
        if json {
            crate::text::json::write_pretty(&mut *out, &as_json(&session.policy))?;
            writeln!(out)?;
        } else {
            table(&session.policy, &session.paths, super::stdout_palette(), out)?;
        }
        Ok(Exit::Ok)
    })
}

fn as_json(policy: &Policy) -> serde_json::Value {
    let line = |(source, line): &(String, _)| serde_json::json!({"source": source, "line": line});
    let freeze = |(source, line): &(String, _)| serde_json::json!({"source": source, "line": line});
    serde_json::json!({
        "raise": policy.raise.iter().map(line).collect::<Vec<_>>(),
        "freeze": policy.freeze.iter().map(freeze).collect::<Vec<_>>(),
        "environments": rest(&policy.environments),
        "identities": rest(&policy.identities),
        "budgets": rest(&policy.budgets),
        "second-human": rest(&policy.second_human),
        "log": rest(&policy.log.lines()),
        "others": rest(&policy.others),
        "files": policy.texts.iter().map(|(name, _)| name).collect::<Vec<_>>(),
    })
}

fn rest<T: serde::Serialize>(lines: &[(String, T)]) -> Vec<serde_json::Value> {
    lines.iter().map(|(source, line)| serde_json::json!({"source": source, "line": line})).collect()
}

fn table(
    policy: &Policy,
    paths: &paths::Paths,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    if policy.texts.is_empty() {
        writeln!(out, "No policy is in force; the built-in table of tiers decides alone.")?;
        writeln!(out, "Policy is read from these files, and each can only make guard stricter:")?;
        for dir in &paths.config {
            writeln!(out, "  {}", escape(&dir.join(paths::POLICY_FILE).to_string_lossy()))?;
        }
        return writeln!(out, "  {} in the project's root", paths::PROJECT_POLICY);
    }
    for (source, line) in &policy.freeze {
        let until = line.until.as_deref().map(|t| format!(" until {t}")).unwrap_or_default();
        let word = palette.paint(Role::Danger, "frozen");
        writeln!(out, "{word}{until}: {} [{source}]", escape(&line.why))?;
    }
    for (source, line) in &policy.raise {
        let tier = palette.paint(Role::Strong, line.to.name());
        let when = serde_json::to_string(&line.when).unwrap_or_default();
        writeln!(out, "{tier}: {} {} [{source}]", escape(&line.why), escape(&when))?;
    }
    for (source, line) in &policy.environments {
        let is = serde_json::to_string(&line.is).unwrap_or_default();
        let names: Vec<String> = line.names.iter().map(|name| escape(name)).collect();
        let word = palette.paint(Role::Strong, is.trim_matches('"'));
        writeln!(out, "{word}: {} [{source}]", names.join(", "))?;
    }
    for (source, line) in &policy.identities {
        let names: Vec<String> = line.expect.iter().map(|name| escape(name)).collect();
        let when = serde_json::to_string(&line.when).unwrap_or_default();
        let (names, why) = (names.join(", "), escape(&line.why));
        writeln!(out, "acts as {names}: {why} {} [{source}]", escape(&when))?;
    }
    for (source, line) in &policy.budgets {
        let tier = palette.paint(Role::Strong, line.to.name());
        let acts = serde_json::to_string(&line.acts).unwrap_or_default();
        let what = format!("beyond {} objects in an hour {}", line.most, escape(&acts));
        writeln!(out, "{tier} {what}: {} [{source}]", escape(&line.why))?;
    }
    for (source, line) in &policy.second_human {
        let terms = serde_json::to_string(line).unwrap_or_default();
        writeln!(out, "second human: {} [{source}]", escape(&terms))?;
    }
    logging(policy, out)?;
    others(policy, out)
}

/// `log:` as the files say it, a line for each setting.
fn logging(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    for (source, line) in policy.log.lines() {
        let terms = serde_json::to_string(&line).unwrap_or_default();
        writeln!(out, "log: {} [{source}]", escape(&terms))?;
    }
    Ok(())
}

/// What no line of a table says in words: that it is there, and where.
fn others(policy: &Policy, out: &mut dyn Write) -> io::Result<()> {
    for (source, what) in &policy.others {
        writeln!(out, "{} [{source}]", escape(what))?;
    }
    if let Some((source, _)) = &policy.break_glass {
        writeln!(out, "break-glass is allowed [{source}]")?;
    }
    Ok(())
}

fn check(files: &[PathBuf]) -> ExitCode {
    if files.is_empty() {
        return match session() {
            Ok(_) => print(|out| {
                writeln!(out, "The policy in force has no mistakes.").map(|()| Exit::Ok)
            }),
            Err(code) => code,
        };
    }
    let mut exit = Exit::Ok;
    for file in files {
        match config::policy::check(file) {
            Ok(lines) => {
                let name = escape(&file.to_string_lossy());
                let said = print(|out| {
                    writeln!(out, "{name}: {lines} lines, no mistakes").map(|()| Exit::Ok)
                });
                if said != Exit::Ok.into() {
                    return said;
                }
            }
            Err(error) => {
                tell(&format!("guard: {error}\n"));
                exit = Exit::Config;
            }
        }
    }
    exit.into()
}
