//! An agent with the operator's account tries to approve what it asked for.

use std::process::{Command, Stdio};

use guard::second::display::sha256;
use guard::second::{Answer, Decision};

use super::desk::{DELETE, Desk, decision, handle, has, keygen, line, people, sign};
use crate::harness::{GUARD, output};

fn database(desk: &Desk) -> rusqlite::Connection {
    rusqlite::Connection::open(desk.place.path("home/.local/state/guard/guard.db")).unwrap()
}

/// Whoever edits the store gets nothing that is not signed.
#[test]
fn an_edited_store_approves_nothing() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    let db = database(&desk);
    let id = decision(&request, "dana@example.org", Answer::Approve).request_id;
    // An unsigned yes, as the operator's own answers are stored.
    let unsigned = decision(&request, "dana@example.org", Answer::Approve).write();
    let insert =
        "INSERT INTO decisions (request, document, signature, received) VALUES (?1, ?2, ?3, 0)";
    db.execute(insert, (&id, &unsigned, Vec::<u8>::new())).unwrap();
    // One that is signed by somebody who is not enrolled.
    let eve = sign(&desk.key("eve"), &decision(&request, "dana@example.org", Answer::Approve));
    db.execute(insert, (&id, &eve.document, &eve.signature)).unwrap();
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert_eq!(ran.stderr.matches("an answer does not count").count(), 2, "{}", ran.stderr);
    for state in ["approved", "used", "reviewed", "pending"] {
        db.execute("UPDATE requests SET state = ?1", [state]).unwrap();
        let ran = desk.asks(&DELETE);
        assert_ne!(ran.code, Some(0), "{state}: {}", ran.stderr);
    }
    assert_eq!(desk.runs(), 0);
}

/// The signature is for the request as it was shown.
#[test]
fn a_request_that_is_edited_after_signing_runs_nothing() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    let mut bytes = desk.request(&asked);
    let at = bytes.windows(8).position(|w| w == b"payments").unwrap();
    bytes[at..at + 8].copy_from_slice(b"customer");
    database(&desk)
        .execute("UPDATE requests SET document = ?1, sha256 = ?2", (&bytes, sha256(&bytes)))
        .unwrap();
    let ran = desk.asks(&DELETE);
    assert_ne!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains("about another request"), "{}", ran.stderr);
    // With the old hash in the row it is noticed even earlier.
    database(&desk).execute("UPDATE requests SET sha256 = ?1", ["0".repeat(64)]).unwrap();
    let ran = desk.asks(&DELETE);
    assert!(ran.stderr.contains("the stored request was changed"), "{}", ran.stderr);
    assert_eq!(desk.runs(), 0);
}

#[test]
fn the_operators_own_agent_signs_silently_and_it_does_not_count() {
    if !has("ssh-agent") || !has("ssh-add") {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    // Dana's key is in the agent of the account that asks.
    let socket = desk.place.path("tmp/agent.sock");
    let mut agent = Command::new("ssh-agent");
    let mut agent = agent.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().unwrap();
    while !socket.exists() {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let added = Command::new("ssh-add")
        .arg("-q")
        .arg(desk.key("dana"))
        .env("SSH_AUTH_SOCK", &socket)
        .output();
    assert!(added.unwrap().status.success());
    let request = desk.request(&asked);
    let document = desk.place.path("tmp/decision.json");
    std::fs::write(&document, decision(&request, "dana@example.org", Answer::Approve).write())
        .unwrap();
    let signed = Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "guard-decision@v1", "-f"])
        .arg(desk.place.path("tmp/dana.key.pub"))
        .arg(&document)
        .env("SSH_AUTH_SOCK", &socket)
        .output()
        .unwrap();
    assert!(signed.status.success(), "stock tools sign without a word");
    let made = desk.place.run([
        "token",
        "make",
        document.to_str().unwrap(),
        &format!("{}.sig", document.display()),
    ]);
    let token = made.stdout.trim().to_owned();
    let words = [&["run", "--wait", "0s", "--token", &token, "--"], &DELETE[..]].concat();
    let ran = output(desk.agent(&words).env("SSH_AUTH_SOCK", &socket));
    let _ = agent.kill();
    let _ = agent.wait();
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("not enough people could"),
        "the key is the requester's: {}",
        ran.stderr
    );
    assert_eq!(desk.runs(), 0);
}

