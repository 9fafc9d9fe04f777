//! Steps that are harmless one by one and fatal together: across commands,
//! across processes and inside one text. The clients are stand-ins.

use std::process::{Command, Stdio};

use crate::harness::{Output, Place, output};

fn flat(ran: &Output) -> String {
    ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Runs it with nobody there to ask, on a wide screen.
fn alone(place: &Place, words: &str) -> Output {
    let args = ["--"].into_iter().chain(words.split(' '));
    output(place.guard(args).stdin(Stdio::null()).env("COLUMNS", "400"))
}

/// What `check` says about one text.
fn check(place: &Place, text: &str) -> serde_json::Value {
    place.verdicts(&[text]).remove(0)
}

fn before(verdict: &serde_json::Value) -> String {
    verdict["before"].as_array().into_iter().flatten().filter_map(|line| line.as_str()).collect()
}

const CREATE: &str =
    "aws elasticbeanstalk create-environment --application-name cost --environment-name";
const TERMINATE: &str = "aws elasticbeanstalk terminate-environment --environment-name cost-prod";

#[test]
fn i01_a_like_named_new_environment_makes_the_delete_a_replacement() {
    let place = Place::new();
    place.program("aws", "exit 0");
    let made = alone(&place, &format!("{CREATE} cost-prod2"));
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let ran = alone(&place, TERMINATE);
    let screen = flat(&ran);
    assert_eq!(ran.code, Some(77), "{screen}");
    assert!(screen.contains("2nd step of delete and recreate: "), "{screen}");
    assert!(screen.contains("environment/cost-prod2 created"), "{screen}");
    assert!(screen.contains("made again it lacks data"), "{screen}");
}

#[test]
fn an_environment_of_another_name_region_or_outcome_is_no_pair() {
    for (made, code) in [
        (format!("{CREATE} billing"), 0),
        (format!("{CREATE} cost-prod2 --region us-east-1"), 0),
        (format!("{CREATE} cost-prod2"), 1),
    ] {
        let place = Place::new();
        place.program("aws", &format!("exit {code}"));
        assert_eq!(alone(&place, &made).code, Some(code));
        let ran = alone(&place, &format!("{TERMINATE} --region eu-west-1"));
        assert!(!flat(&ran).contains("2nd step"), "{made}: {}", ran.stderr);
    }
}

#[test]
fn a_pair_in_one_text_needs_a_second_person_wherever_it_is_remote() {
    let place = Place::new();
    for text in [
        "helm uninstall shop -n web; helm install shop ./chart -n web",
        "kubectl delete ns shop && kubectl create ns shop",
        "kubectl delete ns shop && kubectl apply -f all.yaml",
        "psql -h db.example.com -c 'DROP TABLE orders' -c 'CREATE TABLE orders (id int)'",
        "terraform state rm aws_db_instance.main && terraform apply -auto-approve",
        "gcloud sql instances delete main --quiet; gcloud sql instances create main",
    ] {
        let verdict = check(&place, text);
        assert!(before(&verdict).contains("delete and recreate"), "{text}: {verdict}");
        assert_eq!(verdict["tier"], "second-human", "{text}");
    }
    for text in [
        "kubectl delete ns shop && kubectl create ns web",
        "kubectl --context a delete ns shop; kubectl --context b create ns shop",
        "kubectl create ns shop-test && kubectl delete ns shop-test",
    ] {
        let verdict = check(&place, text);
        assert!(before(&verdict).is_empty(), "{text}: {verdict}");
    }
}

#[test]
fn a_local_pair_is_told_and_not_raised() {
    let place = Place::new();
    for (alone, pair) in [
        ("docker rm -f web", "docker rm -f web; docker run -d --name web nginx"),
        ("rm -rf .git", "rm -rf .git && git init"),
    ] {
        let verdict = check(&place, pair);
        assert!(before(&verdict).contains("delete and recreate"), "{pair}: {verdict}");
        assert_eq!(verdict["tier"], check(&place, alone)["tier"], "{pair}");
    }
}

#[test]
fn evidence_that_goes_after_a_delete_needs_a_second_person() {
    let place = Place::new();
    let tier = |text: &str| {
        let verdict = check(&place, text);
        let effects = verdict["effects"].as_array().unwrap().clone();
        let found = effects.iter().find(|effect| effect["rule"] == "logs.history");
        found.unwrap_or_else(|| panic!("{verdict}"))["tier"].clone()
    };
    assert_eq!(tier("history -c"), "confirm");
    assert_eq!(tier("ls -l; history -c"), "confirm");
    assert_eq!(tier("kubectl delete ns a; history -c"), "second-human");
}

#[test]
fn what_was_refused_is_told_when_it_comes_in_other_words() {
    let place = Place::new();
    place.program("kubectl", "exit 0");
    place.program("oc", "exit 0");
    assert_eq!(alone(&place, "kubectl delete ns shop").code, Some(77));
    let screen = flat(&alone(&place, "oc delete project shop"));
    assert!(screen.contains("refused before: "), "{screen}");
    assert!(screen.contains("namespace/shop was refused"), "{screen}");
}

#[test]
fn a_failed_backup_is_told_when_the_data_goes() {
    let place = Place::new();
    place.program("aws", "exit 1");
    let backup = "aws rds create-db-snapshot --db-instance-identifier prod \
                  --db-snapshot-identifier prod-final";
    assert_eq!(alone(&place, backup).code, Some(1));
    let screen = flat(&alone(&place, "aws rds delete-db-instance --db-instance-identifier prod"));
    assert!(screen.contains("relies on what failed: "), "{screen}");
}

#[test]
fn many_guards_at_once_lose_no_step_and_double_none() {
    let place = Place::new();
    place.program("aws", "exit 0");
    let start = |n: usize| {
        let words = format!("{CREATE} other{n}-env");
        let args = ["--"].into_iter().chain(words.split(' ')).map(str::to_owned);
        let mut command: Command = place.guard(args);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let guards: Vec<_> = (0..20).map(start).collect();
    for mut guard in guards {
        assert!(guard.wait().unwrap().success());
    }
    let db = place.path("home/.local/state/guard/steps.db");
    let db = rusqlite::Connection::open(db).unwrap();
    let count = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM commands WHERE done = 'succeeded'"), 20);
    assert_eq!(count("SELECT count(*) FROM steps"), 20);
    assert_eq!(count("SELECT count(DISTINCT step) FROM steps"), 20);
}

#[test]
fn a_broken_memory_stops_nothing_and_a_secret_is_not_kept_in_it() {
    let place = Place::new();
    place.program("aws", "exit 0");
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    assert_eq!(alone(&place, &format!("{CREATE} {token}")).code, Some(0));
    let file = place.path("home/.local/state/guard/steps.db");
    let mut bytes = std::fs::read(&file).unwrap();
    bytes.extend(std::fs::read(file.with_extension("db-wal")).unwrap_or_default());
    let held = bytes.windows(token.len()).any(|window| window == token.as_bytes());
    assert!(!held, "a secret in the ledger");
    std::fs::write(&file, "no database").unwrap();
    let ran = alone(&place, &format!("{CREATE} cost-prod2"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn a_harmless_command_opens_no_memory() {
    let place = Place::new();
    place.program("ls", "exit 0");
    assert_eq!(alone(&place, "ls -l").code, Some(0));
    assert!(!place.path("home/.local/state/guard/steps.db").exists());
}
