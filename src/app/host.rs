//! Names of this host and this account.

/// The host's name; `localhost` when the system does not tell.
#[must_use]
pub fn name() -> String {
    nix::unistd::gethostname()
        .ok()
        .and_then(|name| name.into_string().ok())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".into())
}

/// The login name of the caller by `/etc/passwd` (passwd(5)); the user id as
/// text when it has no line there.
#[must_use]
pub fn user() -> Option<String> {
    let uid = nix::unistd::getuid().as_raw();
    let passwd = std::fs::read_to_string("/etc/passwd").ok()?;
    let name = passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    name.or_else(|| Some(uid.to_string()))
}
