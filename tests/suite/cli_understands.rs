//! Options in all places, wrappers and nesting lead to the same rule as the
//! plain command.

use crate::harness::Place;

/// The rules and objects that a text leads to.
fn effects(verdict: &serde_json::Value) -> Vec<(&str, &str)> {
    let effects = verdict["effects"].as_array().unwrap().iter();
    effects.map(|e| (e["rule"].as_str().unwrap(), e["object"].as_str().unwrap())).collect()
}

#[test]
fn options_are_understood_wherever_they_stand() {
    let table = [
        ("kubectl -n prod delete ns x", "kubectl.delete-namespace", "x"),
        ("kubectl --context=prod delete ns/x", "kubectl.delete-namespace", "x"),
        ("kubectl delete --namespace prod namespace x", "kubectl.delete-namespace", "x"),
        ("terraform -chdir=a destroy", "terraform.destroy", "a"),
        ("tofu -chdir=a destroy -auto-approve", "terraform.destroy", "a"),
        (
            "aws --profile p --region r ec2 terminate-instances --instance-ids i-1",
            "aws.terminate-instances",
            "i-1",
        ),
        ("aws --profile p --region r ec2 terminate-instances", "aws.terminate-instances", ""),
        ("git -C x -c a.b=c reset --hard", "git.reset-hard", ""),
        ("git --git-dir=x/.git --work-tree x reset --hard HEAD~3", "git.reset-hard", ""),
        ("docker --context c compose -f f down -v", "docker.compose-down-volumes", ""),
        ("docker-compose -f f -p shop down --volumes", "docker-compose.down-volumes", ""),
        ("helm -n x uninstall y", "helm.uninstall", "y"),
        ("helm uninstall y --namespace x", "helm.uninstall", "y"),
        ("/usr/bin/git push origin :main", "git.push-delete", "main"),
        ("git push --delete origin main", "git.push-delete", "main"),
        ("git push origin -d main", "git.push-delete", "main"),
        ("redis-cli -h cache.example -n 2 FLUSHALL", "redis-cli.flush", ""),
        ("psql -h db.example -c 'DROP TABLE users'", "psql.drop-table", ""),
    ];
    let texts: Vec<_> = table.iter().map(|(text, ..)| *text).collect();
    for ((text, rule, object), verdict) in table.iter().zip(Place::new().verdicts(&texts)) {
        let found = effects(&verdict);
        assert!(
            found.iter().any(|(r, o)| r == rule && o.ends_with(object)),
            "{text}: {rule} {object} is not in {verdict}"
        );
        assert_eq!(verdict["unknown"], false, "{text}");
        assert!(!["allow", "notify"].contains(&verdict["tier"].as_str().unwrap()), "{text}");
    }
}

/// Ways to start `git reset --hard` through another program.
const WRAPPED: &[&str] = &[
    "sudo git reset --hard",
    "sudo -u bob -E -- git reset --hard",
    "doas -u bob git reset --hard",
    "env X=1 git reset --hard",
    "env -i -u A -C /srv X=1 git reset --hard",
    "env -S 'git reset --hard'",
    "X=1 Y=2 git reset --hard",
    "nohup git reset --hard &",
    "timeout -k 5 10 git reset --hard",
    "nice -n 5 git reset --hard",
    "nice -5 git reset --hard",
    "ionice -c 3 git reset --hard",
    "stdbuf -oL git reset --hard",
    "setsid git reset --hard",
    "time git reset --hard",
    "time -p git reset --hard",
    "/usr/bin/time -f %e git reset --hard",
    "echo x | xargs git reset --hard",
    "xargs -0 -n 1 -P 4 -I{} git reset --hard {} < list",
    "parallel git reset --hard ::: a b",
    "parallel -j 4 'git reset --hard {}' ::: a b",
    r"find . -name x -exec git reset --hard {} \;",
    "find . -name x -exec git reset --hard {} +",
    r"find . -execdir git reset --hard \;",
    "watch git reset --hard",
    "watch -n 5 'git reset --hard'",
    "flock /run/lock git reset --hard",
    "flock -n /run/lock -c 'git reset --hard'",
    "flock /run/lock --command 'git reset --hard'",
    "chroot /mnt git reset --hard",
    "chroot --userspec=a:b /mnt git reset --hard",
    "sh -c 'git reset --hard'",
    "bash -c 'git reset --hard'",
    "bash -lc 'git reset --hard'",
    "bash -euo pipefail -c 'git reset --hard'",
    "zsh -c 'git reset --hard'",
    "dash -c 'git reset --hard'",
    "/bin/sh -xc 'git reset --hard' sh a b",
    "eval 'git reset --hard'",
    "eval git reset --hard",
    "command git reset --hard",
    "command -p git reset --hard",
    "builtin eval 'git reset --hard'",
    "exec git reset --hard",
    "exec -a name git reset --hard",
    "busybox sh -c 'git reset --hard'",
    "ssh web1 git reset --hard",
    "ssh -p 22 -i key -o A=b root@web1 'git reset --hard'",
    "ssh -t web1 -- git reset --hard",
    "su -c 'git reset --hard'",
    "su - bob -c 'git reset --hard'",
    "su bob --command='git reset --hard'",
    "script -c 'git reset --hard'",
    "script -qc 'git reset --hard' /dev/null",
    "systemd-run git reset --hard",
    "systemd-run --user --scope -p A=b git reset --hard",
    "docker exec c git reset --hard",
    "docker exec -w /x -e A=b c sh -c 'git reset --hard'",
    "docker compose exec web git reset --hard",
    "kubectl exec pod -- git reset --hard",
    "kubectl -n n exec pod -c c -- sh -c 'git reset --hard'",
    // Nested.
    "sudo nohup timeout 5 git reset --hard",
    "sudo env X=1 sh -c 'git -C app reset --hard'",
    "ssh web1 \"sudo sh -c 'git reset --hard'\"",
    "docker exec c sh -c 'env X=1 bash -c \"git reset --hard\"'",
    "nohup bash -c 'sudo sh -c \"git reset --hard\"' &",
    "su -c 'ssh web1 \"docker exec c git reset --hard\"'",
    r"find . -exec sh -c 'xargs nice git reset --hard' \;",
    // Where a command can stand.
    "ls && git reset --hard",
    "false || git reset --hard",
    "ls | git reset --hard",
    "(cd x; git reset --hard)",
    "{ git reset --hard; }",
    "if true; then git reset --hard; fi",
    "for i in a b; do git reset --hard; done",
    "while ! git reset --hard; do sleep 1; done",
    "case x in *) git reset --hard;; esac",
    "f() { git reset --hard; }; f",
    "echo $(git reset --hard)",
    "echo \"`git reset --hard`\"",
    "cat <(git reset --hard)",
    "cat <<E\n$(git reset --hard)\nE",
    "echo $(( $(git reset --hard) + 1 ))",
    "coproc git reset --hard",
    "! git reset --hard",
    "A=git; $A reset --hard",
    "A='reset --hard'; git $A",
    "g''it res\"et\" $'--h\\x61rd'",
    "git {reset,--hard}",
    "bash <<< 'git reset --hard'",
    "bash <<'E'\ngit reset --hard\nE",
    "sudo -u bob bash -s a b <<'E'\ngit reset --hard\nE",
    "ssh web1 <<'E'\ngit reset --hard\nE",
    "ssh web1 'cd /srv && sudo sh' <<'E'\ngit reset --hard\nE",
    "docker exec -i c sh <<< 'git reset --hard'",
    "source /dev/stdin <<< 'git reset --hard'",
    "trap 'git reset --hard' EXIT",
];

