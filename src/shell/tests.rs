//! What the reader promises, one test for each promise. Words are compared with
//! the real bash in `tests/suite/shell_oracle.rs`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::too_many_lines)]

use super::*;
use crate::model::{Cause, Part, RedirectOp, Simple, Stdin};

fn known() -> Known {
    Known { home: Some("/home/u".into()), cwd: Some("/w".into()), ..Known::default() }
}

fn script(text: &str) -> Script {
    let script = read(text, &known());
    assert!(script.problems.is_empty(), "{text:?}: {:?}", script.problems);
    script
}

/// A word for comparing: patterns in `<>`, holes in `{}`.
fn show(word: &Word) -> String {
    word.parts
        .iter()
        .map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::Glob(text) => format!("<{text}>"),
            Part::Hole(hole) => format!("{{{}}}", hole.source),
        })
        .collect()
}

fn line(command: &Simple) -> String {
    command.words.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// All commands of a text, words separated by single spaces.
fn commands(text: &str) -> Vec<String> {
    script(text).commands.iter().map(line).collect()
}

/// The last command of a text.
fn last(text: &str) -> String {
    commands(text).pop().unwrap()
}

fn pipe(command: &Simple) -> Vec<usize> {
    match &command.stdin {
        Stdin::Pipe(from) => from.clone(),
        _ => Vec::new(),
    }
}

/// Texts that run `x b`, each in another place.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "a; x b",
    "a & x b",
    "a && x b",
    "a || x b",
    "a | x b",
    "a |& x b",
    "(x b)",
    "{ x b; }",
    "! x b",
    "time x b",
    "time -p x b",
    "time -- x b",
    "coproc x b",
    "coproc N { x b; }",
    "if x b; then :; fi",
    "if :; then x b; fi",
    "if :; then :; elif x b; then :; fi",
    "if :; then :; else x b; fi",
    "while x b; do :; done",
    "until :; do x b; done",
    "for i in 1; do x b; done",
    "for i; do x b; done",
    "for i in 1; { x b; }",
    "for ((i=0;i<1;i++)); do x b; done",
    "for ((;;)) { x b; }",
    "select i in 1; do x b; done",
    "case a in a) x b;; esac",
    "case a in (a) :;; (b|c) x b; esac",
    "case a in a) x b\nesac", "case a in a) x b & esac", "case a in b) ;; a) x b ;esac",
    "case a in b) esac; x b", "case a in b)\nesac; x b", "case a in esac; x b",
    "case a in a) :;& b) x b;;& esac",
    "f() { x b; }",
    "function f { x b; }",
    "f() ( x b )",
    "function f() { x b; } >/dev/null",
    "[[ -n $(x b) ]]",
    "[[ a == b && $(x b) =~ c ]]",
    "(( $(x b) ))",
    "for ((i=$(x b);;)); do :; done",
    ": $(x b)",
    ": `x b`",
    ": \"$(x b)\"",
    ": \"`x b`\"",
    ": <(x b)",
    ": >(x b)",
    "v=$(x b)",
    "v=(1 $(x b))",
    "v[$(x b)]=1",
    ": ${v:-$(x b)}",
    ": ${v/$(x b)/c}",
    ": ${v[$(x b)]}",
    ": ${v:$(x b)}",
    ": $(( $(x b) ))",
    ": $[ $(x b) ]",
    ": {1,2}$(x b)",
    "> $(x b)",
    ": > \"$(x b)\"",
    ": <<< $(x b)",
    "cat <<E\n$(x b)\nE\n",
    "cat <<E\n`x b`\nE\n",
    "case $(x b) in a) :;; esac",
    "case a in $(x b)) :;; esac",
    "for i in $(x b); do :; done",
    "export v=$(x b)",
    "\\\nx b",
    "  x\tb  # comment",
    "x \\\n b",
    "a\nx b",
    "a;\n\nx b",
    "( (x b) )",
    "((x b); c)",
    "$((x b); c)",
    "!(x b)",
    "(((x b)))||x b",
    "{ (x b) }",
    "if (x b) then :; fi",
    ": $(case a in a) x b;; esac)",
    ": $(cat <<E\n)\nE\nx b)",
    ": \"${v:-\"$(x b)\"}\"",
    ": $(: # )\nx b)",
    "echo \\$'a\\'; x b; echo ''",
    "a=1 b=2 x b",
    ">f x b",
    "x b >f 2>&1",
    "{fd}>f x b",
    "x b {fd}<&1",
    "2>f x b",
    "x b &>f",
    "time { x b; }",
    "! ! x b",
    "\"x\" 'b'",
    "cat <<E | x b\ntext\nE",
    "cat <<'A' <<B; x b\n$(no)\nA\nB\n",
    "cat <<E\nE\nx b",
    "a() { :; }; x b",
    "if :; then { :; } fi; x b",
    "while :; do break; done && x b",
];

