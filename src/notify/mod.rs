//! Telling people that somebody has to answer, has answered, or has gone past a
//! missing answer.
//!
//! Nothing here decides anything: a message that does not arrive is shown, and
//! that is all. Messages hold no secrets: the command is the line without them
//! that the record has as well.

mod message;
mod process;
pub mod ship;

use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::signal::{SigSet, SigmaskHow};

use crate::second::terms::{Event, Notify};
use crate::text::escape;
pub use message::Message;

/// How long one message may take.
const LIMIT: Duration = Duration::from_secs(10);

/// Messages on their way.
#[derive(Debug, Default)]
#[must_use = "messages that nobody waits for may be cut off"]
pub struct Sending(Vec<JoinHandle<()>>);

impl Sending {
    /// Waits until all have arrived or failed; ten seconds at most.
    pub fn finish(self) {
        for thread in self.0 {
            let _ = thread.join();
        }
    }

    /// Lets them go on by themselves: a command that may run does not wait.
    pub fn let_go(self) {
        drop(self);
    }
}

/// Sends a message to everybody who wants this event. `tell` is told what
/// failed, in words, from another thread.
pub fn send(entries: &[Notify], event: Event, message: &Message, tell: fn(&str)) -> Sending {
    // The threads must not take signals that are meant for the command.
    let mut before = SigSet::empty();
    let held = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK);
    if let Ok(mask) = held {
        before = mask;
    }
    let wanted = entries.iter().filter(|entry| entry.wants(event));
    let threads = wanted
        .filter_map(|entry| {
            let (entry, message) = (entry.clone(), message.clone());
            let thread = std::thread::Builder::new().name("guard-notify".into());
            thread
                .spawn(move || {
                    if let Err(why) = one(&entry, &message) {
                        tell(&format!("guard: a message was not delivered: {}\n", escape(&why)));
                    }
                })
                .ok()
        })
        .collect();
    let _ = before.thread_set_mask();
    Sending(threads)
}

fn one(entry: &Notify, message: &Message) -> Result<(), String> {
    if let Some(words) = &entry.command {
        return process::run(words, &message.json(), LIMIT);
    }
    match &entry.webhook {
        Some(url) => process::post(url, &message.body(entry.template), LIMIT),
        None => Ok(()),
    }
}
