//! Casebook: public incidents, replayed as closely as files, git and a stand-in
//! for a cluster allow. Each ends at the tier that it should have had, and the
//! screen holds the fact that decided it. Nothing destructive ever runs: guard
//! stops before it, and `rm` and `kubectl delete` are stand-ins besides.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Output, Place, output, root};

/// A screen without its line breaks.
fn flat(ran: &Output) -> String {
    ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shows(ran: &Output, code: i32, texts: &[&str]) {
    let screen = flat(ran);
    for text in texts {
        assert!(screen.contains(text), "{text:?} is missing:\n{}", ran.stderr);
    }
    assert_eq!(ran.code, Some(code), "{}", ran.stderr);
}

pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// guard with the PATH of the tests behind the stand-ins.
fn guard(place: &Place, words: &[&str]) -> Command {
    let mut command = place.guard(words);
    let path = std::env::var("PATH").unwrap_or_default();
    command.stdin(Stdio::null()).env("PATH", format!("{}:{path}", place.path("bin").display()));
    command
}

fn git_as(place: &Place, dir: &str, who: &str, args: &[&str]) -> String {
    let mut command = place.command("git");
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.args(args).env("PATH", path).current_dir(place.path(dir));
    for role in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{role}_NAME"), who)
            .env(format!("GIT_{role}_EMAIL"), "x@example.org");
    }
    let ran = output(&mut command);
    assert_eq!(ran.code, Some(0), "{args:?}: {}", ran.stderr);
    ran.stdout
}

/// A repository with a remote, and a clone of somebody else's.
fn repository() -> Option<Place> {
    if find("git").is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "git is missing");
        eprintln!("SKIPPED: git is not on this machine");
        return None;
    }
    let place = Place::new();
    std::fs::remove_dir_all(place.path("project/.git")).unwrap();
    place.write_home(".gitconfig", "[user]\nname = ana\nemail = ana@example.org\n");
    git_as(&place, "tmp", "ana", &["init", "-q", "--bare", "-b", "main", "remote.git"]);
    git_as(&place, "project", "ana", &["init", "-q", "-b", "main"]);
    for n in 0..160 {
        place.write(&format!("src/f{n}.txt"), "committed\n");
    }
    place.write("docs/guide.txt", "committed\n");
    place.write(".gitignore", "target/\n");
    git_as(&place, "project", "ana", &["add", "."]);
    git_as(&place, "project", "ana", &["commit", "-q", "-m", "start"]);
    let remote = place.path("tmp/remote.git");
    git_as(&place, "project", "ana", &["remote", "add", "origin", remote.to_str().unwrap()]);
    git_as(&place, "project", "ana", &["push", "-q", "-u", "origin", "main"]);
    Some(place)
}

#[test]
fn i09_a_recursive_delete_of_the_root_is_refused_before_anything_is_looked_at() {
    let place = Place::new();
    place.marking("rm");
    for target in ["/", "/./", "/usr/.."] {
        let begun = Instant::now();
        let ran = place.run(["--", "rm", "-rf", target]);
        shows(&ran, 77, &["T5 deny"]);
        assert!(!ran.stderr.contains(" ms]"), "{}", ran.stderr);
        assert!(begun.elapsed() < Duration::from_secs(5) && !place.ran("rm"));
    }
    // Through a link only the disk can tell.
    std::os::unix::fs::symlink("/", place.path("project/all")).unwrap();
    shows(&place.run(["run", "-c", "rm -rf all/*"]), 77, &["T5 deny", "really /"]);
    assert!(!place.ran("rm"));
}

#[test]
fn i10_an_entry_that_is_named_like_the_home_is_shown_as_an_entry() {
    let place = Place::new();
    place.marking("rm");
    place.write("notes/~/a.txt", "x");
    place.write("notes/b.txt", "x");
    let ran = place.run(["run", "-c", "cd notes && rm -rf *"]);
    shows(&ran, 75, &["2 files, 1 folder", "an entry that is named '~'"]);
    shows(&place.run(["run", "-c", "rm -rf ~"]), 77, &["T5 deny"]);
    assert!(!place.ran("rm"));
}

