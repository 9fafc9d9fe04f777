//! What a second human costs, as CPU time and as differences within one run.
//!
//! `cargo bench --bench second` prints; it never fails for being slow, because
//! machines differ.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a measuring program, not part of guard"
)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use guard::keys::{self, KeyFile};
use guard::second::decision::TYPE;
use guard::second::display::sha256;
use guard::second::{Answer, Decision, Request, Utc};
use guard::ssh::{AllowedSigners, DECISION, Token, armor, verify};
use guard::store::{New, Store, StoreError};
use nix::sys::resource::{UsageWho, getrusage};

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

fn per<T>(rounds: u32, mut body: impl FnMut() -> T) -> f64 {
    let before = cpu(UsageWho::RUSAGE_SELF);
    for _ in 0..rounds {
        std::hint::black_box(body());
    }
    (cpu(UsageWho::RUSAGE_SELF) - before).as_secs_f64() * 1e6 / f64::from(rounds)
}

fn signatures() {
    println!("checking one signature:");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/approval");
    let read = |name: &str| std::fs::read_to_string(root.join(name)).unwrap();
    let trust = AllowedSigners::read(&read("allowed_signers")).unwrap();
    for (who, signature) in [("bob", "bob"), ("dana", "dana1"), ("erin", "erin")] {
        let key = &trust.entries().iter().find(|e| e.principal.starts_with(who)).unwrap().key;
        let document = read(&format!("{who}.json"));
        let blob = armor::read(&read(&format!("{signature}.sig"))).unwrap();
        let time = per(300, || verify(document.as_bytes(), &blob, DECISION, key).unwrap());
        println!("{:<44} {time:>8.0} us CPU", key.algorithm());
    }
}

fn store() {
    let dir = tempfile::tempdir().unwrap();
    let mut store = Store::open(&dir.path().join("state")).unwrap();
    let now = Utc(1_795_339_800);
    let document = std::fs::read(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/approval/request.json"),
    )
    .unwrap();
    for number in 0..10_000_i64 {
        let id = format!("{number:08x}-0000-4000-8000-000000000000");
        let key = number.to_string();
        let created = now.plus(number - 10_000);
        let new = New {
            document: &document,
            id: &id,
            sha256: &id,
            join_key: &key,
            command_key: &key,
            tier: "second-human",
            shown: "kubectl delete ns x",
            who: "alice",
            created,
            expires: created.plus(1),
        };
        store.join_or_create(&new, created, || Ok::<_, StoreError>(())).unwrap();
    }
    println!("with 10,000 old requests:");
    let time = per(50, || store.list(false, now, 200).unwrap());
    println!("{:<44} {time:>8.0} us CPU", "list");
    let new = New {
        document: &document,
        id: "ffffffff-0000-4000-8000-000000000000",
        sha256: "x",
        join_key: "join",
        command_key: "join",
        tier: "second-human",
        shown: "kubectl delete ns x",
        who: "alice",
        created: now,
        expires: now.plus(3600),
    };
    let time = per(1, || store.join_or_create(&new, now, || Ok::<_, StoreError>(())).unwrap());
    println!("{:<44} {time:>8.0} us CPU", "make");
    let time = per(50, || store.join_or_create(&new, now, || Ok::<_, StoreError>(())).unwrap());
    println!("{:<44} {time:>8.0} us CPU", "join");
}

/// Whole processes: an approved command against the same program run without a
/// question.
fn runs() {
    let guard = env!("CARGO_BIN_EXE_guard");
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    for name in ["home/.config/guard", "bin", "project"] {
        std::fs::create_dir_all(path(name)).unwrap();
    }
    std::fs::write(path("bin/kubectl"), "#!/bin/sh\n:\n").unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(path("bin/kubectl"), mode).unwrap();
    let key = path("key");
    let mut made = Command::new("ssh-keygen");
    made.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&key);
    assert!(made.status().unwrap().success());
    let public = std::fs::read_to_string(path("key.pub")).unwrap();
    let line = format!(
        "dana@example.org namespaces=\"guard-decision@v1\",valid-before=\"20990101Z\" {public}"
    );
    std::fs::write(path("home/.config/guard/allowed_signers"), line).unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(guard);
        command.args(args).env_clear().env("HOME", path("home")).env("CLAUDECODE", "1");
        command.env("PATH", format!("{}:/usr/bin:/bin", path("bin").display()));
        command.current_dir(path("project")).stdin(Stdio::null());
        let before = cpu(UsageWho::RUSAGE_CHILDREN);
        let output = command.output().unwrap();
        (cpu(UsageWho::RUSAGE_CHILDREN) - before, output)
    };
    let words = ["kubectl", "delete", "namespace", "payments"];
    let (mut plain, mut approved) = (Duration::ZERO, Duration::ZERO);
    let rounds = 40;
    for _ in 0..rounds {
        plain += run(&["--", "kubectl", "get", "pods"]).0;
        let (_, asked) = run(&[&["run", "--wait", "0s", "--"], &words[..]].concat());
        let said = String::from_utf8_lossy(&asked.stderr).into_owned();
        let at = said.find("answer to request ").unwrap();
        let handle: String = said[at + 18..].chars().take(9).collect();
        let request = run(&["requests", "export", "--file", &handle]).1.stdout;
        let token = sign(&key, &request).write().unwrap();
        let all = [&["run", "--wait", "0s", "--token", &token, "--"], &words[..]].concat();
        let (time, output) = run(&all);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        approved += time;
    }
    let (plain, approved) = (plain / rounds, approved / rounds);
    println!("whole processes:");
    println!("{:<44} {:>8} us CPU", "a command without a question", plain.as_micros());
    println!(
        "{:<44} {:>8} us CPU, {} us over it",
        "an approved command, verified and bound again",
        approved.as_micros(),
        approved.saturating_sub(plain).as_micros()
    );
}

fn sign(key: &Path, request: &[u8]) -> Token {
    let read = Request::read(request).unwrap();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let decision = Decision {
        v: 1,
        kind: TYPE.to_owned(),
        request_id: read.id,
        request_sha256: sha256(request),
        decision: Answer::Approve,
        principal: "dana@example.org".to_owned(),
        issued: Utc(i64::try_from(since.as_secs()).unwrap()),
        expires: read.expires,
        max_uses: 1,
        reason: String::new(),
        renderer: "guard-text/1".to_owned(),
        display_sha256: "0".repeat(64),
    };
    let key = KeyFile::open(key).unwrap().unlock(b"").unwrap();
    keys::sign(&key, DECISION, decision.write()).unwrap()
}

fn main() {
    signatures();
    store();
    runs();
}
