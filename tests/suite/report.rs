//! `guard log report`: a draft of what happened, from the record alone.

use std::process::Stdio;

use crate::harness::{Output, Place, output};

fn alone(place: &Place, words: &[&str]) -> Output {
    let args = ["--"].iter().chain(words);
    output(place.guard(args).stdin(Stdio::null()))
}

fn report(place: &Place, args: &[&str]) -> Output {
    output(&mut place.guard(["log", "report"].iter().chain(args)))
}

const HOSTILE: &str = "prod<script>alert(1)</script>|`x`\"'\u{1b}[2J\n# heading";

/// A delete that was stopped after a like-named new one was made.
pub(crate) fn incident() -> Place {
    let place = Place::new();
    place.program("aws", "exit 0");
    place.program("ls", "exit 0");
    let create = ["aws", "elasticbeanstalk", "create-environment", "--environment-name"];
    let made = alone(&place, &[create.as_slice(), &["cost-prod2"]].concat());
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert_eq!(alone(&place, &["ls", "-l"]).code, Some(0));
    let gone = ["aws", "elasticbeanstalk", "terminate-environment", "--environment-name"];
    for name in ["cost-prod", HOSTILE] {
        assert_eq!(alone(&place, &[gone.as_slice(), &[name]].concat()).code, Some(77));
    }
    place
}

