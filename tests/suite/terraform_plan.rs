//! What a plan of the real terraform says that was made only to be asked about:
//! the command's own words, nothing written, and the worst where there is none.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::harness::{Output, Place, output};
use crate::probes::picture;
use crate::prompt_pty::{ended, pty};
use crate::second::desk::{Desk, people};
use crate::terraform_real::{MAIN, client, made, resources, shows, terraform};

/// Runs guard without a terminal; it never gets as far as the command.
fn asked(place: &Place, words: &str) -> Output {
    let before = project(place);
    let ran = place.run(["--"].into_iter().chain(words.split(' ')));
    assert_ne!(ran.code, Some(0), "{}", ran.stderr);
    assert!(project(place) == before, "{words} has changed the folder");
    ran
}

fn project(place: &Place) -> BTreeMap<PathBuf, (std::time::SystemTime, Vec<u8>)> {
    picture(&place.path("project"))
}

/// Three resources in a workspace beside thirteen in the first one.
fn workspace(place: &Place) {
    terraform(place, &["workspace", "new", "side"]);
    terraform(place, &["apply", "-auto-approve", "-var", "n=2"]);
}

#[test]
fn a_destroy_elsewhere_than_in_the_folder_itself_is_counted() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    let ran = asked(&place, "terraform destroy -target=terraform_data.database");
    shows(&ran, &["T4 second human", "1 to delete, 0 to replace, 0 new: 1 terraform_data"]);
    workspace(&place);
    let ran = asked(&place, "terraform destroy");
    shows(&ran, &["T4 second human", "3 to delete, 0 to replace, 0 new: 3 terraform_data"]);
    shows(&asked(&place, "terraform apply -destroy"), &["T4 second human", "3 to delete"]);
    let ran = asked(&place, "env TF_WORKSPACE=default terraform destroy");
    shows(&ran, &["13 to delete"]);
    // terraform would make it by asking for it.
    let ran = asked(&place, "env TF_WORKSPACE=nope terraform destroy");
    shows(&ran, &["count unknown (there is no workspace nope"]);
    place.write("other/main.tf", MAIN.replace("terraform.tf", "deep/x.tf"));
    terraform(&place, &["-chdir=other", "init"]);
    terraform(&place, &["-chdir=other", "apply", "-auto-approve", "-var", "n=4"]);
    shows(&asked(&place, "terraform -chdir=other destroy -auto-approve"), &["5 to delete"]);
    assert_eq!(resources(&place), 3);
}

#[test]
fn an_apply_without_a_plan_file_is_asked_about_by_the_plan_that_it_would_make() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    // What only adds is asked about as without a look.
    let ran = asked(&place, "terraform apply -var n=14");
    shows(&ran, &["T2 confirm", "0 to delete, 0 to replace, 2 new"]);
    assert_eq!(place.verdicts(&["terraform apply -var n=14"])[0]["tier"], "confirm");
    let ran = asked(&place, "terraform apply -replace=terraform_data.database");
    shows(&ran, &["T4 second human", "0 to delete, 1 to replace, 0 new: 1 terraform_data"]);
    shows(&asked(&place, "terraform apply -var n=8"), &["4 to delete"]);
    shows(&asked(&place, "env TF_VAR_n=8 terraform apply"), &["4 to delete"]);
    shows(&asked(&place, "terraform apply --var=n=1"), &["1 of 12 terraform_data.web left"]);
    place.write("prod.tfvars", "n = 6");
    let ran = asked(&place, "terraform apply -auto-approve -var n=20 -var-file prod.tfvars");
    shows(&ran, &["6 to delete"]);
    assert_eq!(resources(&place), 13);
}

#[test]
fn where_no_plan_can_be_made_it_is_the_worst_case() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    let unknown = |words: &str, why: &str| {
        let ran = asked(&place, words);
        shows(&ran, &[&format!("count unknown ({why}"), "treated as more than 100"]);
    };
    place.write("broken.tf", "resource \"x");
    unknown("terraform apply", "no plan: Missing name for resource");
    unknown("terraform destroy -target=terraform_data.database", "no plan: ");
    std::fs::remove_file(place.path("project/broken.tf")).unwrap();
    unknown("env FOO=1 terraform apply", "FOO is not passed on to a probe");
    unknown("terraform apply -new-option=1", "-new-option is not known to the probe");
    let ran = place.run(["run", "-c", "terraform apply -target=\"$AN_ADDRESS\""]);
    shows(&ran, &["count unknown (not all of its words are known)"]);
    let mut more = place.guard(["--", "terraform", "apply"]);
    let ran = output(more.env("TF_CLI_ARGS_apply", "-destroy"));
    shows(&ran, &["count unknown (TF_CLI_ARGS_apply has more words for it)"]);
    // A log of terraform's own is not written by a probe.
    let mut log = place.guard(["--", "terraform", "apply", "-var", "n=8"]);
    log.env("TF_LOG", "trace").env("TF_LOG_PATH", "tf.log").env("TF_CLI_ARGS", "-input=false");
    shows(&output(&mut log), &["4 to delete"]);
    assert!(!place.path("project/tf.log").exists());
    // Not a failed probe, but none: nothing is initialised for it.
    place.write("fresh/main.tf", MAIN);
    shows(&asked(&place, "terraform -chdir=fresh apply"), &["hits not checked"]);
}

