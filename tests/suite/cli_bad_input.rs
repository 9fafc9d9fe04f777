//! Input, files and surroundings that are broken: guard answers, and whatever
//! it cannot judge or record does not run.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::harness::{GUARD, Output, Place, output};

/// Far above what an answer takes, far below what unbounded work takes.
const SOON: Duration = Duration::from_secs(30);

fn verdict_on(text: &str) -> Value {
    let asked = serde_json::json!({"id": 1, "command": text}).to_string();
    let started = Instant::now();
    let ran = Place::new().run_with(["check", "--jsonl"], asked.as_bytes());
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{:?}", ran.signal);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn assert_unknown(name: &str, text: &str) {
    let verdict = verdict_on(text);
    let tier = verdict["tier"].as_str().unwrap();
    assert!(!["allow", "notify"].contains(&tier), "{name}: {verdict}");
    assert_eq!(verdict["unknown"], true, "{name}: {verdict}");
    let reason = verdict["reasons"][0].as_str().unwrap();
    assert!(reason.len() > 20, "{name}: no reason: {verdict}");
}

#[test]
fn text_that_does_not_parse_is_unknown_with_a_reason() {
    for text in [
        "echo \"",
        "echo '",
        "echo $(",
        "echo `",
        "if",
        "if true; then",
        "while",
        "case x in",
        "(",
        ")",
        "{",
        "}",
        "ls )",
        "&& ls",
        "| ls",
        "ls &&",
        ";;",
        "for",
        "do",
        "done",
        "fi",
        "cat <<",
        "a=(",
        "echo ${",
        "echo $((1",
        "[[ a",
        "f() ",
        "ls > ",
        "ls <",
        "!|",
        "ls ;; ls",
        "then ls",
        "rm -rf x; )",
        "ls\n)\nrm -rf x",
    ] {
        assert_unknown(text, text);
    }
}

#[test]
fn a_nul_byte_is_unknown() {
    for text in ["ls\0", "\0", "ls \0; rm -rf /", "echo '\0'", "# \0", "cat <<E\n\0\nE\n"] {
        assert_unknown(&text.replace('\0', "\\0"), text);
    }
}

#[test]
fn too_much_text_is_unknown_in_bounded_time() {
    assert_unknown("10 MB word", &"x".repeat(10_000_000));
    assert_unknown("10 MB of spaces", &format!("ls{}", " ".repeat(10_000_000)));
    assert_unknown("10 MB comment", &format!("ls #{}", "x".repeat(10_000_000)));
    assert_unknown("10 MB of words", &format!("ls {}", "a ".repeat(5_000_000)));
    assert_unknown("10 MB of newlines", &format!("{}ls", "\n".repeat(10_000_000)));
}

#[test]
fn deep_nesting_is_unknown_in_bounded_time() {
    const N: usize = 10_000;
    for (open, inner, close) in [
        ("(", "ls", ")"),
        ("( ", "ls", " )"),
        ("(", "rm -rf x", ")"),
        ("(", "", ""),
        ("$(", "ls", ")"),
        ("echo $((", "1", "))"),
        ("\"$(", "ls", ")\""),
        ("{ ", "ls;", " }"),
        ("if ", "ls;", " then ls; fi;"),
        ("while ", "ls;", " do ls; done;"),
        ("for x in a; do ", "ls;", " done;"),
        ("case x in x) ", "ls", " ;; esac"),
        ("f() { ", "ls;", " };"),
        ("<(", "ls", ")"),
        ("${x:-", "y", "}"),
        ("[[ ( ", "a", " ) ]]"),
        ("a=(", "b", ")"),
        ("echo $[", "1", "]"),
    ] {
        let text = format!("{}{inner}{}", open.repeat(N), close.repeat(N));
        assert_unknown(&format!("{N} times {open}"), &text);
    }
    let inside = format!("echo $(({}1{}))", "(".repeat(N), ")".repeat(N));
    assert_unknown("parentheses in arithmetic", &inside);
}

#[test]
fn too_many_commands_are_unknown_in_bounded_time() {
    for separator in [";", "\n", "&&", "||", "|", "&"] {
        let text = vec!["ls"; 100_000].join(separator);
        assert_unknown(&format!("100,000 commands with {separator:?}"), &text);
    }
    assert_unknown("100,000 substitutions", &format!("echo {}", "$(ls)".repeat(100_000)));
}

