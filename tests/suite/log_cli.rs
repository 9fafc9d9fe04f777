//! The record as people meet it: from real runs of guard.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;

use crate::harness::Place;

#[test]
fn a_run_is_listed_verified_and_free_of_secrets() {
    let place = Place::new();
    place.program("deploy", "exit 3");
    place.run(["--", "deploy", "--password", "hunter2-Zq", "https://bob:hunter2-Zq@example.org"]);
    place.run(["--", "nosuch-program"]);
    assert_eq!(place.kinds(), ["run", "run"]);
    let text = serde_json::to_string(&place.records()).unwrap();
    assert!(!text.contains("hunter2"), "{text}");

    let shown = place.run(["log"]);
    assert_eq!(shown.code, Some(0));
    assert!(shown.stdout.contains("exit 3") && shown.stdout.contains("not found"));
    assert!(shown.stdout.contains("deploy --password [redacted:"), "{}", shown.stdout);
    let json = place.run(["log", "show", "--json", "--program", "deploy"]);
    let run: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((&run["outcome"], &run["exit"]), (&"exit".into(), &3.into()));
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    let path = place.run(["log", "path"]).stdout;
    assert!(std::path::Path::new(path.trim_end()).is_file(), "{path}");
}

#[test]
fn an_edit_is_found() {
    let place = Place::new();
    place.program("deploy", "exit 0");
    place.run(["--", "deploy", "one"]);
    place.run(["--", "deploy", "two"]);
    let path = place.run(["log", "path"]).stdout.trim_end().to_owned();
    let edited = std::fs::read_to_string(&path).unwrap().replace("one", "two");
    std::fs::write(&path, edited).unwrap();
    let verify = place.run(["log", "verify"]);
    assert_eq!(verify.code, Some(1), "{}", verify.stdout);
    assert!(verify.stdout.contains("line 2"), "{}", verify.stdout);
}

#[test]
fn without_a_record_nothing_runs() {
    let place = Place::new();
    place.program("deploy", "touch ran");
    let audit = place.log_dir();
    let state = audit.parent().unwrap();
    std::fs::create_dir_all(state).unwrap();
    // A file in place of the folder: as good as read-only, also for root.
    std::fs::write(&audit, "").unwrap();
    let out = place.run(["--", "deploy"]);
    assert_eq!(out.code, Some(74), "{}", out.stderr);
    assert!(out.stderr.contains("not run") && out.stderr.contains("audit"), "{}", out.stderr);
    assert!(!place.path("project/ran").exists());
    assert_eq!(place.run(["log", "verify"]).code, Some(74));

    std::fs::remove_file(&audit).unwrap();
    std::os::unix::fs::symlink(place.path("elsewhere"), &audit).unwrap();
    assert_eq!(place.run(["--", "deploy"]).code, Some(74));
    assert!(!place.path("project/ran").exists());

    if !nix::unistd::geteuid().is_root() {
        std::fs::remove_file(&audit).unwrap();
        std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o500)).unwrap();
        assert_eq!(place.run(["--", "deploy"]).code, Some(74));
        std::fs::set_permissions(state, std::fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn a_file_size_limit_keeps_the_command_from_running() {
    let place = Place::new();
    place.program("deploy", "touch ran");
    place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
    // Blocks of 512 or 1024 bytes: either way too few for the second record.
    let script = format!(
        "ulimit -f 1; trap '' XFSZ; for n in 1 2 3 4 5; do {} -- deploy; done; exit $?",
        crate::harness::GUARD
    );
    let out = place.command("sh").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    let stderr = String::from_utf8_lossy(&out.stderr);
    assert_eq!(out.status.code(), Some(74), "{stderr}");
    assert!(stderr.contains("ulimit -f"), "{stderr}");
}

#[test]
fn a_second_machine_of_the_same_name_is_refused() {
    let place = Place::new();
    place.program("deploy", "touch ran");
    let machine = std::fs::read_to_string("/etc/machine-id").unwrap_or_default();
    assert_eq!(place.run(["--", "deploy"]).code, Some(0));
    let state = place.log_dir().parent().unwrap().to_owned();
    let marks: Vec<_> = std::fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "machine"))
        .collect();
    if machine.trim().len() != 32 {
        assert!(marks.is_empty(), "{marks:?}");
        let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!ci, "a machine under CI has an id");
        crate::grammar_clients::skipped("this machine has no id, so none can be told from it");
        return;
    }
    let [mark] = &marks[..] else { panic!("{marks:?}") };
    assert!(!std::fs::read_to_string(mark).unwrap().contains(machine.trim()));
    std::fs::remove_file(place.path("project/ran")).unwrap();
    std::fs::write(mark, format!("{}\n", "0".repeat(64))).unwrap();
    let out = place.run(["--", "deploy"]);
    assert_eq!(out.code, Some(74), "{}", out.stderr);
    assert!(out.stderr.contains("another machine of the same name"), "{}", out.stderr);
    assert!(!place.path("project/ran").exists());
    // As it says: this machine has taken the other's place.
    std::fs::remove_file(mark).unwrap();
    assert_eq!(place.run(["--", "deploy"]).code, Some(0));
}

#[test]
fn a_log_that_is_removed_or_replaced_while_the_command_runs_is_found_and_goes_on() {
    for script in ["rm \"$LOG\"", "mv \"$LOG\" aside; : >\"$LOG\"", "mv \"$LOG\" aside"] {
        let place = Place::new();
        place.program("deploy", script);
        place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
        place.program("fine", "exit 0");
        assert_eq!(place.run(["--", "fine"]).code, Some(0));
        assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
        let log = place.logs().remove(0);
        let mut guard = place.guard(["--", "deploy"]);
        let ran = crate::harness::output(guard.env("LOG", &log).stdin(Stdio::null()));
        assert_eq!(ran.code, Some(0), "{script}: {}", ran.stderr);
        // The end is where the next one looks, and not in a file without a name.
        assert_eq!(place.kinds(), ["end"], "{script}");
        assert_eq!(place.run(["log", "verify"]).code, Some(1), "{script}");
        assert_eq!(place.run(["--", "fine"]).code, Some(0), "{script}");
    }
}
