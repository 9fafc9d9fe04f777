//! As whom kubectl acts, and whether that is wider than anybody's work needs.

use serde_json::Value;

use super::super::client::ask;
use super::super::commands::{KUBE_CAN_ALL, KUBE_WHOAMI};
use super::super::{Found, Identity, Job, Result};
use super::{items, place, string};
use crate::text::escape;

/// The group that may do everything whatever the rules of a cluster say
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles>).
const MASTERS: &str = "system:masters";

/// A probe, and as whom it looked. Both ask at the same time; what is not known
/// of the identity takes nothing from what the probe saw.
pub(super) fn with(job: &Job, probe: fn(&Job) -> Result) -> Result {
    std::thread::scope(|scope| {
        let who = scope.spawn(|| {
            let place = place(job).ok()?;
            job.known.identity(job, "kubectl", &place, || identity(job, &place))
        });
        let found = probe(job);
        let who = who.join().unwrap_or_default();
        Ok(found?.map(|found| Found { identity: who, ..found }))
    })
}

fn identity(job: &Job, place: &[String]) -> Option<Identity> {
    let (who, all) = std::thread::scope(|scope| {
        // Every verb on every resource, in every namespace.
        let all = scope.spawn(|| ask(job, KUBE_CAN_ALL, &[place]));
        let who = ask(job, KUBE_WHOAMI, &[place]).ok();
        (who, all.join().ok().and_then(std::result::Result::ok))
    });
    let all = all.is_some_and(|printed| printed.ok && printed.text().trim() == "yes");
    let who = who.filter(|printed| printed.ok)?;
    let review: Value = serde_json::from_slice(&who.bytes).ok()?;
    let name = string(items(&review).first()?, "/status/userInfo/username");
    let groups = review.pointer("/status/userInfo/groups").and_then(Value::as_array);
    let master = groups.is_some_and(|groups| groups.iter().any(|group| group == MASTERS));
    let wide = (all || master).then(|| "cluster admin".to_owned());
    (!name.is_empty()).then(|| Identity { name: escape(name), wide })
}
