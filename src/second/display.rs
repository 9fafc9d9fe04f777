//! The text that an approver is shown, `guard-text/1`: the same bytes for the
//! same request, everywhere, so that its hash in the decision is evidence of
//! what was seen.
//!
//! Everything that is not printable ASCII is written as an escape. Nothing is
//! cut: a request that is too long to be shown is too long to be signed.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use super::handle::handle;
use super::request::{FileKind, Input, Proof, Quorum, Request, Role, Stdin, StdinKind, Target};

/// Name and version of this rendering.
pub const RENDERER: &str = "guard-text/1";

/// Renders a request. `bytes` are its exact bytes, for the handle.
#[must_use]
pub fn display(request: &Request, bytes: &[u8]) -> String {
    let mut out = format!("guard request {}   (renderer {RENDERER})\n", handle(bytes));
    who(&mut out, request);
    let context = &request.context;
    let _ =
        writeln!(out, "WHERE  {}   cwd {}", ascii(&request.host.name), ascii(&context.cwd.path));
    if let Some(reason) = &request.requester.reason {
        let _ = writeln!(out, "WHY    {}", ascii(reason));
    }
    let exe = &request.command.exe;
    let _ = writeln!(out, "RUN    {} sha256:{}", ascii(&exe.path), short(&exe.sha256));
    for (index, word) in request.command.argv_b64.iter().enumerate() {
        let word = BASE64.decode(word).unwrap_or_default();
        let _ = writeln!(out, "  [{index}]  {}", bytes_as_ascii(&word));
    }
    for file in &request.command.inputs {
        input(&mut out, file);
    }
    let _ = writeln!(out, "STDIN  {}", stdin(&request.command.stdin));
    for target in &request.targets {
        let _ = writeln!(out, "TARGET {}", target_line(target));
    }
    if let Some(seen) = &request.seen {
        for effect in &seen.effects {
            let _ = writeln!(out, "SEEN   {}", ascii(&effect.line()));
        }
        for before in &seen.before {
            let _ = writeln!(out, "BEFORE {}", ascii(before));
        }
    }
    let policy = &request.policy;
    let rules: Vec<String> = policy.rules.iter().map(|rule| ascii(rule)).collect();
    let needs: Vec<String> = request.quorums().map(quorum).collect();
    let (rules, needs) = (rules.join(", "), needs.join("; and "));
    let _ = writeln!(out, "RULES  {rules} ({})   needs {needs}", ascii(&policy.tier));
    let _ = writeln!(
        out,
        "UNTIL  decide by {}, then runs within {} s",
        request.expires, request.exec_window_s
    );
    out
}

/// SHA-256 of a rendered text, hexadecimal.
#[must_use]
pub fn sha256(text: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(text).into();
    hex(&hash)
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn who(out: &mut String, request: &Request) {
    let requester = &request.requester;
    let user = ascii(&requester.user);
    let _ = match &requester.principal {
        Some(name) => write!(out, "WHO    {} (uid {} {user})", ascii(name), requester.uid),
        None => write!(out, "WHO    {user} (uid {})", requester.uid),
    };
    match (&requester.agent, &requester.actor) {
        (Some(agent), _) => {
            let _ = write!(out, " via agent {}", ascii(&agent.name));
        }
        (None, Some(actor)) if actor != "human" => {
            let _ = write!(out, " via {}", ascii(actor));
        }
        _ => {}
    }
    out.push('\n');
}

fn input(out: &mut String, file: &Input) {
    let role = match file.role {
        Role::Program => "RUNS  ",
        Role::Script => "SCRIPT",
        Role::Input => "INPUT ",
        Role::Target => "ACTS ON",
        Role::Config => "CONFIG",
    };
    let path = ascii(&file.path);
    let _ = match (file.kind, &file.sha256) {
        (FileKind::Absent, _) => writeln!(out, "{role} {path} (does not exist)"),
        (FileKind::Folder, Some(hash)) => {
            writeln!(out, "{role} {path} (folder) sha256:{}", short(hash))
        }
        (FileKind::Folder, None) => writeln!(out, "{role} {path} (folder)"),
        (_, Some(hash)) => writeln!(out, "{role} {path} sha256:{}", short(hash)),
        (_, None) => writeln!(out, "{role} {path}"),
    };
}

fn stdin(stdin: &Stdin) -> String {
    let content = || {
        let hash = stdin.sha256.as_deref().map(short).unwrap_or_default();
        format!("{} bytes sha256:{hash}", stdin.size.unwrap_or(0))
    };
    match stdin.kind {
        StdinKind::None => "none".to_owned(),
        StdinKind::Tty => "terminal".to_owned(),
        StdinKind::File => format!("file, {}", content()),
        StdinKind::Data => format!("data, {}", content()),
    }
}

fn target_line(target: &Target) -> String {
    let mut out = ascii(&target.kind);
    for part in
        [&target.context, &target.account, &target.region, &target.server].into_iter().flatten()
    {
        let _ = write!(out, " {}", ascii(part));
    }
    if let Some(user) = &target.user {
        let _ = write!(out, " as {}", ascii(user));
    }
    if let Some(namespace) = &target.namespace {
        let _ = write!(out, ", namespace {}", ascii(namespace));
    }
    out
}

/// `1 of sre, touch`.
#[must_use]
pub fn quorum(quorum: &Quorum) -> String {
    let groups: Vec<String> = quorum.groups.iter().map(|group| ascii(group)).collect();
    let of = if groups.is_empty() { "the approvers".to_owned() } else { groups.join(" or ") };
    let mut out = format!("{} of {of}", quorum.approvals);
    for proof in &quorum.require {
        out += match proof {
            Proof::Touch => ", touch",
            Proof::Uv => ", uv",
        };
    }
    out
}

fn short(hash: &str) -> String {
    ascii(hash.get(..16).unwrap_or(hash))
}

/// Text in printable ASCII: backslashes doubled, everything else escaped.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            ' '..='~' => out.push(c),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
        }
    }
    out
}

