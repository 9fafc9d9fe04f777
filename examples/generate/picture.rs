//! Draws the picture of the README: guard stopping a real command.
//!
//! The picture is made from the very text that guard shows, so it cannot lie;
//! a test compares it with the committed file.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anstyle_svg::{Term, WIN10_CONSOLE};
use guard::app::judge::{Input, judge};
use guard::approve::{Scene, Surroundings, refused, render};
use guard::decide::{Decision, Policy, Subject, World};
use guard::model::{Actor, ActorKind, Context};
use guard::rules::RuleSet;
use guard::text::{Palette, Role};

/// The picture, below the root of the checkout.
const FILE: &str = "assets/stopped.svg";
/// The command that is stopped.
const COMMAND: &str = "kubectl delete ns prod";
/// Columns: as wide as a README shows without shrinking it.
const COLUMNS: usize = 88;

/// Writes the picture, or with `check` compares it.
pub(crate) fn generate(check: bool) -> Result<(), String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let wanted = draw(&stopped()?);
    if check {
        let found = fs::read_to_string(&path).unwrap_or_default();
        return match found == wanted {
            true => Ok(()),
            false => Err(format!(
                "{FILE} is not what guard shows: run `cargo run --example generate -- picture`"
            )),
        };
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    fs::write(&path, wanted).map_err(|error| format!("{FILE}: {error}"))
}

/// Any text with escape sequences, as a terminal shows it.
pub(crate) fn draw(ansi: &str) -> String {
    let svg = Term::new().palette(WIN10_CONSOLE).render_svg(ansi);
    // For readers that do not see pictures.
    let label = format!("guard stops {COMMAND} and says what it would hit and what to do next");
    let svg = svg.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1);
    svg.trim_end().to_owned() + "\n"
}

/// What a terminal shows when a person runs `guard -- kubectl delete ns prod`.
pub(crate) fn stopped() -> Result<String, String> {
    let palette = Palette::ON;
    let actor = Actor {
        kind: ActorKind::Human,
        name: None,
        evidence: "a terminal and no sign of an agent".into(),
    };
    let here = Surroundings {
        host: Some("laptop".into()),
        cwd: Some("/home/ana/shop".into()),
        user: Some("ana".into()),
    };
    let argv: Vec<OsString> = COMMAND.split(' ').map(Into::into).collect();
    let (rules, policy, ctx) = (RuleSet::default(), Policy::default(), Context::neutral());
    let world = World {
        rules: &rules,
        policy: &policy,
        ctx: &ctx,
        actor: &actor,
        files: &guard::command::NoFiles,
    };
    let input = Input::Argv(argv.clone());
    let (verdict, command) = (judge(&input, world), input.text());
    let scene =
        Scene { command: &command, verdict: &verdict, actor: &actor, here: &here, before: None };
    let screen = render(&scene, palette, COLUMNS);
    let subject = Subject { argv, shell_text: None };
    let Decision::Refuse(refusal) = Decision::new(verdict.clone(), subject, &actor) else {
        return Err(format!("{COMMAND} is no longer refused"));
    };
    let block = refused(&refusal, &actor, &command, palette, COLUMNS);
    let prompt = palette.paint(Role::Good, "ana@laptop:~/shop$");
    Ok(format!("{prompt} guard -- {COMMAND}\n{screen}{block}{prompt} "))
}
