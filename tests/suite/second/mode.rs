//! What an approval is worth: by who can change the trust file.

use std::process::{Command, Stdio};

use super::desk::{DELETE, Desk, has, line};

fn mode(desk: &Desk) -> serde_json::Value {
    serde_json::from_str(&desk.place.run(["status", "--json"]).stdout).unwrap()
}

#[test]
fn a_trust_file_that_the_agent_can_write_is_reported_as_advise() {
    let desk = Desk::new();
    let status = mode(&desk);
    assert_eq!((&status["mode"], &status["approvers"]), (&"advise".into(), &1.into()));
    let ran = desk.asks(&DELETE);
    assert!(ran.stderr.contains("advise: an approval here stops accidents only"), "{}", ran.stderr);
    let request = desk.request(&super::desk::handle(&ran.stderr));
    assert_eq!(guard::second::Request::read(&request).unwrap().trust.unwrap().mode, "advise");
}

/// With `/etc/guard` of root and another account: nobody there can enrol
/// themselves, and an approval by the enrolled person runs the command. In a
/// mount namespace, so that the machine's own `/etc` is left alone.
#[test]
fn another_account_with_the_systems_trust_file_is_in_two_person_mode() {
    if !nix::unistd::geteuid().is_root() || !has("unshare") || !has("setpriv") {
        eprintln!("SKIPPED: only root can make a system's trust file");
        return;
    }
    let desk = Desk::new();
    let etc = desk.place.path("tmp/etc");
    let script = format!(
        "set -e; mkdir -p '{0}'; cp -a /etc/. '{0}'/ 2>/dev/null || true; mkdir -p '{0}/guard'; \
         cp \"$1\" '{0}/guard/allowed_signers'; chown -R 0:0 '{0}/guard'; chmod 755 '{0}' '{0}/guard'; \
         mount --bind '{0}' /etc; shift; exec \"$@\"",
        etc.display()
    );
    let trust = desk.place.write("trust", line("dana@example.org", &desk.key("dana"), "20990101Z"));
    std::fs::remove_file(desk.place.path("home/.config/guard/allowed_signers")).unwrap();
    let all = Command::new("chown").args(["-R", "65534:65534"]).arg(desk.place.path("")).output();
    assert!(all.unwrap().status.success());
    let open = Command::new("chmod").arg("755").arg(desk.place.path("")).output();
    assert!(open.unwrap().status.success());
    // The binary under test must be reachable for the other account.
    let guard = desk.place.path("bin/guard");
    std::fs::copy(crate::harness::GUARD, &guard).unwrap();
    let run = |args: &[&str], agent: bool| {
        let mut command = desk.place.command("unshare");
        command.args(["-m", "sh", "-c", &script, "sh"]).arg(&trust);
        command.args(["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"]);
        command.arg(&guard).args(args).stdin(Stdio::null());
        if agent {
            command.env("CLAUDECODE", "1");
        }
        crate::harness::output(&mut command)
    };
    let status = run(&["status", "--json"], false);
    if status.stderr.contains("mount") || status.stderr.contains("unshare") {
        let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!ci || !nix::unistd::geteuid().is_root(), "{}", status.stderr);
        eprintln!("SKIPPED: mounting is not allowed here: {}", status.stderr);
        return;
    }
    let value: serde_json::Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!(value["mode"], "two-person", "{}{}", status.stdout, status.stderr);
    let words = [&["run", "--wait", "0s", "--"], &DELETE[..]].concat();
    let ran = run(&words, true);
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(!ran.stderr.contains("advise"), "{}", ran.stderr);
    let asked = super::desk::handle(&ran.stderr);
    let request = run(&["requests", "export", "--file", &asked], false).stdout.into_bytes();
    let token =
        desk.token(&request, "dana@example.org", &desk.key("dana"), guard::second::Answer::Approve);
    let with = [&["run", "--wait", "0s", "--token", &token, "--"], &DELETE[..]].concat();
    let ran = run(&with, true);
    assert_eq!(
        (ran.code, ran.stdout.as_str()),
        (Some(0), "RAN delete namespace payments\n"),
        "{}",
        ran.stderr
    );
    // A file of the user does not add to the system's.
    desk.enrol(&[("eve@example.org", &desk.key("eve"))]);
    let listed = run(&["approvers", "list", "--json"], false).stdout;
    assert!(!listed.contains("eve@example.org"), "{listed}");
}
