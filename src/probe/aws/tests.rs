#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::{ago, by_kind, tagged};
use crate::model::Environment;

#[test]
fn the_strictest_tag_tells_the_environment_and_other_tags_tell_nothing() {
    let read = |tags: serde_json::Value| tagged(tags.as_array().unwrap().iter());
    let tags = json!([{"Key": "env", "Value": "dev"}, {"Key": "Stage", "Value": "Production"}]);
    assert_eq!(read(tags), Some((Environment::Prod, "tag Stage=Production".to_owned())));
    assert_eq!(read(json!([{"Key": "Name", "Value": "prod"}, {"Key": 1}, "x", null])), None);
    let hostile = json!([{"Key": "env", "Value": "prod\u{1b}[2J"}]);
    assert!(!read(hostile).unwrap().1.contains('\u{1b}'));
}

#[test]
fn kinds_are_counted_the_most_first_and_the_rest_in_one_word() {
    let kinds = ["a", "b", "b", "c", "d", "e", "b", "c"].map(str::to_owned);
    assert_eq!(by_kind(kinds.into_iter()), "3 b, 2 c, 1 a, 2 other kinds");
    assert_eq!(by_kind(std::iter::empty()), "");
}

#[test]
fn a_time_that_is_none_is_no_age() {
    assert!(ago("2020-01-01T00:00:00.104000+00:00").unwrap().ends_with(" ago"));
    for text in ["", "yesterday, or the day before", "2020-13-01T00:00:00Z", "ééééééééééééééééééé"]
    {
        assert_eq!(ago(text), None, "{text}");
    }
}
