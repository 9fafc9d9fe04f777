//! The record in the forms that other systems read.
//!
//! Every form carries number and hash of its record, so that an event in another
//! system can be traced to the chain. Nothing is added to what the log holds:
//! secrets were taken out before it was written.

mod cef;
mod csv;
mod ecs;
mod event;
mod ocsf;
mod otlp;
mod syslog;

pub(in crate::audit) use event::Verdict;
pub use event::{Event, Memory};

/// A form of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The lines of the log as they are.
    Jsonl,
    /// RFC 4180, with a header.
    Csv,
    /// Open Cybersecurity Schema Framework 1.8.0: Process Activity, Authorize
    /// Session, and Base Event for the rest.
    Ocsf,
    /// OpenTelemetry protocol, `LogsData` as JSON, one a line
    /// (opentelemetry-proto 1.9.0).
    Otlp,
    /// Elastic Common Schema.
    Ecs,
    /// `ArcSight` Common Event Format, version 0.
    Cef,
    /// RFC 5424.
    Syslog,
}

impl Format {
    /// The line for one event, without its line feed.
    #[must_use]
    pub fn line(self, event: &Event<'_>) -> String {
        match self {
            Self::Jsonl => event.raw.to_owned(),
            Self::Csv => csv::line(event),
            Self::Ocsf => ocsf::event(event).to_string(),
            Self::Otlp => otlp::event(event).to_string(),
            Self::Ecs => ecs::event(event).to_string(),
            Self::Cef => cef::line(event),
            Self::Syslog => syslog::line(event),
        }
    }

    /// What stands before the first event.
    #[must_use]
    pub const fn header(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some(csv::HEADER),
            _ => None,
        }
    }
}

/// A field of a CSV line, disarmed.
#[must_use]
pub fn csv_field(text: &str) -> String {
    csv::quoted(text)
}

/// Cuts at a character, so that at most `max` bytes are left.
fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}
