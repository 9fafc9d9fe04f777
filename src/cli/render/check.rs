//! The short answer of `guard check`, for people and as JSON.

use std::collections::BTreeSet;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::decide::{Finding, Reason, Verdict, describe};
use crate::model::{Reversibility, Scope, Span, Tier, Verb};
use crate::text::{Line, Palette, Role};

/// Findings that are listed; more are counted.
const LISTED: usize = 10;

/// Columns that fit most terminals and mails.
const COLUMNS: usize = 100;

/// A verdict in the form of `check --json` and `--jsonl`.
///
/// Borrows everything, so that judging many commands a second does not spend
/// its time on copies. Write it with [`crate::text::json`].
#[derive(Debug, Serialize)]
pub struct VerdictJson<'a> {
    /// The id of the request, when it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    tier: Tier,
    effects: Effects<'a>,
    reasons: Reasons<'a>,
    unknown: bool,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    before: &'a [String],
}

/// The machine-readable form of a verdict. `id` is the caller's own, whatever
/// type it had.
#[must_use]
pub const fn json<'a>(verdict: &'a Verdict, id: Option<&'a Value>) -> VerdictJson<'a> {
    VerdictJson {
        id,
        tier: verdict.tier,
        effects: Effects(verdict),
        reasons: Reasons(verdict),
        unknown: verdict.unknown,
        before: verdict.before.as_slice(),
    }
}

#[derive(Debug)]
struct Effects<'a>(&'a Verdict);

#[derive(Serialize)]
struct EffectJson<'a> {
    rule: &'a str,
    verb: Verb,
    scope: Scope,
    object: Object<'a>,
    reversibility: &'static str,
    span: Span,
    tier: Tier,
}

impl<'a> From<&'a Finding> for EffectJson<'a> {
    fn from(Finding { effect, tier, .. }: &'a Finding) -> Self {
        Self {
            rule: &effect.rule,
            verb: effect.facts.verb,
            scope: effect.facts.scope,
            object: Object(&effect.kind, effect.name.as_deref()),
            reversibility: Reversibility::name(effect.facts.reversibility),
            span: effect.span,
            tier: *tier,
        }
    }
}

impl Serialize for Effects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.findings.iter().map(EffectJson::from))
    }
}

/// `kind/name`, or the kind alone.
struct Object<'a>(&'a str, Option<&'a str>);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.1 {
            Some(name) => serializer.collect_str(&format_args!("{}/{name}", self.0)),
            None => serializer.serialize_str(self.0),
        }
    }
}

/// The reasons of a verdict as its JSON gives them.
#[must_use]
pub fn reasons(verdict: &Verdict) -> Vec<String> {
    let value = serde_json::to_value(Reasons(verdict)).unwrap_or_default();
    serde_json::from_value(value).unwrap_or_default()
}

/// The reasons of the findings that decided, each once, then the problems.
#[derive(Debug)]
struct Reasons<'a>(&'a Verdict);

impl Serialize for Reasons<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut seq = serializer.serialize_seq(None)?;
        let mut seen = BTreeSet::new();
        let decisive = self.0.findings.iter().filter(|finding| finding.tier == self.0.tier);
        for Reason { id, text, .. } in decisive.flat_map(|finding| &finding.reasons) {
            if seen.insert((id, text)) {
                seq.serialize_element(&Text(format_args!("{id}: {text}")))?;
            }
        }
        for problem in &self.0.problems {
            let (start, end) = problem.span.into();
            let message = &problem.message;
            seq.serialize_element(&Text(format_args!("{message} (bytes {start} to {end})")))?;
        }
        seq.end()
    }
}

struct Text<'a>(std::fmt::Arguments<'a>);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// The short answer for people: tier, what was found, and what would happen.
/// The same on a terminal and in a pipe.
#[must_use]
pub fn short(verdict: &Verdict, palette: Palette) -> String {
    let columns = COLUMNS;
    let mut lines = vec![headline(verdict)];
    for finding in verdict.findings.iter().take(LISTED) {
        lines.extend(described(finding).wrap(columns, 12));
    }
    let more = verdict.findings.len().saturating_sub(LISTED);
    if more > 0 {
        lines.push(Line::new().with(Role::Dim, &format!("  and {more} more: guard explain")));
    }
    for problem in &verdict.problems {
        let line = Line::new().with(Role::Warn, &format!("  not read  {}", problem.message));
        lines.extend(line.wrap(columns, 12));
    }
    if verdict.tier.asks()
        && let Some(safer) = verdict.worst().and_then(|finding| finding.effect.safer.as_deref())
    {
        let line = Line::new().with(Role::Dim, "  safer     ").with(Role::Good, safer);
        lines.extend(line.wrap(columns, 12));
    }
    lines.iter().map(|line| line.render(palette, columns) + "\n").collect()
}

