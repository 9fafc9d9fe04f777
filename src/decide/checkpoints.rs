//! `checkpoints:` of a policy file: how often the log is signed, with which key,
//! and where the signatures are sent.
//!
//! Every value is checked while the file is read, so that a mistake is shown
//! with its line and column.

use std::path::PathBuf;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::second::terms::{Span, is_web_address};

/// Records between two checkpoints, unless policy says otherwise.
pub const EVERY: u64 = 256;
/// Time between two checkpoints while records are written.
pub const WITHIN: Span = Span(900);
/// Most places in all files together.
pub const MAX_SINKS: usize = 16;

/// `checkpoints:` of a policy file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Checkpoints {
    /// After this many records.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "every")]
    pub every: Option<u64>,
    /// After this long, with the next record.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "within")]
    pub within: Option<Span>,
    /// The host's key, an OpenSSH private key without passphrase; without it
    /// guard makes one.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "key")]
    pub key: Option<PathBuf>,
    /// Where checkpoints are sent.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub send: Vec<Sink>,
}

impl Checkpoints {
    /// Adds what another file says: the more frequent, and all places.
    ///
    /// # Errors
    /// It names another key, or there are too many places.
    pub fn add(&mut self, other: Self) -> Result<(), String> {
        self.every = self.every.into_iter().chain(other.every).min();
        self.within = self.within.into_iter().chain(other.within).min();
        if self.key.is_some() && other.key.is_some() {
            return Err("checkpoints: key: a file that comes first already names one".to_owned());
        }
        self.key = self.key.take().or(other.key);
        for sink in other.send {
            if !self.send.contains(&sink) {
                self.send.push(sink);
            }
        }
        if self.send.len() > MAX_SINKS {
            return Err(format!("checkpoints: send: more than {MAX_SINKS} places"));
        }
        Ok(())
    }

    /// Records between two checkpoints, at least 1.
    #[must_use]
    pub fn every(&self) -> u64 {
        self.every.unwrap_or(EVERY).max(1)
    }

    /// Time between two checkpoints.
    #[must_use]
    pub fn within(&self) -> Span {
        self.within.unwrap_or(WITHIN)
    }
}

/// A place for checkpoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// A folder that exists: another machine's, or one that only takes new
    /// files.
    Folder(PathBuf),
    /// A branch of a git repository.
    Git {
        /// The repository, as `git push` takes it.
        url: String,
        /// The branch.
        branch: String,
    },
    /// A datagram socket that takes lines of a system log (`/dev/log`).
    Syslog(PathBuf),
    /// An address to which the checkpoint is posted as JSON. A secret.
    Webhook(String),
    /// The team engine: a key that nobody can write over.
    Etcd(Box<Etcd>),
}

/// How a member of the team engine is reached.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Etcd {
    /// Its address, without a path.
    pub url: String,
    /// Who logs in, and the file with the password.
    pub login: Option<(String, PathBuf)>,
    /// Certificates (PEM) that its own must come from, instead of the system's.
    pub ca: Option<PathBuf>,
    /// Our certificate and its key, for an engine that wants one.
    pub client: Option<(PathBuf, PathBuf)>,
}

impl Sink {
    /// How the place is named to people: without user, password and path of an
    /// address, any of which may be secret.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Folder(path) => format!("folder {}", path.display()),
            Self::Syslog(path) => format!("syslog {}", path.display()),
            Self::Git { url, branch } => format!("git {} {branch}", without_user(url)),
            Self::Webhook(url) => format!("webhook {}", host_of(url)),
            Self::Etcd(etcd) => format!("etcd {}", host_of(&etcd.url)),
        }
    }
}

/// The host of an address, with its port.
fn host_of(url: &str) -> &str {
    let host = url.split('/').nth(2).unwrap_or_default();
    host.rsplit('@').next().unwrap_or_default()
}

