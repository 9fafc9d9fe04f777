//! `guard explain`: how a verdict came about.
//!
//! The command with its words coloured and marked, then every program that
//! would run as a tree, and under each program what it would do, with facts,
//! evidence and the lines of the table that gave the tier.

mod values;

use std::collections::BTreeMap;

use super::check::tier_role;
use super::words;
use crate::cli::origins::Origins;
use crate::decide::{Finding, Reason, Verdict, describe};
use crate::model::{
    Certainty, Effect, Evidence, Fact, Facts, Invocation, Opt, Redirect, RedirectOp, Stdin, Tier,
    Word,
};
use crate::text::{Line, Palette, Role, width};
use values::Values;

/// Columns of the labels.
const LABEL: usize = 13;
/// Levels of nesting that are still indented; deeper ones stay at the edge.
const DEEPEST: usize = 8;

/// What a verdict is explained with.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// The command as it is shown.
    pub text: &'a str,
    /// Something was taken out of the text, so the words no longer stand where
    /// they stood.
    pub moved: bool,
    /// Where rules and lines stand.
    pub origins: Origins,
}

/// Explains a verdict.
#[must_use]
pub fn render(verdict: &Verdict, asked: &Asked<'_>, palette: Palette, columns: usize) -> String {
    let columns = columns.max(40);
    let origins = &asked.origins;
    let values = Values::new((!asked.moved).then_some(asked.text), &verdict.invocations);
    let mut page = Page { lines: Vec::new(), columns, indent: 2 };
    page.lines.extend(words::lines(asked.text, verdict, columns));
    page.lines.extend(words::legend(palette));
    page.blank();
    for problem in &verdict.problems {
        let (start, end) = problem.span.into();
        let text = format!("bytes {start} to {end}: {}", problem.message);
        page.row("not read", Line::new().with(Role::Warn, &text));
    }
    let mut findings: BTreeMap<usize, Vec<&Finding>> = BTreeMap::new();
    for finding in &verdict.findings {
        findings.entry(finding.effect.invocation).or_default().push(finding);
    }
    for (index, depth) in tree(&verdict.invocations) {
        if let Some(found) = verdict.invocations.get(index) {
            page.indent = 2 + 2 * depth.min(DEEPEST);
            let about = (&values, origins, findings.remove(&index).unwrap_or_default());
            invocation(&mut page, index, found, &about);
        }
    }
    page.indent = 2;
    // Effects of no invocation in the list: none is dropped.
    findings.into_values().flatten().for_each(|f| effect(&mut page, f, origins));
    for name in &verdict.uncalled {
        let line = Line::new().with(Role::Operand, name);
        page.row("not judged", line.with(Role::Plain, ": a function that is never called"));
    }
    for line in &verdict.before {
        page.row("before", Line::new().with(Role::Warn, line));
    }
    conclusion(&mut page, verdict, origins);
    let mut out = String::new();
    for line in &page.lines {
        out += &line.render(palette, usize::MAX);
        out.push('\n');
    }
    out
}

/// The lines so far, and where the next ones start.
struct Page {
    lines: Vec<Line>,
    columns: usize,
    indent: usize,
}

impl Page {
    fn blank(&mut self) {
        self.lines.push(Line::new());
    }

    /// A line that is broken, never cut, when it is too long.
    fn line(&mut self, line: Line, more: usize) {
        let mut indented = Line::new().with(Role::Plain, &" ".repeat(self.indent));
        indented.append(line);
        self.lines.extend(indented.wrap(self.columns, self.indent + more));
    }

    fn row(&mut self, label: &str, value: Line) {
        let mut line = Line::new().with(Role::Dim, &width::pad(label, LABEL));
        line.append(value);
        self.line(line, LABEL);
    }
}

/// The invocations in the order of the tree, each with its depth.
fn tree(invocations: &[Invocation]) -> Vec<(usize, usize)> {
    let mut children = vec![Vec::new(); invocations.len()];
    let mut stack = Vec::new();
    for (index, invocation) in invocations.iter().enumerate().rev() {
        // A parent comes before its children; anything else would be a circle.
        match invocation.parent.filter(|parent| *parent < index) {
            Some(parent) => children.get_mut(parent).into_iter().for_each(|c| c.push(index)),
            None => stack.push((index, 0)),
        }
    }
    let mut order = Vec::with_capacity(invocations.len());
    while let Some((index, depth)) = stack.pop() {
        order.push((index, depth));
        // Collected from the last to the first, so the first is on top.
        stack.extend(children.get(index).into_iter().flatten().map(|child| (*child, depth + 1)));
    }
    order
}

