//! The text form of a signature (OpenSSH, PROTOCOL.sshsig).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----";
const END: &str = "-----END SSH SIGNATURE-----";
/// Where OpenSSH breaks lines.
const COLUMNS: usize = 70;
/// The longest text that is read, in bytes.
pub const MAX_ARMOR: usize = 16 << 10;

/// Why a text is no signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ArmorError {
    /// Too long.
    #[error("the signature is longer than 16 KiB")]
    TooLong,
    /// Not exactly one frame with nothing around it.
    #[error("it is not one `{BEGIN}` block with nothing before and after it")]
    Frame,
    /// Something else than base64 inside.
    #[error("what stands inside the signature block is not base64")]
    Base64,
}

/// Takes the bytes out of the text. Blank space around it is allowed, because
/// people paste; text or a second block around it is not, although OpenSSH
/// ignores what follows.
///
/// # Errors
/// [`ArmorError`].
pub fn read(text: &str) -> Result<Vec<u8>, ArmorError> {
    if text.len() > MAX_ARMOR {
        return Err(ArmorError::TooLong);
    }
    let inside = text
        .trim()
        .strip_prefix(BEGIN)
        .and_then(|rest| rest.strip_suffix(END))
        .ok_or(ArmorError::Frame)?;
    if inside.contains("-----") {
        return Err(ArmorError::Frame);
    }
    let inside: String = inside.split_ascii_whitespace().collect();
    BASE64.decode(inside).map_err(|_| ArmorError::Base64)
}

/// Writes the text as OpenSSH does.
#[must_use]
pub fn write(blob: &[u8]) -> String {
    let text = BASE64.encode(blob);
    let mut out = format!("{BEGIN}\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(COLUMNS));
        out += line;
        out.push('\n');
        rest = after;
    }
    out + END + "\n"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{ArmorError, read, write};
    use proptest::prelude::*;

    const DANA: &str = include_str!("../../tests/fixtures/approval/dana1.sig");

    #[test]
    fn the_published_signature_is_read_and_written_byte_for_byte() {
        assert_eq!(write(&read(DANA).unwrap()), DANA);
    }

    #[test]
    fn blank_space_around_is_forgiven_and_nothing_else() {
        let blob = read(DANA).unwrap();
        assert_eq!(read(&format!("\n \t{DANA}\n\n")).unwrap(), blob);
        assert_eq!(read(&DANA.replace('\n', "\r\n")).unwrap(), blob);
        for wrong in [
            format!("x{DANA}"),
            format!("{DANA}x"),
            format!("{DANA}{DANA}"),
            DANA.replace("END SSH", "END  SSH"),
            DANA.trim_end().trim_end_matches('-').to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&wrong), Err(ArmorError::Frame), "{wrong}");
        }
        assert_eq!(read(&DANA.replacen("U1NI", "U1N!", 1)), Err(ArmorError::Base64));
        assert_eq!(read(&DANA.replacen("U1NI", "U1N", 1)), Err(ArmorError::Base64));
        assert_eq!(read(&" ".repeat(20_000)), Err(ArmorError::TooLong));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,200}") {
            let _ = read(&text);
        }
    }
}
