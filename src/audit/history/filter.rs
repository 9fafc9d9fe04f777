//! Which commands somebody wants to see.

use super::Run;
use crate::model::{ActorKind, Tier};
use crate::text::stamp::Stamp;

/// Which commands are wanted; all that are set must hold.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Asked for at this time or later.
    pub since: Option<Stamp>,
    /// The mildest and the strictest tier.
    pub tiers: Option<(Tier, Tier)>,
    /// Who asked.
    pub actor: Option<ActorKind>,
    /// A rule that matched; `*` stands for any text.
    pub rule: Option<String>,
    /// A program in the command.
    pub program: Option<String>,
    /// Only what was refused, declined or cancelled.
    pub refused: bool,
    /// Asked for at this time or earlier.
    pub until: Option<Stamp>,
    /// A part of one of the names of its session.
    pub session: Option<String>,
    /// A part of an object that it would hit, `kind/name`.
    pub object: Option<String>,
    /// A part of the command, without regard to case.
    pub text: Option<String>,
    /// The name of its outcome, as in JSON.
    pub outcome: Option<String>,
    /// Only what was recorded on this day (UTC), `2026-11-22`: what was asked for
    /// then, and harmless commands that ended then.
    pub day: Option<String>,
    /// At most this many, the newest.
    pub last: Option<usize>,
}

impl Filter {
    /// Whether a command is wanted.
    pub(super) fn wants(&self, run: &Run) -> bool {
        let since = self.since.is_none_or(|since| run.time.is_some_and(|time| time >= since));
        let tier = self
            .tiers
            .is_none_or(|(from, to)| run.tier.is_some_and(|tier| tier >= from && tier <= to));
        let actor = self.actor.is_none_or(|kind| run.actor == Some(kind));
        let rule =
            self.rule.as_ref().is_none_or(|glob| run.rules.iter().any(|rule| matches(glob, rule)));
        let program = self.program.as_ref().is_none_or(|name| {
            let first = run.argv.first().and_then(|word| word.rsplit('/').next());
            first == Some(name) || run.programs.iter().any(|program| program == name)
        });
        let refused = !self.refused || run.outcome.is_refusal();
        let until = self.until.is_none_or(|until| run.time.is_some_and(|time| time <= until));
        let has = |part: &Option<String>, list: &[String]| {
            part.as_ref().is_none_or(|part| list.iter().any(|one| one.contains(part.as_str())))
        };
        let session = has(&self.session, &run.sessions);
        let object = has(&self.object, &run.objects);
        let text = self.text.as_ref().is_none_or(|part| {
            let words = run.text.clone().unwrap_or_else(|| run.argv.join(" "));
            words.to_lowercase().contains(&part.to_lowercase())
        });
        let outcome = self.outcome.as_ref().is_none_or(|name| run.outcome.name() == name);
        since
            && tier
            && actor
            && rule
            && program
            && refused
            && until
            && session
            && object
            && text
            && outcome
    }
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn matches(glob: &str, text: &str) -> bool {
    let mut pieces = glob.split('*');
    let Some(mut rest) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut last = None;
    for piece in pieces {
        if let Some(piece) = last.replace(piece) {
            let Some(at) = rest.find(piece) else { return false };
            rest = rest.get(at + piece.len()..).unwrap_or("");
        }
    }
    last.map_or(rest.is_empty(), |last: &str| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_whole_names() {
        for (glob, text) in
            [("*", ""), ("*", "x"), ("a.*", "a.b"), ("*.b", "a.b"), ("a*c*e", "abcde"), ("a", "a")]
        {
            assert!(matches(glob, text), "{glob} {text}");
        }
        for (glob, text) in [("a", "ab"), ("", "a"), ("a*b", "a"), ("a*bc*c", "abc"), ("*a", "ab")]
        {
            assert!(!matches(glob, text), "{glob} {text}");
        }
    }
}
