//! The pure commands against the real programs: what is said to be printed must
//! be what they print.
//!
//! Only programs that compute are run, with generated words as arguments and
//! text on standard input; bash sees them as `"$@"` and never as program text.

use std::io::Write;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use crate::shell::pure::run;

/// A command line and its input.
type Case = (Vec<String>, Vec<u8>);

/// What the real program prints and whether it succeeds. Builtins go through
/// bash, which gets everything as positional parameters.
fn real(words: &[String], input: &[u8], builtin: bool, locale: &str) -> (Vec<u8>, bool) {
    let mut command = if builtin {
        let mut bash = Command::new("bash");
        bash.args(["--norc", "--noprofile", "-c", "\"$@\"", "bash"]).args(words);
        bash
    } else {
        let mut program = Command::new(&words[0]);
        program.args(&words[1..]);
        program
    };
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("LC_ALL", locale);
    command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program may stop reading early; then writing fails.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    (output.stdout, output.status.success())
}

/// Whether the program is there. In CI it must be.
fn present(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = std::env::split_paths(&path).any(|folder| folder.join(program).is_file());
    if !there {
        assert!(std::env::var_os("CI").is_none(), "{program} is needed as an oracle");
        #[allow(clippy::print_stderr)]
        let () = eprintln!("SKIPPED: {program} is not here to compare with");
    }
    there
}

/// Compares generated cases. At least `sure` of a hundred must be answered, so
/// that the test is about something.
fn compare(cases: impl Strategy<Value = Case>, count: u32, sure: usize, builtin: bool) {
    let mut runner = TestRunner::new(Config { cases: count, ..Config::default() });
    let mut answered = 0;
    let mut wrong = Vec::new();
    for turn in 0..count {
        let (words, input) = cases.new_tree(&mut runner).unwrap().current();
        if turn == 0 && !builtin && !present(&words[0]) {
            return;
        }
        let refs: Vec<&str> = words.iter().map(String::as_str).collect();
        let Some(printed) = run(&refs, Some(&input)) else { continue };
        answered += 1;
        let locale = if turn % 2 == 0 { "C" } else { "C.UTF-8" };
        let (bytes, success) = real(&words, &input, builtin, locale);
        if bytes != printed.bytes || printed.success.is_some_and(|said| said != success) {
            wrong.push(format!(
                "{words:?} < {:?}\n  said: {:?} {:?}\n  real: {:?} {success}",
                String::from_utf8_lossy(&input),
                String::from_utf8_lossy(&printed.bytes),
                printed.success,
                String::from_utf8_lossy(&bytes)
            ));
        }
    }
    wrong.truncate(12);
    assert!(wrong.is_empty(), "differ:\n{}", wrong.join("\n"));
    assert!(answered * 100 >= sure * count as usize, "only {answered} of {count} answered");
}

/// A command line from words that are put together by spaces and a strategy for
/// the last word.
fn words(fixed: &[&str]) -> Vec<String> {
    fixed.iter().map(|word| (*word).to_owned()).collect()
}

/// One of some option lists, written with spaces.
fn options(lists: &'static [&'static str]) -> impl Strategy<Value = Vec<String>> {
    proptest::sample::select(lists)
        .prop_map(|list| words(&list.split_whitespace().collect::<Vec<_>>()))
}

/// Short lines over few characters, so that things repeat and match.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        6 => "([ab c1-3]{0,6}\n){0,6}[abc]{0,2}",
        2 => "([a-z0-9]{0,4}[ ,:\t]{0,2}){0,8}\n?",
        1 => "[ -~\n]{0,40}",
        1 => "(rm|-rf|/|echo|x|  ){0,6}\n?",
    ]
    .prop_map(String::into_bytes)
}

fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..80)
}

/// A filter with one of some option lists.
fn filter(lists: &'static [&'static str]) -> impl Strategy<Value = Case> {
    (options(lists), lines())
}

#[test]
fn echo_prints_what_bash_prints() {
    let word = r"(\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|x[0-9a-f]{1,2}|u00[0-7][0-9a-f]|[abefnrtvc\\qE])|[ -~]|é){0,5}";
    let flags =
        options(&["echo", "echo -n", "echo -e", "echo -ne", "echo -E", "echo -x", "echo -e -n"]);
    let cases = (flags, proptest::collection::vec(word, 0..4));
    compare(
        cases.prop_map(|(mut flags, words)| {
            flags.extend(words);
            (flags, Vec::new())
        }),
        300,
        30,
        true,
    );
}

