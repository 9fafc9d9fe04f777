//! How long the agent waits for its hook. Each has a unit of its own, and most run
//! the command when the time has passed.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::Finding;
use crate::hook::Agent;
use crate::install::{calls, settings};

/// What is registered ends a guard that hangs after 20 seconds, and says no then.
const LEAST: Duration = Duration::from_secs(25);
/// Deepest nesting that is looked at; settings have at most six levels.
const DEPTH: usize = 16;

/// A time limit of guard's hook that passes before it has answered.
pub(super) fn limits(agent: Agent, path: &Path, text: &str) -> Option<Finding> {
    let (member, limit) = shortest(agent, &settings(text)?, DEPTH)?;
    (limit < LEAST).then(|| {
        Finding::bad(
            agent.name(),
            format!("{}: `{member}` gives the hook {limit:?}", path.display()),
            "on a busy machine the agent stops waiting before guard has answered, and most agents \
             run the command then",
            format!("guard init {}", agent.name()),
        )
    })
}

/// The shortest limit of all entries that call guard before a tool.
fn shortest(agent: Agent, value: &Value, depth: usize) -> Option<(&'static str, Duration)> {
    let below = |value| shortest(agent, value, depth.checked_sub(1)?);
    match value {
        Value::Array(items) => items.iter().filter_map(below).min_by_key(|found| found.1),
        Value::Object(members) => {
            let own = limit(agent, value)
                .filter(|_| calls(&value.to_string()).is_ok_and(|calls| !calls.is_empty()));
            members.values().filter_map(below).chain(own).min_by_key(|found| found.1)
        }
        _ => None,
    }
}

/// An entry's own limit. Gemini CLI and Qwen Code count `timeout` in milliseconds.
fn limit(agent: Agent, entry: &Value) -> Option<(&'static str, Duration)> {
    let thousandths = matches!(agent, Agent::GeminiCli | Agent::QwenCode);
    let units = [
        ("timeout", if thousandths { 0.001 } else { 1.0 }),
        ("timeout_ms", 0.001),
        ("timeoutSec", 1.0),
    ];
    let found = units.into_iter().filter_map(|(member, unit)| {
        let number = entry.get(member)?.as_f64()?;
        Some((member, Duration::try_from_secs_f64(number.max(0.0) * unit).unwrap_or(Duration::MAX)))
    });
    found.min_by_key(|found| found.1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_limit_in_the_wrong_unit_is_told_and_those_of_others_are_not() {
        let told = |agent, hooks: &str| {
            let text = format!("{{ // mine\n\"hooks\": {{{hooks}}} }}");
            limits(agent, Path::new("s.json"), &text).map(|finding| finding.what)
        };
        let entry = |agent: &str, rest: &str| {
            format!(
                r#""E": [{{"matcher": "*", "hooks": [{{"command": "/bin/guard hook {agent}", {rest}}}]}}]"#
            )
        };
        for (agent, rest, said) in [
            (Agent::GeminiCli, r#""timeout": 600"#, Some("`timeout` gives the hook 600ms")),
            (Agent::QwenCode, r#""timeout": 600"#, Some("`timeout` gives the hook 600ms")),
            (Agent::GeminiCli, r#""timeout": 600000"#, None),
            (Agent::ClaudeCode, r#""timeout": 600"#, None),
            (Agent::Codex, r#""timeout": 5"#, Some("`timeout` gives the hook 5s")),
            (Agent::AmazonQ, r#""timeout_ms": 600"#, Some("`timeout_ms` gives the hook 600ms")),
            (Agent::CopilotCli, r#""timeoutSec": 10"#, Some("`timeoutSec` gives the hook 10s")),
            (Agent::Codex, r#""timeout": "5""#, None),
            (Agent::Codex, r#""timeout": -5"#, Some("`timeout` gives the hook 0ns")),
            (Agent::Codex, r#""timeout": 1e300"#, None),
        ] {
            let found = told(agent, &entry(agent.name(), rest));
            assert_eq!(found, said.map(|said| format!("s.json: {said}")), "{rest}");
        }
        assert_eq!(told(Agent::Codex, r#""E": [{"command": "lint.sh", "timeout": 2}]"#), None);
        let after = entry("codex --after", r#""timeout": 2"#);
        assert_eq!(told(Agent::Codex, &after), None);
    }
}
