use super::{judge, normalise};
use crate::model::{Cause, Context, Part, Span, Word};
use crate::rules::schema::PathClass::{self, *};

/// `*` is a pattern, `$` a hole, the rest text.
fn word(text: &str) -> Word {
    let mut word = Word::default();
    for c in text.chars() {
        match c {
            '*' => word.parts.push(Part::Glob("*".into())),
            '$' => word.parts.extend(Word::hole("$X", Cause::Variable, Span::default()).parts),
            c => word.push_text(&c.to_string()),
        }
    }
    word
}

fn class(text: &str) -> PathClass {
    judge(&word(text), None, &Context::neutral()).class
}

#[test]
fn whatever_means_the_root_or_a_home_is_found() {
    for path in ["/", "//", "/./", "/*", "/home/user/../..", "../../..", "/usr/.."] {
        assert_eq!(class(path), Root, "{path}");
    }
    for path in ["/home/user", "/home/user/", "/home/user/*", "..", "../", "/root", "/home"] {
        assert_eq!(class(path), Home, "{path}");
    }
}

#[test]
fn places_are_told_apart() {
    for (path, want) in [
        (".", Project),
        ("*", Project),
        ("./*", Project),
        ("src", Inside),
        ("src/*", Inside),
        ("*.log", Inside),
        ("node_modules", BuildOutput),
        ("./target/debug", BuildOutput),
        (".git", Repository),
        ("/tmp", ScratchRoot),
        ("/tmp/*", ScratchRoot),
        ("/tmp/x", Scratch),
        ("/tmp/../etc/passwd", Sensitive),
        ("/etc/nginx/nginx.conf", System),
        ("/home/user/.ssh/id_ed25519", Sensitive),
        ("/home/user/notes.txt", HomeInside),
        ("/home/user/.config/guard/policy.yaml", Guard),
        ("/dev/sda1", BlockDevice),
        ("/dev/nvme0n1", BlockDevice),
        ("/dev/null", Null),
        ("/data/x", Outside),
        ("host:/srv", RemotePath),
    ] {
        assert_eq!(class(path), want, "{path}");
    }
}

#[test]
fn unknown_parts_keep_what_is_known() {
    for (path, want) in [
        ("$", Unknown),
        ("$/*", MaybeRoot),
        ("$/", MaybeRoot),
        ("/$", MaybeRoot),
        ("/etc/$", System),
        ("/tmp/$", Scratch),
        ("/tmp/build-$/*", Scratch),
        ("src/$", Inside),
        ("$/build", Unknown),
    ] {
        assert_eq!(class(path), want, "{path}");
    }
}

#[test]
fn values_that_are_not_empty_are_not_the_root() {
    let filled = |text: &str| {
        let mut word = word(text);
        for part in &mut word.parts {
            if let Part::Hole(hole) = part {
                hole.nonempty = true;
            }
        }
        judge(&word, None, &Context::neutral()).class
    };
    for (path, want) in [("$/*", Unknown), ("/$", Unknown), ("/srv/$/../..", MaybeRoot)] {
        assert_eq!(filled(path), want, "{path}");
    }
    for (path, want) in [
        ("/srv/$/..", MaybeRoot),
        ("/etc/x/$/..", System),
        ("/data/x/$/../y", Outside),
        ("/tmp/$/../x", Scratch),
        ("src/$/../*", Inside),
    ] {
        assert_eq!(class(path), want, "{path}");
    }
}

#[test]
fn names_of_a_pattern_are_judged_as_the_pattern() {
    let names = |before: &str, pattern: &str| {
        let mut word = Word::default();
        word.push_text(before);
        let hole = Word::hole(pattern, Cause::Pattern, Span::default());
        word.parts.extend(hole.parts);
        judge(&word, None, &Context::neutral()).class
    };
    assert_eq!(names("/", "*"), Root);
    assert_eq!(names("", "*"), Project);
    assert_eq!(names("/tmp/x-", "*"), Scratch);
    assert_eq!(names("src/", "*"), Inside);
}

#[test]
fn dots_never_climb_above_the_root() {
    assert_eq!(normalise("/a/../../../b/./c//d"), "/b/c/d");
}