#[test]
fn every_place_that_holds_commands_is_walked() {
    for text in PLACES {
        let found = commands(text).iter().any(|line| line == "x b");
        assert!(found, "{text:?}: {:?}", commands(text));
    }
}

#[test]
fn text_that_is_not_run_gives_no_command() {
    for text in [
        "echo 'x b; $(x b)'",
        "echo \"x b; \\$(x b) \\`x b\\`\"",
        "echo \\`x b\\`",
        "# x b",
        "echo a # x b; $(x b)",
        "cat <<'E'\n$(x b)\nx b\nE\n",
        "cat <<\\E\n`x b`\nE\n",
        "cat <<\"E\"\nx b\nE\n",
        "cat <<E\nx b\n\\$(x b)\nE\n",
        "echo $'x b\\'; x b'",
        "cat <<-'E'\n\tx b\n\tE\n",
        "((x + b))",
        "[[ x = b ]]",
        "a=(x b)",
    ] {
        assert!(!commands(text).iter().any(|line| line == "x b"), "{text:?}: {:?}", commands(text));
    }
}

#[test]
fn pipes_connect_commands_through_compounds() {
    let script = script("a | { b; c; } | while read d; do (e); done; f | g <in | h <<< t");
    let pipes: Vec<Vec<usize>> = script.commands.iter().map(pipe).collect();
    let of = |name: &str| script.commands.iter().position(|c| line(c).starts_with(name)).unwrap();
    assert_eq!(pipes[of("b")], [of("a")]);
    assert_eq!(pipes[of("c")], [of("a")]);
    assert_eq!(pipes[of("read")], [of("b"), of("c")]);
    assert_eq!(pipes[of("e")], [of("b"), of("c")]);
    assert!(matches!(script.commands[of("f")].stdin, Stdin::Inherited));
    assert!(matches!(&script.commands[of("g")].stdin, Stdin::File(w) if show(w) == "in"));
    assert!(matches!(&script.commands[of("h")].stdin, Stdin::Text(w) if show(w) == "t\n"));
}

#[test]
fn a_function_reads_what_its_call_reads() {
    let script = script("f() { sh; }; curl x | f | tee y");
    assert_eq!(line(&script.commands[2]), "sh");
    assert_eq!(pipe(&script.commands[2]), [0], "the body reads what feeds the call");
    assert_eq!(pipe(&script.commands[3]), [1, 2], "the call's output is the body's");
}

#[test]
fn process_substitutions_are_fed_by_the_command_around_them() {
    let script = script("a > >(b | c) <(d)");
    let outer = script.commands.len() - 1;
    assert_eq!(line(&script.commands[0]), "d", "words come before redirections");
    assert!(matches!(script.commands[0].stdin, Stdin::Inherited));
    assert_eq!(pipe(&script.commands[1]), [outer]);
    assert_eq!(pipe(&script.commands[2]), [1]);
    let holes: Vec<_> = script.commands[outer].words.iter().flat_map(Word::holes).collect();
    assert_eq!(holes[0].cause, Cause::ProcessSubstitution);
    assert_eq!(holes[0].from, [0]);
}

