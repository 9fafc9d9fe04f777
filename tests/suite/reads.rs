//! A command that runs without a question costs no look at the world: guard
//! opens none of the files that say where clients act, and nobody's secrets.

use std::process::{Command, Stdio};

use crate::harness::{GUARD, Place, output};

/// What clients keep, below the home and below the project.
const HOME: &[&str] = &[
    ".kube/config",
    ".aws/config",
    ".aws/credentials",
    ".docker/config.json",
    ".config/gcloud/active_config",
    ".config/gcloud/configurations/config_default",
    ".azure/azureProfile.json",
    ".ssh/config",
    ".ssh/id_ed25519",
    ".gitconfig",
    ".pg_service.conf",
    ".my.cnf",
    ".netrc",
];
const PROJECT: &[&str] = &[
    ".git/HEAD",
    ".git/config",
    ".git/index",
    ".env",
    ".terraform/terraform.tfstate",
    "terraform.tfstate",
    "docker-compose.yml",
];

/// The files of [`HOME`] and [`PROJECT`] that were opened; `None` where nobody
/// can look.
fn opened(place: &Place, words: &[&str]) -> Option<Vec<String>> {
    let trace = place.path("tmp/trace");
    let mut command = place.command("strace");
    command.args(["-f", "-e", "trace=open,openat,openat2", "-o"]).arg(&trace);
    let ran = output(command.arg(GUARD).args(words).stdin(Stdio::null()));
    let lines = std::fs::read_to_string(&trace).unwrap_or_default();
    if lines.is_empty() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "strace: {}", ran.stderr);
        eprintln!("SKIPPED: strace is not permitted here: {}", ran.stderr);
        return None;
    }
    std::fs::remove_file(&trace).unwrap();
    let names = HOME.iter().chain(PROJECT).map(|name| format!("/{name}\""));
    Some(names.filter(|name| lines.contains(name.as_str())).collect())
}

#[test]
fn a_command_that_runs_without_a_question_reads_no_configuration_of_clients() {
    if Command::new("strace").arg("-V").output().is_err() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "strace is missing");
        eprintln!("SKIPPED: strace is not on this machine, so nobody looked");
        return;
    }
    let place = Place::new();
    for name in HOME {
        place.write_home(name, "x");
    }
    for name in PROJECT {
        place.write(name, "x");
    }
    for program in ["ls", "git", "kubectl", "aws", "docker", "psql", "gcloud", "mkdir"] {
        place.program(program, "exit 0");
    }
    for words in [
        &["--", "ls", "-la"][..],
        &["run", "-c", "ls | wc -l; ls src"],
        &["--", "mkdir", "build"],
        &["--", "git", "status"],
        &["--", "kubectl", "get", "pods", "-n", "prod"],
        &["--", "aws", "s3", "ls"],
        &["--", "docker", "ps"],
        &["--", "gcloud", "projects", "list"],
        &["--", "psql", "-c", "select 1"],
        // What is only judged, and what never runs.
        &["check", "--", "kubectl", "delete", "namespace", "prod"],
        &["check", "--", "rm", "-rf", "src"],
        &["--", "rm", "-rf", "/"],
    ] {
        let Some(opened) = opened(&place, words) else { return };
        assert!(opened.is_empty(), "{words:?} opened {opened:?}");
    }
    // That this would be seen: here the cluster is shown.
    place.write_home(".kube/config", "current-context: x\ncontexts: [{name: x, context: {}}]\n");
    let words = ["run", "--wait", "0s", "--", "kubectl", "delete", "namespace", "prod"];
    let Some(opened) = opened(&place, &words) else { return };
    assert_eq!(opened, ["/.kube/config\""]);
}
