//! What it costs to judge the delete of a folder of 40,000 files: the whole of
//! `guard run` until the request is on disk, against `find` counting the same
//! folder, as medians and ratios within one run. And what a harmless command
//! pays for all that is there for those that are asked about.
//!
//! `cargo bench --bench blast` prints; it never fails for being slow, because
//! machines differ.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measuring program, not part of guard"
)]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// Folders, and files in each of them.
const TREE: (u32, u32) = (400, 100);
/// Runs of each command, one after the other in turn.
const ROUNDS: usize = 15;

/// Processor time of all that was started and has ended.
fn cpu() -> Duration {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let one = |time: nix::sys::time::TimeVal| {
        Duration::new(
            u64::try_from(time.tv_sec()).unwrap(),
            u32::try_from(time.tv_usec()).unwrap() * 1000,
        )
    };
    one(usage.user_time()) + one(usage.system_time())
}

fn command(program: &str, words: &str, home: &Path, cwd: &Path) -> Command {
    let mut command = Command::new(program);
    command.args(words.split(' ').filter(|word| !word.is_empty())).current_dir(cwd);
    command.env_clear().env("HOME", home).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// Milliseconds of processor and of wall time, each the median.
fn medians(mut times: Vec<(Duration, Duration)>) -> (f64, f64) {
    let middle = times.len() / 2;
    times.sort_by_key(|time| time.0);
    let used = times[middle].0;
    times.sort_by_key(|time| time.1);
    (used.as_secs_f64() * 1e3, times[middle].1.as_secs_f64() * 1e3)
}

fn compare(what: &str, home: &Path, cwd: &Path) {
    let guard = env!("CARGO_BIN_EXE_guard");
    let all = [
        ("find, counting", "find", "big"),
        ("guard, a folder that is not there", guard, "run --wait 0s -- rm -rf nothing"),
        ("guard, the folder", guard, "run --wait 0s -- rm -rf big"),
    ];
    let mut times = vec![Vec::new(); all.len()];
    for _ in 0..ROUNDS {
        for (at, (_, program, words)) in all.iter().enumerate() {
            let (used, begun) = (cpu(), Instant::now());
            command(program, words, home, cwd).status().unwrap();
            times[at].push((cpu() - used, begun.elapsed()));
        }
    }
    assert!(cwd.join("big").is_dir(), "nothing may be deleted");
    println!("{what}:");
    let times: Vec<(f64, f64)> = times.into_iter().map(medians).collect();
    for ((name, ..), (used, wall)) in all.iter().zip(&times) {
        println!("  {name:<36} {used:>7.1} ms CPU {wall:>7.1} ms wall");
    }
    let (find, guard) = (times[0], times[2]);
    println!(
        "  {:<36} {:>7.2}    CPU {:>7.2}    wall",
        "ratio",
        guard.0 / find.0,
        guard.1 / find.1
    );
}

/// A harmless command in an empty home, and in one with all that a command which
/// is asked about would be judged by: configuration of clients, steps of the last
/// hour, requests. The same time says that none of it is touched.
fn harmless(dir: &Path, work: &Path) {
    let guard = env!("CARGO_BIN_EXE_guard");
    let homes = [dir.join("bare"), dir.join("full")];
    for home in &homes {
        std::fs::create_dir_all(home).unwrap();
        command(guard, "run -- true", home, work).status().unwrap();
    }
    let full = &homes[1];
    for file in [".kube/config", ".aws/config", ".aws/credentials", ".config/gcloud/active_config"]
    {
        let path = full.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "# nothing\n".repeat(10_000)).unwrap();
    }
    for n in 0..60 {
        let words = format!("run --wait 0s -- aws ec2 terminate-instances --instance-ids i-{n}");
        command(guard, &words, full, work).status().unwrap();
    }
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS * 8 {
        // Each is first as often as the other.
        for at in [round % 2, 1 - round % 2] {
            let (used, begun) = (cpu(), Instant::now());
            command(guard, "run -- true", &homes[at], work).status().unwrap();
            times[at].push((cpu() - used, begun.elapsed()));
        }
    }
    let [bare, full] = times.map(medians);
    println!("a harmless command:");
    println!("  {:<36} {:>7.2} ms CPU", "an empty home", bare.0);
    println!("  {:<36} {:>7.2} ms CPU", "a full one", full.0);
    println!("  {:<36} {:>7.2}    CPU", "ratio", full.0 / bare.0);
}

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let (home, work) = (dir.path().join("home"), dir.path().join("work"));
    std::fs::create_dir_all(&home).unwrap();
    for folder in 0..TREE.0 {
        let folder = work.join(format!("big/{folder}"));
        std::fs::create_dir_all(&folder).unwrap();
        for file in 0..TREE.1 {
            std::fs::write(folder.join(format!("{file}.txt")), "x").unwrap();
        }
    }
    harmless(dir.path(), &work);
    compare("no repository", &home, &work);
    let git = |words: &str| {
        let mut command = command("git", words, &home, &work);
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "a").env(format!("GIT_{who}_EMAIL"), "a@b");
        }
        assert!(command.status().unwrap().success(), "git {words}");
    };
    git("init -q");
    git("commit -q --allow-empty -m none");
    compare("a repository that tracks none of it", &home, &work);
    git("add big");
    git("commit -q -m all");
    std::fs::write(work.join("big/more.txt"), "x").unwrap();
    compare("a repository that tracks all but one", &home, &work);
    git("add big");
    git("commit -q -m more");
    std::fs::write(work.join("big/more.txt"), "y").unwrap();
    compare("all tracked, one changed (git status looks at each)", &home, &work);
}
