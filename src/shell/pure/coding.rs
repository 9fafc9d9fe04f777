//! `base64` and its kin.

use super::Printed;
use super::options::{Options, count};

/// A code of a power of two characters.
struct Code {
    alphabet: &'static [u8],
    /// Bits of a character.
    bits: usize,
    /// Characters of a group; shorter groups are filled with `=`.
    group: usize,
}

const BASE64: Code = Code {
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    bits: 6,
    group: 4,
};
const BASE64URL: Code = Code {
    alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
    bits: 6,
    group: 4,
};
const BASE32: Code = Code { alphabet: b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", bits: 5, group: 8 };
const BASE32HEX: Code = Code { alphabet: b"0123456789ABCDEFGHIJKLMNOPQRSTUV", bits: 5, group: 8 };
const BASE16: Code = Code { alphabet: b"0123456789ABCDEF", bits: 4, group: 2 };

/// The longest lines of `openssl` that it reads without `-A`.
const OPENSSL_LINE: usize = 76;

const LONG: &[(&str, char)] = &[("decode", 'd'), ("ignore-garbage", 'i'), ("wrap", 'w')];

/// `base64`.
pub(super) fn base64(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "dDiw:", LONG)?;
    coreutils(&options, &BASE64, input)
}

/// `base32`.
pub(super) fn base32(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let options = Options::read(arguments, "diw:", LONG)?;
    coreutils(&options, &BASE32, input)
}

/// `basenc`.
pub(super) fn basenc(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let mut long = LONG.to_vec();
    // The letters stand for nothing on the command line.
    long.extend([("base64", '\u{1}'), ("base64url", '\u{2}'), ("base32", '\u{3}')]);
    long.extend([("base32hex", '\u{4}'), ("base16", '\u{5}')]);
    let options = Options::read(arguments, "diw:\u{1}\u{2}\u{3}\u{4}\u{5}", &long)?;
    let codes: Vec<&Code> = options
        .given
        .iter()
        .filter_map(|(letter, _)| match letter {
            '\u{1}' => Some(&BASE64),
            '\u{2}' => Some(&BASE64URL),
            '\u{3}' => Some(&BASE32),
            '\u{4}' => Some(&BASE32HEX),
            '\u{5}' => Some(&BASE16),
            _ => None,
        })
        .collect();
    let [code] = codes.as_slice() else { return None };
    coreutils(&options, code, input)
}

fn coreutils(options: &Options, code: &Code, input: &[u8]) -> Option<Printed> {
    options.only_stdin()?;
    if options.has('d') || options.has('D') {
        let (bytes, whole) = code.decode(input, options.has('i'))?;
        // `-D` is an error where it is not the option of another system.
        let sure = whole && !options.has('D');
        return if sure { Printed::ok(bytes) } else { Printed::unsure(bytes) };
    }
    let wrap = options.value('w').map_or(Some(76), count)?;
    Printed::ok(wrapped(code.encode(input), wrap))
}

/// `openssl base64`, `openssl enc -base64` and `-a`.
pub(super) fn openssl(arguments: &[&str], input: &[u8]) -> Option<Printed> {
    let (command, options) = arguments.split_first()?;
    let mut coded = *command == "base64";
    if !coded && *command != "enc" {
        return None;
    }
    let (mut decode, mut one_line) = (false, false);
    for option in options {
        match *option {
            "-d" => decode = true,
            "-e" => decode = false,
            "-A" => one_line = true,
            "-a" | "-base64" => coded = true,
            _ => return None,
        }
    }
    if !coded {
        return None;
    }
    if !decode {
        return Printed::ok(wrapped(BASE64.encode(input), if one_line { 0 } else { 64 }));
    }
    let mut lines = input.split(|b| *b == b'\n');
    let sure = if one_line {
        lines.next().is_some() && lines.all(<[u8]>::is_empty)
    } else {
        input.ends_with(b"\n") && lines.all(|line| line.len() <= OPENSSL_LINE)
    };
    // Padding ends the text. It prints nothing, or less, when it does not like it.
    let coded = input.iter().rposition(|b| !matches!(b, b'=' | b'\n')).unwrap_or(0);
    let sure = sure && !input.get(..coded)?.contains(&b'=');
    let (bytes, whole) = BASE64.decode(input, false)?;
    (sure && whole && !bytes.is_empty()).then(|| Printed::ok(bytes))?
}

/// Cuts coded text into lines.
fn wrapped(text: Vec<u8>, wrap: usize) -> Vec<u8> {
    if wrap == 0 {
        return text;
    }
    let mut out = Vec::with_capacity(text.len() + text.len() / wrap + 1);
    for line in text.chunks(wrap) {
        out.extend(line);
        out.push(b'\n');
    }
    out
}

impl Code {
    fn encode(&self, input: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(input.len() * 2);
        let (mut held, mut bits) = (0_usize, 0_usize);
        let mask = (1_usize << self.bits) - 1;
        let character = |value: usize| self.alphabet.get(value & mask).copied().unwrap_or(b'=');
        for byte in input {
            held = ((held << 8) | usize::from(*byte)) & 0xffff;
            bits += 8;
            while bits >= self.bits {
                bits -= self.bits;
                out.push(character(held >> bits));
            }
        }
        if bits > 0 {
            out.push(character(held << (self.bits - bits)));
        }
        while out.len() % self.group != 0 {
            out.push(b'=');
        }
        out
    }

    /// The bytes, and whether the text was whole. `None` for text that not all
    /// versions decode to the same.
    fn decode(&self, input: &[u8], lenient: bool) -> Option<(Vec<u8>, bool)> {
        let mut values = [None; 256];
        for (value, byte) in self.alphabet.iter().enumerate() {
            *values.get_mut(usize::from(*byte))? = Some(value);
        }
        let known = |byte: u8| values.get(usize::from(byte)).copied().flatten();
        let text: Vec<u8> = input
            .iter()
            .copied()
            .filter(|b| *b != b'\n' && (!lenient || *b == b'=' || known(*b).is_some()))
            .collect();
        let mut out = Vec::with_capacity(text.len());
        let mut groups = text.chunks(self.group).peekable();
        while let Some(group) = groups.next() {
            let filled = group.iter().position(|b| *b == b'=').unwrap_or(group.len());
            let padding = group.get(filled..)?;
            if filled == 0
                || padding.iter().any(|b| *b != b'=')
                || lenient && !padding.is_empty() && groups.peek().is_some()
            {
                return None;
            }
            let (mut held, mut bits) = (0, 0);
            for byte in group.get(..filled)? {
                held = (held << self.bits) | known(*byte)?;
                bits += self.bits;
                if bits >= 8 {
                    bits -= 8;
                    out.push(((held >> bits) & 0xff) as u8);
                    held &= (1 << bits) - 1;
                }
            }
            // Bits that no encoder leaves behind, or characters it never ends with.
            if held != 0 || bits >= self.bits {
                return None;
            }
            if group.len() < self.group {
                // What is left out at the end is an error that comes after the
                // output, but only without any padding.
                return padding.is_empty().then_some((out, false));
            }
        }
        Some((out, true))
    }
}