/// The same for bytes; those that are not UTF-8 as `\xNN`.
fn bytes_as_ascii(bytes: &[u8]) -> String {
    crate::text::utf8_or(bytes, |valid, out| *out += &ascii(valid))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Request, bytes_as_ascii, display, sha256};

    const REQUEST: &[u8] = include_bytes!("../../tests/fixtures/approval/request.json");
    const DISPLAY: &str = include_str!("../../tests/fixtures/approval/display.txt");

    #[test]
    fn the_published_request_is_shown_as_published() {
        let request = Request::read(REQUEST).unwrap();
        let shown = display(&request, REQUEST);
        assert_eq!(shown, DISPLAY);
        assert_eq!(
            sha256(shown.as_bytes()),
            "1fd51726633ee6e13b1fe0c579b44bf52d254b9ca1af9f393550f8386d017c69"
        );
    }

    #[test]
    fn every_word_is_shown_so_that_it_can_be_told_from_any_other() {
        assert_eq!(bytes_as_ascii(b"a b"), "a b");
        assert_eq!(
            bytes_as_ascii("\u{202e}é\\u{e9}\u{1b}[2K".as_bytes()),
            "\\u{202e}\\u{e9}\\\\u{e9}\\u{1b}[2K"
        );
        assert_eq!(bytes_as_ascii(b"\xff\n"), "\\xff\\n");
    }

    #[test]
    fn what_a_newer_request_binds_is_shown_too() {
        let mut request = Request::read(REQUEST).unwrap();
        request.requester.principal = None;
        request.command.inputs = serde_json::from_str(
            r#"[{"role":"script","path":"/srv/x.sh","kind":"file","size":3,"sha256":"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"},
                {"role":"target","path":"build","kind":"folder","dev":"1","ino":"2"},
                {"role":"input","path":"a.yaml","kind":"absent"}]"#,
        )
        .unwrap();
        request.policy.also = vec![super::Quorum { approvals: 2, ..Default::default() }];
        let bytes = request.write();
        let shown = display(&request, &bytes);
        insta::assert_snapshot!(shown.lines().skip(1).collect::<Vec<_>>().join("\n"), @r#"
        WHO    alice (uid 1000) via agent claude-code
        WHERE  build-7.example.org   cwd /srv/deploy
        WHY    tear down the old payments namespace (CHG-4711)
        RUN    /usr/local/bin/kubectl sha256:db2fe6f7d581896b
          [0]  kubectl
          [1]  --context
          [2]  prod-eu
          [3]  delete
          [4]  namespace
          [5]  payments
        SCRIPT /srv/x.sh sha256:0011223344556677
        ACTS ON build (folder)
        INPUT  a.yaml (does not exist)
        STDIN  none
        TARGET kubernetes prod-eu https://10.20.0.1:6443 as deployer, namespace payments
        RULES  k8s.delete-namespace (critical)   needs 1 of sre, touch; and 2 of the approvers
        UNTIL  decide by 2026-11-22T09:45:00Z, then runs within 300 s
        "#);
    }
}