#[test]
fn redirections_of_groups_reach_their_commands() {
    let script = script("{ a >x; b; } >y 2>&1; if c; then d; fi <z; [[ e ]] >w; >v; (( 1 )) 2>u");
    let ops: Vec<Vec<String>> = script
        .commands
        .iter()
        .map(|c| c.redirects.iter().map(|r| show(&r.target)).collect())
        .collect();
    assert_eq!(
        ops,
        [vec!["x", "y"], vec!["y"], vec!["z"], vec!["z"], vec!["w"], vec!["v"], vec!["u"]]
    );
    assert!(matches!(&script.commands[3].stdin, Stdin::File(w) if show(w) == "z"));
    assert!(script.commands[4].words.is_empty() && script.commands[5].words.is_empty());
}

#[test]
fn redirection_operators_are_told_apart() {
    use RedirectOp as R;
    let script = script("a <b >c >>d >|e <>f &>g &>>h >&i 2>j >&2 2>&1 >&- <&3 1>&2- {x}>k");
    let found: Vec<(Option<i32>, RedirectOp, String)> =
        script.commands[0].redirects.iter().map(|r| (r.fd, r.op, show(&r.target))).collect();
    let wanted = [
        (None, R::Read, "b"),
        (None, R::Write, "c"),
        (None, R::Append, "d"),
        (None, R::Clobber, "e"),
        (None, R::ReadWrite, "f"),
        (None, R::WriteBoth, "g"),
        (None, R::AppendBoth, "h"),
        (None, R::WriteBoth, "i"),
        (Some(2), R::Write, "j"),
        (None, R::Write, "k"),
    ];
    assert_eq!(found, wanted.map(|(fd, op, target)| (fd, op, target.to_owned())));
    assert_eq!(line(&script.commands[0]), "a");
}

#[test]
fn constants_are_followed_in_straight_lines_only() {
    for (text, wanted) in [
        ("X=rm; $X y", "rm y"),
        ("X='rm -rf'; $X y", "rm -rf y"),
        ("X='rm -rf'; \"$X\" y", "rm -rf y"),
        ("export X=rm; $X", "rm"),
        ("X=r; X+=m; $X", "rm"),
        ("X=rm && $X y", "rm y"),
        ("cd d && X=rm && $X y", "rm y"),
        ("cd d && X=rm; $X y", "{$X} y"),
        ("if a; then X=rm; $X y; fi", "rm y"),
        ("if a; then X=rm; fi; $X y", "{$X} y"),
        ("X=ls; (X=rm); $X y", "rm y"),
        ("X=ls; a | X=rm; $X y", "rm y"),
        ("X=ls; X=rm & $X y", "rm y"),
        ("X=ls; while a; do $X y; X=rm; done", " "),
        ("X=ls; f() { X=rm; }; f; $X y", "rm y"),
        ("X=ls; f() { $X y; }", "{$X} y"),
        ("X=ls; eval a; $X y", "ls y"),
        ("X=ls; eval X=rm; $X y", "rm y"),
        ("X=ls; eval $a; $X y", "{$X} y"),
        ("X=ls; . a; $X y", "{$X} y"),
        ("X=ls; read X; $X y", "{$X} y"),
        ("X=ls; unset X; $X y", "{$X} y"),
        ("X=ls; g() { X=rm; }; f() { g; }; f; $X y", "rm y"),
        ("f() { g; }; g() { read X; }; X=ls; f; $X y", "{$X} y"),
        ("f() { eval $x; }; X=ls; f; $X y", "{$X} y"),
        ("X=ls; while a; do $X y; $Z; done", " "),
        ("X=ls; Y=rm; while a; do $Y $X; done", "rm ls"),
        ("trap 'X=rm' DEBUG; X=ls; $X y", " "),
        ("declare -n R=X; X=ls; R=rm; $X y", "{$X} y"),
        ("X=ls; X=rm Y=$X cmd; $X y", "ls y"),
        ("X=ls; X=rm >/a; $X y", "{$X} y"),
        ("X=ls; coproc X { a; }; $X y", "{$X} y"),
        ("X=1; [[ 1 -eq X=2 ]]; a $X", "a {$X}"),
        ("X=1; a $((X=2)) $X", "a 2 2"),
        ("X=ls; printf -v X rm; $X y", "rm y"),
        ("X=1; ((X=2)); a $X", "a 2"),
        ("X=ls; a ${Y:=${X:=rm}}; $X y", "{$X} y"),
        ("X=ls; $Y; $X y", "{$X} y"),
        ("X=ls; X=rm cmd; $X y", "ls y"),
        ("X=ls; X=rm eval; $X y", "{$X} y"),
        ("declare -n X=Y; $X y", "{$X} y"),
        ("RANDOM=1; a $RANDOM", "a {$RANDOM}"),
        ("for X in rm; do $X y; done", "rm y"),
        ("for X in rm ls; do $X y; done", "ls y"),
        ("for X in rm ls; do break; $X y; done; $X z", "{$X} z"),
        ("a $HOME ~ ~/b $PWD ~+", "a /home/u /home/u /home/u/b /w /w"),
        ("HOME=/x; a ~ $HOME", "a /x /x"),
        ("cd x; a $PWD", "a {$PWD}"),
        ("a ~bob/x", "a {~bob}/x"),
        ("A=(rm -rf); \"${A[@]}\" ${A[0]}", "rm -rf rm"),
        ("set -- rm x; \"$@\"", "rm x"),
        ("D=/srv/$U; rm $D/x", "rm /srv/{$U}/x"),
        ("X=$(cat f); $X", "{$(cat f)}"),
    ] {
        let lines = commands(text);
        if wanted == " " {
            assert!(lines.contains(&"{$X} y".to_owned()), "{text}: {lines:?}");
        } else {
            assert_eq!(lines.last().unwrap(), wanted, "{text}");
        }
    }
}

