//! Values as SSH writes them (RFC 4251, section 5).

/// The bytes end too early, or too late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the bytes are cut off, or something follows them")]
pub struct Malformed;

/// Reads values one after the other.
#[derive(Debug, Clone)]
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// At the start of these bytes.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// So many bytes.
    ///
    /// # Errors
    /// There are fewer.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Malformed)?;
        self.0 = rest;
        Ok(taken)
    }

    /// `byte`.
    ///
    /// # Errors
    /// The end.
    pub fn byte(&mut self) -> Result<u8, Malformed> {
        self.take(1)?.first().copied().ok_or(Malformed)
    }

    /// `uint32`.
    ///
    /// # Errors
    /// The end.
    pub fn uint32(&mut self) -> Result<u32, Malformed> {
        let bytes: [u8; 4] = self.take(4)?.try_into().map_err(|_| Malformed)?;
        Ok(u32::from_be_bytes(bytes))
    }

    /// `string`.
    ///
    /// # Errors
    /// The end comes before its own length says.
    pub fn string(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.uint32()?;
        self.take(usize::try_from(length).map_err(|_| Malformed)?)
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// Something is.
    pub const fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// Appends a `string`. Values of 4 GiB do not occur: every caller is bounded.
pub fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
    out.extend_from_slice(bytes);
}

/// A `string`.
#[must_use]
pub fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() + 4);
    put_string(&mut out, bytes);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Malformed, Reader, string};
    use proptest::prelude::*;

    #[test]
    fn a_length_that_lies_is_refused() {
        assert_eq!(Reader::new(&[0xff; 4]).string(), Err(Malformed));
        assert_eq!(Reader::new(&[0, 0, 0, 2, 1]).string(), Err(Malformed));
        assert_eq!(Reader::new(&[0, 0]).uint32(), Err(Malformed));
        let mut reader = Reader::new(&[0, 0, 0, 1, 9, 7]);
        assert_eq!(reader.string().unwrap(), [9]);
        assert_eq!(reader.clone().end(), Err(Malformed));
        assert_eq!(reader.byte(), Ok(7));
        assert_eq!(reader.end(), Ok(()));
    }

    proptest! {
        #[test]
        fn any_string_is_read_back(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let written = string(&bytes);
            let mut reader = Reader::new(&written);
            prop_assert_eq!(reader.string().unwrap(), &bytes[..]);
            prop_assert_eq!(reader.end(), Ok(()));
        }
    }
}