#[test]
fn i12_a_hard_reset_over_150_changed_files_is_a_challenge() {
    let Some(place) = repository() else { return };
    for n in 0..150 {
        place.write(&format!("src/f{n}.txt"), "a day's work\n");
    }
    let ran = output(&mut guard(&place, &["--", "git", "reset", "--hard", "origin/main"]));
    shows(
        &ran,
        75,
        &["T3 challenge", "(tier challenge)", "150 uncommitted files", "the reflog does not hold"],
    );
    // A few files: still asked. None: the reflog has it all.
    git_as(&place, "project", "ana", &["stash", "-q"]);
    place.write("src/f1.txt", "a morning's work\n");
    let ran = output(&mut guard(&place, &["--", "git", "reset", "--hard"]));
    shows(&ran, 75, &["T2 confirm", "1 uncommitted file"]);
    git_as(&place, "project", "ana", &["checkout", "-q", "--", "."]);
    assert_eq!(output(&mut guard(&place, &["--", "git", "reset", "--hard"])).code, Some(0));
    // Another commit may hold files that are untracked here, and leaves some behind.
    git_as(&place, "project", "ana", &["commit", "-q", "--allow-empty", "-m", "more"]);
    let ran = output(&mut guard(&place, &["--", "git", "reset", "--hard", "HEAD~1"]));
    shows(&ran, 75, &["T2 confirm", "1 commit left behind"]);
    // In a longer text something may change before it runs.
    let text = "echo x >src/f1.txt; git reset --hard";
    let ran = output(&mut guard(&place, &["run", "-c", text]));
    shows(&ran, 75, &["T2 confirm"]);
}

#[test]
fn i13_a_checkout_of_a_folder_counts_what_changed_in_that_folder() {
    let Some(place) = repository() else { return };
    for n in 0..90 {
        place.write(&format!("src/f{n}.txt"), "changed\n");
    }
    place.write("docs/guide.txt", "changed\n");
    for words in
        [&["checkout", "--", "src"][..], &["restore", "src"], &["checkout", "HEAD", "--", "src"]]
    {
        let words: Vec<_> = ["--", "git"].iter().chain(words).copied().collect();
        let ran = output(&mut guard(&place, &words));
        shows(&ran, 75, &["T2 confirm", "90 uncommitted files under src"]);
    }
}

#[test]
fn i14_a_forced_push_names_whose_commits_the_remote_loses() {
    let Some(place) = repository() else { return };
    let remote = place.path("tmp/remote.git");
    git_as(&place, "tmp", "bob", &["clone", "-q", remote.to_str().unwrap(), "other"]);
    for n in 0..3 {
        std::fs::write(place.path(&format!("tmp/other/theirs{n}")), "x").unwrap();
        git_as(&place, "tmp/other", "bob", &["add", "."]);
        git_as(&place, "tmp/other", "bob", &["commit", "-q", "-m", "theirs"]);
    }
    git_as(&place, "tmp/other", "bob", &["push", "-q"]);
    let push = ["--", "git", "push", "--force", "origin", "main"];
    // What was never fetched cannot be counted, and is somebody's.
    shows(&output(&mut guard(&place, &push)), 77, &["T4 second human", "never fetched"]);
    git_as(&place, "project", "ana", &["fetch", "-q"]);
    let ran = output(&mut guard(&place, &push));
    shows(&ran, 77, &["T4 second human", "3 commits of main dropped by bob (3)", "other people"]);
    let there = git_as(&place, "tmp/remote.git", "ana", &["rev-list", "--count", "main"]);
    assert_eq!(there.trim(), "4");
}

fn judged(place: &Place, words: &[&str]) -> serde_json::Value {
    let ran = place.run([&["check", "--json", "--"], words].concat());
    serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{words:?}: {}", ran.stderr))
}