#[test]
fn functions_run_where_they_are_called_with_what_they_are_given() {
    for (text, wanted) in [
        ("f() { rm \"$1\"; }; f /x", "rm /x"),
        ("f() { \"$@\"; }; f rm -rf /x", "rm -rf /x"),
        ("f() { local X=rm; g; }; g() { $X y; }; f", "rm y"),
        ("X=ls; f() { local X=rm; }; f; $X y", "ls y"),
        ("f() { shift; $1 y; }; f a rm", "rm y"),
        ("f() { echo rm; }; $(f) y", "rm y"),
        ("f() { return; X=rm; }; X=ls; f; $X y", "rm y"),
        ("f() { a \"$1\"; f \"b$1\"; }; f c", "f b{$1}"),
        ("function f { rm $2; }; f '' /x", "rm /x"),
        ("f() { rm x; }; trap f EXIT; a", "rm x"),
        ("f() { $1 y; }; trap 'f rm' INT; a", "rm y"),
        ("eval 'f() { rm x; }'; f", "rm x"),
        ("eval eval eval rm x", "rm x"),
        ("X='rm x'; eval \"$X\"", "rm x"),
        ("eval \"rm $X\"", "rm {$X}"),
        ("alias l='rm -r'; l x", "rm -r x"),
    ] {
        let lines = commands(text);
        let last = if text.starts_with("alias") { 1 } else { lines.len() - 1 };
        assert_eq!(lines[last], wanted, "{text}: {lines:?}");
    }
}