#[test]
fn a_dangerous_command_before_the_limit_is_not_forgotten() {
    let text = format!("rm -rf / ;{}", "ls;".repeat(5_000));
    assert_eq!(verdict_on(&text)["tier"], "deny");
}

#[test]
fn expansion_is_bounded() {
    for text in [
        format!("echo {}", "{a,b}".repeat(60)),
        "echo {1..1000000000}".to_owned(),
        "a=xxxxxxxxxx; ".to_owned() + &"a=$a$a$a$a$a$a$a$a;".repeat(60) + " echo $a",
        format!("rm {}", "{a,b}".repeat(60)),
    ] {
        let verdict = verdict_on(&text);
        assert!(verdict["tier"].is_string());
    }
}

#[test]
fn what_cannot_be_judged_does_not_run_without_an_answer() {
    let place = Place::new();
    place.marking("ls");
    for text in ["ls \"", "ls; (", "ls \u{202e}\" "] {
        let ran = place.run(["run", "-c", text]);
        assert_eq!(ran.code, Some(75), "{text}: {}", ran.stderr);
    }
    let mut raw = OsString::from("ls; echo ");
    raw.push(OsStr::from_bytes(b"\xff"));
    let ran = place.run([OsStr::new("run"), OsStr::new("-c"), &raw]);
    assert_eq!(ran.code, Some(64), "{}", ran.stderr);
    assert!(ran.stderr.contains("not UTF-8"), "{}", ran.stderr);
    assert!(!place.ran("ls"));
}

/// Each file is broken in its own way: the message has file, line and column.
#[test]
fn broken_policy_and_rules_stop_everything_with_78() {
    let rule = "tool: x\nprograms: [x]\nrules:\n  - id: x.y\n    sumary: z\n";
    for (file, content, at) in [
        (".guard.yaml", "raise:\n  - to: nothing\n    why: x\n", ":2:"),
        (".guard.yaml", "lower: []\n", ":1:"),
        (".guard.yaml", "raise: []\nraise: []\n", ":2:"),
        (".guard.yaml", "raise: &a []\n", ":1:"),
        (".guard.yaml", "raise: [\n", ":"),
        (".guard.yaml", "freeze:\n  - from: tomorrow\n    why: x\n", "freeze"),
        (".config/guard/policy.yaml", "raise:\n  - when: {verbz: [delete]}\n", ":2:"),
        (".config/guard/policy.yaml", "\tx: 1\n", ":1:"),
        (".config/guard/rules.d/x.yaml", rule, ":5:"),
        (".config/guard/rules.d/x.yaml", "tool: [\n", ":"),
        (".config/guard/rules.d/deep/x.yaml", rule, ":5:"),
        (".config/guard/rules.d/y.yaml", "{}\n", ":1:"),
        (".config/guard/rules.d/y.yml", "tool: y\n", "Rename it"),
    ] {
        let place = Place::new();
        place.marking("tool");
        let path = if file.starts_with(".guard") {
            place.write(file, content)
        } else {
            place.write_home(file, content)
        };
        for args in [
            &["--", "tool"][..],
            &["run", "-c", "tool"],
            &["--dry-run", "--", "tool"],
            &["check", "--", "tool"],
            &["check", "--json", "-c", "tool"],
            &["explain", "-c", "tool"],
            &["policy", "show"],
        ] {
            let ran = place.run(args);
            let about = format!("{file} {content:?} {args:?}: {} {}", ran.stdout, ran.stderr);
            assert_eq!(ran.code, Some(78), "{about}");
            assert!(ran.stdout.is_empty(), "{about}");
            let shown = path.canonicalize().unwrap();
            let shown = shown.to_string_lossy();
            let place_shown = ran.stderr.find(&*shown).map(|i| &ran.stderr[i + shown.len()..]);
            assert!(place_shown.is_some_and(|rest| rest.contains(at)), "{about}");
        }
        assert!(!place.ran("tool"), "{file} {content:?}");
    }
}

