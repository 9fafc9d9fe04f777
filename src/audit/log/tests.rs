//! Appending: order, torn lines, failures.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use serde_json::json;

use super::*;
use crate::audit::chain::Checked;
use crate::audit::parts;
use crate::audit::reader::Lines;

fn check(path: &Path) -> Vec<Checked> {
    let content = fs::read(path).unwrap();
    let mut lines = Lines::new(&content[..]);
    let mut chain = Chain::default();
    let mut out = Vec::new();
    while let Some(line) = lines.next_line().unwrap() {
        out.push(chain.add(&line));
    }
    out
}

fn assert_intact(path: &Path, records: usize, torn: usize) {
    let checked = check(path);
    let broken: Vec<_> = checked.iter().filter(|c| matches!(c, Checked::Broken { .. })).collect();
    assert!(broken.is_empty(), "{broken:?}");
    assert_eq!(checked.iter().filter(|c| **c == Checked::Torn).count(), torn);
    assert_eq!(checked.len(), records + torn);
}

fn add(log: &mut Log) -> Result<Appended, LogError> {
    log.append(Kind::Start, &json!({"request_id": "r", "pid": 1}), Durability::Buffered)
}

#[test]
fn folder_and_file_are_made_and_private() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("a/b/audit");
    let mut log = Log::open(&folder, "h").unwrap();
    let first = log.append(Kind::Start, &json!({}), Durability::Synced).unwrap();
    let second = add(&mut log).unwrap();
    assert_eq!((first.seq, second.seq), (0, 1));
    for (path, mode) in
        [(folder.join("h.jsonl"), 0o600), (folder, 0o700), (dir.path().join("a"), 0o700)]
    {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, mode, "{path:?}");
    }
    assert_intact(log.path(), 2, 0);
}

#[test]
fn several_records_are_chained_within_one_write() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    let entries: Vec<Entry> =
        (0..3).map(|n| Entry::new(Kind::Request, &json!({ "n": n })).unwrap()).collect();
    let done = log.append_all(&entries, Durability::Synced).unwrap();
    assert_eq!(done.iter().map(|d| d.seq).collect::<Vec<_>>(), [0, 1, 2]);
    let content = fs::read(log.path()).unwrap();
    let last = content.trim_ascii_end().rsplit(|b| *b == b'\n').next().unwrap();
    assert_eq!(hash(last), done[2].sha256);
    assert_intact(log.path(), 3, 0);
}

#[test]
fn sixteen_writers_keep_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                let mut log = Log::open(dir.path(), "h").unwrap();
                for _ in 0..100 {
                    add(&mut log).unwrap();
                }
            });
        }
    });
    assert_intact(&dir.path().join("h.jsonl"), 1600, 0);
}

#[test]
fn a_torn_tail_is_kept_as_its_own_line() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    let mut log = Log::open(dir.path(), "h").unwrap();
    add(&mut log).unwrap();
    for torn in [&b"{\"v\":1,\"seq\":1,\"pr"[..], b"x", &[b'y'; 9000], b"\xff\0", b"{\"v\":1}\n\n{"]
    {
        let mut file = OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(torn).unwrap();
        add(&mut log).unwrap();
        // And by a writer that has not seen the beginning.
        add(&mut Log::open(dir.path(), "h").unwrap()).unwrap();
    }
    assert_intact(&path, 11, 7);
    assert!(fs::read(&path).unwrap().windows(9000).any(|w| w == [b'y'; 9000]));
}

#[test]
fn a_record_that_only_lacks_its_line_feed_still_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    let mut log = Log::open(dir.path(), "h").unwrap();
    add(&mut log).unwrap();
    add(&mut log).unwrap();
    let size = path.metadata().unwrap().len();
    OpenOptions::new().write(true).open(&path).unwrap().set_len(size - 1).unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 2);
    assert_intact(&path, 3, 0);
}

#[test]
fn a_file_of_garbage_is_kept_and_continued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    fs::write(&path, b"not a log\n\nat all\n").unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 0);
    assert_intact(&path, 1, 3);
}

#[test]
fn a_log_that_is_removed_meanwhile_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    add(&mut log).unwrap();
    fs::remove_file(log.path()).unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 0);
    assert_intact(&dir.path().join("h.jsonl"), 1, 0);
}

/// Makes the file look as if it was written last so many days ago.
fn age(path: &Path, days: i64) {
    let now = SystemTime::now();
    let by = Duration::from_secs(days.unsigned_abs() * 86_400);
    let at = if days < 0 { now + by } else { now - by };
    File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
}

/// All files of the log behind one another.
fn whole(path: &Path) -> (usize, tempfile::NamedTempFile) {
    let source = parts::Source::open(path).unwrap();
    let mut all = tempfile::NamedTempFile::new().unwrap();
    io::copy(&mut source.reader(), &mut all).unwrap();
    (source.count(), all)
}

