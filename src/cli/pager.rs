//! Long output on a terminal goes through a pager, as git does it.
//!
//! It is started with the first byte of output, so that whatever comes before, a
//! mistake or how far reading is, is seen as ever. What is said on standard error
//! after that is kept until the pager has ended: it would be written over its screen.

use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _, Write};
use std::os::unix::ffi::OsStrExt as _;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::rc::Rc;

use nix::sys::signal::{SigSet, Signal};

use crate::model::ActorKind;
use crate::text::tell;

/// The pager that most systems have, as git calls it: it ends at once when all
/// fits on one screen, shows colours, and leaves the text where it was.
const DEFAULT: (&str, &str) = ("less", "FRX");

/// Where output goes.
enum Way {
    /// Nothing was written yet.
    Waiting(Vec<OsString>),
    /// Through this process.
    Pager(Child, ChildStdin),
    /// To standard output itself.
    Direct(io::Stdout),
}

struct State {
    way: Way,
    /// Where the words of the pager come from, unless it is the default.
    named: Option<&'static str>,
    /// What is to be said when the pager has ended.
    after: Vec<u8>,
}

/// Standard output of a subcommand that is paged, and its standard error.
#[derive(Clone)]
pub(super) struct Paged(Rc<RefCell<State>>);

/// Writes on standard output.
pub(super) struct PagedOut(Paged);

/// Writes on standard error, or keeps it until the pager has ended.
pub(super) struct PagedErr(Paged);

impl Paged {
    /// Paged if standard input and output are a person's terminal, and neither
    /// `unwanted` nor a variable is against it.
    ///
    /// An agent gets no pager: nobody there would press a key, and it could name
    /// any program as one.
    pub(super) fn new(unwanted: bool) -> Self {
        let terminal = || io::stdout().is_terminal() && io::stdin().is_terminal();
        let person = || crate::app::actor::current().kind == ActorKind::Human;
        let var = |name: &str| std::env::var_os(name);
        let (words, named) = choose(&var);
        let paged = !unwanted && !words.is_empty() && terminal() && person();
        let way = if paged { Way::Waiting(words) } else { Way::Direct(io::stdout()) };
        Self(Rc::new(RefCell::new(State { way, named, after: Vec::new() })))
    }

    pub(super) fn out(&self) -> PagedOut {
        PagedOut(self.clone())
    }

    pub(super) fn err(&self) -> PagedErr {
        PagedErr(self.clone())
    }

    /// Waits until the person has read it, and says what is left to say. How a
    /// pager ends is its own affair.
    pub(super) fn finish(self) {
        let mut state = self.0.borrow_mut();
        let way = std::mem::replace(&mut state.way, Way::Direct(io::stdout()));
        if let Way::Pager(mut child, pipe) = way {
            // The end of the text; what stays open would let it wait for more.
            drop(pipe);
            let _ = child.wait();
        }
        tell(&String::from_utf8_lossy(&state.after));
    }
}

/// The words of the pager, and which variable named them. None: no pager.
fn choose(var: &dyn Fn(&str) -> Option<OsString>) -> (Vec<OsString>, Option<&'static str>) {
    let set = ["GUARD_PAGER", "PAGER"].into_iter().find_map(|name| Some((name, var(name)?)));
    let Some((name, line)) = set else { return (vec![DEFAULT.0.into()], None) };
    // Split at blanks and nothing else: no shell reads this line.
    let words = line.as_bytes().split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let words: Vec<OsString> = words.map(|word| OsStr::from_bytes(word).to_owned()).collect();
    let plain = matches!(words.as_slice(), [one] if one == "cat");
    (if plain { Vec::new() } else { words }, Some(name))
}

impl State {
    fn out(&mut self) -> &mut dyn Write {
        if let Way::Waiting(words) = &self.way {
            self.way = match start(words) {
                Ok((child, pipe)) => Way::Pager(child, pipe),
                Err(error) => {
                    if let (Some(name), Some(word)) = (self.named, words.first()) {
                        let word = crate::text::escape(&word.to_string_lossy());
                        let why = format!("guard: {word} ({name}) cannot be started: {error}\n");
                        self.after.extend(why.into_bytes());
                    }
                    Way::Direct(io::stdout())
                }
            };
        }
        match &mut self.way {
            Way::Pager(_, pipe) => pipe,
            Way::Direct(out) => out,
            // Not reached: it was started above.
            Way::Waiting(_) => &mut self.after,
        }
    }
}

fn start(words: &[OsString]) -> io::Result<(Child, ChildStdin)> {
    let (program, args) =
        words.split_first().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::piped());
    // Where somebody may call guard as another account, keys of the pager must
    // not open a shell there.
    for (name, value) in [("LESS", DEFAULT.1), ("LV", "-c"), ("LESSSECURE", "1")] {
        if std::env::var_os(name).is_none() {
            command.env(name, value);
        }
    }
    let mut child = command.spawn()?;
    let pipe = child.stdin.take().ok_or_else(|| io::Error::from(io::ErrorKind::BrokenPipe))?;
    // Ctrl-C is the pager's key from here on: it must not outlive guard. What it
    // ends, ends guard by the closed pipe.
    let _ = SigSet::from_iter([Signal::SIGINT, Signal::SIGQUIT]).thread_block();
    Ok((child, pipe))
}

impl Write for PagedOut {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.0.borrow_mut().out().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0.0.borrow_mut().way {
            Way::Waiting(_) => Ok(()),
            Way::Pager(_, pipe) => pipe.flush(),
            Way::Direct(out) => out.flush(),
        }
    }
}

impl Write for PagedErr {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut state = self.0.0.borrow_mut();
        match state.way {
            Way::Pager(..) => state.after.write(bytes),
            Way::Waiting(_) | Way::Direct(_) => io::stderr().write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::choose;

    #[test]
    fn the_pager_is_guards_own_setting_then_everybodys_then_less() {
        let pager = |set: &[(&str, &str)]| {
            let var = |name: &str| {
                let found = set.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            let words = choose(&var).0;
            words.iter().map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(pager(&[]), ["less"]);
        assert_eq!(pager(&[("PAGER", "most -s")]), ["most", "-s"]);
        assert_eq!(pager(&[("PAGER", "most"), ("GUARD_PAGER", " less  -S ")]), ["less", "-S"]);
        // What a shell would make of it, nobody does.
        assert_eq!(pager(&[("PAGER", "a; rm -rf $HOME|b")]), ["a;", "rm", "-rf", "$HOME|b"]);
        for off in ["", " ", "cat"] {
            assert!(pager(&[("GUARD_PAGER", off), ("PAGER", "less")]).is_empty(), "{off:?}");
        }
    }
}
