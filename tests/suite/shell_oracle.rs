//! The shell reader against the real bash: what guard says a word becomes must
//! be what bash makes of it.
//!
//! Only `printf` and assignments are ever run, in an empty folder and with an
//! empty environment. Many words share one bash, because starting it is slow.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use guard::model::{Part, Script, Simple, Span, Word};
use guard::shell::{self, Known, limits};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

/// The home folder that both sides are told; it does not exist.
const HOME: &str = "/nonexistent/home dir";

/// Commands in front of every generated word. Patterns stay as typed.
const SETUP: &str = "set -f; V='a b'; W=x; E=; S='*'; P=/nowhere/lib/x.tar.gz; L='  lead trail '; \
                     A=(one 'two 2' three); set -- p1 'p 2'; ";

/// How bash is given the script: `$0`.
const CALLED: &str = "../oracle";

pub(crate) fn known() -> Known {
    Known {
        home: Some(HOME.to_owned()),
        cwd: None,
        vars: BTreeMap::from([("0".to_owned(), Word::text(CALLED, Span::default()))]),
        script: true,
        ..Known::default()
    }
}

/// Runs texts in one bash; returns the arguments that each one's `printf` got,
/// or `None` where bash stopped or said that the text is wrong.
pub(crate) fn bash(texts: &[String], folder: &Path) -> Vec<Option<Vec<Vec<u8>>>> {
    let mut script = String::new();
    for text in texts {
        // A subshell for each, so that nothing leaks into the next, and `eval`,
        // so that wrong syntax ends only its own.
        let inner = shell::quote(text.as_bytes());
        script.push_str(&format!("( eval {inner} ) 2>/dev/null || printf 'F\\0'; printf 'E\\0'\n"));
    }
    let file = folder.join("oracle");
    std::fs::write(&file, script).unwrap();
    let empty = folder.join("empty");
    std::fs::create_dir_all(&empty).unwrap();
    let output = Command::new("bash")
        .args(["--norc", "--noprofile"])
        .arg(CALLED)
        .env_clear()
        .env("HOME", HOME)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(&empty)
        .output()
        .unwrap();
    let mut results = Vec::new();
    let mut current = Vec::new();
    let mut failed = false;
    let mut fields = output.stdout.split(|b| *b == 0).peekable();
    while let Some(field) = fields.next() {
        if fields.peek().is_none() && field.is_empty() {
            break;
        }
        match field {
            b"E" => {
                results.push((!failed).then(|| std::mem::take(&mut current)));
                current.clear();
                failed = false;
            }
            b"F" => failed = true,
            _ => current.push(field.strip_prefix(b"=").unwrap_or(field).to_vec()),
        }
    }
    assert_eq!(results.len(), texts.len(), "bash answered for every text");
    results
}

/// A text whose last command prints each of its words after a `=`.
fn printing(setup: &str, words: &str) -> String {
    format!("{setup}printf '=%s\\0' {words}")
}

/// The words that guard found for the last command's arguments, if it is sure
/// of all of them: once, or once for each value that its variables may have.
fn certain(script: &Script) -> Option<Vec<Vec<String>>> {
    if !script.problems.is_empty() {
        return None;
    }
    let last = script.commands.last()?;
    let rounds = script.commands.iter().rev().take_while(|command| command.span == last.span);
    rounds.map(arguments).collect()
}

fn arguments(command: &Simple) -> Option<Vec<String>> {
    assert_eq!(command.words.first()?.as_static(), Some("printf"), "the last command");
    let text = |word: &Word| -> Option<String> {
        word.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Glob(text) => Some(text.as_str()),
                Part::Hole(_) => None,
            })
            .collect()
    };
    // `printf` without arguments prints its format once.
    let mut words: Vec<String> = command.words.iter().skip(2).map(text).collect::<Option<_>>()?;
    if words.is_empty() {
        words.push(String::new());
    }
    Some(words)
}

