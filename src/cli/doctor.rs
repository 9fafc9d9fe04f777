//! `guard doctor`: whether guard is really in front.

use std::process::ExitCode;

use clap::Args;

use super::{columns, print, session, stdout_palette};
use crate::app::doctor::{self, Finding};
use crate::exit::Exit;
use crate::text::{Line, Palette, Role, escape};

/// `guard doctor`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  guard doctor
  guard doctor --json

For each agent that is used here, the hook that is registered is called as the
agent calls it: once with `rm -rf /`, which it must stop, and once with `true`,
which it must let pass. Nothing is run. A `note` is a limit of the agent's own
that no hook can lift, and no fault. Whether the agent really calls its hooks,
only the agent can show: docs/agents.md says what to look at.

Exit codes: 0 everything that was looked at is as it should be, 1 something is
not.")]
pub struct DoctorArgs {
    /// As JSON.
    #[arg(long)]
    pub json: bool,
}

/// Runs the subcommand.
pub fn doctor(args: &DoctorArgs) -> ExitCode {
    let session = match session() {
        Ok(session) => session,
        Err(code) => return code,
    };
    let findings = doctor::findings(&session);
    let fine = findings.iter().all(|finding| finding.ok);
    print(|out| {
        if args.json {
            let all = serde_json::json!({"ok": fine, "findings": findings});
            crate::text::json::write_pretty(&mut *out, &all)?;
            writeln!(out)?;
        } else {
            out.write_all(shown(&findings, stdout_palette(), columns()).as_bytes())?;
        }
        Ok(if fine { Exit::Ok } else { Exit::Failed })
    })
}

fn shown(findings: &[Finding], palette: Palette, columns: usize) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        let (mark, role) = match finding {
            Finding { note: true, .. } => ("note", Role::Warn),
            Finding { ok: true, .. } => ("ok", Role::Good),
            _ => ("NOT OK", Role::Danger),
        };
        let line = Line::new()
            .with(role, &format!("{mark:<8}"))
            .with(Role::Strong, &format!("{:<12} ", finding.about))
            .with(Role::Plain, &escape(&finding.what));
        lines.extend(line.wrap(columns, 21));
        for (label, text) in [("why", &finding.why), ("fix", &finding.fix)] {
            if !text.is_empty() {
                let line = Line::new()
                    .with(Role::Dim, &format!("{:21}{label:<5}", ""))
                    .with(Role::Plain, &escape(text));
                lines.extend(line.wrap(columns, 26));
            }
        }
    }
    lines.iter().map(|line| line.render(palette, columns) + "\n").collect()
}
