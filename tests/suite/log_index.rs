//! One command and one day are found without reading the rest of the log.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use guard::audit::record::{hash, hex};

use crate::grammar_clients::skipped;
use crate::harness::{Output, Place, output};

const DAYS: u64 = 30;
const A_DAY: u64 = 400;

fn id(n: u64) -> String {
    format!("{:08x}-1111-4222-8333-{n:012x}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff)
}

fn day(n: u64) -> String {
    format!("2026-10-{:02}", n + 1)
}

/// A log with a file for each of many days. Every command is whole, but for one
/// of the tenth day that ends on the eleventh.
fn place() -> (Place, PathBuf) {
    let place = Place::new();
    place.program("deploy", "exit 0");
    assert_eq!(place.run(["--", "deploy"]).code, Some(0));
    let active = PathBuf::from(place.run(["log", "path"]).stdout.trim_end());
    std::fs::remove_file(&active).unwrap();
    let stem = active.file_stem().unwrap().to_str().unwrap().to_owned();
    // About as long as a real one.
    let (late, pad) = (id(9000), "x".repeat(600));
    let (mut prev, mut seq) = ("0".repeat(64), 0);
    let mut line = |day: &str, kind: &str, ev: &str| {
        let line = format!(
            r#"{{"v":1,"seq":{seq},"prev":"{prev}","kind":"{kind}","time":"{day}T12:00:00.000Z","mono_us":1,"boot":"b","ev":{ev}}}"#
        );
        (prev, seq) = (hex(&hash(line.as_bytes())), seq + 1);
        line + "\n"
    };
    for n in 0..DAYS {
        let (mut out, day) = (String::new(), day(n));
        let first = n * A_DAY;
        if n == 11 {
            out += &line(&day, "end", &format!(r#"{{"request_id":"{late}","exit":7}}"#));
        }
        for at in out.lines().count() as u64..A_DAY {
            let id = id(first + at);
            let ev = match (n, at) {
                (10, 398) => ("request", format!(r#"{{"request_id":"{late}","argv":["late"]}}"#)),
                (10, 399) => ("start", format!(r#"{{"request_id":"{late}","pid":1}}"#)),
                _ => (
                    "run",
                    format!(
                        r#"{{"request_id":"{id}","argv":["deploy","{n}-{at}"],"exe":"/bin/deploy","exit":0,"cwd":"/{pad}"}}"#
                    ),
                ),
            };
            out += &line(&day, ev.0, &ev.1);
        }
        std::fs::write(active.with_file_name(format!("{stem}.{first:012}.{day}.jsonl")), out)
            .unwrap();
    }
    std::thread::sleep(std::time::Duration::from_millis(150));
    (place, active)
}

/// Runs guard under strace; how many bytes it read of each file of the folder.
fn traced(place: &Place, args: &[&str]) -> Option<(Output, BTreeMap<String, u64>)> {
    let trace = place.path("tmp/trace");
    let mut command: Command = place.command("strace");
    command.args(["-f", "-y", "-e", "trace=read,pread64,readv,preadv", "-o"]).arg(&trace);
    let ran = output(command.arg(crate::harness::GUARD).args(args));
    if ran.code != Some(0) {
        assert!(std::env::var_os("CI").is_none(), "strace: {}", ran.stderr);
        skipped(&format!("strace is not permitted here: {}", ran.stderr));
        return None;
    }
    let mut bytes = BTreeMap::new();
    let folder = place.log_dir();
    for line in std::fs::read_to_string(trace).unwrap().lines() {
        let Some((_, rest)) = line.split_once('<') else { continue };
        let Some((path, _)) = rest.split_once('>') else { continue };
        let Ok(below) = Path::new(path.trim_end_matches(" (deleted)")).strip_prefix(&folder) else {
            continue;
        };
        let read: u64 =
            line.rsplit_once("= ").and_then(|(_, n)| n.trim().parse().ok()).unwrap_or(0);
        *bytes.entry(below.to_str().unwrap().to_owned()).or_default() += read;
    }
    Some((ran, bytes))
}

fn has_strace() -> bool {
    let there = Command::new("strace").arg("-V").output().is_ok();
    assert!(there || std::env::var_os("CI").is_none(), "strace is not installed");
    if !there {
        skipped("strace is not installed, so nobody looked at what guard reads");
    }
    there
}

fn size(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().metadata().unwrap());
    files.filter(std::fs::Metadata::is_file).map(|meta| meta.len()).sum()
}

#[test]
fn one_command_is_found_without_reading_the_rest() {
    let (place, active) = place();
    let first = place.run(["log", "show", &id(4321)]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stderr.contains("read 30 closed files without an index"), "{}", first.stderr);
    assert!(first.stdout.contains("deploy 10-321"), "{}", first.stdout);
    if !has_strace() {
        return;
    }
    let Some((again, bytes)) = traced(&place, &["log", "show", &id(4321)]) else { return };
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), (first.stdout.as_str(), ""));
    let of_log: Vec<_> = bytes.iter().filter(|(name, _)| name.ends_with(".jsonl")).collect();
    assert_eq!(of_log.len(), 1, "{bytes:?}");
    assert!(of_log[0].0.contains(&day(10)), "{bytes:?}");
    let of_index: u64 =
        bytes.iter().filter(|(name, _)| name.contains(".index/")).map(|(_, n)| n).sum();
    let whole = size(&place.log_dir());
    assert!(of_index + of_log[0].1 < whole / 10, "{bytes:?} of {whole}");

    // Compressed: still only the file of that day.
    let ran = place.run(["log", "rotate"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    std::thread::sleep(std::time::Duration::from_millis(150));
    let old = place.run(["log", "show", &id(4321)]);
    assert_eq!(old.stdout, first.stdout);
    assert_eq!(old.stderr.matches("changed since it was indexed").count(), 30, "{}", old.stderr);
    let (packed, bytes) = traced(&place, &["log", "show", &id(4321)]).unwrap();
    assert_eq!((packed.stdout.as_str(), packed.stderr.as_str()), (first.stdout.as_str(), ""));
    let of_log: Vec<_> = bytes.keys().filter(|name| name.contains(".jsonl")).collect();
    assert!(of_log.len() == 1 && of_log[0].contains(&day(10)), "{bytes:?}");

    // verify removes what it did not make itself; nothing but speed depends on it.
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    assert!(!active.with_extension("index").exists());
    assert_eq!(place.run(["log", "show", &id(4321)]).stdout, first.stdout);
}

/// Puts everything into the file that is written to, which is the only one.
fn opened(active: &Path) {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(active.parent().unwrap()).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    files.sort();
    let all: Vec<u8> = files.iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    files.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    std::fs::write(active, all).unwrap();
}

#[test]
fn one_command_of_today_is_found_without_reading_the_rest() {
    let (place, active) = place();
    opened(&active);
    let log = active.file_name().unwrap().to_str().unwrap();
    let whole = active.metadata().unwrap().len();
    assert!(whole > 8 << 20, "{whole}");
    let first = place.run(["log", "show", &id(4321)]);
    assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""));
    assert!(first.stdout.contains("deploy 10-321"), "{}", first.stdout);
    if !has_strace() {
        return;
    }
    let all = |bytes: &BTreeMap<String, u64>| bytes.values().sum::<u64>();
    let Some((again, bytes)) = traced(&place, &["log", "show", &id(4321)]) else { return };
    assert_eq!((again.stdout.as_str(), again.stderr.as_str()), (first.stdout.as_str(), ""));
    assert!(bytes[log] < 100_000 && all(&bytes) < whole / 20, "{bytes:?} of {whole}");

    // What comes now is found as well, and costs what came.
    assert_eq!(place.run(["--", "deploy", "now"]).code, Some(0));
    assert!(active.metadata().unwrap().len() > whole, "a new day began another file");
    let new = place.run(["log", "show", "--last", "1", "--json"]).stdout;
    let new: serde_json::Value = serde_json::from_str(&new).unwrap();
    let new = new["request_id"].as_str().unwrap();
    let (shown, bytes) = traced(&place, &["log", "show", new]).unwrap();
    assert!(shown.stdout.contains("deploy now"), "{}{}", shown.stdout, shown.stderr);
    assert!(bytes[log] < 300_000 && all(&bytes) < whole / 20, "{bytes:?} of {whole}");

    // Whoever signs in the background makes it, so nobody has to wait for it.
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    assert!(!active.with_extension("index").exists());
    assert_eq!(place.run(["log", "checkpoint", "--quiet"]).code, Some(0));
    let (shown, bytes) = traced(&place, &["log", "show", &id(4321)]).unwrap();
    assert_eq!(shown.stdout, first.stdout);
    assert!(bytes[log] < 300_000 && all(&bytes) < whole / 20, "{bytes:?} of {whole}");
}

#[test]
fn a_day_is_shown_from_its_own_file() {
    let (place, active) = place();
    let args = ["log", "show", "--day", "2026-10-05", "--last", "0", "--json"];
    let ran = place.run(args);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert_eq!(ran.stdout.lines().count() as u64, A_DAY);
    assert!(ran.stdout.lines().all(|line| line.contains("\"4-")), "{}", ran.stdout);
    let since = [
        "log",
        "show",
        "--since",
        "2026-10-05",
        "--until",
        "2026-10-05T23:59",
        "--last",
        "0",
        "--json",
    ];
    assert_eq!(place.run(since).stdout, ran.stdout);
    // What ended on the next day did end.
    let late = place.run(["log", "show", "--day", "2026-10-11", "--text", "late", "--json"]);
    assert!(late.stdout.contains(r#""outcome":"exit","exit":7"#), "{}{}", late.stdout, late.stderr);
    for wrong in ["2026-10", "yesterday", "2026-10-05T10:00"] {
        assert_eq!(place.run(["log", "show", "--day", wrong]).code, Some(64));
    }
    assert!(place.run(["log", "show", "--day", "2027-01-01"]).stdout.is_empty());
    if !has_strace() {
        return;
    }
    for packed in [false, true] {
        let Some((traced, bytes)) = traced(&place, &args) else { return };
        assert_eq!(traced.stdout, ran.stdout);
        let of_log: Vec<_> = bytes.keys().filter(|name| name.contains(".jsonl")).collect();
        assert!(of_log.len() == 1 && of_log[0].contains("2026-10-05"), "{packed}: {bytes:?}");
        assert_eq!(place.run(["log", "rotate"]).code, Some(0));
    }
    drop(active);
}

#[test]
fn a_name_that_is_not_that_of_the_content_is_found() {
    let (place, active) = place();
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    let stem = active.file_stem().unwrap().to_str().unwrap();
    let name =
        |first: u64, day: &str| active.with_file_name(format!("{stem}.{first:012}.{day}.jsonl"));
    let right = name(800, "2026-10-03");
    for (wrong, says) in [
        (name(800, "2025-10-03"), "ends on 2026-10-03: it was renamed"),
        (name(801, "2026-10-03"), "begins with record 800: it was renamed"),
    ] {
        std::fs::rename(&right, &wrong).unwrap();
        let ran = place.run(["log", "verify"]);
        assert_eq!(ran.code, Some(1), "{}", ran.stdout);
        assert!(ran.stdout.contains(says), "{}", ran.stdout);
        // The chain holds: only the name is wrong.
        assert!(ran.stdout.contains("intact"), "{}", ran.stdout);
        std::fs::rename(&wrong, &right).unwrap();
    }
    assert_eq!(place.run(["log", "rotate"]).code, Some(0));
    let packed = right.with_extension("jsonl.gz");
    std::fs::rename(&packed, name(800, "2025-10-03").with_extension("jsonl.gz")).unwrap();
    let ran = place.run(["log", "verify"]);
    assert!(ran.code == Some(1) && ran.stdout.contains("ends on 2026-10-03"), "{}", ran.stdout);
}