/// How to explain an invocation, and what was found about it.
type About<'a> = (&'a Values<'a>, &'a Origins, Vec<&'a Finding>);

fn invocation(page: &mut Page, index: usize, invocation: &Invocation, about: &About<'_>) {
    let (values, origins, findings) = about;
    let mut title = Line::new().with(Role::Dim, &format!("{}  ", index + 1));
    match &invocation.program {
        Some(program) => title.push(Role::Program, program),
        None if invocation.argv.is_empty() => title.push(Role::Plain, "no program"),
        None => title.push(Role::Unknown, "a program that is not known before it runs"),
    }
    for word in &invocation.subcommand {
        title.push(Role::Subcommand, &format!(" {word}"));
    }
    if let Some(place) = describe::place(&invocation.place) {
        title.push(Role::Warn, &format!("  {place}"));
    }
    let wrappers: Vec<_> = invocation.wrappers.iter().map(|w| w.name.as_str()).collect();
    if !wrappers.is_empty() {
        title.push(Role::Dim, &format!("  inside {}", wrappers.join(", ")));
    }
    page.line(title, 3);
    page.indent += 3;
    details(page, invocation);
    values.rows(page, index, invocation);
    unsure(page, invocation);
    findings.iter().for_each(|finding| effect(page, finding, origins));
    if findings.is_empty() {
        page.row("effects", Line::new().with(Role::Good, "no rule knows a danger in it"));
    }
    page.indent -= 3;
    page.blank();
}

fn details(page: &mut Page, invocation: &Invocation) {
    let Invocation { options, operands, redirects, assignments, .. } = invocation;
    for assignment in assignments {
        let line = Line::new().with(Role::Plain, &format!("{}=", assignment.name));
        page.row("sets", with_word(line, Role::Operand, &assignment.value));
    }
    list(page, "options", options.iter().map(option));
    list(page, "operands", operands.iter().map(|w| with_word(Line::new(), Role::Operand, w)));
    list(page, "redirects", redirects.iter().map(redirect));
    let input = match &invocation.stdin {
        Stdin::Inherited => None,
        Stdin::Pipe(from) => {
            let from: Vec<_> = from.iter().map(|index| (index + 1).to_string()).collect();
            Some(Line::new().with(Role::Plain, &format!("the output of {}", from.join(", "))))
        }
        Stdin::File(word) => {
            Some(with_word(Line::new().with(Role::Plain, "the file "), Role::Operand, word))
        }
        Stdin::Text(_) => Some(Line::new().with(Role::Plain, "text in the command")),
    };
    if let Some(input) = input {
        page.row("input", input);
    }
    match invocation.cwd.as_deref() {
        None => {}
        Some("") => page.row("folder", Line::new().with(Role::Unknown, "not known")),
        Some(cwd) => page.row("folder", Line::new().with(Role::Plain, cwd)),
    }
}

fn unsure(page: &mut Page, invocation: &Invocation) {
    let unsure = match invocation.certainty {
        Certainty::Exact => return,
        Certainty::Shape => "a subcommand or the place of an option is not known",
        Certainty::Program if invocation.argv.is_empty() => return,
        Certainty::Program => "the program is not known before the command runs",
    };
    page.row("reading", Line::new().with(Role::Unknown, unsure));
}

fn list(page: &mut Page, label: &str, items: impl Iterator<Item = Line>) {
    let mut line = Line::new();
    for item in items {
        if !line.is_empty() {
            line.push(Role::Dim, ", ");
        }
        line.append(item);
    }
    if !line.is_empty() {
        page.row(label, line);
    }
}

fn with_word(mut line: Line, role: Role, word: &Word) -> Line {
    let shown = word.display();
    let shown = if shown.is_empty() { "''".to_owned() } else { shown };
    line.push(if word.has_hole() { Role::Unknown } else { role }, &shown);
    line
}

fn option(option: &Opt) -> Line {
    let mut line = Line::new().with(Role::Option, &option.name);
    if let Some(value) = &option.value {
        line.push(Role::Plain, " ");
        line = with_word(line, Role::Operand, value);
    }
    if !option.known {
        line.push(Role::Warn, " (not in guard's grammar)");
    }
    line
}

fn redirect(redirect: &Redirect) -> Line {
    let op = match redirect.op {
        RedirectOp::Read => "<",
        RedirectOp::Write => ">",
        RedirectOp::Clobber => ">|",
        RedirectOp::Append => ">>",
        RedirectOp::ReadWrite => "<>",
        RedirectOp::WriteBoth => "&>",
        RedirectOp::AppendBoth => "&>>",
        RedirectOp::HereDocument => return Line::new().with(Role::Plain, "<< text"),
        RedirectOp::HereString => return Line::new().with(Role::Plain, "<<< text"),
    };
    let fd = redirect.fd.map(|fd| fd.to_string()).unwrap_or_default();
    with_word(Line::new().with(Role::Plain, &format!("{fd}{op} ")), Role::Operand, &redirect.target)
}

