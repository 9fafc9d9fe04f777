//! What a change in a cluster would meet, by the real kubectl on a double of its
//! server, which records what was asked.

use crate::incidents::Cluster;

const FRONT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: front\n  namespace: stage\n\
                     ---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: new\n  namespace: stage\n";

fn asks(cluster: &Cluster, words: &str, texts: &[&str]) {
    let words: Vec<&str> =
        ["run", "--wait", "0s", "--"].into_iter().chain(words.split(' ')).collect();
    let late = |text: &str| ["timed out", "no probe answered"].iter().any(|l| text.contains(l));
    let mut ran = cluster.guard(&words);
    // A busy machine may need longer than guard waits.
    for _ in 0..5 {
        if !late(&ran.stderr) {
            break;
        }
        ran = cluster.guard(&words);
    }
    let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    // What did not fit on the screen is in the record.
    screen += &cluster.place.events("request").pop().unwrap_or_default().to_string();
    for text in texts {
        assert!(screen.contains(text), "{words:?}: {text:?} is missing:\n{}", ran.stderr);
    }
    assert!(matches!(ran.code, Some(75 | 77)), "{words:?}: {:?}: {}", ran.code, ran.stderr);
}

#[test]
fn a_change_is_shown_with_what_runs_now_and_nothing_but_gets_is_sent() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let raise = "raise:\n  - when: {rules: [kubectl.rollout-restart, kubectl.apply]}\n    to: confirm\n    why: shared\n";
    cluster.place.write_home(".config/guard/policy.yaml", raise);
    let front = "1 object, 2 of 3 replicas ready";
    for (words, texts) in [
        (
            "kubectl -n stage rollout undo deploy/front",
            &[front, "revision 7 → the one before, all pods at once (Recreate)"][..],
        ),
        ("kubectl -n stage rollout undo deployment front --to-revision=3", &["revision 7 → 3"]),
        ("kubectl -n stage rollout restart deploy/front", &[front, "all pods at once"]),
        (
            "kubectl -n stage set image deploy/front front=shop/front:2.0",
            &[front, "image shop/front:1.4 → shop/front:2.0"],
        ),
        (
            r#"kubectl -n stage patch deploy front -p {"spec":{"replicas":0}}"#,
            &[front, "replicas 3 → 0"],
        ),
        (
            r#"kubectl -n stage patch deploy front --type=json -p [{"op":"replace","path":"/spec/replicas","value":9}]"#,
            &["replicas 3 → 9"],
        ),
        ("kubectl -n stage rollout restart deploy/none", &["nothing there"]),
    ] {
        asks(&cluster, words, texts);
    }
    cluster.place.write("front.yaml", FRONT);
    asks(&cluster, "kubectl apply -f front.yaml", &["1 of 2 there already: 1 deployment"]);
    let unknown = "apiVersion: example.com/v1\nkind: Shop\nmetadata:\n  name: a\n";
    cluster.place.write("shop.yaml", unknown);
    let texts = ["T2 confirm", "kinds that the cluster does not know yet"];
    asks(&cluster, "kubectl apply -f shop.yaml", &texts);
    asks(&cluster, "kubectl replace --force -f front.yaml", &["1 of 2 there already"]);
    asks(&cluster, "kubectl delete -f front.yaml", &["1 deployment"]);
    cluster.asked_only();
}

#[test]
fn what_a_workload_owns_goes_with_it_and_is_counted() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let owned = "1 deployment, 3 Pods, 1 ReplicaSet with them";
    asks(&cluster, "kubectl -n stage delete deploy front", &[owned]);
    asks(&cluster, "kubectl -n stage delete deploy -l app=front", &[owned]);
    asks(&cluster, "kubectl -n stage delete deploy none", &["nothing there"]);
    cluster.asked_only();
    let Some(cluster) = Cluster::start(&["--fail-list", "replicasets"]) else { return };
    asks(
        &cluster,
        "kubectl -n stage delete deploy front",
        &["1 deployment, their pods not counted"],
    );
    cluster.asked_only();
}

#[test]
fn a_node_is_shown_with_its_pods_the_other_nodes_and_the_budgets() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let texts = ["3 pods, 1 of 2 nodes, 1 ready", "1 of 2 disruption budgets allow none now"];
    asks(&cluster, "kubectl drain n1", &texts);
    asks(&cluster, "kubectl delete node n1", &texts);
    cluster.asked_only();
    let Some(cluster) = Cluster::start(&["--fail-list", "poddisruptionbudgets"]) else { return };
    asks(&cluster, "kubectl drain n1", &["3 pods, 1 of 2 nodes, 1 ready"]);
}
