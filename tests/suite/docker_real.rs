//! What the real docker client would hit, on an engine that the test plays: it
//! answers what is asked and keeps a list of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use crate::harness::{Output, Place, output};

/// Answers by path, without the version in front.
const ANSWERS: &[(&str, &str)] = &[
    ("/_ping", "OK"),
    (
        "/containers/json",
        r#"[{"Id":"aa","Names":["/db"],"Image":"postgres","State":"running","Command":"x","Created":1,"Ports":[],"Labels":{}}]"#,
    ),
    (
        "/containers/db/json",
        r#"{"Id":"aa","Name":"/db","Image":"sha256:1","State":{"Running":true,"Status":"running"},"Config":{"Image":"postgres"},"HostConfig":{},"Mounts":[{"Type":"volume","Name":"pgdata","Destination":"/d"}]}"#,
    ),
    (
        "/containers/job/json",
        r#"{"Id":"bb","Name":"/job","Image":"sha256:2","State":{"Running":false,"Status":"exited"},"Config":{"Image":"busybox"},"HostConfig":{},"Mounts":[]}"#,
    ),
    (
        "/images/json",
        r#"[{"Id":"sha256:1","Created":1,"Size":9,"RepoTags":[],"RepoDigests":[],"Containers":-1,"Labels":{}},{"Id":"sha256:2","Created":1,"Size":9,"RepoTags":[],"RepoDigests":[],"Containers":-1,"Labels":{}}]"#,
    ),
    (
        "/volumes",
        r#"{"Volumes":[{"Name":"pgdata","Driver":"local","Mountpoint":"/x","Scope":"local","Labels":{},"Options":{}}],"Warnings":null}"#,
    ),
];

/// What was asked so far: method and path.
type Asked = Arc<Mutex<Vec<String>>>;

fn serve(stream: TcpStream, asked: &Asked) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let mut first = String::new();
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).unwrap_or(0) > 2 {
            line.clear();
        }
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap_or("/"));
        asked.lock().unwrap().push(format!("{method} {path}"));
        let bare = path.split('?').next().unwrap();
        let bare = bare.strip_prefix("/v1.").map_or(bare, |rest| &rest[rest.find('/').unwrap()..]);
        let found = ANSWERS.iter().find(|(known, _)| *known == bare);
        let missing = r#"{"message":"No such container: it"}"#;
        let (status, body) =
            found.map_or(("404 Not Found", missing), |(_, body)| ("200 OK", *body));
        let length = body.len();
        let body = if method == "HEAD" { "" } else { body };
        let head = format!(
            "HTTP/1.1 {status}\r\nApi-Version: 1.41\r\nOstype: linux\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        if stream.write_all(head.as_bytes()).is_err() {
            return;
        }
    }
}

fn engine() -> (u16, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Asked::default();
    let kept = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let asked = Arc::clone(&kept);
            std::thread::spawn(move || serve(stream, &asked));
        }
    });
    (port, asked)
}

#[test]
fn docker_is_asked_what_runs_and_what_uses_it_and_nothing_is_sent_but_gets() {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&path).any(|dir| dir.join("docker").is_file()) {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "docker is not installed");
        eprintln!("SKIPPED: docker is not installed");
        return;
    }
    let (port, asked) = engine();
    let place = Place::new();
    let ask = |words: &str| -> Output {
        let words: Vec<&str> =
            ["run", "--wait", "0s", "--"].into_iter().chain(words.split(' ')).collect();
        let mut guard = place.guard(&words);
        guard.env("PATH", &path).env("DOCKER_HOST", format!("tcp://127.0.0.1:{port}"));
        output(guard.stdin(Stdio::null()))
    };
    // What runs without a question here is asked about all the same.
    let raise = "raise:\n  - when: {rules: [docker.image-prune, docker.container-remove]}\n    to: confirm\n    why: shared\n";
    place.write_home(".config/guard/policy.yaml", raise);
    for (words, texts) in [
        ("docker rm -f db job", &["2 containers, 1 running", "volumes stay, its own files go"][..]),
        ("docker rm -f -v db", &["1 container, 1 running", "its unnamed volumes go too"]),
        ("docker rm job", &["1 container, 0 running", "its own files go"]),
        ("docker rm -f gone db", &["1 container, 1 running, 1 not there"]),
        ("docker rmi postgres", &["1 image, used by 1 container"]),
        ("docker image prune", &["up to 2 images without a name"]),
        ("docker image prune -a", &["up to 2 images that no container uses"]),
        ("docker volume rm pgdata", &["1 volume, used by 1 container"]),
        ("docker container prune", &["hits 1 stopped container"]),
    ] {
        let ran = ask(words);
        let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        // What did not fit on the screen is in the record.
        screen += &place.events("request").pop().unwrap_or_default().to_string();
        for text in texts {
            assert!(screen.contains(text), "{words}: {text:?} is missing:\n{}", ran.stderr);
        }
        assert!(matches!(ran.code, Some(75 | 77)), "{words}: {}", ran.stderr);
    }
    // podman has another engine: docker is not asked instead.
    let before = asked.lock().unwrap().len();
    let podman = format!("{}/podman", place.path("bin").display());
    place.marking("podman");
    let ran = ask(&format!("{podman} volume rm pgdata"));
    assert!(ran.stderr.contains("not checked"), "{}", ran.stderr);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), before);
    let reads = |line: &&String| line.starts_with("GET ") || line.starts_with("HEAD ");
    assert!(asked.iter().all(|line| reads(&line)), "{asked:?}");
}