#[test]
fn a_file_that_takes_the_place_of_the_log_meanwhile_is_gone_on_with() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    add(&mut log).unwrap();
    add(&mut log).unwrap();
    let (path, aside) = (log.path().to_owned(), dir.path().join("aside"));
    fs::rename(&path, &aside).unwrap();
    fs::write(&path, "").unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 0, "not into a file that nobody will look at");
    assert_intact(&aside, 2, 0);
    assert_intact(&path, 1, 0);
    fs::rename(&aside, &path).unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 2);
    assert_intact(&path, 3, 0);
    fs::remove_file(&path).unwrap();
    symlink(&aside, &path).unwrap();
    assert!(matches!(add(&mut log), Err(LogError::Suspicious { .. })));
    assert!(!aside.exists());
}

#[test]
fn every_writer_goes_on_in_the_file_of_the_new_day() {
    let dir = tempfile::tempdir().unwrap();
    let mut logs: Vec<Log> = (0..3).map(|_| Log::open(dir.path(), "h").unwrap()).collect();
    for day in 0..3 {
        for log in &mut logs {
            add(log).unwrap();
        }
        if day < 2 {
            age(logs[0].path(), 1);
        }
    }
    let path = dir.path().join("h.jsonl");
    let (files, all) = whole(&path);
    assert_eq!(files, 3);
    assert_intact(all.path(), 9, 0);
    assert_intact(&parts::closed(&path).unwrap()[0].path, 3, 0);
    // Killed after the old file got its name, before there was a new one; and with
    // an empty new one.
    for empty in [false, true] {
        age(&path, 1);
        Log::open(dir.path(), "h").unwrap().close_if_over().unwrap();
        assert!(!path.exists());
        if empty {
            fs::write(&path, "").unwrap();
        }
        assert_eq!(add(&mut logs[1]).unwrap().seq, 9 + u64::from(empty));
    }
    assert_intact(whole(&path).1.path(), 11, 0);
}

#[test]
fn writers_at_the_turn_of_a_day_keep_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for writer in 0..8 {
            let dir = dir.path();
            scope.spawn(move || {
                for n in 0..20 {
                    let mut log = Log::open(dir, "h").unwrap();
                    add(&mut log).unwrap();
                    if n % 7 == writer % 7 {
                        // It may just have been closed.
                        let _ = File::options()
                            .append(true)
                            .open(dir.join("h.jsonl"))
                            .map(|file| file.set_modified(SystemTime::UNIX_EPOCH));
                    }
                    add(&mut log).unwrap();
                }
            });
        }
    });
    let (files, all) = whole(&dir.path().join("h.jsonl"));
    assert!(files > 3, "{files}");
    assert_intact(all.path(), 320, 0);
}

#[test]
fn what_was_torn_is_a_line_of_the_closed_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    add(&mut log).unwrap();
    let path = log.path().to_owned();
    let mut file = File::options().append(true).open(&path).unwrap();
    file.write_all(b"{\"v\":1").unwrap();
    age(&path, 2);
    assert_eq!(add(&mut log).unwrap().seq, 1);
    let (files, all) = whole(&path);
    assert_eq!(files, 2);
    assert_intact(all.path(), 2, 1);
    // Nothing that is there is written over, and nothing is closed by a clock
    // that was set back; the record goes into the file that there is.
    let day = parts::closed(&path).unwrap()[0].day.clone();
    age(&path, 2);
    fs::write(parts::closed_name(&path, 1, &day), "in the way").unwrap();
    assert_eq!(add(&mut log).unwrap().seq, 2);
    fs::remove_file(parts::closed_name(&path, 1, &day)).unwrap();
    age(&path, -3);
    assert_eq!(add(&mut log).unwrap().seq, 3);
    assert_eq!(whole(&path).0, 2);
}

#[test]
fn links_folders_pipes_and_devices_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    symlink(dir.path().join("elsewhere"), &path).unwrap();
    let error = Log::open(dir.path(), "h").unwrap_err();
    assert!(error.to_string().contains("is a symbolic link"), "{error}");
    assert!(!dir.path().join("elsewhere").exists());

    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(Log::open(dir.path(), "h"), Err(LogError::Open { .. })));

    fs::remove_dir(&path).unwrap();
    nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let error = Log::open(dir.path(), "h").and_then(|mut log| add(&mut log)).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    let error = Log::open(&dir.path().join("file/audit"), "h").unwrap_err();
    assert!(error.to_string().contains("file"), "{error}");
    // `/proc` takes no folders, not even from root.
    let error = Log::open(Path::new("/proc/guard-test"), "h").unwrap_err();
    assert!(matches!(error, LogError::Folder { .. }), "{error}");
}

