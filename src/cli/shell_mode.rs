//! guard as a shell: a link to it whose name is that of a shell behind `guard-`
//! (`guard-sh`, `guard-bash`, `guard-zsh`, ...), for whatever lets its shell be
//! set.
//!
//! `guard-bash ARGS` is `guard -- bash ARGS`: the text after `-c` is judged as
//! every text inside a shell is, and what was judged is what the real shell gets,
//! with the same options, environment, files, exit code and signals. A session
//! without a text is the real shell's, with a record.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::RunOptions;
use super::run;
use crate::exit::Exit;
use crate::text::tell;

/// The shells that guard stands for. `guard-sh` is for settings that expect the
/// shell which most people have.
const SHELLS: &[(&str, &[&str])] = &[
    ("guard-sh", &["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash", "/bin/sh"]),
    ("guard-bash", &["/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash"]),
    ("guard-zsh", &["/bin/zsh", "/usr/bin/zsh", "/usr/local/bin/zsh"]),
    ("guard-dash", &["/bin/dash", "/usr/bin/dash"]),
    ("guard-ksh", &["/bin/ksh", "/usr/bin/ksh"]),
    ("guard-fish", &["/usr/bin/fish", "/usr/local/bin/fish", "/bin/fish"]),
];

/// Runs as a shell when this process was called as one.
pub(super) fn called(args: &[OsString]) -> Option<ExitCode> {
    let options = RunOptions { quiet: true, ..RunOptions::default() };
    Some(match argv(args)? {
        Ok(argv) => run::shell(argv, &options),
        Err(places) => {
            tell(&format!("guard: not run: none of {} is installed.\n", places.join(", ")));
            Exit::NotFound.into()
        }
    })
}

/// The words of the real shell, when this process was called as a shell, or
/// where it was looked for. A login shell's name begins with `-` (login(1)).
pub(super) fn argv(args: &[OsString]) -> Option<Result<Vec<OsString>, &'static [&'static str]>> {
    let (name, rest) = args.split_first()?;
    let name = Path::new(name).file_name().unwrap_or_default().as_bytes();
    let login = name.strip_prefix(b"-");
    let name = OsStr::from_bytes(login.unwrap_or(name));
    let (_, places) = SHELLS.iter().find(|(shell, _)| name == OsStr::new(shell))?;
    let Some(shell) = places.iter().map(PathBuf::from).find(|path| path.is_file()) else {
        return Some(Err(places));
    };
    let mut argv = vec![shell.into_os_string()];
    argv.extend(login.map(|_| OsString::from("-l")));
    argv.extend(arguments(rest));
    Some(Ok(argv))
}

/// The arguments for the real shell. One agent calls its shell with a single
/// argument, the whole line (`CLAUDE_CODE_SHELL_PREFIX`): that is a text, unless
/// it is a script that is there.
fn arguments(rest: &[OsString]) -> Vec<OsString> {
    match rest {
        [line] if is_text(line) => vec!["-c".into(), line.clone()],
        _ => rest.to_vec(),
    }
}

fn is_text(line: &OsStr) -> bool {
    let bytes = line.as_bytes();
    !bytes.starts_with(b"-")
        && !bytes.starts_with(b"+")
        && bytes.iter().any(u8::is_ascii_whitespace)
        && !Path::new(line).exists()
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use std::ffi::OsString;

    #[test]
    fn a_single_line_is_a_text_and_everything_else_is_the_shells() {
        let words = |text: &[&str]| text.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(arguments(&words(&["ls -l"])), words(&["-c", "ls -l"]));
        for own in [&["-lc", "ls -l"][..], &["script.sh"], &["-l"], &[], &["/dev/null"], &["-c -x"]]
        {
            assert_eq!(arguments(&words(own)), words(own));
        }
    }
}
