//! What becomes of the record when the disk under it fails while a command runs,
//! and when the clock goes back.
//!
//! The disks are real ones, mounted in a mount name space of their own: a small
//! tmpfs, a Btrfs with a quota, an Ext4 that the kernel turns read-only.

use std::process::{Command, Stdio};

use crate::grammar_clients::skipped;
use crate::harness::{GUARD, Output, Place, output};

fn ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

fn succeeds(program: &str, args: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a script in a mount name space. `$AUDIT` is the folder of the log, `$IMAGE`
/// an empty file of 256 MB, `$0` guard. `None` where that is not permitted; where
/// only a program is missing, CI fails.
fn with_disk(place: &Place, programs: &[&str], loops: bool, script: &str) -> Option<Output> {
    if !succeeds("unshare", &["-m", "mount", "-t", "tmpfs", "none", "/mnt"]) {
        skipped("mounting is not permitted here, so no disk failed");
        return None;
    }
    for program in programs {
        if !succeeds("sh", &["-c", &format!("command -v {program}")]) {
            assert!(!ci(), "{program} is not installed");
            skipped(&format!("{program} is not installed, so one kind of disk did not fail"));
            return None;
        }
    }
    let (audit, image) = (place.log_dir(), place.path("tmp/image"));
    std::fs::create_dir_all(&audit).unwrap();
    std::fs::File::create(&image).unwrap().set_len(256 << 20).unwrap();
    if loops {
        let script = "mkfs.ext4 -q -F \"$0\" && mount -o loop \"$0\" /mnt";
        if !succeeds("unshare", &["-m", "sh", "-c", script, image.to_str().unwrap()]) {
            skipped("loop devices are not permitted here, so one kind of disk did not fail");
            return None;
        }
    }
    let mut command = place.command("unshare");
    command.args(["-m", "sh", "-c", script, GUARD]).env("AUDIT", audit).env("IMAGE", image);
    command.env(
        "PATH",
        format!("{}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", place.path("bin").display()),
    );
    Some(output(command.env("PLACE", place.path("tmp"))))
}

/// A place with a command that says when it runs and waits to be let go.
fn place() -> Place {
    let place = Place::new();
    let tmp = place.path("tmp").display().to_string();
    place.program("slow", &format!(": >{tmp}/ready\nwhile [ ! -e {tmp}/go ]; do sleep 0.02; done"));
    place.program("fine", "exit 0");
    place.marking("tool");
    place.write_home(".config/guard/policy.yaml", "log: {harmless: sync}\n");
    place
}

/// Starts `slow`, does `fail` while it runs, lets it end; then tries `tool`, does
/// `mend`, and runs `fine` and the check.
fn story(disk: &str, fail: &str, mend: &str) -> String {
    format!(
        "set -e\n{disk}\nset +e\n\
         \"$0\" -- fine; echo before $?\n\
         \"$0\" -- slow & pid=$!\n\
         while [ ! -e \"$PLACE/ready\" ]; do sleep 0.02; done\n\
         {fail}\n: >\"$PLACE/go\"\nwait $pid; echo slow $?\n\
         \"$0\" -- tool; echo tool $?\n\
         {mend}\n\"$0\" -- fine; echo after $?\n\
         \"$0\" log verify; echo verify $?\n\
         \"$0\" log show --json --text slow\n"
    )
}

/// The command that ran keeps its own code and guard says that its end is missing;
/// the next one does not run; afterwards everything goes on and nothing is broken.
fn check(place: &Place, ran: &Output, code_of_slow: u8) {
    let all = format!("{}\n--\n{}", ran.stdout, ran.stderr);
    for line in ["before 0", &format!("slow {code_of_slow}"), "tool 74", "after 0", "verify 0"] {
        assert!(ran.stdout.lines().any(|found| found == line), "{line}: {all}");
    }
    assert!(!place.ran("tool"), "{all}");
    assert!(ran.stdout.contains("intact"), "{all}");
    assert!(ran.stderr.contains("not run"), "{all}");
}

#[test]
fn a_disk_that_fills_up_while_a_command_runs() {
    let place = place();
    let script = story(
        "mount -t tmpfs -o size=64k none \"$AUDIT\"",
        // The last page of the log may have room for some records.
        "cat /dev/zero >\"$AUDIT/filler\" 2>/dev/null
         while \"$0\" -- fine 2>/dev/null; do :; done",
        "rm \"$AUDIT/filler\"",
    );
    let Some(ran) = with_disk(&place, &[], false, &script) else { return };
    check(&place, &ran, 0);
}

#[test]
fn a_quota_that_is_used_up_while_a_command_runs() {
    let place = place();
    let script = story(
        "mkfs.btrfs -q -f \"$IMAGE\" >/dev/null 2>&1; mount -o loop \"$IMAGE\" /mnt; btrfs -q quota enable /mnt
         btrfs -q subvolume create /mnt/s; btrfs -q qgroup limit 256K /mnt/s; mount --bind /mnt/s \"$AUDIT\"",
        "dd if=/dev/zero of=\"$AUDIT/filler\" bs=4k oflag=sync 2>&1 | grep -q quota; echo quota $?",
        "rm \"$AUDIT/filler\"; btrfs -q qgroup limit none \"$AUDIT\"; sync",
    );
    let Some(ran) = with_disk(&place, &["mkfs.btrfs"], true, &script) else { return };
    assert!(ran.stdout.contains("quota 0"), "{}{}", ran.stdout, ran.stderr);
    check(&place, &ran, 0);
}

#[test]
fn a_disk_that_becomes_read_only_while_a_command_runs() {
    let place = place();
    // What the kernel does after an error of the disk; `mount -o remount,ro` is
    // refused while guard has the log open for writing.
    let script = story(
        "mkfs.ext4 -q -F \"$IMAGE\"; mount -o loop,errors=remount-ro \"$IMAGE\" \"$AUDIT\"
         dev=$(basename \"$(findmnt -n -o SOURCE \"$AUDIT\")\")",
        "echo 1 >\"/sys/fs/ext4/$dev/trigger_fs_error\"",
        "umount \"$AUDIT\"; mount -o loop \"$IMAGE\" \"$AUDIT\"",
    );
    let Some(ran) = with_disk(&place, &["mkfs.ext4", "findmnt"], true, &script) else { return };
    check(&place, &ran, 0);
}

#[test]
fn a_read_only_disk_that_is_put_over_the_log_while_a_command_runs() {
    let place = place();
    let script = story("true", "mount -t tmpfs -o ro none \"$AUDIT\"", "umount \"$AUDIT\"");
    let Some(ran) = with_disk(&place, &[], false, &script) else { return };
    check(&place, &ran, 0);
}

#[test]
fn a_clock_that_was_set_back_breaks_nothing() {
    let place = place();
    assert_eq!(place.run(["--", "fine"]).code, Some(0));
    // The record looks as if it had been written by a clock three days ahead.
    let log = place.logs().remove(0);
    let text = std::fs::read_to_string(&log).unwrap();
    let (mut out, mut before) = (String::new(), None::<String>);
    let later = guard::text::stamp::Stamp::now().before(-3 * 86_400_000).to_string();
    for line in text.lines() {
        let mut line = line.to_owned();
        let at = line.find(r#""time":""#).unwrap() + 8;
        line.replace_range(at..at + later.len(), &later);
        if let Some(before) = before {
            let at = line.find(r#""prev":""#).unwrap() + 8;
            line.replace_range(at..at + 64, &before);
        }
        before = Some(guard::audit::record::hex(&guard::audit::record::hash(line.as_bytes())));
        out += &(line + "\n");
    }
    std::fs::write(&log, out).unwrap();
    let ahead = std::time::SystemTime::now() + std::time::Duration::from_secs(3 * 86_400);
    std::fs::File::options().append(true).open(&log).unwrap().set_modified(ahead).unwrap();
    // Now the clock is right again: records go into the file that there is.
    for _ in 0..3 {
        assert_eq!(place.run(["--", "fine"]).code, Some(0));
    }
    assert_eq!(place.logs().len(), 1);
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
    let shown = place.run(["log", "show", "--json", "--last", "0"]);
    assert_eq!(shown.stdout.lines().count(), 4, "{}", shown.stdout);
    // The next day it is closed, by the name of the last day in it.
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_secs(86_400);
    std::fs::File::options().append(true).open(&log).unwrap().set_modified(yesterday).unwrap();
    assert_eq!(place.run(["--", "fine"]).code, Some(0));
    assert_eq!(place.logs().len(), 2);
    let verified = place.run(["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}
