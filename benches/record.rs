//! What the record costs, as ratios within one run: checking it against
//! `sha256sum` of the same bytes, finding one command against reading
//! everything, and appending from many processes against a plain loop.
//!
//! `cargo bench --bench record` prints; it never fails for being slow, because
//! machines differ. `GUARD_BENCH_RECORDS` says how many records the log has
//! (about 700 bytes each; 200000 without it), `GUARD_BENCH_DIR` where it is made.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measuring program, not part of guard"
)]

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use guard::audit::find::Finder;
use guard::audit::history::{self, Filter};
use guard::audit::parts::Source;
use guard::audit::record::Entry;
use guard::audit::{Durability, Kind, Log, index, verify};

/// Processes that append at the same time.
const WRITERS: u32 = 16;
/// Records that each of them appends.
const EACH: u32 = 100;
/// Records that are made with one write.
const BATCH: u64 = 1000;
/// Says that this process is one of the writers, and where.
const WRITER: &str = "GUARD_BENCH_WRITER";

fn id(n: u64) -> String {
    format!("{:08x}-1111-4222-8333-{n:012x}", n.wrapping_mul(2_654_435_761) & 0xffff_ffff)
}

fn entry(n: u64) -> Entry {
    let ev = serde_json::json!({
        "request_id": id(n), "tier": "allow", "argv": ["kubectl", "get", "pods", "-n", format!("team-{}", n % 97)],
        "programs": ["kubectl"], "rules": ["kubectl.read"], "user": "alice", "host": "build-7.example.org",
        "cwd": "/srv/deploy/services/payments", "actor": {"kind": "agent", "name": "claude-code"},
        "asked": "2026-11-22T09:30:00.104Z", "exe": "/usr/local/bin/kubectl", "exit": 0, "duration_ms": n % 900,
        "reasons": ["reads only"], "sessions": ["3c1e8f52-77aa-4a0e-8a44-b5f2a1f0c0de"],
    });
    Entry::new(Kind::Run, &ev).unwrap()
}

fn timed<T>(body: impl FnOnce() -> T) -> (T, Duration) {
    let begun = Instant::now();
    let value = body();
    (value, begun.elapsed())
}

fn rate(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / 1e6 / time.as_secs_f64()
}

/// Makes a log of so many records; the first half of it is a closed file.
fn make(dir: &Path, records: u64) -> PathBuf {
    let mut log = Log::open(dir, "bench").unwrap();
    let mut n = 0;
    while n < records {
        let entries: Vec<Entry> = (n..records.min(n + BATCH)).map(entry).collect();
        let closed = n <= records / 2 && n + BATCH > records / 2;
        log.append_all(&entries, Durability::Buffered).unwrap();
        n += entries.len() as u64;
        if closed {
            let file = OpenOptions::new().append(true).open(log.path()).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(86_400)).unwrap();
        }
    }
    log.path().to_owned()
}

fn checking(dir: &Path, log: &Path) {
    let source = Source::open(log).unwrap();
    let size = source.size();
    let mut files: Vec<PathBuf> = source.parts().iter().map(|part| part.path.clone()).collect();
    files.push(log.to_owned());
    let sums = || {
        let status = Command::new("sha256sum").args(&files).stdout(Stdio::null()).status();
        assert!(status.unwrap().success());
    };
    // Once for the cache, when it fits.
    sums();
    let ((), plain) = timed(sums);
    let (found, own) = timed(|| verify::log(&source, &mut |_, _| {}).unwrap());
    assert_eq!((found.report.break_count, found.misnamed.len()), (0, 0));
    println!(
        "checking {} records, {} MB in {} files:",
        found.report.records,
        size / 1_000_000,
        source.count()
    );
    println!("  sha256sum            {:>8.0} MB/s", rate(size, plain));
    println!(
        "  chain and names      {:>8.0} MB/s  {:.2} of sha256sum's time",
        rate(size, own),
        own.as_secs_f64() / plain.as_secs_f64()
    );
    let program = env!("CARGO_BIN_EXE_guard");
    let mut guard = Command::new(program);
    guard.args(["log", "verify"]).args(&files).env("HOME", dir).stdout(Stdio::null());
    let (status, whole) = timed(|| guard.status().unwrap());
    println!(
        "  guard log verify     {:>8.0} MB/s  {:.2} of sha256sum's time ({status})",
        rate(size, whole),
        whole.as_secs_f64() / plain.as_secs_f64()
    );
}

