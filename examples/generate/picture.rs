//! Draws the picture of the README: guard stopping a real command.
//!
//! The picture is made from the very text that guard shows, so it cannot lie;
//! a test compares it with the committed file.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use anstyle_svg::{Term, WIN10_CONSOLE};
use guard::app::judge::{Input, judge};
use guard::approve::elsewhere::{Waiting, waiting};
use guard::approve::{Scene, Surroundings, render};
use guard::decide::{Policy, World};
use guard::model::{Actor, ActorKind, Context};
use guard::rules::RuleSet;
use guard::second::{Request, handle};
use guard::text::{Palette, Role};

/// The picture, below the root of the checkout.
const FILE: &str = "assets/stopped.svg";
/// The command that is stopped.
const COMMAND: &str = "kubectl delete ns prod";
/// The request of the specification: names and times in the picture.
const EXAMPLE: &[u8] = include_bytes!("../../tests/fixtures/approval/request.json");
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
        target: None,
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
    let input = Input::Argv(argv);
    let (verdict, command) = (judge(&input, world), input.text());
    let scene =
        Scene { command: &command, verdict: &verdict, actor: &actor, here: &here, before: None };
    let screen = render(&scene, palette, COLUMNS);
    let request = Request::read(EXAMPLE).map_err(|error| error.to_string())?;
    let request = Request {
        policy: guard::second::request::Policy {
            tier: verdict.tier.name().to_owned(),
            ..request.policy
        },
        ..request
    };
    let people = ["ben@example.org".to_owned(), "dana@example.org".to_owned()];
    let block = waiting(
        Waiting {
            request: &request,
            handle: &handle(EXAMPLE),
            people: &people,
            actor: &actor,
            joined: false,
            advise: None,
            unbound: &[],
            safer: verdict.worst().and_then(|finding| finding.effect.safer.as_deref()),
        },
        palette,
        COLUMNS,
    );
    let prompt = palette.paint(Role::Good, "ana@laptop:~/shop$");
    Ok(format!("{prompt} guard -- {COMMAND}\n{screen}{block}"))
}
