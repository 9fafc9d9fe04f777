#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod open;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::super::archive::pack;
use super::super::index::{self, Place, Table};
use super::super::parts::{self, Source};
use super::super::record::{Entry, Envelope, GENESIS, Hash, Kind, hash};
use super::{Finder, Note, Wanted};
use crate::text::stamp::Stamp;

/// A log of closed files, one for each list, and an open one for the last.
struct Log {
    dir: tempfile::TempDir,
    prev: Hash,
    seq: u64,
}

fn id(n: u64) -> String {
    format!("{:08x}-aaaa-4bbb-8ccc-{n:012x}", n.wrapping_mul(0x9e37_79b9) & 0xffff_ffff)
}

impl Log {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), prev: GENESIS, seq: 0 }
    }

    fn active(&self) -> PathBuf {
        self.dir.path().join("h.jsonl")
    }

    fn file(&mut self, day: Option<&str>, records: &[(Kind, Value)]) -> PathBuf {
        let first = self.seq;
        let mut out = Vec::new();
        for (kind, ev) in records {
            let entry = Entry::new(*kind, ev).unwrap();
            let mut line = Vec::new();
            let time = Stamp::parse(day.unwrap_or("2026-11-30")).unwrap();
            Envelope { seq: self.seq, prev: self.prev, time, mono_us: 1, boot: "b" }
                .write(&entry, &mut line);
            self.prev = hash(&line);
            self.seq += 1;
            out.extend(line);
            out.push(b'\n');
        }
        let path =
            day.map_or_else(|| self.active(), |day| parts::closed_name(&self.active(), first, day));
        std::fs::write(&path, out).unwrap();
        path
    }

    /// Appends to the open file.
    fn append(&mut self, records: &[(Kind, Value)]) {
        let old = std::fs::read(self.active()).unwrap_or_default();
        let path = self.file(None, records);
        let new = std::fs::read(&path).unwrap();
        // In place: another inode would be another file.
        std::fs::write(&path, [old, new].concat()).unwrap();
    }

    /// The stretches of the open file that have an index.
    fn stretches(&self) -> Vec<PathBuf> {
        let mut files = self.indexes();
        files.retain(|path| path.file_name().unwrap().to_str().unwrap().starts_with("open."));
        files
    }

    /// What reading every line finds.
    fn oracle(&self, typed: &str) -> Vec<Value> {
        let source = Source::open(&self.active()).unwrap();
        let text = std::io::read_to_string(source.reader()).unwrap();
        let all: Vec<Value> = text.lines().filter_map(|l| serde_json::from_str(l).ok()).collect();
        let mut wanted = Wanted::new(typed);
        let mut count = usize::MAX;
        loop {
            let found: Vec<Value> = all.iter().filter(|r| wanted.takes(r)).cloned().collect();
            if found.len() == count {
                return found;
            }
            count = found.len();
        }
    }

    fn find(&self, typed: &str) -> (Vec<Value>, Vec<Note>) {
        let source = Source::open(&self.active()).unwrap();
        let mut finder = Finder::new(&source);
        let hits = finder.find(typed).unwrap();
        assert!(hits.iter().all(|hit| hit.follows));
        (hits.into_iter().map(|hit| hit.record).collect(), finder.notes())
    }

    /// The answers are right, whatever the index is like.
    fn check(&self, why: &str) -> Vec<Note> {
        let mut notes = Vec::new();
        for typed in typed() {
            let (found, more) = self.find(&typed);
            assert_eq!(found, self.oracle(&typed), "{why}: {typed}");
            notes.extend(more);
        }
        notes
    }

    fn indexes(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(index::folder(&self.active())).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}

/// What is looked for: whole ids, beginnings, short names, and what is not there.
fn typed() -> Vec<String> {
    let mut out = vec![id(3), id(7)[..8].to_owned(), id(900), id(901), id(902), id(903)];
    out.extend(["WERC-8GMR", "werc8gmr", "ffffffffffff", "", "abc"].map(str::to_owned));
    out
}

fn run(n: u64) -> (Kind, Value) {
    (Kind::Run, json!({"request_id": id(n), "argv": ["x"], "exit": 0}))
}