/// Bytes that this process has read so far, as the kernel counts them.
fn bytes_read() -> u64 {
    let io = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = io.lines().find_map(|line| line.strip_prefix("rchar: "));
    line.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn finding(log: &Path, records: u64) {
    let source = Source::open(log).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    println!("finding one command, over all files:");
    for (what, n) in [
        ("without an index", records / 3),
        ("in a closed file", records / 3),
        ("in the open file", records / 3 * 2),
    ] {
        let mut finder = Finder::new(&source);
        let before = bytes_read();
        let (hits, time) = timed(|| finder.find(&id(n)).unwrap().len());
        let read = bytes_read() - before;
        println!(
            "  {what:<20} {:>8.3} s  {read:>12} bytes read  ({hits} found)",
            time.as_secs_f64()
        );
    }
    let size = |path: std::fs::DirEntry| path.metadata().map_or(0, |meta| meta.len());
    let indexes = std::fs::read_dir(index::folder(log)).unwrap().flatten().map(size).sum::<u64>();
    println!("  the index has {indexes} bytes, the log {}", source.size());
    index::forget(log);
}

fn one_day(log: &Path, records: u64) {
    let source = Source::open(log).unwrap();
    let Some(day) = source.parts().first().map(|part| part.day.clone()) else { return };
    let before = bytes_read();
    let filter = Filter { day: Some(day), last: Some(20), ..Filter::default() };
    let (history, time) = timed(|| history::read(log, &filter, &mut |_, _| {}).unwrap());
    let (read, time) = (bytes_read() - before, time.as_secs_f64());
    println!("the last {} of one day of {records} records:", history.runs.len());
    println!("  of its own file      {time:>8.3} s  {read:>12} bytes read");
}

/// Records of a loop that does nothing but write and sync.
fn plain_loop(dir: &Path, line: &[u8]) -> f64 {
    let path = dir.join("plain");
    let mut file = File::create(&path).unwrap();
    let count = WRITERS * EACH;
    let ((), time) = timed(|| {
        for _ in 0..count {
            file.write_all(line).unwrap();
            file.sync_data().unwrap();
        }
    });
    std::fs::remove_file(path).unwrap();
    f64::from(count) / time.as_secs_f64()
}

fn write(dir: &Path) {
    let mut log = Log::open(dir, "writers").unwrap();
    for n in 0..u64::from(EACH) {
        let entry = entry(n);
        log.append_all(&[entry], Durability::Synced).unwrap();
    }
}

fn appending(dir: &Path) {
    let line = vec![b'x'; 700];
    let before = plain_loop(dir, &line);
    let own = std::env::current_exe().unwrap();
    let (_, time) = timed(|| {
        let children: Vec<_> =
            (0..WRITERS).map(|_| Command::new(&own).env(WRITER, dir).spawn().unwrap()).collect();
        for mut child in children {
            assert!(child.wait().unwrap().success());
        }
    });
    let after = plain_loop(dir, &line);
    let plain = f64::midpoint(before, after);
    let many = f64::from(WRITERS * EACH) / time.as_secs_f64();
    println!("appending, each record synced:");
    println!("  write and fdatasync, one process {plain:>8.0} a second");
    println!(
        "  guard, {WRITERS} processes            {many:>8.0} a second  {:.2} of it",
        many / plain
    );
    let source = Source::open(&dir.join("writers.jsonl")).unwrap();
    let report = verify::log(&source, &mut |_, _| {}).unwrap().report;
    assert_eq!((report.records, report.break_count), (u64::from(WRITERS * EACH), 0));
}

fn main() {
    if let Some(dir) = std::env::var_os(WRITER) {
        return write(Path::new(&dir));
    }
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let records = number("GUARD_BENCH_RECORDS").unwrap_or(200_000);
    let at = std::env::var_os("GUARD_BENCH_DIR").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(at).unwrap();
    appending(dir.path());
    let log = make(dir.path(), records);
    checking(dir.path(), &log);
    finding(&log, records);
    one_day(&log, records);
}
