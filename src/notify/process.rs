//! Running the command that delivers a message, with an end.

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// Most bytes of an error message that are kept.
const MAX_SAID: u64 = 4096;
/// What a command inherits of the environment: nothing that could be a secret.
const KEPT: [&str; 4] = ["PATH", "HOME", "LANG", "TZ"];

/// Runs a command with text on its standard input. Without a shell.
pub(super) fn run(words: &[String], input: &str, limit: Duration) -> Result<(), String> {
    let (program, args) = words.split_first().ok_or("the command is empty")?;
    let mut command = Command::new(program);
    command.args(args);
    finish(program, command, input, limit).map(drop)
}

/// Runs a client and gives what it printed, at most 4 KiB of it.
pub(super) fn ask(
    (name, command): (&str, Command),
    input: &str,
    limit: Duration,
) -> Result<String, String> {
    finish(name, command, input, limit)
}

/// Posts JSON with curl. Address and text go through its standard input: an
/// address of a chat service is a secret, and arguments are for everybody to
/// see.
pub(super) fn post(url: &str, body: &str, limit: Duration) -> Result<(), String> {
    curl(url, body, &[("output", "/dev/null")], limit).map(drop)
}

/// Posts JSON with curl and more of its options, and gives the answer, at most
/// 4 KiB of it.
pub(super) fn curl(
    url: &str,
    body: &str,
    options: &[(&str, &str)],
    limit: Duration,
) -> Result<String, String> {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut config = String::new();
    let own = [("url", url), ("header", "Content-Type: application/json"), ("data-binary", body)];
    for (name, value) in own.iter().chain(options) {
        config += &format!("{name} = \"{}\"\n", quoted(value));
    }
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--fail", "--proto", "=https,http"]);
    command.args(["--max-time", &limit.as_secs().to_string(), "--config", "-"]);
    let host = url.split('/').nth(2).unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    finish("curl", command, &config, limit).map_err(|why| {
        // curl may repeat the address.
        format!("{host}: {}", why.replace(url, "(address)"))
    })
}

fn finish(
    name: &str,
    mut command: Command,
    input: &str,
    limit: Duration,
) -> Result<String, String> {
    let set: Vec<(OsString, Option<OsString>)> =
        command.get_envs().map(|(name, value)| (name.into(), value.map(Into::into))).collect();
    command.env_clear().process_group(0);
    command.envs(KEPT.iter().filter_map(|name| Some((*name, std::env::var_os(name)?))));
    command.envs(search_path().map(|path| ("PATH", path)));
    command.envs(set.into_iter().filter_map(|(name, value)| Some((name, value?))));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
    let until = Instant::now() + limit;
    // A command that does not read must not hold us up, nor must one that goes
    // on talking.
    let writer = child.stdin.take().map(|mut pipe| {
        let input = input.to_owned();
        std::thread::spawn(move || drop(pipe.write_all(input.as_bytes())))
    });
    let printed = child.stdout.take().map(listen);
    let said = child.stderr.take().map(listen);
    let status = wait(&mut child, until);
    if status.is_none() {
        if let Ok(pid) = i32::try_from(child.id()) {
            let _ = killpg(Pid::from_raw(pid), Signal::SIGKILL);
        }
        let _ = child.wait();
    }
    drop(writer);
    let heard = |reader: Option<JoinHandle<String>>| {
        let reader = reader.filter(|reader| status.is_none() || reader.is_finished());
        reader.and_then(|reader| reader.join().ok()).unwrap_or_default()
    };
    let said = heard(said);
    match status {
        Some(status) if status.success() => Ok(heard(printed)),
        Some(status) if said.is_empty() => Err(format!("{name}: {status}")),
        Some(status) => Err(format!("{name}: {status}: {said}")),
        None => Err(format!("{name}: no end within {} seconds", limit.as_secs())),
    }
}

/// Keeps the beginning of what a command says, and lets it say the rest.
fn listen(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = (&mut pipe).take(MAX_SAID).read_to_end(&mut said);
        String::from_utf8_lossy(&said).trim().to_owned()
    })
}

/// Where programs are looked for: not in folders in which guard itself stands
/// under the name of a program that delivers. It would ask somebody about the
/// delivery.
fn search_path() -> Option<OsString> {
    let path = std::env::var_os("PATH")?;
    let own = std::env::current_exe().ok().and_then(|path| path.canonicalize().ok());
    let is_guard = |file: std::path::PathBuf| {
        file.canonicalize().is_ok_and(|real| {
            Some(&real) == own.as_ref() || real.file_name() == Some("guard".as_ref())
        })
    };
    let folders = std::env::split_paths(&path).filter(|folder| {
        folder.is_absolute()
            && !["git", "ssh", "curl"].iter().any(|name| is_guard(folder.join(name)))
    });
    std::env::join_paths(folders).ok()
}

fn wait(child: &mut Child, until: Instant) -> Option<std::process::ExitStatus> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => {
                // Give the reader a moment for what was said last.
                std::thread::sleep(Duration::from_millis(20));
                return Some(status);
            }
            Ok(None) if Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(20));
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::{post, run};

    fn shell(script: &str, limit: u64) -> Result<(), String> {
        let words = ["sh", "-c", script].map(str::to_owned);
        run(&words, "{\"x\":1}", Duration::from_millis(limit))
    }

    #[test]
    fn a_command_gets_the_message_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        let script = format!("cat > '{0}'; env > '{0}.env'", out.display());
        shell(&script, 5000).unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "{\"x\":1}");
        let env = std::fs::read_to_string(dir.path().join("out.env")).unwrap();
        assert!(!env.contains("CARGO"), "{env}");
    }

    #[test]
    fn failures_are_told_apart() {
        assert!(shell("echo went wrong >&2; exit 3", 5000).unwrap_err().contains("went wrong"));
        assert!(shell("exit 3", 5000).unwrap_err().contains("exit status: 3"));
        assert!(shell("sleep 60", 300).unwrap_err().contains("no end within"));
        assert!(shell("sleep 60 & exit 0", 5000).is_ok(), "children that stay do not hold it up");
        assert!(shell("yes >&2", 300).is_err());
        assert!(run(&["/nowhere/x".to_owned()], "", Duration::from_secs(1)).is_err());
    }

    /// A server that takes one request and answers with this status.
    fn server(status: &'static str) -> (u16, std::thread::JoinHandle<(String, String)>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let thread = std::thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                if line.trim().is_empty() {
                    break;
                }
                head += &line;
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            let answer =
                format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            (head, String::from_utf8(body).unwrap())
        });
        (port, thread)
    }

    #[test]
    fn a_message_is_posted_as_json() {
        let (port, thread) = server("200 OK");
        let body = r#"{"text":"a \"quoted\" \\ line"}"#;
        post(&format!("http://127.0.0.1:{port}/hook"), body, Duration::from_secs(10)).unwrap();
        let (head, got) = thread.join().unwrap();
        assert!(head.starts_with("POST /hook HTTP/1.1"), "{head}");
        assert!(head.to_ascii_lowercase().contains("content-type: application/json"), "{head}");
        assert_eq!(got, body);
    }

    #[test]
    fn a_refused_message_names_the_host_and_never_the_address() {
        let (port, thread) = server("404 Not Found");
        let url = format!("http://127.0.0.1:{port}/services/T0/SECRET");
        let why = post(&url, "{}", Duration::from_secs(10)).unwrap_err();
        thread.join().unwrap();
        assert!(why.contains("127.0.0.1") && why.contains("404"), "{why}");
        assert!(!why.contains("SECRET"), "{why}");
    }
}
