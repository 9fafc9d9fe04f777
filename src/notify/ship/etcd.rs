//! The team engine: a key of etcd that is only ever created.
//!
//! Over its JSON gateway (etcd 3.4 and later): keys and values in base64, `int64`
//! as text, what is false or empty left out. With a plain put a host could write
//! its own checkpoints over, so there is none: a transaction creates the key if
//! it has no revision yet, and otherwise says what it holds.

use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use super::{Parcel, conflict};
use crate::decide::checkpoints::Etcd;
use crate::notify::process;

/// Where the checkpoints of all hosts are.
const BELOW: &str = "/guard/v1/ckpt";

/// Creates the key of this checkpoint.
pub(super) fn put(engine: &Etcd, parcel: &Parcel, until: Instant) -> Result<(), String> {
    let size = parcel.file.split('.').next().unwrap_or_default();
    let path = format!("{BELOW}/{}/{size}", parcel.folder);
    let (key, value) = (BASE64.encode(&path), BASE64.encode(&parcel.text));
    let token = match &engine.login {
        Some((user, file)) => Some(log_in(engine, user, &password(file)?, until)?),
        None => None,
    };
    let ask = json!({
        "compare": [{"key": key, "target": "CREATE", "create_revision": "0"}],
        "success": [{"request_put": {"key": key, "value": value}}],
        "failure": [{"request_range": {"key": key}}],
    });
    let answer = post(engine, "kv/txn", &ask, token.as_deref(), until)?;
    if answer.get("succeeded").and_then(Value::as_bool) == Some(true) {
        return Ok(());
    }
    // Also after a try whose answer did not arrive.
    let there = answer.pointer("/responses/0/response_range/kvs/0/value").and_then(Value::as_str);
    match there {
        Some(there) if there == value => Ok(()),
        Some(_) => Err(conflict(Path::new(&path))),
        None => Err("its answer is not that of etcd".to_owned()),
    }
}

fn log_in(engine: &Etcd, user: &str, password: &str, until: Instant) -> Result<String, String> {
    let ask = json!({"name": user, "password": password});
    let answer = post(engine, "auth/authenticate", &ask, None, until)?;
    let token = answer.get("token").and_then(Value::as_str);
    // It becomes a line of curl's configuration.
    let token = token.filter(|token| token.bytes().all(|byte| byte.is_ascii_graphic()));
    token.map(str::to_owned).ok_or_else(|| "it gave no token".to_owned())
}

fn post(
    engine: &Etcd,
    call: &str,
    ask: &Value,
    token: Option<&str>,
    until: Instant,
) -> Result<Value, String> {
    // Each becomes a line of curl's configuration.
    let text = |path: &Path| {
        let text = path.to_str().filter(|text| !text.contains(char::is_control));
        text.map(str::to_owned).ok_or("a path of a certificate is not plain text")
    };
    let mut options = Vec::new();
    if let Some(token) = token {
        // Without `Bearer`.
        options.push(("header", format!("Authorization: {token}")));
    }
    if let Some(ca) = &engine.ca {
        options.push(("cacert", text(ca)?));
    }
    if let Some((cert, key)) = &engine.client {
        options.extend([("cert", text(cert)?), ("key", text(key)?)]);
    }
    let options: Vec<(&str, &str)> =
        options.iter().map(|(n, value)| (*n, value.as_str())).collect();
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
    let url = format!("{}/v3/{call}", engine.url);
    let answer = process::curl(&url, &ask.to_string(), &options, left)
        .map_err(|why| format!("{call}: {why}"))?;
    serde_json::from_str(&answer).map_err(|_| format!("{call}: the answer is not JSON"))
}

