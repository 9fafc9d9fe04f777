//! More families of commands, each looked at with the real programs where this
//! machine has them.

use std::process::Stdio;

use crate::harness::{Output, Place, output};

fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn missing(name: &str) -> bool {
    let there = std::env::split_paths(&path()).any(|dir| dir.join(name).is_file());
    if !there {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{name} is not installed");
        eprintln!("SKIPPED: {name} is not installed");
    }
    !there
}

fn ask(place: &Place, words: &[&str]) -> Output {
    let words: Vec<&str> = [&["run", "--wait", "0s", "--"], words].concat();
    output(place.guard(&words).env("PATH", path()).stdin(Stdio::null()))
}

fn shows(place: &Place, words: &[&str], texts: &[&str]) {
    let ran = ask(place, words);
    let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    // What did not fit on the screen is in the record.
    screen += &place.events("request").pop().unwrap_or_default().to_string();
    for text in texts {
        assert!(screen.contains(text), "{words:?}: {text:?} is missing:\n{}", ran.stderr);
    }
    assert!(matches!(ran.code, Some(75 | 77)), "{words:?}: {:?}: {}", ran.code, ran.stderr);
}

/// As [`shows`], with the programs of the place only.
fn shows_here(place: &Place, words: &[&str], texts: &[&str]) {
    let ran = place.run([&["run", "--wait", "0s", "--"], words].concat());
    let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    screen += &place.events("request").pop().unwrap_or_default().to_string();
    for text in texts {
        assert!(screen.contains(text), "{words:?}: {text:?} is missing:\n{}", ran.stderr);
    }
    assert!(matches!(ran.code, Some(75 | 77)), "{words:?}: {:?}: {}", ran.code, ran.stderr);
}

fn git(place: &Place, words: &str) -> String {
    let mut command = place.command("git");
    command.args(words.split(' ')).env("PATH", path()).stdin(Stdio::null());
    let ran = output(&mut command);
    assert_eq!(ran.code, Some(0), "git {words}: {}", ran.stderr);
    ran.stdout
}

/// Three commits, one of them on a remote, one that only the reflog holds and one
/// that only a tag does, and a stash.
fn repository() -> Place {
    let place = Place::new();
    std::fs::remove_dir_all(place.path("project/.git")).unwrap();
    place.write_home(".gitconfig", "[user]\nname = a\nemail = a@example.org\n");
    git(&place, "init -q -b main");
    git(&place, "init -q --bare ../tmp/remote.git");
    git(&place, "remote add origin ../tmp/remote.git");
    for name in ["one", "two", "tagged", "lost"] {
        place.write(name, name);
        git(&place, "add .");
        git(&place, &format!("commit -q -m {name}"));
        match name {
            "one" => drop(git(&place, "push -q -u origin main")),
            "tagged" => drop(git(&place, "tag v1")),
            _ => {}
        }
    }
    git(&place, "reset -q --hard HEAD~2");
    place.write("one", "changed");
    git(&place, "stash -q");
    place
}

