//! Arrays, descriptors and arithmetic that assigns, compared with the real bash.
//! All of it are builtins that touch nothing.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use crate::shell_oracle::{compare, draw};

/// Statements that change what the words at the end are.
#[rustfmt::skip]
const STATEMENTS: &[&str] = &[
    "declare -A m=([a]=1 [b c]='x  y')",
    "declare -A m=([\"k\"]=$X [a]=q)",
    "declare -A m",
    "m[a]=7",
    "m[$X.]=8",
    "m[\"b c\"]=z",
    "m[a]+=9",
    "m=([a]=5)",
    "unset 'm[a]'",
    "a=(p q r)",
    "a[0]=u",
    "a[1]='v w'",
    "a[3]=t",
    "a[7]=s",
    "a=o",
    "a+=(n)",
    "unset 'a[1]'",
    "X=a",
    "X=${m[a]}",
    "X=${a[1]}",
    "X=${#a[@]}",
    "let X=3*4",
    "let Y=X+1 X=Y",
    "let 'Y = 2, X = Y << 2'",
    "((X++))",
    "exec 3<<< $'l1\\nl2 w\\nl3'",
    "exec 4<<< 'other'",
    "exec 3<&4",
    "exec 3<&-",
    "exec <<< $'i1\\ni2'",
    "read -r X <&3",
    "read -r -u 3 Y",
    "read -u 4 X",
    "read -r X",
    "read -ra a <&3",
    "mapfile -t -u 3 a",
    "mapfile -t a <&3",
    "mapfile -t a",
    "{ read -r X; read -r Y; } <&3",
    "{ read -r -u 5 X; read -r Y <&5; } 5<<< $'g\\nh'",
    "read -r X 6<<< six <&6",
    "(read -r X <&3)",
    "if [ -n \"$X\" ]; then exec 3<<< branch; fi",
    "if [ -n \"$X\" ]; then m[a]=branch; a[1]=branch; fi",
    "while read -r Y <&3; do X=$X$Y; done",
    "while read -r -u 4 Y; do X=$Y; done",
    "while IFS=, read -r X Y; do a+=(\"$Y\"); done <<< $'1,2\\n3,4'",
    "while read -r Y; do X=$Y; done",
    "for k in \"${!m[@]}\"; do X=$k; done",
    "for k in 1 2; do read -r X <&3; done",
    "for ((i = 0; i < 2; i++)); do read -r X <&3; done",
    "f() { read -r X <&3; m[a]=f; local Y=1; }; f",
    "IFS=- read -r X Y <<< 'c-d-e'",
    "X=1 read -r Y <&3",
    "exec 7< <(printf 'p1\\np2\\n'); read -r X <&7",
    "read -r X < /dev/fd/3",
    "hash -r",
];

/// Words at the end.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "\"$X\"", "$X", "\"$Y\"", "\"${m[a]}\"", "${m[a]}", "\"${m[b c]}\"", "\"${m[$X.]}\"", "\"$m\"",
    "\"${a[@]}\"", "${a[*]}", "\"$a\"", "\"${a[1]}\"", "\"${a[-1]}\"", "\"${#a[@]}\"", "\"${#m[@]}\"",
    "\"${m[a]:-d}\"", "\"${m[none]}\"", "\"${m[none]-d}\"", "\"${m[@]}\"", "\"${!m[@]}\"",
];

#[test]
fn arrays_and_descriptors_hold_what_bash_has_in_them() {
    let count = std::env::var("GUARD_ORACLE_CASES").ok().and_then(|n| n.parse().ok());
    let statements = proptest::collection::vec(proptest::sample::select(STATEMENTS), 1..6);
    let words = proptest::collection::vec(proptest::sample::select(WORDS), 1..4);
    // A first statement that is always the same makes sure that `m` has keys.
    let text = (statements, words).prop_map(|(statements, words)| {
        format!("declare -A m; X=x; {}; printf '=%s\\0' {}", statements.join("; "), words.join(" "))
    });
    let mut texts = draw(&text, count.unwrap_or(1500));
    // Which key comes last is the shell's own affair.
    let last = r#"declare -A m; m[a]=; m["b c"]=; for k in "${!m[@]}"; do X=$k; done; printf '=%s\0' "$X""#;
    texts.push(last.to_owned());
    texts.push(r"printf '=%s\0' A={~/,x} A=~/".to_owned());
    let sure = compare(&texts);
    assert!(sure * 4 > texts.len(), "guard is sure of only {sure} of {}", texts.len());
}