/// The first line of a file that nobody else can read.
fn password(path: &Path) -> Result<String, String> {
    let failed = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let mut options = OpenOptions::new();
    let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(path);
    let file = file.map_err(|error| failed(&error))?;
    let meta = file.metadata().map_err(|error| failed(&error))?;
    if !meta.is_file() || meta.mode() & 0o077 != 0 {
        return Err(failed(&"not a file that only its owner can read (chmod 600)"));
    }
    let mut text = String::new();
    file.take(4096).read_to_string(&mut text).map_err(|error| failed(&error))?;
    let line = text.lines().next().filter(|line| !line.is_empty());
    line.map(str::to_owned).ok_or_else(|| failed(&"it is empty"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::PathBuf;
    use std::time::{Duration, Instant};

    use base64::Engine as _;
    use serde_json::{Value, json};

    use super::{BASE64, Etcd, put};
    use crate::notify::ship::sample;

    /// The lines of a request, and its body.
    type Request = (Vec<String>, Value);

    /// Answers each request with the next of these, and gives the requests.
    fn recording(answers: Vec<(u16, Value)>) -> (String, std::thread::JoinHandle<Vec<Request>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let thread = std::thread::spawn(move || {
            let mut seen = Vec::new();
            for (status, answer) in answers {
                let mut reader = BufReader::new(listener.accept().unwrap().0);
                let mut head = Vec::new();
                loop {
                    let mut line = String::new();
                    reader.read_line(&mut line).unwrap();
                    if line.trim().is_empty() {
                        break;
                    }
                    head.push(line.trim().to_owned());
                }
                let length = head.iter().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()
                });
                let mut body = vec![0; length.unwrap()];
                reader.read_exact(&mut body).unwrap();
                let text = answer.to_string();
                let answer = format!(
                    "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
                    text.len()
                );
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
                seen.push((head, serde_json::from_slice(&body).unwrap()));
            }
            seen
        });
        (url, thread)
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    fn secret(dir: &tempfile::TempDir, mode: u32) -> PathBuf {
        let path = dir.path().join("password");
        std::fs::write(&path, "pass \"word\\\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn a_checkpoint_is_created_with_the_token_of_the_login_and_never_put_over() {
        let dir = tempfile::tempdir().unwrap();
        let (url, thread) = recording(vec![
            (200, json!({"header": {}, "token": "gjhb.38"})),
            (200, json!({"header": {}, "succeeded": true, "responses": [{"response_put": {}}]})),
        ]);
        let login = Some(("h1".to_owned(), secret(&dir, 0o600)));
        put(&Etcd { url, login, ..Etcd::default() }, &sample(), soon()).unwrap();
        let seen = thread.join().unwrap();
        assert_eq!(seen[0].0[0], "POST /v3/auth/authenticate HTTP/1.1");
        assert_eq!(seen[0].1, json!({"name": "h1", "password": "pass \"word\\"}));
        assert_eq!(seen[1].0[0], "POST /v3/kv/txn HTTP/1.1");
        assert!(seen[1].0.contains(&"Authorization: gjhb.38".to_owned()), "{seen:?}");
        let key = BASE64.encode("/guard/v1/ckpt/h_guard_audit/5");
        let value = BASE64.encode(sample().text);
        assert_eq!(
            seen[1].1,
            json!({
                "compare": [{"key": key, "target": "CREATE", "create_revision": "0"}],
                "success": [{"request_put": {"key": key, "value": value}}],
                "failure": [{"request_range": {"key": key}}],
            })
        );
    }

    #[test]
    fn what_is_there_already_is_compared() {
        let there = |text: &str| json!({"responses": [{"response_range": {"kvs": [{"value": BASE64.encode(text)}]}}]});
        for (status, answer, says) in [
            (200, there(&sample().text), None),
            (200, there("h/guard/audit\n5\nother\n"), Some("written anew")),
            (200, json!({}), Some("not that of etcd")),
            (200, json!([]), Some("not that of etcd")),
            (503, json!({"code": 14}), Some("503")),
            (403, json!({"code": 7}), Some("403")),
        ] {
            let (url, thread) = recording(vec![(status, answer)]);
            let put = put(&Etcd { url, ..Etcd::default() }, &sample(), soon());
            thread.join().unwrap();
            match says {
                None => put.unwrap(),
                Some(says) => assert!(put.clone().unwrap_err().contains(says), "{put:?}"),
            }
        }
    }

    #[test]
    fn a_password_that_others_can_read_or_a_token_of_two_lines_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        let etcd = |url: &str, mode| {
            let login = Some(("h1".to_owned(), secret(&dir, mode)));
            Etcd { url: url.to_owned(), login, ..Etcd::default() }
        };
        let why = put(&etcd("http://127.0.0.1:1", 0o640), &sample(), soon()).unwrap_err();
        assert!(why.contains("chmod 600") && !why.contains("pass \"word"), "{why}");
        let (url, thread) = recording(vec![(200, json!({"token": "a\nurl = \"x\""}))]);
        let why = put(&etcd(&url, 0o600), &sample(), soon()).unwrap_err();
        thread.join().unwrap();
        assert!(why.contains("no token"), "{why}");
    }
}
