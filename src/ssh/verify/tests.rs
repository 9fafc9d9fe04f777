#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use ed25519_dalek::{Signer as _, SigningKey};
use p256::ecdsa::SigningKey as EcSigningKey;

use super::*;
use crate::ssh::sshsig::Hash;
use crate::ssh::wire::{put_string, string};
use crate::ssh::{AllowedSigners, DECISION, armor};

const TRUST: &str = include_str!("../../../tests/fixtures/approval/allowed_signers");
const BOB: &[u8] = include_bytes!("../../../tests/fixtures/approval/bob.json");
const DANA: &[u8] = include_bytes!("../../../tests/fixtures/approval/dana.json");
const ERIN: &[u8] = include_bytes!("../../../tests/fixtures/approval/erin.json");

fn enrolled(name: &str) -> PublicKey {
    let trust = AllowedSigners::read(TRUST).unwrap();
    let entry = trust.entries().iter().find(|entry| entry.principal.starts_with(name));
    entry.unwrap().key.clone()
}

fn blob(name: &str) -> Vec<u8> {
    let text = match name {
        "bob" => include_str!("../../../tests/fixtures/approval/bob.sig"),
        "dana0" => include_str!("../../../tests/fixtures/approval/dana0.sig"),
        "dana1" => include_str!("../../../tests/fixtures/approval/dana1.sig"),
        _ => include_str!("../../../tests/fixtures/approval/erin.sig"),
    };
    armor::read(text).unwrap()
}

#[test]
fn the_published_signatures_hold_and_show_what_was_published() {
    let bob = verify(BOB, &blob("bob"), DECISION, &enrolled("bob")).unwrap();
    assert!(!bob.touched() && bob.counter().is_none());
    let dana0 = verify(DANA, &blob("dana0"), DECISION, &enrolled("dana")).unwrap();
    assert!(!dana0.touched() && dana0.counter() == Some(41));
    let dana1 = verify(DANA, &blob("dana1"), DECISION, &enrolled("dana")).unwrap();
    assert!(dana1.touched() && !dana1.knew_the_person() && dana1.counter() == Some(42));
    let erin = verify(ERIN, &blob("erin"), DECISION, &enrolled("erin")).unwrap();
    assert!(erin.touched() && erin.knew_the_person() && erin.counter() == Some(2));
    assert_eq!(erin.origin(), Some("http://localhost:44503"));
}

#[test]
fn another_document_key_or_purpose_is_refused() {
    let key = enrolled("bob");
    let bob = blob("bob");
    assert_eq!(verify(DANA, &bob, DECISION, &key), Err(VerifyError::Wrong));
    assert!(matches!(verify(BOB, &bob, "file", &key), Err(VerifyError::Namespace { .. })));
    assert_eq!(verify(BOB, &bob, DECISION, &enrolled("dana")), Err(VerifyError::OtherKey));
    let mut longer = BOB.to_vec();
    longer.push(b'\n');
    assert_eq!(verify(&longer, &bob, DECISION, &key), Err(VerifyError::Wrong));
}

/// No single bit of a signature can be changed.
#[test]
fn every_bit_of_a_signature_counts() {
    for (name, who, document) in [
        ("bob", "bob", BOB),
        ("dana0", "dana", DANA),
        ("dana1", "dana", DANA),
        ("erin", "erin", ERIN),
    ] {
        let key = enrolled(who);
        let good = blob(name);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            assert!(verify(document, &bad, DECISION, &key).is_err(), "{name}: byte {at}");
        }
        for end in 0..good.len() {
            assert!(verify(document, &good[..end], DECISION, &key).is_err(), "{name}: {end}");
        }
    }
}

