//! `cut`.

use super::Printed;
use super::lines::lines;
use super::options::{Options, count};
use crate::shell::limits;

/// `cut` by bytes, characters or fields.
pub(super) fn run(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let long = [
        ("bytes", 'b'),
        ("characters", 'c'),
        ("fields", 'f'),
        ("delimiter", 'd'),
        ("only-delimited", 's'),
        ("complement", 'x'),
        ("output-delimiter", 'o'),
    ];
    // `x` and `o` are no letters of `cut`.
    let short = arguments
        .iter()
        .any(|word| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(['x', 'o'])));
    if short {
        return None;
    }
    let options = Options::read(arguments, "b:c:f:d:nsxo:", &long)?;
    options.only_stdin()?;
    let modes: Vec<&(char, &str)> =
        options.given.iter().filter(|(letter, _)| "bcf".contains(*letter)).collect();
    let [(mode, list)] = modes.as_slice() else { return None };
    let ranges = Ranges { list: ranges(list)?, complement: options.has('x') };
    let fields = *mode == 'f';
    if !input.is_ascii() || !fields && ['d', 's', 'o'].iter().any(|letter| options.has(*letter)) {
        return None;
    }
    let mut out = Vec::with_capacity(input.len() + 1);
    if !fields {
        for line in lines(input) {
            let kept = line.iter().enumerate().filter(|(at, _)| ranges.contain(at + 1));
            out.extend(kept.map(|(_, byte)| *byte));
            out.push(b'\n');
        }
        return Printed::ok(out);
    }
    let delimiter = match options.value('d').unwrap_or("\t").as_bytes() {
        [byte] if byte.is_ascii() && *byte != b'\n' => *byte,
        _ => return None,
    };
    let between = options.value('o').map_or(vec![delimiter], |text| text.as_bytes().to_vec());
    if between.is_empty() {
        return None;
    }
    for line in lines(input) {
        if !line.contains(&delimiter) {
            if !options.has('s') {
                out.extend(line);
                out.push(b'\n');
            }
            continue;
        }
        let mut first = true;
        for (at, field) in line.split(|b| *b == delimiter).enumerate() {
            if ranges.contain(at + 1) {
                if !first {
                    out.extend(&between);
                }
                first = false;
                out.extend(field);
                if out.len() > limits::MAX_VALUE {
                    return None;
                }
            }
        }
        out.push(b'\n');
    }
    Printed::ok(out)
}

struct Ranges {
    /// Sorted, and apart from each other.
    list: Vec<(usize, usize)>,
    complement: bool,
}

impl Ranges {
    fn contain(&self, number: usize) -> bool {
        let at = self.list.partition_point(|(_, end)| *end < number);
        let inside = self.list.get(at).is_some_and(|(start, _)| *start <= number);
        inside != self.complement
    }
}

/// `1,3-5,7-`, also separated by blanks.
fn ranges(list: &str) -> Option<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    for part in list.split([',', ' ']) {
        let (start, end) = match part.split_once('-') {
            None => (count(part)?, count(part)?),
            Some(("", "")) => return None,
            Some(("", end)) => (1, count(end)?),
            Some((start, "")) => (count(start)?, usize::MAX),
            Some((start, end)) => (count(start)?, count(end)?),
        };
        if start == 0 || end < start {
            return None;
        }
        found.push((start, end));
    }
    found.sort_unstable();
    let mut merged: Vec<(usize, usize)> = Vec::new();
    for (start, end) in found {
        match merged.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => merged.push((start, end)),
        }
    }
    Some(merged)
}
