//! Sorted text tables: lines of `key`, a tab, a value, in the order of the keys.
//!
//! The compiled rules are such a table inside the program. Finding a line needs
//! no start-up work, whatever the number of rules: it is a binary search over
//! the bytes, and only the line that is found is ever parsed.

use std::cmp::Ordering;

use memchr::{memchr, memrchr};

/// The value of a key.
#[must_use]
pub fn find<'a>(table: &'a str, key: &str) -> Option<&'a str> {
    let bytes = table.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // Some lines are long, which is no matter for these three.
        let start = memrchr(b'\n', bytes.get(low..middle)?).map_or(low, |i| low + i + 1);
        let end = memchr(b'\n', bytes.get(start..)?).map_or(bytes.len(), |i| start + i + 1);
        let line = table.get(start..end)?;
        let tab = memchr(b'\t', line.as_bytes())?;
        match key.cmp(line.get(..tab)?) {
            Ordering::Equal => return line.get(tab + 1..).map(|v| v.trim_end_matches('\n')),
            Ordering::Less => high = start,
            Ordering::Greater => low = end,
        }
    }
    None
}

/// All lines, key and value.
pub fn lines(table: &str) -> impl Iterator<Item = (&str, &str)> {
    table.lines().filter_map(|line| line.split_once('\t'))
}

/// Makes a table. Later entries with the same key are dropped.
#[must_use]
pub fn build(mut entries: Vec<(String, String)>) -> String {
    entries.sort();
    entries.dedup_by(|b, a| a.0 == b.0);
    entries.into_iter().map(|(key, value)| format!("{key}\t{value}\n")).collect()
}

/// Most bytes of an unpacked table, many times what any is.
const MAX_UNPACKED: usize = 64 * 1024 * 1024;

/// A table that the build script compressed (RFC 1951). A test reads every line
/// of each, so it can be unpacked; if it could not, it would be empty.
#[must_use]
pub fn unpack(packed: &[u8]) -> String {
    let bytes = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MAX_UNPACKED);
    bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{build, find, lines};

    #[test]
    fn an_empty_table_has_nothing() {
        assert_eq!(find("", "x"), None);
        assert_eq!(find("not a table\n", "x"), None);
    }

    proptest! {
        #[test]
        fn every_key_is_found_and_no_other(
            entries in prop::collection::btree_map("[a-z*@.-]{1,6}", "[ -~]{0,40}", 0..20),
            other in "[a-z]{1,6}",
        ) {
            let table = build(entries.clone().into_iter().collect());
            for (key, value) in &entries {
                prop_assert_eq!(find(&table, key), Some(value.as_str()));
            }
            prop_assert_eq!(find(&table, &other), entries.get(&other).map(String::as_str));
            prop_assert_eq!(lines(&table).count(), entries.len());
        }

        #[test]
        fn any_text_is_searched_without_panic(table in any::<String>(), key in any::<String>()) {
            let _ = find(&table, &key);
        }
    }
}
