//! Everything that an approver or a requester sends: no crash, and nothing that
//! is read is written in another way.
#![no_main]

use guard::second::{Decision, Request, display::display};
use guard::ssh::{AllowedSigners, PublicKey, Signature, Token, armor};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Ok(token) = Token::read(&text) {
        assert_eq!(Token::read(&token.write().unwrap()).unwrap(), token);
        let _ = Signature::read(&token.signature);
    }
    if let Ok(signature) = Signature::read(data) {
        assert_eq!(signature.write(), data);
    }
    if let Ok(key) = PublicKey::from_blob(data) {
        assert_eq!(PublicKey::from_line(&key.line()).unwrap().0, key);
    }
    if let Ok(file) = AllowedSigners::read(&text) {
        for entry in file.entries() {
            let again = AllowedSigners::read(&entry.write()).unwrap();
            assert_eq!(again.entries()[0].key, entry.key);
        }
    }
    if let Ok(request) = Request::read(data) {
        let shown = display(&request, data);
        assert!(shown.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)));
        assert_eq!(Request::read(&request.write()).unwrap(), request);
    }
    let _ = Decision::read(data);
    let _ = armor::read(&text);
});