/// `https://user:password@host/x` without what stands before the `@`.
fn without_user(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    format!("{scheme}://{}{path}", host.rsplit('@').next().unwrap_or_default())
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
struct Raw {
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    syslog: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    webhook: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etcd: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    password_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cert_key: Option<PathBuf>,
}

impl Raw {
    fn sink(self) -> Result<Sink, &'static str> {
        let absolute = |path: PathBuf| path.is_absolute().then_some(path);
        let of_git = self.branch.is_some();
        let of_etcd = self.user.is_some()
            || [&self.password_file, &self.ca, &self.cert, &self.cert_key]
                .iter()
                .any(|path| path.is_some());
        match self {
            Self {
                folder: Some(path), git: None, syslog: None, webhook: None, etcd: None, ..
            } if !of_git && !of_etcd => {
                Ok(Sink::Folder(absolute(path).ok_or("folder must be an absolute path")?))
            }
            Self {
                folder: None,
                git: Some(url),
                branch,
                syslog: None,
                webhook: None,
                etcd: None,
                ..
            } if !of_etcd => {
                let branch = branch.unwrap_or_else(|| "guard-checkpoints".to_owned());
                if !is_repository(&url) {
                    return Err("git must be an address or an absolute path of a repository");
                }
                if !is_branch(&branch) {
                    return Err("branch must be a name of letters, digits, `.`, `_`, `-` and `/`");
                }
                Ok(Sink::Git { url, branch })
            }
            Self {
                folder: None, git: None, syslog: Some(path), webhook: None, etcd: None, ..
            } if !of_git && !of_etcd => {
                let path = absolute(path).ok_or("syslog must be the absolute path of a socket")?;
                Ok(Sink::Syslog(path))
            }
            Self {
                folder: None, git: None, syslog: None, webhook: Some(url), etcd: None, ..
            } if !of_git && !of_etcd => {
                if !is_web_address(&url) {
                    return Err("webhook must be an https:// address");
                }
                Ok(Sink::Webhook(url))
            }
            Self {
                folder: None, git: None, syslog: None, webhook: None, etcd: Some(_), ..
            } if !of_git => self.etcd().map(|etcd| Sink::Etcd(Box::new(etcd))),
            _ => {
                Err("expected one of folder, git (with branch), syslog, webhook, etcd (with user \
                      and password-file, ca, cert and cert-key)")
            }
        }
    }

    fn etcd(self) -> Result<Etcd, &'static str> {
        let url = self.etcd.unwrap_or_default().trim_end_matches('/').to_owned();
        let host = host_of(&url);
        if !is_web_address(&url) || url.matches('/').count() != 2 || url.contains(['@', '?', '#']) {
            return Err("etcd must be an https:// address without a path");
        }
        if host.is_empty() {
            return Err("etcd must name a host");
        }
        let files = [&self.password_file, &self.ca, &self.cert, &self.cert_key];
        if files.into_iter().flatten().any(|path| !path.is_absolute()) {
            return Err("password-file, ca, cert and cert-key must be absolute paths");
        }
        let both = "of user and password-file, and of cert and cert-key, each needs the other";
        let login = match (self.user, self.password_file) {
            (None, None) => None,
            (user, file) => Some(user.zip(file).ok_or(both)?),
        };
        let client = match (self.cert, self.cert_key) {
            (None, None) => None,
            (cert, key) => Some(cert.zip(key).ok_or(both)?),
        };
        Ok(Etcd { url, login, ca: self.ca, client })
    }
}

/// What `git` takes as an address without running a helper of that name.
fn is_repository(url: &str) -> bool {
    let plain = url.bytes().all(|byte| byte.is_ascii_graphic());
    let starts = ["https://", "ssh://", "git://", "file:///", "/"];
    // `user@host:path`, the short form of ssh.
    let short = url.split_once(':').is_some_and(|(host, path)| {
        let named = |c: char| c.is_ascii_alphanumeric() || "@._-".contains(c);
        !host.is_empty() && host.chars().all(named) && !path.starts_with([':', '/'])
    });
    plain
        && !url.contains("::")
        && !url.starts_with('-')
        && (starts.iter().any(|start| url.starts_with(start)) || short)
}

/// A part of what git-check-ref-format(1) allows.
fn is_branch(name: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && !part.starts_with(['.', '-'])
            && !part.ends_with(".lock")
            && !part.ends_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    name.len() <= 200 && !name.contains("..") && name.split('/').all(part)
}

impl Serialize for Sink {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut raw = Raw::default();
        match self.clone() {
            Self::Folder(path) => raw.folder = Some(path),
            Self::Syslog(path) => raw.syslog = Some(path),
            Self::Webhook(url) => raw.webhook = Some(url),
            Self::Git { url, branch } => (raw.git, raw.branch) = (Some(url), Some(branch)),
            Self::Etcd(etcd) => {
                let Etcd { url, login, ca, client } = *etcd;
                (raw.etcd, raw.ca) = (Some(url), ca);
                (raw.user, raw.password_file) = login.unzip();
                (raw.cert, raw.cert_key) = client.unzip();
            }
        }
        raw.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Sink {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Raw::deserialize(from)?.sink().map_err(serde::de::Error::custom)
    }
}

fn every<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let count = u64::deserialize(from)?;
    let fits = (1..=1_000_000).contains(&count);
    let wrong = || serde::de::Error::custom("every must be 1 to 1000000 records");
    fits.then_some(Some(count)).ok_or_else(wrong)
}

fn within<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Span>, D::Error> {
    let span = Span::deserialize(from)?;
    let fits = (1..=7 * 86_400).contains(&span.0);
    let wrong = || serde::de::Error::custom("within must be 1s to 7d");
    fits.then_some(Some(span)).ok_or_else(wrong)
}

