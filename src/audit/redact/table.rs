//! Where secrets stand, as data: names, headers, tools.
//!
//! The lists err towards taking something out: a value that is hidden without
//! need costs a look at the terminal history, a password in a log stays there.

/// Headers whose value is a credential, lower case.
pub(super) const HEADERS: &[&str] = &[
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "api-key",
    "apikey",
    "x-auth-token",
    "x-auth-key",
    "x-access-token",
    "x-vault-token",
    "x-consul-token",
    "x-amz-security-token",
    "x-goog-api-key",
    "x-functions-key",
    "x-gitlab-token",
    "private-token",
    "job-token",
    "deploy-token",
    "circle-token",
    "dd-api-key",
    "dd-application-key",
    "x-csrf-token",
    "cookie",
    "set-cookie",
];

/// Words that name the kind of an `Authorization` value and stay readable.
pub(super) const SCHEMES: &[&str] = &[
    "bearer",
    "basic",
    "token",
    "digest",
    "negotiate",
    "apikey",
    "api-key",
    "key",
    "genie-key",
    "splunk",
    "ssws",
    "aws4-hmac-sha256",
];

/// Parts of a name that make it the name of a secret. Lower case; compared with
/// the parts between `_`, `-`, `.` and changes of case.
pub(super) const SECRET_PARTS: &[&str] = &[
    "pass",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "passwort",
    "pwd",
    "pw",
    "secret",
    "token",
    "apikey",
    "credential",
    "credentials",
    "bearer",
    "storepass",
    "keypass",
    "dbpass",
    "userpass",
    "rootpass",
    "requirepass",
    "masterauth",
    "secretkey",
    "privatekey",
    "accesskey",
    "authkey",
    "accountkey",
    "psk",
    "jwt",
];

/// Endings of a part with the same meaning (`PGPASSWORD`, `sastoken`).
pub(super) const SECRET_ENDINGS: &[&str] =
    &["password", "passwd", "passphrase", "secret", "token", "apikey", "secretkey", "accesskey"];

/// What a part `key` must follow to be secret: `api_key`, but not `sort_key`.
pub(super) const KEY_KINDS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "signing",
    "encryption",
    "account",
    "auth",
    "master",
    "shared",
    "storage",
    "license",
    "deploy",
    "app",
    "application",
    "service",
];

/// Last parts that make a name speak about a secret rather than hold it.
pub(super) const ABOUT_PARTS: &[&str] = &[
    "file",
    "files",
    "path",
    "paths",
    "name",
    "names",
    "id",
    "ids",
    "url",
    "uri",
    "ttl",
    "length",
    "len",
    "type",
    "count",
    "expiry",
    "expires",
    "expiration",
    "timeout",
    "arn",
    "dir",
    "helper",
    "policy",
    "size",
    "limit",
    "stdin",
    "alg",
    "algorithm",
    "format",
    "version",
    "versions",
    "field",
    "prompt",
    "command",
    "cmd",
    "script",
    "provider",
    "source",
    "method",
    "mode",
    "enabled",
    "disabled",
    "required",
    "rotation",
    "days",
    "seconds",
    "scope",
    "scopes",
    "endpoint",
    "issuer",
    "audience",
    "var",
    "label",
    "labels",
    "hint",
    "usage",
    "budget",
    "fd",
    "store",
    "manager",
    "engine",
    "backend",
    "mount",
    "namespace",
    "ref",
    "refs",
    "region",
    "authentication",
    "prefix",
    "regex",
    "pattern",
    "permissions",
    "rule",
    "rules",
];

/// Parts anywhere in a name that make it public.
pub(super) const PUBLIC_PARTS: &[&str] = &["public", "pub", "cert", "certificate", "max", "min"];

/// First parts of option names that take no value (`--ask-pass`).
pub(super) const SWITCH_PARTS: &[&str] = &[
    "no", "with", "without", "show", "print", "ask", "use", "skip", "disable", "disabled",
    "enable", "generate", "gen", "include", "allow", "reveal", "rotate", "save", "force", "create",
    "prompt", "read", "get", "list", "delete", "revoke", "refresh", "hide", "require", "reset",
    "change", "check", "verify", "copy", "mask",
];