#[test]
fn wrappers_and_places_lead_to_the_rule_of_the_inner_command() {
    let mut missed = Vec::new();
    for (text, verdict) in WRAPPED.iter().zip(Place::new().verdicts(WRAPPED)) {
        let found = effects(&verdict).iter().any(|(rule, _)| *rule == "git.reset-hard");
        let asks = !["allow", "notify"].contains(&verdict["tier"].as_str().unwrap());
        if !found || !asks {
            missed.push(format!("{text}: {verdict}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

#[test]
fn a_busybox_applet_is_the_tool() {
    let verdicts = Place::new().verdicts(&["busybox rm -rf /", "/bin/busybox rm -rf /etc"]);
    for verdict in verdicts {
        assert_eq!(effects(&verdict)[0].0, "rm.recursive", "{verdict}");
    }
}

#[test]
fn a_safe_command_beside_a_dangerous_one_buys_nothing() {
    let place = Place::new();
    let alone = &place.verdicts(&["git reset --hard"])[0];
    for text in ["git reset --hard; git status", "git status; git reset --hard", "true || git reset --hard"] {
        assert_eq!(place.verdicts(&[text])[0]["tier"], alone["tier"], "{text}");
    }
}

#[test]
fn mentioning_a_command_is_not_running_it() {
    let texts = [
        "git commit -m 'git reset --hard'",
        "echo git reset --hard",
        "echo 'rm -rf /' > notes.txt",
        "grep -r 'rm -rf' .",
        "# git reset --hard",
        "ls # ; rm -rf /",
        "cat <<'E'\n$(rm -rf /)\nE",
        "git log --grep='reset --hard'",
        "man git-reset",
        "printf '%s\\n' 'kubectl delete ns prod'",
    ];
    for (text, verdict) in texts.iter().zip(Place::new().verdicts(&texts)) {
        let tier = verdict["tier"].as_str().unwrap();
        assert!(["allow", "notify"].contains(&tier), "{text}: {verdict}");
    }
}

#[test]
fn what_cannot_be_known_is_asked_about() {
    let texts = [
        "$CMD x",
        "\"$(cat cmd)\" x",
        "sudo $CMD",
        "sh -c \"$TEXT\"",
        "eval \"$TEXT\"",
        "env $CMD",
        "xargs $CMD",
        "ssh host \"$TEXT\"",
        "\"${TOOLS[0]}\" delete",
        "$(printf r)$UNKNOWN -rf x",
        "flock /run/lock --frobnicate x",
    ];
    for (text, verdict) in texts.iter().zip(Place::new().verdicts(&texts)) {
        let tier = verdict["tier"].as_str().unwrap();
        assert!(!["allow", "notify"].contains(&tier), "{text}: {verdict}");
        assert_eq!(verdict["unknown"], true, "{text}: {verdict}");
    }
}
