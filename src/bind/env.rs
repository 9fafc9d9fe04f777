//! The variables that can change what a command does.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;

use crate::second::request::Variable;

/// Variables that decide which program or account is meant, for any command.
const NAMES: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "TMPDIR",
    "IFS",
    "ENV",
    "BASH_ENV",
    "SHELLOPTS",
    "BASHOPTS",
    "CDPATH",
    "GLOBIGNORE",
    "EDITOR",
    "VISUAL",
    "PAGER",
    "LESSOPEN",
    "MAKEFLAGS",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "CURL_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "DATABASE_URL",
    "MYSQL_PWD",
    "SSHPASS",
];

/// Beginnings of the names by which clients choose target, identity and code
/// to load, as their manuals list them: ld.so(8), kubectl, helm, aws(1),
/// gcloud, az, terraform(1), git(1), libpq "Environment Variables", docker(1),
/// vault, ansible, python(1), node(1), perlrun(1), ruby(1).
const PREFIXES: &[&str] = &[
    "LD_",
    "DYLD_",
    "BASH_FUNC_",
    "KUBE",
    "HELM_",
    "AWS_",
    "GOOGLE_",
    "CLOUDSDK_",
    "GCLOUD_",
    "AZURE_",
    "ARM_",
    "TF_",
    "TOFU_",
    "TG_",
    "TERRAGRUNT_",
    "PULUMI_",
    "GIT_",
    "SSH_ASKPASS",
    "PG",
    "MYSQL_",
    "REDISCLI_",
    "MONGO",
    "DOCKER_",
    "CONTAINER_",
    "PODMAN_",
    "VAULT_",
    "CONSUL_",
    "NOMAD_",
    "ANSIBLE_",
    "PYTHON",
    "NODE_",
    "NPM_",
    "npm_",
    "PERL5",
    "RUBY",
    "GEM_",
    "JAVA_",
    "JDK_",
    "GH_",
    "GITHUB_TOKEN",
    "GITLAB_",
    "GLAB_",
    "HEROKU_",
    "FLY_",
    "CLOUDFLARE_",
    "CF_",
    "DIGITALOCEAN_",
    "LINODE_",
    "HCLOUD_",
    "OS_",
    "PRISMA_",
    "DJANGO_",
    "RAILS_",
    "FLASK_",
];

/// How long a value may be to be shown; a longer one is bound by its hash.
const MAX_SHOWN: usize = 1024;

/// Whether values of a variable are secret, and the keyed hash of one.
pub trait Secrets {
    /// Whether this value of this variable may be a secret.
    fn is_secret(&self, name: &str, value: &str) -> bool;
    /// HMAC-SHA-256 of a value under a key of this host, hexadecimal.
    fn hmac(&self, value: &[u8]) -> String;
}

/// The variables that are bound, sorted by name. `mentioned` are those that the
/// command's own text uses.
#[must_use]
pub fn bound(
    env: impl Iterator<Item = (OsString, OsString)>,
    mentioned: &BTreeSet<String>,
    secrets: &dyn Secrets,
) -> Vec<Variable> {
    let mut out: Vec<Variable> = env
        .filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            counts(&name, mentioned).then(|| variable(name, &value, secrets))
        })
        .collect();
    out.sort_by(|a, b| a.name.cmp(&b.name));
    out.dedup_by(|a, b| a.name == b.name);
    out
}

fn counts(name: &str, mentioned: &BTreeSet<String>) -> bool {
    mentioned.contains(name)
        || NAMES.contains(&name)
        || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

fn variable(name: String, value: &OsString, secrets: &dyn Secrets) -> Variable {
    match value.to_str() {
        Some(text) if text.len() <= MAX_SHOWN && !secrets.is_secret(&name, text) => {
            Variable { name, value: Some(text.to_owned()), hmac_sha256: None }
        }
        _ => {
            let hmac = secrets.hmac(value.as_bytes());
            Variable { name, value: None, hmac_sha256: Some(hmac) }
        }
    }
}

/// The names after `$` in a shell text. Too many names do no harm: a variable
/// that does not matter is bound as well.
#[must_use]
pub fn mentioned(text: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for (at, _) in text.match_indices('$') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches(['{', '!', '#', '(', ' ']);
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').take(256).collect();
        if !name.is_empty() && out.len() < 1000 {
            out.insert(name);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Secrets, bound, mentioned};

    struct Token;

    impl Secrets for Token {
        fn is_secret(&self, name: &str, _: &str) -> bool {
            name.contains("TOKEN")
        }
        fn hmac(&self, value: &[u8]) -> String {
            format!("hash of {} bytes", value.len())
        }
    }

    #[test]
    fn what_chooses_the_target_is_bound_and_secrets_only_as_a_hash() {
        let env = [
            ("TERM", "xterm"),
            ("KUBECONFIG", "/k"),
            ("VAULT_TOKEN", "s.abc"),
            ("LD_PRELOAD", "/evil.so"),
            ("VICTIM", "prod"),
            ("PATH", "/bin"),
        ];
        let env = env.iter().map(|(name, value)| (name.into(), value.into()));
        let found = bound(env, &mentioned("rm -rf /srv/${VICTIM:-x}"), &Token);
        let shown: Vec<String> =
            found.iter().map(|v| format!("{}={:?}/{:?}", v.name, v.value, v.hmac_sha256)).collect();
        insta::assert_snapshot!(shown.join("\n"), @r#"
        KUBECONFIG=Some("/k")/None
        LD_PRELOAD=Some("/evil.so")/None
        PATH=Some("/bin")/None
        VAULT_TOKEN=None/Some("hash of 5 bytes")
        VICTIM=Some("prod")/None
        "#);
    }

    #[test]
    fn every_way_to_mention_a_variable_counts() {
        let names = mentioned("$A ${B} ${!C} ${#D} $((E+1)) $$ $1 \"$F\"$");
        assert_eq!(names.into_iter().collect::<Vec<_>>(), ["1", "A", "B", "C", "D", "E", "F"]);
    }
}
