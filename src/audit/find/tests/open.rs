//! The index of the file that is written to.

use serde_json::{Value, json};

use super::super::super::index::Place;
use super::super::super::parts;
use super::super::super::record::{GENESIS, Kind};
use super::super::Note;
use super::{Log, forge, id, key_of};

/// A log with an open file only, of commands one after another, of which the
/// seventh has a petition.
fn open_log() -> Log {
    let mut log = Log::new();
    grow(&mut log, 0..40);
    log
}

fn command(n: u64) -> Vec<(Kind, Value)> {
    let own = || json!({"request_id": id(n), "decision": "approved", "exit": 0});
    let mut out = vec![(Kind::Request, own()), (Kind::Decision, own())];
    if n == 7 {
        let ev = json!({"request_id": id(n), "petition": id(950), "handle": "WERC-8GMR"});
        out.push((Kind::Petition, ev));
        out.push((Kind::Answer, json!({"petition": id(950), "answer": "approve"})));
    }
    out.extend([(Kind::Start, own()), (Kind::End, own())]);
    out
}

fn grow(log: &mut Log, commands: std::ops::Range<u64>) {
    let records: Vec<_> = commands.flat_map(command).collect();
    log.append(&records);
}

#[test]
fn the_index_of_the_open_file_grows_with_it_and_answers_like_the_log() {
    let mut log = open_log();
    assert_eq!(log.check("first"), []);
    let mut most = 0;
    for step in 0..150 {
        grow(&mut log, 40 + step * 5..45 + step * 5);
        let (found, notes) = log.find(&id(42 + step * 5));
        assert_eq!((found.len(), notes), (4, vec![]), "{step}");
        most = most.max(log.stretches().len());
        if step % 25 == 0 {
            assert_eq!(log.check("grown"), []);
        }
    }
    assert_eq!(log.check("grown"), []);
    // Four become one.
    assert!((2..=16).contains(&most), "{most}");
    // A day later it is another file, whose index is its own.
    let size = log.active().metadata().unwrap().len();
    std::fs::rename(log.active(), parts::closed_name(&log.active(), 0, "2026-11-30")).unwrap();
    grow(&mut log, 900..940);
    log.check("closed");
    assert!(log.active().metadata().unwrap().len() < size);
    assert_eq!(log.stretches().len(), 1, "{:?}", log.stretches());
    assert_eq!(log.check("closed"), []);
}

#[test]
fn an_index_of_the_open_file_that_is_damaged_or_forged_changes_no_answer() {
    let mut log = open_log();
    log.check("first");
    for step in 0..3 {
        grow(&mut log, 40 + step * 20..60 + step * 20);
        log.check("grown");
    }
    let files = log.stretches();
    assert!(files.len() > 1, "{files:?}");
    let good: Vec<Vec<u8>> = files.iter().map(|path| std::fs::read(path).unwrap()).collect();
    for (path, content) in files.iter().zip(&good) {
        for at in [5, 20, 60, 100, 120, 136, 500, 1500, 4100, 4200, 4231, 6000] {
            let Some(cut) = content.get(..at) else { continue };
            let mut bad = content.clone();
            bad[at.min(content.len() - 1)] ^= 4;
            for bad in [bad, cut.to_vec()] {
                std::fs::write(path, &bad).unwrap();
                for typed in [id(3), id(70), "WERC-8GMR".to_owned(), id(999)] {
                    assert_eq!(log.find(&typed).0, log.oracle(&typed), "{typed}");
                }
                for made in log.stretches() {
                    std::fs::remove_file(made).unwrap();
                }
                for (path, content) in files.iter().zip(&good) {
                    std::fs::write(path, content).unwrap();
                }
            }
        }
    }
    assert_eq!(log.check("restored"), []);
    for n in 0..4 {
        forge(&log, 0, |entries| {
            let mut at = 0;
            entries.retain(|(key, _)| {
                let own = *key == key_of(&id(3));
                at += usize::from(own);
                !own || at != n + 1
            });
        });
        let notes = log.check("left out");
        assert!(notes.iter().any(|note| *note == Note::Wrong(log.active())), "{n}: {notes:?}");
    }
    forge(&log, 0, Vec::clear);
    log.check("empty");
    for place in [(0, u32::MAX), (u64::MAX, 7), (1, 200)] {
        forge(&log, 0, |entries| {
            let (offset, len) = place;
            entries.push((key_of(&id(3)), Place { offset, len }));
        });
        log.check("wrong place");
        assert_eq!(log.check("made anew"), []);
    }
}

#[test]
fn an_index_of_another_open_file_does_not_count() {
    let mut log = open_log();
    log.check("first");
    assert_eq!(log.stretches().len(), 1);
    // Written anew with the same inode, longer and shorter.
    for commands in [20..90, 50..80] {
        std::fs::write(log.active(), "").unwrap();
        (log.prev, log.seq) = (GENESIS, 0);
        grow(&mut log, commands);
        assert_eq!(log.check("anew"), []);
    }
    // A torn line at the end takes no part, and is no break.
    let text = std::fs::read(log.active()).unwrap();
    std::fs::write(log.active(), [text.as_slice(), b"{\"v\":1,\"seq\":"].concat()).unwrap();
    assert_eq!(log.check("torn"), []);
    // Another inode.
    let copy = log.dir.path().join("copy");
    std::fs::copy(log.active(), &copy).unwrap();
    std::fs::rename(&copy, log.active()).unwrap();
    assert_eq!(log.check("copied"), []);
}

#[test]
fn a_command_of_the_open_file_that_still_runs_is_looked_for_behind_its_beginning() {
    let mut log = open_log();
    let mut running = command(500);
    running.pop();
    log.append(&running);
    grow(&mut log, 40..80);
    for _ in 0..2 {
        assert_eq!(log.find(&id(500)), (log.oracle(&id(500)), vec![]));
    }
    // Its end, left out of the index, is found.
    let end = command(500).pop().unwrap();
    log.append(&[end]);
    grow(&mut log, 80..120);
    assert_eq!(log.oracle(&id(500)).len(), 4);
    forge(&log, 0, |entries| {
        let last = entries.iter().rposition(|(key, _)| *key == key_of(&id(500))).unwrap();
        entries.remove(last);
    });
    assert_eq!(log.find(&id(500)).0, log.oracle(&id(500)));
}
