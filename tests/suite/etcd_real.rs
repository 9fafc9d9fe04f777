//! Checkpoints in a real etcd, which is asked as an auditor would.

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::grammar_clients::skipped;
use crate::harness::{Place, output};

struct Server {
    child: Child,
    url: String,
    /// Options with which curl gets in.
    curl: Vec<String>,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    fn start(place: &Place) -> Option<Self> {
        Self::start_with(place, "http", &[], Vec::new())
    }

    fn start_with(
        place: &Place,
        scheme: &str,
        options: &[&str],
        curl: Vec<String>,
    ) -> Option<Self> {
        let there = Command::new("etcd").arg("--version").stdout(Stdio::null()).status();
        if there.is_err() {
            assert!(std::env::var("CI").as_deref() != Ok("true"), "etcd is not installed");
            skipped("etcd is not installed: no team engine took a checkpoint");
            return None;
        }
        let port = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let (client, peer) = (port(), port());
        let (url, peer) =
            (format!("{scheme}://127.0.0.1:{client}"), format!("http://127.0.0.1:{peer}"));
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(place.path("tmp/etcd"));
        command.args(["--name", "n1", "--logger", "zap", "--log-level", "error"]);
        command.args(["--listen-client-urls", &url, "--advertise-client-urls", &url]);
        command.args(["--listen-peer-urls", &peer, "--initial-advertise-peer-urls", &peer]);
        command.args(["--initial-cluster", &format!("n1={peer}")]);
        command.args(options);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self { child: command.spawn().unwrap(), url, curl };
        let until = Instant::now() + Duration::from_secs(60);
        let key = json!({"key": BASE64.encode("ready")});
        while server.ask("kv/range", &key, None).is_none() {
            assert!(Instant::now() < until, "etcd does not answer");
            std::thread::sleep(Duration::from_millis(200));
        }
        Some(server)
    }

    fn ask(&self, call: &str, body: &Value, token: Option<&str>) -> Option<Value> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--fail", "--max-time", "10", "--data", &body.to_string()]);
        command.args(&self.curl);
        if let Some(token) = token {
            command.args(["--header", &format!("Authorization: {token}")]);
        }
        let ran = output(command.arg(format!("{}/v3/{call}", self.url)));
        serde_json::from_str(&ran.stdout).ok().filter(|_| ran.code == Some(0))
    }

    fn token(&self, name: &str) -> String {
        let login = json!({"name": name, "password": "secret-of-them"});
        self.ask("auth/authenticate", &login, None).unwrap()["token"].as_str().unwrap().to_owned()
    }

    /// Accounts: root, the host, which may write below its own name, and an auditor.
    fn accounts(&self, host: &str) {
        let role = |name: &str, kind: &str, below: &str| {
            let end = format!("{}0", below.strip_suffix('/').unwrap());
            self.ask("auth/role/add", &json!({"name": name}), None).unwrap();
            let perm = json!({"permType": kind, "key": BASE64.encode(below),
                "range_end": BASE64.encode(end)});
            self.ask("auth/role/grant", &json!({"name": name, "perm": perm}), None).unwrap();
        };
        role("host", "READWRITE", &format!("/guard/v1/ckpt/{host}/"));
        role("auditor", "READ", "/guard/v1/");
        self.ask("auth/role/add", &json!({"name": "root"}), None).unwrap();
        for name in ["root", "host", "auditor"] {
            let account = json!({"name": name, "password": "secret-of-them"});
            self.ask("auth/user/add", &account, None).unwrap();
            self.ask("auth/user/grant", &json!({"user": name, "role": name}), None).unwrap();
        }
        self.ask("auth/enable", &json!({}), None).unwrap();
    }
}

#[test]
fn a_real_team_engine_takes_checkpoints_keeps_them_and_finds_a_log_written_anew() {
    let place = Place::new();
    let Some(server) = Server::start(&place) else { return };
    place.program("deploy", "exit 0");
    let password = place.path("tmp/password");
    std::fs::write(&password, "secret-of-them\n").unwrap();
    std::fs::set_permissions(&password, std::fs::Permissions::from_mode(0o600)).unwrap();
    let policy = |send: &str| {
        let text = format!("log: {{harmless: sync}}\ncheckpoints: {{send: [{send}]}}\n");
        place.write_home(".config/guard/policy.yaml", text);
    };
    let engine = |user: &str| {
        let (url, file) = (&server.url, password.display());
        format!("{{etcd: '{url}', user: {user}, password-file: '{file}'}}")
    };
    // Seven lines, of which the fourth is a checkpoint that was sent nowhere: it tells
    // the name that the log has in the engine.
    let seven = |word: &str| {
        policy("");
        assert_eq!(place.run(["--", "deploy", word]).code, Some(0));
        assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));
        policy(&engine("host"));
        assert_eq!(place.run(["--", "deploy", word]).code, Some(0));
    };
    seven("one");
    let name = place.events("checkpoint")[0]["origin"].as_str().unwrap().replace('/', "_");
    server.accounts(&name);

    let sent = place.run(["log", "checkpoint"]);
    assert_eq!(sent.code, Some(0), "{}{}", sent.stdout, sent.stderr);
    assert!(sent.stdout.contains("sent to etcd 127.0.0.1:"), "{}", sent.stdout);
    // Again: it is there already.
    assert_eq!(place.run(["log", "checkpoint"]).code, Some(0));

    let below = format!("/guard/v1/ckpt/{name}/");
    let range = json!({"key": BASE64.encode(&below),
        "range_end": BASE64.encode(format!("{}0", below.strip_suffix('/').unwrap()))});
    let kept = server.ask("kv/range", &range, Some(&server.token("auditor"))).unwrap();
    let kept = kept["kvs"].as_array().unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let decode = |value: &Value| BASE64.decode(value.as_str().unwrap()).unwrap();
    let size = place.events("checkpoint")[1]["size"].as_u64().unwrap();
    assert_eq!(decode(&kept[0]["key"]), format!("{below}{size}").into_bytes());
    let file = place.path("tmp/from-etcd.checkpoint");
    std::fs::write(&file, decode(&kept[0]["value"])).unwrap();
    let good = place.run(["log", "verify", "--checkpoint", file.to_str().unwrap()]);
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);

    // A log that was written anew arrives at a size that is taken.
    std::fs::remove_dir_all(place.log_dir()).unwrap();
    seven("other");
    let anew = place.run(["log", "checkpoint"]);
    assert_eq!(anew.code, Some(1), "{}{}", anew.stdout, anew.stderr);
    assert!(anew.stdout.contains("written anew"), "{}{}", anew.stdout, anew.stderr);

    // Another account may not, and its password is nowhere.
    policy(&engine("auditor"));
    place.run(["--", "deploy", "three"]);
    let refused = place.run(["log", "checkpoint"]);
    assert_eq!(refused.code, Some(1), "{}{}", refused.stdout, refused.stderr);
    assert!(refused.stdout.contains("403"), "{}", refused.stdout);
    assert!(!format!("{}{}", refused.stdout, refused.stderr).contains("secret-of-them"));
}

