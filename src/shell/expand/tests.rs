//! What stays known of a value, one test for each promise. Exact words are
//! compared with the real bash in `tests/suite/shell_oracle_words.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use super::arith;
use crate::model::{Cause, Part, Word};
use crate::shell::{Known, read};

/// The words of the last command: patterns in `<>`, holes in `{}`.
fn last(text: &str) -> String {
    let words = words(text);
    words.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> Vec<Word> {
    let home = Some("/home/u".to_owned());
    let script = read(text, &Known { home, ..Known::default() });
    assert!(script.problems.is_empty(), "{text:?}: {:?}", script.problems);
    script.commands.last().unwrap().words.clone()
}

fn show(word: &Word) -> String {
    word.parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Glob(text) => format!("<{text}>"),
            Part::Hole(hole) => format!("{{{}}}", hole.source),
        })
        .collect()
}

#[test]
fn operators_keep_what_is_certain_of_a_value() {
    let setup = "D=/srv/$A/file.txt; ";
    for (word, wanted) in [
        ("${D%/*}", "/srv/{$A}"),
        ("${D##*/}", "file.txt"),
        ("${D%.*}", "/srv/{$A}/file"),
        ("${D%.txt}.bak", "/srv/{$A}/file.bak"),
        ("${D%/}", "/srv/{$A}/file.txt"),
        ("${D#/srv/}", "{$A}/file.txt"),
        ("${D#/}", "srv/{$A}/file.txt"),
        ("${D%%/*}", ""),
        ("${D#*/}", "srv/{$A}/file.txt"),
        ("${D#/srv/*/}", "{${D#/srv/*/}}file.txt"),
        ("${D%%.*}", "/srv/{${D%%.*}}"),
        ("${D:0:4}", "/srv"),
        ("${D: -4}", ".txt"),
        ("${D:5}", "{$A}/file.txt"),
        ("${D:0:-4}", "/srv/{$A}/file"),
        ("${D:1:9}", "srv/{${D:1:9}}"),
        ("${D/srv/tmp}", "/tmp/{$A}/file.txt"),
        ("${D//\\//-}", "-srv-{${D//\\//-}}-file-txt".replace("-txt", ".txt").as_str()),
        ("${D/#\\/srv/\\/opt}", "/opt/{$A}/file.txt"),
        ("${D/%.txt/.md}", "/srv/{$A}/file.md"),
        ("${D^^}", "/SRV/{${D^^}}/FILE.TXT"),
        ("${D:-x}", "/srv/{$A}/file.txt"),
        ("${D:+x}", "x"),
        ("${D:?}", "/srv/{$A}/file.txt"),
        ("${#D}", "{${#D}}"),
    ] {
        assert_eq!(last(&format!("{setup}a \"{word}\"")), format!("a {wanted}"), "{word}");
    }
}

#[test]
fn arguments_keep_their_own_quoting() {
    for (word, wanted) in [
        ("${E:-a b}", "a b"),
        ("${E:-\"a b\"}x", "a bx"),
        ("${E:-*}", "<*>"),
        ("${E:-\"*\"}", "*"),
        ("${E:-$U}", "{$U}"),
        ("${E:-~/x}", "/home/u/x"),
        ("${E:+a}", ""),
        ("${V:+a\"$U\"b}", "a{$U}b"),
        ("${A[@]+\"${A[@]}\"}", "one two 2"),
    ] {
        let text = format!("E=; V=v; A=(one 'two 2'); a {word}");
        assert_eq!(last(&text), format!("a {wanted}").trim_end(), "{word}");
    }
    assert_eq!(words("E=; a ${E:-'x y'} ${E:-x y}").len(), 4);
}

#[test]
fn holes_say_that_they_are_not_empty_and_what_they_are_otherwise() {
    for (text, nonempty, otherwise) in [
        ("a \"$X\"", false, None),
        ("a \"${X:?}\"", true, None),
        ("a ${X:?message}", true, None),
        ("a ${X?}", false, None),
        ("a \"${X:-/srv}\"", true, Some("/srv")),
        ("a \"${X-/srv}\"", false, Some("/srv")),
        ("a \"${X:-}\"", false, Some("")),
        ("a \"${X:-$HOME/x}\"", true, Some("/home/u/x")),
        ("a \"${X:-x$Y}\"", true, None),
        ("read X; a \"${X:-x}\"", true, None),
        ("if b; then X=c; fi; a \"${X:-x}\"", true, None),
        ("a \"${HOME2:-x}\"", true, Some("x")),
        ("a \"${PATH:-x}\"", true, None),
        ("a \"${1:-x}\"", true, None),
        ("a \"${X:=/srv}\"", true, Some("/srv")),
        (": \"${X:?}\"; a \"$X\"", true, None),
        (": \"${X:=/srv}\"; a \"$X\"", true, Some("/srv")),
        ("Y=${X:?}; a \"$Y\"", true, None),
        ("a $$", true, None),
    ] {
        let words = words(text);
        let hole = words[1].holes().next().unwrap();
        assert_eq!(hole.nonempty, nonempty, "{text}");
        assert_eq!(hole.otherwise.as_ref().map(|o| o.text.as_str()), otherwise, "{text}");
    }
}

#[test]
fn commands_in_a_value_stay_with_what_is_made_of_it() {
    for text in [
        "X=$(b); a \"${X%/}\"",
        "X=$(b); a ${X:-y}",
        "X=$(b)/c; a ${X//b/c}",
        "a ${X:-$(b)}",
        "a ${X:=$(b)}",
        "a ${X/y/$(b)}",
        "A=(\"$(b)\"); a \"${A[@]%x}\"",
    ] {
        let words = words(text);
        let from: Vec<usize> =
            words.iter().flat_map(Word::holes).flat_map(|h| h.from.clone()).collect();
        assert_eq!(from, [0], "{text}");
    }
}