#[test]
fn what_only_the_reflog_a_tag_or_this_clone_holds_is_counted() {
    if missing("git") {
        return;
    }
    let place = repository();
    let raise = "raise:\n  - when: {rules: [git.tag-delete]}\n    to: confirm\n    why: releases\n";
    place.write_home(".config/guard/policy.yaml", raise);
    let before = git(&place, "for-each-ref") + &git(&place, "reflog");
    shows(&place, &["git", "tag", "-d", "v1"], &["1 tag, 1 commit that nothing else holds"]);
    shows(
        &place,
        &["git", "reflog", "expire", "--expire=now", "--all"],
        // The lost commit, and the two of the stash.
        &["3 commits or stashes that only the reflog holds", "nothing else knows their ids"],
    );
    shows(&place, &["git", "gc", "--prune=now"], &["up to ", " loose objects, "]);
    shows(
        &place,
        &["git", "filter-repo", "--path", "one", "--force"],
        &["up to 3 commits rewritten, 2 on no remote", "it expires the reflog and cleans up"],
    );
    shows(
        &place,
        &["git", "filter-branch", "--tree-filter", "rm -f one", "HEAD"],
        &["3 commits rewritten", "refs/original keeps the old ones"],
    );
    shows(&place, &["rm", "-rf", ".git"], &["2 commits on no remote branch, 1 stash"]);
    git(&place, "init -q inner");
    git(&place, "-C inner commit -q --allow-empty -m one");
    shows(&place, &["rm", "-rf", "inner"], &["1 commit on no remote branch", "1 git repository"]);
    git(&place, "worktree add -q ../tmp/fix");
    std::fs::write(place.path("tmp/fix/new"), "x").unwrap();
    shows(
        &place,
        &["git", "worktree", "remove", "--force", "../tmp/fix"],
        &["1 uncommitted file in ../tmp/fix", "no commit holds them"],
    );
    git(&place, "worktree remove --force ../tmp/fix");
    git(&place, "branch -q -D fix");
    assert_eq!(git(&place, "for-each-ref") + &git(&place, "reflog"), before);
    // On the remote nothing of it is lost with the clone.
    git(&place, "push -q origin main v1:refs/heads/v1");
    git(&place, "stash drop -q");
    let ran = ask(&place, &["rm", "-rf", ".git"]);
    assert!(!ran.stderr.contains("on no remote"), "{}", ran.stderr);
}

#[test]
fn whoever_would_lose_the_machine_is_shown_before_it_stops() {
    let place = Place::new();
    place.client(
        "who",
        "[ \"$*\" = -u ] || exit 1\nprintf 'ann pts/0 x\\nann pts/1 x\\nbob tty1 x\\n'",
    );
    place.client("sudo", "exec \"$@\"");
    ["reboot", "shutdown", "systemctl"].iter().for_each(|name| place.marking(name));
    let texts = ["this machine (", ", up ", "3 sessions (ann, bob), ", " from elsewhere"];
    let raise = "raise:\n  - when: {rules: [shutdown.halt]}\n    to: confirm\n    why: shared\n";
    place.write_home(".config/guard/policy.yaml", raise);
    for words in
        [&["reboot"][..], &["sudo", "shutdown", "-h", "now"], &["sudo", "systemctl", "poweroff"]]
    {
        shows_here(&place, words, &texts);
    }
    let ran = place.run(["run", "--wait", "0s", "--", "systemctl", "-H", "web-1", "poweroff"]);
    assert!(!ran.stderr.contains("this machine"), "{}", ran.stderr);
}

#[test]
fn all_processes_are_counted_before_a_signal_to_everything() {
    let place = Place::new();
    // Nothing but this stands where the program would be looked for.
    place.marking("kill");
    shows_here(&place, &["kill", "-9", "-1"], &[" processes, all that may be signalled"]);
    assert!(!place.ran("kill"));
}