#[test]
fn a_policy_that_others_can_write_or_that_is_no_file_stops_everything() {
    let place = Place::new();
    place.marking("tool");
    let path = place.write_home(".config/guard/policy.yaml", "raise: []\n");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
    let ran = place.run(["--", "tool"]);
    assert_eq!(ran.code, Some(78), "{}", ran.stderr);
    assert!(ran.stderr.contains("chmod go-w"), "{}", ran.stderr);
    std::fs::remove_file(&path).unwrap();
    std::fs::create_dir(&path).unwrap();
    assert_eq!(place.run(["--", "tool"]).code, Some(78));
    std::fs::remove_dir(&path).unwrap();
    std::fs::write(&path, b"raise: []\n# \xff\n").unwrap();
    assert_eq!(place.run(["--", "tool"]).code, Some(78));
    assert!(!place.ran("tool"));
    std::fs::remove_file(&path).unwrap();
    assert_eq!(place.run(["--", "tool"]).code, Some(0));
    assert!(place.ran("tool"));
}

#[test]
fn a_named_pipe_or_a_huge_file_as_policy_does_not_hang_guard() {
    let place = Place::new();
    place.marking("tool");
    let pipe = place.path("project/.guard.yaml");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    let mut guard = place.guard(["--", "tool"]);
    guard.stdin(Stdio::null()).stderr(Stdio::null());
    let mut guard = guard.spawn().unwrap();
    let started = Instant::now();
    let status = loop {
        if let Some(status) = guard.try_wait().unwrap() {
            break status;
        }
        if started.elapsed() > SOON {
            guard.kill().unwrap();
            guard.wait().unwrap();
            panic!("guard waits for a writer of .guard.yaml");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.code(), Some(78));
    std::fs::remove_file(&pipe).unwrap();
    let huge = format!("raise: []\n#{}\n", "x".repeat(400 * 1024));
    place.write(".guard.yaml", huge);
    assert_eq!(place.run(["--", "tool"]).code, Some(78));
    assert!(!place.ran("tool"));
}

fn assert_not_recorded(place: &Place, ran: &Output, about: &str) {
    assert_eq!(ran.code, Some(74), "{about}: {:?} {}", ran.signal, ran.stderr);
    assert!(ran.stderr.contains("not run"), "{about}: {}", ran.stderr);
    assert!(!place.ran("tool"), "{about}");
}

#[test]
fn a_missing_log_folder_is_created_for_the_owner_only() {
    let place = Place::new();
    place.marking("tool");
    assert!(!place.log_dir().exists());
    assert_eq!(place.run(["--", "tool"]).code, Some(0));
    assert!(place.ran("tool"));
    for path in [place.log_dir(), place.log_dir().parent().unwrap().to_owned()] {
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o077, 0, "{}", path.display());
    }
    for entry in std::fs::read_dir(place.log_dir()).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().mode() & 0o077, 0);
    }
}

