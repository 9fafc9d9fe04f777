//! Plays the cases of `tests/incidents`: public incidents, each in the context
//! that it happened in, with the real tools where this machine has them. Every
//! guarded step has to end at its tier, with the fact on the screen that
//! decided it, and what would have been destroyed has to be there afterwards.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use crate::aws_real::Account;
use crate::databases_real::{Server, postgres};
use crate::harness::{Output, Place, output, root};
use crate::incidents::{Cluster, find};

/// The incidents of the field that guard is measured by.
const INCIDENTS: std::ops::RangeInclusive<u32> = 1..=24;

/// One case, as it stands in the block of its page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    world: Kind,
    /// Variables of all steps.
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Programs that only leave a mark, and must not have run at the end.
    #[serde(default, rename = "stand-ins")]
    stand_ins: Vec<String>,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Files,
    Git,
    Kubernetes,
    Aws,
    Terraform,
    Postgres,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    /// Shell text that happens without guard.
    setup: Option<String>,
    /// Shell text that guard is given, with nobody there to ask.
    guard: Option<String>,
    /// How guard ends.
    code: Option<i32>,
    /// The tier on the screen.
    tier: Option<String>,
    /// What the screen says, without its line breaks.
    #[serde(default)]
    shows: Vec<String>,
    /// What did not fit on the screen and is in the record.
    #[serde(default)]
    records: Vec<String>,
    /// Shell text without guard, and what it prints: the proof that nothing
    /// has happened.
    unharmed: Option<String>,
    prints: Option<String>,
}

/// Where a case happens.
enum World {
    Place(Place),
    Cluster(Cluster),
    Account(Account),
    Server(Server),
}

impl World {
    /// `None` when a program for it is not here, which is said; in CI it fails.
    fn new(kind: Kind) -> Option<Self> {
        let has = |program: &str| {
            let found = find(program).is_some();
            assert!(found || std::env::var("CI").as_deref() != Ok("true"), "{program} is missing");
            if !found {
                eprintln!("SKIPPED: {program} is not on this machine");
            }
            found
        };
        match kind {
            Kind::Files => Some(Self::Place(Place::new())),
            Kind::Git => has("git").then(|| {
                let place = Place::new();
                std::fs::remove_dir(place.path("project/.git")).unwrap();
                place.write_home(".gitconfig", "[user]\nname = ana\nemail = ana@example.org\n");
                Self::Place(place)
            }),
            Kind::Terraform => has("terraform").then(|| Self::Place(Place::new())),
            Kind::Kubernetes => Cluster::start(&[]).map(Self::Cluster),
            Kind::Aws => Account::start().map(Self::Account),
            Kind::Postgres => postgres().map(Self::Server),
        }
    }

    const fn place(&self) -> &Place {
        match self {
            Self::Place(place) => place,
            Self::Cluster(cluster) => &cluster.place,
            Self::Account(account) => &account.place,
            Self::Server(server) => &server.place,
        }
    }

    fn run(&self, case: &Case, mut command: Command, guarded: bool) -> Output {
        let place = self.place();
        let mut path = std::env::var("PATH").unwrap_or_default();
        if guarded {
            path = format!("{}:{path}", place.path("bin").display());
        }
        if let Self::Account(account) = self {
            // It sets a PATH of its own; there are no stand-ins beside moto.
            command.envs(&case.env);
            return account.at_home(&mut command);
        }
        command.stdin(Stdio::null()).env("PATH", path);
        command.env("CHECKPOINT_DISABLE", "1").env("TF_CLI_CONFIG_FILE", "/dev/null");
        match self {
            Self::Cluster(cluster) => {
                command.env("KUBECONFIG", cluster.place.path("home/kc"));
            }
            Self::Server(server) => {
                command.env("SERVER", server.dir.path());
            }
            Self::Place(_) | Self::Account(_) => {}
        }
        output(command.envs(&case.env))
    }

    fn shell(&self, case: &Case, text: &str) -> Output {
        let mut command = self.place().command("bash");
        command.args(["-ec", text]);
        self.run(case, command, false)
    }

    fn log(&self) -> String {
        let logs = self.place().logs();
        logs.iter().map(|log| std::fs::read_to_string(log).unwrap()).collect()
    }

    fn guard(&self, case: &Case, step: &Step, text: &str) {
        let server = match self {
            Self::Server(server) => server.dir.path().display().to_string(),
            _ => String::new(),
        };
        let text = text.replace("{server}", &server);
        let ask = |columns: Option<&str>| {
            let before = self.log().len();
            let mut guard = self.place().guard(["run", "-c", &text]);
            guard.envs(columns.map(|columns| ("COLUMNS", columns)));
            (before, self.run(case, guard, true))
        };
        let flat = |ran: &Output| ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let (mut before, mut ran) = ask(None);
        let mut screen = flat(&ran);
        let until = Instant::now() + Duration::from_secs(120);
        // A busy machine may need longer than guard waits for a client. Asking
        // again says on the screen that it was refused before, in front of what
        // was there the first time, so that screen counts too, and the next ones
        // are wide enough for both.
        let late = ["timed out after 3 s", "no probe answered"];
        // The client of AWS is the slowest, and who acts is left out without a word
        // when it is late: what is missing then is asked for again.
        let missing = |screen: &str, before: usize| {
            let log = self.log();
            matches!(self, Self::Account(_))
                && !(step.shows.iter().all(|wanted| screen.contains(wanted))
                    && step.records.iter().all(|wanted| log[before..].contains(wanted)))
        };
        while (late.iter().any(|late| ran.stderr.contains(late)) || missing(&screen, before))
            && Instant::now() < until
        {
            std::thread::sleep(Duration::from_secs(1));
            (before, ran) = ask(Some("400"));
            screen += " ";
            screen += &flat(&ran);
        }
        for wanted in &step.shows {
            assert!(screen.contains(wanted), "{text}\n{wanted:?} is missing:\n{}", ran.stderr);
        }
        let log = self.log();
        for wanted in &step.records {
            let record = &log[before..];
            assert!(record.contains(wanted), "{text}\n{wanted:?} is not in the record:\n{record}");
        }
        if let Some(tier) = &step.tier {
            let shown = ran.stderr.lines().filter(|line| line.contains(tier.as_str())).count();
            assert!(shown > 0, "{text}\nnot {tier}:\n{}", ran.stderr);
        }
        let code = ran.code.unwrap();
        match step.code {
            Some(wanted) => assert_eq!(code, wanted, "{text}\n{}", ran.stderr),
            None => assert!(matches!(code, 75 | 77), "{text}\n{code}: {}", ran.stderr),
        }
    }
}

