//! The approver's side: here, on another machine, and with stock tools.

use super::desk::{DELETE, Desk, ended, handle, people};
use crate::harness::{Place, output};

#[test]
fn an_approver_sees_every_word_and_types_the_name() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let key = desk.key("dana");
    let args = ["approve", &asked, "--key", key.to_str().unwrap(), "--reason", "CHG-1"];
    let mut pty = desk.person(&args);
    for typed in ["wrong", "payment", ""] {
        pty.exp_string("To approve, type: ").unwrap();
        pty.send_line(typed).unwrap();
    }
    let (code, shown) = ended(pty);
    assert_eq!(code, 77, "{shown}");
    let (code, shown) = desk.answers(&args, "To approve, type: ", "payments");
    assert_eq!(code, 0, "{shown}");
    for words in [
        "via agent claude-code",
        "[0]  kubectl",
        "[3]  payments",
        "sha256:",
        "STDIN  none",
        "YOURS  T4 second human",
        "BOUND  program, folder",
        "MODE   advise",
        "runs within 900 s",
        "as dana@example.org",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains("DIFFERS"), "{shown}");
    let listed = desk.place.run(["requests", "show", &asked]).stdout;
    assert!(
        listed.contains("ANSWER approve by dana@example.org") && listed.contains("CHG-1"),
        "{listed}"
    );
    assert_eq!(desk.asks(&DELETE).code, Some(0));
    assert!(desk.place.run(["requests", "show", &asked]).stdout.contains("STATE  used"));
}

#[test]
fn on_another_machine_a_line_goes_there_and_a_token_comes_back() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let line = desk.place.run(["requests", "export", &asked]).stdout.trim().to_owned();
    assert!(line.starts_with("guard-request1."), "{line}");
    // The approver's own machine: no trust file, no request, no policy.
    let laptop = Desk { place: Place::new() };
    let file = laptop.place.write("request.txt", &line);
    let key = desk.key("dana");
    let args = [
        "approve",
        file.to_str().unwrap(),
        "--key",
        key.to_str().unwrap(),
        "--as",
        "dana@example.org",
    ];
    let (code, shown) = laptop.answers(&args, "To approve, type: ", "payments");
    assert_eq!(code, 0, "{shown}");
    assert!(!shown.contains("DIFFERS"), "{shown}");
    let token = shown.split_whitespace().find(|word| word.starts_with("guard1.")).unwrap();
    let told = laptop.place.run(["token", "inspect", token]).stdout;
    assert!(
        told.contains("approve by dana@example.org") && told.contains("Nothing has been checked"),
        "{told}"
    );
    let checked = desk.place.run(["token", "verify", token]);
    assert!(checked.stdout.contains("Alone it is enough"), "{}{}", checked.stdout, checked.stderr);
    let words = [&["run", "--wait", "0s", "--token", token, "--"], &DELETE[..]].concat();
    let ran = output(&mut desk.agent(&words));
    assert_eq!((ran.code, desk.runs()), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn when_two_guards_differ_it_takes_more_than_a_name() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    // A script that the approver's machine does not have.
    desk.place.write("clean.sh", "kubectl delete namespace payments\n");
    let asked = desk.asked(&["bash", "clean.sh"]);
    let request = desk.request(&asked);
    let laptop = Desk { place: Place::new() };
    let file = laptop.place.write("request.json", &request);
    // There the machine is another one.
    let mut read = guard::second::Request::read(&request).unwrap();
    read.host.machine_id = "1".repeat(32);
    let other = laptop.place.write("other.json", read.write());
    let key = desk.key("dana");
    let base = ["--key", key.to_str().unwrap(), "--as", "dana@example.org"];
    let args = [&["approve", other.to_str().unwrap()], &base[..]].concat();
    let (code, shown) = ended(laptop.person(&args));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("DIFFERS") && shown.contains("--despite"), "{shown}");
    let mut pty = laptop.person(&[&args[..], &["--despite"]].concat());
    pty.exp_string("To approve, type: ").unwrap();
    drop(pty);
    let _ = file;
}

