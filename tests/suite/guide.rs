//! The guide for rule authors is true: its rule files lint, its examples and
//! tables are judged as it says, its commands work, and no key is missing.

use std::collections::BTreeSet;

use guard::command::grammar::own::Spec;
use guard::command::wrapper::{Inner, PlaceName, PlaceSpec, Shell, When, WrapperSpec};
use guard::model::{Flag, OpClass, Tier, Verb};
use guard::rules::schema::{
    At, EffectSpec, EnvTest, Examples, Match, NameSource, OperandTest, OptionTest, PathClass,
    PathSource, Pattern, PlaceKind, RedirectKind, RedirectTest, Rule, RuleFile, StdinKind,
    StdinTest, Whereabouts,
};
use guard::rules::sql::StatementClass;
use serde::de::DeserializeOwned;

use crate::harness::{GUARD, Place, output, root};

fn guide() -> String {
    std::fs::read_to_string(root().join("docs/rules.md")).unwrap()
}

/// The blocks of one language.
fn blocks(language: &str) -> Vec<String> {
    let (text, fence) = (guide(), format!("```{language}\n"));
    let parts = text.split(&fence).skip(1).map(str::to_owned);
    parts.map(|rest| rest.split("```").next().unwrap().to_owned()).collect()
}

/// The whole rule files of the guide, the worked example first.
fn files() -> Vec<String> {
    blocks("yaml").into_iter().filter(|block| block.starts_with("tool:")).collect()
}

/// A part of a rule file as a whole one.
fn whole(part: &str) -> String {
    let (mut matches, mut effect) =
        ("match: {subcommand: [env]}\n", "effect: {verb: delete, object: x, scope: 4}\n");
    let mut top = "";
    match part.split(':').next().unwrap() {
        "match" => matches = part,
        "effect" => effect = part,
        _ => top = part,
    }
    let inside = |text: &str| text.replace('\n', "\n    ").trim_end().to_owned();
    format!(
        "tool: envctl\nprograms: [envctl]\n{top}rules:\n  - id: envctl.part\n    summary: a \
         part\n    why: To check it.\n    {}\n    {}\n    examples:\n      match: [envctl a, \
         envctl b, envctl c]\n      pass: [envctl d, envctl e, envctl f]\n",
        inside(matches),
        inside(effect)
    )
}

#[test]
fn every_rule_file_of_the_guide_lints_and_its_examples_hold() {
    let place = Place::new();
    assert!(files().len() >= 2 && blocks("yaml").len() >= 8);
    for text in files() {
        place.write("file.yaml", &text);
        let ran = place.run(["rules", "lint", "--deny-warnings", "file.yaml"]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{text}");
        let ran = place.run(["rules", "test", "file.yaml"]);
        assert_eq!(ran.code, Some(0), "{text}\n{}", ran.stdout);
    }
    for part in blocks("yaml").iter().filter(|block| !block.starts_with("tool:")) {
        place.write("part.yaml", whole(part));
        let ran = place.run(["rules", "lint", "part.yaml"]);
        assert_eq!(ran.code, Some(0), "{part}\n{}", ran.stderr);
    }
}

#[test]
fn commands_in_the_tables_of_the_guide_get_the_tier_it_says() {
    let place = Place::new();
    place.write_home(".config/guard/rules.d/envctl.yaml", &files()[0]);
    let text = guide();
    let mut checked = 0;
    for line in text.lines().filter(|line| line.starts_with("| `envctl ")) {
        let cells: Vec<&str> = line.split('`').collect();
        let ran = place.run(["check", "--json", "-c", cells[1]]);
        let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(value["tier"], cells[3], "{line}");
        checked += 1;
    }
    assert!(checked >= 6, "{checked}");
}

#[test]
fn every_command_of_the_guide_works() {
    let place = Place::new();
    std::os::unix::fs::symlink(GUARD, place.path("bin/guard")).unwrap();
    std::fs::create_dir_all(place.path("home/.config/guard/rules.d")).unwrap();
    place.write("envctl.yaml", &files()[0]);
    place.write(
        "labelled.tsv",
        "a\tenvctl env rm web\tdangerous\tme\nb\trm -rf /etc\tdangerous\tme\nc\tls\tsafe\tme\n",
    );
    let mut ran_all = 0;
    for line in blocks("sh").iter().flat_map(|block| block.lines()) {
        // Nothing else of the documents is ever executed.
        let harmless = line.starts_with("guard rules ")
            || line.starts_with("guard explain -c ")
            || line == "cp envctl.yaml ~/.config/guard/rules.d/";
        assert!(harmless, "{line}");
        let ran = output(place.command("/bin/bash").args(["-c", line]));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{line}\n{}", ran.stdout);
        ran_all += 1;
    }
    assert!(ran_all >= 10, "{ran_all}");
}

#[test]
fn links_of_the_guide_lead_to_its_headings() {
    let text = guide();
    let heading = |line: &str| {
        let plain: String = line
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || " -".contains(*c))
            .collect();
        plain.trim().replace(' ', "-")
    };
    let titles: BTreeSet<String> =
        text.lines().filter_map(|line| line.strip_prefix("## ")).map(heading).collect();
    let links: Vec<&str> =
        text.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()).collect();
    assert!(links.len() >= titles.len());
    for link in links {
        assert!(titles.contains(link), "{link}: {titles:?}");
    }
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.contains("(docs/rules.md)"));
}

