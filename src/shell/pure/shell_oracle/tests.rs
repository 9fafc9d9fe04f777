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

/// The same cases for the program at this path.
fn named(program: &'static str, cases: BoxedStrategy<Case>) -> BoxedStrategy<Case> {
    let rename = move |(mut words, input): Case| {
        program.clone_into(&mut words[0]);
        (words, input)
    };
    cases.prop_map(rename).boxed()
}

#[test]
fn echo_prints_what_bash_prints() {
    let word = r"(\\(0[0-7]{0,3}|[1-7][0-7]{0,2}|x[0-9a-f]{1,2}|u00[0-7][0-9a-f]|[abefnrtvc\\qE])|[ -~]|é){0,5}";
    let flags =
        options(&["echo", "echo -n", "echo -e", "echo -ne", "echo -E", "echo -x", "echo -e -n"]);
    let cases = (flags, proptest::collection::vec(word, 0..4)).prop_map(|(mut flags, words)| {
        flags.extend(words);
        (flags, Vec::new())
    });
    let cases = cases.boxed();
    compare(cases.clone(), 300, 30, true);
    compare(named("/usr/bin/echo", cases), 300, 30, false);
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
    let cases = cases.prop_map(|(format, values)| {
        let mut all = words(&["printf", "--"]);
        all.push(format.concat());
        all.extend(values);
        (all, Vec::new())
    });
    let cases = cases.boxed();
    compare(cases.clone(), 600, 20, true);
    compare(named("/usr/bin/printf", cases), 500, 20, false);
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

#[test]
fn lines_are_cut_and_counted_like_coreutils_do() {
    for lists in [
        &["tac", "tac -", "cat", "cat -", "cat -u"][..],
        &[
            "head -n1",
            "head -2",
            "head -n 0",
            "head -c 3",
            "head -c -2",
            "head -n -1",
            "head",
            "head --lines=1",
        ],
        &[
            "tail -n1",
            "tail -2",
            "tail -n +2",
            "tail -c 3",
            "tail -c +2",
            "tail -n 0",
            "tail",
            "tail -n +0",
            "tail -n -1",
        ],
        &["wc -l", "wc -c", "wc -w", "wc --lines"],
        &["uniq", "uniq -c", "uniq -d", "uniq -u"],
        &[
            "paste -sd,",
            "paste -s",
            "paste -s -d ,;",
            "paste - -",
            "paste -d: - - -",
            "paste -sd+ -",
        ],
        &["fold -w2", "fold -w 3", "fold", "fold -b -w1"],
        &["sort", "sort -r", "sort -u", "sort -n", "sort -rn", "sort -nu", "sort --reverse"],
        &["od -An -tx1", "od -A n -t x1", "od -An -v -tx1"],
        &[
            "basename a/b",
            "basename a.txt .txt",
            "basename -- -x",
            "basename /a//b//",
            "basename .x .x",
        ],
        &["dirname a/b", "dirname a", "dirname /a", "dirname a//b/", "dirname /a/b/c"],
        &[
            "seq 3",
            "seq 2 4",
            "seq 1 2 7",
            "seq 5 -2 1",
            "seq -s, 4",
            "seq -w 8 11",
            "seq -2 1",
            "seq 1 1 0",
        ],
        &[
            "expr 1 + 2",
            "expr 3 - 5",
            "expr 7 / -2",
            "expr 7 % 3",
            "expr length abc",
            "expr substr abc 2 9",
            "expr 2 > 1",
            "expr 0 + 0",
            "expr substr abc 9 1",
        ],
    ] {
        compare(filter(lists), 120, 20, false);
    }
    let numbers = "( ?-?[0-9]{1,3}( [a-c])?\n){0,6}".prop_map(String::into_bytes);
    compare((options(&["sort -n", "sort -n -r", "sort -nu"]), numbers), 150, 50, false);
}

#[test]
fn fields_are_cut_like_cut_does() {
    let list = "([1-5]|[1-3]-[3-6]|-[1-4]|[1-6]-)(,([1-5]|[1-3]-[3-6]|[1-6]-)){0,2}";
    let flags = options(&[
        "cut -c",
        "cut -b",
        "cut -d: -f",
        "cut -d , -f",
        "cut -f",
        "cut --complement -c",
        "cut --complement -d: -f",
        "cut -s -d: -f",
        "cut --output-delimiter=_ -d: -f",
    ]);
    let text = "([ab:,\t]{0,9}\n){0,4}[ab:]{0,4}".prop_map(String::into_bytes);
    let cases = (flags, list, text).prop_map(|(mut words, list, text)| {
        words.push(list);
        (words, text)
    });
    compare(cases, 500, 90, false);
}

#[test]
fn hexadecimal_comes_and_goes_like_xxd_does() {
    compare(
        (options(&["xxd", "xxd -p", "xxd -u", "xxd -ps -c 5", "xxd -plain -c 20"]), any_bytes()),
        150,
        99,
        false,
    );
    let plain = prop_oneof![
        (any_bytes(), options(&["xxd -p", "xxd -p -c 3", "xxd -p -u"])).prop_map(
            |(bytes, words)| {
                run(&words.iter().map(String::as_str).collect::<Vec<_>>(), Some(&bytes))
                    .unwrap()
                    .bytes
            }
        ),
        "([0-9a-fA-F]{1,4}[ \n]?){0,9}".prop_map(String::into_bytes),
        "([0-9a-f]{2}[ \n]{0,2}){0,30}".prop_map(String::into_bytes),
        "[0-9a-fx \n]{0,9}".prop_map(String::into_bytes),
    ];
    compare((options(&["xxd -r -p", "xxd -p -r", "xxd -r -ps"]), plain), 300, 40, false);
    let dump = prop_oneof![
        any_bytes().prop_map(|bytes| run(&["xxd"], Some(&bytes)).unwrap().bytes),
        any_bytes().prop_map(|bytes| {
            let text = String::from_utf8(run(&["xxd"], Some(&bytes)).unwrap().bytes).unwrap();
            let bare = |line: &str| format!("{}\n", line.split("  ").next().unwrap().trim_end());
            text.lines().map(bare).collect::<String>().into_bytes()
        }),
        "(00000000: [0-9a-f]{1,8} ?[0-9a-f]{0,9} {0,3}[a-f0-9 ]{0,5}\n){0,2}"
            .prop_map(String::into_bytes),
    ];
    compare((options(&["xxd -r"]), dump), 300, 40, false);
}

#[test]
fn constants_are_tested_like_bash_does() {
    let word = prop_oneof![2 => "[!=a-]{0,2}", 2 => "-?[0-9]{1,2}", 1 => "-(n|z|eq|ne|lt|ge|a|o|e)", 1 => "[=!<]=?"];
    let cases = proptest::collection::vec(word, 0..5).prop_map(|mut all| {
        all.insert(0, "test".to_owned());
        (all, Vec::new())
    });
    compare(cases, 500, 10, true);
}

#[test]
fn sums_are_what_bc_prints() {
    let text = r"(([0-9]{1,4}|\([0-9]{1,2}[-+*][0-9]\)) ?[-+*/%] ?([1-9][0-9]{0,3}|\([1-9]\*[1-9] - [0-9]\))( ?[-+*/%] ?[1-9])?\n){1,3}";
    compare((options(&["bc", "bc -q"]), text.prop_map(String::into_bytes)), 150, 60, false);
}

#[test]
fn values_are_found_like_jq_does() {
    let value = prop_oneof![
        Just("1"),
        Just("\"x y\""),
        Just("1.5"),
        Just("1.0"),
        Just("true"),
        Just("null"),
        Just("-12"),
        Just("\"\\u00e9\\n\\\"\\\\\""),
        Just("1e2"),
        Just("{}")
    ];
    let path = options(&[
        "jq .",
        "jq -r .",
        "jq .a",
        "jq -r .a",
        "jq -r .a.b",
        "jq .a[0]",
        "jq -r .[0]",
        "jq .a[\"b\"]",
        "jq -r .\"a\"",
        "jq -c .b.c",
    ]);
    let shape = proptest::sample::select(
        &[
            "@",
            "{\"a\":@}",
            "{\"a\":{\"b\":@},\"b\":{\"c\":2}}",
            "[@,2]",
            "{\"a\":[@]}",
            "{\"a\":1,\"a\":@}",
            "@ @",
        ][..],
    );
    let cases = (path, shape, value)
        .prop_map(|(words, shape, value)| (words, shape.replace('@', value).into_bytes()));
    compare(cases, 400, 2, false);
}

#[test]
fn compressed_text_is_what_gzip_makes_of_it() {
    if !present("gzip") {
        return;
    }
    let texts = prop_oneof![
        any_bytes().boxed(),
        lines().boxed(),
        "(rm -rf /){0,900}".prop_map(String::into_bytes).boxed()
    ];
    let mut runner = TestRunner::new(Config::default());
    for turn in 0..60 {
        let text = texts.new_tree(&mut runner).unwrap().current();
        let (mut packed, _) =
            real(&words(&["gzip", ["-c", "-9c", "-1c"][turn % 3]]), &text, false, "C");
        if turn % 5 == 1 {
            packed = packed.repeat(2);
        }
        if turn % 4 == 0 {
            let at = turn % packed.len();
            packed[at] ^= 1;
        }
        for list in [&["gunzip"][..], &["gzip", "-dc"], &["zcat"]] {
            let Some(printed) = run(list, Some(&packed)) else {
                assert!(turn % 4 == 0, "{list:?}: not answered");
                continue;
            };
            let (bytes, success) = real(&words(list), &packed, false, "C");
            assert_eq!((printed.bytes, printed.success), (bytes, Some(success)), "{list:?}");
        }
    }
}

/// Patterns of the simple kind, basic (`back` is a backslash) or extended.
fn pattern(back: &'static str) -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        5 => "[abc 1]", 2 => Just(".".to_owned()), 1 => Just("[a-c]".to_owned()), 1 => Just("[^b]".to_owned()),
        1 => Just("[[:digit:]a]".to_owned()), 1 => Just(r"\.".to_owned()), 1 => Just(r"\w".to_owned()), 1 => Just("[]a]".to_owned()),
    ];
    let count = proptest::sample::select(if back.is_empty() {
        &["", "", "", "*", "*", "+", "?", "{2}", "{1,2}", "{1,}"][..]
    } else {
        &["", "", "", "*", "*", r"\+", r"\?", r"\{2\}", r"\{0,2\}", r"\{1,\}"][..]
    });
    let single = (atom, count.clone()).prop_map(|(atom, count)| format!("{atom}{count}"));
    let row = proptest::collection::vec(single, 1..4).prop_map(|all| all.concat());
    let group =
        (proptest::collection::vec(row.clone(), 1..3), count).prop_map(move |(rows, count)| {
            format!("{back}({}{back}){count}", rows.join(&format!("{back}|")))
        });
    let edge =
        proptest::sample::select(&["^", r"\b", r"\<", r"\>", "$"][..]).prop_map(str::to_owned);
    let piece = prop_oneof![6 => row, 3 => group, 1 => edge];
    let whole = proptest::collection::vec(piece, 1..4).prop_map(|all| all.concat());
    let whole = (whole, 0..8)
        .prop_map(|(text, turn)| match turn {
            0 => format!("^{text}"),
            1 => format!("{text}$"),
            _ => text,
        })
        .boxed();
    prop_oneof![8 => whole.clone(), 1 => (whole.clone(), whole).prop_map(move |(a, b)| format!("{a}{back}|{b}"))]
}

