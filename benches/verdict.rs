//! What guard costs, as CPU time and as ratios within one run.
//!
//! `cargo bench --bench verdict` prints. Machines differ, and the same one by a
//! third from minute to minute, so a hook that takes more than its 5 ms is told
//! of, and only one that takes twice as long fails. Compare two versions on the
//! same machine in the same hour.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measuring program, not part of guard"
)]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use guard::app::judge::{Input, judge};
use guard::decide::{Policy, World};
use guard::model::{Actor, ActorKind, Context};
use guard::rules::{LoadedFile, Origin, RuleSet, builtin};
use nix::sys::resource::{UsageWho, getrusage};

/// Everyday commands of agents and people, harmless and not.
const COMMANDS: &[&str] = &[
    "ls -la",
    "git status --short && git diff --stat",
    "cargo test --workspace 2>&1 | tail -n 40",
    "grep -rn 'fn main' src | head",
    "find . -name '*.rs' -newer Cargo.toml -print",
    "for f in *.log; do gzip \"$f\"; done",
    "cat <<'EOF' > notes.txt\nrm -rf / is only text here\nEOF",
    "kubectl -n staging get pods -o wide",
    "kubectl --context=prod delete ns/payments",
    "terraform -chdir=infra plan -out=plan.bin",
    "aws --profile dev ec2 describe-instances --region eu-west-1",
    "aws ec2 terminate-instances --instance-ids i-0123456789abcdef0",
    "docker compose -f compose.yaml up -d --build",
    "git -C sub -c core.pager=cat reset --hard origin/main",
    "sudo -u postgres psql -c 'select count(*) from orders'",
    "psql -h db.example.org -c 'delete from orders where id < 100'",
    "curl -fsSL https://example.org/install.sh | bash",
    "rm -rf node_modules dist && npm ci && npm run build",
    "python3 -c 'import sys; print(sys.version)'",
    "ssh -p 2222 deploy@web1 'sudo systemctl restart nginx'",
    "find /var/log -name '*.gz' -mtime +30 -exec rm -f {} +",
    "echo \"$(date +%F) $(git rev-parse HEAD)\" >> build.log",
    "X=prod; helm -n \"$X\" upgrade --install web ./chart",
    "tar czf - src | ssh backup 'cat > /srv/backup/src.tgz'",
];

fn cpu(who: UsageWho) -> Duration {
    let usage = getrusage(who).unwrap();
    let one = |time: nix::sys::time::TimeVal| {
        Duration::new(
            u64::try_from(time.tv_sec()).unwrap(),
            u32::try_from(time.tv_usec()).unwrap() * 1000,
        )
    };
    one(usage.user_time()) + one(usage.system_time())
}

/// CPU time of one process, averaged over many.
fn process(runs: u32, make: &dyn Fn() -> Command) -> Duration {
    let before = cpu(UsageWho::RUSAGE_CHILDREN);
    for _ in 0..runs {
        let status = make().stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = status.unwrap();
    }
    (cpu(UsageWho::RUSAGE_CHILDREN) - before) / runs
}

fn actor() -> Actor {
    Actor { kind: ActorKind::Agent, name: None, evidence: String::new() }
}

