//! OpenSSH is the oracle, in both directions: what guard signs, stock
//! `ssh-keygen -Y verify` accepts, and of what stock tools sign, guard accepts
//! all that it should and nothing more.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use guard::second::Answer;
use guard::ssh::{AllowedSigners, DECISION, PublicKey, Token, armor, verify};

use super::desk::{DELETE, Desk, decision, has, keygen, line, people, sign};

/// OpenSSH's security key in software, of Debian's package openssh-tests.
const DUMMY: &str = "/usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so";
/// OpenSSH's own signatures, of the same package.
const VECTORS: &str = "/usr/lib/openssh/regress/unittests/sshsig/testdata";

fn there(path: &str) -> bool {
    let found = Path::new(path).exists();
    if !found {
        let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
        assert!(!ci, "{path} (package openssh-tests) is needed under CI");
        eprintln!("SKIPPED: {path} (package openssh-tests) is not installed");
    }
    found
}

/// Whether stock ssh-keygen accepts a signature in the name of somebody.
fn stock_accepts(trust: &Path, who: &str, document: &Path, signature: &Path) -> bool {
    let verified = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-I", who, "-n", DECISION, "-f"])
        .arg(trust)
        .arg("-s")
        .arg(signature)
        .stdin(std::fs::File::open(document).unwrap())
        .output()
        .unwrap();
    verified.status.success()
}

fn public(key: &Path) -> PublicKey {
    let text = std::fs::read_to_string(format!("{}.pub", key.display())).unwrap();
    PublicKey::from_line(&text).unwrap().0
}

/// Lets stock ssh-keygen sign; the signature file.
fn stock_signs(key: &Path, document: &Path, agent: Option<&Path>) -> PathBuf {
    let mut command = Command::new("ssh-keygen");
    command.args(["-q", "-Y", "sign", "-n", DECISION, "-f"]);
    match agent {
        Some(socket) => {
            command.arg(format!("{}.pub", key.display())).env("SSH_AUTH_SOCK", socket);
        }
        None => {
            command.arg(key);
        }
    }
    let signature = PathBuf::from(format!("{}.sig", document.display()));
    let _ = std::fs::remove_file(&signature);
    let signed = command.arg(document).env("SSH_SK_PROVIDER", DUMMY).output().unwrap();
    assert!(signed.status.success(), "{}", String::from_utf8_lossy(&signed.stderr));
    signature
}

struct Agent(std::process::Child, PathBuf);

