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
        let Some((first, begins)) = found.keys().next().copied() else { return Ok(false) };
        let ends: Vec<Ends> = found.values().map(|one| ends(one, found.values())).collect();
        // What was read from its first file on, and not looked up, has no other
        // beginning.
        if self.is_kept(first) && !ends.iter().all(|ends| ends.begun) {
            return Ok(false);
        }
        let Some(mut open) = self.asked_of_others(found)? else { return Ok(false) };
        // Of a command that runs, or that nobody knows the end of, the rest can be
        // anywhere behind its beginning.
        if !ends.iter().all(|ends| ends.ended) {
            open.extend((first..self.source.count()).map(|file| (file, 0)));
            open.insert(first, begins.offset);
        }
        let mut ranges: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
        for (file, place) in found.keys() {
            let upto = place.offset + u64::from(place.len);
            ranges.entry(*file).or_insert((place.offset, upto)).1 = upto;
        }
        ranges.retain(|_, (from, upto)| *upto - *from <= BETWEEN);
        for (file, from) in open {
            let range = ranges.entry(file).or_insert((from, u64::MAX));
            *range = (range.0.min(from), u64::MAX);
        }
        let queries = wanted.queries();
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
                // Told fast; what it takes for one is looked at.
                if !queries.iter().any(|query| query.may_be_in(line.bytes)) {
                    continue;
                }
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

    /// The files that can hold something about the petitions of a command, and from
    /// where on; `None` when one is named whose own record is not there.
    fn asked_of_others(&mut self, found: &Found) -> io::Result<Option<BTreeMap<usize, u64>>> {
        let text = |record: &Value, key: &str| -> Option<String> {
            record.get("ev")?.get(key)?.as_str().map(str::to_owned)
        };
        let mut named = BTreeSet::new();
        let mut made: BTreeMap<String, (usize, u64, Option<Stamp>)> = BTreeMap::new();
        for ((file, place), record) in found {
            let used = record.get("ev").and_then(|ev| ev.get("evidence"));
            let used = used.and_then(|used| used.get("petition")).and_then(Value::as_str);
            named.extend(text(record, "petition").into_iter().chain(used.map(str::to_owned)));
            if record.get("kind").and_then(Value::as_str) == Some("petition")
                && let Some(id) = text(record, "petition")
            {
                made.entry(id).or_insert((*file, place.offset, time(record)));
            }
        }
        let mut out: BTreeMap<usize, u64> = BTreeMap::new();
        for id in named {
            let Some((first, offset, at)) = made.get(&id) else { return Ok(None) };
            for file in *first..self.source.count() {
                // Nobody can find a petition before its record is on the disk.
                let from = if file == *first { *offset } else { 0 };
                out.entry(file).and_modify(|old| *old = from.min(*old)).or_insert(from);
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

/// What there is of a command among all that was found.
struct Ends {
    begun: bool,
    /// Nothing can follow.
    ended: bool,
}

fn ends<'v>(one: &Value, all: impl Iterator<Item = &'v Value>) -> Ends {
    let id = |record: &Value| -> Option<String> {
        record.get("ev")?.get("request_id")?.as_str().map(str::to_owned)
    };
    let Some(own) = id(one) else { return Ends { begun: true, ended: true } };
    let (mut begun, mut started, mut ended, mut decided) = (false, false, false, false);
    for record in all.filter(|record| id(record).as_ref() == Some(&own)) {
        match record.get("kind").and_then(Value::as_str).unwrap_or_default() {
            "run" => return Ends { begun: true, ended: true },
            "request" => begun = true,
            "start" => started = true,
            "end" | "failed" => ended = true,
            "decision" => decided = true,
            _ => {}
        }
    }
    Ends { begun, ended: ended || decided && !started }
}
