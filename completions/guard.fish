# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_guard_global_optspecs
    string join \n reason= dry-run q/quiet h/help V/version
end

function __fish_guard_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_guard_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_guard_using_subcommand
    set -l cmd (__fish_guard_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c guard -n "__fish_guard_needs_command" -l reason -d 'Why the command is needed; kept in the record' -r
complete -c guard -n "__fish_guard_needs_command" -l dry-run -d 'Judge and show, but do not ask and do not run'
complete -c guard -n "__fish_guard_needs_command" -s q -l quiet -d 'Say nothing about commands that may run'
complete -c guard -n "__fish_guard_needs_command" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_needs_command" -s V -l version -d 'Print version'
complete -c guard -n "__fish_guard_needs_command" -a "run" -d 'Judge a command, ask where needed, run it and record what happened'
complete -c guard -n "__fish_guard_needs_command" -a "check" -d 'Give the verdict on a command; never runs it, never asks'
complete -c guard -n "__fish_guard_needs_command" -a "explain" -d 'Show word by word how a verdict came about'
complete -c guard -n "__fish_guard_needs_command" -a "log" -d 'Look at the record, or verify it'
complete -c guard -n "__fish_guard_needs_command" -a "rules" -d 'List, show, test and lint rules'
complete -c guard -n "__fish_guard_needs_command" -a "policy" -d 'Show or check the policy that is in force'
complete -c guard -n "__fish_guard_needs_command" -a "completions" -d 'Print a completion script for a shell'
complete -c guard -n "__fish_guard_needs_command" -a "man" -d 'Print a man page, or write all of them into a folder'
complete -c guard -n "__fish_guard_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand run" -l reason -d 'Why the command is needed; kept in the record' -r
complete -c guard -n "__fish_guard_using_subcommand run" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l dry-run -d 'Judge and show, but do not ask and do not run'
complete -c guard -n "__fish_guard_using_subcommand run" -s q -l quiet -d 'Say nothing about commands that may run'
complete -c guard -n "__fish_guard_using_subcommand run" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand check" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand check" -l json -d 'The verdict as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand check" -l jsonl -d 'Read one JSON object a line from standard input and answer each with one line, in the same order, in a fixed neutral context'
complete -c guard -n "__fish_guard_using_subcommand check" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand explain" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand explain" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l since -d 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l tier -d 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l actor -d 'Only commands of people, agents, CI jobs, or without anybody' -r -f -a "human\t'A person at a terminal'
agent\t'An AI agent'
ci\t'A CI job'
unattended\t'No agent was seen, but no terminal either'"
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l rule -d 'Only commands that matched a rule; `*` stands for any text' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l program -d 'Only commands in which this program runs' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l last -d 'At most this many, the newest; 0: all' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l json -d 'One JSON object a line instead of a table'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l refused -d 'Only commands that guard or a person kept from running'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -l wide -d 'Do not cut long commands'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -f -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -f -a "verify" -d 'Check that no line was changed, removed, added or moved'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -f -a "path" -d 'Print the path of this host\'s log'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify path help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l since -d 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l tier -d 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l actor -d 'Only commands of people, agents, CI jobs, or without anybody' -r -f -a "human\t'A person at a terminal'
agent\t'An AI agent'
ci\t'A CI job'
unattended\t'No agent was seen, but no terminal either'"
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l rule -d 'Only commands that matched a rule; `*` stands for any text' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l program -d 'Only commands in which this program runs' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l last -d 'At most this many, the newest; 0: all' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'One JSON object a line instead of a table'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l refused -d 'Only commands that guard or a person kept from running'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l wide -d 'Do not cut long commands'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no line was changed, removed, added or moved'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print the path of this host\'s log'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "list" -d 'List the rules, one a line'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "show" -d 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "test" -d 'Judge the examples of the rules; fail when one is not judged as it says'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "lint" -d 'Check rule files; report every mistake with line and column'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "new" -d 'Write the first draft of a rule file for a tool'
complete -c guard -n "__fish_guard_using_subcommand rules; and not __fish_seen_subcommand_from list show test lint new help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -l json -d 'A JSON array'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l corpus -d 'Score the commands of this file instead of the examples; may be given several times' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l misses -d 'Write every command that is judged wrongly to this file, as a table' -r -F
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l min-recall -d 'Fail when less than this part of the dangerous commands is found (0 to 1)' -r
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l max-interruptions -d 'Fail when more than this part of the safe commands is interrupted (0 to 1)' -r
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -l actor -d 'Who types the commands' -r -f -a "agent\t'An AI agent'
human\t'A person at a terminal'"
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from test" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from lint" -l deny-warnings -d 'Fail when there are warnings'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from lint" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from new" -l id -d 'Id of the one rule, with or without `TOOL.` in front' -r
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from new" -l verb -d 'What the one rule\'s command does: create, modify, stop, delete, access, expose or execute-unknown' -r
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from new" -l dir -d 'Write the file to this folder instead of ~/.config/guard/rules.d' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from new" -l stdout -d 'Print the draft and write nothing'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from new" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "list" -d 'List the rules, one a line'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "test" -d 'Judge the examples of the rules; fail when one is not judged as it says'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "lint" -d 'Check rule files; report every mistake with line and column'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "new" -d 'Write the first draft of a rule file for a tool'
complete -c guard -n "__fish_guard_using_subcommand rules; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand policy; and not __fish_seen_subcommand_from show check help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand policy; and not __fish_seen_subcommand_from show check help" -f -a "show" -d 'Show every line in force, with the file it comes from'
complete -c guard -n "__fish_guard_using_subcommand policy; and not __fish_seen_subcommand_from show check help" -f -a "check" -d 'Check policy files without putting them in force'
complete -c guard -n "__fish_guard_using_subcommand policy; and not __fish_seen_subcommand_from show check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every line in force, with the file it comes from'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check policy files without putting them in force'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand man" -l dir -d 'Write every page into this folder' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand man" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "run" -d 'Judge a command, ask where needed, run it and record what happened'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "check" -d 'Give the verdict on a command; never runs it, never asks'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "explain" -d 'Show word by word how a verdict came about'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "log" -d 'Look at the record, or verify it'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "rules" -d 'List, show, test and lint rules'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "policy" -d 'Show or check the policy that is in force'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "man" -d 'Print a man page, or write all of them into a folder'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain log rules policy completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "verify" -d 'Check that no line was changed, removed, added or moved'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "path" -d 'Print the path of this host\'s log'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'List the rules, one a line'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "show" -d 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "test" -d 'Judge the examples of the rules; fail when one is not judged as it says'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "lint" -d 'Check rule files; report every mistake with line and column'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "new" -d 'Write the first draft of a rule file for a tool'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "show" -d 'Show every line in force, with the file it comes from'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "check" -d 'Check policy files without putting them in force'