#[test]
fn a_request_that_lies_about_its_text_is_shown_as_different() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let ran = output(&mut desk.agent(&[
        "run",
        "--wait",
        "0s",
        "-c",
        "kubectl delete namespace payments",
    ]));
    let request = desk.request(&handle(&ran.stderr));
    let mut read = guard::second::Request::read(&request).unwrap();
    read.command.shell_text = Some("kubectl delete namespace scratch".into());
    let file = desk.place.write("lie.json", read.write());
    let key = desk.key("dana");
    let args = ["approve", file.to_str().unwrap(), "--key", key.to_str().unwrap()];
    let (code, shown) = ended(desk.person(&args));
    assert_eq!(code, 77, "{shown}");
    assert!(shown.contains("the text that is shown is not what would be executed"), "{shown}");
}

#[test]
fn a_detached_answer_is_signed_by_stock_ssh_keygen() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let out = desk.place.path("tmp/out");
    let args = ["approve", &asked, "--as", "dana@example.org", "--detached", out.to_str().unwrap()];
    let (code, shown) = desk.answers(&args, "To approve, type: ", "payments");
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("ssh-keygen -Y sign -n guard-decision@v1"), "{shown}");
    let document = out.join("decision.json");
    let signed = std::process::Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "guard-decision@v1", "-f"])
        .arg(desk.key("dana"))
        .arg(&document)
        .output();
    assert!(signed.unwrap().status.success());
    let signature = format!("{}.sig", document.display());
    let made = desk.place.run(["token", "make", document.to_str().unwrap(), &signature]);
    assert_eq!(desk.accept(made.stdout.trim()).code, Some(0), "{}", made.stderr);
    assert_eq!((desk.asks(&DELETE).code, desk.runs()), (Some(0), 1));
}

#[test]
fn anybody_can_say_no_here_without_a_key() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let (code, shown) =
        desk.answers(&["deny", &asked, "--reason", "not today"], "To deny, type: ", "deny");
    assert_eq!(code, 0, "{shown}");
    let ran = desk.asks(&DELETE);
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert!(ran.stderr.contains("not today"), "{}", ran.stderr);
    let (code, shown) = ended(desk.person(&["approve", &asked]));
    assert!(code == 77 && shown.contains("is denied; there is nothing left"), "{shown}");
}

#[test]
fn a_token_can_be_shown_as_a_picture() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let request = desk.place.write("r.json", desk.request(&asked));
    let laptop = Desk { place: Place::new() };
    let key = desk.key("dana");
    let mut command = laptop.place.command("sh");
    let script = format!(
        "stty cols 200 rows 80; exec {} approve {} --key {} --as dana@example.org --qr",
        crate::harness::GUARD,
        request.display(),
        key.display()
    );
    command.args(["-c", &script]).env("TERM", "xterm").env("NO_COLOR", "1");
    let mut pty = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    pty.exp_string("To approve, type: ").unwrap();
    pty.send_line("payments").unwrap();
    let (code, shown) = ended(pty);
    assert_eq!(code, 0, "{shown}");
    assert!(shown.contains("30;107m"), "{shown}");
}

/// Once somebody is enrolled, changing who is needs a second person, and voids
/// what waits.
#[test]
fn changing_the_approvers_needs_an_approval_and_voids_the_others() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let public = format!("{}.pub", desk.key("eve").display());
    let add = ["approvers", "add", "eve@example.org", &public, "--wait", "0s"];
    let ran = output(&mut desk.agent(&add));
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(ran.stderr.contains("T4 second human"), "{}", ran.stderr);
    let trust =
        || std::fs::read_to_string(desk.place.path("home/.config/guard/allowed_signers")).unwrap();
    assert!(!trust().contains("eve@"));
    let token = desk.yes(&handle(&ran.stderr));
    let ran = output(&mut desk.agent(&[&add[..], &["--token", &token]].concat()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(trust().contains("eve@example.org namespaces="), "{}", trust());
    assert!(ran.stderr.contains("1 waiting requests are void"), "{}", ran.stderr);
    let listed = desk.place.run(["requests", "show", &asked]).stdout;
    assert!(listed.contains("STATE  void"), "{listed}");
    let change = desk.place.events("trust_change").last().unwrap().clone();
    assert!(change["what"].as_str().unwrap().contains("enrolled eve@example.org"), "{change}");
    // The same approval does not enrol anybody else.
    let mallory = format!("{}.pub", desk.key("mallory").display());
    let other = ["approvers", "add", "m@example.org", &mallory, "--wait", "0s", "--token", &token];
    assert_eq!(output(&mut desk.agent(&other)).code, Some(77));
}

#[test]
fn an_agent_cannot_begin_the_list_and_a_person_can() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    std::fs::remove_file(desk.place.path("home/.config/guard/allowed_signers")).unwrap();
    let public = format!("{}.pub", desk.key("dana").display());
    let add = ["approvers", "add", "dana@example.org", &public];
    let ran = output(&mut desk.agent(&add));
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    let (code, shown) = ended(desk.person(&add));
    assert_eq!(code, 0, "{shown}");
    let listed = desk.place.run(["approvers"]).stdout;
    assert!(listed.contains("dana@example.org") && listed.contains("mode advise"), "{listed}");
    let json: serde_json::Value =
        serde_json::from_str(&desk.place.run(["approvers", "list", "--json"]).stdout).unwrap();
    assert_eq!(json["approvers"][0]["principal"], "dana@example.org");
}