#[test]
fn what_the_reflog_and_the_wastebasket_keep_is_told_from_what_is_gone() {
    let Some(place) = repository() else { return };
    git_as(&place, "project", "ana", &["checkout", "-q", "-b", "work"]);
    for n in ["1", "2"] {
        git_as(&place, "project", "ana", &["commit", "-q", "--allow-empty", "-m", n]);
    }
    git_as(&place, "project", "ana", &["checkout", "-q", "-"]);
    let ran = output(&mut guard(&place, &["--", "git", "branch", "-D", "work"]));
    shows(&ran, 75, &["2 commits that nothing else holds", "reflog"]);
    for words in [
        &["git", "reflog", "expire", "--expire=now", "--all"][..],
        &["git", "gc", "--prune=now"],
        &["git", "stash", "clear"],
    ] {
        let verdict = judged(&place, words);
        assert!(verdict["tier"] != "allow" && verdict["tier"] != "notify", "{words:?}: {verdict}");
    }
    for words in [&["trash-put", "src"][..], &["gio", "trash", "src"], &["trash", "src"]] {
        let verdict = judged(&place, words);
        assert_eq!(verdict["tier"], "allow", "{words:?}: {verdict}");
    }
    for words in [&["gio", "trash", "--empty"][..], &["trash-empty"]] {
        let verdict = judged(&place, words);
        assert_eq!(verdict["tier"], "confirm", "{words:?}: {verdict}");
    }
}

#[test]
fn i16_a_live_data_directory_is_named_with_its_host() {
    let place = Place::new();
    place.marking("rm");
    std::fs::create_dir_all(place.path("project/pgdata/base")).unwrap();
    for name in ["PG_VERSION", "postmaster.pid", "base/1"] {
        std::fs::write(place.path("project/pgdata").join(name), "15\n").unwrap();
    }
    let data = place.path("project/pgdata");
    let ran = place.run(["--", "rm", "-rf", data.to_str().unwrap()]);
    shows(&ran, 75, &["T3 challenge", "a running database (postmaster.pid)"]);
    let host = nix::unistd::gethostname().unwrap().into_string().unwrap();
    assert!(flat(&ran).contains(&host), "{}", ran.stderr);
    assert!(!place.ran("rm"));
}

#[test]
fn i19_an_empty_selector_never_means_everything() {
    let place = Place::new();
    place.marking("rm");
    place.marking("kubectl");
    for text in ["DIR=; rm -rf \"$DIR\"/", "kubectl delete pods -l ''"] {
        shows(&place.run(["run", "-c", text]), 77, &["T5 deny"]);
    }
    assert!(!place.ran("rm") && !place.ran("kubectl"));
}

#[test]
fn a_delete_of_files_says_what_git_does_not_hold() {
    let Some(place) = repository() else { return };
    place.marking("rm");
    // All committed and nothing else: git brings it back.
    assert_eq!(output(&mut guard(&place, &["--", "rm", "-rf", "docs"])).code, Some(0));
    place.write("docs/new.txt", "not in git\n");
    std::os::unix::fs::symlink("/etc", place.path("project/docs/etc")).unwrap();
    place.write("docs/.env", "TOKEN=x\n");
    let ran = output(&mut guard(&place, &["--", "rm", "-rf", "docs"]));
    let texts = [
        "T2 confirm",
        "3 files, 1 folder, 1 link (not followed)",
        "1 credential file (.env)",
        "3 not in git",
    ];
    shows(&ran, 75, &texts);
}