#[test]
fn output_flows_through_pipes_and_variables() {
    for (text, wanted) in [
        ("$(echo mr | rev) y", "rm y"),
        ("$(echo cm0= | base64 -d) y", "rm y"),
        ("X=$(printf 'r\\nm' | tr -d '\\n'); $X y", "rm y"),
        ("read X <<< rm; $X y", "rm y"),
        ("IFS=: read A B <<< a:rm; $B y", "rm y"),
        ("read -ra A <<< 'rm y'; \"${A[@]}\"", "rm y"),
        ("mapfile -t A < <(printf 'rm\\ny\\n'); ${A[0]} ${A[1]}", "rm y"),
        ("printf -v X %s%s r m; $X y", "rm y"),
        ("for i in r m; do X=$X$i; done; $X y", "{$X}rm y"),
        ("X=; for i in r m; do X=$X$i; done; $X y", "rm y"),
        ("while read -r a b; do $b $a; done <<< 'y rm'", "rm y"),
        ("echo 'y rm' | while read -r a b; do $b $a; done", "rm y"),
        ("for f in /srv/*.log; do rm \"$f\"; done", "rm /srv/{*}.log"),
        ("$({ echo r; echo m; } | tr -d '\\n') y", "rm y"),
        ("$(echo rm && echo x >/dev/null) y", "rm y"),
        ("$(true && echo rm || echo ls) y", "rm y"),
        ("$(a && echo rm) y", "{$(a && echo rm)} y"),
        ("$(echo rm >&2) y", "{$(echo rm >&2)} y"),
        ("$(echo rm &) y", "{$(echo rm &)} y"),
        ("echo ls | $(cat)$(cat) y", "ls{$(cat)} y"),
        ("D=$(echo /srv/$U); rm $D", "rm /srv/{$U}"),
    ] {
        let lines = commands(text);
        assert_eq!(lines.last().unwrap(), wanted, "{text}: {lines:?}");
    }
    let script = script("echo cm0gLXJmIC8K | base64 -d | sh");
    let input = script.commands.last().unwrap().input.clone().unwrap();
    assert_eq!(input.as_static(), Some("rm -rf /\n"));
}

#[test]
fn recursion_ends() {
    let ends = |text: &str| {
        let script = read(text, &known());
        assert!(script.commands.len() < 5_000, "{text}");
        script.problems.iter().any(|problem| problem.kind == ProblemKind::Limit)
    };
    assert!(!ends("f() { ls \"$1\"; f \"$1/x\"; }; f a"));
    assert!(ends(":(){ :|:& };:"), "a fork bomb");
    assert!(ends("f() { f & f; }; f"));
    let mut text = String::from("f0() { ls; }; ");
    for n in 1..40 {
        text.push_str(&format!("f{n}() {{ f{}; f{}; }}; ", n - 1, n - 1));
    }
    assert!(ends(&(text + "f39")));
    let mut text = "rm x".to_owned();
    for _ in 0..200 {
        text = format!("eval {}", quote(text.as_bytes()));
        if text.len() > 60_000 {
            break;
        }
    }
    assert!(ends(&text) || text.len() > 60_000);
    assert!(ends(&"eval ".repeat(300)) || commands("eval eval rm").len() == 3);
    assert!(!ends("alias a='b x'; alias b='a y'; a"));
    assert!(!ends("f() { eval f; }; f"));
}

#[test]
fn functions_that_nothing_calls_are_told_apart() {
    let of = |text: &str| script(text).commands.pop().unwrap().uncalled.is_some();
    assert!(of("f() { rm x; }"));
    assert!(!of("f() { rm x; }; f"));
    assert!(!of("f() { rm x; }; export -f f"));
    assert!(!of("f() { rm x; }; $X"));
    assert!(!of("f() { rm x; }; xargs bash -c f"));
}

#[test]
fn disguises_of_plain_words_are_seen_through() {
    for text in [
        "r''m -rf /x",
        "r\\m -r\"f\" '/x'",
        "$'\\x72\\155' -rf /x",
        "rm${IFS}-rf${IFS}/x",
        "rm$IFS-rf$IFS/x",
        "{rm,-rf,/x}",
        "$(echo rm) -rf /x",
        "`echo rm` -rf /x",
        "$(printf '\\162\\x6d') -rf /x",
        "$(printf %s rm) -rf /x",
        "a=r b=m; $a$b -rf /x",
        "a=xrm; ${a:1} -rf /x",
        "a=RM; ${a,,} -rf /x",
        "a=rXm; ${a/X} -rf /x",
        "a='rm -rf'; $a /x",
        "IFS=,; a=rm,-rf; $a /x",
        "\\\nrm -rf /x",
        "r\\\nm -rf /x",
        "$(echo -e '\\x72m') -rf /x",
        "$(a=rm; printf %s \"$a\") -rf /x",
        "\"rm\" $'-rf' $\"/x\"",
    ] {
        assert_eq!(last(text), "rm -rf /x", "{text}");
    }
}