/// Options whose values name files, fields or patterns, never secrets.
pub(super) const NEVER_OPTIONS: &[&str] = &[
    "--from-file",
    "--from-env-file",
    "--set-file",
    "--field",
    "--fields",
    "--field-selector",
    "--selector",
    "--output",
    "--format",
    "--filter",
    "--query",
    "--grep",
    "--author",
    "--include",
    "--exclude",
];

/// What a tool's option does with a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The next word is the secret, or what is attached after `=`.
    Value,
    /// Attached without a separator (`-pSECRET`); a word `-p` alone asks.
    Attached,
    /// Either of both.
    Both,
    /// The value is `user:secret`.
    AfterColon,
    /// The value is `user%secret`.
    AfterPercent,
    /// The value is `name=secret`.
    AfterEquals,
    /// The value is `pass:secret`.
    Pass,
    /// Holds a secret only with `=`: the next word is something else.
    OnlyEquals,
    /// The value is no secret although its name sounds so.
    Never,
    /// Takes no value.
    Switch,
}

/// Options of tools.
pub(super) struct Tool {
    /// Names of the programs.
    pub(super) programs: &'static [&'static str],
    /// A word that must stand before the option; empty: none needed.
    pub(super) sub: &'static [&'static str],
    /// The options, with their dashes.
    pub(super) options: &'static [&'static str],
    /// What they do.
    pub(super) how: How,
}

const fn tool(
    programs: &'static [&'static str],
    sub: &'static [&'static str],
    options: &'static [&'static str],
    how: How,
) -> Tool {
    Tool { programs, sub, options, how }
}

const MYSQL: &[&str] = &[
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqlimport",
    "mysqlcheck",
    "mysqlshow",
    "mysqlsh",
    "mysqlbinlog",
    "mariadb",
    "mariadb-dump",
    "mariadb-admin",
    "mycli",
];
const POSTGRES: &[&str] = &[
    "psql",
    "pg_dump",
    "pg_dumpall",
    "pg_restore",
    "createdb",
    "dropdb",
    "createuser",
    "dropuser",
    "vacuumdb",
    "reindexdb",
    "pg_basebackup",
];
const CONTAINERS: &[&str] = &["docker", "podman", "nerdctl", "buildah", "skopeo", "oras", "crane"];

/// Options that hold secrets in some tools only.
pub(super) const TOOLS: &[Tool] = &[
    tool(MYSQL, &[], &["-p"], How::Attached),
    tool(MYSQL, &[], &["--password"], How::OnlyEquals),
    tool(POSTGRES, &[], &["--password"], How::Never),
    tool(&["sshpass"], &[], &["-p"], How::Both),
    tool(CONTAINERS, &["login"], &["-p"], How::Both),
    tool(&["helm"], &["login"], &["-p"], How::Both),
    tool(&["skopeo"], &[], &["--creds", "--src-creds", "--dest-creds"], How::AfterColon),
    tool(&["docker", "podman", "nerdctl", "gcloud"], &[], &["--secret"], How::Never),
    tool(&["kubectl", "oc"], &["secret"], &["--from-literal"], How::AfterEquals),
    tool(&["redis-cli", "valkey-cli", "keydb-cli"], &[], &["-a"], How::Value),
    tool(
        &["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport", "mongoimport"],
        &[],
        &["-p"],
        How::Both,
    ),
    tool(&["curl"], &[], &["-u", "--user", "-U", "--proxy-user"], How::AfterColon),
    tool(&["curl"], &[], &["--oauth2-bearer", "--pass", "--proxy-pass"], How::Value),
    tool(&["curl"], &[], &["-b", "--cookie"], How::AfterEquals),
    tool(&["http", "https", "xh"], &[], &["-a", "--auth"], How::AfterColon),
    tool(&["smbclient", "rpcclient", "smbget"], &[], &["-U", "--user"], How::AfterPercent),
    tool(&["ldapsearch", "ldapadd", "ldapmodify", "ldapdelete"], &[], &["-w"], How::Both),
    tool(&["sqlcmd", "bcp", "isql", "osql"], &[], &["-P"], How::Both),
    tool(&["az"], &["login"], &["-p"], How::Value),
    tool(&["7z", "7za", "7zr", "7zz", "rar", "unrar"], &[], &["-p"], How::Attached),
    tool(&["zip", "unzip"], &[], &["-P"], How::Both),
    tool(&["openssl"], &[], &["-passin", "-passout", "-pass"], How::Pass),
    tool(&["openssl"], &[], &["-k"], How::Value),
    tool(&["gh"], &["secret"], &["-b", "--body"], How::Value),
    tool(&["aws"], &["put-parameter"], &["--value"], How::Value),
    tool(&["az"], &["secret"], &["--value"], How::Value),
    tool(&["useradd", "usermod"], &[], &["-p"], How::Value),
    tool(&["pulumi"], &["config"], &["--secret"], How::Switch),
    tool(&["keytool"], &[], &["-keypasswd", "-storepasswd"], How::Switch),
    tool(&["mosquitto_pub", "mosquitto_sub"], &[], &["-P"], How::Value),
    tool(&["influx"], &[], &["-t"], How::Value),
    tool(&["cqlsh", "clickhouse-client"], &[], &["-p"], How::Value),
    tool(&["ipmitool", "vncviewer"], &[], &["-P"], How::Value),
];

