//! Signed checkpoints: what they find that the chain cannot, where they are
//! sent, and proofs of single records.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use crate::harness::{Output, Place};

/// A place with two commands in its log.
fn recorded() -> Place {
    let place = Place::new();
    place.program("deploy", "exit 0");
    policy(&place, "");
    place.run(["--", "deploy", "one"]);
    place.run(["--", "deploy", "two"]);
    place
}

/// Three records for each command, also for a harmless one.
fn policy(place: &Place, text: &str) {
    place.write_home(".config/guard/policy.yaml", format!("log: {{harmless: sync}}\n{text}"));
}

/// A place whose checkpoints go into a folder elsewhere, after one was made.
fn kept() -> (Place, PathBuf) {
    let place = recorded();
    let elsewhere = place.path("tmp/kept");
    std::fs::create_dir(&elsewhere).unwrap();
    policy(&place, &format!("checkpoints: {{send: [{{folder: '{}'}}]}}\n", elsewhere.display()));
    let made = place.run(["log", "checkpoint"]);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    (place, elsewhere)
}

fn log(place: &Place) -> PathBuf {
    place.logs().pop().unwrap()
}

fn lines(place: &Place) -> Vec<String> {
    let text = std::fs::read_to_string(log(place)).unwrap();
    text.split_inclusive('\n').map(str::to_owned).collect()
}

fn verify(place: &Place, elsewhere: &Path) -> Output {
    place.run(["log", "verify", "--checkpoint", elsewhere.to_str().unwrap()])
}

/// The records with a chain that is right again, as somebody with this account
/// can make it.
fn rehashed(lines: &[String]) -> String {
    let mut prev = "0".repeat(64);
    let mut out = String::new();
    for (seq, line) in lines.iter().enumerate() {
        let old: serde_json::Value = serde_json::from_str(line).unwrap();
        let line = line.trim_end().replacen(old["prev"].as_str().unwrap(), &prev, 1).replacen(
            &format!("\"seq\":{}", old["seq"]),
            &format!("\"seq\":{seq}"),
            1,
        );
        prev = Sha256::digest(&line).iter().map(|byte| format!("{byte:02x}")).collect();
        out += &(line + "\n");
    }
    out
}

fn forget(place: &Place) {
    std::fs::remove_dir_all(log(place).with_extension("checkpoints")).unwrap();
}

