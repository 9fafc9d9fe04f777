//! What guard exports, read by programs of others: the published schema of OCSF,
//! the messages of OpenTelemetry, the table of fields of ECS, a syslog daemon.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::grammar_clients::skipped;
use crate::harness::{Place, root};

fn ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true")
}

/// A log with what is exported in different ways: harmless, failed, refused, not
/// there, and with hostile words.
fn place() -> Place {
    let place = Place::new();
    place.program("ls", "exit 0");
    place.program("grep", "exit 3");
    place.program("kubectl", "exit 0");
    let hostile = "\"] x=\"1\" <14>1 ]\\ \u{202e}\u{7}ä|=";
    for words in [&["ls", hostile][..], &["grep", "x"], &["nosuch-program"]] {
        place.run([&["--"], words].concat());
    }
    place.run(["--", "kubectl", "delete", "ns", "payments"]);
    place.run(["log", "checkpoint"]);
    place
}

/// The Python with the packages, which `./test` puts there.
fn python() -> Option<PathBuf> {
    let python = root().join("target/exports/bin/python");
    if !python.exists() {
        assert!(!ci(), "{} is missing; ./test makes it", python.display());
        skipped("target/exports is not there: no schema of others was asked about exports");
        return None;
    }
    Some(python)
}

/// Whether the oracle takes the events; what it says otherwise.
fn ask(python: &PathBuf, form: &str, events: &str) -> Result<usize, String> {
    let mut command = Command::new(python);
    said(command.arg(root().join("tests/oracles/exports.py")).arg(form), events)
}

/// What an oracle says about events.
fn said(command: &mut Command, events: &str) -> Result<usize, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(events.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&done.stdout).trim().parse();
    if done.status.success() {
        return Ok(out.unwrap());
    }
    Err(String::from_utf8_lossy(&done.stderr).into_owned())
}

#[test]
fn the_published_schemas_accept_what_is_exported() {
    let Some(python) = python() else { return };
    let place = place();
    for (form, spoiled) in [
        (
            "ocsf",
            [
                ("\"severity_id\":", "\"severity_id\":\"x\",\"was\":"),
                ("\"class_uid\":1007", "\"class_uid\":1007,\"no_such\":1"),
            ],
        ),
        (
            "otlp",
            [
                ("\"timeUnixNano\":", "\"noSuchField\":"),
                ("\"severityNumber\":", "\"severityNumber\":\"x\",\"was\":"),
            ],
        ),
    ] {
        let events = place.run(["log", "export", "--format", form]).stdout;
        let count = events.lines().count();
        assert!(count >= 5, "{form}: {events}");
        assert_eq!(ask(&python, form, &events), Ok(count), "{form}");
        // It does refuse what does not fit.
        for (from, to) in spoiled {
            let bad = events.replace(from, to);
            assert_ne!(bad, events, "{form}: {from}");
            assert!(ask(&python, form, &bad).is_err(), "{form}: {to}");
        }
    }
}

/// By Elastic's own table of fields, a package that `./test` puts there.
#[test]
fn the_published_fields_of_ecs_accept_what_is_exported() {
    let fields = root().join("target/ecs/node_modules/@elastic/ecs");
    let node = Command::new("node").arg("--version").stdout(Stdio::null()).status();
    if !fields.exists() || node.is_err() {
        assert!(!ci(), "node or {} is missing; ./test makes it", fields.display());
        return skipped("target/ecs or node is not there: no table of fields was asked about ECS");
    }
    let ask = |events: &str| {
        let mut command = Command::new("node");
        said(command.arg(root().join("tests/oracles/ecs.js")).arg(&fields), events)
    };
    let place = place();
    let events = place.run(["log", "export", "--format", "ecs"]).stdout;
    let count = events.lines().count();
    assert!(count >= 5, "{events}");
    assert_eq!(ask(&events), Ok(count));
    // It does refuse what does not fit.
    for (from, to) in [
        ("\"sequence\":", "\"no_such\":"),
        ("\"args_count\":", "\"args_count\":\"x\",\"pgid\":"),
        ("\"category\":[\"process\"]", "\"category\":\"process\""),
        ("\"category\":[\"process\"]", "\"category\":[\"no_such\"]"),
        ("\"type\":[\"info\"]", "\"type\":[\"denied\"]"),
        ("\"kind\":\"event\"", "\"kind\":\"no_such\""),
        ("\"version\":\"9.4.0\"", "\"version\":\"9.3.0\""),
        ("\"@timestamp\":\"2", "\"@timestamp\":\"x2"),
    ] {
        let bad = events.replace(from, to);
        assert_ne!(bad, events, "{from}");
        assert!(ask(&bad).is_err(), "{to}");
    }
}

struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_syslog_daemon_reads_every_field() {
    let there = |path: &&str| std::path::Path::new(path).exists();
    let Some(rsyslogd) = ["/usr/sbin/rsyslogd", "/sbin/rsyslogd"].into_iter().find(there) else {
        assert!(!ci(), "rsyslogd is not installed");
        return skipped("rsyslogd is not installed: no daemon read the syslog export");
    };
    let place = place();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (conf, out) = (place.path("tmp/rsyslog.conf"), place.path("tmp/received"));
    let text = format!(
        "global(workDirectory=\"{tmp}\")\nmodule(load=\"imtcp\")\n\
         input(type=\"imtcp\" address=\"127.0.0.1\" port=\"{port}\")\n\
         template(name=\"fields\" type=\"string\" string=\"%pri%#~#%timereported:::date-rfc3339%#~#%hostname%#~#%app-name%#~#%procid%#~#%msgid%#~#%structured-data%#~#%msg%\\n\")\n\
         action(type=\"omfile\" file=\"{out}\" template=\"fields\")\n",
        tmp = place.path("tmp").display(),
        out = out.display(),
    );
    std::fs::write(&conf, text).unwrap();
    let mut command = Command::new(rsyslogd);
    command.arg("-n").arg("-f").arg(&conf).arg("-i").arg(place.path("tmp/pid"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _daemon = Daemon(command.spawn().unwrap());
    let until = Instant::now() + Duration::from_secs(20);
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < until, "{error}"),
        }
        std::thread::sleep(Duration::from_millis(50));
    };
    let sent = place.run(["log", "export", "--format", "syslog"]).stdout;
    stream.write_all(sent.as_bytes()).unwrap();
    drop(stream);
    let count = sent.lines().count();
    let received = loop {
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        if text.lines().count() >= count {
            break text;
        }
        assert!(Instant::now() < until, "{count} sent, of them arrived:\n{text}");
        std::thread::sleep(Duration::from_millis(50));
    };
    let kinds = place.kinds();
    assert_eq!((count, received.lines().count()), (kinds.len(), kinds.len()), "{received}");
    for ((line, sent), (seq, kind)) in
        received.lines().zip(sent.lines()).zip(kinds.iter().enumerate())
    {
        let fields: Vec<&str> = line.split("#~#").collect();
        let [pri, _, _, app, _, id, data, text] = fields[..] else { panic!("{line}") };
        assert!(sent.starts_with(&format!("<{pri}>1 ")), "{line}");
        assert_eq!((app, id), ("guard", kind.as_str()), "{line}");
        // What guard wrote between its brackets, and nothing that a command holds.
        assert!(data.starts_with("[guard@32473 ") && data.ends_with(']'), "{data}");
        assert!(data.contains(&format!(" seq=\"{seq}\" ")), "{data}");
        assert!(sent.contains(data), "{data}\n{sent}");
        let rest = sent.split_once(data).unwrap().1;
        assert!(rest.ends_with(text.trim_start_matches([' ', '\u{feff}'])), "{text}\n{rest}");
    }
}
