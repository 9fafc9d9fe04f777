//! Texts under a key of an option's value.
//!
//! Cloud command lines take lists of shell commands as JSON
//! (`{"commands": ["df -h"]}`) or in a shorthand for it (`commands=["df -h"]`,
//! `commands=df -h,uptime`). See the AWS CLI user guide, "Shorthand syntax".

use serde_json::Value;

/// The texts under one of `keys`, the elements of a list joined by newlines as
/// the lines of one script. Without keys the value itself is the text.
pub(super) fn texts(value: &str, keys: &[String]) -> Vec<String> {
    let value = value.trim();
    if keys.is_empty() {
        return vec![value.to_owned()];
    }
    if value.starts_with('{') {
        let Ok(Value::Object(map)) = serde_json::from_str::<Value>(value) else {
            return vec![value.to_owned()];
        };
        return keys.iter().filter_map(|key| map.get(key)).filter_map(lines).collect();
    }
    let Some((key, rest)) = value.split_once('=') else { return Vec::new() };
    if !keys.iter().any(|known| known == key.trim()) {
        return Vec::new();
    }
    match serde_json::from_str::<Value>(rest) {
        Ok(parsed @ (Value::Array(_) | Value::String(_))) => lines(&parsed).into_iter().collect(),
        _ => vec![shorthand(rest)],
    }
}

/// A text, or a list of texts as lines.
fn lines(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            Some(texts.join("\n"))
        }
        _ => None,
    }
}

/// `[a,b]` or `a,b` without quotes around the parts: a comma outside of quotes
/// and braces begins the next line.
fn shorthand(text: &str) -> String {
    let text = text.trim();
    let inside = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let (mut quote, mut depth) = (None, 0_usize);
    let mut out = String::with_capacity(text.len());
    for c in inside.unwrap_or(text).chars() {
        match (quote, c) {
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            (None, '{' | '(') => depth += 1,
            (None, '}' | ')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push(if c == ',' && quote.is_none() && depth == 0 { '\n' } else { c });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::texts;

    fn commands(value: &str) -> Vec<String> {
        texts(value, &["commands".to_owned()])
    }

    #[test]
    fn lists_become_the_lines_of_a_script() {
        for value in [
            r#"{"commands": ["df -h", "uptime"]}"#,
            r#"commands=["df -h","uptime"]"#,
            "commands=[df -h,uptime]",
            "commands=df -h,uptime",
        ] {
            assert_eq!(commands(value), ["df -h\nuptime"], "{value}");
        }
        assert_eq!(commands(r#"{"commands": "id"}"#), ["id"]);
    }

    #[test]
    fn commas_inside_quotes_and_braces_stay() {
        assert_eq!(commands(r#"commands=echo "a, b""#), [r#"echo "a, b""#]);
        assert_eq!(commands("commands=rm {a,b}"), ["rm {a,b}"]);
    }

    #[test]
    fn other_keys_are_left_out_and_broken_json_is_kept() {
        assert!(commands("executionTimeout=60").is_empty());
        assert!(commands(r#"{"workingDirectory": ["/srv"]}"#).is_empty());
        assert_eq!(commands("{broken"), ["{broken"]);
        assert!(commands("").is_empty());
    }
}