#[test]
fn lines_are_found_like_grep_does() {
    let flags = options(&[
        "grep",
        "grep",
        "grep -i",
        "grep -v",
        "grep -c",
        "grep -o",
        "grep -w",
        "grep -x",
        "grep -q",
        "grep -m1",
        "grep -n",
        "grep -ow",
        "grep -vc",
        "grep -oi",
        "grep --color=auto",
        "grep -ox",
    ]);
    let cases = (flags.boxed(), pattern("\\"), lines()).prop_map(|(mut words, pattern, text)| {
        words.extend(["-e".to_owned(), pattern]);
        (words, text)
    });
    compare(cases, 700, 70, false);
    let flags = options(&[
        "grep -E",
        "grep -E -o",
        "grep -Ev",
        "grep -Ew",
        "grep -Ex",
        "grep -Ei",
        "grep -Eow",
    ]);
    let cases = (flags, pattern(""), lines()).prop_map(|(mut words, pattern, text)| {
        words.extend(["-e".to_owned(), pattern]);
        (words, text)
    });
    compare(cases, 700, 70, false);
    let flags = options(&["grep -F", "grep -Fo", "grep -Fw", "grep -Fx", "grep -Fi"]);
    let cases = (flags, "[ab.*c 1]{1,3}", lines()).prop_map(|(mut words, pattern, text)| {
        words.extend(["-e".to_owned(), pattern]);
        (words, text)
    });
    compare(cases, 150, 70, false);
    let flags = options(&["grep", "grep -E", "grep -o", "grep -Eo"]);
    let cases = (flags, r"[ab^$*+?(){}|.\\\[\]1,-]{1,6}", lines()).prop_map(
        |(mut words, pattern, text)| {
            words.extend(["-e".to_owned(), pattern]);
            (words, text)
        },
    );
    compare(cases, 600, 15, false);
}

