//! Whether a name is that of a secret, and whether a value can be one.

use super::table;

/// Kinds of secret names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// Holds a secret, whatever it looks like.
    Secret,
    /// Holds a secret or the path of a file with one.
    SecretOrPath,
}

/// Looks at a name such as `DB_PASSWORD`, `apiKey`, `--api-key`, `pg.password`.
pub(super) fn secret_name(name: &[u8]) -> Option<NameKind> {
    if name.len() > 80 || matches!(name, b"PWD" | b"OLDPWD" | b"pwd") {
        return None;
    }
    let parts = parts(name);
    let last = parts.last()?;
    if has(table::ABOUT_PARTS, last) || parts.iter().any(|part| has(table::PUBLIC_PARTS, part)) {
        return None;
    }
    let mut kind = None;
    let mut before: &str = "";
    for part in &parts {
        if part == "credential" || part == "credentials" {
            kind = kind.or(Some(NameKind::SecretOrPath));
        } else if has(table::SECRET_PARTS, part)
            || table::SECRET_ENDINGS.iter().any(|ending| part.ends_with(ending))
        {
            kind = Some(NameKind::Secret);
        } else if part == "key" && has(table::KEY_KINDS, before) {
            let strict = parts.iter().any(|part| part == "secret");
            kind = Some(if strict { NameKind::Secret } else { NameKind::SecretOrPath });
        }
        before = part;
    }
    kind
}

/// Whether an option of this name takes no value although a secret is in its
/// name (`--ask-pass`, `--no-password`).
pub(super) fn is_switch(name: &[u8]) -> bool {
    parts(name).first().is_some_and(|first| has(table::SWITCH_PARTS, first))
}

fn has(list: &[&str], part: &str) -> bool {
    list.contains(&part)
}

/// Splits at everything that is no letter or digit and at changes of case;
/// lower case, digits at the end taken off.
fn parts(name: &[u8]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut part = String::new();
    let mut previous = 0_u8;
    for (at, &byte) in name.iter().enumerate() {
        let next = name.get(at + 1).copied().unwrap_or(0);
        let starts = byte.is_ascii_uppercase()
            && (previous.is_ascii_lowercase()
                || previous.is_ascii_digit()
                || (previous.is_ascii_uppercase() && next.is_ascii_lowercase()));
        if starts || !byte.is_ascii_alphanumeric() {
            push(&mut out, &mut part);
        }
        if byte.is_ascii_alphanumeric() {
            part.push(byte.to_ascii_lowercase() as char);
        }
        previous = byte;
    }
    push(&mut out, &mut part);
    out
}

fn push(out: &mut Vec<String>, part: &mut String) {
    let kept = part.trim_end_matches(|c: char| c.is_ascii_digit());
    if !kept.is_empty() {
        out.push(kept.to_owned());
    }
    part.clear();
}

/// Whether a value can be a secret of a kind of name. `literal`: nothing in it
/// is expanded any more, so `$x` is text.
pub(super) fn can_be_secret(value: &[u8], kind: NameKind, literal: bool) -> bool {
    const WORDS: &[&str] =
        &["", "true", "false", "yes", "no", "on", "off", "null", "none", "nil", "prompt"];
    let lower = value.to_ascii_lowercase();
    if WORDS.iter().any(|word| word.as_bytes() == lower) || value.starts_with(b"[redacted") {
        return false;
    }
    if value.iter().all(|byte| matches!(byte, b'*' | b'.' | b'"' | b'\'' | b'\\')) {
        return false;
    }
    if !literal && is_reference(value) {
        return false;
    }
    for scheme in [&b"file:/"[..], b"op://", b"vault:", b"ssm:", b"env:", b"fileb:/"] {
        if lower.starts_with(scheme) {
            return false;
        }
    }
    kind == NameKind::Secret || !is_path(value)
}

fn is_path(value: &[u8]) -> bool {
    let slash_in = value.contains(&b'/');
    (slash_in && (value.starts_with(b"~/") || value.starts_with(b".")))
        || (value.starts_with(b"/") && value.len() > 1)
        || value.iter().rposition(|b| *b == b'.').is_some_and(|dot| {
            let extension = value.get(dot + 1..).unwrap_or(&[]);
            matches!(
                extension,
                b"pem" | b"key" | b"json" | b"txt" | b"yaml" | b"yml" | b"crt" | b"ppk" | b"p12"
            )
        })
}