/// Three closed files and an open one: commands within one, over two, with a
/// petition that is answered and used on later days, and one without an end.
fn log() -> Log {
    let mut log = Log::new();
    let mut one: Vec<_> = (0..400).map(run).collect();
    let nested = json!({"v": 1, "seq": 5, "prev": "0".repeat(64), "kind": "end",
        "ev": {"request_id": id(900), "exit": 66}});
    one.extend([
        (Kind::Request, json!({"request_id": id(900), "facts": [nested]})),
        (Kind::Request, json!({"request_id": id(901)})),
        (Kind::Decision, json!({"request_id": id(900), "decision": "approved"})),
        (Kind::Start, json!({"request_id": id(900)})),
        (Kind::Start, json!({"request_id": id(901)})),
        (Kind::End, json!({"request_id": id(900), "exit": 0})),
        (Kind::Request, json!({"request_id": id(902)})),
        (
            Kind::Petition,
            json!({"request_id": id(902), "petition": id(950), "handle": "WERC-8GMR"}),
        ),
        (Kind::Decision, json!({"request_id": id(902), "decision": "unanswered"})),
        (Kind::Request, json!({"request_id": id(903)})),
        (Kind::Start, json!({"request_id": id(903)})),
    ]);
    log.file(Some("2026-11-26"), &one);
    let mut two = vec![(Kind::End, json!({"request_id": id(901), "exit": 0}))];
    two.extend((400..700).map(run));
    two.push((Kind::Answer, json!({"petition": id(950), "answer": "approve"})));
    log.file(Some("2026-11-27"), &two);
    let evidence = json!({"petition": id(950)});
    log.file(
        Some("2026-11-28"),
        &[
            (Kind::Request, json!({"request_id": id(904)})),
            (
                Kind::Decision,
                json!({"request_id": id(904), "decision": "approved", "evidence": evidence}),
            ),
            (Kind::Start, json!({"request_id": id(904)})),
            (Kind::End, json!({"request_id": id(904), "exit": 0})),
        ],
    );
    log.file(None, &[run(700)]);
    std::thread::sleep(Duration::from_millis(150));
    log
}

#[test]
fn a_file_with_too_many_ids_for_an_index_is_read_and_gives_the_same() {
    let log = log();
    let source = Source::open(&log.active()).unwrap();
    for typed in typed() {
        let mut finder = Finder::new(&source);
        finder.tables.extend((0..source.count()).map(|file| (file, Table::Huge)));
        let hits = finder.find(&typed).unwrap();
        let found: Vec<Value> = hits.into_iter().map(|hit| hit.record).collect();
        assert_eq!(found, log.oracle(&typed), "{typed}");
    }
}

#[test]
fn an_index_is_made_once_and_answers_like_the_log() {
    let log = log();
    assert_eq!(log.find(&id(3)).1, [Note::Missing(3)]);
    assert_eq!(log.indexes().len(), 3);
    assert_eq!(log.oracle("werc8gmr").len(), 8);
    assert_eq!(log.check("kept"), []);
    // Without the folder, and where nothing can be kept.
    index::forget(&log.active());
    std::fs::write(index::folder(&log.active()), "").unwrap();
    assert!(log.check("nothing can be kept").iter().all(|note| *note != Note::Missing(0)));
}

#[test]
fn a_damaged_index_changes_no_answer() {
    let log = log();
    log.check("first");
    let files = log.indexes();
    for path in &files {
        let good = std::fs::read(path).unwrap();
        let sizes = [0, 1, 135, 136, 137, good.len() / 2, good.len() - 4096, good.len() - 1];
        let mut bad: Vec<Vec<u8>> = sizes.iter().map(|size| good[..*size].to_vec()).collect();
        for at in (0..good.len()).step_by(911) {
            let mut flipped = good.clone();
            flipped[at] ^= 1 << (at % 8);
            bad.push(flipped);
        }
        // Blocks and entries in another place.
        for step in [4096, 32] {
            let mut swapped = good.clone();
            for n in 0..step {
                let (one, other) = (136 + n, 136 + step + n);
                if other < swapped.len() {
                    swapped.swap(one, other);
                }
            }
            bad.push(swapped);
        }
        bad.push([good.as_slice(), &[0; 4096]].concat());
        // That of another file.
        bad.extend(files.iter().filter(|other| *other != path).map(|o| std::fs::read(o).unwrap()));
        for bad in bad.into_iter().filter(|bad| *bad != good) {
            std::fs::write(path, bad).unwrap();
            for typed in [id(3), id(900), "WERC-8GMR".to_owned(), id(901)] {
                assert_eq!(log.find(&typed).0, log.oracle(&typed), "{typed}");
            }
            std::fs::write(path, &good).unwrap();
        }
    }
    assert_eq!(log.check("restored"), []);
    std::fs::remove_file(&files[0]).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &files[0]).unwrap();
    log.check("a link");
}

/// Writes an index, as guard would, of what `change` makes of the entries.
fn forge(log: &Log, part: usize, change: impl FnOnce(&mut Vec<(index::Key, Place)>)) {
    let source = Source::open(&log.active()).unwrap();
    let mut entries = index::all(&source, part).unwrap();
    change(&mut entries);
    entries.sort_unstable();
    match source.parts().get(part) {
        Some(part) => index::closed::forge(&log.active(), part, &entries).unwrap(),
        None => index::open::forge(&source, part, &entries).unwrap(),
    }
}

fn key_of(text: &str) -> index::Key {
    index::key(b'i', text)
}

