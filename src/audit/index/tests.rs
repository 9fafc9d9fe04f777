//! The fast way of reading ids finds what the slow one does.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::Value;

use super::{Key, keys, keys_of};

/// The slow way, which decides; in order.
fn slow(line: &[u8]) -> Vec<Key> {
    let record = serde_json::from_slice::<Value>(line);
    let mut found = record.map_or_else(|_| Vec::new(), |record| keys(&record));
    found.sort_unstable();
    found
}

fn fast(line: &[u8]) -> Vec<Key> {
    let mut found = keys_of(line);
    found.sort_unstable();
    found
}

/// Text as JSON: as it is, or with every character escaped.
fn string(text: &str, escaped: bool) -> String {
    if escaped {
        let all: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        return format!("\"{all}\"");
    }
    serde_json::to_string(text).unwrap()
}

/// Values of other types, and what is no value.
const OTHER: &[&str] =
    &["null", "true", "-1", "1.5e3", "[]", r#"["a"]"#, r#""\ud800""#, "1e999", "{}", "x"];

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => ("[0-9a-f]{0,3}(-[0-9a-fA-F]{4}){0,5}", any::<bool>()).prop_map(|(t, e)| string(&t, e)),
        1 => ("\\PC{0,20}", any::<bool>()).prop_map(|(t, e)| string(&t, e)),
        1 => proptest::sample::select(OTHER).prop_map(str::to_owned),
    ]
}

/// An object with fields that matter and others, in any order and number.
fn object(
    names: &'static [&'static str],
    value: impl Strategy<Value = String> + Clone,
) -> impl Strategy<Value = String> {
    let name = (proptest::sample::select(names), prop::bool::weighted(0.1));
    let field = (name, value)
        .prop_map(|((name, escaped), value)| format!("{}:{value}", string(name, escaped)));
    let fields = proptest::collection::vec(field, 0..6);
    (fields, prop_oneof!["", " "]).prop_map(|(fields, gap)| {
        format!("{gap}{{{gap}{}{gap}}}{gap}", fields.join(&format!("{gap},{gap}")))
    })
}

fn lines() -> impl Strategy<Value = String> {
    let evidence = object(&["petition", "sha256", "request_id"], scalar().boxed());
    let inner = prop_oneof![3 => scalar(), 1 => evidence].boxed();
    let names = &["request_id", "petition", "handle", "evidence", "exit", "Petition", "ev"];
    let event = prop_oneof![9 => object(names, inner), 1 => scalar()].boxed();
    object(&["ev", "ev", "seq", "request_id"], event)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn no_id_is_missed_by_reading_fast(line in lines(), cut in prop::option::weighted(0.1, 0_usize..200)) {
        let bytes = line.as_bytes();
        let bytes = cut.and_then(|cut| bytes.get(..cut)).unwrap_or(bytes);
        let (fast, slow) = (fast(bytes), slow(bytes));
        prop_assert!(slow.iter().all(|key| fast.contains(key)), "{line}: {fast:?} {slow:?}");
        // And none is made up, but of lists in the place of objects, which no guard
        // writes: a place too many is only looked at.
        if serde_json::from_slice::<Value>(bytes).is_ok() && !line.contains('[') {
            prop_assert_eq!(fast, slow, "{}", line);
        }
    }

    #[test]
    fn any_bytes_have_ids_or_none(line in proptest::collection::vec(any::<u8>(), 0..300)) {
        let (fast, slow) = (fast(&line), slow(&line));
        prop_assert!(slow.iter().all(|key| fast.contains(key)));
    }
}

#[test]
fn the_ids_of_every_kind_of_line_are_found() {
    let all =
        r#"{"ev":{"request_id":"A","petition":"b","handle":"H","evidence":{"petition":"c"}}}"#;
    assert_eq!(fast(all.as_bytes()).len(), 4);
    for line in [
        all,
        // What only the slow way can read.
        r#"{"ev":{"request_id":"\u0061","petition":7}}"#,
        r#"{"ev":{"request_id":"a","request_id":"b"}}"#,
        r#"{"ev":{"evidence":[],"petition":"b"}}"#,
        r#"{"ev":["a"]}"#,
        r#"{"ev":"a"}"#,
        r#"{}"#,
    ] {
        assert_eq!(fast(line.as_bytes()), slow(line.as_bytes()), "{line}");
    }
}
