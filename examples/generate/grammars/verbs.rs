//! The verb table: words that tell what an operation does, and exceptions.

use std::collections::BTreeMap;

use serde_json::Value;

/// Hand-kept classes: tool, operation, code.
type Classes = BTreeMap<String, BTreeMap<String, String>>;
/// Lines of the table: key to fields.
type Lines = BTreeMap<String, String>;

/// The table as text.
pub(super) fn table(
    verbs: &Value,
    aws: &Value,
    azure: &Value,
    gcloud: &Value,
    corrections: &Classes,
) -> Result<String, String> {
    let mut lines = Lines::new();
    let order = ["r", "d", "s", "c", "m", "x", "p"];
    lines.insert(
        "aws".to_owned(),
        word_lists(&aws["default_verbs"], &order, Some(&aws["skip_first_words"]))?,
    );
    aws_exceptions(&mut lines, aws)?;
    // A word in two lists belongs to the stricter.
    let strict = ["d", "p", "x", "sens", "s", "m", "c", "r"];
    for (tool, operations) in [("az", azure), ("gcloud", &gcloud["ops"])] {
        lines.insert(tool.to_owned(), word_lists(&verbs[tool], &strict, None)?);
        name_exceptions(&mut lines, tool, &verbs[tool], operations)?;
    }
    lines.insert("any".to_owned(), word_lists(&verbs["any"], &strict, None)?);
    for (tool, classes) in corrections {
        for (operation, code) in classes {
            lines.insert(format!("{tool} {operation}"), code.clone());
        }
    }
    let mut out: Vec<String> =
        lines.iter().map(|(key, fields)| format!("{key}\t{fields}")).collect();
    out.sort();
    Ok(format!(
        "# Generated from public facts and rules/grammar-extra.yaml; do not edit.\n{}\n",
        out.join("\n")
    ))
}

/// The words of both tools, for tools without lists of their own.
pub(super) fn joined(one: &Value, other: &Value) -> Value {
    let mut lists = one.clone();
    for (code, words) in other.as_object().into_iter().flatten() {
        let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
        let words: Vec<&str> = words.filter(|word| has_no_other_class(one, code, word)).collect();
        if !words.is_empty() {
            let more = BTreeMap::from([(code.clone(), words.join(" "))]);
            extend(&mut lists, &more);
        }
    }
    lists
}

/// A word that both tools know has the class of the first.
fn has_no_other_class(lists: &Value, code: &str, word: &str) -> bool {
    lists.as_object().into_iter().flatten().all(|(other, words)| {
        other == code || !words.as_array().into_iter().flatten().any(|w| w.as_str() == Some(word))
    })
}

/// Adds hand-kept words to the lists of a tool.
pub(super) fn extend(lists: &mut Value, more: &BTreeMap<String, String>) {
    let Some(lists) = lists.as_object_mut() else { return };
    for (code, words) in more {
        let list = lists.entry(code.clone()).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.extend(words.split(' ').map(Value::from));
        }
    }
}

fn word_lists(lists: &Value, order: &[&str], skip: Option<&Value>) -> Result<String, String> {
    let mut fields = Vec::new();
    let words = |list: &Value| -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        for word in list.as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        }
        words
    };
    for code in order {
        let words = words(&lists[*code]);
        if !words.is_empty() {
            fields.push(format!("{code} {}", words.join(" ")));
        }
    }
    if let Some(skip) = skip {
        fields.push(format!("skip {}", words(skip).join(" ")));
    }
    if fields.is_empty() { Err("a verb list is missing".to_owned()) } else { Ok(fields.join("\t")) }
}

