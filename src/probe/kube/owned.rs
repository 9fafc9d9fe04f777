//! What goes with a workload by its owner references, and what a node carries.

use std::collections::BTreeSet;

use super::super::client::ask;
use super::super::commands::{KUBE_BUDGETS, KUBE_NAMES, KUBE_OWNERS, KUBE_READY};
use super::super::kinds::Kinds;
use super::super::{Failed, Found, Job, Result};
use super::{chosen, identity, listed, look_at_objects, place};
use crate::model::Count;
use crate::text::words;

/// Kinds that the controllers of a cluster make for others.
const MADE: &str = "replicasets,pods,jobs";
/// A cron job owns jobs, which own pods: no more steps than this.
const STEPS: usize = 4;

/// `kubectl delete deployment …` and its like: the workloads and what they own.
pub(in super::super) fn workload(job: &Job) -> Result {
    identity::with(job, look_at_workload)
}

fn look_at_workload(job: &Job) -> Result {
    let Some(found) = look_at_objects(job)? else { return Ok(None) };
    // What is told to stay is left alone (kubectl delete --help).
    if found.count == Count::Exact(0) || job.value(&["--cascade"]).is_some_and(|c| c == "orphan") {
        return Ok(Some(found));
    }
    Ok(Some(match owned(job) {
        Ok(None) => found,
        Ok(Some(kinds)) if kinds.total() == 0 => found,
        Ok(Some(kinds)) => {
            let count = match found.count {
                Count::Exact(n) => Count::Exact(n + kinds.total()),
                Count::AtLeast(n) => Count::AtLeast(n + kinds.total()),
                other => other,
            };
            let hits = format!("{}, {} with them", found.hits, kinds.in_words());
            Found { count, hits, ..found }
        }
        Err(_) => {
            let count = match found.count {
                Count::Exact(n) => Count::AtLeast(n),
                other => other,
            };
            Found { count, hits: format!("{}, their pods not counted", found.hits), ..found }
        }
    }))
}

/// One object: its kind, its id and the ids of its owners.
type Line = (String, String, String);

/// What the chosen objects own, over all steps.
fn owned(job: &Job) -> std::result::Result<Option<Kinds>, Failed> {
    let Some(operands) = job.operands() else { return Ok(None) };
    let Some((place, chosen)) = chosen(job, operands)? else { return Ok(None) };
    let mut made = vec![MADE.to_owned()];
    let everywhere = job.has(&["-A", "--all-namespaces"]);
    made.extend(everywhere.then(|| "--all-namespaces".to_owned()));
    let (roots, made) = std::thread::scope(|scope| {
        let roots = scope.spawn(|| lines(job, &place, &chosen));
        let made = lines(job, &place, &made);
        (roots.join().unwrap_or_else(|_| Err(Failed::new("the probe broke off"))), made)
    });
    let mut ids: BTreeSet<String> = roots?.into_iter().map(|(_, id, _)| id).collect();
    let made = made?;
    let mut with: Vec<&Line> = Vec::new();
    for _ in 0..STEPS {
        let mine = |line: &&Line| {
            !ids.contains(&line.1) && line.2.split(',').any(|owner| ids.contains(owner))
        };
        let next: Vec<&Line> = made.iter().filter(mine).collect();
        if next.is_empty() {
            break;
        }
        ids.extend(next.iter().map(|line| line.1.clone()));
        with.extend(next);
    }
    Ok(Some(Kinds::of(with.into_iter().map(|(kind, _, _)| kind.as_str()))))
}

fn lines(job: &Job, place: &[String], chosen: &[String]) -> std::result::Result<Vec<Line>, Failed> {
    let printed = ask(job, KUBE_OWNERS, &[place, chosen])?.success("kubectl")?;
    if printed.cut {
        return Err(Failed::new("more objects than a probe reads"));
    }
    let line = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some((words.next()?, words.next()?, words.next()?))
    };
    Ok(printed.text().lines().filter_map(line).collect())
}

/// `kubectl drain`, `kubectl delete node`: the pods there, the other nodes, and
/// who has asked that no more of theirs go.
pub(in super::super) fn node(job: &Job) -> Result {
    identity::with(job, look_at_node)
}

fn look_at_node(job: &Job) -> Result {
    let place = place(job)?;
    let Some(operands) = job.operands() else { return Ok(None) };
    let kind = |word: &str| ["node", "nodes", "no"].contains(&word);
    let names: Vec<&str> = operands
        .iter()
        .map(|word| word.split_once('/').map_or(word.as_str(), |(_, name)| name))
        .filter(|word| !kind(word))
        .collect();
    let [name] = names.as_slice() else { return Ok(None) };
    let there = format!("--field-selector=spec.nodeName={name}");
    let pods = ["pods".to_owned(), "-A".to_owned(), there];
    let (pods, nodes, budgets) = std::thread::scope(|scope| {
        let pods = scope.spawn(|| ask(job, KUBE_NAMES, &[&place, &pods]));
        let budgets = scope.spawn(|| ask(job, KUBE_BUDGETS, &[&place]));
        let nodes = ask(job, KUBE_READY, &[&place]);
        let lost = || Err(Failed::new("the probe broke off"));
        (pods.join().unwrap_or_else(|_| lost()), nodes, budgets.join().unwrap_or_else(|_| lost()))
    });
    let (count, pods) = listed(pods?)?;
    let (ready, all) = ready(&nodes?.success("kubectl")?.text());
    let mut hits = format!(
        "{}, 1 of {}, {ready} ready",
        words::count(pods.total(), "pod"),
        words::count(all, "node")
    );
    // A cluster before 1.21 has them under another name, which takes nothing
    // from the rest.
    if let Some(budgets) = budgets.ok().filter(|printed| printed.ok) {
        let text = budgets.text();
        let (none, all) = (
            text.lines().filter(|line| line.trim() == "0").count() as u64,
            text.lines().filter(|line| !line.trim().is_empty()).count(),
        );
        if none > 0 {
            hits += &format!(", {none} of {all} disruption budgets allow none now");
        }
    }
    Ok(Some(Found { count, hits, ..Found::default() }))
}

/// How many nodes are ready, of all: one line each, with the types of its
/// conditions and whether they hold.
fn ready(text: &str) -> (u64, u64) {
    let (mut ready, mut all) = (0, 0);
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        all += 1;
        let mut words = line.split_whitespace();
        let (types, states) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut pairs = types.split(',').zip(states.split(','));
        ready += u64::from(pairs.any(|pair| pair == ("Ready", "True")));
    }
    (ready, all)
}

#[cfg(test)]
mod tests {
    use super::ready;

    #[test]
    fn a_node_is_ready_by_the_condition_of_that_name_only() {
        let text =
            "MemoryPressure,Ready   False,True\nReady,DiskPressure False,True\n<none> <none>\n\n";
        assert_eq!(ready(text), (1, 3));
    }
}