#[test]
fn texts_change_like_sed_changes_them() {
    let part =
        prop_oneof![3 => "[xy ]{0,2}", 2 => Just("&".to_owned()), 2 => r"\\[12]", 1 => r"\\[&n/.]"];
    let replacement = proptest::collection::vec(part, 0..4).prop_map(|all| all.concat());
    let flags = proptest::sample::select(&["", "", "g", "g", "2", "p", "gp", "2g", "I", "gI"][..]);
    for (first, back, sure) in [("sed", "\\", 40), ("sed -E", "", 40)] {
        let first = options(if first == "sed" {
            &["sed", "sed", "sed -n"]
        } else {
            &["sed -E", "sed -r", "sed -nE"]
        });
        let cases = (first, pattern(back), replacement.clone(), flags.clone(), lines());
        let cases = cases.prop_map(|(mut words, pattern, replacement, flags, text)| {
            words.push(format!("s/{pattern}/{replacement}/{flags}"));
            (words, text)
        });
        compare(cases, 900, sure, false);
    }
}

#[test]
fn scripts_run_like_sed_runs_them() {
    let address = proptest::sample::select(
        &[
            "", "", "1", "2", "$", "/a/", "2,3", "2,$", "/a/,/b/", "1,/b/", "/b/,2", "/c/,$", "$!",
            "2!", "/a/!", "2,3!", "3,1",
        ][..],
    );
    let action = proptest::sample::select(
        &[
            "p",
            "d",
            "q",
            "=",
            "s/a/x/",
            "s/b*/y/g",
            "s,a,/,2",
            "y/abc/xyz/",
            "y/a\\/b/123/",
            "s/a/x/gp",
            "s|a|b\\nc|",
            "s/ /\\t/",
            "s/./&&/3",
        ][..],
    );
    let command = (address, action).prop_map(|(address, action)| format!("{address}{action}"));
    let script = proptest::collection::vec(command, 1..4);
    let cases = (options(&["sed", "sed -n", "sed -u"]), script, any::<bool>(), lines());
    let cases = cases.prop_map(|(mut words, script, many, text)| {
        if many {
            words.extend(script.into_iter().flat_map(|command| ["-e".to_owned(), command]));
        } else {
            words.push(script.join("; "));
        }
        (words, text)
    });
    compare(cases, 900, 60, false);
}