#[test]
fn a_key_in_the_requesters_home_or_under_another_name_is_the_requesters() {
    let desk = Desk::new();
    // Two people: so that waiting is possible at all.
    desk.enrol(&[("dana@example.org", &desk.key("dana")), ("eve@example.org", &desk.key("eve"))]);
    let asked = desk.asked(&DELETE);
    let token = desk.yes(&asked);
    std::fs::create_dir_all(desk.place.path("home/.ssh")).unwrap();
    std::fs::copy(desk.place.path("tmp/dana.key.pub"), desk.place.path("home/.ssh/id.pub"))
        .unwrap();
    let ran = desk.accept(&token);
    assert!(ran.stderr.contains("is one that the requester can use"), "{}", ran.stderr);
    std::fs::remove_file(desk.place.path("home/.ssh/id.pub")).unwrap();
    // The operator is dana: by account, whatever the key.
    let user = guard::app::host::user().unwrap();
    desk.policy(&format!("operators:\n  - {{principal: dana@example.org, users: [{user}]}}\n"));
    let asked = desk.asked(&DELETE);
    let ran = desk.accept(&desk.yes(&asked));
    assert!(ran.stderr.contains("asked for this and cannot approve it"), "{}", ran.stderr);
    // Under another name, with a key that policy knows as theirs.
    let public = std::fs::read_to_string(desk.place.path("tmp/dana.key.pub")).unwrap();
    desk.policy(&format!(
        "operators:\n  - {{principal: alice@example.org, users: [{user}], keys: ['{}']}}\n",
        public.trim()
    ));
    let asked = desk.asked(&DELETE);
    let ran = desk.accept(&desk.yes(&asked));
    assert!(ran.stderr.contains("is one that the requester can use"), "{}", ran.stderr);
    let request = desk.request(&asked);
    let eve = desk.token(&request, "eve@example.org", &desk.key("eve"), Answer::Approve);
    assert_eq!(desk.accept(&eve).code, Some(0), "somebody else can");
}

#[test]
fn a_person_with_two_keys_is_one_person() {
    let desk = Desk::new();
    let trust = line("dana@example.org", &desk.key("dana"), "20990101Z")
        + &line("dana@example.org", &desk.key("dana2"), "20990101Z")
        + &line("erin@example.org", &desk.key("erin"), "20990101Z");
    desk.trust(&trust);
    desk.policy("second-human: {count: 2}\n");
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    for key in ["dana", "dana2"] {
        let token = desk.token(&request, "dana@example.org", &desk.key(key), Answer::Approve);
        assert_eq!(desk.accept(&token).code, Some(0));
    }
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(ran.stderr.contains("so far 1"), "{}", ran.stderr);
    let erin = desk.token(&request, "erin@example.org", &desk.key("erin"), Answer::Approve);
    assert_eq!(desk.accept(&erin).code, Some(0));
    let ran = desk.asks(&DELETE);
    assert_eq!((ran.code, desk.runs()), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn a_key_that_is_taken_out_or_revoked_no_longer_counts() {
    for revoke in [false, true] {
        let desk = Desk::new();
        desk.enrol(&[
            ("dana@example.org", &desk.key("dana")),
            ("erin@example.org", &desk.key("erin")),
        ]);
        let asked = desk.asked(&DELETE);
        assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
        if revoke {
            let public = std::fs::read_to_string(desk.place.path("tmp/dana.key.pub")).unwrap();
            desk.place.write_home(".config/guard/revoked_keys", public);
        } else {
            desk.enrol(&[("erin@example.org", &desk.key("erin"))]);
        }
        let ran = desk.asks(&DELETE);
        assert_eq!(ran.code, Some(75), "{}", ran.stderr);
        assert!(ran.stderr.contains("the list of approvers has changed"), "{}", ran.stderr);
        let again = handle(&ran.stderr);
        let refused = desk.accept(&desk.yes(&again));
        let says = if revoke { "has been revoked" } else { "is not an approver here" };
        assert!(refused.stderr.contains(says), "{}", refused.stderr);
        assert_eq!(desk.runs(), 0);
    }
}

#[test]
fn what_is_no_good_token_is_refused_in_words() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    let good = desk.yes(&asked);
    let with = |document: Decision| sign(&desk.key("dana"), &document).write().unwrap();
    let yes = || decision(&request, "dana@example.org", Answer::Approve);
    let twice = {
        let text = String::from_utf8(yes().write()).unwrap();
        let text = text.replacen("\"v\":1", "\"v\":1,\"v\":1", 1);
        let key = guard::keys::KeyFile::open(&desk.key("dana")).unwrap().unlock(b"").unwrap();
        guard::keys::sign(&key, "guard-decision@v1", text.into_bytes()).unwrap().write().unwrap()
    };
    let purpose = {
        let key = guard::keys::KeyFile::open(&desk.key("dana")).unwrap().unlock(b"").unwrap();
        guard::keys::sign(&key, "file", yes().write()).unwrap().write().unwrap()
    };
    let late = yes().expires.plus(1);
    for (token, says) in [
        (twice, "duplicate field"),
        (purpose, "is for \"file\""),
        (with(Decision { max_uses: 2, ..yes() }), "max_uses is not 1"),
        (with(Decision { principal: "eve@example.org".into(), ..yes() }), "is not an approver"),
        (with(Decision { expires: late, ..yes() }), "good for longer than the request"),
        (with(Decision { issued: yes().issued.plus(600), ..yes() }), "from the future"),
        (with(Decision { request_sha256: "0".repeat(64), ..yes() }), "about another request"),
        (format!("{good}AAAA"), "malformed"),
        (good[..good.len() - 8].to_owned(), "guard"),
        (good.replacen("guard1.", "", 1), "not a token"),
        ("x".repeat(110_000), "longer than 100,000 characters"),
    ] {
        let words = [&["run", "--wait", "0s", "--token", &token, "--"], &DELETE[..]].concat();
        let ran = output(&mut desk.agent(&words));
        assert!(matches!(ran.code, Some(64 | 77)), "{says}: {}", ran.stderr);
        assert!(
            ran.stderr.contains(says) || says == "malformed" && !ran.stderr.is_empty(),
            "{says}: {}",
            ran.stderr
        );
        assert_eq!(desk.runs(), 0);
    }
    let huge = desk.place.path("tmp/huge");
    std::fs::write(&huge, vec![b'A'; 10 << 20]).unwrap();
    let words = ["run", "--token-file", huge.to_str().unwrap(), "--"];
    let ran = output(&mut desk.agent(&[&words[..], &DELETE].concat()));
    assert_eq!(ran.code, Some(64), "{}", ran.stderr);
}

/// A terminal that the agent has made for itself proves nothing: for what the
/// operator answers this is documented, for a second human it does not help.
#[test]
fn a_terminal_of_the_attackers_gets_an_operators_answer_and_never_a_signature() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    desk.place.write("data/x", "x");
    desk.place.program("rm", "echo x >>\"$TMPDIR/ran\"");
    let asked = desk.asked(&["rm", "-rf", "data"]);
    // The attacker reads the word from the screen and types it.
    let (code, shown) = desk.answers(&["approve", &asked], "To approve, type: ", "data");
    assert_eq!(code, 0, "advise mode stops accidents only: {shown}");
    assert!(shown.contains("MODE   advise"), "and says so: {shown}");
    let asked = desk.asked(&DELETE);
    let (code, shown) = super::desk::ended(desk.person(&["approve", &asked]));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("no key of yours is enrolled"), "{shown}");
    let (code, shown) =
        super::desk::ended(desk.person(&["approve", &asked, "--as", "dana@example.org"]));
    assert_eq!(code, 77, "{shown}");
    assert_eq!(desk.runs(), 0);
}