/// A stand-in for a cluster, ended with its test.
pub struct Cluster {
    child: Child,
    pub place: Place,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Cluster {
    pub fn start(options: &[&str]) -> Option<Self> {
        for program in ["kubectl", "python3"] {
            if find(program).is_none() {
                eprintln!("SKIPPED: {program} is not on this machine, so no cluster was asked");
                return None;
            }
        }
        let place = Place::new();
        let mut child = Command::new(find("python3").unwrap())
            .arg(root().join("tests/fixtures/kube-double.py"))
            .arg("--kubeconfig")
            .arg(place.path("home/kc"))
            .arg("--log")
            .arg(place.path("tmp/api.log"))
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        assert!(ready.starts_with("ready"), "{ready}");
        Some(Self { child, place })
    }

    pub fn guard(&self, words: &[&str]) -> Output {
        let mut command = guard(&self.place, words);
        output(command.env("KUBECONFIG", self.place.path("home/kc")))
    }

    /// That nothing but questions has arrived.
    pub fn asked_only(&self) {
        let log = std::fs::read_to_string(self.place.path("tmp/api.log")).unwrap_or_default();
        assert!(!log.is_empty());
        // A review of oneself is posted, answered and not stored.
        let review = |line: &str| line.starts_with("POST ") && line.contains("/selfsubject");
        let wrong = log.lines().find(|line| !line.starts_with("GET ") && !review(line));
        assert_eq!(wrong, None);
    }
}

#[test]
fn i23_a_namespace_is_shown_with_everything_in_it() {
    let Some(cluster) = Cluster::start(&[]) else { return };
    let ran = cluster.guard(&["--", "kubectl", "delete", "namespace", "prod"]);
    let texts = [
        "T4 second human",
        "1 PVC, 1 secret, 12 pods, 1 service, 3 others",
        "kubernetes prod-eu-admin http://127.0.0.1:",
        "1 volume deleted with the claim",
        "customers",
        "LoadBalancer web 203.0.113.7",
    ];
    shows(&ran, 77, &texts);
    let ran = cluster.guard(&["--", "kubectl", "-n", "prod", "delete", "pods", "--all"]);
    shows(&ran, 77, &["12 pods"]);
    let ran =
        cluster.guard(&["--", "kubectl", "-n", "prod", "scale", "deploy/web", "--replicas=0"]);
    // Who may do everything is one tier stricter.
    shows(&ran, 77, &["replicas 6 → 0", "as admin (cluster admin", "m4: "]);
    let limited =
        ["--", "kubectl", "--context", "prod-eu-agent", "-n", "prod", "delete", "pod", "web-1"];
    let ran = cluster.guard(&limited);
    shows(&ran, 75, &["as agent"]);
    assert!(!ran.stderr.contains("wider"), "{}", ran.stderr);
    cluster.asked_only();
}

#[test]
fn accounts_of_clouds_come_from_their_files_and_are_compared_with_policy() {
    let place = Place::new();
    place.marking("gcloud");
    place.marking("az");
    let core = "[core]\naccount = ann@example.org\nproject = shop-stage\n";
    place.write_home(".config/gcloud/configurations/config_default", core);
    let azure = "\u{feff}{\"subscriptions\": [{\"id\": \"1-2\", \"name\": \"Shop\", \
                 \"user\": {\"name\": \"ann@example.org\"}, \"isDefault\": true}]}";
    place.write_home(".azure/azureProfile.json", azure);
    let google =
        ["--", "gcloud", "--project", "shop-stage", "compute", "instances", "delete", "web"];
    let ran = place.run(google);
    let before = ["T2 confirm", "T3 challenge", "T4 second human"];
    let tier = |ran: &Output| before.iter().position(|tier| ran.stderr.contains(tier)).unwrap();
    assert!(flat(&ran).contains("as ann@example.org"), "{}", ran.stderr);
    let usual = tier(&ran);
    let ran = place.run(["--", "az", "group", "delete", "--name", "rg-stage"]);
    assert!(flat(&ran).contains("as ann@example.org"), "{}", ran.stderr);
    place.write(
        ".guard.yaml",
        "identities:\n  - when: {rules: [\"gcloud.*\"]}\n    expect: [\"deploy@*\"]\n    why: deploy only\n",
    );
    let ran = place.run(google);
    assert!(flat(&ran).contains("as ann@example.org (not"), "{}", ran.stderr);
    assert_eq!(tier(&ran), (usual + 1).min(2), "{}", ran.stderr);
    assert!(!place.ran("gcloud") && !place.ran("az"));
}

#[test]
fn the_context_that_docker_would_use_says_which_machine_is_hit() {
    let place = Place::new();
    place.client("docker", "[ \"$1\" = ps ] && echo 0123; exit 0");
    let volume = ["--", "docker", "volume", "rm", "pgdata"];
    shows(&place.run(volume), 75, &["LOCAL"]);
    place.write_home(".docker/config.json", "{\"currentContext\": \"shop\"}");
    let meta = "{\"Endpoints\": {\"docker\": {\"Host\": \"ssh://ops@live.example.com\"}}}";
    // SHA-256 of the name.
    let folder = guard::second::display::sha256(b"shop");
    place.write_home(&format!(".docker/contexts/meta/{folder}/meta.json"), meta);
    let ran = place.run(volume);
    shows(&ran, 77, &["T4 second human", "PROD", "[docker context shop]", "docker shop ssh"]);
}

#[test]
fn a_list_that_is_not_complete_is_a_failed_probe() {
    let Some(cluster) = Cluster::start(&["--fail-list", "secrets"]) else { return };
    let ran = cluster.guard(&["--", "kubectl", "delete", "namespace", "prod"]);
    shows(
        &ran,
        77,
        &[
            "T4 second human",
            "count unknown (kubectl: ",
            "treated as more than 100",
            "at least 17 objects",
        ],
    );
    cluster.asked_only();
}

#[test]
fn a_server_that_does_not_answer_is_given_up_in_time() {
    let Some(cluster) = Cluster::start(&["--delay", "20"]) else { return };
    let begun = Instant::now();
    let ran = cluster.guard(&["--", "kubectl", "-n", "prod", "delete", "pod", "web-1"]);
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    // A pod alone is less: not knowing is what raises it.
    shows(&ran, 75, &["count unknown (", "treated as more than 100"]);
    // The code of the request is random and may hold any two characters.
    let challenged = ran.stderr.lines().any(|line| line.ends_with(" T3 challenge"));
    assert!(challenged, "{}", ran.stderr);
}

#[test]
fn hostile_clients_change_nothing_but_the_count() {
    for (script, says) in [
        ("printf '\\033[2J\\033[31mpod/x\\007\\n'; exit 0", "1 "),
        ("echo no-kind-at-all", "cannot be read"),
        ("head -c 50000000 /dev/zero", "count unknown"),
        ("head -c 1000000000 /dev/zero", "count unknown"),
        ("echo '{\"kind\": [' ", "cannot be read"),
        ("printf '\\033[2Jno\\n' >&2; exit 3", "count unknown"),
        ("sleep 60 & echo $! >\"$TMPDIR/child\"; exec sleep 60", "probe timed out after 3 s"),
        ("(trap '' HUP TERM; exec sleep 20) & echo pod/x", "1 pod"),
    ] {
        let place = Place::new();
        place.client("kubectl", script);
        let begun = Instant::now();
        let ran = place.run(["--", "kubectl", "-n", "prod", "delete", "pod", "x"]);
        assert!(begun.elapsed() < Duration::from_secs(10), "{script}");
        shows(&ran, 75, &[says]);
        assert!(!ran.stderr.contains("\u{1b}[2J") && !ran.stderr.contains('\u{7}'));
    }
}

#[test]
fn i04_a_destroy_and_a_plan_that_replaces_name_the_types() {
    let place = Place::new();
    let state = serde_json::json!({ "version": 4, "serial": 7, "resources": [
        { "mode": "managed", "type": "aws_db_instance", "instances": [{}] },
        { "mode": "managed", "type": "aws_instance", "instances": [{}, {}, {}] },
        { "mode": "data", "type": "aws_ami", "instances": [{}] },
    ]});
    place.write("terraform.tfstate", state.to_string());
    place.client("terraform", "exit 1");
    let ran = place.run(["--", "terraform", "destroy", "-auto-approve"]);
    let texts =
        ["T4 second human", "4 resources: 1 aws_db_instance, 3 aws_instance, state serial 7"];
    shows(&ran, 77, &texts);
    let plan = serde_json::json!({ "resource_changes": [
        { "type": "aws_db_instance", "change": { "actions": ["delete", "create"] } },
        { "type": "aws_instance", "change": { "actions": ["create"] } },
        { "type": "aws_vpc", "change": { "actions": ["no-op"] } },
    ]});
    place.client("terraform", &format!("[ \"$1$2\" = show-json ] && echo '{plan}'"));
    let ran = place.run(["--", "terraform", "apply", "tfplan"]);
    let texts = ["T4 second human", "1 to replace, 1 new", "aws_db_instance", "4a:"];
    shows(&ran, 77, &texts);
    // A plan that cannot be read is the worst case.
    place.client("terraform", "echo '{\"resource_changes\": 3'");
    shows(
        &place.run(["--", "terraform", "apply", "tfplan"]),
        75,
        &["count unknown (the plan cannot"],
    );
}

#[test]
fn i05_rows_of_a_database_file_are_counted_without_touching_it() {
    let place = Place::new();
    place.marking("sqlite3");
    let file = place.path("project/app.db");
    let db = rusqlite::Connection::open(&file).unwrap();
    db.execute_batch("create table users(id); create table \"o\"\"dd\"(id);").unwrap();
    for _ in 0..120 {
        db.execute("insert into users values (1)", []).unwrap();
    }
    drop(db);
    let before = std::fs::read(&file).unwrap();
    let ran = place.run(["--", "sqlite3", "app.db", "delete from users"]);
    shows(&ran, 75, &["T3 challenge", "120 rows in 2 tables: users 120"]);
    // Some rows of a local file run with a note; a policy may want a question.
    let raise = "raise:\n  - when: {rules: [sqlite3.rows]}\n    to: confirm\n    why: no backup\n";
    let policy = place.write(".guard.yaml", raise);
    for (text, says) in [
        ("update users set id = 2 where id = 1", "120 of 120 rows of users"),
        ("delete from users where id in (7, 8)", "0 of 120 rows of users"),
        ("delete from users where id = abs(1)", "hits not checked"),
    ] {
        shows(&place.run(["--", "sqlite3", "app.db", text]), 75, &["T2 confirm", says]);
    }
    std::fs::remove_file(policy).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), before);
    assert_eq!(std::fs::read_dir(place.path("project")).unwrap().count(), 2);
    std::fs::write(&file, "no database at all, but long enough").unwrap();
    let ran = place.run(["--", "sqlite3", "app.db", "delete from users"]);
    shows(&ran, 75, &["count unknown (sqlite: "]);
}