/// Operations of aws that their verb does not class rightly.
fn aws_exceptions(lines: &mut Lines, aws: &Value) -> Result<(), String> {
    let mut codes: BTreeMap<(String, String), String> = BTreeMap::new();
    let by_verb = |operation: &str| verb_code(aws, operation);
    for (service, operations) in pairs(&aws["exceptions"])? {
        for (operation, code) in operations.as_object().into_iter().flatten() {
            let code = code.as_str().unwrap_or("w").to_owned();
            codes.insert((service.clone(), operation.clone()), code);
        }
    }
    let listed = |list: &str| -> Result<Vec<(String, String)>, String> {
        let mut out = Vec::new();
        for (service, operations) in pairs(&aws[list])? {
            for operation in operations.as_array().into_iter().flatten().filter_map(Value::as_str) {
                out.push((service.clone(), operation.to_owned()));
            }
        }
        Ok(out)
    };
    // Runs code: unless the verb says something more telling (delete-stack).
    for key in listed("runs_code")? {
        let code = codes.get(&key).cloned().unwrap_or_else(|| by_verb(&key.1));
        let telling = matches!(code.as_str(), "d" | "s" | "m") || key.1.starts_with("create-");
        codes.insert(key, if telling { code } else { "x".to_owned() });
    }
    for key in listed("sensitive_reads")? {
        let code = codes.get(&key).cloned().unwrap_or_else(|| by_verb(&key.1));
        codes.insert(key, if code == "d" { code } else { "sens".to_owned() });
    }
    // What changes who may do what is about access even where it mints a
    // credential; removing things stays a deletion.
    for key in listed("permissions")? {
        let code = codes.get(&key).cloned().unwrap_or_else(|| by_verb(&key.1));
        let reads = code == "r" || (code == "sens" && key.1.starts_with("get-"));
        codes.insert(key, if code == "d" || reads { code } else { "p".to_owned() });
    }
    for (service, operations) in pairs(&aws["custom"])? {
        for (operation, code) in operations.as_object().into_iter().flatten() {
            let code = code.as_str().unwrap_or("w").to_owned();
            codes.insert((service.clone(), operation.clone()), code);
        }
    }
    for ((service, operation), code) in codes {
        let code = if code.len() == 2 && code.ends_with('p') { "p".to_owned() } else { code };
        if service != "*" && code != by_verb(&operation) {
            lines.insert(format!("aws {service} {operation}"), code);
        }
    }
    Ok(())
}

fn pairs(value: &Value) -> Result<Vec<(String, &Value)>, String> {
    let map = value.as_object().ok_or("aws: a list is missing")?;
    Ok(map.iter().map(|(key, value)| (key.clone(), value)).collect())
}

/// The rule that `classes::aws` follows at run time.
fn verb_code(aws: &Value, operation: &str) -> String {
    let lists = &aws["default_verbs"];
    let of = |word: &str| {
        ["r", "d", "s", "c", "m"].into_iter().find(|code| {
            lists[*code].as_array().into_iter().flatten().any(|w| w.as_str() == Some(word))
        })
    };
    let mut words = operation.split('-');
    let first = words.next().unwrap_or_default();
    let skips = aws["skip_first_words"].as_array().into_iter().flatten();
    let skipped = skips.into_iter().any(|w| w.as_str() == Some(first));
    let second = if skipped { words.next().and_then(of) } else { None };
    second.or_else(|| of(first)).unwrap_or("w").to_owned()
}

/// Operations of az and gcloud that the last word does not class as the facts do.
fn name_exceptions(
    lines: &mut Lines,
    tool: &str,
    verbs: &Value,
    operations: &Value,
) -> Result<(), String> {
    for (operation, code) in operations.as_object().ok_or("operations are missing")? {
        let mut path = operation.as_str();
        for track in ["alpha ", "beta ", "preview "] {
            path = path.strip_prefix(track).unwrap_or(path);
        }
        let code = code.as_str().unwrap_or("w").trim_end_matches('!');
        let last = path.rsplit(' ').next().unwrap_or_default();
        if code != "w" && code != last_word_code(tool, verbs, last) {
            lines.insert(format!("{tool} {path}"), code.to_owned());
        }
    }
    Ok(())
}

/// The rule that `classes::verb` follows at run time.
fn last_word_code(tool: &str, verbs: &Value, word: &str) -> &'static str {
    if tool == "gcloud" && word.contains("iam-policy") && !word.starts_with("get") {
        return "p";
    }
    let of = |word: &str| {
        ["d", "p", "x", "sens", "s", "m", "c", "r"].into_iter().find(|code| {
            verbs[*code].as_array().into_iter().flatten().any(|w| w.as_str() == Some(word))
        })
    };
    let first = word.split('-').next().unwrap_or_default();
    let reads = tool == "az" && matches!(first, "list" | "show" | "get" | "check");
    of(word).or(reads.then_some("r")).or_else(|| of(first)).unwrap_or("w")
}
