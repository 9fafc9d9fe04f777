//! The record: an append-only, hash-chained log of JSON lines for each host, one
//! file a day.
//!
//! `log` writes, `parts` reads the files as one, `chain` checks, `history` joins the records of one command,
//! `redact` takes secrets out before anything is stored or shown.
//!
//! What the chain proves and what it does not: a line that is changed, taken
//! out, put in or moved breaks the chain at the next line. Somebody who may
//! write the file can still rewrite it from some line on, or cut its end; only
//! a copy of a later hash on another machine shows that.

pub mod anchors;
pub mod archive;
pub mod chain;
pub mod checkpoint;
pub mod checkpoints;
pub mod event;
pub mod export;
pub mod find;
mod gzip;
pub mod handed;
pub mod history;
pub mod index;
pub mod key;
pub mod log;
pub mod lookup;
pub mod merkle;
pub mod owner;
pub mod parts;
pub mod progress;
pub mod proof;
pub mod reader;
pub mod reconcile;
pub mod record;
pub mod redact;
pub mod retention;
pub mod said;
pub mod signatures;
pub mod stats;
mod tail;
pub mod verify;

pub use chain::{Chain, Checked};
pub use event::{
    CameTo, Command, Decided, Decision, End, Ended, Evidence, Failed, Request, Run, Start,
};
pub use key::{Key, KeyFile};
pub use log::{Appended, Durability, Log, LogError, Waiting};
pub use record::{Entry, Kind};
pub use redact::Redactor;
