//! One question for a probe: a command, where it works, and who looks.

use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Failed, client, known};
use crate::model::{Assignment, Context, Invocation, Place, Word};

/// One question for a probe, with everything a thread needs.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) invocation: Invocation,
    /// Where the command works.
    pub(super) cwd: PathBuf,
    pub(super) project: Option<PathBuf>,
    pub(super) homes: Vec<String>,
    /// When the answer has to be there.
    pub(super) until: Instant,
    /// As whom the clients of this command act, as far as one has asked.
    pub(super) known: known::Known,
    /// A word of it looks like a secret.
    pub(super) secret: bool,
    /// Who looks is who would run it.
    pub(super) requester: bool,
}

/// Who looks, and from where.
#[derive(Clone, Copy)]
pub struct Viewer<'a> {
    /// Where guard works.
    pub ctx: &'a Context,
    /// Whether one of these words holds a secret.
    pub secret: &'a dyn Fn(&[&str]) -> bool,
    /// Whether it is who would run the command, not who answers a request:
    /// programs of the project run for the first one only.
    pub requester: bool,
}

/// Tools whose probes are told the same whoever asks: they look for `sudo` too.
const FOR_ANY_USER: &[&str] = &[
    "systemctl",
    "pkill",
    "killall",
    "apt",
    "apt-get",
    "aptitude",
    "nala",
    "reboot",
    "shutdown",
    "poweroff",
    "halt",
    "init",
    "telinit",
    "zfs",
    "zpool",
    "lvremove",
    "vgremove",
    "pvremove",
];

impl Job {
    /// `None` for what does not happen on this machine as this user: no probe
    /// can see it.
    pub(super) fn new(invocation: &Invocation, viewer: Viewer<'_>, until: Instant) -> Option<Self> {
        let ctx = viewer.ctx;
        let words: Vec<&str> = invocation.argv.iter().filter_map(Word::as_static).collect();
        let program = invocation.program.as_deref().unwrap_or_default();
        match invocation.place {
            Place::Here => {}
            Place::AsUser(None) if FOR_ANY_USER.contains(&program) => {}
            _ => return None,
        }
        let base = PathBuf::from(ctx.cwd.as_deref()?);
        let cwd = match invocation.cwd.as_deref() {
            None => base,
            // After a `cd` to nobody knows where.
            Some("") => return None,
            Some(folder) => base.join(folder),
        };
        Some(Self {
            invocation: invocation.clone(),
            cwd,
            project: ctx.project.as_deref().map(PathBuf::from),
            homes: ctx.homes.clone(),
            until,
            known: known::Known::default(),
            secret: (viewer.secret)(&words),
            requester: viewer.requester,
        })
    }

    /// The variables in front of the command, or exported before it, that say
    /// where it acts.
    pub(super) fn variables(&self) -> std::result::Result<Vec<(&str, &str)>, Failed> {
        let Invocation { exported, assignments, .. } = &self.invocation;
        let known = |assignment: &Assignment| client::says_where(&assignment.name);
        let all = exported.iter().chain(assignments).filter(|a| known(a));
        all.map(|assignment| match assignment.value.as_static() {
            Some(value) => Ok((assignment.name.as_str(), value)),
            None => Err(Failed::new(format!("{} is not known", assignment.name))),
        })
        .collect()
    }

    /// The operands, when all of them are known.
    pub(super) fn operands(&self) -> Option<Vec<String>> {
        let words = self.invocation.operands.iter();
        words.map(|word| word.as_static().map(str::to_owned)).collect()
    }

    /// Whether one of these options is given.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.invocation.options.iter().any(|option| names.contains(&option.name.as_str()))
    }

    /// The value of the last of these options, when it is known.
    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        let mut options = self.invocation.options.iter().rev();
        let option = options.find(|option| names.contains(&option.name.as_str()))?;
        option.value.as_ref()?.as_static()
    }

    /// These options as they would be typed; `None` when a value is not known.
    pub(super) fn flags(&self, names: &[&str]) -> Option<Vec<String>> {
        let mut out = Vec::new();
        for option in self.invocation.options.iter().filter(|o| names.contains(&o.name.as_str())) {
            match &option.value {
                None => out.push(option.name.clone()),
                Some(value) if option.name.starts_with("--") => {
                    out.push(format!("{}={}", option.name, value.as_static()?));
                }
                Some(value) => out.extend([option.name.clone(), value.as_static()?.to_owned()]),
            }
        }
        Some(out)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.cwd.join(Path::new(name))
    }

    /// Fails when a variable of the client, by the beginning of its name, would not
    /// reach a probe, which would then ask elsewhere and tell about other things.
    pub(super) fn reaches(&self, beginnings: &[&str]) -> std::result::Result<(), Failed> {
        let Invocation { exported, assignments, .. } = &self.invocation;
        let of_it = |name: &str| beginnings.iter().any(|beginning| name.starts_with(beginning));
        let mut names = exported.iter().chain(assignments).map(|assignment| &assignment.name);
        match names.find(|name| of_it(name) && !client::says_where(name)) {
            Some(name) => {
                let why = format!("{} is not passed on to a probe", crate::text::escape(name));
                Err(Failed::new(why))
            }
            None => Ok(()),
        }
    }
}
