//! Known answers of the pure commands.

use super::{Printed, run};

/// What a command prints for an input, as text.
fn out(words: &[&str], input: &str) -> Option<String> {
    run(words, Some(input.as_bytes())).map(|p| String::from_utf8(p.bytes).unwrap())
}

fn known(words: &[&str], input: &str, wanted: &str) {
    assert_eq!(out(words, input).as_deref(), Some(wanted), "{words:?} < {input:?}");
}

fn open(words: &[&str], input: &str) {
    assert_eq!(out(words, input), None, "{words:?} < {input:?}");
}

#[test]
fn hidden_words_come_out() {
    known(&["printf", r"\x72\x6d"], "", "rm");
    known(&["printf", "%b", r"\162\x6d"], "", "rm");
    known(&["echo", "-e", r"\0162\x6d"], "", "rm\n");
    known(&["base64", "-d"], "cm0gLXJmIC8K\n", "rm -rf /\n");
    known(&["/usr/bin/base64", "--decode"], "cm0gLXJmIC8K", "rm -rf /\n");
    known(&["openssl", "enc", "-base64", "-d"], "cm0gLXJmIC8K\n", "rm -rf /\n");
    known(&["base32", "-d"], "OJWSALLSMYQC6CQ=\n", "rm -rf /\n");
    known(&["rev"], "/ fr- mr\n", "rm -rf /\n");
    known(&["tr", "n-za-m", "a-z"], "ez -es /", "rm -rf /");
    known(&["tr", "A-Za-z", "N-ZA-Mn-za-m"], "ez -es /", "rm -rf /");
    known(&["tr", "-d", "x"], "rxm -rxf /", "rm -rf /");
}

#[test]
fn shells_that_differ_leave_it_open() {
    open(&["echo", r"a\nb"], "");
    open(&["echo", "-e", r"\162"], "");
    open(&["printf", "%n"], "");
    open(&["printf", "-v", "x"], "");
    open(&["printf", "%d", "x"], "");
    open(&["printf", r"\x"], "");
    open(&["rev"], "é");
    open(&["base64", "-d"], "cm0!");
    open(&["base64", "-d", "file"], "");
    open(&["tr", "z-a", "x"], "a");
}

#[test]
fn unknown_input_gives_nothing() {
    for words in [&["cat"][..], &["rev"], &["base64", "-d"], &["tr", "a", "b"]] {
        assert_eq!(run(words, None), None, "{words:?}");
    }
    assert_eq!(run(&["false"], None), Some(Printed { bytes: Vec::new(), success: Some(false) }));
}
