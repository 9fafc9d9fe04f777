//! Reading members of a payload, with the member's name in every error.

use serde_json::{Map, Value};

use super::Unreadable;

/// A member that has to be text. NUL cannot be part of any argument, so a text
/// with one is not the text that would run.
pub(super) fn text<'a>(object: &'a Map<String, Value>, field: &str) -> Result<&'a str, Unreadable> {
    optional_text(object, field)?.ok_or_else(|| Unreadable::field(field, "is missing"))
}

/// A member that is text if it is there.
pub(super) fn optional_text<'a>(
    object: &'a Map<String, Value>,
    field: &str,
) -> Result<Option<&'a str>, Unreadable> {
    match object.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.contains('\0') => {
            Err(Unreadable::field(field, "contains a NUL byte"))
        }
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Unreadable::field(field, "is not a string")),
    }
}

/// A member that has to be an object.
pub(super) fn object<'a>(
    object: &'a Map<String, Value>,
    field: &str,
) -> Result<&'a Map<String, Value>, Unreadable> {
    match object.get(field) {
        Some(Value::Object(inner)) => Ok(inner),
        None | Some(Value::Null) => Err(Unreadable::field(field, "is missing")),
        Some(_) => Err(Unreadable::field(field, "is not an object")),
    }
}

/// The first of several members that is there and text: for what only informs.
pub(super) fn any_text(object: &Map<String, Value>, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| match object.get(*field) {
        Some(Value::String(text)) if !text.is_empty() && !text.contains('\0') => Some(text.clone()),
        _ => None,
    })
}
