//! Numbers as arithmetic reads them: octal, hexadecimal and `base#digits`.

/// The value of a number; none, where it is too large or wrong.
pub(super) fn parse(digits: &str) -> Option<i64> {
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
        (digit < base).then(|| value.checked_mul(base)?.checked_add(digit)).flatten()
    })
}