#[test]
fn what_is_not_known_stays_a_hole() {
    let script =
        script("a $X \"$X\" pre${X}post $(b) \"$(b)\" $((c)) $@ \"$@\" * \"*\" $'*' [ab]? \\*");
    let words = &script.commands.last().unwrap().words;
    let shown: Vec<String> = words.iter().map(show).collect();
    assert_eq!(
        shown,
        [
            "a",
            "{$X}",
            "{$X}",
            "pre{${X}}post",
            "{$(b)}",
            "{$(b)}",
            "{$((c))}",
            "{$@}",
            "{$@}",
            "<*>",
            "*",
            "*",
            "<[ab]?>",
            "*"
        ]
    );
    let splits: Vec<bool> = words.iter().flat_map(Word::holes).map(|hole| hole.splits).collect();
    assert_eq!(splits, [true, false, true, true, false, true, true, true]);
    assert_eq!(words[4].holes().next().unwrap().from, [0]);
    assert_eq!(words[5].holes().next().unwrap().from, [1]);
}

#[test]
fn separators_that_are_not_known_make_holes() {
    assert_eq!(last("IFS=$Y; X='a b'; c $X \"$X\""), "c {$X} a b");
}

#[test]
fn positional_parameters_come_from_outside() {
    let word = |text: &str| Word::text(text, Span::default());
    let vars = [("0", "sh"), ("1", "a"), ("2", "b c")];
    let vars: BTreeMap<String, Word> =
        vars.into_iter().map(|(name, value)| (name.to_owned(), word(value))).collect();
    let known = Known { vars, ..known() };
    let script = read("x $0 $1 \"$2\" $3 $# \"$@\" $BASH_SOURCE", &known);
    let words: Vec<String> = script.commands[0].words.iter().map(show).collect();
    assert_eq!(words, ["x", "sh", "a", "b c", "2", "a", "b c", "{$BASH_SOURCE}"]);
    let script = read("BASH_ARGV0=y; x $0", &known);
    assert_eq!(script.commands[1].words.iter().map(show).collect::<Vec<_>>(), ["x", "{$0}"]);
    let script = read("x ${BASH_SOURCE[0]##*/}", &Known { script: true, ..known });
    assert_eq!(script.commands[0].words.iter().map(show).collect::<Vec<_>>(), ["x", "sh"]);
}

#[test]
fn spans_are_bytes_of_the_text() {
    let text = "é 'ü x' | ä \"$(ö ñ)\" `ß`";
    let script = script(text);
    let spans: Vec<&str> =
        script.commands.iter().map(|c| &text[c.span.start..c.span.end]).collect();
    assert_eq!(spans, ["é 'ü x'", "ö ñ", "`ß`", "ä \"$(ö ñ)\" `ß`"]);
    let words: Vec<&str> =
        script.commands[3].words.iter().map(|w| &text[w.span.start..w.span.end]).collect();
    assert_eq!(words, ["ä", "\"$(ö ñ)\"", "`ß`"]);
}

