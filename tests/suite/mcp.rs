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
                    "clientInfo": {"name": "test\u{1b}[2J client", "version": "1"}}),
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
    let text = Client::text(&answer);
    let at = text.find("request ").unwrap() + "request ".len();
    let status = client.call("request_status", &json!({"request": &text[at..at + 9]}));
    assert_eq!(status["result"]["isError"], false, "{status}");
    assert!(Client::text(&status).contains("it hangs"), "{status}");
    let refused = client.call("run", &json!({"command": "rm -rf /"}));
    assert_eq!(refused["result"]["isError"], true, "{refused}");
    assert!(Client::text(&refused).contains("not run"), "{refused}");
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
    drop(client);
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
