//! Known answers of the pure commands.

use proptest::prelude::*;

use super::{Printed, cost, run};

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
    known(&["printf", r"a\'"], "", "a'");
    open(&["/usr/bin/printf", r"a\'"], "");
    open(&["rev"], "é");
    open(&["base64", "-d"], "cm0!");
    open(&["base64", "-d", "file"], "");
    open(&["tr", "z-a", "x"], "a");
}

#[test]
fn a_program_in_a_strange_place_is_not_known() {
    known(&["/usr/bin/tac"], "b\na\n", "a\nb\n");
    open(&["./rev"], "ab");
    open(&["/tmp/base64", "-d"], "cm0=");
    open(&["bin/echo", "a"], "");
}

#[test]
fn unknown_input_gives_nothing() {
    for words in [&["cat"][..], &["rev"], &["base64", "-d"], &["tr", "a", "b"]] {
        assert_eq!(run(words, None), None, "{words:?}");
    }
    assert_eq!(run(&["false"], None), Some(Printed { bytes: Vec::new(), success: Some(false) }));
}

#[test]
fn hidden_words_come_out_of_filters() {
    known(&["xxd", "-r", "-p"], "726d202d7266202f\n", "rm -rf /");
    known(&["tac"], "b\na\n", "a\nb\n");
    known(&["cut", "-c2-"], "xrm -rf /\n", "rm -rf /\n");
    known(&["head", "-c", "8"], "rm -rf /tmp", "rm -rf /");
    known(&["sed", "s/x//g"], "rxm -xrf /", "rm -rf /");
    known(&["sed", "-E", r"s/(.*),(.*)/\2 \1/"], "-rf /,rm", "rm -rf /");
    known(&["grep", "-o", "rm.*"], "# rm -rf /\n", "rm -rf /\n");
    known(&["awk", "{print $2, $1}"], "/ rm", "rm /\n");
    known(&["awk", r#"BEGIN{printf "%c%c -rf /", 114, 109}"#], "", "rm -rf /");
    known(&["awk", "-v", "a=rm", r#"BEGIN{print a " -rf /"}"#], "", "rm -rf /\n");
    known(&["paste", "-sd", " "], "rm\n-rf\n/\n", "rm -rf /\n");
    known(&["jq", "-r", ".cmd"], r#"{"cmd":"rm -rf /"}"#, "rm -rf /\n");
    assert_eq!(run(&["awk", "BEGIN{print 1}"], None).unwrap().bytes, b"1\n");
}

#[test]
fn filters_that_do_more_stay_open() {
    for words in [
        &["sed", "e"][..],
        &["sed", "s/a/b/e"],
        &["sed", "w file"],
        &["sed", "-i", "s/a/b/"],
        &["sed", r"s/\(a\)\1/b/"],
        &["sed", "s/a/b/", "file"],
        &["awk", "BEGIN{system(\"x\")}"],
        &["awk", "{print > \"file\"}"],
        &["awk", "{print | \"sh\"}"],
        &["awk", "-f", "file"],
        &["grep", "a", "file"],
        &["grep", "-r", "a"],
        &["grep", "-o", "$|*"],
        &["head", "file"],
        &["sort", "-o", "file"],
        &["xxd", "file"],
        &["gzip"],
        &["jq", "env.x"],
        &["jq", ".a", "file"],
        &["test", "-f", "x"],
        &["perl", "-e", "print 1"],
        &["date"],
        &["hostname"],
    ] {
        open(words, "a\n");
    }
}

#[test]
fn large_inputs_are_answered_at_once() {
    let size = crate::shell::limits::MAX_VALUE;
    let inputs = [
        "a".repeat(size),
        "\n".repeat(size),
        "a\n".repeat(size / 2),
        "a b ".repeat(size / 4),
        format!("{}b", "a".repeat(size - 1)),
        "(".repeat(size),
    ];
    let many: String = "s/a/&&&&/;".repeat(2_000);
    let each: String = "{print $1 $2 $3}".repeat(200);
    let commands: &[&[&str]] = &[
        &["base64"],
        &["base64", "-d"],
        &["base32"],
        &["rev"],
        &["tac"],
        &["tr", "-s", "a", "b"],
        &["cut", "-d", " ", "-f2-", "--output-delimiter", &inputs[0]],
        &["cut", "-c1-3,5-"],
        &["tail", "-n", "5"],
        &["sort"],
        &["sort", "-n"],
        &["uniq", "-c"],
        &["paste", "-sd,"],
        &["fold", "-w1"],
        &["xxd"],
        &["xxd", "-r", "-p"],
        &["xxd", "-r"],
        &["gunzip"],
        &["jq", "."],
        &["bc"],
        &["sed", "s/a*a*a*c//g"],
        &["sed", "-E", r"s/(a|b|ab)*c/x/"],
        &["sed", "-E", r"s/(.*)(.*)(.*)/\3\2\1/"],
        &["sed", "-E", "s/((a{0,255}){0,255}){0,255}x//"],
        &["sed", "s/x*/-/g"],
        &["sed", &many],
        &["sed", "-n", "$!p;p;p"],
        &["grep", "-E", "(a*)*b"],
        &["grep", "-o", "a"],
        &["grep", "-w", "a*"],
        &["awk", "{print $NF, $1}"],
        &["awk", &each],
        &["awk", "{gsub(/a*/,\"bb\");print}"],
        &["printf", "%65000s%65000s%65000s"],
        &["printf", "%s", &inputs[0], &inputs[0]],
        &["seq", "1", "99999999"],
    ];
    for words in commands {
        for input in &inputs {
            let start = std::time::Instant::now();
            let printed = run(words, Some(input.as_bytes()));
            let took = start.elapsed();
            assert!(took.as_secs() < 10, "{:?} took {took:?}", &words[..words.len().min(2)]);
            assert!(printed.is_none_or(|printed| printed.bytes.len() <= size));
        }
    }
}

/// Words that these programs know, and some that they do not.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "-n", "-e", "-E", "-d", "-D", "-c", "-s", "-w", "-w0", "-r", "-p", "-i", "-f", "-F", "-v", "-x",
    "-A", "-a", "-u", "-t", "-o", "-1", "+2", "-", "--", "--decode", "--wrap=", "--complement",
    "enc", "base64", "-n-3", "-c-0", "-f1-,2", "1-3", "%", "%s", "%d", "%5.3s", "%-*d", "%q", "%b",
    "%99999999s", "\\", "\\x", "\\u", "\\0", "\\777", "9223372036854775807", "-9223372036854775808",
    "99999999999999999999", "0", "-0", "08", "0x", "'", "\"", "a-z", "[:lower:]", "[:", "[a*", "[a*3]",
    "z-a", "é", "s/a/b/", "s/\\(a*\\)*/\\1/g", "s///", "y/a/b/", "$!d", "2,$p", "/a/,/b/d", "s/(/)/",
    "^*", "a\\{2,1\\}", "a{1,}", "(a|b)*c", "[]a-]", "[^", "{print}", "{print $NF,$(NF-9)}", "NR%0{print}",
    "BEGIN{printf \"%c\", 0}", "{print substr($0,-9999,9999999)}", "END{print", ".a[0]", ".", ".[", "==",
    "=", "-eq", "!", "]", "+", "*", "/", "length", "substr", "",
];

#[rustfmt::skip]
const NAMES: &[&str] = &["echo",
        "printf",
        "cat",
        "tee",
        "rev",
        "tac",
        "head",
        "tail",
        "wc",
        "uniq",
        "sort",
        "paste",
        "fold",
        "cut",
        "xxd",
        "od",
        "bc",
        "gunzip",
        "gzip",
        "jq",
        "sed",
        "grep",
        "egrep",
        "fgrep",
        "awk",
        "base64",
        "base32",
        "basenc",
        "openssl",
        "tr",
        "seq",
        "expr",
        "test",
        "[",
        "basename",
        "dirname",
        "/usr/bin/rev",
        "nothing",
    ];

#[test]
fn no_command_line_makes_it_panic() {
    let word = proptest::sample::select(WORDS).prop_map(str::to_owned);
    let word = prop_oneof![6 => word, 1 => any::<String>()];
    let input = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[ -~\n]{0,40}".prop_map(String::into_bytes),
    ];
    let case = (proptest::sample::select(NAMES), proptest::collection::vec(word, 0..6), input);
    proptest!(ProptestConfig::with_cases(4_000), |((name, words, input) in case)| {
        let mut all = vec![name];
        all.extend(words.iter().map(String::as_str));
        let size = run(&all, Some(&input)).map_or(0, |printed| printed.bytes.len());
        prop_assert!(size <= crate::shell::limits::MAX_VALUE);
        prop_assert!(cost(&all, Some(&input)) >= input.len());
        prop_assert!(run(&all, None).is_none_or(|p| p.bytes.len() <= crate::shell::limits::MAX_VALUE));
    });
}
