//! `guard log export`: what other systems get is what the log holds, in their
//! form, without gaps.

use std::collections::BTreeSet;
use std::io::BufRead as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::harness::{Output, Place, output};

const HOSTILE: &str = "a=b|c]\"d\\e\u{1b}[2J\nline two\u{202e}";

fn alone(place: &Place, words: &[&str]) -> Output {
    let args = ["--"].iter().chain(words);
    output(place.guard(args).stdin(Stdio::null()))
}

fn export(place: &Place, args: &[&str]) -> Output {
    output(&mut place.guard(["log", "export", "--format"].iter().chain(args)))
}

/// A log with a command that ran, one that failed, one that was stopped.
fn place() -> Place {
    let place = Place::new();
    place.program("ls", "exit 0");
    place.program("grep", "exit 3");
    assert_eq!(alone(&place, &["ls", HOSTILE]).code, Some(0));
    assert_eq!(alone(&place, &["grep", "x"]).code, Some(3));
    place.program("kubectl", "exit 0");
    assert_eq!(alone(&place, &["kubectl", "delete", "ns", "=1+1"]).code, Some(77));
    place
}

fn lines(ran: &Output) -> Vec<&str> {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout.lines().collect()
}

fn json(ran: &Output) -> Vec<Value> {
    lines(ran).into_iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn jsonl_is_the_log_itself() {
    let place = place();
    let log = std::fs::read_dir(place.log_dir()).unwrap().map(|entry| entry.unwrap().path());
    let log = log.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    assert_eq!(export(&place, &["jsonl"]).stdout, std::fs::read_to_string(log).unwrap());
}

#[test]
fn every_json_form_carries_number_hash_command_and_outcome() {
    let place = place();
    let records = place.records();
    for (form, seq, hash, command) in [
        ("ocsf", "/metadata/sequence", "/metadata/uid", "/process/cmd_line"),
        ("ecs", "/event/sequence", "/event/hash", "/process/command_line"),
    ] {
        let events = json(&export(&place, &[form]));
        assert_eq!(events.len(), records.len(), "{form}");
        for (n, event) in events.iter().enumerate() {
            assert_eq!(event.pointer(seq).and_then(Value::as_u64), Some(n as u64), "{form}");
            assert_eq!(event.pointer(hash).unwrap().as_str().unwrap().len(), 64);
        }
        let commands: Vec<&str> =
            events.iter().filter_map(|event| event.pointer(command)?.as_str()).collect();
        assert!(commands.iter().any(|text| text.contains("line two")), "{form}: {commands:?}");
    }
    let ocsf = json(&export(&place, &["ocsf"]));
    for event in &ocsf {
        for key in ["activity_id", "category_uid", "class_uid", "severity_id", "time", "type_uid"] {
            assert!(event[key].is_number(), "{key}: {event}");
        }
        let uid =
            event["class_uid"].as_u64().unwrap() * 100 + event["activity_id"].as_u64().unwrap();
        assert_eq!(event["type_uid"], uid);
        assert_eq!(event["metadata"]["version"], "1.8.0");
        if event["class_uid"] == 3003 {
            assert!(event["user"].is_object() && event["privileges"].is_array(), "{event}");
        }
        if event["class_uid"] == 1007 {
            assert!(event["process"].is_object() && event["device"]["type_id"].is_number());
        }
    }
    assert!(ocsf.iter().any(|event| event["exit_code"] == 3 && event["status_id"] == 2));
    assert!(ocsf.iter().any(|event| event["disposition_id"] == 2 && event["action_id"] == 2));
}

#[test]
fn otlp_keeps_to_the_json_mapping_of_protocol_buffers() {
    let place = place();
    let events = json(&export(&place, &["otlp"]));
    for (n, event) in events.iter().enumerate() {
        let record = event.pointer("/resourceLogs/0/scopeLogs/0/logRecords/0").unwrap();
        let nanos = record["timeUnixNano"].as_str().expect("a string, being 64 bits wide");
        assert!(nanos.len() == 19 && nanos.bytes().all(|b| b.is_ascii_digit()), "{nanos}");
        assert!(record["severityNumber"].is_u64());
        let find = |key: &str| {
            let all = record["attributes"].as_array().unwrap();
            all.iter().find(|attribute| attribute["key"] == key).map(|a| a["value"].clone())
        };
        assert_eq!(find("guard.record.seq").unwrap()["intValue"], n.to_string());
        assert_eq!(find("guard.record.sha256").unwrap()["stringValue"].as_str().unwrap().len(), 64);
    }
}

/// The extension of a CEF line, by the rules of its specification.
fn cef(line: &str) -> Vec<(String, String)> {
    let mut rest = line;
    for _ in 0..7 {
        let mut escaped = false;
        let end = rest.find(|c| {
            let bar = c == '|' && !escaped;
            escaped = c == '\\' && !escaped;
            bar
        });
        rest = &rest[end.expect("seven bars") + 1..];
    }
    // A key is a word before an `=` without a backslash.
    let bytes = rest.as_bytes();
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (at, byte) in bytes.iter().enumerate() {
        let backslashes = bytes[..at].iter().rev().take_while(|b| **b == b'\\').count();
        if *byte == b'=' && backslashes % 2 == 0 {
            starts.push((rest[..at].rfind(' ').map_or(0, |space| space + 1), at));
        }
    }
    let ends = starts.iter().skip(1).map(|(key, _)| key - 1).chain([rest.len()]);
    let pairs = starts.iter().zip(ends).map(|((key, equals), end)| {
        let value = rest[equals + 1..end].replace("\\n", "\n").replace("\\=", "=");
        (rest[*key..*equals].to_owned(), value.replace("\\\\", "\\"))
    });
    pairs.collect()
}

#[test]
fn cef_and_syslog_keep_hostile_words_inside_their_field() {
    let place = place();
    let ran = export(&place, &["cef"]);
    for line in lines(&ran) {
        assert!(line.starts_with("CEF:0|guard|guard|"), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
    let hostile = lines(&ran).into_iter().find(|line| line.contains("line two")).unwrap();
    let fields = cef(hostile);
    let get = |key: &str| fields.iter().find(|(name, _)| name == key).map(|(_, v)| v.as_str());
    assert!(get("msg").unwrap().starts_with("ls a=b|c]\"d"), "{fields:?}");
    assert!(get("msg").unwrap().contains("\nline two"), "{fields:?}");
    assert_eq!(get("cs2"), Some("allow"));
    let ran = export(&place, &["syslog"]);
    for line in lines(&ran) {
        let (head, rest) = line.split_once(" [guard@32473 ").expect("structured data");
        let parts: Vec<&str> = head.split(' ').collect();
        assert_eq!(parts.len(), 6, "{head}");
        assert!(parts[0].ends_with(">1") && parts[0].starts_with('<'), "{head}");
        assert_eq!(parts[3], "guard");
        // The first bracket that no backslash escapes ends the data.
        let end = rest.match_indices(']').find(|(at, _)| !rest[..*at].ends_with('\\')).unwrap().0;
        assert!(rest[end..].starts_with("] \u{feff}"), "{line}");
        assert!(rest[..end].contains("sha256=\""), "{line}");
        assert!(!line.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn csv_quotes_and_disarms_formulas() {
    let place = place();
    let out = export(&place, &["csv"]).stdout;
    let (header, rest) = out.split_once('\n').unwrap();
    assert_eq!(header.split(',').count(), 19);
    assert!(rest.contains("\"ls a=b|c]\"\"d"), "{rest}");
    let place = Place::new();
    place.program("=1+1", "exit 0");
    let file = place.path("bin/=1+1");
    let link = place.path("bin/@x");
    std::fs::rename(file, link).unwrap();
    alone(&place, &["@x"]);
    let out = export(&place, &["csv"]).stdout;
    assert!(out.contains("\"'@x\""), "{out}");
}

/// Numbers of the records in an export of the log as it is.
fn numbers(path: &std::path::Path) -> Vec<u64> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).expect(line)["seq"].as_u64().unwrap())
        .collect()
}

#[test]
fn an_exporter_that_is_killed_again_and_again_leaves_no_gap() {
    let place = place();
    let file = place.path("tmp/out.jsonl");
    let cursor = place.path("tmp/cursor");
    let exporter = |follow: bool| -> Command {
        let mut args = vec!["log", "export", "--format", "jsonl"];
        args.extend(["--output", file.to_str().unwrap(), "--cursor", cursor.to_str().unwrap()]);
        args.extend(follow.then_some("--follow"));
        place.guard(args)
    };
    for round in 0..12_u64 {
        let mut child = exporter(true).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // Every third record begins the file of a new day.
        if round % 3 == 1 {
            let log = place.logs().pop().unwrap();
            let days = std::time::Duration::from_secs(86_400 * (20 - round));
            let at = std::time::SystemTime::now() - days;
            std::fs::File::options().append(true).open(log).unwrap().set_modified(at).unwrap();
        }
        assert_eq!(alone(&place, &["ls", "-l"]).code, Some(0));
        std::thread::sleep(Duration::from_millis(round * 37 % 400));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert_eq!(place.logs().len(), 5, "closed four times meanwhile");
    assert_eq!(output(&mut exporter(false)).code, Some(0));
    let seen: BTreeSet<u64> = numbers(&file).into_iter().collect();
    let all: BTreeSet<u64> = (0..place.records().len() as u64).collect();
    assert_eq!(seen, all);
    // Nothing new: nothing more.
    let before = numbers(&file).len();
    assert_eq!(output(&mut exporter(false)).code, Some(0));
    assert_eq!(numbers(&file).len(), before);
}

#[test]
fn half_a_line_is_taken_back_and_comes_again() {
    let place = place();
    let (file, cursor) = (place.path("tmp/out.jsonl"), place.path("tmp/cursor"));
    let args = ["jsonl", "--output", file.to_str().unwrap(), "--cursor", cursor.to_str().unwrap()];
    assert_eq!(export(&place, &args).code, Some(0));
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{whole}{}", "{\"v\":1,\"seq\":9")).unwrap();
    assert_eq!(alone(&place, &["ls", "-l"]).code, Some(0));
    assert_eq!(export(&place, &args).code, Some(0));
    assert_eq!(numbers(&file), (0..place.records().len() as u64).collect::<Vec<_>>());
}

#[test]
fn a_cursor_does_not_move_when_nobody_reads() {
    let place = place();
    let cursor = place.path("tmp/cursor");
    let mut command = place.guard(["log", "export", "--format", "jsonl", "--cursor"]);
    let mut child = command.arg(&cursor).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    child.wait().unwrap();
    let all = export(&place, &["jsonl", "--cursor", cursor.to_str().unwrap()]);
    assert_eq!(lines(&all).len(), place.records().len());
}

#[test]
fn a_log_that_was_changed_behind_the_cursor_is_not_exported() {
    let place = place();
    let cursor = place.path("tmp/cursor");
    let args = ["jsonl", "--cursor", cursor.to_str().unwrap()];
    assert_eq!(export(&place, &args).code, Some(0));
    let log = std::fs::read_dir(place.log_dir()).unwrap().map(|entry| entry.unwrap().path());
    let log = log.into_iter().find(|path| path.extension().is_some_and(|e| e == "jsonl")).unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    let kept: Vec<&str> = text.lines().collect();
    std::fs::write(&log, format!("{}\n", kept[..kept.len() - 1].join("\n"))).unwrap();
    let ran = export(&place, &args);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("it was changed, cut or replaced"), "{}", ran.stderr);
}

#[test]
fn a_cursor_is_for_one_export_at_a_time() {
    let place = place();
    let cursor = place.path("tmp/cursor");
    let mut first = place.guard(["log", "export", "--format", "jsonl", "--follow", "--cursor"]);
    let mut first = first.arg(&cursor).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufReader::new(first.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let args = ["log", "export", "--format", "jsonl", "--cursor", cursor.to_str().unwrap()];
    let second = place.run(args);
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!((second.code, second.stdout.as_str()), (Some(1), ""));
    assert!(second.stderr.contains("another export holds"), "{}", second.stderr);
    assert_eq!(place.run(args).code, Some(0), "the lock goes with its holder");
}

#[test]
fn an_export_that_would_lose_records_or_write_into_the_log_is_refused() {
    let place = place();
    let cursor = place.path("tmp/cursor");
    let cursor = cursor.to_str().unwrap();
    let inside = place.log_dir().join("out.jsonl");
    let link = place.path("tmp/link");
    std::os::unix::fs::symlink(&place.logs()[0], &link).unwrap();
    let before = std::fs::read(&place.logs()[0]).unwrap();
    for (args, why) in [
        (vec!["--cursor", cursor, "--since", "2h"], "fixed date"),
        (vec!["--cursor", cursor, "--until", "2026-11-22"], "fixed date"),
        (vec!["--output", inside.to_str().unwrap()], "takes no other files"),
        (vec!["--output", link.to_str().unwrap()], "takes no other files"),
        (vec!["--cursor", inside.to_str().unwrap()], "takes no other files"),
    ] {
        let ran = place.run([&["log", "export", "--format", "jsonl"][..], &args].concat());
        assert_eq!(ran.code, Some(64), "{args:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(why) && ran.stdout.is_empty(), "{args:?}: {}", ran.stderr);
    }
    assert!(!inside.exists() && std::fs::read(&place.logs()[0]).unwrap() == before);
    let fixed = ["--cursor", cursor, "--since", "2020-01-01"];
    let ran = place.run([&["log", "export", "--format", "jsonl"][..], &fixed].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn an_export_follows_the_log_into_the_file_of_a_new_day() {
    let place = place();
    let mut child = place.guard(["log", "export", "--format", "jsonl", "--follow"]);
    let mut child = child.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let there = place.records().len();
    for _ in 0..there {
        lines.next().unwrap().unwrap();
    }
    for day in 0..2 {
        let log = place.logs().pop().unwrap();
        let at = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400 * (9 - day));
        std::fs::File::options().append(true).open(log).unwrap().set_modified(at).unwrap();
        place.run(["--", "true"]);
    }
    let seqs: Vec<u64> = (0..2)
        .map(|_| {
            let line = lines.next().unwrap().unwrap();
            serde_json::from_str::<Value>(&line).unwrap()["seq"].as_u64().unwrap()
        })
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(seqs, [there as u64, there as u64 + 1]);
    assert_eq!(place.logs().len(), 3);
}
