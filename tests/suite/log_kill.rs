//! Killing guard at any moment leaves a log that verifies, and never a command
//! that ran without its record.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};
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

/// The arguments of every `mark` that has a `start` record. Torn lines are
/// skipped.
fn started_marks(place: &Place) -> BTreeSet<String> {
    let mut requests = std::collections::HashMap::new();
    let mut out = BTreeSet::new();
    for path in place.logs() {
        let bytes = std::fs::read(path).unwrap();
        for line in bytes.split(|byte| *byte == b'\n') {
            let Ok(record) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
            if record["kind"] == "checkpoint" {
                continue;
            }
            let id = record["ev"]["request_id"].as_str().unwrap().to_owned();
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