/// Secrets as operands.
pub(super) struct Operand {
    /// Names of the programs.
    pub(super) programs: &'static [&'static str],
    /// Subcommand words.
    pub(super) sub: &'static [&'static str],
    /// Which operand after them, from 0.
    pub(super) nth: usize,
    /// An option without which it is no secret; empty: none needed.
    pub(super) with: &'static str,
}

const fn operand(
    programs: &'static [&'static str],
    sub: &'static [&'static str],
    nth: usize,
    with: &'static str,
) -> Operand {
    Operand { programs, sub, nth, with }
}

/// Operands of tools.
pub(super) const OPERANDS: &[Operand] = &[
    operand(&["rabbitmqctl"], &["add_user"], 1, ""),
    operand(&["rabbitmqctl"], &["change_password"], 1, ""),
    operand(&["vault", "bao"], &["login"], 0, ""),
    operand(&["mc"], &["alias", "set"], 3, ""),
    operand(&["mc"], &["config", "host", "add"], 3, ""),
    operand(&["pulumi"], &["config", "set"], 1, "--secret"),
];

/// Programs that start other programs: a tool's name counts as that tool behind
/// one of these, not as an operand of something else.
pub(super) const WRAPPERS: &[&str] = &[
    "sudo",
    "doas",
    "env",
    "nohup",
    "nice",
    "ionice",
    "time",
    "timeout",
    "command",
    "exec",
    "builtin",
    "xargs",
    "watch",
    "flock",
    "setsid",
    "stdbuf",
    "chroot",
    "ssh",
    "sshpass",
    "su",
    "runuser",
    "systemd-run",
    "docker",
    "podman",
    "nerdctl",
    "kubectl",
    "oc",
    "docker-compose",
    "podman-compose",
    "if",
    "then",
    "else",
    "do",
    "while",
    "until",
    "!",
    "{",
    "&&",
    "||",
    "guard",
    "eval",
    "parallel",
];

/// Commands and options that read a secret from standard input, so that the
/// `echo` before the pipe holds it.
pub(super) const STDIN_READERS: &[&str] =
    &["--password-stdin", "--with-token", "--passphrase-fd", "chpasswd", "--stdin", "-S"];

/// Programs with options whose values are prose, and these options. A name of
/// a secret in prose is only a word; tokens and addresses are still found.
pub(super) const PROSE_PROGRAMS: &[&str] = &["git", "gh", "glab", "hg", "jj", "svn", "bd"];
pub(super) const PROSE_OPTIONS: &[&str] = &[
    "-m",
    "-am",
    "--message",
    "-t",
    "--title",
    "-b",
    "--body",
    "--subject",
    "--description",
    "--notes",
    "-F",
    "--comment",
];

/// Wrappers whose operands are shell text.
pub(super) const TEXT_RUNNERS: &[&str] = &["ssh", "watch", "eval", "parallel"];
