//! What of a request and its answers goes into the record.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::circle::Circle;
use crate::audit::Evidence;
use crate::audit::event::Trusted;
use crate::second::Request;
use crate::ssh::Token;

/// The document in base64. Secrets have been taken out of it when it was made.
pub(super) fn document(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

/// Everything that the decision rests on.
pub(super) fn evidence(
    asked: (&Request, &[u8], &str),
    by: Vec<String>,
    tokens: &[Token],
    circle: Option<&Circle>,
) -> Evidence {
    let (request, bytes, sha256) = asked;
    Evidence {
        petition: request.id.clone(),
        sha256: sha256.to_owned(),
        document: document(bytes),
        by,
        tokens: tokens.iter().filter_map(|token| token.write().ok()).collect(),
        trust: circle.map(|circle| Trusted {
            sha256: circle.trust.sha256.clone(),
            mode: circle.trust.mode.name(),
            signers: circle.trust.text.clone(),
        }),
    }
}