/// Programs of awk with some rules.
fn programs() -> impl Strategy<Value = String> {
    let term = proptest::sample::select(
        &[
            "$1",
            "$2",
            "$0",
            "$NF",
            "$(NF-1)",
            "NR",
            "NF",
            "\"x\"",
            "\" \"",
            "12",
            "\"a\\tb\\101\"",
            "toupper($1)",
            "tolower(\"AB\")",
            "length($0)",
            "length",
            "substr($0,2,3)",
            "substr($1,0,2)",
            "substr($2,-1)",
            "($1 \"-\")",
            "$9",
            "substr($0,3)",
        ][..],
    );
    let list = proptest::collection::vec(
        proptest::collection::vec(term, 1..3).prop_map(|all| all.join(" ")),
        0..4,
    );
    let statement = prop_oneof![
        4 => (list.clone(), any::<bool>()).prop_map(|(list, round)| match (list.is_empty(), round) {
            (false, true) => format!("print({})", list.join(", ")),
            _ => format!("print {}", list.join(",")),
        }),
        1 => Just("printf \"%s-%d|%3s\\n\", $1, NR, $2".to_owned()),
        1 => Just("printf \"%c%c\", 114, 109".to_owned()),
        1 => Just("printf \"%05d %-4s %x\\n\", NF, \"a\", 255".to_owned()),
        1 => Just("gsub(/b/, \"<&>\")".to_owned()),
        1 => Just("sub(/[ab]+/, \"\")".to_owned()),
        1 => Just("gsub(/ +/, \"_\")".to_owned()),
        1 => Just("next".to_owned()),
        1 => Just("exit".to_owned()),
    ];
    let body = proptest::collection::vec(statement, 1..3)
        .prop_map(|all| format!("{{{}}}", all.join("; ")));
    let when = proptest::sample::select(
        &[
            "",
            "",
            "",
            "NR==2",
            "NR>1",
            "/a/",
            "!/b/",
            "NF",
            "$1==\"a\"",
            "$1 != \"b\"",
            "$2 ~ /c/",
            "NR%2",
            "NR%2==0 && /a/",
            "NF>1 || NR==1",
            "1",
            "END",
            "BEGIN{OFS=\"+\"} ",
            "BEGIN{FS=\",\"} NR==1",
        ][..],
    );
    let rule = (when, body).prop_map(|(when, body)| format!("{when}{body}"));
    proptest::collection::vec(rule, 1..3).prop_map(|all| all.join("\n"))
}

