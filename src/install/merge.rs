//! Editing JSON that people wrote: their comments, their order, their hooks and
//! every byte outside guard's entry stay as they are.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstArray, CstInputValue, CstNode, CstObject, CstRootNode};
use serde_json::Value;

use super::{AFTER, Step};

/// Why a file is not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// It is not JSON.
    #[error("it is not JSON that guard can read: {0}")]
    Syntax(String),
    /// Something stands where an object or a list has to be.
    #[error("`{0}` in it is not what the agent documents")]
    Shape(String),
}

fn parse(text: &str) -> Result<CstRootNode, MergeError> {
    let options = ParseOptions {
        allow_comments: true,
        allow_loose_object_property_names: false,
        allow_trailing_commas: true,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_extended_string_escapes: false,
        allow_non_finite_numbers: false,
    };
    CstRootNode::parse(text, &options).map_err(|error| MergeError::Syntax(error.to_string()))
}

/// The text with every step done. Doing it twice changes nothing more.
///
/// # Errors
/// A text that is not JSON or has another shape; nothing may be written then.
pub fn apply(text: &str, steps: &[Step]) -> Result<String, MergeError> {
    let empty = text.trim().is_empty();
    let root = parse(if empty { "{\n}\n" } else { text })?;
    let top = root.object_value().ok_or_else(|| MergeError::Shape("the whole".into()))?;
    for step in steps {
        match step {
            Step::Set(path, value) => set(&top, path, value, true)?,
            Step::Default(path, value) => set(&top, path, value, false)?,
            Step::Element(path, value) => element(&top, path, value)?,
        }
    }
    Ok(root.to_string())
}

/// The text without what the steps put there. `before` is what there was without
/// guard, where that is known: a member that guard has set goes when it was not
/// there, and gets its value back when it had another.
///
/// # Errors
/// As [`apply`].
pub fn undo(text: &str, steps: &[Step], before: Option<&str>) -> Result<String, MergeError> {
    let root = parse(text)?;
    let before = before.and_then(settings);
    let top = root.object_value().ok_or_else(|| MergeError::Shape("the whole".into()))?;
    for step in steps {
        match step {
            Step::Element(path, _) => {
                let Some(array) = find_array(&top, path) else { continue };
                for ours in array.elements().into_iter().filter(is_ours) {
                    ours.remove();
                }
                if array.elements().is_empty() {
                    drop_empty(&top, path);
                }
            }
            Step::Set(path, value) | Step::Default(path, value) => {
                let Some((name, parents)) = path.split_last() else { continue };
                let Some(object) = find_object(&top, parents) else { continue };
                let same = object.get(name).filter(|prop| {
                    prop.value().and_then(|v| v.to_serde_value()).as_ref() == Some(value)
                });
                let Some(prop) = same else { continue };
                let had = before
                    .as_ref()
                    .map(|all| path.iter().try_fold(all, |inner, member| inner.get(*member)));
                match had {
                    Some(Some(theirs)) if theirs == value => {}
                    Some(Some(theirs)) => set(&top, path, theirs, true)?,
                    Some(None) => prop.remove(),
                    // Without it, an agent's file that guard made would be of no use.
                    None if matches!(step, Step::Default(..)) => {}
                    None => prop.remove(),
                }
            }
        }
    }
    Ok(root.to_string())
}

