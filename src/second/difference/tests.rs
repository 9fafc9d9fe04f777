#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::{About, differences};
use crate::second::Request;
use crate::second::request::{FileKind, Input, Role, Trust, Variable};

fn published() -> Request {
    Request::read(include_bytes!("../../../tests/fixtures/approval/request.json")).unwrap()
}

fn input(path: &str, hash: char) -> Input {
    Input {
        role: Role::Input,
        path: path.into(),
        kind: FileKind::File,
        dev: None,
        ino: None,
        size: Some(1),
        sha256: Some(hash.to_string().repeat(64)),
    }
}

#[test]
fn the_same_command_run_again_is_no_difference() {
    let asked = published();
    let mut again = asked.clone();
    again.id = "00000000-0000-4000-8000-000000000000".into();
    again.nonce = "0".repeat(32);
    again.created = again.created.plus(60);
    again.expires = again.expires.plus(60);
    again.requester.reason = None;
    again.requester.ancestry.clear();
    assert_eq!(differences(&asked, &again), []);
}

/// Every bound fact, changed alone, is named.
#[test]
fn each_bound_fact_that_changes_is_named() {
    type Change = fn(&mut Request);
    let changes: &[(&str, About, Change)] = &[
        ("host", About::Place, |r| r.host.machine_id = "0".repeat(32)),
        ("start of the host", About::Place, |r| r.host.boot_id.push('0')),
        ("account", About::Place, |r| r.requester.uid = 0),
        ("user id", About::Place, |r| r.context.uid = 0),
        ("group id", About::Place, |r| r.context.gid = 0),
        ("groups", About::Place, |r| r.context.groups.push(0)),
        ("agent", About::Place, |r| r.requester.agent = None),
        ("the command", About::State, |r| r.command.argv_b64[5] = "eA==".into()),
        ("the command", About::State, |r| r.command.shell_text = None),
        ("program", About::State, |r| r.command.exe.path.push('2')),
        ("another file", About::State, |r| r.command.exe.ino = "1".into()),
        ("another file", About::State, |r| r.command.exe.sha256 = "0".repeat(64)),
        ("become part", About::State, |r| r.command.inputs.push(input("new", '0'))),
        ("standard input", About::State, |r| r.command.stdin.size = Some(1)),
        ("target", About::State, |r| r.targets[0].server = Some("https://10.0.0.1".into())),
        ("target", About::State, |r| r.targets.clear()),
        ("folder", About::State, |r| r.context.cwd.path.push('x')),
        ("another one", About::State, |r| r.context.cwd.ino = "1".into()),
        ("umask", About::State, |r| r.context.umask = "0000".into()),
        ("KUBECONFIG", About::State, |r| r.context.env[1].value = Some("/x".into())),
        ("KUBE_TOKEN", About::State, |r| r.context.env[3].hmac_sha256 = Some("0".repeat(64))),
        ("PATH", About::State, |r| drop(r.context.env.remove(2))),
        ("AWS_PROFILE", About::State, |r| {
            r.context.env.push(Variable {
                name: "AWS_PROFILE".into(),
                value: Some("prod".into()),
                hmac_sha256: None,
            });
        }),
        ("taken away", About::State, |r| drop(r.context.env_stripped.pop())),
        ("policy in force", About::Policy, |r| r.policy.sha256 = "0".repeat(64)),
        ("tier", About::Policy, |r| r.policy.tier = "deny".into()),
        ("rules", About::Policy, |r| r.policy.rules.clear()),
        ("who has to agree", About::Policy, |r| r.policy.quorum.approvals = 2),
        ("who has to agree", About::Policy, |r| r.policy.quorum.require.clear()),
        ("list of approvers", About::Policy, |r| {
            r.trust = Some(Trust { sha256: "0".repeat(64), mode: "advise".into() });
        }),
    ];
    let asked = published();
    for (words, about, change) in changes {
        let mut now = asked.clone();
        change(&mut now);
        let found = differences(&asked, &now);
        assert_eq!(found.len(), 1, "{words}: {found:?}");
        assert!(found[0].text.contains(words), "{words}: {found:?}");
        assert_eq!(found[0].about, *about, "{words}");
    }
}

#[test]
fn a_file_that_is_rewritten_replaced_or_gone_is_named() {
    let mut asked = published();
    asked.command.inputs = vec![input("plan.out", 'a')];
    for (words, now) in [
        ("plan.out: its content has changed", vec![input("plan.out", 'b')]),
        (
            "plan.out: it is another file",
            vec![Input { ino: Some("9".into()), ..input("plan.out", 'a') }],
        ),
        (
            "plan.out: it was File, it is Absent",
            vec![Input { kind: FileKind::Absent, ..input("plan.out", 'a') }],
        ),
        ("plan.out: it is no longer part", vec![]),
    ] {
        let mut live = asked.clone();
        live.command.inputs = now;
        let found = differences(&asked, &live);
        assert_eq!(found.len(), 1);
        assert!(found[0].text.starts_with(words), "{found:?}");
    }
}

#[test]
fn much_more_than_was_counted_is_a_difference_and_a_little_is_not() {
    use crate::second::difference::grown;
    use crate::second::seen::{Effect, Seen};
    let seen = |count| Seen {
        effects: vec![Effect {
            objects_sha256: None,
            rule: "rm.recursive".to_owned(),
            object: "path out".to_owned(),
            hits: String::new(),
            count,
            undo: String::new(),
            environment: String::new(),
            seen_by: None,
            identity: None,
        }],
        before: Vec::new(),
    };
    for (before, after, differs) in [
        (Some(3), Some(16), false),
        (Some(3), Some(17), true),
        (Some(1000), Some(2010), false),
        (Some(1000), Some(5000), true),
        (Some(1000), Some(3), false),
        (Some(1000), None, false),
        (None, Some(1000), false),
        (Some(u64::MAX), Some(u64::MAX), false),
    ] {
        let found = grown(Some(&seen(before)), &seen(after));
        assert_eq!(!found.is_empty(), differs, "{before:?} {after:?}: {found:?}");
    }
    assert_eq!(grown(None, &seen(Some(1000))), []);
    // Known object by object: the same ones, and known again.
    let of = |objects: Option<&str>| {
        let mut seen = seen(Some(3));
        seen.effects[0].objects_sha256 = objects.map(str::to_owned);
        seen
    };
    for (before, after, differs) in [
        (Some("a"), Some("a"), false),
        (Some("a"), Some("b"), true),
        (Some("a"), None, true),
        (None, Some("b"), false),
    ] {
        let found = grown(Some(&of(before)), &of(after));
        assert_eq!(!found.is_empty(), differs, "{before:?} {after:?}: {found:?}");
    }
    assert_eq!(grown(Some(&of(Some("a"))), &Seen::default()).len(), 1);
}
