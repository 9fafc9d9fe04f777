
use builtin;
use str;

set edit:completion:arg-completer[guard] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'guard'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'guard'= {
            cand --reason 'Why the command is needed; kept in the record'
            cand --dry-run 'Judge and show, but do not ask and do not run'
            cand -q 'Say nothing about commands that may run'
            cand --quiet 'Say nothing about commands that may run'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Judge a command, ask where needed, run it and record what happened'
            cand check 'Give the verdict on a command; never runs it, never asks'
            cand explain 'Show word by word how a verdict came about'
            cand log 'Look at the record, or verify it'
            cand rules 'List, show, test and lint rules'
            cand policy 'Show or check the policy that is in force'
            cand completions 'Print a completion script for a shell'
            cand man 'Print a man page, or write all of them into a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;run'= {
            cand --reason 'Why the command is needed; kept in the record'
            cand -c 'Shell text (bash) instead of an argv'
            cand --dry-run 'Judge and show, but do not ask and do not run'
            cand -q 'Say nothing about commands that may run'
            cand --quiet 'Say nothing about commands that may run'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;check'= {
            cand -c 'Shell text (bash) instead of an argv'
            cand --json 'The verdict as one JSON object'
            cand --jsonl 'Read one JSON object a line from standard input and answer each with one line, in the same order, in a fixed neutral context'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;explain'= {
            cand -c 'Shell text (bash) instead of an argv'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log'= {
            cand --since 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)'
            cand --tier 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)'
            cand --actor 'Only commands of people, agents, CI jobs, or without anybody'
            cand --rule 'Only commands that matched a rule; `*` stands for any text'
            cand --program 'Only commands in which this program runs'
            cand --last 'At most this many, the newest; 0: all'
            cand --json 'One JSON object a line instead of a table'
            cand --refused 'Only commands that guard or a person kept from running'
            cand --wide 'Do not cut long commands'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, removed, added or moved'
            cand path 'Print the path of this host''s log'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;log;show'= {
            cand --since 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)'
            cand --tier 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)'
            cand --actor 'Only commands of people, agents, CI jobs, or without anybody'
            cand --rule 'Only commands that matched a rule; `*` stands for any text'
            cand --program 'Only commands in which this program runs'
            cand --last 'At most this many, the newest; 0: all'
            cand --json 'One JSON object a line instead of a table'
            cand --refused 'Only commands that guard or a person kept from running'
            cand --wide 'Do not cut long commands'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;log;verify'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;path'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;help'= {
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, removed, added or moved'
            cand path 'Print the path of this host''s log'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;log;help;show'= {
        }
        &'guard;log;help;verify'= {
        }
        &'guard;log;help;path'= {
        }
        &'guard;log;help;help'= {
        }
        &'guard;rules'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List the rules, one a line'
            cand show 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
            cand test 'Judge the examples of the rules; fail when one is not judged as it says'
            cand lint 'Check rule files; report every mistake with line and column'
            cand new 'Write the first draft of a rule file for a tool'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;rules;list'= {
            cand --json 'A JSON array'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;rules;show'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;rules;test'= {
            cand --corpus 'Score the commands of this file instead of the examples; may be given several times'
            cand --misses 'Write every command that is judged wrongly to this file, as a table'
            cand --min-recall 'Fail when less than this part of the dangerous commands is found (0 to 1)'
            cand --max-interruptions 'Fail when more than this part of the safe commands is interrupted (0 to 1)'
            cand --actor 'Who types the commands'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;rules;lint'= {
            cand --deny-warnings 'Fail when there are warnings'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;rules;new'= {
            cand --id 'Id of the one rule, with or without `TOOL.` in front'
            cand --verb 'What the one rule''s command does: create, modify, stop, delete, access, expose or execute-unknown'
            cand --dir 'Write the file to this folder instead of ~/.config/guard/rules.d'
            cand --stdout 'Print the draft and write nothing'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;rules;help'= {
            cand list 'List the rules, one a line'
            cand show 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
            cand test 'Judge the examples of the rules; fail when one is not judged as it says'
            cand lint 'Check rule files; report every mistake with line and column'
            cand new 'Write the first draft of a rule file for a tool'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;rules;help;list'= {
        }
        &'guard;rules;help;show'= {
        }
        &'guard;rules;help;test'= {
        }
        &'guard;rules;help;lint'= {
        }
        &'guard;rules;help;new'= {
        }
        &'guard;rules;help;help'= {
        }
        &'guard;policy'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Show every line in force, with the file it comes from'
            cand check 'Check policy files without putting them in force'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;policy;show'= {
            cand --json 'As JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;policy;check'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;policy;help'= {
            cand show 'Show every line in force, with the file it comes from'
            cand check 'Check policy files without putting them in force'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;policy;help;show'= {
        }
        &'guard;policy;help;check'= {
        }
        &'guard;policy;help;help'= {
        }
        &'guard;completions'= {
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;man'= {
            cand --dir 'Write every page into this folder'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;help'= {
            cand run 'Judge a command, ask where needed, run it and record what happened'
            cand check 'Give the verdict on a command; never runs it, never asks'
            cand explain 'Show word by word how a verdict came about'
            cand log 'Look at the record, or verify it'
            cand rules 'List, show, test and lint rules'
            cand policy 'Show or check the policy that is in force'
            cand completions 'Print a completion script for a shell'
            cand man 'Print a man page, or write all of them into a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;help;run'= {
        }
        &'guard;help;check'= {
        }
        &'guard;help;explain'= {
        }
        &'guard;help;log'= {
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, removed, added or moved'
            cand path 'Print the path of this host''s log'
        }
        &'guard;help;log;show'= {
        }
        &'guard;help;log;verify'= {
        }
        &'guard;help;log;path'= {
        }
        &'guard;help;rules'= {
            cand list 'List the rules, one a line'
            cand show 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
            cand test 'Judge the examples of the rules; fail when one is not judged as it says'
            cand lint 'Check rule files; report every mistake with line and column'
            cand new 'Write the first draft of a rule file for a tool'
        }
        &'guard;help;rules;list'= {
        }
        &'guard;help;rules;show'= {
        }
        &'guard;help;rules;test'= {
        }
        &'guard;help;rules;lint'= {
        }
        &'guard;help;rules;new'= {
        }
        &'guard;help;policy'= {
            cand show 'Show every line in force, with the file it comes from'
            cand check 'Check policy files without putting them in force'
        }
        &'guard;help;policy;show'= {
        }
        &'guard;help;policy;check'= {
        }
        &'guard;help;completions'= {
        }
        &'guard;help;man'= {
        }
        &'guard;help;help'= {
        }
    ]
    $completions[$command]
}
