//! What a browser says that it has signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// The parts of `clientDataJSON` that are looked at (WebAuthn Level 3, 5.8.1).
/// Browsers may add others.
#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default, rename = "crossOrigin")]
    cross_origin: Option<bool>,
    #[serde(default, rename = "topOrigin")]
    top_origin: Option<serde::de::IgnoredAny>,
}

/// Checks `clientDataJSON` and gives the origin.
///
/// Browsers write it in a fixed order (WebAuthn Level 3, 5.8.1.1), so its
/// beginning is compared byte for byte, as OpenSSH does; what follows is parsed,
/// not searched, because a blank would hide it from a search.
pub(super) fn check(
    client_data: &[u8],
    origin: &[u8],
    challenge: &[u8],
) -> Result<String, &'static str> {
    let origin = std::str::from_utf8(origin).map_err(|_| "its origin is not text")?;
    if origin.is_empty() || origin.chars().any(|c| !c.is_ascii_graphic() || "\"\\".contains(c)) {
        return Err("its origin is not the address of a page");
    }
    let challenge = URL_SAFE_NO_PAD.encode(challenge);
    let begins =
        format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{origin}""#);
    let rest = client_data
        .strip_prefix(begins.as_bytes())
        .ok_or("it was made for another document, page or purpose")?;
    if !matches!(rest.first(), Some(b',' | b'}')) {
        return Err("what the browser signed is malformed");
    }
    let data: ClientData =
        serde_json::from_slice(client_data).map_err(|_| "what the browser signed is malformed")?;
    if data.kind != "webauthn.get" || data.challenge != challenge || data.origin != origin {
        return Err("what the browser signed says two things at once");
    }
    if data.cross_origin == Some(true) || data.top_origin.is_some() {
        return Err("it was made inside a page of somebody else");
    }
    Ok(origin.to_owned())
}