#[test]
fn small_programs_run_like_awk_runs_them() {
    let program = programs().boxed();
    for program_name in ["mawk", "gawk"] {
        let flags = options(&[
            "",
            "",
            "",
            "-F:",
            "-F ,",
            "-F|",
            "-F.",
            "-Fa",
            "-F [ab]+",
            "-v OFS=-",
            "-v var=1x -v a_1=",
            "-F\\t",
            "-F ::",
        ]);
        let cases = (flags, program.clone(), lines()).prop_map(move |(flags, program, text)| {
            let mut words = vec![program_name.to_owned()];
            words.extend(flags);
            words.push(program);
            (words, text)
        });
        compare(cases, 700, 50, false);
        let separators = proptest::sample::select(
            &[
                "-F|", "-F.", "-F*", "-F+", "-F[", "-F,", "-F(", "-F^", "-F$", "-F?", "-F{", "-F ",
                "-F=", "-F]", "-FA",
            ][..],
        );
        let text = "([ab]{0,2}[|.*+,(^$?{=\\[\\] A]{0,2}){0,4}\n".prop_map(String::into_bytes);
        let cases = (separators, text).prop_map(move |(separator, text)| {
            (words(&[program_name, separator, "{print $1 \"/\" $2 \"/\" $3 \"/\" NF}"]), text)
        });
        compare(cases, 150, 90, false);
    }
}
