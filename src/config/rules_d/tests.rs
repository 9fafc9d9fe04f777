#![allow(clippy::unwrap_used)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use super::{FOLDER, RuleFiles, STAMP, find};
use crate::{
    config::ConfigError,
    rules::{Origin, lint::Hooks},
};

/// A configuration folder with rule files, and a state folder.
struct Setup {
    config: tempfile::TempDir,
    state: tempfile::TempDir,
}

impl Setup {
    fn new(files: &[(&str, String)]) -> Self {
        let setup =
            Self { config: tempfile::tempdir().unwrap(), state: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            setup.put(name, text);
        }
        setup
    }

    fn path(&self, name: &str) -> PathBuf {
        self.config.path().join(FOLDER).join(name)
    }

    fn put(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn find(&self) -> Result<RuleFiles, ConfigError> {
        find(&[self.config.path().to_owned()], Some(self.state.path()), Hooks::default())
    }

    fn stamp(&self) -> Option<Vec<u8>> {
        fs::read(self.state.path().join(STAMP)).ok()
    }

    fn error(&self) -> String {
        self.find().unwrap_err().to_string()
    }
}

fn rules(tool: &str, programs: &str) -> String {
    format!(
        "tool: {tool}\nprograms: [{programs}]\nrules:\n  - id: {tool}.wipe\n    summary: wipes\n    \
         why: It is gone.\n    match: {{subcommand: [wipe]}}\n    effect: {{verb: delete, object: \
         disk, scope: 4}}\n    examples: {{match: [a, b, c], pass: [d, e, f]}}\n"
    )
}

#[test]
fn without_files_there_is_no_work_and_no_stamp() {
    let setup = Setup::new(&[]);
    assert!(setup.find().unwrap().paths().is_empty());
    assert!(setup.stamp().is_none());
}

#[test]
fn only_the_files_of_the_programs_met_are_read() {
    let setup = Setup::new(&[
        ("aa.yaml", rules("aa", "aa")),
        ("deep/er/bb,cc.yaml", rules("bb", "bb, cc")),
        ("@all.yaml", rules("every", "'*'")),
        ("README", "not a rule file".into()),
    ]);
    let found = setup.find().unwrap();
    assert_eq!(found.paths().len(), 3);
    let set = found.rules();
    let own = |program: &str| {
        set.files(program).iter().filter(|file| file.origin != Origin::BuiltIn).count()
    };
    assert_eq!((own("aa"), own("*"), own("zz")), (1, 1, 0));
    // The other file breaks before it is needed: what it is about is refused.
    setup.put("deep/er/bb,cc.yaml", "broken");
    let cc = set.files("cc");
    let rule = cc.first().unwrap().file.rules.first().unwrap();
    assert_eq!(rule.floor, Some(crate::model::Tier::Deny));
    assert!(rule.summary.contains("bb,cc.yaml:1:1"), "{}", rule.summary);
}

#[test]
fn things_that_are_not_rule_files_are_named() {
    let setup = Setup::new(&[("big.yaml", "#".repeat(300_000))]);
    assert!(setup.error().contains("the limit is 262144"), "{}", setup.error());
    let setup = Setup::new(&[("aa.yaml", String::new())]);
    fs::write(setup.path("aa.yaml"), b"tool: \xff").unwrap();
    assert!(setup.error().contains("aa.yaml:1:7: The file is not UTF-8"), "{}", setup.error());
    fs::remove_file(setup.path("aa.yaml")).unwrap();
    nix::unistd::mkfifo(&setup.path("aa.yaml"), nix::sys::stat::Mode::S_IRUSR).unwrap();
    assert!(setup.error().contains("not an ordinary file"), "{}", setup.error());
}

#[test]
fn all_files_are_checked_again_when_one_changes() {
    let setup = Setup::new(&[("aa.yaml", rules("aa", "aa")), ("bb.yaml", rules("bb", "bb"))]);
    setup.find().unwrap();
    let stamp = setup.stamp().unwrap();
    setup.find().unwrap();
    assert_eq!(setup.stamp().unwrap(), stamp);
    setup.put("bb.yaml", &rules("bb", "bb").replace("scope: 4", "scope: 7"));
    let message = setup.error();
    assert!(message.contains("bb.yaml:8:") && message.contains("0 to 6"), "{message}");
    assert_eq!(setup.stamp().unwrap(), stamp, "a broken state is never stamped");
    setup.put("bb.yaml", &rules("bb", "bb"));
    setup.find().unwrap();
    assert_ne!(setup.stamp().unwrap(), stamp);
}

#[test]
fn the_file_name_must_list_the_programs() {
    let setup = Setup::new(&[("aa.yaml", rules("aa", "aa, other"))]);
    let message = setup.error();
    assert!(message.contains("aa.yaml:2:12") && message.contains("aa,other.yaml"), "{message}");
}

#[test]
fn ids_must_differ_from_those_of_other_files() {
    let taken = rules("shutdown", "zz").replace("shutdown.wipe", "shutdown.halt");
    let setup = Setup::new(&[("zz.yaml", taken)]);
    assert!(setup.error().contains("taken by a built-in rule"), "{}", setup.error());
    let setup = Setup::new(&[("aa.yaml", rules("aa", "aa")), ("bb.yaml", rules("aa", "bb"))]);
    assert!(setup.error().contains("The id `aa.wipe` is taken"), "{}", setup.error());
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn files_and_folders_that_others_can_write_are_refused() {
    let setup = Setup::new(&[("aa.yaml", rules("aa", "aa"))]);
    mode(&setup.path("aa.yaml"), 0o664);
    assert!(setup.error().contains("chmod go-w"), "{}", setup.error());
    mode(&setup.path("aa.yaml"), 0o644);
    setup.find().unwrap();
    mode(&setup.path("aa.yaml"), 0o666);
    assert!(setup.error().contains("can be written by others"), "the stamp does not hide it");
    mode(&setup.path("aa.yaml"), 0o600);
    mode(&setup.path(""), 0o777);
    assert!(setup.error().contains("can be written by others"));
}

#[test]
fn files_that_would_be_overlooked_are_errors() {
    let setup = Setup::new(&[("aa.yml", rules("aa", "aa"))]);
    assert!(setup.error().contains("Rename it"), "{}", setup.error());
    let setup = Setup::new(&[("a/b/c/aa.yaml", rules("aa", "aa"))]);
    assert!(setup.error().contains("nested too deeply"), "{}", setup.error());
    let setup = Setup::new(&[]);
    for i in 0..=super::ENTRIES {
        setup.put(&format!("{i}.txt"), "");
    }
    assert!(setup.error().contains("more than 2000"), "{}", setup.error());
}

#[test]
fn a_state_folder_that_cannot_be_written_does_not_stop_anything() {
    let setup = Setup::new(&[("aa.yaml", rules("aa", "aa"))]);
    let state = setup.path("aa.yaml");
    let found = find(&[setup.config.path().to_owned()], Some(&state), Hooks::default());
    assert_eq!(found.unwrap().paths().len(), 1);
}
