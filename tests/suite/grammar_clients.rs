//! Real command line clients as oracles for where the subcommand is.
//!
//! They are used as parsers of their own arguments only: harmless subcommands,
//! `--help`, no network, an empty home and a clean environment. A client that is
//! not installed is skipped loudly; under CI all of them must be there.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use guard::command::grammar;
use guard::model::{Span, Word};

/// Says on standard error, past the test harness' capture, that something was
/// not tested.
pub(crate) fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED: {what}");
}

struct Client {
    program: &'static str,
    home: tempfile::TempDir,
}

impl Client {
    /// The client, if it is installed and starts at all.
    fn find(program: &'static str, version: &str) -> Option<Self> {
        let client = Self { program, home: tempfile::tempdir().unwrap() };
        let works = client.run(&[version]).is_some_and(|output| output.status.success());
        if !works {
            let ci = std::env::var_os("CI").is_some_and(|value| value == "true");
            assert!(!ci, "{program} is needed under CI, as the oracle for its command line");
            skipped(&format!("{program} is not installed: its argument parsing was not compared"));
        }
        works.then_some(client)
    }

    fn run(&self, args: &[&str]) -> Option<Output> {
        Command::new(self.program)
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH")?)
            .env("HOME", self.home.path())
            .env("LC_ALL", "C")
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
            .current_dir(self.home.path())
            .stdin(Stdio::null())
            .output()
            .ok()
    }

    fn text(&self, args: &[&str]) -> String {
        let output = self.run(args).unwrap();
        let both = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&both).into_owned()
    }
}

/// guard's subcommand, with every reading agreeing.
fn subcommand(program: &str, args: &[&str]) -> String {
    let argv: Vec<Word> =
        [program].iter().chain(args).map(|text| Word::text(*text, Span::default())).collect();
    let readings = grammar::read(&grammar::tool_name(program), &argv);
    let paths: Vec<String> = readings.iter().map(|reading| reading.subcommand.join(" ")).collect();
    assert!(paths.windows(2).all(|pair| pair[0] == pair[1]), "{args:?}: {paths:?}");
    paths.into_iter().next().unwrap()
}

/// The usage line names the subcommand the client arrived at.
fn agree(client: &Client, usage: &str, help: &str, lines: &[&[&str]]) {
    for line in lines {
        let args: Vec<&str> = line.iter().copied().chain([help]).collect();
        let text = client.text(&args);
        let ours = subcommand(client.program, &args);
        assert!(!ours.is_empty(), "{args:?}");
        assert!(
            text.contains(&format!("{usage}{ours}")),
            "{args:?}: guard reads `{ours}`, the client says:\n{text}"
        );
    }
}

#[test]
fn git_finds_the_subcommand_where_guard_does() {
    let Some(client) = Client::find("git", "--version") else { return };
    let lines: &[&[&str]] = &[
        &["-C", ".", "-c", "a.b=c", "rev-list"],
        &["-c", "a.b=c", "--no-pager", "status"],
        &["--git-dir", "x", "--work-tree=y", "diff-files"],
        &["--git-dir=x", "--bare", "branch"],
        &["-p", "--namespace", "n", "ls-files"],
        &["--literal-pathspecs", "--exec-path=/usr/lib/git-core", "merge-base"],
        &["stage"],
    ];
    for line in lines {
        let args: Vec<&str> = line.iter().copied().chain(["-h"]).collect();
        let ours = subcommand("git", &args);
        let text = client.text(&args);
        assert!(
            text.to_lowercase().contains(&format!("usage: git {ours}")),
            "{args:?}: {ours}\n{text}"
        );
    }
    let place = client.run(&["-C", ".", "-c", "a.b=c", "init", "--quiet", "r"]).unwrap();
    assert!(place.status.success());
    assert_eq!(client.text(&["-C", "r", "-c", "a.b=c", "rev-parse", "--git-dir"]).trim(), ".git");
    assert_eq!(
        subcommand("git", &["-C", "r", "-c", "a.b=c", "rev-parse", "--git-dir"]),
        "rev-parse"
    );
}

#[test]
fn kubectl_finds_the_subcommand_where_guard_does() {
    let Some(client) = Client::find("kubectl", "--help") else { return };
    let lines: &[&[&str]] = &[
        &["config", "view"],
        &["--context", "c", "config", "view"],
        &["--context=c", "-n", "p", "get", "pods"],
        &["-np", "--v=0", "rollout", "status", "deploy/x"],
        &["--kubeconfig", "k", "--request-timeout", "1s", "describe", "pod", "x"],
        &["-s", "https://127.0.0.1:1", "--insecure-skip-tls-verify", "version"],
        &["--as", "a", "--as-group", "g", "auth", "can-i", "get", "pods"],
        &["--match-server-version", "--token", "t", "explain", "pods"],
        &["get", "-o", "wide", "--show-labels", "-l", "a=b", "pods"],
    ];
    agree(&client, "  kubectl ", "--help", lines);
}

#[test]
fn docker_finds_the_subcommand_where_guard_does() {
    let Some(client) = Client::find("docker", "--version") else { return };
    let lines: &[&[&str]] = &[
        &["--log-level", "error", "volume", "ls"],
        &["--log-level=error", "-H", "unix:///x", "ps"],
        &["-D", "--config", "d", "image", "ls"],
        &["--tls", "--tlscacert", "f", "version"],
        &["-lerror", "container", "inspect"],
    ];
    agree(&client, "docker ", "--help", lines);
}

#[test]
fn terraform_finds_the_subcommand_where_guard_does() {
    let Some(client) = Client::find("terraform", "-version") else { return };
    let lines: &[&[&str]] = &[
        &["-chdir=.", "workspace", "list"],
        &["-chdir=.", "state", "show"],
        &["-chdir=.", "version"],
        &["validate"],
        &["--chdir=.", "providers"],
    ];
    agree(&client, "Usage: terraform [global options] ", "-help", lines);
}

#[test]
fn aws_finds_the_operation_where_guard_does() {
    let Some(client) = Client::find("aws", "--version") else { return };
    let lines: &[(&[&str], &str)] = &[
        (&["--region", "r", "ec2", "describe-instances"], "InstanceIds"),
        (&["ec2", "--output", "json", "describe-instances"], "InstanceIds"),
    ];
    for (line, expected) in lines {
        let args: Vec<&str> = line.iter().copied().chain(["--generate-cli-skeleton"]).collect();
        assert_eq!(subcommand("aws", &args), "ec2 describe-instances");
        let text = client.text(&args);
        assert!(text.contains(expected), "{args:?}\n{text}");
    }
}
