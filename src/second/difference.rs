//! What has changed since something was approved.

use super::request::{Command, Input, Request, Variable};
use super::seen::{Effect, Seen};

/// So many more objects than were counted are not worth another question.
const FEW: u64 = 10;

/// Something that is not as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it means for the approval.
    pub about: About,
    /// In words; made of outside text, so escape it before showing.
    pub text: String,
}

/// What a difference is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The machine, its start, or the account: the approval is for another.
    Place,
    /// The command, its files, its surroundings, or its target.
    State,
    /// Rules, policy or approvers.
    Policy,
}

/// Every bound fact in which the live state, gathered again as `now`, differs
/// from what was asked for.
///
/// Names, times, the reason and the ancestry are not bound: they differ each
/// time the same command is run.
#[must_use]
pub fn differences(asked: &Request, now: &Request) -> Vec<Difference> {
    let mut found = Found(Vec::new());
    place(&mut found, asked, now);
    command(&mut found, asked, now);
    surroundings(&mut found, asked, now);
    policy(&mut found, asked, now);
    found.0
}

/// Whether what would be hit has grown much since it was counted for the
/// request: more than twice as much, and not just a few more. Where it was known
/// object by object it has to be the same ones, and to be known again.
#[must_use]
pub fn grown(asked: Option<&Seen>, now: &Seen) -> Vec<Difference> {
    let mut out = Vec::new();
    for was in asked.iter().flat_map(|seen| &seen.effects) {
        let same = |is: &&Effect| is.rule == was.rule && is.object == was.object;
        let is = now.effects.iter().find(same);
        if let Some(before) = &was.objects_sha256
            && is.and_then(|is| is.objects_sha256.as_ref()) != Some(before)
        {
            let now = is.map_or("nobody could look again", |is| is.hits.as_str());
            let text = format!("{}: other objects than were asked about, now: {now}", was.object);
            out.push(Difference { about: About::State, text });
            continue;
        }
        let is = is.and_then(|is| is.count);
        if let (Some(before), Some(after)) = (was.count, is)
            && after > before.saturating_mul(2).saturating_add(FEW)
        {
            let text = format!("{}: {before} were counted, now it is {after}", was.object);
            out.push(Difference { about: About::State, text });
        }
    }
    out
}

struct Found(Vec<Difference>);

impl Found {
    fn check<T: PartialEq + std::fmt::Debug>(&mut self, about: About, what: &str, was: &T, is: &T) {
        if was != is {
            self.0
                .push(Difference { about, text: format!("{what}: it was {was:?}, it is {is:?}") });
        }
    }

    fn say(&mut self, about: About, text: String) {
        self.0.push(Difference { about, text });
    }
}

fn place(found: &mut Found, asked: &Request, now: &Request) {
    found.check(About::Place, "host", &asked.host.machine_id, &now.host.machine_id);
    found.check(About::Place, "start of the host", &asked.host.boot_id, &now.host.boot_id);
    found.check(About::Place, "account", &asked.requester.uid, &now.requester.uid);
    found.check(About::Place, "user id", &asked.context.uid, &now.context.uid);
    found.check(About::Place, "group id", &asked.context.gid, &now.context.gid);
    found.check(About::Place, "groups", &asked.context.groups, &now.context.groups);
    let agent = |request: &Request| request.requester.agent.as_ref().map(|a| a.name.clone());
    found.check(About::Place, "agent", &agent(asked), &agent(now));
}

fn command(found: &mut Found, asked: &Request, now: &Request) {
    let (was, is) = (&asked.command, &now.command);
    let words = |command: &Command| {
        (command.argv_b64.clone(), command.shell_text.clone(), command.hidden.clone())
    };
    if words(was) != words(is) {
        found.say(About::State, "the command: it is not the one that was asked about".to_owned());
    }
    found.check(About::State, "program", &was.exe.path, &is.exe.path);
    let file = |request: &Request| {
        let exe = &request.command.exe;
        (exe.dev.clone(), exe.ino.clone(), exe.size, exe.sha256.clone())
    };
    if file(asked) != file(now) {
        found.say(About::State, format!("program {}: it is another file", is.exe.path));
    }
    inputs(found, &was.inputs, &is.inputs);
    if was.stdin != is.stdin {
        found.say(About::State, "standard input: it is not the same".to_owned());
    }
    if asked.targets != now.targets {
        for (was, is) in asked.targets.iter().zip(&now.targets) {
            found.check(About::State, "target", was, is);
        }
        if asked.targets.len() != now.targets.len() {
            found.say(About::State, "target: there is another number of them".to_owned());
        }
    }
}

fn inputs(found: &mut Found, was: &[Input], is: &[Input]) {
    let same = |a: &Input, b: &Input| a.path == b.path && a.role == b.role;
    for input in was {
        let Some(now) = is.iter().find(|now| same(input, now)) else {
            found.say(About::State, format!("{}: it is no longer part of the command", input.path));
            continue;
        };
        if now.kind != input.kind {
            let text = format!("{}: it was {:?}, it is {:?}", input.path, input.kind, now.kind);
            found.say(About::State, text);
        } else if now != input {
            let same = now.sha256 == input.sha256;
            let what = if same { "it is another file" } else { "its content has changed" };
            found.say(About::State, format!("{}: {what}", input.path));
        }
    }
    for input in is {
        if !was.iter().any(|before| same(input, before)) {
            found.say(About::State, format!("{}: it has become part of the command", input.path));
        }
    }
}

fn surroundings(found: &mut Found, asked: &Request, now: &Request) {
    let (was, is) = (&asked.context, &now.context);
    found.check(About::State, "folder", &was.cwd.path, &is.cwd.path);
    if was.cwd.path == is.cwd.path && was.cwd != is.cwd {
        found.say(About::State, format!("folder {}: it is another one", is.cwd.path));
    }
    found.check(About::State, "umask", &was.umask, &is.umask);
    found.check(About::State, "variables taken away", &was.env_stripped, &is.env_stripped);
    let by_name = |list: &[Variable], name: &str| list.iter().find(|v| v.name == name).cloned();
    let names = was.env.iter().chain(&is.env).map(|variable| &variable.name);
    let mut seen: Vec<&String> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        let what = match (by_name(&was.env, name), by_name(&is.env, name)) {
            (Some(_), None) => "it is no longer set",
            (None, Some(_)) => "it has been set",
            (Some(was), Some(is)) if was != is => "its value has changed",
            _ => continue,
        };
        found.say(About::State, format!("variable {name}: {what}"));
    }
}

fn policy(found: &mut Found, asked: &Request, now: &Request) {
    let (was, is) = (&asked.policy, &now.policy);
    if was.sha256 != is.sha256 {
        found.say(About::Policy, "the rules or the policy in force have changed".to_owned());
    }
    found.check(About::Policy, "tier", &was.tier, &is.tier);
    found.check(About::Policy, "rules", &was.rules, &is.rules);
    if was.quorum != is.quorum || was.also != is.also || was.answer != is.answer {
        found.say(About::Policy, "who has to agree has changed".to_owned());
    }
    let trust = |request: &Request| request.trust.as_ref().map(|trust| trust.sha256.clone());
    if trust(asked) != trust(now) {
        found.say(About::Policy, "the list of approvers has changed".to_owned());
    }
}

#[cfg(test)]
#[path = "difference/tests.rs"]
mod tests;
