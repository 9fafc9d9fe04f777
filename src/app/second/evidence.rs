//! What of a request and its answers goes into the record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::circle::Circle;
use crate::app::session::Session;
use crate::audit::Evidence;
use crate::audit::event::Trusted;
use crate::second::Request;
use crate::ssh::Token;

/// The document in base64, unless it holds a secret: the record is read by more
/// people than the request.
pub(super) fn document(session: &Session, request: &Request, bytes: &[u8]) -> Option<String> {
    let redactor = session.redactor();
    let argv = request.argv();
    let words: Vec<&[u8]> = argv.iter().map(|word| word.as_encoded_bytes()).collect();
    let clean = redactor.argv(&words);
    let same = words.iter().zip(&clean).all(|(word, clean)| *word == clean.as_ref());
    let text = request.command.shell_text.as_deref().unwrap_or_default();
    (same && redactor.text(text) == text).then(|| BASE64.encode(bytes))
}

/// Everything that the decision rests on.
pub(super) fn evidence(
    session: &Session,
    asked: (&Request, &[u8], &str),
    by: Vec<String>,
    tokens: &[Token],
    circle: Option<&Circle>,
) -> Evidence {
    let (request, bytes, sha256) = asked;
    Evidence {
        petition: request.id.clone(),
        sha256: sha256.to_owned(),
        document: document(session, request, bytes),
        by,
        tokens: tokens.iter().filter_map(|token| token.write().ok()).collect(),
        trust: circle.map(|circle| Trusted {
            sha256: circle.trust.sha256.clone(),
            mode: circle.trust.mode.name(),
            signers: circle.trust.text.clone(),
        }),
    }
}