#[test]
fn a_forged_index_leads_to_no_wrong_line() {
    let log = log();
    log.check("first");
    let content = std::fs::read_to_string(&Source::open(&log.active()).unwrap().parts()[0].path);
    let content = content.unwrap();
    let nested = content.find(r#"{"ev":{"exit":66"#).unwrap_or_else(|| {
        // The order of the keys is serde's.
        content.find(r#""exit":66"#).map(|at| content[..at].rfind("{\"ev\"").unwrap()).unwrap()
    });
    let len = content[nested..].find("]").unwrap();
    assert!(serde_json::from_str::<Value>(&content[nested..nested + len]).is_ok());
    let inside = Place { offset: nested as u64, len: u32::try_from(len).unwrap() };
    let wrong = [
        inside,
        Place { offset: 0, len: u32::MAX },
        Place { offset: u64::MAX, len: 7 },
        Place { offset: 1, len: 200 },
        // Two lines, and a line of another command.
        Place {
            offset: 0,
            len: u32::try_from(content.match_indices('\n').nth(1).unwrap().0).unwrap(),
        },
        Place { offset: 0, len: u32::try_from(content.find('\n').unwrap()).unwrap() },
    ];
    for place in wrong {
        for whole in [true, false] {
            forge(&log, 0, |entries| {
                if whole {
                    entries.retain(|(key, _)| *key != key_of(&id(900)));
                }
                entries.push((key_of(&id(900)), place));
            });
            assert!(log.check("forged").iter().any(|n| matches!(n, Note::Wrong(_))), "{place:?}");
        }
    }
    // Everything means something else: the places of all entries are rotated.
    forge(&log, 0, |entries| {
        let mut places: Vec<Place> = entries.iter().map(|(_, place)| *place).collect();
        places.rotate_left(1);
        entries.iter_mut().zip(places).for_each(|((_, to), place)| *to = place);
    });
    log.check("rotated");
}

#[test]
fn what_an_index_leaves_out_is_missed() {
    let log = log();
    log.check("first");
    let full = log.oracle(&id(900));
    assert_eq!(full.len(), 4);
    for left_out in 0..=full.len() {
        forge(&log, 0, |entries| {
            let mut n = 0;
            entries.retain(|(key, _)| {
                let own = *key == key_of(&id(900));
                n += usize::from(own);
                !own || left_out < full.len() && n != left_out + 1
            });
        });
        log.check(&format!("without {left_out}"));
    }
    // An end in the next file, and an index without anything.
    forge(&log, 1, |entries| entries.retain(|(key, _)| *key != key_of(&id(901))));
    log.check("without its end");
    // An approval that was used on a later day.
    for file in [1, 2] {
        log.check("again");
        forge(&log, file, |entries| {
            entries.retain(|(key, _)| *key != key_of(&id(950)) && *key != key_of(&id(904)));
        });
        log.check("without the answer or its use");
    }
    for part in 0..3 {
        forge(&log, part, Vec::clear);
    }
    log.check("empty");
}

#[test]
fn an_index_of_another_state_of_the_file_does_not_count() {
    let mut log = log();
    log.check("first");
    let source = Source::open(&log.active()).unwrap();
    let path = source.parts()[1].path.clone();
    // The same length, the same time of writing: only the time of change tells.
    let text = std::fs::read_to_string(&path).unwrap().replace(&id(450), &id(3));
    let at = path.metadata().unwrap().modified().unwrap();
    std::fs::write(&path, text).unwrap();
    std::fs::File::options().append(true).open(&path).unwrap().set_modified(at).unwrap();
    let source = Source::open(&log.active()).unwrap();
    let mut finder = Finder::new(&source);
    let hits = finder.find(&id(3)).unwrap();
    assert_eq!(hits.len(), 2);
    assert_eq!(finder.notes(), [Note::Old(path)]);
    // It was changed, and is shown as such.
    assert_eq!(hits.iter().map(|hit| hit.follows).collect::<Vec<_>>(), [true, false]);

    log = self::log();
    log.check("first");
    let source = Source::open(&log.active()).unwrap();
    pack(&source.parts()[0]).unwrap();
    std::thread::sleep(Duration::from_millis(150));
    assert!(matches!(log.find(&id(3)).1.as_slice(), [Note::Old(_)]));
    assert_eq!(log.check("packed"), []);
}

#[test]
fn links_are_not_followed_and_other_accounts_not_written_for() {
    let log = log();
    let elsewhere = tempfile::tempdir().unwrap();
    let dir = index::folder(&log.active());
    std::os::unix::fs::symlink(elsewhere.path(), &dir).unwrap();
    log.check("a link in place of the folder");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
    std::fs::write(elsewhere.path().join("x"), "").unwrap();
    index::forget(&log.active());
    assert!(Path::new(&elsewhere.path().join("x")).exists());
}
