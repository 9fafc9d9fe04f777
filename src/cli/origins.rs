//! Which line of which file decided: where rules, lines of the tier table and
//! lines of policy stand.
//!
//! Only `guard explain` asks, so nothing of this costs a verdict anything. A
//! file that can no longer be read has no line, and is named alone.

use std::collections::BTreeMap;
use std::path::Path;

use crate::config::rules_d;
use crate::decide::judge::OWN_RULES;
use crate::decide::{Finding, Policy, PolicyFile, Reason, Verdict, table::Table};
use crate::model::Flag;
use crate::rules::{Origin, RuleSet, builtin, compile, yaml};

/// The tier table as people see it.
const TIERS: &str = "rules/tiers.yaml";
static TIERS_TEXT: &str = include_str!("../../rules/tiers.yaml");

/// Places as `FILE:LINE`, not escaped.
#[derive(Debug, Clone, Default)]
pub struct Origins {
    /// Rule id to its place.
    pub rules: BTreeMap<String, String>,
    /// Text of a policy line's reason to its place.
    pub policy: BTreeMap<String, String>,
}

impl Origins {
    /// Looks up everything that `verdict` rests on.
    #[must_use]
    pub fn find(verdict: &Verdict, rules: &RuleSet, policy: &Policy) -> Self {
        let mut out = Self::default();
        for finding in &verdict.findings {
            let id = &finding.effect.rule;
            if !out.rules.contains_key(id)
                && let Some(place) = rule(finding, verdict, rules)
            {
                out.rules.insert(id.clone(), place);
            }
            out.policy(finding, policy);
        }
        out
    }

    fn policy(&mut self, finding: &Finding, policy: &Policy) {
        for (source, raise) in &policy.raise {
            let text = Policy::reason(source, raise);
            if finding.reasons.iter().any(|reason| reason.text == text) {
                let place = place(source, "raise", |file| {
                    file.raise.iter().position(|r| r.why == raise.why && r.to == raise.to)
                });
                self.policy.entry(text).or_insert(place);
            }
        }
        if !finding.effect.facts.flags.contains(&Flag::Freeze) {
            return;
        }
        for (source, freeze) in &policy.freeze {
            let text = format!("frozen: {}", freeze.why);
            if finding.effect.facts.evidence.iter().any(|found| found.text == text) {
                let place = place(source, "freeze", |file| {
                    file.freeze.iter().position(|f| f.why == freeze.why && f.until == freeze.until)
                });
                self.policy.entry(text).or_insert(place);
            }
        }
    }

    /// Where the line of a reason stands.
    #[must_use]
    pub fn of(&self, finding: &Finding, reason: &Reason) -> Option<String> {
        match reason.id.as_str() {
            "policy" => self.policy.get(&reason.text).cloned(),
            "floor" => self.rules.get(&finding.effect.rule).cloned(),
            "m1" | "m4" => None,
            _ => {
                let table = Table::builtin();
                let at = table.position(&finding.effect.facts)?;
                let known = table.lines.get(at).is_some_and(|line| line.id == reason.id);
                let line = compile::line(TIERS, TIERS_TEXT, "lines", at).filter(|_| known)?;
                Some(format!("{TIERS}:{line}"))
            }
        }
    }
}

