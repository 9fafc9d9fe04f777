//! Sorted text tables that the build script compressed piece by piece.
//!
//! A command needs a few lines of a table that all of guard's users carry. Each
//! piece is some whole lines, compressed for itself (RFC 1951) and unpacked when a
//! line of it is wanted.

use std::{cmp::Ordering, fmt, ops::Range, sync::OnceLock};

use super::table;

/// Where a piece starts: its first key in the text of those, its text in the
/// table, and its bytes in the packed ones.
pub type Place = [u32; 3];

/// A table in pieces; the macro of this name makes one.
pub struct Pieces {
    packed: &'static [u8],
    /// The keys of the first lines of all pieces, one behind the other.
    keys: &'static str,
    /// One for each piece, and one for the end.
    places: &'static [Place],
    kept: OnceLock<Box<[OnceLock<String>]>>,
}

/// The pieces of a table in `rules/generated`, by its name.
macro_rules! pieces {
    ($name:literal) => {
        $crate::text::pieces::Pieces::new(
            include_bytes!(concat!(env!("OUT_DIR"), "/", $name, ".pieces")),
            include_str!(concat!(env!("OUT_DIR"), "/", $name, ".keys")),
            &include!(concat!(env!("OUT_DIR"), "/", $name, ".places")),
        )
    };
}
pub(crate) use pieces;

impl Pieces {
    /// What the build script wrote.
    #[must_use]
    pub const fn new(packed: &'static [u8], keys: &'static str, places: &'static [Place]) -> Self {
        Self { packed, keys, places, kept: OnceLock::new() }
    }

    /// Compressed bytes of all pieces.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.packed.len()
    }

    /// The piece that holds this byte of the table: where it starts, and its text.
    /// The text is kept; it is empty when it cannot be unpacked.
    #[must_use]
    pub fn at(&self, byte: usize) -> Option<(usize, &str)> {
        self.piece(self.number(byte)?)
    }

    /// The piece that holds a line if the table does: the last one whose first key
    /// is not greater. `order` says how a key compares with the one wanted.
    #[must_use]
    pub fn around(&self, order: impl Fn(&str) -> Ordering) -> Option<(usize, &str)> {
        let (mut low, mut high) = (0, self.places.len().saturating_sub(1));
        while low < high {
            let middle = low + (high - low) / 2;
            let key = self.keys.get(self.range(middle, |[key, _, _]| key)?)?;
            if order(key) == Ordering::Greater {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.piece(low.saturating_sub(1))
    }

    /// Reads so many bytes of the table, which are in one piece and are not kept.
    pub fn once<T>(&self, start: usize, length: usize, read: impl FnOnce(Option<&str>) -> T) -> T {
        let found = self.number(start).and_then(|number| {
            let before = self.range(number, |[_, start, _]| start)?.start;
            Some((start - before, self.unpacked(number)?))
        });
        read(found.as_ref().and_then(|(start, text)| text.get(*start..start.checked_add(length)?)))
    }

    /// The number of the piece that holds this byte.
    fn number(&self, byte: usize) -> Option<usize> {
        let after = self.places.partition_point(|[_, start, _]| *start as usize <= byte);
        after.checked_sub(1)
    }

    fn unpacked(&self, number: usize) -> Option<String> {
        let packed = self.packed.get(self.range(number, |[_, _, packed]| packed)?)?;
        Some(table::unpack(packed))
    }

    fn piece(&self, number: usize) -> Option<(usize, &str)> {
        let start = self.range(number, |[_, start, _]| start)?.start;
        let kept = self.kept.get_or_init(|| {
            std::iter::repeat_with(OnceLock::new).take(self.places.len()).collect()
        });
        let text = kept.get(number)?.get_or_init(|| self.unpacked(number).unwrap_or_default());
        Some((start, text))
    }

    /// From where something of a piece starts to where that of the next one does.
    fn range(&self, number: usize, part: impl Fn(Place) -> u32) -> Option<Range<usize>> {
        let (this, next) = (self.places.get(number)?, self.places.get(number + 1)?);
        Some(part(*this) as usize..part(*next) as usize)
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").field("size", &self.size()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    /// Three pieces as if stored (RFC 1951, 3.2.4), the last one damaged.
    fn pieces() -> Pieces {
        static PACKED: &[u8] = b"\x01\x08\0\xf7\xffa\t1\nb\t2\n\x01\x06\0\xf9\xffm x\t3\n\x07";
        Pieces::new(PACKED, "am xz", &[[0, 0, 0], [1, 8, 13], [4, 14, 24], [5, 18, 25]])
    }

    #[test]
    fn a_piece_is_found_by_key_and_by_place() {
        let pieces = pieces();
        let (first, second) = ((0, "a\t1\nb\t2\n"), (8, "m x\t3\n"));
        for (key, piece) in [("", first), ("a", first), ("b", first), ("m", first), ("m x", second)]
        {
            assert_eq!(pieces.around(|first| first.cmp(key)), Some(piece), "{key:?}");
        }
        assert_eq!((pieces.at(7), pieces.at(13)), (Some(first), Some(second)));
        for (start, text) in [(4, "b\t2"), (12, "3"), (8, "m x\t3\n")] {
            pieces.once(start, text.len(), |found| assert_eq!(found, Some(text)));
        }
    }

    #[test]
    fn nothing_is_found_outside_or_in_a_damaged_piece() {
        let pieces = pieces();
        assert_eq!((pieces.at(14), pieces.at(18)), (Some((14, "")), None));
        assert_eq!(pieces.around(|first| first.cmp("z")), Some((14, "")));
        for (start, length) in [(4, 5), (14, 1), (18, 0), (usize::MAX, 1), (1, usize::MAX)] {
            pieces.once(start, length, |found| assert_eq!(found, None, "{start} {length}"));
        }
        let none = Pieces::new(b"", "", &[[0, 0, 0]]);
        assert_eq!((none.around(|first| first.cmp("a")), none.at(0)), (None, None));
        assert_eq!(Pieces::new(b"", "", &[]).around(|first| first.cmp("a")), None);
    }
}