/// An `aws` that knows one function, and acts as somebody.
fn account(place: &crate::harness::Place, user: &str) {
    let script = format!(
        "echo \"$*\" >>\"$TMPDIR/asked\"; case \"$*\" in\n\
         *get-caller-identity*) echo '{{\"Arn\": \"arn:aws:iam::1:user/{user}\"}}' ;;\n\
         *) echo '{{}}' ;;\nesac"
    );
    place.client("aws", &script);
}

#[test]
fn the_approver_reads_what_was_seen_and_can_look_as_themselves() {
    if !people() {
        return;
    }
    let desk = Desk::new();
    account(&desk.place, "agent");
    let call =
        ["aws", "--profile", "prod", "lambda", "delete-function", "--function-name", "resize"];
    let elsewhere = |words: &[&str]| {
        let request = desk.request(&desk.asked(words));
        let mut read = guard::second::Request::read(&request).unwrap();
        read.host.machine_id = "1".repeat(32);
        read
    };
    let laptop = Desk { place: crate::harness::Place::new() };
    account(&laptop.place, "dana");
    let key = desk.key("dana");
    let shown = |request: &guard::second::Request, options: &[&str]| {
        let file = laptop.place.write("request.json", request.write());
        let base = ["approve", file.to_str().unwrap(), "--as", "dana@example.org", "--key"];
        let mut pty = laptop.person(&[&base[..], &[key.to_str().unwrap()], options].concat());
        let shown = pty.exp_string("To approve, type: ").unwrap();
        shown.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let request = elsewhere(&call);
    let seen = request.seen.as_ref().unwrap().effects.first().unwrap();
    assert_eq!(seen.identity.as_deref(), Some("as arn:aws:iam::1:user/agent"));
    assert!(seen.hits.starts_with("1 function"), "{}", seen.hits);
    let asked = laptop.place.path("tmp/asked");
    let screen = shown(&request, &[]);
    assert!(screen.contains("SEEN cloud resource/resize: 1 function"), "{screen}");
    assert!(!screen.contains("LOOKED") && !asked.exists(), "{screen}");
    let screen = shown(&request, &["--probe"]);
    assert!(screen.contains("LOOKED cloud resource/resize: 1 function"), "{screen}");
    assert!(screen.contains("as arn:aws:iam::1:user/dana"), "{screen}");
    // Words that choose the server would choose who gets the credentials.
    std::fs::remove_file(&asked).unwrap();
    let request = elsewhere(&[&call[..], &["--endpoint-url", "http://evil.example"]].concat());
    let screen = shown(&request, &["--probe"]);
    assert!(screen.contains("LOOKED not looked at: --endpoint-url says where"), "{screen}");
    let queue = ["--queue-url", "https://evil.example/1/jobs"];
    let request =
        elsewhere(&[&["aws", "--profile", "prod", "sqs", "delete-queue"], &queue[..]].concat());
    let screen = shown(&request, &["--probe"]);
    assert!(screen.contains("LOOKED not looked at: --queue-url says where"), "{screen}");
    // Nor is another account looked at instead.
    let mut request = elsewhere(&call);
    request.targets.first_mut().unwrap().region = Some("mars-1".into());
    let screen = shown(&request, &["--probe"]);
    assert!(screen.contains("LOOKED not looked at: there the region is mars-1"), "{screen}");
    assert!(!asked.exists());
}
