//! The system log: one line, as a datagram to its socket.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use super::Parcel;

/// Facility `authpriv` (10), severity `notice` (5): RFC 5424, section 6.2.1.
const PRIORITY: u32 = 10 * 8 + 5;

/// Sends the line. The time is left to the system log, whose clock this
/// account does not set.
pub(super) fn put(socket: &Path, parcel: &Parcel) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", socket.display());
    let sender = UnixDatagram::unbound().map_err(failed)?;
    // A system log that is stopped and whose queue is full must not hold us up.
    sender.set_write_timeout(Some(Duration::from_secs(2))).map_err(failed)?;
    let text = format!("<{PRIORITY}>guard[{}]: {}", std::process::id(), parcel.line);
    sender.send_to(text.as_bytes(), socket).map_err(failed)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::os::unix::net::UnixDatagram;

    use super::put;
    use crate::notify::ship::sample;

    #[test]
    fn one_datagram_holds_the_line() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        let socket = UnixDatagram::bind(&path).unwrap();
        put(&path, &sample()).unwrap();
        let mut buffer = [0; 2000];
        let count = socket.recv(&mut buffer).unwrap();
        let text = std::str::from_utf8(&buffer[..count]).unwrap();
        assert!(text.starts_with("<85>guard["), "{text}");
        assert!(text.ends_with(&format!("]: {}", sample().line)), "{text}");
        assert!(put(&dir.path().join("none"), &sample()).is_err());
    }
}
