//! Finding the records of one command without reading the whole log.
//!
//! An index ([`super::index`]) says where to look. What is found is always the raw
//! line: it has to begin where a line begins, end where it ends, and hold the id.
//! Where an index does not lead to that, and where what it leads to can't be all,
//! the files themselves are read, as without any index.

mod complete;
mod wanted;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;

use serde_json::Value;

pub use wanted::Wanted;

use super::index::{self, Place, Query, Table, Unfit};
use super::parts::{Source, content_from};
use super::reader::{Lines, RevLines, hash_range};
use super::record::{Header, MAX_LINE, hash};

/// A record of the command.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// The record.
    pub record: Value,
    /// Whether it has the hash of the line before it, and the line behind it has
    /// its own. Across the border of two files nobody looks.
    pub follows: bool,
}

/// What to tell people about an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// So many files had none; they were read whole.
    Missing(usize),
    /// The index of this file was made of another state of it.
    Old(PathBuf),
    /// The index of this file was damaged, or led to something else.
    Wrong(PathBuf),
}

/// Finds records in one log.
pub struct Finder<'s> {
    source: &'s Source,
    tables: HashMap<usize, Table>,
    files: HashMap<usize, (File, u64)>,
    notes: Vec<Note>,
    missing: usize,
    /// Files whose table was made from them just now, wherever it is kept.
    fresh: BTreeSet<usize>,
    /// Whether indexes beside the log are looked at.
    trusting: bool,
}

type Found = BTreeMap<(usize, Place), Value>;

impl<'s> Finder<'s> {
    /// Over all files of a log.
    #[must_use]
    pub fn new(source: &'s Source) -> Self {
        let (tables, files, fresh) = (HashMap::new(), HashMap::new(), BTreeSet::new());
        Self { source, tables, files, notes: Vec::new(), missing: 0, fresh, trusting: true }
    }