fn headline(verdict: &Verdict) -> Line {
    let what = match verdict.tier {
        Tier::Allow => "would run",
        Tier::Notify => "would run, with a note",
        Tier::Confirm => "would ask y or n",
        Tier::Challenge => "would ask for the name to be typed",
        Tier::SecondHuman => "would need a second person",
        Tier::Deny => "would be refused",
    };
    let mut line = Line::new().with(tier_role(verdict.tier), &describe::tier(verdict.tier));
    line.push(Role::Plain, &format!(": {what}"));
    if verdict.unknown {
        line.push(Role::Warn, "; something in it cannot be known");
    }
    line
}

fn described(Finding { effect, tier, reasons }: &Finding) -> Line {
    let mut line = Line::new().with(tier_role(*tier), &format!("  {}        ", tier.short()));
    line.push(Role::Strong, describe::verb(effect.facts.verb));
    line.push(Role::Plain, &format!(" {}", effect.kind));
    if let Some(name) = &effect.name {
        line.push(Role::Plain, &format!(" {name}"));
    }
    for (at, reason) in reasons.iter().enumerate() {
        let between = if at == 0 { ": " } else { "; " };
        line.push(Role::Plain, &format!("{between}{} ({})", reason.text, reason.id));
    }
    line.evidence(&effect.rule, 60);
    line
}

/// The look of a tier.
pub(super) const fn tier_role(tier: Tier) -> Role {
    match tier {
        Tier::Allow | Tier::Notify => Role::Good,
        Tier::Confirm => Role::Warn,
        Tier::Challenge | Tier::SecondHuman | Tier::Deny => Role::Danger,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::{json as verdict_json, short};
    use crate::decide::samples;
    use crate::model::{Problem, ProblemKind, Span, Tier, Verb};
    use crate::text::{Palette, json};

    fn json(verdict: &crate::decide::Verdict, id: Option<&str>) -> String {
        let id = id.map(serde_json::Value::from);
        let mut out = Vec::new();
        json::write(&mut out, &verdict_json(verdict, id.as_ref())).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn json_has_the_documented_fields_in_order() {
        insta::assert_snapshot!(json(&samples::delete_namespace(), Some("7")), @r#"{"id":"7","tier":"second-human","effects":[{"rule":"kubectl.delete-namespace","verb":"delete","scope":4,"object":"namespace/prod","reversibility":"none","span":[8,22],"tier":"second-human"}],"reasons":["4a: deletes a whole service or data in production"],"unknown":false}"#);
        assert_eq!(
            json(&samples::verdict(vec![], vec![]), None),
            r#"{"tier":"allow","effects":[],"reasons":[],"unknown":false}"#
        );
    }

    #[test]
    fn json_escapes_what_a_terminal_would_obey() {
        let found =
            samples::finding(Verb::Delete, "file", Some("a\u{202e}\x1b\u{9b}b"), Tier::Confirm);
        let text = json(&samples::verdict(vec![found], vec![]), None);
        assert!(text.contains(r#""object":"file/a\u202e\u001b\u009bb""#), "{text}");
    }

    #[test]
    fn the_short_answer() {
        let mut verdict = samples::delete_namespace();
        verdict.findings.push(samples::finding(Verb::Delete, "directory", None, Tier::Confirm));
        insta::assert_snapshot!(short(&verdict, Palette::OFF), @r"
        T4 second human: would need a second person
          T4        DELETE namespace prod: deletes a whole service or data in production (4a)
                    [kubectl.delete-namespace]
          T2        DELETE directory: delete without a way back (2a) [sample.directory]
          safer     Delete single objects: `kubectl delete deploy NAME -n NS`
        ");
        let nothing = samples::verdict(vec![], vec![]);
        insta::assert_snapshot!(short(&nothing, Palette::OFF), @r"T0 allow: would run");
    }

    #[test]
    fn many_findings_are_counted_and_problems_told() {
        let found = || samples::finding(Verb::Delete, "file", Some("x"), Tier::Confirm);
        let mut verdict = samples::verdict((0..50).map(|_| found()).collect(), vec![]);
        verdict.unknown = true;
        verdict.problems.push(Problem {
            kind: ProblemKind::Nul,
            message: "a NUL byte: no shell sees what follows it".into(),
            span: Span::new(3, 4),
        });
        let text = short(&verdict, Palette::OFF);
        assert!(text.contains("and 40 more: guard explain"), "{text}");
        assert!(text.contains("not read  a NUL byte"), "{text}");
        assert!(json(&verdict, None).contains("(bytes 3 to 4)"));
        assert_eq!(json(&verdict, None).matches("2a: ").count(), 1, "each reason once");
    }
}