impl Agent {
    fn start(desk: &Desk) -> Self {
        let socket = desk.place.path("tmp/agent.sock");
        let mut command = Command::new("ssh-agent");
        command.args(["-D", "-P", "*", "-a"]).arg(&socket).stdout(Stdio::null());
        let child = command.spawn().unwrap();
        while !socket.exists() {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        Self(child, socket)
    }

    fn add(&self, key: &Path, security: bool) {
        let mut command = Command::new("ssh-add");
        command.arg("-q").env("SSH_AUTH_SOCK", &self.1);
        if security {
            command.args(["-S", DUMMY]);
        }
        let added = command.arg(key).output().unwrap();
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn stock_ssh_keygen_accepts_what_guard_signs() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    for (name, kind) in [("ed", "ed25519"), ("ec", "ecdsa")] {
        let key = desk.place.path("tmp").join(format!("{name}.key"));
        keygen(&key, &["-t", kind, "-N", ""]);
        let trust = desk.place.write("trust", line("dana@example.org", &key, "20990101Z"));
        for _ in 0..5 {
            let token = sign(&key, &decision(&request, "dana@example.org", Answer::Approve));
            let out = desk.place.path("tmp/split");
            let split =
                desk.place.run(["token", "split", &token.write().unwrap(), out.to_str().unwrap()]);
            assert_eq!(split.code, Some(0), "{}", split.stderr);
            let (document, signature) = (out.join("decision.json"), out.join("decision.json.sig"));
            assert!(stock_accepts(&trust, "dana@example.org", &document, &signature), "{kind}");
            assert!(!stock_accepts(&trust, "eve@example.org", &document, &signature), "{kind}");
        }
    }
}

#[test]
fn guard_accepts_what_stock_tools_sign_with_every_type_of_key() {
    if !there(DUMMY) || !has("ssh-add") {
        return;
    }
    let desk = Desk::new();
    let agent = Agent::start(&desk);
    let document = desk.place.write("document", "anything");
    for (kind, security) in
        [("ed25519", false), ("ecdsa", false), ("ed25519-sk", true), ("ecdsa-sk", true)]
    {
        let key = desk.place.path("tmp").join(format!("{kind}.key"));
        let mut options = vec!["-t", kind, "-N", ""];
        if security {
            options.extend(["-w", DUMMY, "-O", "application=ssh:guard"]);
        }
        keygen(&key, &options);
        agent.add(&key, security);
        for through in [None, Some(agent.1.as_path())] {
            let signature = stock_signs(&key, &document, through);
            let blob = armor::read(&std::fs::read_to_string(signature).unwrap()).unwrap();
            let proof = verify(b"anything", &blob, DECISION, &public(&key)).unwrap();
            assert_eq!(proof.touched(), security, "{kind}");
            assert!(verify(b"anything else", &blob, DECISION, &public(&key)).is_err());
        }
        // And guard's own client makes a signature through the agent.
        let keys = guard::keys::agent::keys(&agent.1).unwrap();
        let own =
            keys.iter().find(|one| guard::keys::Signer::public(*one) == &public(&key)).unwrap();
        let token = guard::keys::sign(own, DECISION, b"by guard".to_vec()).unwrap();
        let file = desk.place.write("by-guard", "by guard");
        let signature = desk.place.write("by-guard.sig", armor::write(&token.signature));
        let trust = desk.place.write("trust", line("dana@example.org", &key, "20990101Z"));
        assert!(stock_accepts(&trust, "dana@example.org", &file, &signature), "{kind}");
    }
}

/// Stock tools say "Good signature" to a key that nobody has touched.
#[test]
fn without_touch_stock_tools_say_good_and_guard_does_not() {
    if !there(DUMMY) {
        return;
    }
    let desk = Desk::new();
    let (touch, none) = (desk.place.path("tmp/touch.key"), desk.place.path("tmp/none.key"));
    let sk = ["-t", "ed25519-sk", "-N", "", "-w", DUMMY, "-O", "application=ssh:guard"];
    keygen(&touch, &sk);
    keygen(&none, &[&sk[..], &["-O", "no-touch-required"]].concat());
    let trust = line("dana@example.org", &touch, "20990101Z")
        + &line("erin@example.org", &none, "20990101Z");
    desk.trust(&trust);
    desk.policy("second-human: {touch: required}\n");
    let file = desk.place.path("home/.config/guard/allowed_signers");
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    for (who, key, counts) in
        [("erin@example.org", &none, false), ("dana@example.org", &touch, true)]
    {
        let document =
            desk.place.write("decision.json", decision(&request, who, Answer::Approve).write());
        let signature = stock_signs(key, &document, None);
        assert!(stock_accepts(&file, who, &document, &signature), "{who}");
        let text = std::fs::read_to_string(&signature).unwrap();
        let token = Token::from_files(std::fs::read(&document).unwrap(), &text).unwrap();
        assert_eq!(desk.accept(&token.write().unwrap()).code, Some(0));
        let ran = desk.asks(&DELETE);
        assert_eq!(ran.code == Some(0), counts, "{who}: {}", ran.stderr);
        assert!(
            counts || ran.stderr.contains("signed, but not counted here: erin@example.org"),
            "{}",
            ran.stderr
        );
    }
    assert_eq!(desk.runs(), 1);
}

/// The whole way with a security key in a real agent.
#[test]
fn a_security_key_in_an_agent_approves() {
    if !people() {
        return;
    }
    if !there(DUMMY) || !has("ssh-add") {
        return;
    }
    let desk = Desk::new();
    let key = desk.place.path("tmp/sk.key");
    keygen(&key, &["-t", "ecdsa-sk", "-N", "", "-w", DUMMY, "-O", "application=ssh:guard"]);
    desk.trust(&line("dana@example.org", &key, "20990101Z"));
    desk.policy("second-human: {touch: required}\n");
    let asked = desk.asked(&DELETE);
    // On dana's machine, with her agent.
    let laptop = Desk { place: crate::harness::Place::new() };
    let agent = Agent::start(&laptop);
    agent.add(&key, true);
    let request = laptop.place.write("r.json", desk.request(&asked));
    let mut command = laptop.place.command(crate::harness::GUARD);
    command.args(["approve", request.to_str().unwrap(), "--as", "dana@example.org"]);
    command.env("SSH_AUTH_SOCK", &agent.1).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut pty = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    pty.exp_string("To approve, type: ").unwrap();
    pty.send_line("payments").unwrap();
    let (code, shown) = super::desk::ended(pty);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("touch your security key"), "{shown}");
    let token = shown.split_whitespace().find(|word| word.starts_with("guard1.")).unwrap();
    assert_eq!(desk.accept(token).code, Some(0));
    assert_eq!((desk.asks(&DELETE).code, desk.runs()), (Some(0), 1));
}

/// The signatures that OpenSSH tests itself with.
#[test]
fn openssh_s_own_test_signatures_are_read_as_openssh_reads_them() {
    if !there(VECTORS) {
        return;
    }
    let read = |name: &str| std::fs::read(Path::new(VECTORS).join(name)).unwrap();
    let text = |name: &str| String::from_utf8(read(name)).unwrap();
    let (document, namespace) = (read("signed-data"), text("namespace"));
    for name in ["ed25519", "ecdsa", "ed25519_sk", "ecdsa_sk", "ecdsa_sk_webauthn"] {
        let (key, _) = PublicKey::from_line(&text(&format!("{name}.pub"))).unwrap();
        let blob = armor::read(&text(&format!("{name}.sig"))).unwrap();
        let proof = verify(&document, &blob, namespace.trim(), &key)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(proof.touched(), key.is_security_key(), "{name}");
        if name == "ecdsa_sk_webauthn" {
            assert_eq!(proof.origin(), Some("https://www.mindrot.org"));
            assert_eq!(proof.counter(), Some(799));
        }
    }
    for name in ["rsa", "dsa"] {
        assert!(PublicKey::from_line(&text(&format!("{name}.pub"))).is_err(), "{name}");
    }
}

/// What guard reads as a trust file, OpenSSH reads in the same way; guard may
/// refuse more, never less.
#[test]
fn a_trust_file_means_to_openssh_what_it_means_to_guard() {
    let desk = Desk::new();
    let key = desk.key("dana");
    let asked = desk.asked(&DELETE);
    let request = desk.request(&asked);
    let token = sign(&key, &decision(&request, "dana@example.org", Answer::Approve));
    let document = desk.place.write("d.json", &token.document);
    let signature = desk.place.write("d.json.sig", armor::write(&token.signature));
    let data = line("dana@example.org", &key, "20990101Z");
    let key_text = data.rsplit_once("\" ").unwrap().1.trim();
    for options in [
        "namespaces=\"guard-decision@v1\",valid-before=\"20990101Z\"",
        "valid-before=\"20990101120000Z\",namespaces=\"guard-decision@v1\"",
        "NAMESPACES=\"guard-decision@v1\",valid-after=\"202601010000Z\",valid-before=\"20990101Z\"",
        "namespaces=\"guard-decision@v1\",valid-before=\"20200101Z\"",
        "namespaces=\"guard-decision@v1\",valid-after=\"20980101Z\",valid-before=\"20990101Z\"",
        "namespaces=\"guard-policy@v1\",valid-before=\"20990101Z\"",
        "namespaces=\"file\",valid-before=\"20990101Z\"",
        "namespaces=\"guard-*\",valid-before=\"20990101Z\"",
        "namespaces=\"guard-decision@v1\"",
        "",
    ] {
        let text = format!("# c\n\ndana@example.org {options} {key_text} a comment\n");
        let trust = desk.place.write("trust", &text);
        let stock = stock_accepts(&trust, "dana@example.org", &document, &signature);
        let checked = desk.place.run([
            "token",
            "verify",
            &token.write().unwrap(),
            "--signers",
            trust.to_str().unwrap(),
        ]);
        let ours = checked.code == Some(0);
        assert!(stock || !ours, "{options}: guard accepts what OpenSSH refuses");
        if AllowedSigners::read(&text).is_ok() {
            assert_eq!(stock, ours, "{options}: {}", checked.stderr);
        }
    }
}
