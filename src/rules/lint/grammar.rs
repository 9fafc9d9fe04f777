//! Checks of the grammar and the wrappers that a rule file brings along.

use super::{
    conditions,
    place::{Place, Report},
};
use crate::command::grammar::{
    self,
    own::{Spec, one_word},
};
use crate::rules::schema::{GrammarSpec, RuleFile};

/// Checks `grammar` and `wrappers`; `at` is the file.
pub(super) fn check(file: &RuleFile, at: Place<'_>, report: &mut Report) {
    let any = file.programs.iter().any(|program| program == "*");
    for (i, wrapper) in file.wrappers.iter().enumerate() {
        let at = at.key("wrappers").index(i);
        if any {
            report.add(at.error("A wrapper is a program, and this file is for all of them."));
        }
        if !wrapper.programs.is_empty() {
            report.add(
                at.key("programs")
                    .error("The programs of the file are meant here.")
                    .expected("no `programs` in a wrapper"),
            );
        }
        // These tell guard to trust what comes out of a program.
        if wrapper.filters || wrapper.lists.is_some() {
            let key = if wrapper.filters { "filters" } else { "lists" };
            report.add(at.key(key).error("A rule file can find more, never excuse something."));
        }
        if wrapper.inner.is_empty() {
            report.add(at.key("inner").error("It is not said where the inner command stands."));
        }
    }
    let Some(written) = &file.grammar else { return };
    let at = at.key("grammar");
    if any {
        report.add(at.error("A grammar is one tool's, and this file is for all of them."));
    }
    // It would never be asked, or worse: make a known tool read in another way.
    for known in file.programs.iter().filter(|program| is_known(program)) {
        let message = format!("guard knows the command line of `{known}` already.");
        report.add(at.error(&message).expected("no `grammar` for this program"));
    }
    match written {
        GrammarSpec::Like(tool) if !grammar::knows(tool) => {
            let message = format!("guard does not know the command line of `{tool}`.");
            report.add(at.error(&message).expected("a tool that it knows, or the options here"));
        }
        GrammarSpec::Like(_) => {}
        GrammarSpec::Own(spec) => {
            if !spec.aliases.is_empty() {
                let place = at.key("aliases");
                report.add(
                    place.error("These are names of a program.").expected("them in `programs`"),
                );
            }
            node(spec, at, report);
        }
    }
}

fn is_known(program: &str) -> bool {
    grammar::knows(&grammar::tool_name(program))
}

fn node(spec: &Spec, at: Place<'_>, report: &mut Report) {
    let lists =
        [("values", &spec.values), ("optional", &spec.optional), ("switches", &spec.switches)];
    for (i, (key, list)) in lists.iter().enumerate() {
        conditions::option_names(list, at.key(key), report);
        for (n, name) in list.iter().enumerate() {
            let before = lists.iter().take(i).flat_map(|(_, list)| list.iter());
            if before.chain(list.iter().take(n)).any(|earlier| earlier == name) {
                let message = format!("The option `{name}` is listed twice.");
                report.add(at.key(key).index(n).error(&message));
            }
        }
    }
    if spec.stops_at == Some(0) {
        report.add(at.key("stops_at").error("Operands are counted from 1."));
    }
    let mut taken: Vec<&str> = spec.subcommands.keys().map(String::as_str).collect();
    for (name, below) in &spec.subcommands {
        let at = at.key("subcommands").key(name);
        if !is_word(name) {
            report.add(at.error(&format!("`{name}` cannot be a subcommand.")));
        }
        for (i, alias) in below.aliases.iter().enumerate() {
            let at = at.key("aliases").index(i);
            if !is_word(alias) {
                report.add(at.error(&format!("`{alias}` cannot be a subcommand.")));
            } else if taken.contains(&alias.as_str()) {
                report.add(at.error(&format!("The name `{alias}` is taken.")));
            }
            taken.push(alias);
        }
        node(below, at, report);
    }
}

fn is_word(name: &str) -> bool {
    one_word(name) && !name.starts_with('-')
}