#[test]
fn a_log_that_cannot_be_written_lets_nothing_run() {
    // Root ignores permission bits, so these stand in for "read-only".
    let place = Place::new();
    place.marking("tool");
    place.write_home(".local/state/guard", "a file in place of the folder");
    assert_not_recorded(&place, &place.run(["--", "tool"]), "a file in place of the folder");

    let place = Place::new();
    place.marking("tool");
    let nowhere = output(place.guard(["--", "tool"]).env("XDG_STATE_HOME", "/proc/nowhere"));
    assert_not_recorded(&place, &nowhere, "a folder that cannot be created");

    let place = Place::new();
    place.marking("tool");
    assert_eq!(place.run(["--", "true"]).code, Some(0));
    let log = std::fs::read_dir(place.log_dir()).unwrap().next().unwrap().unwrap().path();
    let aside = place.path("aside");
    std::fs::rename(&log, &aside).unwrap();
    std::os::unix::fs::symlink(&aside, &log).unwrap();
    assert_not_recorded(&place, &place.run(["--", "tool"]), "a symbolic link in place of the log");
    std::fs::remove_file(&log).unwrap();
    std::fs::create_dir(&log).unwrap();
    assert_not_recorded(&place, &place.run(["--", "tool"]), "a folder in place of the log");
    std::fs::remove_dir(&log).unwrap();
    nix::unistd::mkfifo(&log, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_not_recorded(&place, &place.run(["--", "tool"]), "a named pipe in place of the log");
}

/// `tool` is harmless, and stands here for what is not: recorded before it runs.
fn first_on_disk(place: &Place) {
    place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
}

#[test]
fn a_file_size_limit_lets_nothing_run() {
    let place = Place::new();
    place.marking("tool");
    first_on_disk(&place);
    // Ignored, the limit is an error of write(2); else the signal ends guard.
    for (trap, code, signal) in [("trap '' XFSZ;", Some(74), None), ("", None, Some(25))] {
        let mut shell = place.command("/bin/bash");
        shell.args(["-c", &format!("{trap} ulimit -f 0; exec \"$0\" -- tool"), GUARD]);
        let ran = output(&mut shell);
        assert!(
            ran.code == Some(74) || (ran.code, ran.signal) == (code, signal),
            "{:?} {:?} {}",
            ran.code,
            ran.signal,
            ran.stderr
        );
        assert!(!place.ran("tool"));
    }
    assert_eq!(place.run(["--", "tool"]).code, Some(0));
    assert!(place.ran("tool"));
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

/// Runs a script in a mount name space of its own; `None` where that is not
/// allowed.
fn with_mounts(place: &Place, script: &str) -> Option<Output> {
    let possible = Command::new("unshare")
        .args(["-m", "sh", "-c", "mount -t tmpfs none /mnt"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !possible {
        eprintln!("SKIPPED: mounting is not allowed here, so no disk was full or read-only");
        return None;
    }
    let mut command = place.command("unshare");
    let state = place.path("home/.local/state/guard/audit");
    std::fs::create_dir_all(&state).unwrap();
    command.args(["-m", "sh", "-c", script, GUARD]).env("AUDIT", state);
    Some(output(&mut command))
}

#[test]
fn a_read_only_disk_lets_nothing_run() {
    let place = Place::new();
    place.marking("tool");
    let script = "mount -t tmpfs -o ro none \"$AUDIT\" && exec \"$0\" -- tool";
    let Some(ran) = with_mounts(&place, script) else { return };
    assert_not_recorded(&place, &ran, "read-only");
}

#[test]
fn a_full_disk_lets_only_harmless_commands_run_and_they_say_so() {
    let place = Place::new();
    place.marking("tool");
    first_on_disk(&place);
    let script = "mount -t tmpfs -o size=64k none \"$AUDIT\" && \
                  { cat /dev/zero >\"$AUDIT/filler\" 2>/dev/null; exec \"$0\" -- tool; }";
    let Some(ran) = with_mounts(&place, script) else { return };
    assert_not_recorded(&place, &ran, "full");
    place.write_home(".config/guard/policy.yaml", "{}\n");
    let Some(ran) = with_mounts(&place, script) else { return };
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.ran("tool"));
    assert!(ran.stderr.contains("the command is not recorded"), "{}", ran.stderr);
}

#[test]
fn a_torn_tail_is_repaired_by_the_next_writer_and_its_bytes_stay() {
    for torn in ["{\"v\":1,\"seq\":2,\"prev\":\"", "\0\0\0", "x", "{\"v\":1}"] {
        let place = Place::new();
        assert_eq!(place.run(["--", "true"]).code, Some(0));
        let log = std::fs::read_dir(place.log_dir()).unwrap().next().unwrap().unwrap().path();
        let mut content = std::fs::read(&log).unwrap();
        content.extend(torn.as_bytes());
        std::fs::write(&log, &content).unwrap();
        assert_eq!(place.run(["--", "true"]).code, Some(0), "{torn:?}");
        let after = std::fs::read(&log).unwrap();
        assert!(after.starts_with(&content), "{torn:?}: bytes were changed");
        assert_eq!(after[content.len()], b'\n', "{torn:?}");
        let verify = place.run(["log", "verify"]);
        assert_eq!(verify.code, Some(0), "{torn:?}: {}{}", verify.stdout, verify.stderr);
        let show = place.run(["log", "show"]);
        assert_eq!(show.stdout.matches("exit 0").count(), 2, "{}", show.stdout);
    }
}

#[test]
fn a_changed_log_is_noticed_and_still_written_to() {
    let place = Place::new();
    for _ in 0..3 {
        place.run(["--", "true"]);
    }
    let log = std::fs::read_dir(place.log_dir()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text.replacen("\"true\"", "\"fals\"", 1)).unwrap();
    assert_eq!(place.run(["log", "verify"]).code, Some(1));
    assert_eq!(place.run(["--", "true"]).code, Some(0));
    assert_eq!(place.run(["log", "verify"]).code, Some(1));
}

#[test]
fn not_found_is_127_and_not_executable_126_each_recorded() {
    let place = Place::new();
    place.executable("noformat", b"\x7fELFnothing");
    let file = place.write("notes.txt", "text");
    for (program, code) in [
        ("no-such-program", 127),
        ("./no-such-program", 127),
        ("", 127),
        (file.to_str().unwrap(), 126),
        ("/", 126),
        ("noformat", 126),
        ("/etc/passwd/x", 126),
    ] {
        let before = place.events("failed").len();
        let ran = place.run(["--", program, "arg"]);
        // A component that is no directory is 126 in bash and 127 in dash.
        let fits = ran.code == Some(code) || program == "/etc/passwd/x" && ran.code == Some(127);
        assert!(fits, "{program}: {:?} {}", ran.code, ran.stderr);
        assert!(ran.stderr.starts_with("guard: ") && ran.stdout.is_empty(), "{}", ran.stderr);
        let failed = place.events("failed");
        assert_eq!(failed.len(), before + 1, "{program}");
        assert_eq!(failed[before]["exit"], ran.code.unwrap(), "{program}");
    }
    assert!(place.events("end").is_empty());
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
}

/// Runs guard from bash, which can close descriptors.
fn through_bash(place: &Place, script: &str) -> Output {
    let mut shell = place.command("/bin/bash");
    shell.args(["-c", script, GUARD]).stdin(Stdio::null());
    output(&mut shell)
}

#[test]
fn closed_standard_streams_do_not_matter_to_guard() {
    let place = Place::new();
    place.marking("tool");
    for closed in ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"] {
        let _ = std::fs::remove_file(place.path("tmp/tool.ran"));
        let ran = through_bash(&place, &format!("\"$0\" -- tool {closed}"));
        assert_eq!(ran.code, Some(0), "{closed}: {}", ran.stderr);
        assert!(place.ran("tool"), "{closed}");
        let ran = through_bash(&place, &format!("\"$0\" -- rm -rf / {closed}"));
        assert_eq!(ran.code, Some(77), "{closed}");
        let ran = through_bash(&place, &format!("\"$0\" check -c 'rm -rf /' {closed}"));
        assert_eq!(ran.code, Some(4), "{closed}: {}", ran.stderr);
    }
    // The log was not opened as somebody's standard output.
    assert_eq!(place.run(["log", "verify"]).code, Some(0));
    // What the command sees is what the caller gave it.
    place.program("see", "echo out && echo err >&2");
    let bare = through_bash(&place, "see >&-; echo $?").stdout;
    let guarded = through_bash(&place, "\"$0\" -- see >&-; echo $?").stdout;
    assert_eq!(guarded, bare);
}

#[test]
fn a_pipe_whose_reader_has_gone_ends_quietly() {
    let place = Place::new();
    let rules = through_bash(&place, "\"$0\" rules list | head -n 1; echo ${PIPESTATUS[0]}");
    assert!(rules.stdout.ends_with("\n0\n"), "{}", rules.stdout);
    assert!(rules.stderr.is_empty(), "{}", rules.stderr);
    let bare = through_bash(&place, "yes | head -n 1; echo ${PIPESTATUS[0]}").stdout;
    let guarded = through_bash(&place, "\"$0\" -- yes | head -n 1; echo ${PIPESTATUS[0]}").stdout;
    assert_eq!(guarded, bare);
}

#[test]
fn output_to_a_full_device_is_an_error() {
    let place = Place::new();
    let ran = through_bash(&place, "\"$0\" rules list >/dev/full");
    assert_eq!(ran.code, Some(74), "{}", ran.stderr);
    assert!(ran.stderr.contains("could not be written"), "{}", ran.stderr);
}

#[test]
fn without_home_guard_works_where_a_state_folder_is_given() {
    let place = Place::new();
    place.marking("tool");
    let mut guard = place.guard(["--", "tool"]);
    guard.env_remove("HOME").env("XDG_STATE_HOME", place.path("state"));
    let ran = output(&mut guard);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.ran("tool") && place.path("state/guard/audit").is_dir());
    let ran = output(place.guard(["check", "-c", "rm -rf /"]).env_remove("HOME"));
    assert_eq!(ran.code, Some(4), "{}", ran.stderr);
}

#[test]
fn an_account_without_any_home_gets_a_clear_error_and_nothing_runs() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("SKIPPED: only root can become an account without a home");
        return;
    }
    let place = Place::new();
    place.marking("tool");
    let open = std::fs::Permissions::from_mode(0o777);
    for name in ["", "tmp", "project"] {
        std::fs::set_permissions(place.path(name), open.clone()).unwrap();
    }
    // No line of /etc/passwd has this number.
    let mut guard = place.guard(["--", "tool"]);
    guard.env_remove("HOME").uid(54_321).gid(54_321);
    match guard.output() {
        Ok(ran) => {
            let ran = Output::from(ran);
            assert_not_recorded(&place, &ran, "no home");
            assert!(ran.stderr.contains("HOME"), "{}", ran.stderr);
        }
        Err(error) => eprintln!("SKIPPED: guard cannot be started as another account: {error}"),
    }
}