/// The names that serde knows for a type, from what it says about a wrong one.
fn names<T: DeserializeOwned>(json: &str) -> Vec<String> {
    let error = serde_json::from_str::<T>(json).err().expect("a wrong name").to_string();
    let list = error.split("expected ").nth(1).unwrap_or_else(|| panic!("{error}")).to_owned();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_and_word_of_the_schema_is_in_the_guide() {
    let key = r#"{"\u0001":0}"#;
    let word = r#""\u0001""#;
    let all = [
        names::<RuleFile>(key),
        names::<Rule>(key),
        names::<Examples>(key),
        names::<Match>(key),
        names::<OptionTest>(key),
        names::<OperandTest>(key),
        names::<RedirectTest>(key),
        names::<StdinTest>(key),
        names::<EnvTest>(key),
        names::<Pattern>(key),
        names::<EffectSpec>(key),
        names::<Whereabouts>(key),
        names::<Spec>(key),
        names::<Shell>(key),
        names::<When>(key),
        names::<At>(word),
        names::<RedirectKind>(word),
        names::<StdinKind>(word),
        names::<PlaceKind>(word),
        names::<PathClass>(word),
        names::<StatementClass>(word),
        names::<PathSource>(word),
        names::<NameSource>(word),
        names::<PlaceSpec>(word),
        names::<PlaceName>(word),
        names::<Verb>(word),
        names::<Flag>(word),
        names::<OpClass>(word),
        names::<Tier>(word),
    ];
    assert!(all.iter().all(|names| !names.is_empty()), "{all:?}");
    let text = guide();
    // In backquotes, alone or at the beginning of a form (`argv: N`).
    let told =
        |name: &str| text.contains(&format!("`{name}`")) || text.contains(&format!("`{name}: "));
    let missing: BTreeSet<&String> = all.iter().flatten().filter(|name| !told(name)).collect();
    // The rarer forms of wrappers stand where the built-in ones do.
    let table = std::fs::read_to_string(root().join("rules/wrappers.yaml")).unwrap();
    let forms = [names::<WrapperSpec>(key), names::<Inner>(word)].concat();
    let told = |name: &str| told(name) || table.contains(name);
    let untold: Vec<&String> = forms.iter().filter(|name| !told(name)).collect();
    assert!(untold.is_empty(), "neither the guide nor rules/wrappers.yaml tells of {untold:?}");
    assert!(
        missing.is_empty(),
        "docs/rules.md says nothing of {missing:?}: add each to its table or sentence"
    );
}
