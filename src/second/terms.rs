//! What policy says about second humans: how many, of whom, for how long.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::request::{MAX_LIFE, MAX_WINDOW, Proof, Quorum};

/// `second-human:` of a policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SecondHuman {
    /// Groups whose members may approve; none: everybody who is enrolled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// How many different people.
    pub count: u32,
    /// What their signatures must show.
    pub touch: Touch,
    /// How long a request waits for its answers.
    pub approve_within: Span,
    /// How soon after the approval the command must start.
    pub run_within: Span,
}

impl Default for SecondHuman {
    fn default() -> Self {
        Self {
            of: Vec::new(),
            count: 1,
            touch: Touch::default(),
            approve_within: Span(3600),
            run_within: Span(900),
        }
    }
}

/// What a signature must show about the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Touch {
    /// Nothing.
    #[default]
    Optional,
    /// That a security key was touched.
    Required,
    /// That it knew the person as well, by PIN or finger.
    Verified,
}

impl SecondHuman {
    /// As it stands in a request.
    #[must_use]
    pub fn quorum(&self) -> Quorum {
        let require = match self.touch {
            Touch::Optional => Vec::new(),
            Touch::Required => vec![Proof::Touch],
            Touch::Verified => vec![Proof::Touch, Proof::Uv],
        };
        Quorum { approvals: self.count, groups: self.of.clone(), require }
    }

    /// What is wrong with it, in words.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        if self.count == 0 || self.count > 20 {
            return Some("count must be 1 to 20".into());
        }
        let life = u32::try_from(MAX_LIFE).unwrap_or(u32::MAX);
        if self.approve_within.0 == 0 || self.approve_within.0 > life {
            return Some("approve-within must be 1s to 7d".into());
        }
        if self.run_within.0 == 0 || self.run_within.0 > MAX_WINDOW {
            return Some("run-within must be 1s to 24h".into());
        }
        None
    }
}

/// Group names and their members.
pub type Groups = BTreeMap<String, Vec<String>>;

/// `operators:` of a policy file: who works on this host, so that nobody
/// approves what their own agent asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operator {
    /// Their name among the approvers.
    pub principal: String,
    /// Their accounts on this host.
    #[serde(default)]
    pub users: Vec<String>,
    /// Further keys of theirs: `TYPE BASE64` or `SHA256:...`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<String>,
}

/// `break-glass:` of a policy file. Without it there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BreakGlass {
    /// Accounts that may run past a missing approval.
    pub users: Vec<String>,
}

/// `notify:` of a policy file: one place where people are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// When; without it always.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Event>,
    /// A command that gets the message as JSON on its standard input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// An address to which the message is posted. A secret: whoever knows it
    /// can write there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// In which form the message is posted.
    #[serde(default)]
    pub template: Template,
}

/// What people are told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// Somebody has to answer.
    Request,
    /// Somebody has answered.
    Decision,
    /// Somebody went past a missing approval.
    BreakGlass,
}

/// Forms of a posted message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Template {
    /// guard's own fields.
    #[default]
    Json,
    /// Slack: <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/>.
    Slack,
    /// Teams: an Adaptive Card for a workflow's webhook,
    /// <https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook>.
    Teams,
    /// ntfy: <https://docs.ntfy.sh/publish/#publish-as-json>.
    Ntfy,
}

impl Notify {
    /// What is wrong with it, in words.
    #[must_use]
    pub fn mistake(&self) -> Option<String> {
        match (&self.command, &self.webhook) {
            (Some(words), None) if words.is_empty() => Some("command is empty".into()),
            (Some(_), None) => None,
            (None, Some(url)) => {
                (!is_web_address(url)).then(|| "webhook must be an https:// address".into())
            }
            _ => Some("needs either command or webhook".into()),
        }
    }

    /// Whether it is about this event.
    #[must_use]
    pub fn wants(&self, event: Event) -> bool {
        self.on.is_empty() || self.on.contains(&event)
    }
}

/// Whether messages can be posted to an address: `https://`, or `http://` to this
/// machine, without characters that would mean something to curl.
#[must_use]
pub fn is_web_address(url: &str) -> bool {
    let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"];
    let good = url.starts_with("https://")
        || local
            .iter()
            .any(|start| url.strip_prefix(start).is_some_and(|rest| rest.starts_with([':', '/'])));
    good && url.chars().all(|c| c.is_ascii_graphic() && !"\"\\".contains(c))
}

/// A length of time in seconds; in files `90s`, `15m`, `2h` or `7d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub u32);

impl Span {
    /// Reads one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let at = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at_checked(at)?;
        let number: u32 = number.parse().ok()?;
        let unit = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return None,
        };
        number.checked_mul(unit).map(Self)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            s if s > 0 && s % 86_400 == 0 => write!(f, "{}d", s / 86_400),
            s if s > 0 && s % 3600 == 0 => write!(f, "{}h", s / 3600),
            s if s > 0 && s % 60 == 0 => write!(f, "{}m", s / 60),
            s => write!(f, "{s}s"),
        }
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("expected a length of time such as 90s, 15m, 2h or 7d")
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Notify, SecondHuman, Span, Template};

    #[test]
    fn lengths_of_time_are_written_as_people_do() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("2h", 7200), ("7d", 604_800)] {
            assert_eq!(Span::parse(text), Some(Span(seconds)));
            assert_eq!(Span(seconds).to_string(), text);
        }
        for wrong in ["", "15", "m", "1.5h", "-1s", "99999999d", "15 m"] {
            assert_eq!(Span::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn conditions_that_nobody_could_meet_or_everybody_are_mistakes() {
        assert_eq!(SecondHuman::default().mistake(), None);
        let with = |count, approve_within, run_within| {
            let default = SecondHuman::default();
            SecondHuman { count, approve_within, run_within, ..default }.mistake()
        };
        assert!(with(0, Span(1), Span(1)).is_some());
        assert!(with(1, Span(0), Span(1)).is_some());
        assert!(with(1, Span(1), Span(86_401)).is_some());
    }

    #[test]
    fn a_message_goes_to_one_place_that_nobody_else_can_read_along() {
        let to = |command: Option<&[&str]>, webhook: Option<&str>| Notify {
            on: vec![],
            command: command.map(|words| words.iter().map(|w| (*w).to_owned()).collect()),
            webhook: webhook.map(str::to_owned),
            template: Template::Json,
        };
        assert_eq!(to(Some(&["x"]), None).mistake(), None);
        assert_eq!(to(None, Some("https://hooks.example.org/x")).mistake(), None);
        assert_eq!(to(None, Some("http://localhost:80/x")).mistake(), None);
        for wrong in [
            "http://example.org",
            "http://localhost.evil.org/",
            "file:///x",
            "https://a b",
            "https://a\"b",
        ] {
            assert!(to(None, Some(wrong)).mistake().is_some(), "{wrong}");
        }
        assert!(to(None, None).mistake().is_some());
        assert!(to(Some(&[]), None).mistake().is_some());
        assert!(to(Some(&["x"]), Some("https://a/")).mistake().is_some());
    }
}