#[test]
fn keys_of_a_server_and_users_of_a_volume_are_counted() {
    let place = Place::new();
    place.client(
        "redis-cli",
        "case \"$*\" in *keyspace) printf '# Keyspace\\ndb0:keys=200,expires=0\\ndb3:keys=5,x=1\\n';;\n\
         *replication) printf 'connected_slaves:2\\n';; *DBSIZE) echo 200;; *WHOAMI) echo app;; *'CONFIG GET '*|*'ACL DRYRUN app FLUSHALL') ;; *) echo \"$*\" >>\"$TMPDIR/other\";; esac",
    );
    let ran = place.run(["--", "redis-cli", "FLUSHALL"]);
    shows(&ran, 75, &["T3 challenge", "205 keys in 2 databases, 2 replicas follow"]);
    place.client("redis-cli", "echo 'NOAUTH Authentication required.'");
    shows(&place.run(["--", "redis-cli", "FLUSHALL"]), 75, &["count unknown (redis: NOAUTH"]);
    place.client("docker", "[ \"$1\" = ps ] && echo 0123 || echo \"$*\" >>\"$TMPDIR/other\"");
    let ran = place.run(["--", "docker", "volume", "rm", "pgdata"]);
    shows(&ran, 75, &["1 volume, used by 1 container"]);
    assert!(!place.path("tmp/other").exists());
}