#[test]
fn printf_prints_what_bash_prints() {
    let piece = prop_oneof![
        3 => r"%[-+ 0#]{0,2}[0-9]{0,2}(\.[0-9]{0,2})?[sdiuxXoc]",
        2 => "%[sbqd]",
        2 => r"\\(0[0-7]{0,2}|[1-7][0-7]{0,2}|x[0-9a-f]{1,2}|[abefnrtvc\\q])",
        1 => "[ -$&-~]{0,4}",
        1 => Just("%%".to_owned()),
    ];
    let value = prop_oneof![
        2 => "-?[1-9][0-9]{0,8}", 1 => "0[0-7]{1,3}", 1 => "0x[0-9a-fA-F]{1,3}", 1 => "'[a-z]",
        2 => "[ -~]{0,6}", 1 => r"(\\[0-7]{1,4}|\\x[0-9a-f]{1,2}|[a-z]){0,4}", 1 => Just("é".to_owned()),
    ];
    let cases = (proptest::collection::vec(piece, 0..4), proptest::collection::vec(value, 0..5));
    compare(
        cases.prop_map(|(format, values)| {
            let mut all = words(&["printf", "--"]);
            all.push(format.concat());
            all.extend(values);
            (all, Vec::new())
        }),
        600,
        20,
        true,
    );
}

#[test]
fn codes_are_made_and_read_like_coreutils_do() {
    for (program, lists) in [
        ("base64", &["base64", "base64 -w0", "base64 -w 7", "base64 --wrap=20"][..]),
        ("base32", &["base32", "base32 -w0"]),
        ("basenc", &["basenc --base64url", "basenc --base16 -w 0", "basenc --base32hex"]),
        ("openssl", &["openssl base64", "openssl enc -a -A"]),
    ] {
        if present(program) {
            compare((options(lists), any_bytes()), 60, 99, false);
        }
    }
}

/// Coded text, with blanks, cuts and other damage.
fn coded() -> impl Strategy<Value = Vec<u8>> {
    let whole = any_bytes().prop_map(|bytes| run(&["base64"], Some(&bytes)).unwrap().bytes).boxed();
    prop_oneof![
        3 => whole.clone(),
        1 => (whole.clone(), whole.clone()).prop_map(|(a, b)| [a, b].concat()),
        1 => (whole, 0_usize..90).prop_map(|(mut a, at)| { a.truncate(at); a }),
        2 => "[A-Da-d=\n]{0,12}".prop_map(String::into_bytes),
        1 => "[A-D0-9=\n !*]{0,8}".prop_map(String::into_bytes),
    ]
}

#[test]
fn coded_text_is_decoded_like_coreutils_do() {
    compare(
        (options(&["base64 -d", "base64 --decode", "base64 -di", "base64 -d -"]), coded()),
        500,
        50,
        false,
    );
    compare(
        (options(&["openssl base64 -d", "openssl enc -d -a", "openssl base64 -d -A"]), coded()),
        150,
        20,
        false,
    );
    let text = "([A-D2-7]{8}){0,3}([A-D]{2}======|[A-D]{4}====|[A-D]{7}=)?\n?"
        .prop_map(String::into_bytes);
    compare((options(&["base32 -d"]), text), 100, 10, false);
    let text = "([0-9A-F]{2}){0,12}\n?".prop_map(String::into_bytes);
    compare((options(&["basenc -d --base16"]), text), 60, 90, false);
}

#[test]
fn lines_turn_like_rev_does() {
    compare(filter(&["rev"]), 100, 90, false);
}

#[test]
fn letters_change_like_tr_does() {
    let set = prop_oneof![
        4 => "([a-f]|a-[d-f]|b-d|[A-C]-F|[0-3]-[4-9]|-){1,4}",
        2 => r"(\[:(lower|upper|digit|space|alnum|punct|print|blank|xdigit):\]|[a-c ]){1,2}",
        1 => r"(\[[ab]\*[1-4]?\]|[a-d]|\[=a=\]|\\\\|\\n|\\0[0-7]{2}|\\[-\[\]]){1,3}",
        1 => "[ -~]{1,5}",
        1 => Just("A-Za-z".to_owned()),
        1 => Just("N-ZA-Mn-za-m".to_owned()),
        1 => Just("[a-z]".to_owned()),
        1 => Just("[:lower:]".to_owned()),
        1 => Just("[:upper:]".to_owned()),
        1 => Just(r"\000-\377".to_owned()),
    ];
    let flags = options(&[
        "tr",
        "tr",
        "tr",
        "tr -d",
        "tr -s",
        "tr -c",
        "tr -cd",
        "tr -ds",
        "tr -cs",
        "tr -t",
        "tr --delete",
        "tr -C -d",
    ]);
    let input = prop_oneof![3 => lines(), 1 => "[a-fA-F0-9é \n-]{0,20}".prop_map(String::into_bytes), 1 => any_bytes()];
    let cases = (flags, proptest::collection::vec(set, 1..3), input);
    compare(
        cases.prop_map(|(mut flags, sets, input)| {
            flags.extend(sets);
            (flags, input)
        }),
        900,
        20,
        false,
    );
}