fn key<'de, D: Deserializer<'de>>(from: D) -> Result<Option<PathBuf>, D::Error> {
    let path = PathBuf::deserialize(from)?;
    let wrong = || serde::de::Error::custom("key must be the absolute path of a private key");
    path.is_absolute().then_some(Some(path)).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Checkpoints, Sink, Span};
    use crate::rules::yaml;

    fn read(text: &str) -> Result<Checkpoints, String> {
        yaml::parse("policy.yaml", text).map_err(|error| error.to_string())
    }

    #[test]
    fn all_of_it_is_read_and_written() {
        let text = "every: 100\nwithin: 5m\nkey: /etc/guard/checkpoint.key\nsend:\n  \
                    - folder: /mnt/a\n  - {git: 'ssh://git@example.org/a.git', branch: x/y}\n  \
                    - {git: git@example.org:a.git}\n  - {syslog: /dev/log}\n  \
                    - {webhook: 'https://u:p@hooks.example.org/SECRET'}\n  \
                    - {etcd: 'https://e1.example.org:2379/', user: h1, password-file: /p, ca: /c, \
                    cert: /d, cert-key: /k}\n  - {etcd: 'https://e2'}\n";
        let read = read(text).unwrap();
        assert_eq!((read.every(), read.within()), (100, Span(300)));
        let names: Vec<String> = read.send.iter().map(Sink::name).collect();
        assert_eq!(
            names,
            [
                "folder /mnt/a",
                "git ssh://example.org/a.git x/y",
                "git git@example.org:a.git guard-checkpoints",
                "syslog /dev/log",
                "webhook hooks.example.org",
                "etcd e1.example.org:2379",
                "etcd e2"
            ]
        );
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Checkpoints>(&json).unwrap(), read);
        let default = Checkpoints::default();
        assert_eq!((default.every(), default.within()), (256, Span(900)));
    }

    #[test]
    fn mistakes_are_shown_with_their_line() {
        for (text, at, says) in [
            ("every: 0\n", ":1:", "every must be"),
            ("every: 5\nwithin: 8d\n", ":2:", "within must be"),
            ("key: here\n", ":1:", "key must be"),
            ("sned: []\n", ":1:", "sned"),
            ("send:\n  - folder: here\n", ":2:", "absolute"),
            ("send:\n  - {syslog: dev/log}\n", ":2:", "absolute"),
            ("send:\n  - {webhook: 'http://example.org/'}\n", ":2:", "https"),
            ("send:\n  - {folder: /a, syslog: /b}\n", ":2:", "one of"),
            ("send:\n  - {folder: /a, branch: b}\n", ":2:", "one of"),
            ("send:\n  - folder: /a\n  - {}\n", ":3:", "one of"),
            ("send:\n  - {git: 'ext::sh -c x'}\n", ":2:", "git must be"),
            ("send:\n  - {git: 'ext::sh'}\n", ":2:", "git must be"),
            ("send:\n  - {git: '--upload-pack=x'}\n", ":2:", "git must be"),
            ("send:\n  - {git: 'a/b'}\n", ":2:", "git must be"),
            ("send:\n  - {git: '-x:y'}\n", ":2:", "git must be"),
            ("send:\n  - {etcd: 'http://example.org'}\n", ":2:", "https"),
            ("send:\n  - {etcd: 'https://a/b'}\n", ":2:", "without a path"),
            ("send:\n  - {etcd: 'https://u:p@a'}\n", ":2:", "without a path"),
            ("send:\n  - {etcd: 'https://a', user: x}\n", ":2:", "each needs the other"),
            ("send:\n  - {etcd: 'https://a', cert: /x}\n", ":2:", "each needs the other"),
            ("send:\n  - {etcd: 'https://a', ca: x}\n", ":2:", "absolute"),
            ("send:\n  - {folder: /a, user: b}\n", ":2:", "one of"),
            ("send:\n  - {etcd: 'https://a', branch: b}\n", ":2:", "one of"),
            ("send:\n  - {git: /a, branch: '-d'}\n", ":2:", "branch must be"),
            ("send:\n  - {git: /a, branch: 'a..b'}\n", ":2:", "branch must be"),
            ("send:\n  - {git: /a, branch: 'a:b'}\n", ":2:", "branch must be"),
        ] {
            let error = read(text).unwrap_err();
            let place = format!("policy.yaml{at}");
            assert!(
                error.contains(&place) && error.to_lowercase().contains(says),
                "{text}: {error}"
            );
        }
    }

    #[test]
    fn files_add_up_and_only_one_names_the_key() {
        let mut all = read("every: 100\nkey: /a\nsend: [{folder: /a}]\n").unwrap();
        let more = "every: 200\nwithin: 1m\nsend: [{folder: /a}, {folder: /b}]\n";
        all.add(read(more).unwrap()).unwrap();
        assert_eq!((all.every(), all.within(), all.send.len()), (100, Span(60), 2));
        assert!(all.add(read("key: /b\n").unwrap()).unwrap_err().contains("already"));
        let many: String = (0..20).map(|n| format!("  - folder: /x{n}\n")).collect();
        assert!(all.add(read(&format!("send:\n{many}")).unwrap()).unwrap_err().contains("16"));
    }
}