/// Somebody drives the person's tmux pane from outside.
#[test]
fn a_driven_pane_gets_no_signature() {
    if !people() {
        return;
    }
    if !has("tmux") {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let socket = desk.place.path("tmp/tmux.sock");
    let tmux = |args: &[&str]| {
        let mut command = desk.place.command("tmux");
        command.arg("-S").arg(&socket).args(args).env("TERM", "xterm").output().unwrap()
    };
    let run = format!("{GUARD} approve {asked} --as dana@example.org; echo CODE $?; sleep 60");
    let made = tmux(&["new-session", "-d", "-x", "120", "-y", "50", "sh", "-c", &run]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let mut shown = String::new();
    for _ in 0..100 {
        shown = String::from_utf8_lossy(&tmux(&["capture-pane", "-p"]).stdout).into_owned();
        if shown.contains("CODE") {
            break;
        }
        if shown.contains("To approve, type") {
            tmux(&["send-keys", "payments", "Enter"]);
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    tmux(&["kill-server"]);
    assert!(shown.contains("CODE 77"), "{shown}");
    assert_eq!(desk.asks(&DELETE).code, Some(75));
    assert_eq!(desk.runs(), 0);
}

/// A passphrase is read from the terminal, not from a program that somebody has
/// set up.
#[test]
fn a_replaced_askpass_is_never_asked() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let key = desk.place.path("tmp/locked.key");
    keygen(&key, &["-t", "ed25519", "-N", "open sesame"]);
    desk.trust(&line("dana@example.org", &key, "20990101Z"));
    let asked = desk.asked(&DELETE);
    let trap =
        desk.place.program("askpass", "echo asked >>\"$TMPDIR/askpass\"; echo 'open sesame'");
    let key = key.to_str().unwrap();
    let mut command = desk.place.command(GUARD);
    command.args(["approve", &asked, "--key", key]).stdin(Stdio::null());
    command.env("SSH_ASKPASS", &trap).env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", ":0");
    let ran = output(&mut command);
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert!(!desk.place.path("tmp/askpass").exists());
    // Typed by a person, it is what opens the key.
    let mut pty = desk.person(&["approve", &asked, "--key", key]);
    pty.exp_string("To approve, type: ").unwrap();
    pty.send_line("payments").unwrap();
    pty.exp_string("Passphrase of the key: ").unwrap();
    pty.send_line("open sesame").unwrap();
    let (code, shown) = super::desk::ended(pty);
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("sesame"), "it is not shown: {shown}");
    assert_eq!(desk.asks(&DELETE).code, Some(0));
}

/// A key that others can read is nobody's.
#[test]
fn a_key_file_that_others_can_read_signs_nothing() {
    if !people() {
        return;
    }
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let key = desk.key("dana");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, shown) =
        super::desk::ended(desk.person(&["approve", &asked, "--key", key.to_str().unwrap()]));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("can be read by others"), "{shown}");
}