#[test]
fn without_path_programs_named_by_a_path_run() {
    let place = Place::new();
    place.marking("tool");
    let tool = place.path("bin/tool");
    let ran = output(place.guard([OsStr::new("--"), tool.as_os_str()]).env_remove("PATH"));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(place.ran("tool"));
    let ran = output(place.guard(["--", "no-such-program"]).env_remove("PATH"));
    assert_eq!(ran.code, Some(127), "{}", ran.stderr);
    let ran = output(place.guard(["--", "tool"]).env("PATH", ""));
    assert_eq!(ran.code, Some(127), "{}", ran.stderr);
}

#[test]
fn a_dumb_terminal_gets_plain_text() {
    let place = Place::new();
    for args in [&["--", "rm", "-rf", "/"][..], &["explain", "-c", "rm -rf /"], &["--help"]] {
        let ran = output(place.guard(args).env("TERM", "dumb"));
        assert!(!ran.stdout.contains('\x1b') && !ran.stderr.contains('\x1b'), "{args:?}");
    }
}

#[test]
fn a_deleted_working_directory_is_survived() {
    let place = Place::new();
    place.program("tool", "echo ran");
    let gone = "mkdir gone && cd gone && rmdir ../gone && ";
    let ran = through_bash(&place, &format!("{gone} \"$0\" -- tool"));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "ran\n"), "{}", ran.stderr);
    let ran = through_bash(&place, &format!("{gone} \"$0\" check -c 'rm -rf *'"));
    assert!([Some(3), Some(4)].contains(&ran.code), "{:?} {}", ran.code, ran.stdout);
    assert_eq!(place.events("request")[0]["cwd"], Value::Null);
}