#[test]
fn files_that_are_written_over_are_shown_with_what_git_holds_of_them() {
    if missing("git") {
        return;
    }
    let place = repository();
    place.write("loose", "12345");
    for words in [
        &["run", "--wait", "0s", "-c", "> loose"][..],
        &["run", "--wait", "0s", "--", "truncate", "-s", "0", "loose"],
        &["run", "--wait", "0s", "--", "cp", "/dev/null", "loose"],
    ] {
        let ran = output(place.guard(words).env("PATH", path()).stdin(Stdio::null()));
        let mut screen = ran.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
        // What did not fit on the screen is in the record.
        screen += &place.events("request").pop().unwrap_or_default().to_string();
        for text in ["1 not in git, of 1 file, 5 bytes written over", "git does not hold all of it"]
        {
            assert!(screen.contains(text), "{words:?}: {text:?} is missing:\n{}", ran.stderr);
        }
    }
    assert_eq!(std::fs::read_to_string(place.path("project/loose")).unwrap(), "12345");
    shows(&place, &["tee", "/etc/hosts"], &["1 file, ", "written over"]);
    shows(&place, &["cp", "one", "/etc/guard-no-such-file"], &["1 file, nothing there yet"]);
    shows(&place, &["cp", "one", "two", "/etc/"], &["2 files, nothing there yet"]);
    // What git holds as it is comes back from there.
    let ran = output(
        place
            .guard(["run", "--wait", "0s", "-c", "> two"])
            .env("PATH", path())
            .stdin(Stdio::null()),
    );
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn files_that_get_another_mode_or_owner_are_counted() {
    let place = Place::new();
    for n in 0..7 {
        place.write(&format!("tree/{n}"), "");
    }
    shows(&place, &["chmod", "-R", "777", "tree"], &["7 files, 1 folder"]);
    let tree = place.path("project/tree");
    let outside = place.path("tmp/tree");
    std::fs::rename(tree, &outside).unwrap();
    let outside = outside.to_str().unwrap();
    let ran = ask(&place, &["chown", "-R", "nobody", outside]);
    // What is in a folder for temporary files may run at once.
    assert!(ran.stderr.is_empty() || ran.stderr.contains("7 files"), "{}", ran.stderr);
}

#[test]
fn rsync_says_itself_what_it_would_delete_between_folders_of_this_machine() {
    if missing("rsync") {
        return;
    }
    let place = Place::new();
    place.write("a/same", "x");
    place.write("a/changed", "longer");
    for name in ["changed", "gone", "deep/gone"] {
        place.write(&format!("b/{name}"), "x");
    }
    shows(
        &place,
        &["rsync", "-av", "--delete", "a/", "b/"],
        &["3 entries deleted, 1 written over in "],
    );
    shows(
        &place,
        &["rsync", "-a", "--delete", "--exclude", "gone", "a/", "b/"],
        &["0 entries deleted"],
    );
    // A popt alias would take away what makes it a dry run.
    place.write_home(".popt", "rsync alias -n --archive\nrsync alias --dry-run --archive\n");
    shows(&place, &["rsync", "-a", "--delete", "a/", "b/"], &["3 entries deleted"]);
    for words in [
        &["rsync", "-a", "--delete", "a/", "web-1:/srv/b/"][..],
        &["rsync", "-a", "--delete", "--log-file=l", "a/", "b/"],
        &["rsync", "-a", "--delete", "-e", "touch made", "a/", "b/"],
    ] {
        let ran = ask(&place, words);
        assert!(!ran.stderr.contains("entries deleted"), "{words:?}: {}", ran.stderr);
    }
    assert!(place.path("project/b/deep/gone").exists() && !place.path("project/l").exists());
    assert!(!place.path("project/made").exists());
    assert_eq!(std::fs::read_to_string(place.path("project/b/changed")).unwrap(), "x");
}

#[test]
fn a_release_that_is_replaced_is_shown_as_it_is_now() {
    let place = Place::new();
    place.client(
        "helm",
        "case \"$*\" in\n\
         '-n prod get manifest -- web') printf -- '---\\nkind: Deployment\\n---\\nkind: Ingress\\n' ;;\n\
         '-n prod history --max 2 -o json -- web') echo '[{\"revision\":7,\"chart\":\"web-1.2\",\"status\":\"deployed\"}]' ;;\n\
         *'get manifest -- new') echo 'Error: release: not found' >&2; exit 1 ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    let words = ["helm", "upgrade", "-n", "prod", "--force", "web", "./chart"];
    let texts = [
        "revision 7 now: 1 Ingress, 1 Deployment, some made anew",
        "helm rollback web 7",
        "1 entrance to the outside",
    ];
    shows_here(&place, &words, &texts);
    let words = ["helm", "upgrade", "-n", "prod", "--force", "new", "./chart"];
    let ran = place.run([&["run", "--wait", "0s", "--"], &words[..]].concat());
    assert!(ran.stderr.contains("no release of that name yet"), "{}", ran.stderr);
    assert!(!place.path("tmp/other").exists());
}

/// moto has no `list-imports`, so the answers are those of the documentation of AWS.
#[test]
fn stacks_that_use_what_a_stack_exports_and_what_a_change_set_replaces_are_named() {
    let place = Place::new();
    place.client(
        "aws",
        "case \"$*\" in\n\
         *describe-stacks*) echo '{\"Stacks\":[{\"Outputs\":[{\"OutputKey\":\"U\"},{\"ExportName\":\"net-vpc\"}]}]}' ;;\n\
         *list-stack-resources*) echo '{\"StackResourceSummaries\":[{\"ResourceType\":\"AWS::EC2::VPC\"}]}' ;;\n\
         *'list-imports --export-name=net-vpc') echo '{\"Imports\":[\"shop\",\"pay\"]}' ;;\n\
         *'describe-change-set --change-set-name=big --stack-name=net') echo '{\"Changes\":[\
         {\"ResourceChange\":{\"Action\":\"Modify\",\"ResourceType\":\"AWS::RDS::DBInstance\",\"Replacement\":\"Conditional\"}},\
         {\"ResourceChange\":{\"Action\":\"Modify\",\"ResourceType\":\"AWS::SQS::Queue\",\"Replacement\":\"False\"}},\
         {\"ResourceChange\":{\"Action\":\"Add\",\"ResourceType\":\"AWS::SQS::Queue\"}}]}' ;;\n\
         *) exit 1 ;;\nesac",
    );
    shows_here(
        &place,
        &["aws", "cloudformation", "delete-stack", "--stack-name", "net"],
        &["used by 2 other stacks (pay, …), 1 resource: 1 EC2::VPC"],
    );
    let words = ["aws", "cloudformation", "execute-change-set", "--change-set-name", "big"];
    shows_here(
        &place,
        &[&words[..], &["--stack-name", "net"]].concat(),
        &["3 changes, 1 replaced: 1 RDS::DBInstance", "T4 second human", "made again it lacks"],
    );
}

#[test]
fn the_jobs_of_a_table_that_is_removed_are_counted() {
    let place = Place::new();
    place.client(
        "crontab",
        "case \"$*\" in\n\
         '-u app -l') echo 'no crontab for app' >&2; exit 1 ;;\n\
         -l) printf '# jobs\\nMAILTO=a\\n0 3 * * * backup\\n@daily x\\n*/5 * * * * y\\n' ;;\n\
         *) : >\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    shows_here(&place, &["crontab", "-r"], &["hits 3 jobs", "no copy: `crontab -l"]);
    let ran = place.run(["run", "--wait", "0s", "--", "crontab", "-u", "app", "-r"]);
    assert!(ran.stderr.contains("0 jobs"), "{}", ran.stderr);
    assert!(!place.path("tmp/other").exists());
}

#[test]
fn a_data_folder_whose_log_is_reset_is_shown_with_its_server() {
    let place = Place::new();
    place.marking("pg_resetwal");
    let data = place.path("tmp/data");
    std::fs::create_dir_all(data.join("pg_wal/archive_status")).unwrap();
    for name in ["PG_VERSION", "base", "postmaster.pid"] {
        std::fs::write(data.join(name), "15").unwrap();
    }
    let data = data.to_str().unwrap();
    let texts = ["a running database (postmaster.pid), 3 files", "no file of its log was archived"];
    shows_here(&place, &["pg_resetwal", "-f", data], &texts);
    shows_here(&place, &["pg_resetwal", "-D", data], &texts);
    std::fs::remove_file(format!("{data}/postmaster.pid")).unwrap();
    shows_here(&place, &["pg_resetwal", "-f", data], &["a database that does not run"]);
    assert!(!place.ran("pg_resetwal"));
}

/// No file system of this kind is where tests run, so the answers are those of the
/// manual pages of OpenZFS: tabs, numbers in bytes, `-` for what has no value.
#[test]
fn datasets_and_snapshots_that_would_go_are_counted_by_a_list_alone() {
    let place = Place::new();
    place.client(
        "zfs",
        "t='tank/home\\tfilesystem\\t52000000000\\t700000\\tyes\\t-\\ntank/home@mon\\tsnapshot\\t1000000\\t5000000\\t-\\t\\ntank/home@tue\\tsnapshot\\t2000000\\t6000000\\t-\\ttank/test\\ntank/home@wed\\tsnapshot\\t3000000\\t7000000\\t-\\t\\n'\n\
         o='list -H -p -t all -o name,type,used,written,mounted,clones'\n\
         case \"$*\" in\n\
         \"$o -d 1 -- tank/home\") printf \"$t\" ;;\n\
         \"$o -r -- tank/home\") printf \"$t\"'tank/home/ann\\tfilesystem\\t900\\t900\\tyes\\t-\\ntank/home/ann@mon\\tsnapshot\\t800\\t1\\t-\\t\\n' ;;\n\
         \"$o -r -- tank\") printf 'tank\\tfilesystem\\t99000000000\\t0\\tyes\\t-\\ntank/v\\tvolume\\t5\\t5\\t-\\t-\\n' ;;\n\
         \"$o -r -- lies\") printf '\\033[2Jlies\\n' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; echo 'dataset does not exist' >&2; exit 1 ;;\nesac",
    );
    place.client("sudo", "exec \"$@\"");
    place.marking("zpool");
    for (words, texts) in [
        (
            &["sudo", "zfs", "destroy", "-R", "tank/home"][..],
            &["2 datasets, 4 snapshots, 52 GB used, 2 mounted, 1 clone elsewhere too"][..],
        ),
        (
            &["zfs", "destroy", "tank/home@mon%tue"],
            &["2 snapshots of 3, at least 3000 kB", "1 clone elsewhere in the way"],
        ),
        (&["zfs", "destroy", "tank/home@%"], &["3 snapshots of 3, "]),
        (&["zfs", "destroy", "-r", "tank/home@mon,no-such"], &["2 snapshots of 4, "]),
        (
            &["zfs", "rollback", "-r", "tank/home@mon"],
            &["13 MB written since, 2 newer snapshots, mounted"],
        ),
        (&["zfs", "rollback", "tank/home@no"], &["count unknown (there is no such snapshot)"]),
        (&["zfs", "destroy", "-r", "lies"], &["count unknown (zfs printed what cannot be read)"]),
        (
            &["zpool", "destroy", "tank"],
            &["2 datasets, 0 snapshots, 99 GB used, 1 mounted", "zpool import -D"],
        ),
    ] {
        shows_here(&place, words, texts);
    }
    assert!(!place.path("tmp/other").exists() && !place.ran("zpool"));
    shows_here(
        &place,
        &["zfs", "destroy", "gone"],
        &["count unknown (zfs: dataset does not exist)"],
    );
}

/// The report is that of lvmreport(7): every value is a text.
#[test]
fn volumes_that_would_go_are_counted_with_those_that_go_along() {
    let place = Place::new();
    let volume = |name: &str, size: &str, origin: &str, pool: &str| serde_json::json!({ "vg_name": "vg0", "lv_name": name, "lv_size": size, "origin": origin, "pool_lv": pool });
    let report = |kind: &str, list: &[serde_json::Value]| {
        serde_json::json!({ "report": [{ kind: list }] }).to_string()
    };
    let (data, pool) = (volume("data", "4000000000", "", ""), volume("pool", "9000000000", "", ""));
    let all = [
        data.clone(),
        volume("snap", "1000000000", "data", ""),
        pool.clone(),
        volume("thin", "5000000000", "", "pool"),
        // A thin snapshot outlives what it was made of.
        volume("later", "5000000000", "thin", "pool"),
    ];
    let device = serde_json::json!({ "vg_name": "vg0", "pv_used": "7000000000" });
    place.client(
        "lvs",
        &format!(
            "case \"$*\" in\n*' -- vg0/data') echo '{}' ;;\n*' -- vg0/pool') echo '{}' ;;\n\
             *' -- vg0/thin') echo '{}' ;;\n*' -- vg0') echo '{}' ;;\n*' -- vg9/x') echo '[' ;;\n\
             *) echo \"$*\" >>\"$TMPDIR/other\"; exit 5 ;;\nesac",
            report("lv", &all[..1]),
            report("lv", &[pool]),
            report("lv", &all[3..4]),
            report("lv", &all)
        ),
    );
    place.client("pvs", &format!("echo '{}'", report("pv", &[device])));
    ["lvremove", "vgremove", "pvremove"].iter().for_each(|name| place.marking(name));
    for (words, texts) in [
        (
            &["lvremove", "-f", "vg0/data"][..],
            &["2 volumes, 5000 MB (vg0/data, vg0/snap), 0 mounted, 1 snapshot"][..],
        ),
        (&["lvremove", "-y", "vg0/pool"], &["3 volumes, 19 GB"]),
        (&["lvremove", "-y", "vg0/thin"], &["1 volume, 5000 MB"]),
        (&["vgremove", "-f", "vg0"], &["5 volumes, 24 GB", "a volume has no copy"]),
        (&["pvremove", "-ff", "/dev/sdb1"], &["1 device of vg0, 7000 MB used"]),
    ] {
        shows_here(&place, words, texts);
    }
    if nix::unistd::geteuid().is_root() {
        let texts = ["count unknown (lvm printed what cannot be read)"];
        shows_here(&place, &["lvremove", "vg9/x"], &texts);
    }
    assert!(!place.path("tmp/other").exists());
    assert!(["lvremove", "vgremove", "pvremove"].iter().all(|name| !place.ran(name)));
}

/// The fields are those of the references of Compute Engine, Cloud SQL and Azure.
#[test]
fn what_a_cloud_would_delete_is_described_by_the_cloud_s_own_client() {
    let place = Place::new();
    place.client(
        "gcloud",
        "f='describe --format=json --quiet'\n\
         case \"$*\" in\n\
         \"compute instances $f --zone=z --project=shop -- web-1\") echo '{\"status\":\"RUNNING\",\"deletionProtection\":true,\
         \"labels\":{\"env\":\"prod\"},\"disks\":[{\"autoDelete\":true},{\"autoDelete\":false}]}' ;;\n\
         \"sql instances $f -- main\") echo '{\"state\":\"RUNNABLE\",\"settings\":{\"dataDiskSizeGb\":\"500\",\
         \"userLabels\":{}},\"replicaNames\":[\"r\"]}' ;;\n\
         \"sql instances $f -- lies\") printf '[\\033[2J' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    place.client(
        "az",
        "case \"$*\" in\n\
         'resource list --output json --only-show-errors --subscription=s --resource-group=shop') echo '[{\"type\":\"Microsoft.Sql/servers\"},{\"type\":\"Microsoft.Compute/disks\"},{\"type\":\"Microsoft.Compute/disks\"}]' ;;\n\
         'lock list --output json --only-show-errors --subscription=s --resource-group=shop') echo '[{\"level\":\"CanNotDelete\"}]' ;;\n\
         *) echo \"$*\" >>\"$TMPDIR/other\"; exit 1 ;;\nesac",
    );
    for (words, texts) in [
        (
            &[
                "gcloud",
                "compute",
                "instances",
                "delete",
                "web-1",
                "--zone",
                "z",
                "--project",
                "shop",
                "-q",
            ][..],
            &[
                "1 instance: web-1 RUNNING, 1 × disk goes too, 1 protected against it",
                "label env=prod",
            ][..],
        ),
        (
            &["gcloud", "beta", "sql", "instances", "delete", "main"],
            &["1 database: main RUNNABLE, 500 GB, 1 × replica"],
        ),
        (
            &["gcloud", "sql", "instances", "delete", "lies"],
            &["count unknown (gcloud printed what cannot be read)"],
        ),
        (
            &["az", "group", "delete", "-n", "shop", "--subscription", "s", "--yes"],
            &["3 resources: 2 disks, 1 servers, 1 lock in the way"],
        ),
    ] {
        shows_here(&place, words, texts);
    }
    assert!(!place.path("tmp/other").exists());
}