#[test]
fn an_identity_that_may_do_everything_raises_the_tier_outside_development() {
    let place = Place::new();
    let tier = |policy: &str, profile: &str| {
        place.client(
            "aws",
            &format!(
                "case \"$*\" in\n\
                 *get-caller-identity*) echo '{{\"Arn\": \"arn:aws:iam::1:user/ann\"}}' ;;\n\
                 *policies*) echo '{{\"AttachedPolicies\": [{{\"PolicyName\": \"{policy}\"}}]}}' ;;\n\
                 *) echo '{{}}' ;;\nesac"
            ),
        );
        let call = ["--", "aws", "--profile", profile, "lambda", "delete-function"];
        let ran = place.run([&call[..], &["--function-name", "resize"]].concat());
        let tiers = ["T2 confirm", "T3 challenge", "T4 second human"];
        let shown = tiers.iter().position(|tier| ran.stderr.contains(tier)).unwrap();
        (shown, ran.stderr.contains("m4: "), flat(&ran))
    };
    let (before, without, screen) = tier("ReadOnlyAccess", "staging");
    assert!(!without && screen.contains("1 function"), "{screen}");
    let (after, with, screen) = tier("AdministratorAccess", "staging");
    assert!(with && after == before + 1, "{screen}");
    let dev = |policy| tier(policy, "dev").0;
    assert_eq!(dev("ReadOnlyAccess"), dev("AdministratorAccess"));
}