#[test]
fn arguments_arrive_and_are_recorded_byte_for_byte() {
    let place = Place::new();
    place.program(
        "dump",
        "for a; do printf '%s' \"$a\" | od -An -v -tx1 | tr -d ' \\n'; echo; done",
    );
    let every: Vec<u8> = (1..=255).collect();
    let arguments: Vec<&[u8]> = vec![
        b"plain",
        b"",
        b" two words ",
        b"\xff\xfe",
        b"caf\xc3\xa9",
        b"\xe2\x80\xae\x1b[2J",
        b"new\nline",
        b"--",
        b"'\"$(x)`y`\\",
        &every,
    ];
    let mut args = vec![OsString::from("--"), OsString::from("dump")];
    args.extend(arguments.iter().map(|a| OsString::from_vec(a.to_vec())));
    let ran = place.run(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let expected: Vec<_> = arguments.iter().map(|a| hex(a)).collect();
    let arrived: Vec<_> = ran.stdout.lines().collect();
    assert_eq!(arrived, expected);
    let command = &place.events("request")[0];
    let recorded: Vec<_> =
        command["argv_hex"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    assert_eq!(recorded[0], hex(b"dump"));
    assert_eq!(recorded[1..], expected);
    // The text form is there for people, and is not exact.
    assert_eq!(command["argv"][4], r"\xff\xfe");
}

#[test]
fn arguments_that_are_utf8_are_recorded_as_text_alone() {
    let place = Place::new();
    assert_eq!(place.run(["--", "true", "a b", "é\u{202e}\n"]).code, Some(0));
    let command = &place.events("request")[0];
    assert_eq!(command["argv"], serde_json::json!(["true", "a b", "é\u{202e}\n"]));
    assert_eq!(command.get("argv_hex"), None);
}
