//! What became of the checkpoints that were sent: `sent.json` in the folder of
//! the checkpoints. For people to see; nothing is decided by it.

use std::io;
use std::path::Path;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::audit::checkpoint::{Missed, Signed};
use crate::audit::progress::{read_small, replace};
use crate::decide::checkpoints::Sink;
use crate::notify::ship::{self, Arrived, Parcel};
use crate::text::stamp::Stamp;

const SENT: &str = "sent.json";
const LOCK: &str = "sending";
/// The longest file that is read, in bytes.
const MAX_FILE: u64 = 64 << 10;
/// The longest reason that is kept, in characters.
const MAX_WHY: usize = 300;

/// How making and sending went.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Why the last checkpoint could not be made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The places.
    #[serde(default)]
    pub places: Vec<Place>,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Its name, without secrets.
    pub to: String,
    /// Lines that the last checkpoint covers which arrived; 0: none did.
    pub size: u64,
    /// When that was.
    pub at: String,
    /// What went wrong since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<Failure>,
}

/// A checkpoint that did not arrive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Lines that it covers.
    pub size: u64,
    /// When it was sent.
    pub at: String,
    /// Why.
    pub why: String,
}

impl Delivery {
    /// What is noted; nothing when it cannot be read.
    #[must_use]
    pub fn load(folder: &Path) -> Self {
        let text = read_small(&folder.join(SENT), MAX_FILE).ok().flatten();
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn save(&self, folder: &Path) -> io::Result<()> {
        replace(&folder.join(SENT), &serde_json::to_string(self)?)
    }

    /// Notes why no checkpoint could be made, or that one could.
    pub(super) fn note_error(folder: &Path, why: Option<String>) -> io::Result<()> {
        let mut delivery = Self::load(folder);
        if delivery.error == why {
            return Ok(());
        }
        delivery.error = why;
        delivery.save(folder)
    }

    /// What did not arrive, for the next record.
    #[must_use]
    pub(super) fn missed(&self) -> Vec<Missed> {
        let missed = |place: &Place| {
            let failed = place.failed.as_ref()?;
            Some(Missed { to: place.to.clone(), size: failed.size, why: failed.why.clone() })
        };
        self.places.iter().filter_map(missed).collect()
    }

    /// Only the places that policy still names, all of them.
    pub(super) fn only(mut self, sinks: &[Sink]) -> Self {
        let place = |sink: &Sink| {
            let to = sink.name();
            let known = self.places.iter().find(|place| place.to == to).cloned();
            known.unwrap_or(Place { to, size: 0, at: String::new(), failed: None })
        };
        self.places = sinks.iter().map(place).collect();
        self
    }

    fn note(&mut self, arrived: &[Arrived], size: u64, at: &str) {
        for (to, result) in arrived {
            let known = self.places.iter().position(|place| &place.to == to);
            let known = known.unwrap_or_else(|| {
                let new = Place { to: to.clone(), size: 0, at: String::new(), failed: None };
                self.places.push(new);
                self.places.len() - 1
            });
            let Some(place) = self.places.get_mut(known) else { continue };
            match result {
                Ok(()) => {
                    *place = Place { to: to.clone(), size, at: at.to_owned(), failed: None };
                }
                Err(why) => {
                    let why = why.chars().take(MAX_WHY).collect();
                    place.failed = Some(Failure { size, at: at.to_owned(), why });
                }
            }
        }
    }
}

/// Sends a checkpoint to all places and notes how they took it.
pub(super) fn send(
    sinks: &[Sink],
    signed: &Signed,
    folder: &Path,
    limit: Duration,
) -> Vec<Arrived> {
    if sinks.is_empty() {
        return Vec::new();
    }
    // One at a time: two would push to the same branch, and the older one could
    // be noted last.
    let lock = std::fs::File::create(folder.join(LOCK)).ok();
    if lock.as_ref().is_some_and(|lock| lock.try_lock().is_err()) {
        let busy = || Err("another guard is sending".to_owned());
        return sinks.iter().map(|sink| (sink.name(), busy())).collect();
    }
    let arrived = ship::send(sinks, &parcel(signed), folder, limit);
    let mut delivery = Delivery::load(folder).only(sinks);
    delivery.note(&arrived, signed.checkpoint.size, &Stamp::now().to_string());
    let _ = delivery.save(folder);
    arrived
}

fn parcel(signed: &Signed) -> Parcel {
    let checkpoint = &signed.checkpoint;
    let json = serde_json::json!({
        "type": "guard.checkpoint",
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "checkpoint": signed.to_string(),
    });
    Parcel {
        folder: folder_name(&checkpoint.origin),
        file: format!("{}.checkpoint", checkpoint.size),
        text: signed.to_string(),
        line: signed.line(),
        json: json.to_string(),
        title: format!("{}: {} lines", checkpoint.origin, checkpoint.size),
    }
}

/// An origin as the name of a folder: it holds host names and account names.
fn folder_name(origin: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '@');
    let name: String = origin.chars().take(200).map(|c| if plain(c) { c } else { '_' }).collect();
    if name.starts_with(['.', '-']) { format!("_{name}") } else { name }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Delivery, Sink, folder_name};

    #[test]
    fn origins_cannot_leave_the_folder() {
        assert_eq!(
            folder_name("build-7.example.org/guard/audit"),
            "build-7.example.org_guard_audit"
        );
        assert_eq!(folder_name("../../x"), "_.._.._x");
    }

    #[test]
    fn a_failure_stays_until_the_place_takes_a_checkpoint_again() {
        let dir = tempfile::tempdir().unwrap();
        let mut delivery = Delivery::default();
        delivery.note(&[("a".into(), Ok(())), ("b".into(), Err("why".into()))], 5, "t1");
        delivery.note(&[("a".into(), Err("gone".into()))], 9, "t2");
        delivery.save(dir.path()).unwrap();
        let delivery = Delivery::load(dir.path());
        assert_eq!(delivery.places.first().map(|place| place.size), Some(5));
        let missed: Vec<_> = delivery.missed().iter().map(|m| (m.to.clone(), m.size)).collect();
        assert_eq!(missed, [("a".to_owned(), 9), ("b".to_owned(), 5)]);
        let mut delivery = delivery;
        delivery.note(&[("a".into(), Ok(()))], 12, "t3");
        assert_eq!(delivery.missed().len(), 1);
        let named = delivery.only(&[Sink::Folder("/c".into())]);
        assert_eq!(named.places.len(), 1, "what policy no longer names is not shown");
    }
}