/// Compares texts; returns how many of them guard was sure about.
pub(crate) fn compare(texts: &[String]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let answers = bash(texts, folder.path());
    let mut sure = 0;
    let mut wrong = Vec::new();
    for (text, answer) in texts.iter().zip(answers) {
        let script = shell::read(text, &known());
        let Some(words) = certain(&script) else { continue };
        sure += 1;
        // Being sure of text that bash refuses is harmless, but a sign.
        let Some(answer) = answer else {
            wrong.push(format!("{text}\n  guard: {words:?}\n  bash:  refuses"));
            continue;
        };
        let answer: Vec<String> =
            answer.iter().map(|word| String::from_utf8_lossy(word).into_owned()).collect();
        if !words.contains(&answer) {
            wrong.push(format!("{text}\n  guard: {words:?}\n  bash:  {answer:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), texts.len(), wrong.join("\n"));
    sure
}

/// Expansions with a value that guard knows.
#[rustfmt::skip]
const EXPANSIONS: &[&str] = &[
    "$W", "$V", "$E", "$L", "$S", "${P}", "$1", "$2", "$3", "$@", "$*", "${#}", "${A[1]}",
    "${A[@]}", "${A[*]}", "${#A[@]}", "${A}", "${V:0:1}", "${P: -6:3}", "${P:2}", "${@:2}",
    "${A[@]:1:1}", "${P##*/}", "${P#*/}", "${P%.*}", "${P%%.*}", "${P/x/-}", "${P//x/-}",
    "${P/#x/U}", "${P/%gz/xz}", "${V/a}", "${V^^}", "${V^}", "${V~~}", "${#P}",
    "${E:-d}", "${E:-d e}", "${E-d}", "${E:+d}", "${W:-d}", "${W:+d}", "${3-d}", "${!W}",
    "$((1+2*3))", "$(( (7-2)**2 % 7 ))", "$((16#ff + 010 + 0x1f))", "$(echo a b)",
    "$(printf '%s-%s' a 'b c')", "`echo \\\\x`", "$(X=1; echo \"$X\")",
];

/// A piece of a word. Text characters are harmless everywhere.
fn piece() -> impl Strategy<Value = String> {
    let text = "[a-zA-Z0-9_./:,=+%@^~-]{0,4}";
    let inner = r#"[a-zA-Z0-9 _./:,=*?\[\]{}~#;&|<>()-]{0,5}"#;
    let escaped = r#"\\[ a-zA-Z0-9$`"'\\*?{},~#;&|<>()-]"#;
    let ansi = r#"(\\n|\\t|\\x[0-9a-f]{1,2}|\\[0-7]{1,3}|\\u00e[0-9]|\\\\|\\'|\\"|\\e|[a-z ])"#;
    let plain = proptest::sample::select(EXPANSIONS).prop_map(str::to_owned);
    prop_oneof![
        4 => text,
        2 => inner.prop_map(|inner| format!("'{inner}'")),
        2 => inner.prop_map(|inner| format!("\"{inner}\"")),
        2 => escaped,
        2 => proptest::collection::vec(ansi, 0..4).prop_map(|parts| format!("$'{}'", parts.concat())),
        3 => plain.clone(),
        3 => plain.prop_map(|inner| format!("\"{inner}\"")),
        1 => Just("~".to_owned()),
        1 => Just("~/".to_owned()),
        1 => Just("*".to_owned()),
        1 => Just("[a-c]".to_owned()),
        1 => Just("\\\n".to_owned()),
        1 => Just("''".to_owned()),
        1 => Just("\"\"".to_owned()),
        // Not outside quotes: there bash forgets to split the word it is in.
        1 => Just("\"$\"".to_owned()),
    ]
}

fn word() -> impl Strategy<Value = String> {
    let simple = proptest::collection::vec(piece(), 1..4).prop_map(|pieces| pieces.concat());
    let sequence = prop_oneof![
        (-12i64..12, -12i64..12).prop_map(|(a, b)| format!("{{{a}..{b}}}")),
        (0i64..12, 0i64..12, -4i64..5).prop_map(|(a, b, c)| format!("{{{a}..{b}..{c}}}")),
        (0i64..9, 8i64..12).prop_map(|(a, b)| format!("{{0{a}..{b}}}")),
        ("[a-e]", "[a-h]").prop_map(|(a, b)| format!("{{{a}..{b}}}")),
    ];
    let leaf = prop_oneof![8 => simple, 1 => sequence];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            2 => proptest::collection::vec(inner.clone(), 1..4)
                .prop_map(|members| format!("{{{}}}", members.join(","))),
            2 => (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a}{b}")),
            1 => inner.prop_map(|inner| format!("{{{inner}")),
        ]
    })
}

/// Draws values; the seed changes from run to run only when proptest's does.
pub(crate) fn draw<S: Strategy>(strategy: &S, count: usize) -> Vec<S::Value> {
    let mut runner = TestRunner::new(Config::default());
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

#[test]
fn words_become_what_bash_makes_of_them() {
    let strategy = proptest::collection::vec(word(), 1..4);
    // Around an unquoted tilde next to `:` or `=`, bash 5.2 has bugs of its own:
    // it prints `~:$@` as the home, a colon and a literal `$@`.
    let odd = |word: &String| ["~:", "~=", ":~", "=~"].iter().any(|pair| word.contains(pair));
    let texts: Vec<String> = draw(&strategy, 1_500)
        .into_iter()
        .filter(|words| !words.iter().any(odd))
        .map(|words| printing(SETUP, &words.join(" ")))
        .collect();
    let sure = compare(&texts);
    assert!(sure * 2 > texts.len(), "guard is sure of only {sure} of {}", texts.len());
}

#[test]
fn the_name_of_a_script_is_what_bash_says() {
    let words = [
        "$0 \"${0%/*}\" ${0##*/} ${#0} ${0:0:2}",
        "$BASH_SOURCE ${BASH_SOURCE[0]} ${#BASH_SOURCE} \"${BASH_SOURCE%/*}\"",
        "$(dirname \"$0\") $(basename \"${BASH_SOURCE[0]}\")",
        "${!#} \"${0:-x}\" ${0+set} \"${@:0:2}\"",
    ];
    let mut texts: Vec<String> = words.iter().map(|words| printing(SETUP, words)).collect();
    let sure = compare(&texts);
    assert!(sure + 1 >= texts.len(), "guard is sure of only {sure} of {}", texts.len());
    // In a function it is the script's too, and arguments do not change it.
    texts = words.iter().map(|words| printing("f() {", &format!("{words}; }}; f a b"))).collect();
    texts.push(printing("set -- a; BASH_ARGV0=other; ", "$0"));
    compare(&texts);
}

#[test]
fn values_are_assigned_as_bash_assigns_them() {
    let texts: Vec<String> = draw(&word(), 700)
        .into_iter()
        .map(|word| printing(SETUP, &format!("; R={word}; printf '=%s\\0' \"$R\" $R")))
        .map(|text| text.replacen("printf '=%s\\0' ; ", "", 1))
        .collect();
    compare(&texts);
}

#[test]
fn branches_and_loops_leave_only_what_is_certain() {
    let mut texts = Vec::new();
    for body in [
        "if :; then X=1; else X=2; fi",
        "X=0; for i in 1 2; do X=$X$i; done",
        "X=0; while [ ${#X} -lt 4 ]; do Y=$X; X=9$X; done; X=$Y",
        "X=0; (X=1); X=$X",
        "X=0; { X=1; }",
        "X=0; : | X=1",
        "X=0; true && X=1 || X=2",
        "X=0; false && X=1",
        "X=0; false || X=1",
        "X=0; case a in b) X=1;; *) X=2;; esac",
        "if false; then X=1; elif :; then X=2; else X=3; fi",
        "X=7; if false; then X=1; elif false; then X=2; fi; Y=$X; X=$Y$Y",
        "case q in a) X=1;; q) X=2;& *) X=3;; esac",
        "case q in a) X=1;; q) X=2;;& [q]) X=4;; *) X=3;; esac",
        "if :; then X=1; else exit; fi; if false; then X=2; fi",
        "X=1; Z=1; false || X=2; : && Z=3; X=$X$Z",
        "X=a; if :; then X='b c'; fi; set -- $X; X=$1",
        "X=1; f() { X=2; }; if :; then f; fi",
        "X=1; for i in 1 2; do if [ $i = 2 ]; then X=$i; else X=9; fi; done",
        "f() { X=9; }; X=1; f",
        "f() { echo $X; }; X=1; X=$(f)",
        "X=0; X=$(X=5; echo $X)",
        "X=1; unset X",
        "X=1; read X <<< 7",
        "X=1; printf -v X 5",
        "X=1; eval X=6",
        "X=1; ((X=3))",
        "X=1; : $((X++))",
        "X=1; let X=4",
        "X=; : ${X:=8}",
        "X=1; declare -u X; X=abc",
        "declare -i X; X=1+1",
        "X=a; X+=b",
        "X=(a b); X=${X[1]}",
        "export X='a  b'",
        "IFS=:; X=a:b; set -- $X; X=$2",
        "set -- a b; shift; X=$1",
        "X=1; X=2 true; ",
        "X=1; for X in a b; do :; done",
        "X=1; Y=$X; X=2; X=$Y",
        "X=1; mapfile -t X <<< z",
        "X=1; local X=2; ",
        "readonly X=1; ",
    ] {
        texts.push(format!("{body}; printf '=%s\\0' \"$X\" $X"));
    }
    // `read` and others leave holes; the assertion is that nothing is wrong.
    compare(&texts);
}

#[test]
fn here_documents_and_strings_are_what_bash_feeds() {
    for (text, wanted) in [
        ("cat <<E\na $((1+1)) \\$x \"q\" 'q'\nE\n", "a 2 $x \"q\" 'q'\n"),
        ("cat <<'E'\na $x `y`\\\nE\n", "a $x `y`\\\n"),
        ("cat <<-E\n\ta\n\t\tb\n\tE\n", "a\nb\n"),
        ("cat <<\"E F\"\na\nE\nE F\n", "a\nE\n"),
        ("cat <<E\na\\\nE\nb\nE\n", "aE\nb\n"),
        ("cat <<< \"a  b\"", "a  b\n"),
        ("cat <<\\E\n$a\nE", "$a\n"),
        ("cat <<E\nno end", "no end"),
    ] {
        let script = shell::read(text, &known());
        assert!(script.problems.is_empty(), "{text:?}: {:?}", script.problems);
        let guard::model::Stdin::Text(word) = &script.commands[0].stdin else {
            panic!("{text:?}: {:?}", script.commands)
        };
        assert_eq!(word.as_static(), Some(wanted), "{text:?}");
    }
}

#[test]
fn quoted_bytes_come_back_from_bash() {
    let bytes = proptest::collection::vec(1u8.., 0..12);
    let text = "[ -~]{0,10}".prop_map(String::into_bytes);
    let odd = "[\u{a0}\u{202e}\u{200b}é漢\n\t\r'\\\\!~{}]{0,6}".prop_map(String::into_bytes);
    let words = draw(&prop_oneof![bytes, text, odd], 800);
    let texts: Vec<String> =
        words.iter().map(|word| printing("", &format!("x{0} {0}", shell::quote(word)))).collect();
    let folder = tempfile::tempdir().unwrap();
    for ((word, text), answer) in words.iter().zip(&texts).zip(bash(&texts, folder.path())) {
        let mut first = b"x".to_vec();
        first.extend(word);
        let answer = answer.unwrap_or_else(|| panic!("bash refuses {text}"));
        assert_eq!(answer, vec![first, word.clone()], "{text}");
    }
}

#[test]
fn joined_argv_is_read_back_with_its_spans() {
    let argv = proptest::collection::vec("[ -~é\n]{0,8}", 1..5);
    let mut runner = TestRunner::new(Config { cases: 500, ..Config::default() });
    runner
        .run(&argv, |argv| {
            let bytes: Vec<Vec<u8>> =
                argv.iter().map(|word| std::ffi::OsStr::new(word).as_bytes().to_vec()).collect();
            let (text, spans) = shell::join(&bytes);
            let script = shell::read(&text, &Known::default());
            prop_assert!(script.problems.is_empty(), "{}: {:?}", text, script.problems);
            prop_assert_eq!(script.commands.len(), 1, "{}", text);
            let words = &script.commands[0].words;
            let found: Vec<Option<&str>> = words.iter().map(Word::as_static).collect();
            let wanted: Vec<Option<&str>> = argv.iter().map(|word| Some(word.as_str())).collect();
            prop_assert_eq!(found, wanted, "{}", text);
            let places: Vec<_> = words.iter().map(|word| word.span).collect();
            prop_assert_eq!(places, spans);
            Ok(())
        })
        .unwrap();
}

/// What nests, quotes and ends in shell text.
#[rustfmt::skip]
const TOKENS: &[&str] = &[
    "(", ")", "((", "))", "$(", "$((", "${", "${a:-", "${a/", "$[", "}", "{", "`", "'", "\"",
    "$'", "\n", ";", ";;", "&", "&&", "|", "<<E", "<<-'E'", "\nE\n", "<<<", "<(", ">(", ">&",
    "999999999999>", "[[", "]]", "=~", "a=(", "a[", "]=", "{a,", "{1..99999999999999999999}",
    "{1..9223372036854775807..9223372036854775807}", "~99999999999999999999", "!(", "é", "#",
    " ", " if ", " then ", " fi ", " case ", " in ", " esac ", " for ", " do ", " done ",
    " while ", " select ", " time ", " coproc ", " function ", " ! ", " f() ",
];

#[test]
fn no_text_makes_the_reader_panic() {
    let token = prop_oneof![
        8 => proptest::sample::select(TOKENS).prop_map(str::to_owned),
        1 => "[a-z$]{1,3}",
    ];
    let texts = prop_oneof![
        3 => proptest::collection::vec(token, 0..40).prop_map(|tokens| tokens.concat()),
        1 => any::<String>(),
    ];
    let mut runner = TestRunner::new(Config { cases: 1_500, ..Config::default() });
    runner
        .run(&texts, |text| {
            let script = shell::read(&text, &known());
            for command in &script.commands {
                prop_assert!(text.get(command.span.start..command.span.end).is_some());
                for word in &command.words {
                    prop_assert!(text.get(word.span.start..word.span.end).is_some());
                }
            }
            for problem in &script.problems {
                prop_assert!(text.get(problem.span.start..problem.span.end).is_some());
            }
            Ok(())
        })
        .unwrap();
}

/// What opens something, over and over.
#[rustfmt::skip]
const OPENINGS: &[&str] = &[
    "(", "((", "( ", "$(", "$((", "`", "{ ", "if ", "while ", "case x in ", "case x in a) ",
    "! ", "[[ ", "[[ ( ", "[[ ! ", "((", "\"${a:-", "${a:-", "${a:-\"", "${a/", "${a[", "\"$(",
    "<(", "f() { ", "f() ( ", "coproc ", "time ", "for x in a; do ", "a=(", "a[", "@(", "$[",
    "if (", "{ (", "\"", "'", "$'", "\\", "x | ", "x && ", "[[ a && ", "{a,", "{a,b}", "<<E ",
    "until ", "select x in ", "function f ", "$(case x in ", "echo $(( ", "(( $(", "$((a;",
    "((a;", "$(a $((b) ", "{1..1000}", "a=$a$a;", "a=$(", ">(", "a+=(", "if x; then ", "\n",
    "<<E\n", "$(<<E\n", "x <<'",
];

/// What opens, holds and closes something.
#[rustfmt::skip]
const PAIRS: &[(&str, &str, &str)] = &[
    ("(", "x", ")"), ("( ", "x", " )"), ("{ ", "x", "; }"), ("$(", "x", ")"), ("((", "1", "))"),
    ("$((", "1", "))"), ("if x; then ", "x", "; fi"), ("case x in a) ", "x", " ;; esac"),
    ("case x in a) ", "x", "\nesac"), ("${a:-", "x", "}"), ("\"${a:-", "x", "}\""),
    ("while x; do ", "x", "; done"), ("\"$(", "x", ")\""), ("f() { ", "x", "; }"),
    ("[[ ( ", "x", " ) ]]"), ("{a,", "b", "}"), ("{{", "a,b", "}}"), ("((", "a;b", "))"),
    ("$((", "a;b", "))"), ("a=(", "x", ")"), ("<(", "x", ")"), ("@(", "x", ")"),
];

/// CPU time of this thread, which the load of the machine does not change much.
fn thread_cpu() -> Duration {
    use nix::sys::resource::{UsageWho, getrusage};
    let usage = getrusage(UsageWho::RUSAGE_THREAD).unwrap();
    let seconds = usage.user_time().tv_sec() + usage.system_time().tv_sec();
    Duration::from_secs(u64::try_from(seconds).unwrap())
}

#[test]
fn nasty_texts_are_answered_at_once() {
    let repeat = |text: &str, count: usize| text.repeat(count);
    let mut texts = Vec::new();
    for open in OPENINGS {
        for count in [10, 60, 10_000] {
            texts.push(repeat(open, count));
        }
    }
    for (open, middle, close) in PAIRS {
        for count in [9, 50, 99, 101, 10_000] {
            let text = format!("{}{middle}{}", repeat(open, count), repeat(close, count));
            texts.push(format!("echo {text}"));
            texts.push(text);
        }
    }
    texts.push(repeat("a", 10 * 1024 * 1024));
    texts.push(repeat("a;", 100_000));
    texts.push(repeat("a\n", 100_000));
    texts.push(repeat("$(a)", 100_000));
    texts.push(format!("echo {}", repeat("a ", 400_000)));
    texts.push(format!("{{ {} }} > f", repeat("a;", 9_000)));
    texts.push(format!("{} | {{ {} }}", repeat("a;", 4_000), repeat("b;", 4_000)));
    texts.push(format!("{{ {} }} | {{ {} }}", repeat("a;", 4_000), repeat("b;", 4_000)));
    texts.push(format!("a=xxxxxxxx;{}echo $a", repeat("a=$a$a;", 5_000)));
    texts.push(format!("a=xxxxxxxx;{}", repeat("echo $a$a$a; a=$a$a;", 2_000)));
    texts.push(format!("a='{}';echo {}", repeat("x ", 30_000), repeat("$a", 3_000)));
    texts.push(format!("a='{}';{}", repeat("x", 60_000), repeat("echo ${a//x*x*y/};", 2_000)));
    texts.push(format!("{}{}", repeat("while x; do a=1; ", 90), repeat("done;", 90)));
    texts.push(format!("cat {}\n", repeat("<<E ", 5_000)));
    texts.push(format!("x=1;{}", repeat("if x; then x=$x; fi;", 3_000)));
    let cases = repeat("case x in a) ", 5);
    texts.push(format!("{cases}{}{}", repeat("a;", 9_000), repeat(" esac;", 5)));
    texts.push(format!("{cases}{} fi {}", repeat("a;", 9_000), repeat(" esac;", 5)));
    texts.push("a[$(x)b[c[".repeat(1_000));
    texts.push("\0rm".to_owned());
    for text in texts {
        let start = thread_cpu();
        let script = shell::read(&text, &Known::default());
        let took = thread_cpu().saturating_sub(start);
        let head: String = text.chars().take(40).collect();
        // Of a debug build; what has no bound takes minutes.
        assert!(took.as_secs() < 60, "{head:?} ({} bytes) took {took:?}", text.len());
        let something = !script.commands.is_empty() || !script.problems.is_empty();
        let quiet = text.trim_matches(|c| c == '\n' || c == '\\' || c == ' ').is_empty()
            || !text.contains(|c: char| c.is_ascii_alphabetic());
        // Conditions and arithmetic run no command.
        let inert = text.starts_with("[[") || text.starts_with("((");
        assert!(something || quiet || inert, "{head:?} is read as nothing");
        assert!(script.commands.len() <= limits::MAX_COMMANDS);
    }
}
