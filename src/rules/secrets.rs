//! Files that hold keys, passwords or tokens, by their names.

/// Folders in which everything counts, unless it is public by its name.
const FOLDERS: &[&str] = &[
    ".ssh",
    ".gnupg",
    ".aws",
    ".kube",
    ".azure",
    ".password-store",
    ".mozilla",
    "keyrings",
    "Keychains",
    "gcloud",
    ".terraform.d",
];

/// Files by their last component, lower case.
const FILES: &[&str] = &[
    ".env",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".vault-token",
    ".htpasswd",
    ".bash_history",
    ".zsh_history",
    "credentials",
    "credentials.json",
    "credentials.csv",
    "credentials.db",
    "credentials.toml",
    "credentials.yml.enc",
    "access_tokens.db",
    "application_default_credentials.json",
    "kubeconfig",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    "login data",
    "logins.json",
    "key3.db",
    "key4.db",
    "cookies.sqlite",
    "rclone.conf",
    "master.key",
    "secrets.yaml",
    "secrets.yml",
    "secrets.json",
    "secrets.env",
    "terraform.tfstate",
    "wp-config.php",
    "environ",
];

/// Files by their absolute names.
const ABSOLUTE: &[&str] = &[
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/passwd",
    "/etc/sudoers",
    "/etc/kubernetes/admin.conf",
    ".docker/config.json",
    ".config/gh/hosts.yml",
];

/// Folders of the system's own keys.
const KEY_FOLDERS: &[&str] = &["/etc/ssl/private", "/etc/kubernetes/pki", "/etc/pki/tls/private"];

/// Endings of key and password files.
const ENDINGS: &[&str] =
    &[".pem", ".key", ".p12", ".pfx", ".kdbx", ".jks", ".keystore", ".ppk", ".tfstate"];

/// Endings and names of what is public although it stands among secrets.
const PUBLIC: &[&str] = &[
    ".pub",
    ".example",
    ".sample",
    ".template",
    ".dist",
    "known_hosts",
    "authorized_keys",
    ".ssh/config",
    ".aws/config",
    ".pub.pem",
];

/// Variables that hold what is never meant for an address or a body.
const VARIABLES: &[&str] =
    &["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "GITHUB_TOKEN", "GH_TOKEN", "NPM_TOKEN"];

/// Whether the source of a hole (`$X`, `${X:-y}`) is a variable with a secret.
#[must_use]
pub(super) fn variable(source: &str) -> bool {
    let name: String = source
        .trim_start_matches(['$', '{'])
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    source.starts_with('$') && (VARIABLES.contains(&name.as_str()) || name.ends_with("PRIVATE_KEY"))
}

/// The file that a text names. What stands before an `@` or a `=`
/// (`-F file=@x;type=y`) is not part of the name.
#[must_use]
pub(super) fn file_of(text: &str) -> &str {
    let text = text.rsplit('@').next().unwrap_or(text);
    let text = text.split([';', '?', '#']).next().unwrap_or(text);
    text.rsplit('=').next().unwrap_or(text).trim_start_matches("file://")
}

/// Whether a text names a file with secrets.
#[must_use]
pub(super) fn named(text: &str) -> bool {
    let path = file_of(text).trim_end_matches(['/', '*']);
    // Another machine's file is read there.
    if path.is_empty() || path.contains("://") || path.contains(' ') {
        return false;
    }
    if path == "/etc" || KEY_FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        return true;
    }
    if PUBLIC.iter().any(|end| path.ends_with(end)) {
        return false;
    }
    let mut parts = path.split('/');
    if parts.any(|part| FOLDERS.contains(&part)) {
        return true;
    }
    let last = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    FILES.contains(&last.as_str())
        || last.starts_with(".env.")
        || last.starts_with("service-account") && last.ends_with(".json")
        || ENDINGS.iter().any(|end| last.ends_with(end))
        || ABSOLUTE.iter().any(|name| path.ends_with(name))
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn secrets_are_known_by_name_wherever_they_stand() {
        for text in [
            "/home/user/.ssh/id_rsa",
            "~/.ssh",
            "file=@.env;type=text/plain",
            "@/root/.aws/credentials",
            ".env.production",
            "server.key",
            "/etc/shadow",
            "/proc/self/environ",
        ] {
            assert!(named(text), "{text}");
        }
        for text in [
            "/home/user/.ssh/id_rsa.pub",
            "~/.ssh/known_hosts",
            ".env.example",
            "https://example.com/.env",
            "notes.txt",
            "src/env",
            "",
        ] {
            assert!(!named(text), "{text}");
        }
    }
}
