//! What the real terraform would do: plans of its own builtin provider, which
//! needs no network, and the state that is there afterwards.

use std::process::Stdio;

use crate::harness::{Output, Place, output};
use crate::incidents::find;
use crate::second::desk::{Desk, handle};

pub const MAIN: &str = r#"
terraform {
  backend "local" { path = "terraform.tfstate" }
}
variable "n" { default = 12 }
resource "terraform_data" "web" {
  count = var.n
  input = "web-${count.index}"
}
resource "terraform_data" "database" { input = "shop" }
"#;

/// Puts terraform where guard finds it, with what keeps it off the network, and
/// with shell text that runs before it. `None` where there is no terraform.
pub fn client(place: &Place, before: &str) -> Option<()> {
    let Some(program) = find("terraform") else {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "terraform is missing");
        eprintln!("SKIPPED: terraform is not on this machine");
        return None;
    };
    let settings = "export CHECKPOINT_DISABLE=1 TF_CLI_CONFIG_FILE=/dev/null";
    let script = format!("{settings}\n{before}\nexec '{}' \"$@\"", program.display());
    place.client("terraform", &script);
    Some(())
}

/// The real terraform, and 13 resources of it. `false` where there is none.
pub fn made(place: &Place) -> bool {
    if client(place, "").is_none() {
        return false;
    }
    place.write("main.tf", MAIN);
    terraform(place, &["init"]);
    terraform(place, &["apply", "-auto-approve"]);
    true
}

pub fn terraform(place: &Place, words: &[&str]) -> String {
    let mut command = place.command(place.path("bin/terraform"));
    let ran = output(command.args(words).stdin(Stdio::null()));
    assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
    ran.stdout
}

pub fn resources(place: &Place) -> usize {
    terraform(place, &["state", "list"]).lines().count()
}

pub fn shows(ran: &Output, texts: &[&str]) {
    let screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in texts {
        assert!(screen.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
}

#[test]
fn a_plan_is_shown_by_what_it_deletes_makes_again_and_makes() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    terraform(&place, &["plan", "-replace=terraform_data.database", "-out=again"]);
    let ran = place.run(["--", "terraform", "apply", "again"]);
    shows(&ran, &["T4 second human", "0 to delete, 1 to replace, 0 new"]);
    terraform(&place, &["plan", "-var", "n=8", "-out=fewer"]);
    let ran = place.run(["--", "terraform", "apply", "fewer"]);
    shows(&ran, &["4 to delete, 0 to replace", "4 terraform_data"]);
    assert!(!ran.stderr.contains(" left"), "{}", ran.stderr);
    terraform(&place, &["plan", "-var", "n=1", "-out=one"]);
    let ran = place.run(["--", "terraform", "apply", "one"]);
    shows(&ran, &["T4 second human", "1 of 12 terraform_data.web left", "11 to delete"]);
    terraform(&place, &["plan", "-var", "n=14", "-out=more"]);
    let ran = place.run(["--", "terraform", "apply", "more"]);
    shows(&ran, &["0 to delete, 0 to replace, 2 new"]);
    let ran = place.run(["--", "terraform", "destroy"]);
    shows(&ran, &["T4 second human", "13 resources: 13 terraform_data, state serial"]);
    // What is no plan at all is the worst case.
    place.write("broken", "no plan");
    let ran = place.run(["--", "terraform", "apply", "broken"]);
    shows(&ran, &["count unknown (terraform: "]);
    assert_eq!(resources(&place), 13);
    assert_eq!(std::fs::read_dir(place.path("project")).unwrap().count(), 9, "a lock is left");
}

#[test]
fn a_state_that_is_missing_or_another_one_is_told() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    let at = |name: &str| place.path("project").join(name);
    std::fs::rename(at("terraform.tfstate"), at("kept")).unwrap();
    terraform(&place, &["plan", "-out=all"]);
    let ran = place.run(["--", "terraform", "apply", "all"]);
    shows(&ran, &["13 new, no state before"]);
    let ran = place.run(["--", "terraform", "apply"]);
    shows(&ran, &["T3 challenge", "the state is missing, and its backend was used before"]);
    // The one that is made now has another lineage; terraform keeps the old one.
    terraform(&place, &["apply", "all"]);
    std::fs::rename(at("kept"), at("terraform.tfstate.backup")).unwrap();
    let ran = place.run(["--", "terraform", "destroy"]);
    shows(&ran, &["T4 second human", "the state was replaced: lineage "]);
    assert_eq!(resources(&place), 13);
}

#[test]
fn the_plan_that_was_approved_is_the_one_that_runs() {
    let desk = Desk::new();
    if !made(&desk.place) {
        return;
    }
    desk.policy("raise:\n  - when: {rules: ['terraform.*']}\n    to: second-human\n    why: x\n");
    terraform(&desk.place, &["plan", "-var", "n=11", "-out=plan"]);
    let words = ["terraform", "apply", "plan"];
    let asked = desk.asked(&words);
    let yes = |asked: &str| desk.accept(&desk.yes(asked)).code;
    assert_eq!(yes(&asked), Some(0));
    // Under the same name a plan that takes everything.
    terraform(&desk.place, &["plan", "-destroy", "-out=plan"]);
    let ran = desk.asks(&words);
    shows(&ran, &["plan: its content has changed"]);
    assert_eq!(resources(&desk.place), 13);
    // The new request is about the new plan, and can be answered by itself.
    shows(&ran, &["13 to delete"]);
    terraform(&desk.place, &["plan", "-var", "n=11", "-out=plan"]);
    let ran = desk.asks(&words);
    assert_eq!(yes(&handle(&ran.stderr)), Some(0));
    let ran = desk.asks(&words);
    assert_eq!((ran.code, resources(&desk.place)), (Some(0), 12), "{}", ran.stderr);
}
