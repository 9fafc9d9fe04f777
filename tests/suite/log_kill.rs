//! Killing guard at any moment leaves a log that verifies, and never a command
//! that ran without its record.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use crate::harness::Place;

/// How many times guard is killed.
const KILLS: u32 = 200;
/// How many run next to one another.
const AT_ONCE: usize = 4;

/// A small generator (Knuth's MMIX constants); the seed is shown on failure.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u128) -> u128 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u128::from(self.0 >> 33) % bound.max(1)
    }
}

fn start(place: &Place, n: u32) -> Child {
    place
        .guard(["--", "mark", &n.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_guard_leaves_a_log_that_verifies() {
    let place = Place::new();
    place.program("mark", "echo \"$1\" >> ran");
    // Else a harmless command is recorded when it is over, and only then.
    place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
    // Kills are spread over the whole life of guard, and a little beyond.
    let mut life = u128::MAX;
    for _ in 0..5 {
        let started = Instant::now();
        assert!(start(&place, 0).wait().unwrap().success());
        life = life.min(started.elapsed().as_micros() * 2);
    }

    let seed = SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos().into();
    let mut random = Random(seed);
    let mut killed = 0;
    let mut n = 0;
    while killed < KILLS {
        let mut group: Vec<(Child, Duration)> = (0..AT_ONCE)
            .map(|_| {
                n += 1;
                let micros = u64::try_from(random.below(life)).unwrap();
                (start(&place, n), Duration::from_micros(micros))
            })
            .collect();
        group.sort_by_key(|(_, after)| *after);
        let begun = Instant::now();
        for (child, after) in &mut group {
            std::thread::sleep(after.saturating_sub(begun.elapsed()));
            if child.try_wait().unwrap().is_none() {
                killed += 1;
            }
            let _ = child.kill();
            child.wait().unwrap();
        }
        // The time grows with each that had ended by itself, so this ends.
        assert!(n < KILLS * 20, "guard is too fast to be killed");
    }
    // A command whose guard was killed goes on by itself; let the last ones end.
    std::thread::sleep(Duration::from_millis(300));

    let verify = place.run(["log", "verify"]);
    assert_eq!(verify.code, Some(0), "seed {seed}: {}{}", verify.stdout, verify.stderr);
    let recorded = started_marks(&place);
    let ran = std::fs::read_to_string(place.path("project/ran")).unwrap();
    let unrecorded: Vec<&str> = ran.lines().filter(|n| !recorded.contains(*n)).collect();
    assert!(unrecorded.is_empty(), "seed {seed}: ran without a record: {unrecorded:?}");
    // And the log goes on.
    assert!(start(&place, 0).wait().unwrap().success());
    assert_eq!(place.run(["log", "verify"]).code, Some(0), "seed {seed}");
}

/// How many are killed of many that write at once, into a log that is closed all
/// the time; `GUARD_KILLS` says another number.
const MANY: usize = 1000;
const WRITERS: usize = 16;

/// What the threads of the test share.
#[derive(Default)]
struct Shared {
    next: AtomicUsize,
    killed: AtomicUsize,
    /// Numbers of commands whose guard ended by itself, without a complaint.
    acknowledged: Mutex<BTreeSet<String>>,
}

fn one_writer(place: &Place, life: u128, mut random: Random, kills: usize, shared: &Shared) {
    while shared.killed.load(Ordering::Relaxed) < kills {
        let n = shared.next.fetch_add(1, Ordering::Relaxed);
        // Harmless commands leave their one record at the end; in the other
        // project all records are there before the command begins.
        let project = ["project", "synced"][n % 2];
        let mut command = place.guard(["--", "mark", &n.to_string()]);
        command.current_dir(place.path(project)).stdin(Stdio::null()).stdout(Stdio::null());
        let mut child = command.stderr(Stdio::null()).spawn().unwrap();
        // Some live to their end.
        let micros = u64::try_from(random.below(life)).unwrap();
        let patience =
            if n.is_multiple_of(5) { Duration::MAX } else { Duration::from_micros(micros) };
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break Some(status);
            }
            if begun.elapsed() >= patience {
                break None;
            }
            std::thread::sleep(Duration::from_micros(200).min(patience));
        };
        match status {
            Some(status) => {
                assert!(status.success(), "{n}: {status}");
                shared.acknowledged.lock().unwrap().insert(n.to_string());
            }
            None => {
                child.kill().unwrap();
                child.wait().unwrap();
                shared.killed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

#[test]
fn sixteen_writers_that_are_killed_lose_nothing_that_was_acknowledged() {
    let kills = std::env::var("GUARD_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(MANY);
    let place = Place::new();
    std::fs::create_dir_all(place.path("synced/.git")).unwrap();
    std::fs::write(place.path("synced/.guard.yaml"), "log: {harmless: sync}\n").unwrap();
    let ran = [place.path("project/ran"), place.path("synced/ran")];
    place.program("mark", "echo \"$1\" >> ran");
    let begun = Instant::now();
    assert!(start(&place, 0).wait().unwrap().success());
    // Sixteen at a time take longer each.
    let life = begun.elapsed().as_micros() * 8;
    let seed: u64 = SystemTime::UNIX_EPOCH.elapsed().unwrap().subsec_nanos().into();
    let shared = Shared { next: AtomicUsize::new(1), ..Shared::default() };
    let log = place.logs().pop().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (place, shared) = (&place, &shared);
            let random =
                Random(seed.wrapping_add(writer as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            scope.spawn(move || one_writer(place, life, random, kills, shared));
        }
        // Again and again the next record finds that a day is over.
        while shared.killed.load(Ordering::Relaxed) < kills {
            std::thread::sleep(Duration::from_millis(100));
            let yesterday = SystemTime::now() - Duration::from_secs(86_400);
            let file = std::fs::File::options().append(true).open(&log);
            let _ = file.map(|file| file.set_modified(yesterday));
        }
    });
    // A command whose guard was killed goes on by itself; let the last ones end.
    std::thread::sleep(Duration::from_millis(300));

    let killed = shared.killed.load(Ordering::Relaxed) as u64;
    let verify = place.run(["log", "verify"]);
    assert_eq!(verify.code, Some(0), "seed {seed}: {}{}", verify.stdout, verify.stderr);
    let source = guard::audit::parts::Source::open(&log).unwrap();
    let found = guard::audit::verify::log(&source, &mut |_, _| {}).unwrap();
    let (torn, files) = (found.report.torn_count, found.files);
    assert_eq!((found.report.break_count, found.misnamed), (0, vec![]), "seed {seed}");
    assert!(torn <= killed, "seed {seed}: {torn} torn lines of {killed} kills");
    let recorded = whole_marks(&place);
    let acknowledged = shared.acknowledged.lock().unwrap();
    let lost: Vec<_> = acknowledged.difference(&recorded).collect();
    assert!(lost.is_empty(), "seed {seed}: acknowledged and lost: {lost:?}");
    let begun = started_marks(&place);
    let synced = std::fs::read_to_string(&ran[1]).unwrap_or_default();
    let unrecorded: Vec<&str> = synced.lines().filter(|n| !begun.contains(*n)).collect();
    assert!(unrecorded.is_empty(), "seed {seed}: ran without a record: {unrecorded:?}");
    eprintln!(
        "{killed} of {} killed; {} records in {files} files, {torn} torn lines, no break; {} \
         acknowledged, none lost",
        shared.next.load(Ordering::Relaxed) - 1,
        found.report.records,
        acknowledged.len()
    );
}

/// The arguments of every `mark` whose end is recorded.
fn whole_marks(place: &Place) -> BTreeSet<String> {
    let (mut requests, mut out) = (std::collections::HashMap::new(), BTreeSet::new());
    for record in sound(place) {
        let id = record["ev"]["request_id"].as_str().unwrap_or_default().to_owned();
        let mark = record["ev"]["argv"][1].as_str().unwrap_or_default().to_owned();
        match record["kind"].as_str().unwrap() {
            "request" => drop(requests.insert(id, mark)),
            "run" => drop(out.insert(mark)),
            "end" => out.extend(requests.get(&id).cloned()),
            _ => {}
        }
    }
    out
}

/// Every record; torn lines are none.
fn sound(place: &Place) -> Vec<serde_json::Value> {
    let mut files: Vec<_> = place.logs();
    files.sort();
    let mut out = Vec::new();
    for path in files {
        let bytes = std::fs::read(path).unwrap();
        out.extend(
            bytes.split(|byte| *byte == b'\n').filter_map(|l| serde_json::from_slice(l).ok()),
        );
    }
    out
}

/// The arguments of every `mark` that has a `start` record. Torn lines are
/// skipped.
fn started_marks(place: &Place) -> BTreeSet<String> {
    let mut requests = std::collections::HashMap::new();
    let mut out = BTreeSet::new();
    for path in place.logs() {
        let bytes = std::fs::read(path).unwrap();
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            let Some(id) = record["ev"]["request_id"].as_str().map(str::to_owned) else { continue };
            match record["kind"].as_str().unwrap() {
                "request" => {
                    let mark = record["ev"]["argv"][1].as_str().unwrap().to_owned();
                    requests.insert(id, mark);
                }
                "start" => out.extend(requests.get(&id).cloned()),
                _ => {}
            }
        }
    }
    out
}
