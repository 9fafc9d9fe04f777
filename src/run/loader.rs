//! Environment variables that make a program load or run code of somebody
//! else's choice. They are reported, not removed: removing them would break
//! ordinary set-ups, and guard's child must get what it would get without guard.

use std::ffi::{OsStr, OsString};

/// A variable that changes which code a command runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderVariable {
    /// Its name.
    pub name: OsString,
    /// Its value: show it only escaped and redacted.
    pub value: OsString,
    /// What it does, to complete "NAME ...".
    pub effect: &'static str,
}

/// Exact names. Sources: ld.so(8), dyld(1), bash(1) "Shell Variables", zsh(1),
/// python(1), perlrun(1), ruby(1), node(1), the JDK tool guide, git(1),
/// git-config(1) and iconv_open(3).
const NAMES: &[(&str, &str)] = &[
    ("BASH_ENV", "names a file that every non-interactive bash runs first"),
    ("CLASSPATH", "adds folders from which Java loads classes"),
    ("ENV", "names a file that interactive POSIX shells run first"),
    ("GCONV_PATH", "names folders from which the C library loads converters"),
    ("GIT_ASKPASS", "names a program that git runs for passwords"),
    ("GIT_CONFIG_COUNT", "injects git settings, which can name programs to run"),
    ("GIT_CONFIG_GLOBAL", "replaces the user's git settings"),
    ("GIT_CONFIG_PARAMETERS", "injects git settings, which can name programs to run"),
    ("GIT_CONFIG_SYSTEM", "replaces the system's git settings"),
    ("GIT_EXEC_PATH", "names the folder from which git runs its own parts"),
    ("GIT_EXTERNAL_DIFF", "names a program that git runs to compare files"),
    ("GIT_PROXY_COMMAND", "names a program through which git connects"),
    ("GIT_SSH", "names a program that git runs in place of ssh"),
    ("GIT_SSH_COMMAND", "is a command that git runs in place of ssh"),
    ("GIT_TEMPLATE_DIR", "names a folder whose hooks git copies into new repositories"),
    ("JAVA_TOOL_OPTIONS", "adds options, agents included, to every Java program"),
    ("JDK_JAVA_OPTIONS", "adds options, agents included, to every java command"),
    ("NODE_OPTIONS", "adds options, preloaded modules included, to every Node.js program"),
    ("NODE_PATH", "adds folders from which Node.js loads modules"),
    ("OPENSSL_CONF", "names settings from which OpenSSL loads engines and providers"),
    ("PERL5DB", "is code that the Perl debugger runs"),
    ("PERL5LIB", "adds folders from which Perl loads modules"),
    ("PERL5OPT", "adds options, modules included, to every Perl program"),
    ("PROMPT_COMMAND", "is a command that interactive bash runs before each prompt"),
    ("PS4", "can contain a command that tracing shells run"),
    ("PYTHONHOME", "moves the folder from which Python loads its own library"),
    ("PYTHONPATH", "adds folders from which Python loads modules"),
    ("PYTHONSTARTUP", "names a file that interactive Python runs first"),
    ("RUBYLIB", "adds folders from which Ruby loads libraries"),
    ("RUBYOPT", "adds options, libraries included, to every Ruby program"),
    ("RUSTC_WRAPPER", "names a program that cargo runs in place of the compiler"),
    ("SHELLOPTS", "switches options, tracing included, on in every bash"),
    ("ZDOTDIR", "moves the folder whose files zsh runs first"),
    ("_JAVA_OPTIONS", "adds options, agents included, to every Java program"),
];

/// Beginnings of names.
const PREFIXES: &[(&str, &str)] = &[
    ("BASH_FUNC_", "defines a shell function, which can stand in for a command"),
    ("DYLD_", "changes which libraries the macOS loader takes"),
    ("LD_", "changes which libraries the loader takes"),
];

/// Finds the variables of an environment that change which code runs, sorted
/// by name. Empty ones do nothing and are left out.
pub fn loader_variables<I>(environment: I) -> Vec<LoaderVariable>
where
    I: IntoIterator<Item = (OsString, OsString)>,
{
    let mut found: Vec<_> = environment
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(name, value)| {
            let effect = effect(&name)?;
            Some(LoaderVariable { name, value, effect })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn effect(name: &OsStr) -> Option<&'static str> {
    // A name that is not UTF-8 still counts by its beginning.
    let name = name.to_string_lossy();
    if let Ok(at) = NAMES.binary_search_by(|(known, _)| (*known).cmp(name.as_ref())) {
        return NAMES.get(at).map(|(_, effect)| *effect);
    }
    PREFIXES.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, effect)| *effect)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_so_that_it_can_be_searched() {
        assert!(NAMES.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn variables_that_load_code_are_reported_and_others_are_not() {
        let environment = [
            ("PATH", "/bin"),
            ("LD_PRELOAD", "/tmp/x.so"),
            ("LDFLAGS", "-O2"),
            ("BASH_FUNC_ls%%", "() { :; }"),
            ("BASH_ENV", ""),
            ("GIT_CONFIG_COUNT", "1"),
            ("GIT_PAGER", "cat"),
        ];
        let found = loader_variables(environment.map(|(n, v)| (n.into(), v.into())));
        let names: Vec<_> = found.iter().map(|found| found.name.to_string_lossy()).collect();
        assert_eq!(names, ["BASH_FUNC_ls%%", "GIT_CONFIG_COUNT", "LD_PRELOAD"]);
    }
}