#[test]
fn a_report_tells_attempt_facts_sequence_and_outcome() {
    let place = incident();
    let ran = report(&place, &["--since", "1h"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    for text in [
        "aws elasticbeanstalk terminate-environment --environment-name cost-prod",
        "T4 second human | stopped",
        "known: delete application environment/cost-prod in prod",
        "before: 2nd step of delete and recreate: environment/cost-prod2 created",
        "T1 notify | ran, exit 0",
        "in an unbroken chain",
        "1 harmless command left out",
        "### Impact",
    ] {
        assert!(ran.stdout.contains(text), "{text:?} is missing:\n{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("ls -l"), "{}", ran.stdout);
    assert!(report(&place, &["--since", "1h", "--all"]).stdout.contains("ls -l"));
}

#[test]
fn an_incident_is_its_command_and_what_its_session_did_around_it() {
    let place = incident();
    let id = place.events("request").iter().find_map(|event| {
        let known = event["tier"] == "second-human";
        known.then(|| event["request_id"].as_str().unwrap().to_owned())
    });
    let ran = report(&place, &["--incident", &id.unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.contains("create-environment"), "{}", ran.stdout);
    let none = report(&place, &["--incident", "00000000-nothing"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(1), ""), "{}", none.stderr);
}

#[test]
fn a_changed_record_is_said_in_the_report() {
    let place = incident();
    let log = std::fs::read_dir(place.log_dir()).unwrap().map(|entry| entry.unwrap().path());
    let log = log.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("cost-prod2", "cost-prod3", 1)).unwrap();
    let ran = report(&place, &["--since", "1h"]);
    assert!(ran.stdout.contains("THE CHAIN IS BROKEN in 1 place"), "{}", ran.stdout);
}

#[test]
fn the_page_loads_nothing_runs_nothing_and_holds_hostile_names_as_text() {
    let place = incident();
    let file = place.path("tmp/report.html");
    let ran = report(&place, &["--since", "1h", "--html", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let page = std::fs::read_to_string(&file).unwrap();
    for never in ["<script", "http://", "https://", "src=", "href=", "url(", "\u{1b}", "@import"] {
        assert!(!page.contains(never), "{never:?} in the page");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<svg ") && page.contains("dashed ring"));
    // Every element that is opened is closed: nothing hostile opened one.
    for name in ["li", "ul", "td", "tr", "table", "code", "article", "svg", "g", "p", "h3"] {
        let opened =
            page.matches(&format!("<{name}>")).count() + page.matches(&format!("<{name} ")).count();
        assert_eq!(opened, page.matches(&format!("</{name}>")).count(), "{name}");
    }
    let markdown = report(&place, &["--since", "1h"]).stdout;
    assert!(!markdown.contains('\u{1b}') && !markdown.contains("\n# heading"), "{markdown}");
    let mode = std::os::unix::fs::MetadataExt::mode(&std::fs::metadata(&file).unwrap());
    assert_eq!(mode & 0o777, 0o600, "names of hosts and people are not for everybody");
}

#[test]
fn show_finds_by_object_text_outcome_session_and_time() {
    let place = incident();
    let show = |args: &[&str]| {
        let ran = output(&mut place.guard(["log", "show", "--json"].iter().chain(args)));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.lines().count()
    };
    assert_eq!(show(&[]), 4);
    assert_eq!(show(&["--object", "environment/cost-prod"]), 1);
    assert_eq!(show(&["--text", "TERMINATE"]), 2);
    assert_eq!(show(&["--outcome", "exit"]), 2);
    assert_eq!(show(&["--outcome", "refused"]), 2);
    assert_eq!(show(&["--session", "terminal"]), 3, "ls belongs to no session");
    assert_eq!(show(&["--until", "2020-01-01"]), 0);
    let id = place.events("request")[2]["request_id"].as_str().unwrap().to_owned();
    let one = output(&mut place.guard(["log", "show", &id]));
    for text in ["known: delete application environment/cost-prod", "before: 2nd step of delete"] {
        assert!(one.stdout.contains(text), "{text:?} is missing:\n{}", one.stdout);
    }
}

#[test]
fn follow_shows_what_happens_as_it_happens() {
    let place = incident();
    let file = std::fs::File::create(place.path("tmp/followed")).unwrap();
    let mut follow = place.guard(["log", "follow", "--tier", "confirm+"]);
    let mut child = follow.stdout(file).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut said, &mut line).unwrap();
    assert!(line.contains("waiting for records"), "{line}");
    place.program("kubectl", "exit 0");
    assert_eq!(alone(&place, &["ls", "-l"]).code, Some(0));
    assert_eq!(alone(&place, &["kubectl", "delete", "ns", "web"]).code, Some(77));
    let seen = || std::fs::read_to_string(place.path("tmp/followed")).unwrap();
    let begun = std::time::Instant::now();
    while !seen().contains("denied") && begun.elapsed().as_secs() < 20 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let seen = seen();
    assert!(seen.contains("kubectl delete ns web") && seen.contains("denied"), "{seen}");
    assert!(!seen.contains("ls -l") && !seen.contains("cost-prod"), "{seen}");
}

#[test]
fn what_waits_for_records_ends_when_nobody_reads_any_more() {
    let place = incident();
    for args in [vec!["log", "follow"], vec!["log", "export", "--format", "cef", "--follow"]] {
        let mut command = place.guard(&args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        drop(child.stdout.take());
        let begun = std::time::Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed().as_secs() > 20 {
                child.kill().unwrap();
                panic!("{args:?} waits for nobody");
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    }
}

#[test]
fn scan_names_where_a_secret_stands_and_never_the_secret() {
    let place = incident();
    let scan = || output(&mut place.guard(["log", "scan"]));
    assert_eq!(scan().code, Some(0), "{}", scan().stdout);
    let log = std::fs::read_dir(place.log_dir()).unwrap().map(|entry| entry.unwrap().path());
    let log = log.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("cost-prod2", token, 1)).unwrap();
    let ran = scan();
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    assert!(ran.stdout.contains("line 1: .ev.argv["), "{}", ran.stdout);
    assert!(!ran.stdout.contains(token), "{}", ran.stdout);
}

/// One agent's session as its hook reports it, beside another one's.
#[test]
fn a_session_is_told_attempt_by_attempt_and_what_was_recreated_is_marked() {
    let place = Place::new();
    for name in ["aws", "ls"] {
        place.program(name, "exit 0");
    }
    let call = |session: &str, command: &str| {
        let call = serde_json::json!({ "hook_event_name": "PreToolUse", "session_id": session,
            "tool_name": "Bash", "cwd": place.path("project"), "permission_mode": "default",
            "tool_input": { "command": command } });
        place.run_with(["hook", "claude-code"], call.to_string().as_bytes())
    };
    let aws = |verb: &str, name: &str| {
        format!("aws elasticbeanstalk {verb}-environment --environment-name {name}")
    };
    let mine = "9f0c7a51-1111-4000-8000-000000000001";
    call(mine, "ls -l");
    call(mine, &aws("create", "cost-prod2"));
    for _ in 0..3 {
        call(mine, &aws("terminate", "cost-prod"));
    }
    call("9f0c7a51-2222-4000-8000-000000000002", &aws("terminate", "other-prod"));
    let ran = report(&place, &["--session", mine]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let shown = &ran.stdout;
    assert!(shown.contains(&format!("What session {mine} did")), "{shown}");
    assert!(shown.matches("terminate-environment --environment-name cost-prod").count() >= 3);
    assert!(shown.contains("create-environment --environment-name cost-prod2"), "{shown}");
    let marked = "2nd step of delete and recreate: environment/cost-prod2 created";
    assert!(shown.contains(marked), "{shown}");
    assert!(!shown.contains("other-prod"), "another session's command: {shown}");
    let all = report(&place, &["--since", "1h"]).stdout;
    assert!(all.contains("other-prod") && all.contains(marked), "{all}");
    let future = report(&place, &["--since", "2099-01-01"]);
    assert!(!future.stdout.contains("cost-prod"), "{}", future.stdout);
}