#[test]
fn names_of_a_pattern_keep_the_text_around_it() {
    let glob = Word {
        parts: vec![Part::Text("/srv/".into()), Part::Glob("*".into()), Part::Text(".log".into())],
        ..Word::default()
    };
    let vars = [("F".to_owned(), glob)].into();
    let known = Known { vars, ..Known::default() };
    let script = read("a \"$F\" \"${F##*/}\" \"${F%.log}.txt\" \"${F%/*}\" $F", &known);
    let words = &script.commands[0].words;
    let shown: Vec<String> = words.iter().map(show).collect();
    assert_eq!(shown, ["a", "/srv/{*}.log", "{*}.log", "/srv/{*}.txt", "/srv", "/srv/{*}.log"]);
    assert!(words.iter().flat_map(Word::holes).all(|hole| hole.cause == Cause::Pattern));
    let splits: Vec<bool> = words.iter().flat_map(Word::holes).map(|hole| hole.splits).collect();
    assert_eq!(splits, [false, false, false, true]);
}

#[test]
fn arithmetic_is_evaluated_with_what_it_assigns() {
    let lookup = |name: &str, index: Option<i64>| match (name, index) {
        ("X", None) => Some("3".to_owned()),
        ("Y", None) => Some("X + 1".to_owned()),
        ("A", Some(1)) => Some("7".to_owned()),
        ("EMPTY", None) => Some(String::new()),
        ("EVIL", None) => Some("A[$(x)]".to_owned()),
        ("LOOP", None) => Some("LOOP".to_owned()),
        _ => None,
    };
    let value = |text: &str| arith::evaluate(text, &lookup).0.map(|found| found.value);
    for (text, wanted) in [
        ("", Some(0)),
        ("X", Some(3)),
        ("Y*2", Some(8)),
        ("A[X-2]", Some(7)),
        ("EMPTY + 1", Some(1)),
        ("X > 2 && X < 4", Some(1)),
        ("1 || UNKNOWN", Some(1)),
        ("0 && 1 / 0", Some(0)),
        ("X == 3 ? 10 : UNKNOWN", Some(10)),
        ("UNKNOWN", None),
        ("1 + UNKNOWN", None),
        ("EVIL", None),
        ("LOOP", None),
        ("1 / 0", None),
        ("2 ** -1", None),
        ("-2 ** 2", Some(4)),
        ("2 ** 3 ** 2", Some(512)),
        ("7 & 3 | 8 ^ 1", Some(11)),
        ("1 << 4 >> 2", Some(4)),
        ("1, 2, 3", Some(3)),
        ("~0", Some(-1)),
        ("!X", Some(0)),
        ("0x1f + 010 + 2#101", Some(44)),
        ("08", None),
        ("X = 5, X++ + ++X", Some(12)),
        ("Z = Z2 = 4", Some(4)),
        ("A[0] = 1", None),
        ("1 = 2", None),
        ("(1", None),
        ("5 5", None),
    ] {
        assert_eq!(value(text), wanted, "{text}");
    }
    let assigned = arith::evaluate("X += 2, W = X++", &lookup).0.unwrap().assigned;
    let wanted = [("X", 5), ("X", 6), ("W", 5)].map(|(name, value)| (name.to_owned(), value));
    assert_eq!(assigned, wanted);
    assert_eq!(last("i=1; a $((i+=2)) $i ${P:$((i))}"), "a 3 3 {${P:$((i))}}");
    assert_eq!(last("s=abcdef; i=1; a ${s:i:2} ${s:$i+1:1} ${s: -2}"), "a bc c ef");
}

#[test]
fn commands_hidden_in_values_are_not_evaluated() {
    for text in [
        "x='a[$(rm y)]'; a $((x))",
        "x='a[$(rm y)]'; a $((1 ? x : 0))",
        "x='a[$(rm y)]'; a ${s:x:1}",
        "x='a[$(rm y)]'; a ${!x}",
    ] {
        let script = read(text, &Known::default());
        assert_eq!(script.problems.len(), 1, "{text}");
    }
}

#[test]
fn what_is_nested_costs_little() {
    let start = std::time::Instant::now();
    let nested = |open: &str, middle: &str, close: &str, count: usize| {
        format!("x=y; a {}{middle}{}", open.repeat(count), close.repeat(count))
    };
    for text in [
        nested("${u:-", "b", "}", 90),
        nested("\"${u:-", "b", "}\"", 45),
        nested("${x/", "b", "/c}", 90),
        nested("${x#", "b", "}", 90),
        nested("${x:", "1", "}", 90),
        nested("$((1+", "1", "))", 90),
        nested("$((u+", "1", "))", 90),
        nested("${u:=", "b", "}", 90),
        "{a,b}".repeat(200),
        format!("a {}", "{a,b}".repeat(200)),
        format!("a=1;{}a $((a))", "a=\"a+a\";".repeat(3)),
        format!(
            "b=1+1;{} x",
            (0..40).map(|i| format!("a{}=a{i}+a{i};", i + 1)).collect::<String>()
        ),
        format!(
            "a0=1;{} x $((a40))",
            (0..40).map(|i| format!("a{}=a{i}+a{i};", i + 1)).collect::<String>()
        ),
        format!("x={}; a ${{x//*a*b*c/y}} ${{x##*a*a*a*b}}", "a".repeat(60_000)),
        format!("x={}; a ${{x//a/bb}}", "a".repeat(60_000)),
    ] {
        let _ = read(&text, &Known::default());
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