/// Median and 99th percentile of parsing and judging one command.
fn verdicts(rules: &RuleSet, rounds: usize) -> (Duration, Duration) {
    let (policy, ctx, actor) = (Policy::default(), Context::neutral(), actor());
    let world =
        World { rules, policy: &policy, ctx: &ctx, actor: &actor, files: &guard::command::NoFiles };
    let mut times = Vec::new();
    for round in 0..rounds {
        for command in COMMANDS {
            let input = Input::Text((*command).to_owned());
            let start = Instant::now();
            let verdict = judge(&input, world);
            let time = start.elapsed();
            let _ = std::hint::black_box(verdict);
            // The first round parses rules and grammars; that is start-up.
            if round > 0 {
                times.push(time);
            }
        }
    }
    times.sort_unstable();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

/// The built-in rules twice: every file once more, as a file of the user's.
fn doubled() -> RuleSet {
    let mut rules = RuleSet::builtin();
    let mut seen = std::collections::BTreeSet::new();
    for program in builtin::programs() {
        let Some(file) = builtin::lookup(program) else { continue };
        if seen.insert(file.file.tool.clone()) {
            let mut copy = file.file.clone();
            copy.programs = copy.programs.iter().map(|name| format!("{name}-copy")).collect();
            rules.add(LoadedFile::new(copy, Origin::File("copy".into())));
        }
    }
    rules
}

/// What a hook may take: CPU time of the whole process beyond an empty one.
const HOOK: Duration = Duration::from_millis(5);
/// Where that is promised, an empty process costs so much at most.
const EMPTY: Duration = Duration::from_millis(1);
/// Batches, and processes in each. The least batch is the one that the fewest
/// others on the machine disturbed.
const BATCHES: (u32, u32) = (10, 25);

/// What agents are asked about most: nothing, one that a person answers, and
/// deletes of every kind that guard looks up differently.
const HOOKED: &[&str] = &[
    "git status",
    "git reset --hard",
    "kubectl delete ns prod",
    "rm -rf /",
    "rm -rf build",
    "terraform destroy",
    "aws s3 rm s3://bucket --recursive",
    "psql -c 'drop table orders'",
    "docker system prune",
];

/// A hook's whole answer, its record included, as the least of several batches,
/// each with a memory of its own: no agent does hundreds of such commands an hour.
/// Whether each takes less than twice [`HOOK`].
fn hooks(
    home: &Path,
    command: &dyn Fn(&str, &[&str]) -> Command,
    show: &dyn Fn(&str, Duration, Duration),
) -> bool {
    println!("a hook's whole answer, record written, compared with /bin/true:");
    let least = |make: &dyn Fn() -> Command| {
        let batch = |_| {
            // Not there before the first.
            let _ = std::fs::remove_dir_all(home.join(".local"));
            process(BATCHES.1, make)
        };
        (0..BATCHES.0).map(batch).min().unwrap_or_default()
    };
    let base = least(&|| command("/bin/true", &[]));
    let limit = HOOK.mul_f64((base.as_secs_f64() / EMPTY.as_secs_f64()).max(1.0));
    let mut kept = true;
    for text in HOOKED {
        let said = serde_json::json!({"session_id": "s", "cwd": home,
            "hook_event_name": "PreToolUse", "permission_mode": "default", "tool_name": "Bash",
            "tool_input": {"command": text}});
        let payload = home.join("payload.json");
        std::fs::write(&payload, said.to_string()).unwrap();
        let time = least(&|| {
            let mut hook =
                command(env!("CARGO_BIN_EXE_guard"), &["hook", "claude-code", "--dialog"]);
            hook.stdin(std::fs::File::open(&payload).unwrap());
            hook
        });
        show(&format!("guard hook: {text}"), time, base);
        let over = time.saturating_sub(base);
        if over > limit {
            println!("  that is over {limit:?} more than an empty process, the limit of a hook");
        }
        kept &= over < limit * 2;
    }
    kept
}

fn main() {
    if std::env::args().any(|arg| arg == "--list") {
        // A test runner asks for names of tests; here are none.
        return;
    }
    let guard = env!("CARGO_BIN_EXE_guard");
    let home = tempfile::tempdir().unwrap();
    let command = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        command.args(args).env_clear().env("HOME", home.path()).env("PATH", "/usr/bin:/bin");
        command.current_dir(home.path()).stdin(Stdio::null());
        command
    };
    let show = |name: &str, time: Duration, base: Duration| {
        println!(
            "{name:<44} {:>8.0} us CPU, {:>6.0} us over it, {:>5.2} x",
            time.as_secs_f64() * 1e6,
            (time.as_secs_f64() - base.as_secs_f64()) * 1e6,
            time.as_secs_f64() / base.as_secs_f64()
        );
    };

    println!("whole processes, compared with /bin/true:");
    let runs = 300;
    let base = process(runs, &|| command("/bin/true", &[]));
    show("/bin/true", base, base);
    for args in [
        &["check", "-c", "ls -la"][..],
        &["check", "-c", "git reset --hard"],
        &["check", "-c", "kubectl -n prod delete ns x"],
        &["--", "true"],
    ] {
        let time = process(runs, &|| command(guard, args));
        show(&format!("guard {}", args.join(" ")), time, base);
    }

    let kept = hooks(home.path(), &command, &show);

    println!("in process, one command at a time:");
    let (median, p99) = verdicts(&RuleSet::builtin(), 200);
    println!("{:<44} median {median:?}, p99 {p99:?}", "parse and judge");
    let twice = doubled();
    let (again, _) = verdicts(&RuleSet::builtin(), 200);
    let (double, _) = verdicts(&twice, 200);
    println!(
        "{:<44} {:>5.3} x",
        "with twice the rules",
        double.as_secs_f64() / again.as_secs_f64()
    );

    println!("check --jsonl:");
    let mut input = String::new();
    let count = 20_000;
    for (number, text) in COMMANDS.iter().cycle().take(count).enumerate() {
        let question = serde_json::json!({"id": number.to_string(), "command": text});
        input.push_str(&format!("{question}\n"));
    }
    let before = cpu(UsageWho::RUSAGE_CHILDREN);
    let mut child = command(guard, &["check", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait().unwrap();
    let spent = (cpu(UsageWho::RUSAGE_CHILDREN) - before).as_secs_f64();
    println!("{:<44} {:>8.0} commands for each second of CPU", "throughput", count as f64 / spent);
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap().max_rss();
    println!("{:<44} {peak:>8} KiB", "largest process of all the above");
    assert!(kept, "a hook takes twice its limit; see above");
}