#[test]
fn somebody_elses_file_is_refused() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("h.jsonl");
    fs::write(&path, "").unwrap();
    std::os::unix::fs::chown(&path, Some(12345), None).unwrap();
    let error = Log::open(dir.path(), "h").and_then(|mut log| add(&mut log)).unwrap_err();
    assert!(error.to_string().contains("owned by user 12345"), "{error}");
}

/// A real full disk, where the test may mount one.
#[test]
fn a_full_disk_is_an_error_and_leaves_the_chain_intact() {
    let dir = tempfile::tempdir().unwrap();
    let mount = |args: &[&str]| {
        std::process::Command::new("mount")
            .args(args)
            .arg(dir.path())
            .output()
            .is_ok_and(|o| o.status.success())
    };
    if !nix::unistd::geteuid().is_root() || !mount(&["-t", "tmpfs", "-o", "size=16k", "none"]) {
        return;
    }
    let mut log = Log::open(dir.path(), "h").unwrap();
    let mut written = 0;
    let error = loop {
        match add(&mut log) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    let text = error.to_string();
    assert!(matches!(error, LogError::Write { .. }) && text.contains("The disk is full"), "{text}");
    assert!(add(&mut log).is_err(), "still full");
    assert!(mount(&["-o", "remount,size=64k"]));
    add(&mut log).unwrap();
    let torn = check(log.path()).iter().filter(|c| **c == Checked::Torn).count();
    assert!(torn <= 1);
    assert_intact(log.path(), written + 1, torn);
    drop(log);
    let _ = std::process::Command::new("umount").arg(dir.path()).output();
}

#[test]
fn a_held_lock_is_waited_for_and_announced() {
    let dir = tempfile::tempdir().unwrap();
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let mut log = Log::open(dir.path(), "h")
        .unwrap()
        .on_wait(move |waiting| heard.lock().unwrap().push(waiting.to_string()));
    let holder = File::open(log.path()).unwrap();
    holder.lock().unwrap();
    let release = std::thread::spawn(move || {
        std::thread::sleep(PATIENCE + Duration::from_millis(300));
        drop(holder);
    });
    assert_eq!(add(&mut log).unwrap().seq, 0);
    release.join().unwrap();
    let said = said.lock().unwrap();
    assert_eq!(said.len(), 1);
    assert!(said[0].contains("h.jsonl"), "{said:?}");
    #[cfg(target_os = "linux")]
    assert!(said[0].contains(&format!("process {}", std::process::id())), "{said:?}");
}

#[test]
fn a_short_wait_is_silent() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap().on_wait(|_| std::process::abort());
    let holder = File::open(log.path()).unwrap();
    holder.lock().unwrap();
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(50));
        drop(holder);
    });
    add(&mut log).unwrap();
    release.join().unwrap();
}

#[test]
fn a_record_that_is_too_long_is_refused_before_writing() {
    let dir = tempfile::tempdir().unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    let error = log
        .append(Kind::Request, &json!({ "text": "x".repeat(MAX_LINE) }), Durability::Buffered)
        .unwrap_err();
    assert!(matches!(error, LogError::TooLong { .. }));
    assert_eq!(log.path().metadata().unwrap().len(), 0);
    // Ten megabytes are kept whole.
    let text = "x".repeat(10 << 20);
    log.append(Kind::Request, &json!({ "text": text }), Durability::Buffered).unwrap();
    add(&mut Log::open(dir.path(), "h").unwrap()).unwrap();
    assert_intact(log.path(), 2, 0);
}

/// Not a test of anything: says what appending costs on this machine.
#[test]
#[ignore = "a measurement, run it with --release --ignored --nocapture"]
fn cost() {
    // Not in /tmp, which may be in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_MANIFEST_DIR").to_owned() + "/target").unwrap();
    let mut log = Log::open(dir.path(), "h").unwrap();
    let ev = json!({"request_id": "6f1d2f0e-8b1c-4a55-9a3e-2b7c9d10e4aa", "text": "x".repeat(400)});
    let entry = Entry::new(Kind::Request, &ev).unwrap();
    let say = |what: &str, n: u32, work: &mut dyn FnMut()| {
        let started = std::time::Instant::now();
        (0..n).for_each(|_| work());
        let each = started.elapsed() / n;
        writeln!(io::stderr(), "{what}: {each:?} each").unwrap();
    };
    let one = std::slice::from_ref(&entry);
    let two = [entry.clone(), entry.clone()];
    say("buffered, open log", 5000, &mut || {
        drop(log.append_all(one, Durability::Buffered).unwrap())
    });
    say("buffered, opened each time", 5000, &mut || {
        let mut log = Log::open(dir.path(), "h").unwrap();
        log.append_all(one, Durability::Buffered).unwrap();
    });
    say("synced, one record", 300, &mut || drop(log.append_all(one, Durability::Synced).unwrap()));
    say("synced, two records", 300, &mut || {
        drop(log.append_all(&two, Durability::Synced).unwrap())
    });
}
