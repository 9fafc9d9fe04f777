//! Rule and policy files: no crash, and an error always names a place.
#![no_main]

use guard::decide::PolicyFile;
use guard::rules::{schema::RuleFile, yaml};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    if let Err(error) = yaml::parse::<RuleFile>("fuzz.yaml", &text) {
        assert!(error.to_string().contains("fuzz.yaml"));
    }
    let _ = yaml::parse::<PolicyFile>("fuzz.yaml", &text);
});
