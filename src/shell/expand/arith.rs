//! Constant arithmetic; anything that is not plainly constant has no value.

use crate::shell::limits;

/// The value of an expression of numbers, `+ - * / % **`, signs and
/// parentheses. Numbers may be octal, hexadecimal or `base#digits`.
pub(super) fn evaluate(text: &str) -> Option<i64> {
    if text.len() > limits::MAX_SOURCE {
        return None;
    }
    let mut reader = Reader { rest: text.as_bytes(), depth: 0 };
    if reader.skip_blanks().is_none() {
        return Some(0);
    }
    let value = reader.sum()?;
    reader.skip_blanks().is_none().then_some(value)
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl Reader<'_> {
    /// The next byte that is not blank.
    fn skip_blanks(&mut self) -> Option<u8> {
        while let Some((first, tail)) = self.rest.split_first() {
            if !matches!(first, b' ' | b'\t' | b'\n') {
                return Some(*first);
            }
            self.rest = tail;
        }
        None
    }

    fn take(&mut self, wanted: &[u8]) -> bool {
        self.skip_blanks();
        if let Some(rest) = self.rest.strip_prefix(wanted) {
            self.rest = rest;
            return true;
        }
        false
    }

    fn sum(&mut self) -> Option<i64> {
        let mut value = self.product()?;
        loop {
            match self.skip_blanks() {
                Some(b'+') if self.rest.get(1) != Some(&b'=') => {
                    self.take(b"+");
                    value = value.wrapping_add(self.product()?);
                }
                Some(b'-') if self.rest.get(1) != Some(&b'=') => {
                    self.take(b"-");
                    value = value.wrapping_sub(self.product()?);
                }
                _ => return Some(value),
            }
        }
    }

    fn product(&mut self) -> Option<i64> {
        let mut value = self.power()?;
        loop {
            match self.skip_blanks() {
                Some(b'*') => {
                    self.take(b"*");
                    value = value.wrapping_mul(self.power()?);
                }
                Some(b'/') => {
                    self.take(b"/");
                    value = value.checked_div(self.power()?)?;
                }
                Some(b'%') => {
                    self.take(b"%");
                    value = value.checked_rem(self.power()?)?;
                }
                _ => return Some(value),
            }
        }
    }

    fn power(&mut self) -> Option<i64> {
        let base = self.sign()?;
        if self.take(b"**") {
            let exponent = u32::try_from(self.nested(Self::power)?).ok()?;
            return Some(base.wrapping_pow(exponent));
        }
        Some(base)
    }

    fn sign(&mut self) -> Option<i64> {
        // `--x` and `++x` change a variable; of a number they are signs.
        match self.skip_blanks()? {
            b'+' => {
                self.take(b"+");
                self.nested(Self::sign)
            }
            b'-' => {
                self.take(b"-");
                Some(self.nested(Self::sign)?.wrapping_neg())
            }
            b'(' => {
                self.take(b"(");
                let value = self.nested(Self::sum)?;
                self.take(b")").then_some(value)
            }
            byte if byte.is_ascii_digit() => self.number(),
            _ => None,
        }
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<i64>) -> Option<i64> {
        self.depth += 1;
        if self.depth > limits::MAX_DEPTH {
            return None;
        }
        let value = read(self);
        self.depth -= 1;
        value
    }

    fn number(&mut self) -> Option<i64> {
        let length = self
            .rest
            .iter()
            .position(|b| !b.is_ascii_alphanumeric() && !matches!(b, b'#' | b'@' | b'_'))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let digits = std::str::from_utf8(digits).ok()?;
        if let Some((base, digits)) = digits.split_once('#') {
            let base: u32 = base.parse().ok()?;
            // Beyond 36, upper and lower case are different digits.
            return if (2..=36).contains(&base) {
                i64::from_str_radix(digits, base).ok()
            } else {
                large_base(digits, i64::from(base))
            };
        }
        if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
            return i64::from_str_radix(hex, 16).ok();
        }
        if digits.len() > 1 && digits.starts_with('0') {
            return i64::from_str_radix(digits, 8).ok();
        }
        digits.parse().ok()
    }
}

fn large_base(digits: &str, base: i64) -> Option<i64> {
    if !(37..=64).contains(&base) || digits.is_empty() {
        return None;
    }
    digits.bytes().try_fold(0i64, |value, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 36,
            b'@' => 62,
            b'_' => 63,
            _ => return None,
        };
        let digit = i64::from(digit);
        (digit < base).then(|| value.wrapping_mul(base).wrapping_add(digit))
    })
}