/// Removes an empty list and the objects that held nothing else.
fn drop_empty(top: &CstObject, path: &[&'static str]) {
    for end in (1..=path.len()).rev() {
        let Some((name, parents)) = path.get(..end).and_then(<[_]>::split_last) else { return };
        let Some(object) = find_object(top, parents) else { return };
        let Some(prop) = object.get(name) else { return };
        let empty = match prop.value() {
            Some(CstNode::Container(node)) => node
                .as_array()
                .map(|array| array.elements().is_empty())
                .or_else(|| node.as_object().map(|inner| inner.properties().is_empty())),
            _ => None,
        };
        if empty != Some(true) {
            return;
        }
        prop.remove();
    }
}

fn find_object(top: &CstObject, path: &[&'static str]) -> Option<CstObject> {
    path.iter().try_fold(top.clone(), |object, name| object.object_value(name))
}

fn find_array(top: &CstObject, path: &[&'static str]) -> Option<CstArray> {
    let (name, parents) = path.split_last()?;
    find_object(top, parents)?.array_value(name)
}

fn object(top: &CstObject, path: &[&'static str]) -> Result<CstObject, MergeError> {
    path.iter().try_fold(top.clone(), |object, name| {
        object.object_value_or_create(name).ok_or_else(|| MergeError::Shape(path.join(".")))
    })
}

fn set(
    top: &CstObject,
    path: &[&'static str],
    value: &Value,
    replace: bool,
) -> Result<(), MergeError> {
    let Some((name, parents)) = path.split_last() else { return Ok(()) };
    let object = object(top, parents)?;
    match object.get(name) {
        None => drop(object.append(name, input(value))),
        Some(prop) => {
            let now = prop.value().and_then(|node| node.to_serde_value());
            if replace && now.as_ref() != Some(value) {
                prop.set_value(input(value));
            }
        }
    }
    Ok(())
}

fn element(top: &CstObject, path: &[&'static str], value: &Value) -> Result<(), MergeError> {
    let Some((name, parents)) = path.split_last() else { return Ok(()) };
    let array = object(top, parents)?
        .array_value_or_create(name)
        .ok_or_else(|| MergeError::Shape(path.join(".")))?;
    let ours: Vec<CstNode> = array.elements().into_iter().filter(is_ours).collect();
    let right = |node: &CstNode| node.to_serde_value().as_ref() == Some(value);
    if ours.len() == 1 && ours.iter().all(right) {
        return Ok(());
    }
    for old in ours {
        old.remove();
    }
    array.ensure_multiline();
    array.append(input(value));
    Ok(())
}

/// Whether an element is guard's: somewhere in it stands a call of its hook.
fn is_ours(node: &CstNode) -> bool {
    node.to_serde_value().is_some_and(|value| calls_guard(&value))
}

fn calls_guard(value: &Value) -> bool {
    let program = |text: &str| {
        let name = text.rsplit('/').next().unwrap_or(text);
        name.trim_matches(['\'', '"']) == "guard"
    };
    match value {
        // `/path/guard hook AGENT`, alone or behind a check that it is there.
        Value::String(text) => {
            let words: Vec<&str> = text.split_whitespace().collect();
            words.windows(2).any(|pair| match pair {
                [first, second] => program(first) && *second == "hook",
                _ => false,
            })
        }
        Value::Array(items) => items.iter().any(calls_guard),
        Value::Object(members) => {
            let exec = members.get("exec").or_else(|| members.get("command"));
            // In words of their own, with or without a program that keeps the time.
            let args = members.get("args").and_then(Value::as_array);
            let words = exec.into_iter().chain(args.into_iter().flatten());
            let words: Vec<&str> = words.filter_map(Value::as_str).collect();
            let split = words
                .windows(2)
                .any(|pair| matches!(pair, [first, second] if program(first) && *second == "hook"));
            split || members.values().any(calls_guard)
        }
        _ => false,
    }
}

/// The calls of guard's hook in a settings file that stand before a tool, as the
/// agent starts them: a line for a shell, or a program with its arguments. One for
/// afterwards stops nothing, wherever it is registered.
///
/// # Errors
/// As [`apply`].
pub fn calls(text: &str) -> Result<Vec<HookCall>, MergeError> {
    let value = parse(text)?.to_serde_value().unwrap_or_default();
    let mut out = Vec::new();
    collect(&value, &mut out);
    out.retain(|call| !call.is_after());
    Ok(out)
}

/// A file of settings as a value: with comments and commas that JSON does not
/// know. `None` when it cannot be read.
#[must_use]
pub fn settings(text: &str) -> Option<Value> {
    parse(text).ok()?.to_serde_value()
}

/// How an agent starts its hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookCall {
    /// Through a shell.
    Line(String),
    /// By itself.
    Argv(Vec<String>),
}

impl HookCall {
    fn is_after(&self) -> bool {
        match self {
            Self::Line(line) => line.split_whitespace().any(|word| word == AFTER),
            Self::Argv(words) => words.iter().any(|word| word == AFTER),
        }
    }
}

fn collect(value: &Value, out: &mut Vec<HookCall>) {
    match value {
        Value::String(line) if calls_guard(value) => out.push(HookCall::Line(line.clone())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, out)),
        Value::Object(members) => {
            let exec = members.get("exec").or_else(|| members.get("command"));
            if let (Some(Value::String(program)), Some(Value::Array(args))) =
                (exec, members.get("args"))
                && calls_guard(value)
            {
                let args = args.iter().filter_map(Value::as_str).map(str::to_owned);
                out.push(HookCall::Argv(std::iter::once(program.clone()).chain(args).collect()));
                return;
            }
            // What is called at the agent's own dialog does not stand before a tool.
            let before = members.iter().filter(|(name, _)| *name != "PermissionRequest");
            before.for_each(|(_, inner)| collect(inner, out));
        }
        _ => {}
    }
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(flag) => CstInputValue::Bool(*flag),
        Value::Number(number) => CstInputValue::Number(number.to_string()),
        Value::String(text) => CstInputValue::String(text.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => CstInputValue::Object(
            members.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}
