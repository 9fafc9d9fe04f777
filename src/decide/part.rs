//! A command that is a part of a larger one that was judged as a whole.
//!
//! Whoever agreed to `kubectl delete ns a && kubectl delete ns b` has agreed to
//! both commands in it. When one of them comes back on its own, through a link
//! in front of the real program, asking again would teach people to stop reading.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use super::{Finding, Verdict};
use crate::model::{Invocation, Place, Word};

/// Whether everything that was found in a command was found in the larger one,
/// which holds exactly this command, word for word.
///
/// The facts are compared too, because the same words can mean something else
/// elsewhere: after a script has changed `KUBECONFIG`, say.
#[must_use]
pub fn is_part(argv: &[OsString], verdict: &Verdict, whole: &Verdict) -> bool {
    // Without findings it is harmless by itself, and only what was before it
    // made somebody be asked.
    let alone = verdict.problems.is_empty();
    let held = whole.invocations.iter().any(|inner| is_call(inner, argv));
    alone && held && verdict.findings.iter().all(|finding| covered(finding, whole))
}

/// The same words, known to the last one, run here as the caller.
fn is_call(inner: &Invocation, argv: &[OsString]) -> bool {
    let known: Option<Vec<&str>> = inner.argv.iter().map(Word::as_static).collect();
    let (Some(known), Place::Here) = (known, &inner.place) else { return false };
    let (Some((inner, inner_rest)), Some((own, own_rest))) =
        (known.split_first(), argv.split_first())
    else {
        return false;
    };
    let name = |path: &Path| path.file_name().map(ToOwned::to_owned);
    let rest = own_rest.iter().map(|word| word.as_bytes());
    name(Path::new(inner)) == name(Path::new(own))
        && inner_rest.iter().map(|word| word.as_bytes()).eq(rest)
}

fn covered(finding: &Finding, whole: &Verdict) -> bool {
    finding.tier <= whole.tier
        && whole.findings.iter().any(|outer| {
            let (a, b) = (&finding.effect, &outer.effect);
            a.rule == b.rule
                && a.name == b.name
                && a.facts.environment == b.facts.environment
                && a.facts.remote == b.facts.remote
                && finding.tier <= outer.tier
        })
}
