//! guard as the shell tool of an agent: JSON lines over the pipes of a real
//! process, as a client sends them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::Place;

/// A client that speaks with a server of its own.
struct Client {
    server: Child,
    to: Option<ChildStdin>,
    from: Receiver<Value>,
    id: u64,
}

impl Client {
    fn new(place: &Place, capabilities: Value) -> Self {
        Self::named(place, capabilities, "test\u{1b}[2J client")
    }

    fn named(place: &Place, capabilities: Value, name: &str) -> Self {
        let mut command = place.guard(["mcp"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = command.spawn().unwrap();
        let out = server.stdout.take().unwrap();
        let (send, from) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                // Nothing but the protocol stands on standard output.
                let _ = send.send(serde_json::from_str(&line).unwrap());
            }
        });
        let to = server.stdin.take();
        let mut client = Self { server, to, from, id: 0 };
        let hello = client.ask(
            "initialize",
            &json!({"protocolVersion": "2025-06-18", "capabilities": capabilities,
                    "clientInfo": {"name": name, "version": "1"}}),
        );
        assert_eq!(hello["result"]["serverInfo"]["name"], "guard", "{hello}");
        client.line(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string());
        client
    }

    fn line(&mut self, text: &str) {
        let to = self.to.as_mut().unwrap();
        to.write_all(text.as_bytes()).unwrap();
        to.write_all(b"\n").unwrap();
        to.flush().unwrap();
    }

    fn next(&self) -> Value {
        self.from.recv_timeout(Duration::from_secs(60)).expect("the server answers")
    }

    fn send(&mut self, method: &str, params: &Value) -> u64 {
        self.id += 1;
        let id = self.id;
        let message = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.line(&message.to_string());
        id
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        let id = self.send(method, params);
        loop {
            let answer = self.next();
            if answer["id"] == id && answer.get("method").is_none() {
                return answer;
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        self.ask("tools/call", &json!({"name": tool, "arguments": arguments}))
    }

    /// The text that the model reads.
    fn text(answer: &Value) -> String {
        answer["result"]["content"][0]["text"].as_str().unwrap_or_default().to_owned()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.to.take());
        let until = Instant::now() + Duration::from_secs(10);
        while self.server.try_wait().unwrap().is_none() {
            if Instant::now() > until {
                let _ = self.server.kill();
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

const ELICITS: &str = "{\"elicitation\": {}}";

/// Runs a command by the tool `run` of a server of its own.
pub fn called(place: &Place, command: &str) {
    let answer = Client::new(place, json!({})).call("run", &json!({"command": command}));
    assert_eq!(answer["result"]["isError"], false, "{answer}");
}

fn elicits() -> Value {
    serde_json::from_str(ELICITS).unwrap()
}

#[test]
fn the_four_tools_are_offered_and_take_nothing_else() {
    let place = Place::new();
    let mut client = Client::new(&place, json!({}));
    let listed = client.ask("tools/list", &json!({}));
    let tools = listed["result"]["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["run", "check", "explain", "request_status"]);
    assert!(tools.iter().all(|tool| tool["inputSchema"]["additionalProperties"] == false));
    for (tool, arguments) in [
        ("run", json!({"command": "true", "shell": "zsh"})),
        ("run", json!({})),
        ("run", json!({"command": ["true"]})),
        ("run", json!({"command": "true", "cwd": "relative"})),
        ("run", json!({"command": "true\u{0}"})),
        ("run", json!({"command": "--break-glass"})),
        ("run", json!({"command": "true", "wait_seconds": 3601})),
        ("run", json!({"command": "true", "wait_seconds": -1})),
        ("run", json!({"command": "true", "timeout_seconds": 0})),
        ("run", json!({"command": "a".repeat(200_000)})),
        ("run", json!({"command": "true", "reason": "a".repeat(200_000)})),
        ("explain", json!({"command": "--help"})),
        ("check", json!({"command": "true", "wait_seconds": 1})),
        ("request_status", json!({"request": "--all"})),
        ("shell", json!({"command": "true"})),
    ] {
        let answer = client.call(tool, &arguments);
        assert!(answer.get("error").is_some(), "{tool} {arguments}: {answer}");
    }
    assert!(place.records().is_empty());
}

#[test]
fn a_harmless_command_runs_and_is_recorded_as_an_agents() {
    let place = Place::new();
    let mut client = Client::new(&place, json!({}));
    let folder = place.path("project");
    let call = json!({"command": "printf 'a\\377b'; echo oops >&2; pwd; exit 7", "cwd": folder});
    let answer = client.call("run", &call);
    let result = &answer["result"];
    assert_eq!(result["isError"], true, "{answer}");
    assert_eq!(result["structuredContent"]["exit_code"], 7, "{answer}");
    assert_eq!(result["structuredContent"]["tier"], "allow", "{answer}");
    assert_eq!(result["structuredContent"]["stderr"], "oops\n", "{answer}");
    let out = result["structuredContent"]["stdout"].as_str().unwrap();
    assert!(out.starts_with("a\u{fffd}b/"), "{answer}");
    let told = place.records().iter().map(ToString::to_string).collect::<String>();
    assert!(told.contains("GUARD_MCP_CLIENT is set"), "{told}");
    let big = client.call("run", &json!({"command": "yes | head -c 1000000"}));
    let out = big["result"]["structuredContent"]["stdout"].as_str().unwrap();
    assert!(out.len() < 70_000 && out.contains("bytes left out]"), "{}", out.len());
}

#[test]
fn verdicts_are_given_without_running() {
    let place = Place::new();
    place.marking("kubectl");
    let mut client = Client::new(&place, json!({}));
    let call = json!({"command": "kubectl delete ns prod"});
    let answer = client.call("check", &call);
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    let verdict = answer["result"]["structuredContent"]["stdout"].as_str().unwrap();
    let verdict: Value = serde_json::from_str(verdict).unwrap();
    assert_eq!(verdict["tier"], "second-human", "{answer}");
    let answer = client.call("explain", &call);
    assert!(Client::text(&answer).contains("kubectl.delete-namespace"), "{answer}");
    assert!(!place.ran("kubectl"));
}

#[test]
fn what_needs_somebody_is_not_run_and_says_how_it_goes_on() {
    let place = Place::new();
    place.marking("kubectl");
    let mut client = Client::new(&place, json!({}));
    let call = json!({"command": "kubectl --context staging delete pod web-1", "wait_seconds": 0,
                      "reason": "it hangs"});
    let answer = client.call("run", &call);
    assert_eq!(answer["result"]["structuredContent"]["exit_code"], 75, "{answer}");
    let request = &answer["result"]["structuredContent"]["request"];
    assert!(Client::text(&answer).contains(request.as_str().unwrap()), "{answer}");
    let status = client.call("request_status", &json!({"request": request}));
    assert_eq!(status["result"]["isError"], false, "{status}");
    assert!(Client::text(&status).contains("it hangs"), "{status}");
    let refused = client.call("run", &json!({"command": "rm -rf /"}));
    assert_eq!(refused["result"]["isError"], true, "{refused}");
    assert_eq!(refused["result"]["structuredContent"]["tier"], "deny", "{refused}");
    assert!(Client::text(&refused).contains("not run"), "{refused}");
    assert_eq!(refused["result"]["structuredContent"]["request"], Value::Null, "{refused}");
    let second = json!({"command": "kubectl delete ns prod", "wait_seconds": 0});
    let second = client.call("run", &second);
    assert_eq!(second["result"]["structuredContent"]["exit_code"], 77, "{second}");
    assert!(Client::text(&second).contains("second person has to agree"), "{second}");
    assert!(!place.ran("kubectl"));
}

#[test]
fn only_yes_of_the_clients_user_lets_guard_go_on_to_ask() {
    let place = Place::new();
    place.marking("kubectl");
    let call = json!({"name": "run", "arguments":
        {"command": "kubectl --context staging delete pod web-1", "wait_seconds": 0}});
    for (reply, code) in [
        (json!({"result": {"action": "accept", "content": {}}}), Some(75)),
        (json!({"result": {"action": "decline"}}), None),
        (json!({"result": {"action": "cancel"}}), None),
        (json!({"result": {"action": "approve"}}), None),
        (json!({"result": {}}), None),
        (json!({"error": {"code": -1, "message": "no user"}}), None),
    ] {
        let mut client = Client::new(&place, elicits());
        let id = client.send("tools/call", &call);
        let question = client.next();
        assert_eq!(question["method"], "elicitation/create", "{question}");
        let message = question["params"]["message"].as_str().unwrap();
        assert!(message.contains("delete pod web-1") && message.contains("confirm"), "{message}");
        let mut answer = reply.clone();
        answer["jsonrpc"] = "2.0".into();
        answer["id"] = question["id"].clone();
        client.line(&answer.to_string());
        let ended = client.next();
        assert_eq!(ended["id"], id, "{ended}");
        let got = ended["result"]["structuredContent"]["exit_code"].as_i64();
        assert_eq!(got, code, "{reply}: {ended}");
        assert_eq!(ended["result"]["isError"], true, "{ended}");
    }
    assert!(!place.ran("kubectl"));
    let told = place.records().iter().map(ToString::to_string).collect::<String>();
    assert_eq!(told.matches("declined by the user").count(), 1, "{told}");
    assert_eq!(told.matches("no answer came that guard understands").count(), 3, "{told}");
    // What is harmless is not asked about.
    let mut client = Client::new(&place, elicits());
    let answer = client.call("run", &json!({"command": "echo fine"}));
    assert!(Client::text(&answer).contains("fine"), "{answer}");
}

#[test]
fn what_the_client_takes_back_or_leaves_behind_is_ended() {
    let place = Place::new();
    let mark = place.path("tmp/ticks");
    let ticks = || std::fs::read(&mark).map_or(0, |bytes| bytes.len());
    let still = || {
        std::thread::sleep(Duration::from_millis(300));
        let before = ticks();
        std::thread::sleep(Duration::from_millis(600));
        ticks() == before
    };
    let runs = || {
        let until = Instant::now() + Duration::from_secs(20);
        let from = ticks();
        while ticks() < from + 2 {
            assert!(Instant::now() < until, "the command does not run");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let text = format!("while :; do printf . >>{}; sleep 0.05; done", mark.display());
    let call = json!({"name": "run", "arguments": {"command": text}});
    let mut client = Client::new(&place, json!({}));
    let id = client.send("tools/call", &call);
    runs();
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
                        "params": {"requestId": id, "reason": "enough"}});
    client.line(&cancel.to_string());
    std::thread::sleep(Duration::from_millis(700));
    assert!(still(), "it runs after the client took the call back");
    client.send("tools/call", &call);
    runs();
    let gone = Instant::now();
    drop(client);
    assert!(gone.elapsed() < Duration::from_secs(4), "the SDK's own five seconds are too long");
    assert!(still(), "it runs after the client has gone");
}

#[test]
fn lines_that_are_no_messages_stop_nothing() {
    let place = Place::new();
    let mut client = Client::new(&place, json!({}));
    for line in ["", "{", "null", "[]", "\u{0}\u{1b}[2J", "{\"jsonrpc\":\"2.0\"}"] {
        client.line(line);
    }
    client.line(&format!("{{\"x\": \"{}\"}}", "a".repeat(2_000_000)));
    client.line(&"[".repeat(100_000));
    let answer = client.call("run", &json!({"command": "echo alive"}));
    assert!(Client::text(&answer).contains("alive"), "{answer}");
}

/// Whether a process with this on its command line is there after a moment.
fn stays(mark: &str) -> bool {
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let found = std::process::Command::new("pgrep").args(["-f", mark]).output().unwrap();
        if found.stdout.is_empty() {
            return false;
        }
        if Instant::now() > until {
            return true;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn no_name_of_a_client_makes_it_a_person() {
    for (name, kept) in [("no", "no"), ("0", "0"), ("", "unnamed"), ("a\n\u{202e}b", "ab")] {
        let place = Place::new();
        place.marking("kubectl");
        let mut client = Client::named(&place, json!({}), name);
        let call = json!({"command": "kubectl --context staging delete pod web-1",
                          "wait_seconds": 0});
        client.call("run", &call);
        let asked = place.events("request");
        let actor = &asked[0]["actor"];
        assert_eq!(actor["kind"], "agent", "{name}: {actor}");
        assert_eq!(actor["evidence"], format!("GUARD_MCP_CLIENT is set, to {kept}"), "{actor}");
    }
}

#[test]
fn a_command_cannot_take_the_agents_mark_away() {
    let place = Place::new();
    place.marking("kubectl");
    let mut client = Client::new(&place, json!({}));
    // A program that does what guard cannot see from outside.
    let inner = format!(
        "env -u GUARD_MCP_CLIENT {} run --wait 0s -c 'kubectl --context staging delete pod web-1'",
        crate::harness::GUARD
    );
    place.program("date", &inner);
    let answer = client.call("run", &json!({"command": "date"}));
    assert_eq!(answer["result"]["structuredContent"]["exit_code"], 75, "{answer}");
    let asked = place.events("request");
    assert_eq!(asked[0]["actor"]["evidence"], "ancestor process guard mcp", "{asked:?}");
    assert!(!place.ran("kubectl"));
}

#[test]
fn what_a_command_leaves_in_the_background_holds_nothing_up() {
    let place = Place::new();
    let mut client = Client::new(&place, json!({}));
    let begun = Instant::now();
    // Holds the output open; does not; has left the process group as well.
    for (text, left, ended) in [
        ("sleep 31.0101 & echo told", true, "sleep 31.0101"),
        ("sleep 31.0202 >/dev/null 2>&1 & echo told", false, "sleep 31.0202"),
        ("setsid sleep 8.0303 & echo told", true, "nothing at all of this kind"),
    ] {
        let answer = client.call("run", &json!({"command": text}));
        let told = &answer["result"]["structuredContent"];
        assert_eq!(told["stdout"], "told\n", "{answer}");
        assert_eq!((&told["exit_code"], &told["left_behind"]), (&json!(0), &json!(left)));
        assert!(!stays(ended), "{text}");
    }
    assert!(begun.elapsed() < Duration::from_secs(25));
    let answer = client.call(
        "run",
        &json!({"command": "sleep 31.0404", "timeout_seconds": 1,
                                            "wait_seconds": 0}),
    );
    let told = &answer["result"]["structuredContent"];
    assert_eq!(told["ended_early"], "its time was up", "{answer}");
    assert_eq!(answer["result"]["isError"], true, "{answer}");
    assert!(!stays("sleep 31.0404"));
}

#[test]
fn a_server_that_is_told_to_end_ends_what_it_started() {
    let place = Place::new();
    let mark = place.path("tmp/began");
    let mut client = Client::new(&place, json!({}));
    let text = format!("sleep 32.0101 & echo >{}; sleep 32.0202", mark.display());
    client.send("tools/call", &json!({"name": "run", "arguments": {"command": text}}));
    let until = Instant::now() + Duration::from_secs(20);
    while !mark.exists() && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(mark.exists());
    let pid = nix::unistd::Pid::from_raw(i32::try_from(client.server.id()).unwrap());
    nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
    let ended = client.server.wait().unwrap();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&ended), Some(15));
    assert!(!stays("sleep 32.0"));
}

#[test]
fn what_is_declined_is_recorded_as_the_agents_and_where_it_was_to_run() {
    let place = Place::new();
    place.marking("kubectl");
    let folder = place.path("project");
    let call = json!({"name": "run", "arguments": {"cwd": folder,
        "command": "kubectl --context staging delete pod web-1", "wait_seconds": 0}});
    let mut client = Client::new(&place, elicits());
    let id = client.send("tools/call", &call);
    let question = client.next();
    assert!(question["params"]["message"].as_str().unwrap().contains(folder.to_str().unwrap()));
    let answer = json!({"jsonrpc": "2.0", "id": question["id"], "result": {"action": "decline"}});
    client.line(&answer.to_string());
    assert_eq!(client.next()["id"], id);
    let asked = place.events("request");
    assert_eq!(asked[0]["actor"]["name"], "mcp", "{asked:?}");
    assert_eq!(asked[0]["cwd"], folder.to_str().unwrap(), "{asked:?}");
    // A call that is taken back while its question stands is not answered.
    let id = client.send("tools/call", &call);
    let question = client.next();
    let cancel = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
                        "params": {"requestId": id}});
    client.line(&cancel.to_string());
    let answer = json!({"jsonrpc": "2.0", "id": question["id"],
                        "result": {"action": "accept", "content": {}}});
    client.line(&answer.to_string());
    assert!(Client::text(&client.call("run", &json!({"command": "echo on"}))).contains("on"));
    let until = Instant::now() + Duration::from_secs(20);
    let told = || place.records().iter().map(ToString::to_string).collect::<String>();
    while !told().contains("took the call back") {
        assert!(Instant::now() < until, "{}", told());
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!place.ran("kubectl"));
}

#[test]
fn more_calls_than_there_is_room_for_are_refused_one_by_one() {
    let place = Place::new();
    let mut client = Client::new(&place, json!({}));
    let call = json!({"name": "run", "arguments": {"command": "sleep 1"}});
    for _ in 0..40 {
        client.send("tools/call", &call);
    }
    let answers: Vec<Value> = (0..40).map(|_| client.next()).collect();
    let ran = answers.iter().filter(|answer| answer["result"]["isError"] == false).count();
    let full = |answer: &&Value| answer["error"]["message"].to_string().contains("run already");
    assert_eq!(ran + answers.iter().filter(full).count(), 40, "{answers:?}");
    assert!((1..=16).contains(&ran), "{ran}");
    let answer = client.call("run", &json!({"command": "echo again"}));
    assert!(Client::text(&answer).contains("again"), "{answer}");
}

#[test]
fn a_client_that_reads_nothing_does_not_keep_the_server() {
    let place = Place::new();
    let mut command = place.guard(["mcp"]);
    let mut server = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut to = server.stdin.take().unwrap();
    let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params":
        {"protocolVersion": "2025-06-18", "capabilities": {},
         "clientInfo": {"name": "deaf", "version": "1"}}});
    writeln!(to, "{hello}").unwrap();
    writeln!(to, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    for id in 1..200 {
        let list = json!({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": {}});
        writeln!(to, "{list}").unwrap();
    }
    let call = json!({"jsonrpc": "2.0", "id": 200, "method": "tools/call", "params":
        {"name": "run", "arguments": {"command": "sleep 33.0101"}}});
    writeln!(to, "{call}").unwrap();
    std::thread::sleep(Duration::from_millis(500));
    drop(to);
    let until = Instant::now() + Duration::from_secs(20);
    while server.try_wait().unwrap().is_none() {
        assert!(Instant::now() < until, "the server waits for ever");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!stays("sleep 33.0101"));
}