#[test]
fn a_plan_that_takes_too_long_is_given_up_in_time_and_said() {
    let place = Place::new();
    let Some(()) = client(&place, "[ -z \"$GUARD_PROBE\" ] || sleep 20") else { return };
    place.write("main.tf", MAIN);
    terraform(&place, &["init"]);
    terraform(&place, &["apply", "-auto-approve"]);
    let begun = Instant::now();
    let ran = asked(&place, "terraform apply");
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    shows(&ran, &["count unknown (plan not made within 3 s: make a file: plan -out FILE"]);
}

#[test]
fn a_secret_among_the_words_reaches_no_probe() {
    let place = Place::new();
    let note = "printf '%s\\n' \"$*\" >>\"$TMPDIR/words\"";
    let Some(()) = client(&place, note) else { return };
    place.write("main.tf", MAIN);
    terraform(&place, &["init"]);
    terraform(&place, &["apply", "-auto-approve"]);
    let words = || std::fs::read_to_string(place.path("tmp/words")).unwrap();
    asked(&place, "terraform apply -var n=8");
    assert!(words().contains("plan -input=false"), "{}", words());
    let ran = asked(&place, "terraform apply -var password=Xk29sPq81LmZ -var n=8");
    shows(&ran, &["count unknown (a secret on the command line is not passed on to a probe)"]);
    assert!(!words().contains("Xk29sPq81LmZ"), "{}", words());
}

#[test]
fn commands_about_the_state_say_what_they_make_it_forget() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    let ran = asked(&place, "terraform state rm terraform_data.web");
    shows(&ran, &["12 addresses: 12 terraform_data; what they name goes on running"]);
    let ran = asked(&place, "terraform state mv terraform_data.web terraform_data.app");
    shows(&ran, &["1 address: 1 terraform_data"]);
    shows(
        &asked(&place, "terraform taint terraform_data.web[3]"),
        &["1 resource: 1 terraform_data"],
    );
    workspace(&place);
    terraform(&place, &["workspace", "select", "default"]);
    let ran = asked(&place, "terraform workspace delete -force side");
    shows(&ran, &["3 resources: 3 terraform_data in it"]);
    shows(&asked(&place, "terraform workspace delete nope"), &["there is no workspace nope"]);
    let lock =
        r#"{"ID":"7","Operation":"OperationTypeApply","Who":"ana@desk","Created":"2026-11-28"}"#;
    std::fs::remove_file(place.path("project/.terraform/environment")).unwrap();
    place.write(".terraform.tfstate.lock.info", lock);
    let ran = asked(&place, "terraform force-unlock -force 7");
    shows(&ran, &["locked by ana@desk since 2026-11-28", "13 resources"]);
    std::fs::copy(place.path("project/terraform.tfstate"), place.path("project/now")).unwrap();
    place.write("old.tfstate", r#"{"version": 4, "serial": 1, "lineage": "a", "resources": []}"#);
    let ran = asked(&place, "terraform state push -force old.tfstate");
    shows(&ran, &["another lineage than the state here", "13 forgotten: 13 terraform_data"]);
    shows(&asked(&place, "terraform state push now"), &["13 resources, serial "]);
}

