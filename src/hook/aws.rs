//! `use_aws` of Amazon Q and Kiro, as the command line that it means.
//!
//! The tool is no shell tool: the agent starts `aws` itself. Q 1.19.7 builds
//! `aws --region R [--profile P] SERVICE OPERATION --NAME VALUE...` with the
//! names in kebab case, strings as they are and everything else as compact JSON;
//! an empty string stands for an option without a value. It takes the parameters
//! in random order, guard in the order of their names.

use serde_json::{Map, Value};

use super::Unreadable;
use super::fields::{optional_text, text};

/// The argv that a `use_aws` call starts.
pub(super) fn argv(input: &Map<String, Value>) -> Result<Vec<String>, Unreadable> {
    let mut argv = vec!["aws".to_owned()];
    for (field, option) in [("region", "--region"), ("profile_name", "--profile")] {
        if let Some(value) = optional_text(input, field)?.filter(|value| !value.is_empty()) {
            argv.extend([option.to_owned(), value.to_owned()]);
        }
    }
    for field in ["service_name", "operation_name"] {
        let word = text(input, field)?;
        // It would be read as an option, and shift what the other words mean.
        if word.is_empty() || word.starts_with('-') {
            return Err(Unreadable::field(field, "is not a name"));
        }
        argv.push(word.to_owned());
    }
    match input.get("parameters") {
        None | Some(Value::Null) => {}
        Some(Value::Object(parameters)) => {
            let mut sorted: Vec<_> = parameters.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            for (name, value) in sorted {
                argv.push(format!("--{}", kebab(name)));
                match value {
                    Value::String(text) if text.is_empty() => {}
                    Value::String(text) => argv.push(text.clone()),
                    other => argv.push(other.to_string()),
                }
            }
        }
        Some(_) => return Err(Unreadable::field("parameters", "is not an object")),
    }
    Ok(argv)
}

/// `StackName`, `stack_name` and `stackName` are `stack-name`.
fn kebab(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::with_capacity(name.len() + 4);
    for (at, c) in chars.iter().enumerate() {
        if matches!(c, '_' | ' ') {
            out.push('-');
            continue;
        }
        let before = at.checked_sub(1).and_then(|at| chars.get(at));
        let after = chars.get(at + 1);
        let starts = c.is_ascii_uppercase()
            && before.is_some_and(|b| {
                b.is_ascii_lowercase()
                    || b.is_ascii_digit()
                    || (b.is_ascii_uppercase() && after.is_some_and(char::is_ascii_lowercase))
            });
        if starts {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::kebab;

    #[test]
    fn names_of_parameters_become_options() {
        for (name, option) in [
            ("StackName", "stack-name"),
            ("client_request_token", "client-request-token"),
            ("NoPaginate", "no-paginate"),
            ("environment-name", "environment-name"),
            ("DBInstanceIdentifier", "db-instance-identifier"),
        ] {
            assert_eq!(kebab(name), option);
        }
    }
}
