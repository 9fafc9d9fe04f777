//! The short name of a request: what people say on the phone.

use sha2::{Digest as _, Sha256};

/// Crockford's base 32: no I, L, O and U, so that it can be read out.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The first 40 bits of the SHA-256 of a request's bytes, as `GEXS-Z6KB`.
///
/// It only helps to find a request; it never gives the right to anything,
/// because 40 bits can be searched for another document.
#[must_use]
pub fn handle(request: &[u8]) -> String {
    let hash: [u8; 32] = Sha256::digest(request).into();
    let bits = hash.iter().take(5).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    let mut out = String::with_capacity(9);
    for index in 0..8 {
        if index == 4 {
            out.push('-');
        }
        let digit = bits >> (35 - 5 * index) & 31;
        out.push(char::from(*ALPHABET.get(digit as usize).unwrap_or(&b'?')));
    }
    out
}

/// A typed handle in the form that [`handle`] writes: any case, with or without
/// the hyphen, and with the letters that are mistaken for digits.
#[must_use]
pub fn normal(typed: &str) -> Option<String> {
    let mut out = String::with_capacity(9);
    for c in typed.trim().chars().filter(|c| *c != '-') {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if out.len() == 4 {
            out.push('-');
        }
        let known = u8::try_from(c).is_ok_and(|byte| ALPHABET.contains(&byte));
        if !known || out.len() >= 9 {
            return None;
        }
        out.push(c);
    }
    (out.len() == 9).then_some(out)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{handle, normal};

    #[test]
    fn a_handle_survives_being_read_out() {
        assert_eq!(handle(b""), "WERC-8GMR");
        assert_eq!(normal("werc8gmr").unwrap(), "WERC-8GMR");
        assert_eq!(normal(" WERC-8gmr\n").unwrap(), "WERC-8GMR");
        assert_eq!(normal("olio-liol").unwrap(), "0110-1101");
        for wrong in ["", "WERC-8GM", "WERC-8GMRR", "WERC-8GMU", "../../etc", "é"] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }
}