/// Where a rule stands.
fn rule(finding: &Finding, verdict: &Verdict, rules: &RuleSet) -> Option<String> {
    let id = &finding.effect.rule;
    if let Some(page) = builtin::page(id) {
        return Some(match page.line {
            0 => page.source,
            line => format!("{}:{line}", page.source),
        });
    }
    if OWN_RULES.iter().any(|(own, ..)| own == id) {
        return Some("guard itself".to_owned());
    }
    let program = verdict.invocations.get(finding.effect.invocation)?.program.as_deref();
    let mut files = rules.files(program.unwrap_or_default());
    files.extend(rules.files("*"));
    files.iter().find_map(|file| {
        let Origin::File(path) = &file.origin else { return None };
        let at = file.file.rules.iter().position(|rule| rule.id == *id)?;
        let text = rules_d::read_text(Path::new(path), false).ok();
        let line = text.and_then(|text| compile::line(path, &text, "rules", at));
        Some(line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")))
    })
}

/// Where an entry of a policy file stands. The file is read again: what is in
/// force no longer knows its lines.
fn place(source: &str, list: &str, position: impl Fn(&PolicyFile) -> Option<usize>) -> String {
    let line = rules_d::read_text(Path::new(source), false).ok().and_then(|text| {
        let file: PolicyFile = yaml::parse(source, &text).ok()?;
        compile::line(source, &text, list, position(&file)?)
    });
    line.map_or_else(|| source.to_owned(), |line| format!("{source}:{line}"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::Origins;
    use crate::app::judge::{HOOKS, Input, judge};
    use crate::config::rules_d;
    use crate::decide::{Policy, World};
    use crate::model::{Actor, ActorKind, Context};
    use crate::rules::{RuleSet, yaml};

    /// The text that a place `FILE:LINE` points at.
    fn at(place: &str) -> String {
        let (file, line) = place.rsplit_once(':').unwrap();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        let text = std::fs::read_to_string(file).unwrap();
        text.lines().nth(line.parse::<usize>().unwrap() - 1).unwrap().to_owned()
    }

    fn look(text: &str, rules: &RuleSet, policy: &Policy, check: impl Fn(&str, &str, &str)) {
        let ctx = Context::neutral();
        let actor = Actor { kind: ActorKind::Agent, name: None, evidence: "given".into() };
        let files = &crate::command::NoFiles;
        let world = World { rules, policy, ctx: &ctx, actor: &actor, files };
        let verdict = judge(&Input::Text(text.into()), world);
        let origins = Origins::find(&verdict, rules, policy);
        let worst = verdict.worst().unwrap();
        for reason in &worst.reasons {
            let place = origins.of(worst, reason).unwrap_or_default();
            check(&worst.effect.rule, &reason.id, &place);
        }
        let rule = origins.rules.get(&worst.effect.rule).unwrap();
        check(&worst.effect.rule, "rule", rule);
    }

    #[test]
    fn the_lines_of_built_in_rules_and_of_the_table_are_right() {
        let (rules, policy) = (RuleSet::builtin(), Policy::default());
        for text in ["rm -rf /srv/x", "git reset --hard", "kubectl delete ns prod"] {
            look(text, &rules, &policy, |rule, id, place| match id {
                "rule" | "floor" => assert!(at(place).contains(&format!("id: {rule}")), "{place}"),
                "m1" => assert_eq!(place, ""),
                id => assert!(at(place).contains(&format!("- id: {id}")), "{place}"),
            });
        }
    }

    #[test]
    fn the_lines_of_own_rules_and_of_policy_are_right() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("mytool.yaml");
        let text = "# mine\ntool: mytool\nprograms: [mytool]\nrules:\n  - id: mytool.drop\n    \
                    summary: s\n    why: w\n    match: {operands: [{at: first, is: {exact: [drop]}}]}\n    \
                    effect: {verb: delete, object: thing, scope: 1}\n    examples:\n      \
                    match: [mytool drop, mytool drop a, mytool drop b]\n      \
                    pass: [mytool list, mytool get, mytool info]\n";
        std::fs::write(&file, text).unwrap();
        let mut rules = RuleSet::builtin();
        rules.add(rules_d::load_any(&file, HOOKS).unwrap());
        let raises = dir.path().join("policy.yaml");
        let text = "raise:\n  - when: {rules: [git.*]}\n    to: deny\n    why: no\n  \
                    - when: {rules: [mytool.*]}\n    to: challenge\n    why: mine\n\
                    freeze:\n  - when: {rules: [mytool.no]}\n    why: frozen\n";
        std::fs::write(&raises, text).unwrap();
        let mut policy = Policy::default();
        let name = raises.to_string_lossy();
        policy.add(&name, yaml::parse(&name, text).unwrap()).unwrap();
        look("mytool drop x", &rules, &policy, |_, id, place| match id {
            "rule" => assert_eq!(place, format!("{}:5", file.display())),
            "policy" => assert_eq!(place, format!("{name}:5")),
            _ => assert!(place.starts_with("rules/tiers.yaml:"), "{place}"),
        });
        std::fs::remove_file(&raises).unwrap();
        look("mytool drop x", &rules, &policy, |_, id, place| {
            assert!(id != "policy" || place == name, "{place}");
        });
    }
}
