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
