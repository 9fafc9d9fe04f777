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
fn incident() -> Place {
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