/// Plays one page.
fn play(page: &str) {
    let path = root().join("tests/incidents").join(page);
    let text = std::fs::read_to_string(&path).unwrap();
    let block = text.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let case: Case =
        guard::rules::yaml::parse(page, block).unwrap_or_else(|error| panic!("{page}: {error:?}"));
    let Some(world) = World::new(case.world) else { return };
    for name in &case.stand_ins {
        world.place().marking(name);
    }
    assert!(case.steps.iter().any(|step| step.tier.is_some()), "{page} expects nothing");
    for step in &case.steps {
        if let Some(text) = &step.setup {
            let ran = world.shell(&case, text);
            assert_eq!(ran.code, Some(0), "{page}: {text}\n{}{}", ran.stdout, ran.stderr);
        }
        if let Some(text) = &step.guard {
            world.guard(&case, step, text);
        }
        if let Some(text) = &step.unharmed {
            let ran = world.shell(&case, text);
            let prints = step.prints.as_deref().unwrap_or_default().trim();
            assert_eq!(ran.stdout.trim(), prints, "{page}: {text}\n{}", ran.stderr);
        }
    }
    for name in &case.stand_ins {
        assert!(!world.place().ran(name), "{page}: {name} has run");
    }
    if let World::Cluster(cluster) = &world {
        cluster.asked_only();
    }
}

macro_rules! cases {
    ($($name:ident: $page:literal,)*) => {
        $(#[test] fn $name() { play($page); })*

        #[test]
        fn every_incident_has_a_page_and_every_page_is_played() {
            let played: BTreeSet<String> = [$($page),*].map(str::to_owned).into();
            let pages = std::fs::read_dir(root().join("tests/incidents")).unwrap();
            let names = pages.map(|page| page.unwrap().file_name().into_string().unwrap());
            let pages: BTreeSet<String> = names.filter(|name| name != "README.md").collect();
            assert_eq!(pages, played);
            let ids: BTreeSet<u32> =
                pages.iter().map(|page| page[1..3].parse().unwrap()).collect();
            assert_eq!(ids, INCIDENTS.collect());
            let index = std::fs::read_to_string(root().join("tests/incidents/README.md")).unwrap();
            for page in &pages {
                assert!(index.contains(&format!("({page})")), "{page} is not in the index");
                let text = std::fs::read_to_string(root().join("tests/incidents").join(page));
                let text = text.unwrap();
                for part in ["## What happened", "## What guard shows", "Source"] {
                    assert!(text.contains(part), "{page} lacks {part:?}");
                }
            }
        }
    };
}

cases! {
    i01_the_environment_of_cost_explorer: "i01-cost-explorer.md",
    i02_the_wiper_prompt: "i02-wiper-prompt.md",
    i03_a_volume_by_an_opaque_id: "i03-volume-mutation.md",
    i04_the_missing_and_the_swapped_state: "i04-swapped-state.md",
    i05_a_schema_push_during_a_freeze: "i05-schema-push-in-a-freeze.md",
    i06_a_forced_schema_push: "i06-forced-schema-push.md",
    i07_a_move_into_a_folder_that_was_not_made: "i07-failed-mkdir.md",
    i08_repositories_and_their_backups: "i08-repositories-and-backups.md",
    i09_a_delete_from_the_root: "i09-delete-from-the-root.md",
    i10_an_entry_named_like_the_home: "i10-entry-named-home.md",
    i11_the_home_inside_a_test_script: "i11-home-in-a-script.md",
    i12_a_hard_reset: "i12-hard-reset.md",
    i13_a_checkout_of_a_folder: "i13-checkout-of-a-folder.md",
    i14_a_reset_after_a_rejected_push: "i14-reset-after-rejected-push.md",
    i15_too_many_servers: "i15-too-many-servers.md",
    i16_the_live_data_directory: "i16-live-data-directory.md",
    i17_sites_in_place_of_apps: "i17-sites-by-id.md",
    i18_a_cloud_with_an_end: "i18-cloud-with-an-end.md",
    i19_the_empty_selector: "i19-empty-selector.md",
    i20_the_emptied_set: "i20-emptied-set.md",
    i21_a_guard_that_is_broken: "i21-broken-guard.md",
    i22_tests_on_production: "i22-tests-on-production.md",
    i23_the_ingress_namespace: "i23-ingress-namespace.md",
    i24_the_home_with_the_record: "i24-home-with-the-record.md",
}