    /// What there is to say about the indexes that were met.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let missing = (self.missing > 0).then_some(Note::Missing(self.missing));
        missing.into_iter().chain(self.notes.iter().cloned()).collect()
    }

    /// Every record of the command that somebody means, in the order of the log.
    ///
    /// # Errors
    /// Those of the files.
    pub fn find(&mut self, typed: &str) -> io::Result<Vec<Hit>> {
        let mut wanted = Wanted::new(typed);
        let mut found = self.search(&mut wanted, 0)?;
        if self.uses_kept() && !self.is_all(&found, &mut wanted)? {
            found = self.search_anew(typed, &found)?;
        }
        let mut hits = Vec::with_capacity(found.len());
        for ((file, place), record) in found {
            let follows = self.follows(file, place)?;
            hits.push(Hit { record, follows });
        }
        Ok(hits)
    }

    /// The records with these request ids in the files behind one.
    ///
    /// # Errors
    /// Those of the files.
    pub fn behind(&mut self, file: usize, ids: &BTreeSet<String>) -> io::Result<Vec<Value>> {
        let mut out = Vec::new();
        for id in ids {
            let found = self.search(&mut Wanted::exactly(id), file + 1)?;
            out.extend(found.into_values());
        }
        Ok(out)
    }

    fn search(&mut self, wanted: &mut Wanted, from: usize) -> io::Result<Found> {
        let (mut found, mut open) = (Found::new(), Found::new());
        let mut asked = BTreeSet::new();
        let mut queries = wanted.queries();
        while let Some(query) = queries.pop() {
            if !asked.insert(query.clone()) {
                continue;
            }
            for file in from..self.source.count() {
                for (place, record) in self.look(file, &query)? {
                    if !found.contains_key(&(file, place)) {
                        open.insert((file, place), record);
                    }
                }
            }
            // A record can bring another id, by which one that was passed over
            // belongs to the command too.
            loop {
                let before = found.len();
                for (at, record) in std::mem::take(&mut open) {
                    let to = if wanted.takes(&record) { &mut found } else { &mut open };
                    to.insert(at, record);
                }
                if found.len() == before {
                    break;
                }
            }
            queries.extend(wanted.queries());
        }
        Ok(found)
    }

    /// Without any index. What it finds more or less was wrong in one.
    fn search_anew(&mut self, typed: &str, before: &Found) -> io::Result<Found> {
        self.trusting = false;
        let fresh = &self.fresh;
        self.tables.retain(|file, table| fresh.contains(file) || !table.is_kept());
        let had = self.missing;
        let found = self.search(&mut Wanted::new(typed), 0)?;
        self.missing = had;
        let files = |one: &Found, other: &Found| -> BTreeSet<usize> {
            one.keys().filter(|at| !other.contains_key(at)).map(|(file, _)| *file).collect()
        };
        for file in files(&found, before).union(&files(before, &found)) {
            self.notes.push(Note::Wrong(self.path(*file)));
            // It was made anew in memory; what is beside the log goes.
            match self.source.parts().get(*file) {
                Some(part) => index::closed::drop_one(self.source.path(), part),
                None => index::open::drop_all(self.source, *file)?,
            }
        }
        Ok(found)
    }

    fn uses_kept(&self) -> bool {
        self.tables.keys().any(|file| self.is_kept(*file))
    }

    fn is_kept(&self, file: usize) -> bool {
        !self.fresh.contains(&file) && self.tables.get(&file).is_some_and(Table::is_kept)
    }

    fn path(&self, file: usize) -> PathBuf {
        let part = self.source.parts().get(file);
        part.map_or_else(|| self.source.path().to_owned(), |part| part.path.clone())
    }

    /// The lines of a file that a query leads to.
    fn look(&mut self, file: usize, query: &Query) -> io::Result<Vec<(Place, Value)>> {
        // The second round is without the index that led astray.
        for _ in 0..2 {
            self.load(file)?;
            let places = match self.tables.get(&file).map(|table| table.find(query)) {
                Some(Ok(Some(places))) => Some(places),
                Some(Ok(None)) | None => return self.scan(file, query),
                Some(Err(_)) => None,
            };
            let mut out = Vec::new();
            let mut right = places.is_some();
            for place in places.into_iter().flatten() {
                match self.line(file, place)?.filter(|(_, record)| query.is_in(record)) {
                    Some((_, record)) => out.push((place, record)),
                    // What the file itself led to and is no record to every
                    // reader, such as one that is nested too deep, is none.
                    None => right = !self.is_kept(file),
                }
            }
            if right {
                return Ok(out);
            }
            self.rebuild(file)?;
        }
        Err(io::Error::other("it changes while it is read"))
    }

    fn load(&mut self, file: usize) -> io::Result<()> {
        if self.tables.contains_key(&file) {
            return Ok(());
        }
        if !self.trusting {
            self.tables.insert(file, index::read(self.source, file)?);
            return Ok(());
        }
        let Some(part) = self.source.parts().get(file) else {
            let (table, damaged) = index::open::load(self.source, file)?;
            self.notes.extend(damaged.then(|| Note::Wrong(self.path(file))));
            self.tables.insert(file, table);
            return Ok(());
        };
        match index::closed::kept(self.source.path(), part) {
            Ok(kept) => {
                self.tables.insert(file, Table::Kept(kept));
                return Ok(());
            }
            Err(Unfit::Missing) => self.missing += 1,
            Err(Unfit::Old) => self.notes.push(Note::Old(part.path.clone())),
            Err(Unfit::Damaged) => self.notes.push(Note::Wrong(part.path.clone())),
        }
        self.make(file)
    }

    fn rebuild(&mut self, file: usize) -> io::Result<()> {
        self.notes.push(Note::Wrong(self.path(file)));
        self.make(file)
    }

    /// Reads a file, and keeps its index.
    fn make(&mut self, file: usize) -> io::Result<()> {
        let table = match self.source.parts().get(file) {
            Some(part) => index::closed::make(self.source, file, part)?,
            None => index::open::make(self.source, file)?,
        };
        self.fresh.insert(file);
        self.tables.insert(file, table);
        Ok(())
    }

    fn content(&mut self, file: usize) -> io::Result<(&File, u64)> {
        if !self.files.contains_key(&file) {
            let opened = self.source.random(file)?;
            self.files.insert(file, opened);
        }
        let (content, size) = self.files.get(&file).ok_or(io::ErrorKind::NotFound)?;
        Ok((content, *size))
    }

    /// The line at a place, if there is one.
    fn line(&mut self, file: usize, place: Place) -> io::Result<Option<(Vec<u8>, Value)>> {
        let (content, size) = self.content(file)?;
        let Place { offset, len } = place;
        let end = offset.saturating_add(u64::from(len));
        if len as usize > MAX_LINE || end > size {
            return Ok(None);
        }
        // With the line feeds around it: what stands within another record can
        // have none in front of it, because JSON writes them as `\n`.
        let (from, upto) = (offset.saturating_sub(1), (end + 1).min(size));
        let mut bytes = vec![0; usize::try_from(upto - from).unwrap_or(0)];
        content.read_exact_at(&mut bytes, from)?;
        let inside = usize::from(offset > 0);
        let own = bytes.get(inside..inside + len as usize).unwrap_or_default();
        let begins = offset == 0 || bytes.first() == Some(&b'\n');
        let ends = end == size || bytes.last() == Some(&b'\n');
        if !begins || !ends || own.contains(&b'\n') {
            return Ok(None);
        }
        Ok(serde_json::from_slice(own).ok().map(|record| (own.to_vec(), record)))
    }

    /// Every line of a file that a query means.
    fn scan(&self, file: usize, query: &Query) -> io::Result<Vec<(Place, Value)>> {
        let mut lines = Lines::new(self.source.open_part(file, 0)?);
        let (mut out, mut offset) = (Vec::new(), 0);
        while let Some(line) = lines.next_line()? {
            let at = offset;
            offset += line.len + u64::from(line.ended);
            let Some(len) = u32::try_from(line.len).ok().filter(|_| !line.is_cut()) else {
                continue;
            };
            if !query.may_be_in(line.bytes) {
                continue;
            }
            let record = serde_json::from_slice::<Value>(line.bytes).ok();
            if let Some(record) = record.filter(|record| query.is_in(record)) {
                out.push((Place { offset: at, len }, record));
            }
        }
        Ok(out)
    }

    /// Whether the chain holds before and behind a line.
    fn follows(&mut self, file: usize, place: Place) -> io::Result<bool> {
        let Some((bytes, _)) = self.line(file, place)? else { return Ok(false) };
        let (content, size) = self.content(file)?;
        let Some(header) = Header::parse(&bytes) else { return Ok(false) };
        if place.offset > 0 {
            let mut lines = RevLines::new(content, place.offset)?;
            let before = match lines.next_line()? {
                None => return Ok(false),
                Some(line) => match line.bytes {
                    Some(bytes) => hash(bytes),
                    None => hash_range(content, line.start, line.end)?,
                },
            };
            if before != header.prev {
                return Ok(false);
            }
        }
        let behind = place.offset + u64::from(place.len) + 1;
        let mut lines = Lines::new(BufReader::new(content_from(content, behind, size)));
        let next = lines.next_line()?;
        // A torn line says nothing.
        let next = next.filter(|line| !line.is_cut()).and_then(|line| Header::parse(line.bytes));
        Ok(next.is_none_or(|next| next.prev == hash(&bytes)))
    }
}

#[cfg(test)]
mod tests;
