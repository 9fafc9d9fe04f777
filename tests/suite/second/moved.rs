//! An approval is for this host, account, folder, argument, environment,
//! program, script, input and target, as they are.

use guard::second::Answer;

use super::desk::{DELETE, Desk, handle};
use crate::harness::{Place, output};

/// Approves a command, changes something, and runs it again.
fn changed(
    words: &[&str],
    prepare: &dyn Fn(&Place),
    change: &dyn Fn(&Place, &mut std::process::Command),
    says: &str,
) {
    let desk = Desk::new();
    prepare(&desk.place);
    let asked = desk.asked(words);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    let mut again = desk.agent(&[&["run", "--wait", "0s", "--"], words].concat());
    change(&desk.place, &mut again);
    let ran = output(&mut again);
    assert_eq!(ran.code, Some(75), "{words:?}: {}", ran.stderr);
    assert!(ran.stderr.contains(says), "{says}: {}", ran.stderr);
    assert_ne!(handle(&ran.stderr), asked, "a new request");
    assert_eq!(desk.runs(), 0, "{says}");
}

#[test]
fn each_thing_that_is_bound_voids_the_approval_when_it_changes() {
    let nothing = |_: &Place| {};
    changed(
        &DELETE,
        &nothing,
        &|_, c| {
            c.env("KUBECONFIG", "/tmp/other");
        },
        "variable KUBECONFIG: it has been set",
    );
    changed(
        &DELETE,
        &nothing,
        &|_, c| {
            c.env("LD_PRELOAD", "/tmp/x.so");
        },
        "variable LD_PRELOAD",
    );
    changed(
        &DELETE,
        &nothing,
        &|place, _| {
            place.program("kubectl", "echo x >>\"$TMPDIR/ran\"; echo EVIL");
        },
        "it is another file",
    );
    // Another program earlier in PATH.
    changed(
        &DELETE,
        &nothing,
        &|place, c| {
            std::fs::create_dir(place.path("other")).unwrap();
            std::fs::copy(place.path("bin/kubectl"), place.path("other/kubectl")).unwrap();
            let path = format!("{}:{}", place.path("other").display(), place.path("bin").display());
            c.env("PATH", format!("{path}:/usr/bin:/bin"));
        },
        "variable PATH: its value has changed",
    );
    // The folder, put back under the same name.
    changed(
        &DELETE,
        &nothing,
        &|place, c| {
            std::fs::rename(place.path("project"), place.path("moved")).unwrap();
            std::fs::create_dir_all(place.path("project/.git")).unwrap();
            c.current_dir(place.path("project"));
        },
        "it is another one",
    );
}

#[test]
fn files_that_the_command_reads_are_bound_by_content() {
    let write = |place: &Place| {
        place.write("ns.yaml", "kind: Namespace\nmetadata: {name: payments}\n");
    };
    let words = ["kubectl", "delete", "namespace", "payments", "-f", "ns.yaml"];
    let swap = |place: &Place, _: &mut std::process::Command| {
        place.write("ns.yaml", "kind: Namespace\nmetadata: {name: customers}\n");
    };
    changed(&words, &write, &swap, "ns.yaml: its content has changed");
    // A file that was not there when it was approved.
    let appear = |place: &Place, _: &mut std::process::Command| {
        place.write("ns.yaml", "kind: Namespace\n");
    };
    changed(&words, &|_| {}, &appear, "ns.yaml: it was Absent, it is File");
}

#[test]
fn the_text_of_a_script_is_bound() {
    let write = |place: &Place| {
        place.write("clean.sh", "kubectl delete namespace payments\n");
    };
    let swap = |place: &Place, _: &mut std::process::Command| {
        place.write("clean.sh", "kubectl delete namespace payments # and more\n");
    };
    changed(&["bash", "clean.sh"], &write, &swap, "clean.sh: its content has changed");
}

#[test]
fn the_cluster_behind_a_context_is_bound() {
    let config = |server: &str| {
        format!(
            "current-context: c\ncontexts: [{{name: c, context: {{cluster: k, user: u}}}}]\n\
             clusters: [{{name: k, cluster: {{server: '{server}'}}}}]\n"
        )
    };
    let write = |place: &Place| {
        place.write_home(".kube/config", config("https://10.0.0.1:6443"));
    };
    let swap = |place: &Place, _: &mut std::process::Command| {
        place.write_home(".kube/config", config("https://10.20.0.1:6443"));
    };
    changed(&DELETE, &write, &swap, "target");
}

#[test]
fn a_saved_plan_is_bound() {
    let desk = Desk::new();
    desk.place.program("terraform", "echo RAN; echo x >>\"$TMPDIR/ran\"");
    desk.place.write("plan.out", "one");
    desk.policy("raise:\n  - when: {rules: ['terraform.*']}\n    to: second-human\n    why: x\n");
    let words = ["terraform", "apply", "plan.out"];
    let asked = desk.asked(&words);
    assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
    desk.place.write("plan.out", "two");
    let ran = desk.asks(&words);
    assert!(ran.stderr.contains("plan.out: its content has changed"), "{}", ran.stderr);
    assert_eq!(desk.runs(), 0);
    assert_eq!(desk.accept(&desk.yes(&handle(&ran.stderr))).code, Some(0));
    let ran = desk.asks(&words);
    assert_eq!((ran.code, desk.runs()), (Some(0), 1), "{}", ran.stderr);
}