#[test]
fn a_state_that_is_pushed_is_compared_with_the_one_of_its_workspace() {
    let place = Place::new();
    if !made(&place) {
        return;
    }
    workspace(&place);
    place.write("old.tfstate", r#"{"version": 4, "serial": 1, "lineage": "a", "resources": []}"#);
    asked(&place, "terraform state push -force old.tfstate");
    let told = place.events("request").last().unwrap().to_string();
    assert!(told.contains("another lineage than the state here"), "{told}");
    assert!(told.contains("3 forgotten: 3 terraform_data"), "{told}");
}

/// A plan runs programs of the project, and a saved one its providers: with the
/// rights of whoever answers they would be the requester's way to those rights.
#[test]
fn nothing_of_the_project_runs_for_somebody_who_only_answers() {
    let desk = Desk::new();
    if !people() || !made(&desk.place) {
        return;
    }
    terraform(&desk.place, &["plan", "-destroy", "-out=all"]);
    desk.policy("raise:\n  - when: {rules: ['terraform.*']}\n    to: second-human\n    why: x\n");
    let laptop = Desk { place: Place::new() };
    laptop.place.client("terraform", "echo \"$*\" >>\"$TMPDIR/asked\"; echo '{}'");
    let key = desk.key("dana");
    for words in ["apply all", "apply -var n=8", "state rm terraform_data.web"] {
        let words: Vec<&str> = ["terraform"].into_iter().chain(words.split(' ')).collect();
        let mut request = guard::second::Request::read(&desk.request(&desk.asked(&words))).unwrap();
        assert!(request.seen.is_some());
        request.host.machine_id = "1".repeat(32);
        let file = laptop.place.write("request.json", request.write());
        let base = ["approve", file.to_str().unwrap(), "--as", "dana@example.org", "--key"];
        let options = [key.to_str().unwrap(), "--probe"];
        let mut pty = laptop.person(&[&base[..], &options[..]].concat());
        let screen = pty.exp_string("To approve, type: ").unwrap();
        assert!(screen.contains("not looked at"), "{screen}");
        assert!(!laptop.place.path("tmp/asked").exists(), "{words:?}");
    }
}

/// What guard looked at is not the plan that runs, so the look is repeated
/// before it does: what would become of other objects is asked about again.
#[test]
fn an_approved_apply_does_not_run_when_it_would_do_something_else_by_now() {
    let desk = Desk::new();
    if !people() || !made(&desk.place) {
        return;
    }
    desk.policy("raise:\n  - when: {rules: ['terraform.*']}\n    to: second-human\n    why: x\n");
    let words = ["terraform", "apply", "-auto-approve", "-var-file=prod.tfvars"];
    desk.place.write("prod.tfvars", "n = 11");
    let yes = |asked: &str| desk.accept(&desk.yes(asked)).code;
    assert_eq!(yes(&desk.asked(&words)), Some(0));
    // As many as before, but another one, by what the request does not bind.
    let database = "resource \"terraform_data\" \"database\"";
    let other = MAIN.replace("= var.n", "= var.n + 1").replace(database, "output \"x\"");
    desk.place.write("main.tf", other.replace("{ input = ", "{ value = "));
    let ran = desk.asks(&words);
    shows(&ran, &["1 to delete", "other objects than were asked about"]);
    assert_eq!((ran.code, resources(&desk.place)), (Some(77), 13), "{}", ran.stderr);
    // Nor when nobody can tell any more.
    desk.place.write("main.tf", MAIN);
    assert_eq!(yes(&desk.asked(&words)), Some(0));
    desk.place.write("more.tf", "module \"m\" { source = \"./m\" }");
    let ran = desk.asks(&words);
    assert_eq!((ran.code, resources(&desk.place)), (Some(77), 13), "{}", ran.stderr);
    std::fs::remove_file(desk.place.path("project/more.tf")).unwrap();
    assert_eq!(yes(&desk.asked(&words)), Some(0));
    let ran = desk.asks(&words);
    assert_eq!((ran.code, resources(&desk.place)), (Some(0), 12), "{}", ran.stderr);
}

#[test]
fn an_answer_at_the_terminal_is_for_the_objects_that_were_shown() {
    let Some(place) = crate::prompt_pty::place() else { return };
    if !made(&place) {
        return;
    }
    let answered = |before: &dyn Fn()| {
        let mut pty = pty(place.guard(["--", "terraform", "apply", "-auto-approve"]));
        pty.exp_string("2 to delete").unwrap();
        pty.exp_string("type this word: infrastructure").unwrap();
        before();
        pty.send_line("infrastructure").unwrap();
        pty
    };
    place.write("main.tf", MAIN.replace("default = 12", "default = 10"));
    let less = || drop(place.write("main.tf", MAIN.replace("default = 12", "default = 9")));
    let shown = ended(answered(&less), 77);
    assert!(shown.contains("other objects than were asked about"), "{shown}");
    assert_eq!(resources(&place), 13);
    assert_eq!(place.events("decision").last().unwrap()["decision"], "state-changed");
    place.write("main.tf", MAIN.replace("default = 12", "default = 10"));
    ended(answered(&|| ()), 0);
    assert_eq!(resources(&place), 11);
}