/// Whether a value only says where the secret comes from: `$TOKEN`, `${X}`,
/// `$(cat f)`, `{{ .password }}`, `` `cmd` ``, and several of these with
/// punctuation between.
pub(super) fn is_reference(value: &[u8]) -> bool {
    let mut rest = value;
    let mut found = false;
    while let Some(&byte) = rest.first() {
        let used = match byte {
            b'$' => reference_len(rest),
            b'{' if rest.starts_with(b"{{") => find(rest, b"}}").map_or(rest.len(), |end| end + 2),
            b'`' => return true,
            b'"' | b':' | b'/' | b'@' | b'.' | b'-' | b'_' | b'\\' => {
                rest = rest.get(1..).unwrap_or(&[]);
                continue;
            }
            _ => return false,
        };
        if used == 0 {
            return false;
        }
        found = true;
        rest = rest.get(used..).unwrap_or(&[]);
    }
    found
}

/// Length of the expansion at the start, 0 when it is none or has a default
/// value that could itself be the secret.
fn reference_len(rest: &[u8]) -> usize {
    let name = |from: usize| {
        rest.iter().skip(from).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count()
    };
    match rest.get(1) {
        // `$` alone: the lexer has cut off a substitution behind it.
        None => 1,
        Some(b'(') => rest.len(),
        Some(b'{') if rest.starts_with(b"${{") => {
            find(rest, b"}}").map_or(rest.len(), |end| end + 2)
        }
        Some(b'{') => {
            let Some(end) = rest.iter().position(|b| *b == b'}') else { return 0 };
            let inner = rest.get(2..end).unwrap_or(&[]);
            let has_default = inner
                .iter()
                .enumerate()
                .any(|(at, b)| matches!(b, b'-' | b'=') && at + 1 < inner.len());
            if has_default { 0 } else { end + 1 }
        }
        Some(b'@' | b'*' | b'#' | b'?' | b'$' | b'!') => 2,
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => 1 + name(1),
        Some(_) => 0,
    }
}

/// Position of a byte string.
pub(super) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::{is_reference, is_switch, secret_name};

    #[test]
    fn names_of_secrets_are_recognised() {
        for name in [
            "PASSWORD",
            "DB_PASSWORD",
            "PGPASSWORD",
            "MYSQL_PWD",
            "dbPassword",
            "--password",
            "--new-password",
            "API_KEY",
            "apiKey",
            "--api-key",
            "apikey",
            "AWS_SECRET_ACCESS_KEY",
            "aws_secret_access_key",
            "AWS_SESSION_TOKEN",
            "GITHUB_TOKEN",
            "client_secret",
            "ClientSecret",
            "PRIVATE_KEY",
            "AccountKey",
            "SharedAccessKey",
            "--docker-password",
            "_authToken",
            "credentials",
            "-storepass",
            "requirepass",
            "token2",
            "DB_PASS",
            "secret",
            "--secret-string",
            "access_token",
            "spring.datasource.password",
        ] {
            assert!(secret_name(name.as_bytes()).is_some(), "{name}");
        }
    }

    #[test]
    fn names_about_secrets_are_not_secret() {
        for name in [
            "PWD",
            "OLDPWD",
            "PASSWORD_FILE",
            "--password-file",
            "--password-stdin",
            "AWS_ACCESS_KEY_ID",
            "--secret-id",
            "--token-ttl",
            "TOKEN_URL",
            "max_tokens",
            "secretName",
            "credential.helper",
            "PUBLIC_KEY",
            "sort_key",
            "KEY",
            "primaryKey",
            "--discovery-token-ca-cert-hash",
            "compass",
            "bypass",
            "passthrough",
            "author",
            "tokenizer",
            "secretary",
            "keyboard",
            "",
        ] {
            assert_eq!(secret_name(name.as_bytes()), None, "{name}");
        }
        assert!(is_switch(b"--ask-become-pass") && is_switch(b"--no-password"));
        assert!(!is_switch(b"--password"));
    }

    #[test]
    fn references_are_told_from_values() {
        for value in [
            "$TOKEN",
            "${TOKEN}",
            "$(cat f)",
            "\"$TOKEN\"",
            "$U:$P",
            "{{ .x }}",
            "${{ secrets.X }}",
            "`pass x`",
            "$1",
            "${TOKEN:?missing}",
        ] {
            assert!(is_reference(value.as_bytes()), "{value}");
        }
        for value in ["abc", "", "a$TOKEN", "${X:-hunter2}", "$TOKENx!", "pa$$w"] {
            assert!(!is_reference(value.as_bytes()), "{value}");
        }
    }
}