/// An authority of its own, a member's certificate, and one for a host: its common
/// name is empty, because the JSON gateway refuses certificates that name somebody.
fn certificates(place: &Place) -> Option<impl Fn(&str) -> String + use<>> {
    let dir = place.path("tmp/tls");
    std::fs::create_dir(&dir).unwrap();
    let openssl = |args: &[&str]| {
        let ran = Command::new("openssl").args(args).current_dir(&dir).output();
        ran.is_ok_and(|ran| ran.status.success())
    };
    if !openssl(&["version"]) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "openssl is not installed");
        skipped("openssl is not installed: no team engine took a checkpoint over TLS");
        return None;
    }
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout"];
    let make = |name: &str, subject: &str, rest: &[&str]| {
        let (file, cert) = (format!("{name}.key"), format!("{name}.pem"));
        let own = [file.as_str(), "-subj", subject, "-days", "2", "-out", cert.as_str()];
        let all = [&["req", "-x509"][..], &key, &own, rest].concat();
        assert!(openssl(&all), "{all:?}");
    };
    make("ca", "/CN=test authority", &[]);
    make("other", "/CN=another authority", &[]);
    let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=CA:FALSE"];
    let names = [&signed[..], &["-addext", "subjectAltName=IP:127.0.0.1"]].concat();
    make("member", "/O=member", &names);
    make("host", "/O=host", &signed);
    Some(move |name: &str| dir.join(name).to_str().unwrap().to_owned())
}

#[test]
fn over_tls_only_a_member_and_a_host_that_the_authority_knows_exchange_a_checkpoint() {
    let place = Place::new();
    let Some(file) = certificates(&place) else { return };
    let [ca, other, cert, key, member, member_key] =
        ["ca.pem", "other.pem", "host.pem", "host.key", "member.pem", "member.key"].map(file);
    let tls = ["--cert-file", &member, "--key-file", &member_key, "--client-cert-auth"];
    let options = [&tls[..], &["--trusted-ca-file", &ca]].concat();
    let curl = ["--cacert", &ca, "--cert", &cert, "--key", &key].map(str::to_owned).to_vec();
    let Some(server) = Server::start_with(&place, "https", &options, curl) else { return };
    place.program("deploy", "exit 0");
    let send = |rest: &str| {
        let text = format!(
            "log: {{harmless: sync}}\ncheckpoints: {{send: [{{etcd: '{}'{rest}}}]}}\n",
            server.url
        );
        place.write_home(".config/guard/policy.yaml", text);
        assert_eq!(place.run(["--", "deploy"]).code, Some(0));
        place.run(["log", "checkpoint"])
    };
    let with_cert = format!(", cert: '{cert}', cert-key: '{key}'");
    for (rest, why) in [
        (with_cert.clone(), "certificate"),
        (format!(", ca: '{other}'{with_cert}"), "certificate"),
        (format!(", ca: '{ca}'"), "etcd"),
    ] {
        let refused = send(&rest);
        assert_eq!(refused.code, Some(1), "{rest}: {}", refused.stdout);
        assert!(refused.stdout.contains(why), "{rest}: {}", refused.stdout);
    }
    let all = json!({"key": BASE64.encode("/guard/"), "range_end": BASE64.encode("/guard0")});
    assert!(server.ask("kv/range", &all, None).unwrap().get("kvs").is_none(), "something arrived");

    let sent = send(&format!(", ca: '{ca}'{with_cert}"));
    assert_eq!(sent.code, Some(0), "{}{}", sent.stdout, sent.stderr);
    let kept = server.ask("kv/range", &all, None).unwrap();
    let value = BASE64.decode(kept["kvs"][0]["value"].as_str().unwrap()).unwrap();
    let from_etcd = place.path("tmp/from-etcd.checkpoint");
    std::fs::write(&from_etcd, value).unwrap();
    let good = place.run(["log", "verify", "--checkpoint", from_etcd.to_str().unwrap()]);
    assert_eq!(good.code, Some(0), "{}{}", good.stdout, good.stderr);
}
