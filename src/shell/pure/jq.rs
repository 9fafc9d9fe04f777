//! `jq` with a plain path to one value.

use serde_json::Value;

use super::Printed;
use super::options::Options;

/// `jq [-r] .a.b[0]` where a text, a whole number or a word comes out.
pub(super) fn run(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [("raw-output", 'r'), ("compact-output", 'c'), ("monochrome-output", 'M')];
    let options = Options::read(arguments, "rcM", &long)?;
    let [path] = options.operands.as_slice() else { return None };
    let mut value: &Value = &serde_json::from_slice(input).ok()?;
    let mut rest = *path;
    if rest == "." {
        rest = "";
    } else if !rest.starts_with('.') {
        return None;
    }
    while !rest.is_empty() {
        if let Some(index) = rest.strip_prefix(".[").or_else(|| rest.strip_prefix('[')) {
            let (index, tail) = index.split_once(']')?;
            let key = index.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
            value = match key {
                Some(key) if plain(key) => value.as_object()?.get(key)?,
                _ => value.as_array()?.get(super::options::count(index)?)?,
            };
            rest = tail;
            continue;
        }
        let name = rest.strip_prefix('.')?;
        let (key, tail) = match name.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => name.split_at(name.find(['.', '[']).unwrap_or(name.len())),
        };
        if !plain(key) {
            return None;
        }
        value = value.as_object()?.get(key)?;
        rest = tail;
    }
    let mut text = match value {
        Value::String(text) if options.has('r') => text.clone(),
        // How the others are escaped depends on the version.
        Value::String(text) if text.bytes().all(|b| matches!(b, b' '..=b'~')) => {
            serde_json::to_string(text).ok()?
        }
        Value::Number(number) => {
            let number = number.as_i64().filter(|value| value.abs() < 1 << 50)?;
            // Digits such as `1.0` and `1e3` are printed as typed by some.
            number.to_string()
        }
        Value::Bool(truth) => truth.to_string(),
        _ => return None,
    };
    text.push('\n');
    Printed::ok(text.into_bytes())
}

/// A key that needs no escapes and is no keyword of a longer program.
fn plain(key: &str) -> bool {
    !key.is_empty()
        && !key.starts_with(|c: char| c.is_ascii_digit())
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