#[test]
fn a_checkpoint_is_made_recorded_and_holds() {
    let place = recorded();
    let made = place.run(["log", "checkpoint"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stdout.starts_with("Signed 6 lines as "), "{}", made.stdout);
    assert!(made.stdout.contains("sent nowhere"), "{}", made.stdout);
    assert_eq!(place.kinds().last().unwrap(), "checkpoint");
    let again = place.run(["log", "checkpoint"]);
    assert!(again.stdout.starts_with("Nothing new"), "{}", again.stdout);
    assert_eq!(place.kinds().len(), 7);
    place.run(["--", "deploy", "three"]);
    place.run(["log", "checkpoint", "--quiet"]);
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let says = "2 checkpoints hold; the newest covers 10 of 11 lines";
    assert!(verified.stdout.contains(says), "{}", verified.stdout);
}

#[test]
fn commands_that_need_nobody_make_no_checkpoint() {
    let place = recorded();
    assert_eq!(std::fs::read_dir(place.log_dir()).unwrap().count(), 1);
    assert!(!place.path("home/.local/state/guard/checkpoint.key").exists());
}

#[test]
fn a_checkpoint_that_is_due_is_made_in_the_background() {
    let place = Place::new();
    place.program("deploy", "exit 0");
    policy(&place, "checkpoints: {every: 4}\n");
    let until = Instant::now() + Duration::from_secs(20);
    place.run(["--", "deploy"]);
    place.run(["--", "deploy"]);
    while !place.kinds().contains(&"checkpoint".to_owned()) {
        assert!(Instant::now() < until, "no checkpoint was made");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

#[test]
fn a_checkpoint_is_due_when_enough_time_has_passed_however_few_the_records() {
    let place = Place::new();
    place.program("deploy", "exit 0");
    policy(&place, "checkpoints: {every: 100000, within: 1m}\n");
    let count = || place.kinds().iter().filter(|kind| *kind == "checkpoint").count();
    place.run(["--", "deploy"]);
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    place.run(["--", "deploy"]);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(count(), 1, "the minute has not passed");
    // The time of the last try, as guard notes it.
    let folder = place.log_dir();
    let tried = |dir: &std::path::Path| {
        let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.is_dir())
            .flat_map(|dir| std::fs::read_dir(dir).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect::<Vec<_>>()
    };
    let past = std::time::SystemTime::now() - Duration::from_secs(61);
    let lock = tried(&folder).into_iter().find(|path| path.ends_with("lock")).unwrap();
    std::fs::File::options().write(true).open(lock).unwrap().set_modified(past).unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    place.run(["--", "deploy"]);
    while count() < 2 {
        assert!(Instant::now() < until, "no checkpoint was made");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

#[test]
fn a_cut_end_is_found_and_named() {
    let (place, elsewhere) = kept();
    let all = lines(&place);
    std::fs::write(log(&place), all[..4].concat()).unwrap();
    let found = place.run(["log", "verify"]);
    assert_eq!(found.code, Some(1), "{}", found.stdout);
    assert!(found.stdout.contains("intact, 4 records"), "{}", found.stdout);
    let says = "6 lines were signed and only 4 are left: the end was cut off";
    assert!(found.stdout.contains(says), "{}", found.stdout);
    // Whoever cuts the log takes what stands beside it along; nothing is signed
    // that contradicts what was.
    let refused = place.run(["log", "checkpoint"]);
    assert_eq!(refused.code, Some(74), "{}", refused.stdout);
    assert!(refused.stderr.contains("6 were signed"), "{}", refused.stderr);
    forget(&place);
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    let found = verify(&place, &elsewhere);
    assert_eq!(found.code, Some(1));
    assert!(found.stdout.contains(says), "{}", found.stdout);
}

#[test]
fn a_log_that_is_gone_is_found() {
    let (place, elsewhere) = kept();
    std::fs::remove_file(log(&place)).unwrap();
    let found = place.run(["log", "verify"]);
    assert_eq!(found.code, Some(1), "{}", found.stdout);
    assert!(found.stdout.contains("is gone; 6 lines of it were signed"), "{}", found.stdout);
    std::fs::remove_dir_all(place.log_dir()).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    assert_eq!(verify(&place, &elsewhere).code, Some(1));
}

#[test]
fn a_log_that_was_written_anew_is_found_by_a_checkpoint_from_elsewhere() {
    let (place, elsewhere) = kept();
    let good = verify(&place, &elsewhere);
    assert_eq!(good.code, Some(0), "{}", good.stdout);
    assert!(good.stdout.contains("1 of them from elsewhere"), "{}", good.stdout);
    let mut all = lines(&place);
    all.pop();
    all[0] = all[0].replace("one", "two");
    let with_edit = rehashed(&all);
    let without_a_line = rehashed(&[&all[..2], &all[3..]].concat());
    for anew in [with_edit, without_a_line] {
        std::fs::write(log(&place), anew).unwrap();
        if log(&place).with_extension("checkpoints").exists() {
            forget(&place);
        }
        let alone = place.run(["log", "verify"]);
        assert_eq!(alone.code, Some(0), "nothing here shows it: {}", alone.stdout);
        let found = verify(&place, &elsewhere);
        assert_eq!(found.code, Some(1), "{}", found.stdout);
    }
    let found = verify(&place, &elsewhere).stdout;
    assert!(found.contains("cut off") || found.contains("written anew"), "{found}");
}

#[test]
fn every_other_line_and_sampled_byte_is_found() {
    let (place, _) = kept();
    let path = log(&place);
    let all = lines(&place);
    let mut others = vec![
        [&all[..2], &all[3..]].concat(),
        [&all[..3], &all[2..]].concat(),
        [&all[..2], &[all[3].clone(), all[2].clone()], &all[4..]].concat(),
        [&all[..2], &["{}\n".to_owned()], &all[2..]].concat(),
        [&all[..5], &[all[5].replace("\"exit\":0", "\"exit\":1")], &all[6..]].concat(),
    ];
    let text = all[..6].concat();
    for at in (0..text.len()).step_by(97) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        others.push(vec![String::from_utf8(bytes).unwrap(), all[6].clone()]);
    }
    for other in others {
        std::fs::write(&path, other.concat()).unwrap();
        let found = place.run(["log", "verify"]);
        assert_eq!(found.code, Some(1), "{}\n{}", found.stdout, other.concat());
    }
}

#[test]
fn another_key_is_found_when_the_right_one_is_given() {
    let (place, _) = kept();
    let key = place.path("home/.local/state/guard/checkpoint.key.pub");
    let line = std::fs::read_to_string(&key).unwrap();
    for key in [key.to_str().unwrap(), line.as_str()] {
        let good = place.run(["log", "verify", "--key", key]);
        assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
    }
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHBfusAfVRmJn0N7xC5AJVrpq1S/8A3jQzr31ofZ5xrV";
    let found = place.run(["log", "verify", "--key", other]);
    assert_eq!(found.code, Some(1), "{}", found.stdout);
    assert!(found.stdout.contains("another key"), "{}", found.stdout);
}

/// Answers one request and gives its body.
fn listener() -> (u16, std::thread::JoinHandle<String>) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut reader = BufReader::new(listener.accept().unwrap().0);
        let mut length = 0;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        reader.get_mut().write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8(body).unwrap()
    });
    (port, thread)
}

fn git(words: &[&str]) {
    let out = Command::new("git").args(words).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn every_kind_of_place_gets_a_checkpoint_that_verifies_the_log() {
    let place = recorded();
    let (folder, bare, socket) =
        (place.path("tmp/kept"), place.path("tmp/kept.git"), place.path("tmp/log"));
    std::fs::create_dir(&folder).unwrap();
    git(&["init", "--quiet", "--bare", bare.to_str().unwrap()]);
    let syslog = UnixDatagram::bind(&socket).unwrap();
    let (port, posted) = listener();
    policy(
        &place,
        &format!(
            "checkpoints:\n  send:\n    - folder: '{}'\n    - {{git: '{}', branch: kept/here}}\n    \
             - syslog: '{}'\n    - webhook: 'http://127.0.0.1:{port}/SECRET'\n",
            folder.display(),
            bare.display(),
            socket.display()
        ),
    );
    let made = place.run(["log", "checkpoint"]);
    assert_eq!(made.code, Some(0), "{}{}", made.stdout, made.stderr);
    assert_eq!(made.stdout.matches("sent to").count(), 4, "{}", made.stdout);
    let status = place.run(["status"]).stdout;
    assert_eq!(status.matches("6 lines sent to").count(), 4, "{status}");
    assert!(status.contains("What came after line 6 can be written anew"), "{status}");
    assert!(!format!("{}{status}", made.stdout).contains("SECRET"), "{status}");

    let mut datagram = [0; 2000];
    let count = syslog.recv(&mut datagram).unwrap();
    let lines = place.path("tmp/messages");
    std::fs::write(&lines, [b"other\n", &datagram[..count], b"\n"].concat()).unwrap();
    let clone = place.path("tmp/clone");
    let paths = [bare.to_str().unwrap(), clone.to_str().unwrap()];
    git(&["clone", "--quiet", "--branch", "kept/here", paths[0], paths[1]]);
    let body: serde_json::Value = serde_json::from_str(&posted.join().unwrap()).unwrap();
    let from_web = place.path("tmp/web");
    std::fs::write(&from_web, body["checkpoint"].as_str().unwrap()).unwrap();
    for kept in [&folder, &lines, &clone, &from_web] {
        let good = verify(&place, kept);
        assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
        assert!(good.stdout.contains("1 of them from elsewhere"), "{}", good.stdout);
    }
    let all = self::lines(&place);
    std::fs::write(log(&place), all[..5].concat()).unwrap();
    for kept in [&folder, &lines, &clone, &from_web] {
        assert_eq!(verify(&place, kept).code, Some(1), "{}", kept.display());
    }
}

#[test]
fn a_place_that_does_not_take_it_is_shown_and_recorded() {
    let place = recorded();
    let folder = place.path("tmp/kept");
    policy(&place, &format!("checkpoints: {{send: [{{folder: '{}'}}]}}\n", folder.display()));
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(1));
    for args in [&["status"][..], &["log", "verify"]] {
        let shown = place.run(args);
        assert_eq!(shown.code, Some(0), "{}", shown.stdout);
        assert!(shown.stdout.contains("not sent to folder"), "{}", shown.stdout);
    }
    std::fs::create_dir(&folder).unwrap();
    place.run(["--", "deploy", "three"]);
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
    assert!(!place.run(["status"]).stdout.contains("not sent"));
    let missed = place.events("checkpoint").pop().unwrap()["missed"].take();
    assert_eq!((missed[0]["size"].as_u64(), missed.as_array().unwrap().len()), (Some(6), 1));
}

#[test]
fn mistakes_in_policy_have_a_line_and_a_repository_cannot_say_where_to_send() {
    let place = recorded();
    policy(&place, "checkpoints:\n  every: 0\n");
    let out = place.run(["log", "checkpoint"]);
    assert_eq!(out.code, Some(78), "{}", out.stderr);
    assert!(out.stderr.contains("policy.yaml:3:"), "{}", out.stderr);
    policy(&place, "");
    place.write(".guard.yaml", "checkpoints: {every: 5}\n");
    let out = place.run(["--", "deploy"]);
    assert_eq!(out.code, Some(0), "{}", out.stderr);
    assert!(out.stderr.contains("ignored: checkpoints. A repository can only"), "{}", out.stderr);
}

#[test]
fn a_record_is_proved_without_the_log() {
    let (place, elsewhere) = kept();
    let id = place.events("request")[0]["request_id"].as_str().unwrap().to_owned();
    let proof = place.path("tmp/proof.txt");
    let made = place.run(["log", "prove", &id, "-o", proof.to_str().unwrap()]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let printed = place.run(["log", "prove", &id[..8]]);
    let text = std::fs::read_to_string(&proof).unwrap();
    assert_eq!(printed.stdout, text);
    assert!(!text.contains("\"two\""), "the proof holds nothing of other commands");
    let key = place.path("tmp/host.pub");
    std::fs::copy(place.path("home/.local/state/guard/checkpoint.key.pub"), &key).unwrap();
    std::fs::remove_dir_all(place.path("home/.local/state")).unwrap();
    let check = |path: &Path| {
        place.run(["log", "check-proof", path.to_str().unwrap(), "--key", key.to_str().unwrap()])
    };
    let good = check(&proof);
    assert_eq!(good.code, Some(0), "{}", good.stderr);
    assert!(good.stdout.starts_with("3 records in the log "), "{}", good.stdout);
    for at in (0..text.len()).step_by(61) {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let changed = place.path("tmp/changed.txt");
        std::fs::write(&changed, bytes).unwrap();
        assert_eq!(check(&changed).code, Some(1), "byte {at}");
    }
    assert_eq!(place.run(["log", "check-proof", "x"]).code, Some(64), "a key is needed");
    drop(elsewhere);
}

#[test]
fn nothing_is_proved_that_was_not_signed() {
    let (place, elsewhere) = kept();
    place.run(["--", "deploy", "three"]);
    let ids = place.events("request");
    let id = |at: usize| ids[at]["request_id"].as_str().unwrap().to_owned();
    let late = place.run(["log", "prove", &id(2)]);
    assert_eq!(late.code, Some(1), "{}", late.stdout);
    assert!(late.stderr.contains("3 records of 3 came after"), "{}", late.stderr);
    place.run(["log", "checkpoint"]);
    assert_eq!(place.run(["log", "prove", &id(2)]).code, Some(0));
    let entry = std::fs::read_dir(&elsewhere).unwrap().next().unwrap().unwrap().path();
    let first = entry.join("6.checkpoint");
    let by_first = place.run(["log", "prove", &id(0), "--checkpoint", first.to_str().unwrap()]);
    assert_eq!(by_first.code, Some(0), "{}", by_first.stderr);
    assert!(by_first.stdout.contains("\n6\n"), "{}", by_first.stdout);
    let edited = lines(&place).concat().replace("\"exit\":0", "\"exit\":1");
    std::fs::write(log(&place), edited).unwrap();
    let changed = place.run(["log", "prove", &id(0)]);
    assert_eq!(changed.code, Some(1));
    assert!(changed.stderr.contains("not those that were signed"), "{}", changed.stderr);
}