#[test]
fn an_approval_is_for_the_words_and_for_nothing_near_them() {
    let desk = Desk::new();
    let asked = desk.asked(&DELETE);
    let token = desk.yes(&asked);
    for words in [
        &["kubectl", "delete", "namespace", "customers"][..],
        &["kubectl", "delete", "namespace", "payments", "customers"],
        &["kubectl", "delete", "ns", "payments"],
    ] {
        let all = [&["run", "--wait", "0s", "--token", &token, "--"], words].concat();
        let ran = output(&mut desk.agent(&all));
        assert_eq!(ran.code, Some(77), "{words:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("the decision is about another request"), "{}", ran.stderr);
    }
    // On another host, by another account: another place has other requests.
    let elsewhere = Desk::new();
    elsewhere.enrol(&[("dana@example.org", &desk.key("dana"))]);
    let all = [&["run", "--wait", "0s", "--token", &token, "--"], &DELETE[..]].concat();
    let ran = output(&mut elsewhere.agent(&all));
    assert_eq!(ran.code, Some(77), "{}", ran.stderr);
    assert_eq!((desk.runs(), elsewhere.runs()), (0, 0));
    // Here, for this, it counts.
    let ran = output(&mut desk.agent(&all));
    assert_eq!((ran.code, desk.runs()), (Some(0), 1), "{}", ran.stderr);
    // Once.
    let ran = output(&mut desk.agent(&all));
    assert_eq!((ran.code, desk.runs()), (Some(77), 1), "{}", ran.stderr);
}

/// The request of another machine, account, start of the machine or time, put
/// into this store with a good signature.
#[test]
fn a_request_from_elsewhere_runs_nothing_here() {
    use guard::second::Request;
    type Change = fn(&mut Request);
    let changes: [(&str, Change); 5] = [
        ("host", |r| r.host.machine_id = "0".repeat(32)),
        ("start of the host", |r| r.host.boot_id = "0".repeat(36)),
        ("user id", |r| r.context.uid += 1),
        // The wall clock was set back after the request was made.
        ("it has been set back", |r| {
            r.created = r.created.plus(3000);
            r.expires = r.expires.plus(3000);
        }),
        // It stands still while the machine goes on.
        ("more time has passed", |r| {
            r.host.up_s = Some(0);
            r.expires = r.created.plus(30);
            r.exec_window_s = 1;
        }),
    ];
    for (what, change) in changes {
        let desk = Desk::new();
        let asked = desk.asked(&DELETE);
        let mut request = Request::read(&desk.request(&asked)).unwrap();
        change(&mut request);
        let bytes = request.write();
        let db = rusqlite::Connection::open(desk.place.path("home/.local/state/guard/guard.db"));
        let changed = db.unwrap().execute(
            "UPDATE requests SET document = ?1, sha256 = ?2",
            (&bytes, guard::second::display::sha256(&bytes)),
        );
        assert_eq!(changed.unwrap(), 1);
        let token = desk.token(&bytes, "dana@example.org", &desk.key("dana"), Answer::Approve);
        assert_eq!(desk.accept(&token).code, Some(0));
        // The same words join by their key, which the store still has.
        let ran = desk.asks(&DELETE);
        assert_ne!(ran.code, Some(0), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(what), "{what}: {}", ran.stderr);
        assert_eq!(desk.runs(), 0);
    }
}

#[test]
fn an_approval_does_not_hold_for_much_more_than_was_counted() {
    // A cluster that has so many pods.
    let client = "[ -z \"$GUARD_PROBE\" ] || exec cat \"$TMPDIR/pods\"\necho x >>\"$TMPDIR/ran\"";
    let words = ["kubectl", "-n", "prod", "delete", "pods", "--all"];
    for (later, runs) in [(5, 1), (40, 0)] {
        let desk = Desk::new();
        desk.place.client("kubectl", client);
        let pods = |n| std::fs::write(desk.place.path("tmp/pods"), "pod/x\n".repeat(n)).unwrap();
        pods(3);
        let asked = desk.asked(&words);
        let request = String::from_utf8(desk.request(&asked)).unwrap();
        assert!(request.contains("\"count\":3"), "{request}");
        assert_eq!(desk.accept(&desk.yes(&asked)).code, Some(0));
        pods(later);
        let ran = desk.asks(&words);
        assert_eq!(desk.runs(), runs, "{}", ran.stderr);
        let says = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        let grown = says.contains("3 were counted, now it is 40");
        assert_eq!((grown, ran.code), if runs == 1 { (false, Some(0)) } else { (true, Some(77)) });
    }
}
