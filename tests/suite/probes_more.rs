//! What is looked at on this machine and in a cluster before a question: with
//! the real programs where this machine has them.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use crate::harness::{Output, Place, output};

fn flat(ran: &Output) -> String {
    ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shows(ran: &Output, texts: &[&str]) {
    let screen = flat(ran);
    for text in texts {
        assert!(screen.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
    assert!(matches!(ran.code, Some(75 | 77)), "{}", ran.stderr);
}

/// The programs of this machine in the place, by their full paths.
fn real(place: &Place, name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    match found {
        Some(file) => {
            place.client(name, &format!("exec '{}' \"$@\"", file.display()));
            true
        }
        None => {
            let missing = format!("{name} is not installed");
            assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "{missing}");
            eprintln!("SKIPPED: {missing}");
            false
        }
    }
}

#[test]
fn a_release_is_shown_with_its_objects_and_what_outlives_it() {
    let place = Place::new();
    place.client(
        "helm",
        "case \"$*\" in\n\
         '-n staging get manifest -- web') printf -- '---\\nkind: PersistentVolumeClaim\\n---\\nkind: Ingress\\n---\\nkind: Deployment\\n---\\nkind: Secret\\nmetadata:\\n  annotations:\\n    helm.sh/resource-policy: keep\\n' ;;\n\
         '-n staging history --max 2 -o json -- web') echo '[{\"revision\":6},{\"revision\":7,\"chart\":\"web-1.2\",\"status\":\"deployed\"}]' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    let ran = place.run(["--", "helm", "uninstall", "web", "-n", "staging"]);
    shows(
        &ran,
        &[
            "1 PVC, 1 Ingress, 1 Deployment; 1 kept",
            "1 volume claim with data",
            "1 entrance to the outside",
        ],
    );
    let ran = place.run(["--", "helm", "-n", "staging", "rollback", "web", "5"]);
    shows(&ran, &["revision 7 (web-1.2, deployed) → 5", "helm rollback web 7"]);
    assert!(!place.path("tmp/other").exists());
    let ran = place.run(["--", "helm", "uninstall", "gone", "-n", "staging"]);
    shows(&ran, &["count unknown (helm: "]);
}

#[test]
fn units_that_need_what_is_stopped_are_named_for_sudo_too() {
    let place = Place::new();
    place.client(
        "systemctl",
        "[ \"$1 $2\" = 'list-dependencies --reverse' ] || exit 1\n\
         printf 'db.service\\n● web.service\\n●   worker.service\\n○ multi-user.target\\n'",
    );
    place.client("sudo", "exec \"$@\"");
    for call in [&["systemctl", "stop", "db"][..], &["sudo", "systemctl", "stop", "db"]] {
        let ran = place.run([&["--"], call].concat());
        shows(&ran, &["1 unit, needed by 2 (web.service, worker.service)"]);
    }
    let ran = place.run(["--", "systemctl", "-H", "web-1", "stop", "db"]);
    shows(&ran, &["not checked"]);
}

#[test]
fn processes_that_a_pattern_fits_are_counted_and_none_is_signalled() {
    let place = Place::new();
    if !real(&place, "pgrep") {
        return;
    }
    // A name of its own, so that other tests' processes do not count, and one
    // that means something else as a pattern.
    let name = format!("g{}+x", std::process::id());
    let sleep = place.executable(&name, std::fs::read("/bin/sleep").unwrap());
    let mut children: Vec<_> = (0..3)
        .map(|_| Command::new(&sleep).arg("60").stdin(Stdio::null()).spawn().unwrap())
        .collect();
    let group = format!("^{name}$");
    let ran = place.run(["--", "pkill", "-v", &group]);
    assert!(flat(&ran).contains(" processes"), "{}", ran.stderr);
    let ran = place.run(["--", "killall", "-u", "root", &name]);
    let screen = flat(&ran);
    if nix::unistd::geteuid().is_root() {
        assert!(screen.contains(&format!("3 processes: 3 {name}")), "{}", ran.stderr);
    } else {
        assert!(screen.contains("0 processes"), "{}", ran.stderr);
    }
    for child in &mut children {
        assert!(child.try_wait().unwrap().is_none(), "it was signalled");
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn packages_that_go_along_are_named_and_essential_ones_are_said() {
    let place = Place::new();
    place.client(
        "apt-get",
        "case \"$*\" in\n\
         '-s remove -- jq') printf 'Remv yq [3]\\nRemv jq [1]\\n' ;;\n\
         '-s purge -- bash') printf 'WARNING: The following essential packages will be removed.\\nPurg bash [5]\\n' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 100 ;;\nesac",
    );
    let ran = place.run(["--", "apt-get", "remove", "-y", "jq"]);
    shows(&ran, &["2 packages, 1 not named: yq", "[apt-get install]"]);
    let ran = place.run(["--", "apt", "purge", "bash"]);
    shows(&ran, &["1 package", "essential: it may not start again"]);
    assert!(!place.path("tmp/other").exists());
    // The real one removes nothing.
    if std::path::Path::new("/usr/bin/apt-get").is_file() && real(&place, "apt-get") {
        let ran = place.run(["--", "apt-get", "purge", "-y", "bash"]);
        // On a busy machine it takes longer than a probe may.
        let screen = flat(&ran);
        let told = ["essential: it may not start again", "probe timed out after 3 s"];
        assert!(told.iter().any(|text| screen.contains(text)), "{}", ran.stderr);
        assert!(std::path::Path::new("/bin/bash").exists());
    }
}

#[test]
fn volumes_of_a_compose_project_are_named() {
    let place = Place::new();
    place.client(
        "docker",
        "case \"$*\" in\n\
         'compose -f prod.yml config --volumes') printf 'pgdata\\ncache\\n' ;;\n\
         'compose -f prod.yml ps -a -q') printf '1\\n2\\n3\\n' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    let ran = place.run(["--", "docker", "compose", "-f", "prod.yml", "down", "-v"]);
    shows(&ran, &["2 volumes (pgdata, cache), 3 containers", "a volume has no copy"]);
    assert!(!place.path("tmp/other").exists());
}

#[test]
fn an_address_is_only_asked_for_its_head_and_without_credentials() {
    let place = Place::new();
    if !real(&place, "curl") {
        return;
    }
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let asked = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for stream in server.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 4096];
            let n = stream.read(&mut buffer).unwrap();
            let head = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let last = head.starts_with("GET /end");
            let answer =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 7\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes());
            heads.push(head);
            if last {
                return heads;
            }
        }
        heads
    });
    let raise =
        "raise:\n  - when: {rules: [curl.delete-local]}\n    to: confirm\n    why: shared server\n";
    place.write_home(".config/guard/policy.yaml", raise);
    place.write_home(".curlrc", "header = \"X-Secret: 1\"\n");
    let address = format!("http://127.0.0.1:{port}/v1/orders/7");
    let ran = place.run(["--", "curl", "-s", "-X", "DELETE", &address]);
    shows(&ran, &["it is there (HTTP 200 of application/json, 7 bytes)"]);
    // Another question with these: nothing is asked.
    for more in [&["-H", "Authorization: x"][..], &["-u", "me:word"], &["-x", "http://[::1]:1"]] {
        let ran = place.run([&["--", "curl", "-X", "DELETE"], more, &[&address]].concat());
        assert!(!flat(&ran).contains("it is there"), "{}", ran.stderr);
    }
    let query = format!("{address}?run=now");
    assert!(!flat(&place.run(["--", "curl", "-X", "DELETE", &query])).contains("it is there"));
    let mut end = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    end.write_all(b"GET /end HTTP/1.0\r\n\r\n").unwrap();
    let heads = asked.join().unwrap();
    assert_eq!(heads.len(), 2, "{heads:?}");
    assert!(heads[0].starts_with("HEAD /v1/orders/7 HTTP/1.1\r\n"), "{heads:?}");
    assert!(!heads[0].to_lowercase().contains("x-secret"), "{heads:?}");
}

#[test]
fn git_looks_at_each_of_many_tracked_files_only_when_that_decides() {
    let place = Place::new();
    if !real(&place, "git") {
        return;
    }
    let asked = place.path("tmp/asked");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let git = std::env::split_paths(&path).map(|dir| dir.join("git")).find(|file| file.is_file());
    let git = git.unwrap();
    let log = format!("echo \"$*\" >>'{}'; exec '{}' \"$@\"", asked.display(), git.display());
    std::fs::remove_dir_all(place.path("project/.git")).unwrap();
    for n in 0..2100 {
        place.write(&format!("big/{}/{n}", n % 7), "x");
    }
    for words in ["init -q", "add big", "-c user.name=a -c user.email=a@b commit -q -m all"] {
        let mut command = place.command("git");
        command.args(words.split(' ')).stdin(Stdio::null());
        assert_eq!(output(&mut command).code, Some(0), "git {words}");
    }
    place.client("git", &log);
    let words = ["run", "--wait", "0s", "--", "rm", "-rf", "big"];
    place.write("big/more", "x");
    shows(&place.run(words), &["1 not in git, of 2101 files", "git does not hold all"]);
    assert!(!asked.exists(), "git was started for what stands in its index");
    std::fs::remove_file(place.path("project/big/more")).unwrap();
    place.write("big/0/0", "changed");
    shows(&place.run(words), &["1 with uncommitted changes, of 2100 files"]);
    let questions = std::fs::read_to_string(&asked).unwrap();
    assert!(questions.contains("status") && !questions.contains("ls-files"), "{questions}");
    // What git was told to take as unchanged is not taken for committed, nor is
    // it where the index is split and git itself is asked.
    let update = |words: &str| {
        let mut command = place.command(git.to_str().unwrap());
        command.arg("update-index").args(words.split(' ')).stdin(Stdio::null());
        assert_eq!(output(&mut command).code, Some(0), "git update-index {words}");
    };
    update("--assume-unchanged big/0/0");
    shows(&place.run(words), &["1 that git was told not to look at, of 2100 files"]);
    update("--split-index");
    shows(&place.run(words), &["1 that git was told not to look at, of 2100 files"]);
    assert!(std::fs::read_to_string(&asked).unwrap().contains("ls-files -v -z"));
    update("--no-split-index");
    update("--no-assume-unchanged big/0/0");
    // All of it is committed: nothing is asked then.
    place.write("big/0/0", "x");
    place.marking("rm");
    assert_eq!(place.run(words).code, Some(0));
    assert!(place.ran("rm"));
}

#[test]
fn a_repository_that_goes_with_its_files_does_not_hold_them() {
    let place = Place::new();
    if !real(&place, "git") {
        return;
    }
    place.marking("rm");
    place.write("inner/a", "x");
    for words in ["init -q inner", "-C inner add a"] {
        let mut command = place.command("git");
        command.args(words.split(' ')).stdin(Stdio::null());
        assert_eq!(output(&mut command).code, Some(0), "git {words}");
    }
    let mut command = place.command("git");
    command.args([
        "-C",
        "inner",
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "commit",
        "-qm",
        "a",
    ]);
    assert_eq!(output(command.stdin(Stdio::null())).code, Some(0));
    let ran = place.run(["run", "--wait", "0s", "--", "rm", "-rf", "inner"]);
    shows(&ran, &["1 git repository"]);
    assert!(!flat(&ran).contains("committed"), "{}", ran.stderr);
    assert!(!place.ran("rm"));
}

/// A database in a cloud has a snapshot for every night, which goes with it.
#[test]
fn snapshots_that_go_with_their_database_are_no_undo() {
    let place = Place::new();
    let snapshot = |id: &str| {
        format!(
            "echo '{{\"DBSnapshots\":[{{\"DBSnapshotIdentifier\":\"{id}\",\
             \"SnapshotCreateTime\":\"2026-01-02T03:04:05+00:00\"}}]}}'"
        )
    };
    let client = |by_hand: &str| {
        let script = format!(
            "case \"$*\" in\n\
             *describe-db-instances*) echo '{{\"DBInstances\":[{{\"Engine\":\"mysql\",\"AllocatedStorage\":5}}]}}' ;;\n\
             *describe-db-snapshots*--snapshot-type=manual*) {by_hand} ;;\n\
             *describe-db-snapshots*) {} ;;\n *) exit 1 ;;\nesac",
            snapshot("rds:shop-night")
        );
        place.client("aws", &script);
    };
    let words = ["--", "aws", "rds", "delete-db-instance", "--db-instance-identifier", "shop"];
    client("echo '{\"DBSnapshots\":[]}'");
    let ran = place.run(words);
    shows(&ran, &["1 mysql database of 5 GiB", "no snapshot made by hand, and no last one"]);
    assert!(!flat(&ran).contains("shop-night"), "{}", ran.stderr);
    client(&snapshot("kept"));
    shows(&place.run(words), &["snapshot kept "]);
}