#[test]
fn assignments_are_kept_with_their_values() {
    let script = script("A=1 B=$X c d=e; F=; G[2]=h; I=(j 'k l' $(m))");
    let assignments: Vec<(String, String)> = script
        .commands
        .iter()
        .flat_map(|c| &c.assignments)
        .map(|a| (a.name.clone(), show(&a.value)))
        .collect();
    let wanted = [("A", "1"), ("B", "{$X}"), ("F", ""), ("G[2]", "h"), ("I", "(j k l {$(m)})")];
    assert_eq!(assignments, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(line(&script.commands[0]), "c d=e");
}

#[test]
fn extended_patterns_are_read_only_where_the_text_needs_them() {
    assert_eq!(last("ls !(a|b)*"), "ls <!(>a<|>b<)*>");
    assert_eq!(last("!(rm x)"), "rm x");
    assert_eq!(commands("[[ $a == @(x|y) ]] && b"), ["b"]);
}

#[test]
fn a_carriage_return_is_a_part_of_the_word() {
    assert_eq!(commands("rm x\r\nls\r\n"), ["rm x\r", "ls\r"]);
}

#[test]
fn wrong_text_is_a_problem() {
    for text in [
        "if a",
        "echo 'a",
        "echo \"a",
        "echo `a",
        "echo $(a",
        "echo ${a",
        "( a",
        "a )",
        "{ a",
        "a; }",
        "a ;; b",
        "| a",
        "a | | b",
        "&& a",
        "for in a",
        "case a in",
        "a <",
        "a >",
        "fi",
        "f() a",
        "<<",
        "echo $(a))",
        "$(if)",
        "a=(b",
        "[[ a",
        "echo \"$\\\n(a)\"",
        "${ a; }",
        "cat <<$'E'$(a)\nE\n",
        "a & & b",
        "done",
        "( )",
        "echo ${x\\\n",
        "while a; do done",
        "cat <<E $(\n)\nE\n",
    ] {
        let script = read(text, &known());
        let problem = script.problems.first();
        assert!(
            problem.is_some_and(|problem| problem.kind == ProblemKind::Syntax),
            "{text:?}: {script:?}"
        );
        let problem = problem.unwrap();
        assert!(text.get(problem.span.start..problem.span.end).is_some(), "{text:?}");
        assert!(problem.message.ends_with('.'));
    }
}

#[test]
fn what_is_too_much_is_a_problem() {
    let limit = |text: &str| {
        let script = read(text, &known());
        script.problems.iter().any(|problem| problem.kind == ProblemKind::Limit)
    };
    assert!(limit(&"a".repeat(limits::MAX_BYTES + 1)));
    assert!(limit(&"a;".repeat(100_000)));
    assert!(limit(&format!("{}a{}", "(".repeat(10_000), ")".repeat(10_000))));
    assert!(limit(&format!("echo {}a{}", "$(".repeat(200), ")".repeat(200))));
    assert!(!limit(&format!("{}a{}", "{ ".repeat(90), "; }".repeat(90))));
    let many = read("a {1..100000}", &known());
    let hole = many.commands[0].words[1].holes().next().unwrap();
    assert_eq!(hole.cause, Cause::Limit);
}

#[test]
fn nothing_behind_a_nul_is_read() {
    let script = read("ls\0; rm x", &known());
    assert_eq!(script.problems[0].kind, ProblemKind::Nul);
    assert!(script.commands.is_empty());
}

#[test]
fn quoting_is_no_more_than_needed() {
    for (word, wanted) in [
        ("a-b_c/d.e:f,g+h%i@j", "a-b_c/d.e:f,g+h%i@j"),
        ("--x=y", "--x=y"),
        ("", "''"),
        ("a b", "'a b'"),
        ("it's", "'it'\\''s'"),
        ("a=b", "'a=b'"),
        ("~", "'~'"),
        ("{}", "{}"),
        ("*", "'*'"),
        ("a\nb", "$'a\\nb'"),
        ("\u{202e}", "$'\\xe2\\x80\\xae'"),
        ("é", "'é'"),
    ] {
        assert_eq!(quote(word.as_bytes()), wanted);
    }
    assert_eq!(quote(b"\xff'"), "$'\\xff\\''");
    let argv = ["if", "if", "a b"].map(|word| word.as_bytes().to_vec());
    let (text, spans) = join(&argv);
    assert_eq!(text, "'if' if 'a b'");
    assert_eq!(spans, [Span::new(0, 4), Span::new(5, 7), Span::new(8, 13)]);
}