/// A security key in software, for flags that no hardware would send.
struct Soft(SigningKey, &'static str);

impl Soft {
    fn new(application: &'static str) -> Self {
        Self(SigningKey::from_bytes(&[7; 32]), application)
    }

    fn public(&self) -> PublicKey {
        let mut blob = string(SK_ED25519.as_bytes());
        put_string(&mut blob, self.0.verifying_key().as_bytes());
        put_string(&mut blob, self.1.as_bytes());
        PublicKey::from_blob(&blob).unwrap()
    }

    fn sign(&self, document: &[u8], flags: u8, more: &[u8]) -> Vec<u8> {
        let message = signed_data(DECISION, Hash::Sha512, document);
        let details = Details { flags, counter: 9 };
        let signed = by_security_key(self.1, details, &[], &message);
        let mut value = string(SK_ED25519.as_bytes());
        put_string(&mut value, &self.0.sign(&signed).to_bytes());
        value.push(flags);
        value.extend_from_slice(&9_u32.to_be_bytes());
        value.extend_from_slice(more);
        sshsig(self.public().blob(), value)
    }
}

fn sshsig(key: &[u8], signature: Vec<u8>) -> Vec<u8> {
    let public_key = key.to_vec();
    let namespace = DECISION.to_owned();
    Signature { public_key, namespace, hash: Hash::Sha512, signature }.write()
}

#[test]
fn flags_are_read_and_nothing_may_follow_them() {
    let soft = Soft::new("ssh:guard");
    for (flags, touched, known) in [(0, false, false), (1, true, false), (5, true, true)] {
        let proof = verify(b"x", &soft.sign(b"x", flags, &[]), DECISION, &soft.public()).unwrap();
        assert_eq!((proof.touched(), proof.knew_the_person()), (touched, known));
    }
    let more = soft.sign(b"x", 1, &[0]);
    assert_eq!(verify(b"x", &more, DECISION, &soft.public()), Err(VerifyError::Value));
    let other = Soft(SigningKey::from_bytes(&[7; 32]), "ssh:login");
    assert_eq!(
        verify(b"x", &other.sign(b"x", 1, &[]), DECISION, &soft.public()),
        Err(VerifyError::OtherKey)
    );
}

struct Curve(EcSigningKey);

impl Curve {
    fn new() -> Self {
        Self(EcSigningKey::from_slice(&[9; 32]).unwrap())
    }

    fn point(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    fn public(&self, algorithm: &str, application: Option<&str>) -> PublicKey {
        let mut blob = string(algorithm.as_bytes());
        put_string(&mut blob, b"nistp256");
        put_string(&mut blob, &self.point());
        if let Some(application) = application {
            put_string(&mut blob, application.as_bytes());
        }
        PublicKey::from_blob(&blob).unwrap()
    }

    /// The value with its two numbers, each written by `write`.
    fn value(&self, message: &[u8], write: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        let signature: EcSignature = self.0.sign(message);
        let (r, s) = signature.split_bytes();
        let mut value = string(&write(&r));
        put_string(&mut value, &write(&s));
        string(&value)
    }
}

fn mpint(bytes: &[u8]) -> Vec<u8> {
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(0);
    let bytes = &bytes[first..];
    if bytes[0] >= 0x80 { [&[0], bytes].concat() } else { bytes.to_vec() }
}

#[test]
fn numbers_are_written_in_one_way_only() {
    let curve = Curve::new();
    let key = curve.public(ECDSA, None);
    let message = signed_data(DECISION, Hash::Sha512, b"x");
    let sign = |write: &dyn Fn(&[u8]) -> Vec<u8>| {
        let value = [string(ECDSA.as_bytes()), curve.value(&message, write)].concat();
        verify(b"x", &sshsig(key.blob(), value), DECISION, &key)
    };
    sign(&mpint).unwrap();
    let zeros = |bytes: &[u8]| [&[0], mpint(bytes).as_slice()].concat();
    assert_eq!(sign(&zeros), Err(VerifyError::Value), "two leading zeros");
    assert_eq!(sign(&|_| vec![]), Err(VerifyError::Value));
    assert_eq!(sign(&|_| vec![0]), Err(VerifyError::Value));
    assert_eq!(sign(&|_| vec![0xff; 33]), Err(VerifyError::Value));
    assert_eq!(sign(&|_| vec![0x7f; 40]), Err(VerifyError::Value));
}

/// A passkey in software.
fn passkey_signature(flags: u8, client_data: &str, origin: &str, extensions: &[u8]) -> Vec<u8> {
    let curve = Curve::new();
    let key = curve.public(SK_ECDSA, Some("localhost"));
    let details = Details { flags, counter: 3 };
    let signed = by_security_key("localhost", details, extensions, client_data.as_bytes());
    let mut value = [string(WEBAUTHN.as_bytes()), curve.value(&signed, mpint)].concat();
    value.push(flags);
    value.extend_from_slice(&3_u32.to_be_bytes());
    put_string(&mut value, origin.as_bytes());
    put_string(&mut value, client_data.as_bytes());
    put_string(&mut value, extensions);
    sshsig(key.blob(), value)
}

#[test]
fn a_passkey_signature_is_for_this_document_on_this_page() {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let key = Curve::new().public(SK_ECDSA, Some("localhost"));
    let challenge = URL_SAFE_NO_PAD.encode(signed_data(DECISION, Hash::Sha512, b"x"));
    let page = "https://approve.example.org";
    let data = |kind: &str, challenge: &str, more: &str| {
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{page}"{more}}}"#)
    };
    let good = data("webauthn.get", &challenge, r#","crossOrigin":false"#);
    let check = |flags: u8, client_data: &str, origin: &str, extensions: &[u8]| {
        let blob = passkey_signature(flags, client_data, origin, extensions);
        verify(b"x", &blob, DECISION, &key)
    };
    let proof = check(5, &good, page, &[]).unwrap();
    assert!(proof.knew_the_person());
    assert_eq!(proof.origin(), Some(page));
    assert!(!check(0, &good, page, &[]).unwrap().touched());
    let get = "webauthn.get";
    for (why, flags, client_data, origin, extensions) in [
        ("create", 5, data("webauthn.create", &challenge, ""), page, &[][..]),
        ("another document", 5, data(get, "AAAA", ""), page, &[]),
        ("in a frame", 5, data(get, &challenge, r#","crossOrigin":true"#), page, &[]),
        (
            "in a frame, with a blank",
            5,
            data(get, &challenge, r#","crossOrigin": true"#),
            page,
            &[],
        ),
        ("under another page", 5, data(get, &challenge, r#","topOrigin":"https://e""#), page, &[]),
        ("said twice", 5, data(get, &challenge, r#","origin":"https://e""#), page, &[]),
        ("a page that begins the same", 5, good.clone(), "https://approve.example.or", &[]),
        ("another page", 5, good.clone(), "https://evil.example.org", &[]),
        ("a quote in the page", 5, good.clone(), "https://a\",\"x\":\"", &[]),
        ("registration data", 0x45, good.clone(), page, &[]),
        ("flag without extensions", 0x85, good.clone(), page, &[]),
        ("extensions without flag", 5, good.clone(), page, b"\xa0"),
        ("extensions", 0x85, good.clone(), page, b"\xa0"),
        ("no JSON", 5, good.trim_end_matches('}').to_owned(), page, &[]),
    ] {
        let found = check(flags, &client_data, origin, extensions);
        assert!(matches!(found, Err(VerifyError::Passkey(_))), "{why}: {found:?}");
    }
}

#[test]
fn key_and_algorithm_must_fit() {
    let curve = Curve::new();
    let key = curve.public(SK_ECDSA, Some("ssh:guard"));
    let message = signed_data(DECISION, Hash::Sha512, b"x");
    let value = [string(ECDSA.as_bytes()), curve.value(&message, mpint)].concat();
    let found = verify(b"x", &sshsig(key.blob(), value), DECISION, &key);
    assert_eq!(found, Err(VerifyError::Algorithm(ECDSA.into())), "no downgrade to no touch");
}
