//! One log in many files: closed, compressed, removed, and read as one.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use guard::audit::record::{hash, hex};
use serde_json::Value;

use crate::harness::{Output, Place};

const DAY: u64 = 86_400;

/// A place whose log has a closed file for each of so many days before today,
/// with one command each, and one command today.
pub fn place(ages: &[u64]) -> Place {
    let place = Place::new();
    place.program("deploy", "exit 0");
    for (n, age) in ages.iter().enumerate() {
        command(&place, &format!("day-{n}"));
        age_of(&active(&place), *age);
    }
    command(&place, "today");
    place
}

fn command(place: &Place, word: &str) {
    let ran = place.run(["--", "deploy", word]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

fn active(place: &Place) -> PathBuf {
    place.run(["log", "path"]).stdout.trim_end().into()
}

/// Makes a file what it would be if its records had been written so many days
/// ago.
fn age_of(file: &Path, days: u64) {
    let (mut out, mut before) = (String::new(), None::<String>);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let mut line = line.to_owned();
        let at = line.find(r#""time":""#).unwrap() + 8;
        line.replace_range(at..at + 10, &day(days));
        if let Some(before) = before {
            let at = line.find(r#""prev":""#).unwrap() + 8;
            line.replace_range(at..at + 64, &before);
        }
        before = Some(hex(&hash(line.as_bytes())));
        out.push_str(&line);
        out.push('\n');
    }
    std::fs::write(file, out).unwrap();
    let at = SystemTime::now() - Duration::from_secs(days * DAY);
    std::fs::File::options().append(true).open(file).unwrap().set_modified(at).unwrap();
}

pub fn policy(place: &Place, text: &str) {
    place.write_home(".config/guard/policy.yaml", text);
}

/// The names in the folder of the log, without the host, in order.
fn names(place: &Place) -> Vec<String> {
    let stem = active(place).file_stem().unwrap().to_str().unwrap().to_owned();
    let entries = std::fs::read_dir(place.log_dir()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.ends_with("checkpoints"))
        .map(|name| name.strip_prefix(&stem).unwrap().to_owned())
        .collect();
    names.sort();
    names
}

fn day(ago: u64) -> String {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let millis = i64::try_from((seconds - ago * DAY) * 1000).unwrap();
    guard::text::stamp::Stamp(millis).to_string()[..10].to_owned()
}

pub fn rotate(place: &Place) -> Output {
    let done = place.run(["log", "rotate"]);
    assert_eq!(done.code, Some(0), "{}{}", done.stdout, done.stderr);
    done
}

/// The words of the commands that `show` finds.
fn shown(place: &Place, args: &[&str]) -> Vec<String> {
    let all: &[&str] = if args.is_empty() { &["--last", "0"] } else { &[] };
    let ran = place.run([&["log", "show", "--json"], all, args].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let word = |line: &str| {
        let run: Value = serde_json::from_str(line).unwrap();
        assert_eq!(run["outcome"], "exit", "{run}");
        run["argv"][1].as_str().unwrap().to_owned()
    };
    ran.stdout.lines().map(word).collect()
}

#[test]
fn a_new_day_begins_a_new_file_and_the_chain_goes_on() {
    let place = place(&[3, 1]);
    assert_eq!(
        names(&place),
        [
            format!(".000000000000.{}.jsonl", day(3)),
            format!(".000000000001.{}.jsonl", day(1)),
            ".jsonl".to_owned()
        ]
    );
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert!(verified.stdout.contains("intact, 3 records in 3 files"), "{}", verified.stdout);
    assert_eq!(shown(&place, &[]), ["day-0", "day-1", "today"]);
    assert_eq!(shown(&place, &["--last", "2"]), ["day-1", "today"]);
    // A file that is missing in the middle, or whose name was changed, is found.
    let middle = place.log_dir().join(format!(
        "{}.000000000001.{}.jsonl",
        active(&place).file_stem().unwrap().to_str().unwrap(),
        day(1)
    ));
    let aside = place.path("tmp/aside");
    std::fs::rename(&middle, &aside).unwrap();
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stdout.contains("record 2 stands where record 1 belongs"));
    std::fs::rename(&aside, &middle).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

#[test]
fn compressed_files_are_read_like_others_by_everything() {
    let place = place(&[9, 8, 1]);
    let before = ["jsonl", "csv", "ecs"].map(|form| place.run(["log", "export", "--format", form]));
    let id = place.events("run").remove(0)["request_id"].as_str().unwrap().to_owned();
    let cursor = place.path("tmp/cursor");
    let onwards = || {
        let args = ["log", "export", "--format", "jsonl", "--cursor", cursor.to_str().unwrap()];
        let ran = place.run(args);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.lines().count()
    };
    assert_eq!(onwards(), 4);
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    assert_eq!(onwards(), 1);
    let done = rotate(&place);
    assert_eq!(done.stdout.matches("compressed").count(), 2, "{}", done.stdout);
    let gz = names(&place).into_iter().filter(|name| name.ends_with(".jsonl.gz")).count();
    assert_eq!((gz, names(&place).len()), (2, 4));
    assert_eq!(rotate(&place).stdout, "Nothing to do.\n");

    // By hand, as docs/log.md says it.
    let stem = active(&place).with_extension("");
    let script = "zcat -f \"$0\".0*.jsonl* \"$0\".jsonl";
    let by_hand = crate::harness::output(place.command("sh").args(["-c", script]).arg(stem));
    assert_eq!(by_hand.stdout, place.run(["log", "export", "--format", "jsonl"]).stdout);
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert!(
        verified.stdout.contains("checkpoint holds; the newest covers 4"),
        "{}",
        verified.stdout
    );
    assert_eq!(shown(&place, &[]), ["day-0", "day-1", "day-2", "today"]);
    for (form, before) in ["jsonl", "csv", "ecs"].into_iter().zip(before) {
        let after = place.run(["log", "export", "--format", form]).stdout;
        // One line more: that of the checkpoint.
        assert!(after.starts_with(&before.stdout), "{form}");
    }
    assert_eq!(onwards(), 0);
    command(&place, "later");
    assert_eq!(onwards(), 1);
    assert!(place.run(["log", "show", &id]).stdout.contains("deploy day-0"));
    let stats = place.run(["log", "stats", "--json"]).stdout;
    assert_eq!(serde_json::from_str::<Value>(&stats).unwrap()["total"]["seen"], 5);
    assert!(place.run(["log", "report", "--all"]).stdout.contains("deploy day-1"));
    assert_eq!(place.run(["log", "scan"]).code, Some(0));
    let proof = place.path("tmp/proof");
    let made = place.run(["log", "prove", &id, "-o", proof.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let key = place.path("home/.local/state/guard/checkpoint.key.pub");
    let args = ["log", "check-proof", proof.to_str().unwrap(), "--key", key.to_str().unwrap()];
    assert_eq!(place.run(args).code, Some(0));
    // What was signed goes on from where it was.
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

#[test]
fn a_compressed_file_that_was_changed_is_found() {
    let place = place(&[9]);
    rotate(&place);
    let packed = place.log_dir().read_dir().unwrap().map(|entry| entry.unwrap().path());
    let packed = packed.into_iter().find(|path| path.extension().unwrap() == "gz").unwrap();
    let good = std::fs::read(&packed).unwrap();
    for at in [0, 11, good.len() / 2, good.len() - 6, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        std::fs::write(&packed, bad).unwrap();
        let verified = place.run(["log", "verify"]);
        assert_eq!(verified.code, Some(1), "byte {at}: {}", verified.stdout);
        assert!(verified.stdout.contains("damaged"), "byte {at}: {}", verified.stdout);
        assert_eq!(place.run(["log", "show"]).code, Some(74));
    }
    // Nothing keeps commands from running and being recorded.
    command(&place, "more");
    std::fs::write(&packed, good).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

#[test]
fn nothing_is_removed_unless_policy_says_so_and_then_a_record_covers_it() {
    let place = place(&[40, 30, 20, 1]);
    let id = |n: usize| place.events("run")[n]["request_id"].as_str().unwrap().to_owned();
    let (old, newer) = (id(0), id(3));
    place.run(["log", "checkpoint"]);
    let early = place.path("tmp/early");
    let beside = active(&place).with_extension("checkpoints").join("latest.checkpoint");
    std::fs::copy(&beside, &early).unwrap();
    rotate(&place);
    assert_eq!(names(&place).len(), 5);
    policy(&place, "log: {keep: 25d}\n");
    let plan = place.run(["log", "rotate", "--dry-run"]);
    assert_eq!(plan.stdout.matches("would remove").count(), 2, "{}", plan.stdout);
    command(&place, "before");
    let done = rotate(&place);
    assert_eq!(done.stdout.matches("removed").count(), 2, "{}", done.stdout);
    assert_eq!(names(&place).len(), 3);

    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let says = "records 0 to 1 were removed, because policy keeps 25d; record 9 covers that";
    assert!(verified.stdout.contains(says), "{}", verified.stdout);
    assert!(verified.stdout.contains(&format!(".000000000001.{}.jsonl: records 1 to 1", day(30))));
    // An old checkpoint from elsewhere still holds, and new ones go on.
    let args = ["log", "verify", "--checkpoint", early.to_str().unwrap()];
    let verified = place.run(args);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    assert!(verified.stdout.contains("1 of them from elsewhere"), "{}", verified.stdout);
    std::fs::remove_file(beside.with_file_name("progress.json")).unwrap();
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    let proof = place.path("tmp/proof");
    assert_eq!(place.run(["log", "prove", &old]).code, Some(1));
    let made = place.run(["log", "prove", &newer, "-o", proof.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let key = place.path("home/.local/state/guard/checkpoint.key.pub");
    let args = ["log", "check-proof", proof.to_str().unwrap(), "--key", key.to_str().unwrap()];
    assert_eq!(place.run(args).code, Some(0));
    assert_eq!(shown(&place, &[]), ["day-2", "day-3", "today", "before"]);
}

#[test]
fn a_file_that_goes_without_its_record_or_against_it_is_found() {
    let place = place(&[40, 30, 20, 1]);
    policy(&place, "log: {keep: 35d}\n");
    rotate(&place);
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    // One more than the record covers.
    let oldest = names(&place).into_iter().next().unwrap();
    let name = format!("{}{oldest}", active(&place).file_stem().unwrap().to_str().unwrap());
    let gone = place.log_dir().join(name);
    let content = std::fs::read(&gone).unwrap();
    std::fs::remove_file(&gone).unwrap();
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(1), "{}", verified.stdout);
    assert!(verified.stdout.contains("record 2 stands where record 0 belongs"));
    std::fs::write(&gone, content).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    // A record that tells of another tree than was signed.
    let log = active(&place);
    let text = std::fs::read_to_string(&log).unwrap();
    let at = text.find("\"nodes\":[\"").unwrap() + 10;
    let other = if text.as_bytes()[at] == b'0' { '1' } else { '0' };
    let lie = format!("{}{other}{}", &text[..at], &text[at + 1..]);
    std::fs::write(&log, lie).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(1));
}

#[test]
fn what_was_changed_is_evidence_and_is_not_removed() {
    let place = place(&[40, 30, 20, 1]);
    place.run(["log", "checkpoint"]);
    policy(&place, "log: {keep: 35d}\n");
    let oldest = names(&place).into_iter().next().unwrap();
    let name = format!("{}{oldest}", active(&place).file_stem().unwrap().to_str().unwrap());
    let path = place.log_dir().join(name);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("day-0", "day-x")).unwrap();
    let done = place.run(["log", "rotate"]);
    assert_eq!(done.code, Some(74), "{}", done.stdout);
    assert!(done.stderr.contains("nothing is removed"), "{}", done.stderr);
    assert!(path.exists() && place.events("retention").is_empty());
}