#[test]
fn a_server_is_asked_read_only_and_never_by_text_of_the_command() {
    let place = Place::new();
    place.client(
        "psql",
        "printf '%s\\n' \"$PGOPTIONS\" \"$PGHOST\" \"$*\" >\"$TMPDIR/asked\"\n\
         echo 'shop|f|t|42 MB|910000|0|3|off||ann'; echo 'x|610000|t'",
    );
    let text =
        "PGHOST=127.0.0.1 PGOPTIONS='-c x=y' LD_PRELOAD=evil psql -d shop -c 'delete from t'";
    let ran = place.run(["run", "-c", text]);
    let texts =
        ["about 610000 rows: t 610000, primary", "3 other clients", "as ann (superuser: wider"];
    shows(&ran, 75, &texts);
    let asked = std::fs::read_to_string(place.path("tmp/asked")).unwrap();
    let mut lines = asked.lines();
    assert!(lines.next().unwrap().contains("default_transaction_read_only=on"));
    assert_eq!(lines.next(), Some("127.0.0.1"));
    assert!(!asked.contains("delete") && !asked.contains("x=y"), "{asked}");
    // A secret that stands in the words is not handed to another process.
    std::fs::remove_file(place.path("tmp/asked")).unwrap();
    let url = "postgres://app:hunter2@db.example.org/shop";
    let ran = place.run(["--", "psql", url, "-c", "delete from t"]);
    shows(&ran, 77, &["count unknown (a connection string is not passed on"]);
    assert!(!place.path("tmp/asked").exists());
    place.client("psql", "echo 'a|b'");
    let ran = place.run(["--", "psql", "-d", "shop", "-c", "delete from t"]);
    shows(&ran, 75, &["count unknown (psql printed what cannot be read)"]);
}

#[test]
fn a_move_onto_one_name_says_what_is_overwritten() {
    let place = Place::new();
    place.marking("mv");
    for name in ["a", "b", "c"] {
        place.write(&format!("in/{name}"), "x");
    }
    let ran = place.run(["run", "-c", "mv in/* /srv/nowhere"]);
    assert!(!place.ran("mv"));
    shows(&ran, 75, &["2 files overwritten, the target is no folder, 3 entries moved"]);
}

#[test]
fn i03_the_origin_of_a_token_is_told_and_one_from_a_file_is_taken_for_wide() {
    let place = Place::new();
    let url = "-X DELETE https://api.stage.example.com/v1/volumes/7";
    place.marking("curl");
    let explained = |words: &str| {
        place.run(["run", "-c", &format!("{words} {url}")]);
        place.events("request").pop().unwrap().to_string()
    };
    for (words, origin, wide) in [
        ("curl -H 'Authorization: Bearer abc'", "a token in the command", false),
        ("curl -u \"ana:$PW\"", "a token from $PW", false),
        ("curl -H \"X-Api-Key: $(cat k)\"", "a token from $(cat k)", true),
        ("curl -H @h", "a token from the file h", true),
        ("curl -K c", "a token from the file c", true),
        ("curl -n", "a token from ~/.netrc", true),
    ] {
        let facts = explained(words);
        assert!(facts.contains(origin), "{words}: {facts}");
        assert_eq!(facts.contains("m4"), wide, "{words}: {facts}");
    }
    for none in ["curl -H 'Accept: text/html'", "curl"] {
        assert!(!explained(none).contains("a token"), "{none}");
    }
}

#[test]
fn i16_a_database_that_runs_is_asked_about_among_temporary_files_too() {
    let place = Place::new();
    place.marking("rm");
    let at = place.path("tmp/db/data");
    std::fs::create_dir_all(&at).unwrap();
    let text = format!("rm -rf {}", at.display());
    let run = || place.run(["run", "-c", &text]);
    // A server that has ended leaves a number that is no server's.
    std::fs::write(at.join("postmaster.pid"), format!("{}\n", std::process::id())).unwrap();
    assert_eq!(run().code, Some(0));
    let server = place.executable("postgres", std::fs::read(find("sleep").unwrap()).unwrap());
    let mut server = std::process::Command::new(server).arg("60").spawn().unwrap();
    std::fs::write(at.join("postmaster.pid"), format!("{}\n", server.id())).unwrap();
    let ran = run();
    server.kill().unwrap();
    server.wait().unwrap();
    shows(&ran, 75, &["T3 challenge", "a running database (postmaster.pid)"]);
}
