//! A client of ssh-agent (draft-ietf-sshm-ssh-agent, and OpenSSH's
//! PROTOCOL.agent): two requests, on the standard library alone. The crates for
//! it pull in an RSA library with a timing leak (RUSTSEC-2023-0071).

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::{SignError, Signer};
use crate::ssh::PublicKey;
use crate::ssh::wire::{Malformed, Reader, put_string};
use crate::text::escape;

/// SSH_AGENT_FAILURE.
const FAILURE: u8 = 5;
/// SSH_AGENTC_REQUEST_IDENTITIES and its answer.
const LIST: (u8, u8) = (11, 12);
/// SSH_AGENTC_SIGN_REQUEST and its answer.
const SIGN: (u8, u8) = (13, 14);
/// The longest answer that OpenSSH sends, in bytes.
const MAX_ANSWER: u32 = 256 << 10;
/// How long somebody may take to touch a key or to answer the agent's question.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most keys that are looked at.
const MAX_KEYS: u32 = 2048;

/// Why the agent did not help.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    /// Not reachable.
    #[error("the ssh-agent at {path} cannot be reached: {source}")]
    Unreachable {
        /// Its socket, escaped.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// No answer.
    #[error("the ssh-agent gave no answer within 60 seconds; touch the key when it blinks")]
    Silent,
    /// It said no.
    #[error(
        "the ssh-agent refused: the key is not in it, needs a confirmation that was not given, \
         or may not be used for this"
    )]
    Refused,
    /// It said something else.
    #[error("the ssh-agent gave an answer that is not part of its protocol")]
    Protocol,
}

impl From<Malformed> for AgentError {
    fn from(_: Malformed) -> Self {
        Self::Protocol
    }
}

/// A connection.
#[derive(Debug)]
pub struct Agent {
    stream: UnixStream,
}

/// A key in an agent.
#[derive(Debug)]
pub struct AgentKey {
    key: PublicKey,
    comment: String,
    path: std::path::PathBuf,
}

impl Agent {
    /// Connects to the socket that `SSH_AUTH_SOCK` names.
    ///
    /// # Errors
    /// [`AgentError::Unreachable`].
    pub fn connect(path: &Path) -> Result<Self, AgentError> {
        let unreachable =
            |source| AgentError::Unreachable { path: escape(&path.to_string_lossy()), source };
        let stream = UnixStream::connect(path).map_err(unreachable)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(unreachable)?;
        stream.set_write_timeout(Some(Duration::from_secs(5))).map_err(unreachable)?;
        Ok(Self { stream })
    }

    /// The keys of types that can approve, with their comments.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn list(&mut self) -> Result<Vec<(PublicKey, String)>, AgentError> {
        let answer = self.ask(&[LIST.0], LIST.1)?;
        let mut reader = Reader::new(&answer);
        let count = reader.uint32()?.min(MAX_KEYS);
        let mut out = Vec::new();
        for _ in 0..count {
            let blob = reader.string()?;
            let comment = String::from_utf8_lossy(reader.string()?).into_owned();
            if let Ok(key) = PublicKey::from_blob(blob) {
                out.push((key, comment));
            }
        }
        Ok(out)
    }

    /// A signature by one of its keys.
    ///
    /// # Errors
    /// [`AgentError`].
    pub fn sign(&mut self, key: &PublicKey, data: &[u8]) -> Result<Vec<u8>, AgentError> {
        let mut request = vec![SIGN.0];
        put_string(&mut request, key.blob());
        put_string(&mut request, data);
        // Flags choose among RSA hashes only.
        request.extend_from_slice(&0_u32.to_be_bytes());
        let answer = self.ask(&request, SIGN.1)?;
        let mut reader = Reader::new(&answer);
        let signature = reader.string()?.to_vec();
        reader.end()?;
        Ok(signature)
    }

    /// One message there and one back; gives what follows the message type.
    fn ask(&mut self, request: &[u8], wanted: u8) -> Result<Vec<u8>, AgentError> {
        let mut message = Vec::new();
        put_string(&mut message, request);
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => AgentError::Silent,
            _ => AgentError::Protocol,
        };
        self.stream.write_all(&message).map_err(failed)?;
        let mut length = [0; 4];
        self.stream.read_exact(&mut length).map_err(failed)?;
        let length = u32::from_be_bytes(length);
        if length == 0 || length > MAX_ANSWER {
            return Err(AgentError::Protocol);
        }
        let mut answer = vec![0; length as usize];
        self.stream.read_exact(&mut answer).map_err(failed)?;
        match answer.split_first() {
            Some((kind, rest)) if *kind == wanted => Ok(rest.to_vec()),
            Some((&FAILURE, _)) => Err(AgentError::Refused),
            _ => Err(AgentError::Protocol),
        }
    }
}

/// The keys in the agent at a socket; none when there is no agent.
///
/// # Errors
/// An agent that answers wrongly.
pub fn keys(path: &Path) -> Result<Vec<AgentKey>, AgentError> {
    let listed = Agent::connect(path)?.list()?;
    let own = |(key, comment)| AgentKey { key, comment, path: path.to_owned() };
    Ok(listed.into_iter().map(own).collect())
}

impl AgentKey {
    /// What the agent calls it; outside text.
    #[must_use]
    pub fn comment(&self) -> &str {
        &self.comment
    }
}

impl Signer for AgentKey {
    fn public(&self) -> &PublicKey {
        &self.key
    }

    fn sign(&self, data: &[u8]) -> Result<Vec<u8>, SignError> {
        Ok(Agent::connect(&self.path)?.sign(&self.key, data)?)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixListener;

    use super::{Agent, AgentError};

    /// An agent that answers everything with these bytes.
    fn answering(answer: &'static [u8]) -> Result<usize, AgentError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("agent");
        let listener = UnixListener::bind(&path).unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 5];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(request, [0, 0, 0, 1, 11]);
            stream.write_all(answer).unwrap();
        });
        let found = Agent::connect(&path).unwrap().list();
        server.join().unwrap();
        found.map(|keys| keys.len())
    }

    #[test]
    fn an_agent_that_lies_is_an_error() {
        assert!(matches!(answering(&[0, 0, 0, 5, 12, 0, 0, 0, 0]), Ok(0)));
        assert!(matches!(answering(&[0, 0, 0, 1, 5]), Err(AgentError::Refused)));
        for answer in [
            &b""[..],
            &[0, 0, 0, 0],
            &[0xff, 0xff, 0xff, 0xff],
            &[0, 0, 0, 9, 12],
            &[0, 0, 0, 1, 14],
            &[0, 0, 0, 5, 12, 0, 0, 0, 9],
            &[0, 0, 0, 9, 12, 0, 0, 0, 1, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(matches!(answering(answer), Err(AgentError::Protocol)), "{answer:?}");
        }
    }

    #[test]
    fn no_agent_is_an_error_that_names_the_socket() {
        let error = Agent::connect("/nowhere/a\u{1b}".as_ref()).unwrap_err();
        assert!(
            error.to_string().contains("/nowhere/a\\x1b")
                || error.to_string().contains("/nowhere/a"),
            "{error}"
        );
    }
}