fn effect(page: &mut Page, finding: &Finding, origins: &Origins) {
    let Finding { effect, tier, reasons } = finding;
    let Effect { facts, .. } = effect;
    let role = tier_role(*tier);
    let mut title = Line::new().with(role, describe::verb(facts.verb));
    title.push(Role::Strong, &format!(" {}", effect.kind));
    if let Some(name) = &effect.name {
        title.push(Role::Strong, &format!(" {name}"));
    }
    title.push(role, &format!("  {}", describe::tier(*tier)));
    title.evidence(&effect.rule, 80);
    page.line(title, 2);
    page.indent += 2;
    page.row("what", Line::new().with(Role::Plain, &effect.summary));
    if let Some(place) = origins.rules.get(&effect.rule) {
        page.row("rule", Line::new().with(Role::Plain, place));
    }
    table(page, effect, facts);
    for reason in reasons {
        let Reason { id, text, tier } = reason;
        let mut line = Line::new().with(tier_role(*tier), tier.short());
        line.push(Role::Plain, &format!("  {text}"));
        line.evidence(&origins.of(finding, reason).unwrap_or_default(), 400);
        page.row(&format!("line {id}"), line);
    }
    for found in &facts.evidence {
        if let Some(place) = origins.policy.get(&found.text) {
            page.row("policy", Line::new().with(Role::Plain, place));
        }
    }
    if let Some(safer) = &effect.safer {
        page.row("safer", Line::new().with(Role::Good, safer));
    }
    page.indent -= 2;
}

/// The facts, each with everything it rests on.
fn table(page: &mut Page, effect: &Effect, facts: &Facts) {
    let scope = format!("{}: {}", facts.scope.0, facts.scope.words());
    let undo = match describe::undo(facts) {
        "not checked" => "not checked, which counts as none",
        undo => undo,
    };
    let remote = if facts.remote { ", remote" } else { "" };
    let environment = format!("{}{remote}", describe::environment(facts.environment));
    let flags: Vec<_> = facts.flags.iter().copied().map(describe::flag).collect();
    let flags = if flags.is_empty() { "none".to_owned() } else { flags.join(", ") };
    for (label, fact, value) in [
        ("scope", Fact::Scope, scope),
        ("count", Fact::Count, describe::count(facts.count, &effect.kind)),
        ("undo", Fact::Reversibility, undo.to_owned()),
        ("environment", Fact::Environment, environment),
        ("flags", Fact::Flags, flags),
    ] {
        let mut line = Line::new().with(Role::Plain, &value);
        for Evidence { text, .. } in facts.evidence.iter().filter(|found| found.fact == fact) {
            line.evidence(text, 400);
        }
        page.row(label, line);
    }
}

fn conclusion(page: &mut Page, verdict: &Verdict, origins: &Origins) {
    let what = match verdict.tier {
        Tier::Allow => "runs without a question",
        Tier::Notify => "runs, and a human sees one line about it",
        Tier::Confirm => "a human at a terminal has to answer y",
        Tier::Challenge => "a human at a terminal has to type the name of what is hit",
        Tier::SecondHuman => "a second person has to agree",
        Tier::Deny => "never runs",
    };
    let mut line = Line::new().with(tier_role(verdict.tier), &describe::tier(verdict.tier));
    line.push(Role::Plain, &format!(": {what}"));
    page.row("together", line);
    // A problem alone gives this tier; then no rule decided it.
    let Some(worst) = verdict.worst().filter(|worst| worst.tier == verdict.tier) else { return };
    let mut line = Line::new().with(Role::Plain, &worst.effect.rule);
    line.push(Role::Plain, &format!(" in {}", worst.effect.invocation + 1));
    let last = worst.reasons.last();
    let places = [
        origins.rules.get(&worst.effect.rule).cloned(),
        last.and_then(|reason| origins.of(worst, reason)).filter(|_| last.is_some_and(is_line)),
    ];
    for place in places.into_iter().flatten() {
        line.push(Role::Dim, &format!(", {place}"));
    }
    if let Some(Reason { id, .. }) = last {
        line.push(Role::Dim, &format!(" (line {id})"));
    }
    page.row("decided by", line);
}

/// Whether a reason has a place of its own beside that of the rule.
fn is_line(reason: &Reason) -> bool {
    reason.id != "floor"
}

#[cfg(test)]
mod tests;
