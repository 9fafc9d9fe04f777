//! AWS CloudTrail: files of `{"Records": [...]}` or one event a line
//! (<https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html>).

use std::io::{self, BufRead};

use serde_json::Value;

use super::{Seen, What};
use crate::text::stamp::Stamp;

/// Largest file that is read, in bytes; CloudTrail writes much smaller ones.
const MAX_FILE: u64 = 256 << 20;

/// Reads a trail; how many events could not be read.
///
/// # Errors
/// The input cannot be read, or is no JSON.
pub fn read(input: impl BufRead, each: &mut dyn FnMut(Seen)) -> io::Result<u64> {
    let bad = |why: String| io::Error::new(io::ErrorKind::InvalidData, why);
    let input = input.take(MAX_FILE);
    let mut broken = 0;
    for value in serde_json::Deserializer::from_reader(input).into_iter::<Value>() {
        let value = value.map_err(|error| bad(format!("no JSON: {error}")))?;
        match value.get("Records").and_then(Value::as_array) {
            Some(records) => records.iter().for_each(|record| broken += event(record, each)),
            None => broken += event(&value, each),
        }
    }
    Ok(broken)
}

fn event(record: &Value, each: &mut dyn FnMut(Seen)) -> u64 {
    let text = |key: &str| record.get(key).and_then(Value::as_str);
    let (Some(name), Some(source)) = (text("eventName"), text("eventSource")) else { return 1 };
    // A call that was refused has hit nothing; reads hit nothing either.
    if record.get("errorCode").is_some() || record.get("readOnly") == Some(&Value::Bool(true)) {
        return 0;
    }
    let who = record.pointer("/userIdentity/arn").and_then(Value::as_str).unwrap_or("unknown");
    let service = source.split('.').next().unwrap_or(source);
    each(Seen {
        at: text("eventTime").and_then(Stamp::parse).map(|stamp| stamp.0),
        who: who.to_owned(),
        what: What::Call(service.to_owned(), kebab(name)),
        process: None,
    });
    0
}

/// `DeleteDBInstance` is `delete-db-instance` on the command line.
fn kebab(name: &str) -> String {
    let chars: Vec<char> = name.chars().take(256).collect();
    let mut out = String::new();
    for (n, c) in chars.iter().enumerate() {
        let before = n.checked_sub(1).and_then(|n| chars.get(n));
        let after = chars.get(n + 1);
        let starts = c.is_uppercase()
            && before.is_some_and(|b| !b.is_uppercase() || after.is_some_and(|a| a.is_lowercase()));
        if starts {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}
