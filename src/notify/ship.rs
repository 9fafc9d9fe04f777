//! Sending a checkpoint to places that this account cannot take it back from.

mod etcd;
mod folder;
mod git;
mod syslog;

use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use nix::sys::signal::{SigSet, SigmaskHow};

use super::process;
use crate::decide::checkpoints::Sink;

/// What is sent, in the forms that places want.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Name of the folder for checkpoints of this log: one plain word.
    pub folder: String,
    /// Name of the file, which belongs to this checkpoint alone: one plain word.
    pub file: String,
    /// What it holds.
    pub text: String,
    /// All of it in one line.
    pub line: String,
    /// All of it as JSON.
    pub json: String,
    /// What it is, in words.
    pub title: String,
}

/// How one place took it.
pub type Arrived = (String, Result<(), String>);

/// Sends a parcel to all places at once and waits for them, `limit` at most.
/// `work` is a folder for what a place needs to keep between two parcels.
#[must_use]
pub fn send(sinks: &[Sink], parcel: &Parcel, work: &Path, limit: Duration) -> Vec<Arrived> {
    // The threads must not take signals that are meant for the command.
    let mut before = SigSet::empty();
    if let Ok(mask) = SigSet::all().thread_swap_mask(SigmaskHow::SIG_SETMASK) {
        before = mask;
    }
    let until = Instant::now() + limit;
    let (done, arrived) = mpsc::channel();
    for (at, sink) in sinks.iter().enumerate() {
        let (sink, parcel, work, done) =
            (sink.clone(), parcel.clone(), work.to_owned(), done.clone());
        let thread = std::thread::Builder::new().name("guard-ship".into());
        // A place that hangs, such as a folder of a machine that is gone, holds
        // up its own thread only.
        let _ = thread.spawn(move || done.send((at, one(&sink, &parcel, &work, until))));
    }
    drop(done);
    let _ = before.thread_set_mask();
    let late = || Err(format!("no answer within {} seconds", limit.as_secs()));
    let mut out: Vec<Arrived> = sinks.iter().map(|sink| (sink.name(), late())).collect();
    while let Ok((at, result)) =
        arrived.recv_timeout(until.saturating_duration_since(Instant::now()) + GRACE)
    {
        if let Some(slot) = out.get_mut(at) {
            slot.1 = result;
        }
    }
    out
}

/// So that a place which stops just in time can still say so.
const GRACE: Duration = Duration::from_millis(200);

fn one(sink: &Sink, parcel: &Parcel, work: &Path, until: Instant) -> Result<(), String> {
    match sink {
        Sink::Folder(path) => folder::put(path, parcel),
        Sink::Git { url, branch } => git::Clone::new(work, url, branch, until).put(parcel),
        Sink::Syslog(path) => syslog::put(path, parcel),
        Sink::Webhook(url) => {
            let left = until.saturating_duration_since(Instant::now());
            process::post(url, &parcel.json, left.max(Duration::from_secs(1)))
        }
        Sink::Etcd(engine) => etcd::put(engine, parcel, until),
    }
}

/// Another text stands where this one belongs: two checkpoints of one size.
fn conflict(place: &Path) -> String {
    format!(
        "{} holds another checkpoint of the same size: one of the two logs was written anew",
        place.display()
    )
}

/// The place of a parcel below a folder.
fn place(parcel: &Parcel) -> PathBuf {
    Path::new(&parcel.folder).join(&parcel.file)
}

#[cfg(test)]
pub(super) fn sample() -> Parcel {
    Parcel {
        folder: "h_guard_audit".into(),
        file: "5.checkpoint".into(),
        text: "h/guard/audit\n5\nroot\n".into(),
        line: "guard-checkpoint@v1 h/guard/audit 5 root sig".into(),
        json: "{\"size\":5}".into(),
        title: "h/guard/audit: 5 lines".into(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::time::{Duration, Instant};

    use super::{Sink, sample, send};

    #[test]
    fn every_place_is_answered_for_and_none_holds_up_the_others() {
        let dir = tempfile::tempdir().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let sinks = [
            Sink::Folder(dir.path().to_owned()),
            Sink::Folder(dir.path().join("missing")),
            // Takes the connection and never answers.
            Sink::Webhook(format!("http://127.0.0.1:{port}/SECRET")),
        ];
        let begun = Instant::now();
        let arrived = send(&sinks, &sample(), dir.path(), Duration::from_secs(1));
        assert!(begun.elapsed() < Duration::from_secs(4));
        assert_eq!(arrived.len(), 3);
        assert_eq!(arrived[0].1, Ok(()));
        assert!(arrived[1].1.as_ref().unwrap_err().contains("missing"));
        assert!(arrived[2].1.is_err());
        assert!(!format!("{arrived:?}").contains("SECRET"), "{arrived:?}");
    }
}
