//! JSON lines from outside: the questions of `check --jsonl` and the log.
#![no_main]

use std::io::BufReader;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let mut out = Vec::new();
    let _ = guard::cli::check::stream(&mut BufReader::new(data), &mut out);
    let questions =
        data.split(|byte| *byte == b'\n').filter(|line| !line.iter().all(u8::is_ascii_whitespace));
    let answers = out.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(questions.count(), answers, "each question gets one answer");
    let _ = guard::audit::chain::check(&mut BufReader::new(data), &mut |_| {});
});
