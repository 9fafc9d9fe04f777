//! What it costs to judge the delete of a folder of 40,000 files: the whole of
//! `guard run` until the request is on disk, against `find` counting the same
//! folder, as medians and ratios within one run. And what a harmless command
//! pays for all that is there for those that are asked about, what reading the
//! configuration of clients costs, and when the screen's first line is there.
//!
//! `cargo bench --bench blast` prints; it never fails for being slow, because
//! machines differ. What is promised stands beside each figure.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measuring program, not part of guard"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use guard::app::judge::judged;
use guard::bind::places;
use guard::model::ActorKind;
use guard::rules::RuleSet;
use nix::sys::resource::{UsageWho, getrusage};

/// Folders, and files in each of them.
const TREE: (u32, u32) = (400, 100);
/// Runs of each command, one after the other in turn.
const ROUNDS: usize = 15;

/// Processor time of all that was started and has ended.
fn cpu() -> Duration {
    cpu_of(UsageWho::RUSAGE_CHILDREN)
}

fn cpu_of(who: UsageWho) -> Duration {
    let usage = getrusage(who).unwrap();
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
    println!("{what} (promised: 1.2 times find's CPU):");
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

/// A command that nobody is asked about, with what guard does for those that are:
/// the same time in an empty home and in one with all that such a command would be
/// judged by (configuration of clients, steps of the last hour, requests) says that
/// none of it is touched. Of T0, and of T1, which is recorded before it starts.
fn harmless(dir: &Path, work: &Path) {
    let guard = env!("CARGO_BIN_EXE_guard");
    let homes = [dir.join("bare"), dir.join("full")];
    let bin = dir.join("bin");
    std::fs::create_dir_all(&bin).unwrap();
    std::os::unix::fs::symlink("/bin/true", bin.join("docker")).unwrap();
    let run = |words: &str, home: &Path| {
        let mut command = command(guard, words, home, work);
        command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
        command.status().unwrap();
    };
    for home in &homes {
        std::fs::create_dir_all(home).unwrap();
        run("run -- true", home);
    }
    let full = &homes[1];
    for file in [
        ".kube/config",
        ".aws/config",
        ".aws/credentials",
        ".docker/config.json",
        ".config/gcloud/active_config",
    ] {
        let path = full.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "# nothing\n".repeat(10_000)).unwrap();
    }
    for n in 0..60 {
        run(&format!("run --wait 0s -- aws ec2 terminate-instances --instance-ids i-{n}"), full);
    }
    println!("a command that nobody is asked about (promised: within 5%):");
    for (tier, words) in [("T0", "run -- true"), ("T1", "run -- docker rm box")] {
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS * 8 {
            // Each is first as often as the other.
            for at in [round % 2, 1 - round % 2] {
                let (used, begun) = (cpu(), Instant::now());
                run(words, &homes[at]);
                times[at].push((cpu() - used, begun.elapsed()));
            }
        }
        let [bare, full] = times.map(medians);
        println!("  {:<36} {:>7.2} ms CPU", format!("{tier}, an empty home"), bare.0);
        println!("  {:<36} {:>7.2} ms CPU", format!("{tier}, a full one"), full.0);
        println!("  {:<36} {:>7.2}    CPU", "ratio", full.0 / bare.0);
    }
}

/// Reading the configuration of every client that guard reads one of, with some
/// dozen places in each.
fn context(dir: &Path) {
    let home = dir.join("context");
    let write = |file: &str, text: String| {
        let path = home.join(file);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let each = |of: &dyn Fn(u32) -> String| (0..24).map(of).collect::<String>();
    let clusters = each(&|n| {
        format!("- name: c{n}\n  cluster: {{server: 'https://c{n}.example.org:6443'}}\n")
    });
    let contexts = each(&|n| {
        format!("- name: x{n}\n  context: {{cluster: c{n}, user: u{n}, namespace: n}}\n")
    });
    write(
        ".kube/config",
        format!("current-context: x9\nclusters:\n{clusters}contexts:\n{contexts}"),
    );
    let profiles = each(&|n| format!("[profile p{n}]\nregion = eu-west-1\nsso_account_id = {n}\n"));
    write(".aws/config", format!("[default]\nregion = eu-west-1\n{profiles}"));
    write(".docker/config.json", r#"{"currentContext": "far"}"#.to_owned());
    write(".config/gcloud/active_config", "work".to_owned());
    write(
        ".config/gcloud/configurations/config_work",
        "[core]\nproject = shop\naccount = a@example.org\n".to_owned(),
    );
    let subscriptions: Vec<_> = (0..24)
        .map(|n| serde_json::json!({"id": n.to_string(), "name": format!("s{n}"), "isDefault": n == 9}))
        .collect();
    write(
        ".azure/azureProfile.json",
        serde_json::json!({ "subscriptions": subscriptions }).to_string(),
    );
    let text = "kubectl delete ns a; aws s3 rm s3://b --recursive; docker volume rm c; \
                gcloud projects delete d; az group delete -n e";
    let verdict = judged(text, &RuleSet::builtin(), ActorKind::Human);
    let env = |name: &str| (name == "HOME").then(|| home.clone().into_os_string());
    let own = || cpu_of(UsageWho::RUSAGE_SELF);
    let found = places::targets(&verdict.invocations, &env, dir);
    assert_eq!(found.len(), 5, "{found:?}");
    let (rounds, used) = (200, own());
    for _ in 0..rounds {
        let _ = std::hint::black_box(places::targets(&verdict.invocations, &env, dir));
    }
    let each = (own() - used) / rounds;
    println!("configuration of five clients, read (promised: 1 ms at most):");
    println!("  {:<36} {:>7.2} ms CPU", "all of it", each.as_secs_f64() * 1e3);
}

/// When the first line is on a terminal, while the client that the probe asks
/// takes its time.
fn first_line(dir: &Path) {
    let ancestors = guard::app::actor::ancestors();
    let actor = guard::app::actor::detect(&|_| None, &ancestors, true);
    if !actor.can_answer() {
        println!("the first line of the screen: SKIPPED, {}", actor.evidence);
        return;
    }
    let (home, bin) = (dir.join("screen"), dir.join("slow"));
    std::fs::create_dir_all(&home).unwrap();
    std::fs::create_dir_all(&bin).unwrap();
    let client = bin.join("kubectl");
    std::fs::write(&client, "#!/bin/sh\nsleep 1\n").unwrap();
    std::fs::set_permissions(&client, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            // Its streams are those of the terminal.
            let mut command = Command::new(env!("CARGO_BIN_EXE_guard"));
            command.args(["run", "--", "kubectl", "--context", "stage", "-n", "shop"]);
            command.args(["delete", "pod", "web-1"]).current_dir(dir).env_clear();
            command.env("HOME", &home).env("TERM", "xterm");
            command.env("PATH", format!("{}:/usr/bin:/bin", bin.display()));
            let begun = Instant::now();
            let mut pty = rexpect::session::spawn_command(command, Some(10_000)).unwrap();
            pty.exp_string("DELETE pod ").unwrap();
            let time = begun.elapsed();
            pty.send_control('c').unwrap();
            time
        })
        .collect();
    times.sort_unstable();
    println!("the first line of the screen (promised: within 100 ms):");
    println!("  {:<36} {:>7.1} ms wall", "median", times[ROUNDS / 2].as_secs_f64() * 1e3);
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
    context(dir.path());
    first_line(dir.path());
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
