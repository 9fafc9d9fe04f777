//! Whether an index can have left something out.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader};

use serde_json::Value;

use super::super::index::Place;
use super::super::parts::content_from;
use super::super::reader::{Lines, RevLines};
use super::{Finder, Found, Wanted};
use crate::second::request::{MAX_LIFE, MAX_WINDOW};
use crate::text::stamp::Stamp;

/// Bytes between the records of a command in one file that are looked through
/// for others of it.
const BETWEEN: u64 = 4 << 20;

/// Milliseconds after which nothing new can happen to a petition: the longest
/// time to answer, and the longest to use the answer.
const PETITION: i64 = (MAX_LIFE + MAX_WINDOW as i64) * 1000;

impl Finder<'_> {
    /// Whether an index can have left nothing out: something was found, each
    /// command has its beginning and its end, and there is nothing of it between
    /// its records.
    pub(super) fn is_all(&mut self, found: &Found, wanted: &mut Wanted) -> io::Result<bool> {
        if found.is_empty() || !found.values().all(|one| whole(one, found.values())) {
            // A command that runs, and all of which was read, has no end.
            let read = found.keys().next().is_some_and(|(file, _)| !self.is_kept(*file));
            if !read {
                return Ok(false);
            }
        }
        let Some(whole) = self.asked_of_others(found)? else { return Ok(false) };
        let mut ranges: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for (file, place) in found.keys() {
            let upto = place.offset + u64::from(place.len);
            ranges.entry(*file).or_insert((place.offset, upto)).1 = upto;
        }
        ranges.retain(|_, (from, upto)| *upto - *from <= BETWEEN);
        ranges.extend(whole.into_iter().map(|file| (file, (0, u64::MAX))));
        for (file, (from, upto)) in ranges {
            if !self.is_kept(file) {
                continue;
            }
            let (content, size) = self.content(file)?;
            let mut lines = Lines::new(BufReader::new(content_from(content, from, upto.min(size))));
            let mut offset = from;
            while let Some(line) = lines.next_line()? {
                let at = offset;
                offset += line.len + u64::from(line.ended);
                let Ok(record) = serde_json::from_slice::<Value>(line.bytes) else { continue };
                let len = u32::try_from(line.len).unwrap_or(u32::MAX);
                let known = found.contains_key(&(file, Place { offset: at, len }));
                if !known && wanted.takes(&record) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The files that can hold something about the petitions of a command; `None`
    /// when one is named whose own record is not there.
    fn asked_of_others(&mut self, found: &Found) -> io::Result<Option<BTreeSet<usize>>> {
        let text = |record: &Value, key: &str| -> Option<String> {
            record.get("ev")?.get(key)?.as_str().map(str::to_owned)
        };
        let mut named = BTreeSet::new();
        let mut made: BTreeMap<String, (usize, Option<Stamp>)> = BTreeMap::new();
        for ((file, _), record) in found {
            let used = record.get("ev").and_then(|ev| ev.get("evidence"));
            let used = used.and_then(|used| used.get("petition")).and_then(Value::as_str);
            named.extend(text(record, "petition").into_iter().chain(used.map(str::to_owned)));
            if record.get("kind").and_then(Value::as_str) == Some("petition")
                && let Some(id) = text(record, "petition")
            {
                made.entry(id).or_insert((*file, time(record)));
            }
        }
        let mut out = BTreeSet::new();
        for id in named {
            let Some((first, at)) = made.get(&id) else { return Ok(None) };
            for file in *first..self.source.count() {
                out.insert(file);
                let last = self.last_time(file)?;
                if at.zip(last).is_some_and(|(at, last)| last.0.saturating_sub(at.0) > PETITION) {
                    break;
                }
            }
        }
        Ok(Some(out))
    }

    /// The time of the last record of a file.
    fn last_time(&mut self, file: usize) -> io::Result<Option<Stamp>> {
        let (content, size) = self.content(file)?;
        let mut lines = RevLines::new(content, size)?;
        let line = lines.next_line()?.and_then(|line| line.bytes);
        let record = line.and_then(|line| serde_json::from_slice::<Value>(line).ok());
        Ok(record.as_ref().and_then(time))
    }
}

fn time(record: &Value) -> Option<Stamp> {
    Stamp::parse(record.get("time")?.as_str()?)
}

/// Whether the command of a record has a beginning and an end among all that was
/// found.
fn whole<'v>(one: &Value, all: impl Iterator<Item = &'v Value>) -> bool {
    let id = |record: &Value| -> Option<String> {
        record.get("ev")?.get("request_id")?.as_str().map(str::to_owned)
    };
    let Some(own) = id(one) else { return true };
    let (mut begun, mut started, mut ended, mut decided) = (false, false, false, false);
    for record in all.filter(|record| id(record).as_ref() == Some(&own)) {
        match record.get("kind").and_then(Value::as_str).unwrap_or_default() {
            "run" => return true,
            "request" => begun = true,
            "start" => started = true,
            "end" | "failed" => ended = true,
            "decision" => decided = true,
            _ => {}
        }
    }
    begun && (ended || decided && !started)
}
