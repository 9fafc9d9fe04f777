//! `guard log reconcile`: what went past guard, by the records of others.

use std::process::Stdio;

use crate::harness::{Output, Place, output};

fn reconcile(place: &Place, args: &[&str]) -> Output {
    output(&mut place.guard(["log", "reconcile"].iter().chain(args)))
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[test]
fn a_history_shows_what_was_typed_without_guard() {
    let place = Place::new();
    place.program("git", "exit 0");
    let ran = output(place.guard(["--", "git", "status"]).stdin(Stdio::null()));
    assert_eq!(ran.code, Some(0));
    let file = place.write(
        "history",
        "ls -l\nguard -- git reset --hard\ngit reset --hard\nkubectl delete ns prod\n",
    );
    let ran = reconcile(&place, &["--history", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(rows.len(), 2, "{}", ran.stdout);
    assert!(rows[0].contains("git reset --hard") && rows[1].contains("kubectl delete ns prod"));
    assert!(ran.stderr.contains("2 of 4 commands went past guard"), "{}", ran.stderr);
}

#[test]
fn what_others_recorded_is_shown_without_its_secrets() {
    let place = Place::new();
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let password = "hunter2hunter2";
    let history = format!(
        "psql postgres://ana:{password}@db.example.com/shop -c 'drop table x'\n\
         curl -X DELETE -H 'Authorization: Bearer {token}' https://api.example.com/v1/shop\n"
    );
    let file = place.write("history", history);
    let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02X}")).collect::<String>();
    let kernel = format!(
        "type=SYSCALL msg=audit({0}.000:1): success=yes ppid=1 pid=2 auid=1000 uid=1000\n\
         type=EXECVE msg=audit({0}.000:1): argc=5 a0=\"mysql\" a1={1} a2=\"-e\" a3={2}\n",
        now(),
        hex(&format!("--password={password}")),
        hex("drop database shop")
    );
    let log = place.write("audit.log", kernel);
    let args = ["--history", file.to_str().unwrap(), "--auditd", log.to_str().unwrap()];
    for more in [&[][..], &["--json"]] {
        let ran = reconcile(&place, &[&args, more].concat());
        assert_eq!(ran.stdout.lines().count(), 3, "{}", ran.stdout);
        let shown = ran.stdout + &ran.stderr;
        assert!(!shown.contains(token) && !shown.contains(password), "{shown}");
    }
}

#[test]
fn the_kernels_log_is_matched_by_words_and_by_the_process_that_started_it() {
    let place = Place::new();
    place.program("kubectl", "exit 0");
    let t1 = ["--", "kubectl", "delete", "pod", "web-1", "--context", "kind-x"];
    let ran = output(place.guard(t1).stdin(Stdio::null()));
    let starts = place.events("start");
    // Asked about or not: only what has run is matched.
    let pid = starts.first().map_or(1, |event| event["pid"].as_i64().unwrap());
    let exec = |serial: u32, ppid: i64, name: &str| {
        format!(
            "type=SYSCALL msg=audit({}.000:{serial}): success=yes ppid={ppid} pid=9{serial} auid=1000 uid=1000\n\
             type=EXECVE msg=audit({}.000:{serial}): argc=4 a0=\"kubectl\" a1=\"delete\" a2=\"ns\" a3=\"{name}\"\n",
            now(),
            now()
        )
    };
    let mut log = exec(1, 77, "past");
    if ran.code == Some(0) {
        log += &exec(2, pid, "below");
    }
    let file = place.write("audit.log", log);
    let ran = reconcile(&place, &["--auditd", file.to_str().unwrap(), "--json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let rows: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 1, "{}", ran.stdout);
    assert_eq!(rows[0]["command"], "kubectl delete ns past");
    assert_eq!(rows[0]["who"], "auid 1000, uid 1000");
}

#[test]
fn a_trail_shows_calls_that_no_guarded_command_made() {
    let place = Place::new();
    place.program("aws", "exit 0");
    let made = ["--", "aws", "ec2", "create-vpc"];
    assert_eq!(output(place.guard(made).stdin(Stdio::null())).code, Some(0));
    let event = |name: &str, source: &str| {
        format!(
            r#"{{"eventTime":"2026-11-22T09:31:12Z","eventName":"{name}","eventSource":"{source}.amazonaws.com","userIdentity":{{"arn":"arn:aws:iam::1:user/a"}}}}"#
        )
    };
    let trail = format!(
        "{{\"Records\":[{},{}]}}",
        event("DeleteDBInstance", "rds"),
        event("DescribeVpcs", "ec2")
    );
    let file = place.write("trail.json", trail);
    let ran = reconcile(&place, &["--cloudtrail", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(
        ran.stdout.contains("aws rds delete-db-instance  [arn:aws:iam::1:user/a]"),
        "{}",
        ran.stdout
    );
    assert_eq!(ran.stdout.lines().count(), 1, "{}", ran.stdout);
    let file = place.write("bad.json", "{");
    assert_eq!(reconcile(&place, &["--cloudtrail", file.to_str().unwrap()]).code, Some(74));
}
