# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_guard_global_optspecs
    string join \n reason= dry-run q/quiet wait= token= token-file= nonce= break-glass h/help V/version
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
complete -c guard -n "__fish_guard_needs_command" -l wait -d 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait' -r
complete -c guard -n "__fish_guard_needs_command" -l token -d 'A token with an approval; may be given several times' -r
complete -c guard -n "__fish_guard_needs_command" -l token-file -d 'A file with a token' -r -F
complete -c guard -n "__fish_guard_needs_command" -l nonce -d 'The number that an agent\'s hook has written here, whose question a person has answered in the agent: good once, for this text' -r
complete -c guard -n "__fish_guard_needs_command" -l dry-run -d 'Judge and show, but do not ask and do not run'
complete -c guard -n "__fish_guard_needs_command" -s q -l quiet -d 'Say nothing about commands that may run'
complete -c guard -n "__fish_guard_needs_command" -l break-glass -d 'Run without the second person that is needed; only where policy allows it, and never for an agent'
complete -c guard -n "__fish_guard_needs_command" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_needs_command" -s V -l version -d 'Print version'
complete -c guard -n "__fish_guard_needs_command" -a "run" -d 'Judge a command, ask where needed, run it and record what happened'
complete -c guard -n "__fish_guard_needs_command" -a "check" -d 'Give the verdict on a command; never runs it, never asks'
complete -c guard -n "__fish_guard_needs_command" -a "explain" -d 'Show word by word how a verdict came about'
complete -c guard -n "__fish_guard_needs_command" -a "approve" -d 'Say yes to a request, after looking at it'
complete -c guard -n "__fish_guard_needs_command" -a "deny" -d 'Say no to a request; it stays no'
complete -c guard -n "__fish_guard_needs_command" -a "review" -d 'Close the review of a command that was run past a missing approval'
complete -c guard -n "__fish_guard_needs_command" -a "requests" -d 'List, show, export and withdraw requests'
complete -c guard -n "__fish_guard_needs_command" -a "approvers" -d 'Enrol, list and remove the people who may approve'
complete -c guard -n "__fish_guard_needs_command" -a "token" -d 'Explain and check tokens'
complete -c guard -n "__fish_guard_needs_command" -a "hook" -d 'Answer a coding agent\'s hook: its JSON in, its verdict out'
complete -c guard -n "__fish_guard_needs_command" -a "mcp" -d 'Be the shell tool of an agent, by the Model Context Protocol'
complete -c guard -n "__fish_guard_needs_command" -a "init" -d 'Put guard in front of a coding agent'
complete -c guard -n "__fish_guard_needs_command" -a "uninit" -d 'Take guard away from a coding agent'
complete -c guard -n "__fish_guard_needs_command" -a "doctor" -d 'Check that guard is really in front of the agents that are used here'
complete -c guard -n "__fish_guard_needs_command" -a "status" -d 'Show what guard promises on this host, and what is open'
complete -c guard -n "__fish_guard_needs_command" -a "demo" -d 'Play the incident that guard was made for, in a folder, with a model cloud'
complete -c guard -n "__fish_guard_needs_command" -a "log" -d 'Look at the record, or verify it'
complete -c guard -n "__fish_guard_needs_command" -a "rules" -d 'List, show, test and lint rules'
complete -c guard -n "__fish_guard_needs_command" -a "policy" -d 'Show or check the policy that is in force'
complete -c guard -n "__fish_guard_needs_command" -a "completions" -d 'Print a completion script for a shell'
complete -c guard -n "__fish_guard_needs_command" -a "man" -d 'Print a man page, or write all of them into a folder'
complete -c guard -n "__fish_guard_needs_command" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand run" -l reason -d 'Why the command is needed; kept in the record' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l wait -d 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l token -d 'A token with an approval; may be given several times' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l token-file -d 'A file with a token' -r -F
complete -c guard -n "__fish_guard_using_subcommand run" -l nonce -d 'The number that an agent\'s hook has written here, whose question a person has answered in the agent: good once, for this text' -r
complete -c guard -n "__fish_guard_using_subcommand run" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand run" -l dry-run -d 'Judge and show, but do not ask and do not run'
complete -c guard -n "__fish_guard_using_subcommand run" -s q -l quiet -d 'Say nothing about commands that may run'
complete -c guard -n "__fish_guard_using_subcommand run" -l break-glass -d 'Run without the second person that is needed; only where policy allows it, and never for an agent'
complete -c guard -n "__fish_guard_using_subcommand run" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand check" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand check" -l json -d 'The verdict as one JSON object'
complete -c guard -n "__fish_guard_using_subcommand check" -l jsonl -d 'Read one JSON object a line from standard input and answer each with one line, in the same order, in a fixed neutral context'
complete -c guard -n "__fish_guard_using_subcommand check" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand explain" -s c -d 'Shell text (bash) instead of an argv' -r
complete -c guard -n "__fish_guard_using_subcommand explain" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approve" -l key -d 'Private key to sign with; without it a key in ssh-agent' -r -F
complete -c guard -n "__fish_guard_using_subcommand approve" -l as -d 'Your name among the approvers, where the key does not tell' -r
complete -c guard -n "__fish_guard_using_subcommand approve" -l reason -d 'Why; signed with the answer' -r
complete -c guard -n "__fish_guard_using_subcommand approve" -l detached -d 'Write the bytes to be signed into this folder instead of signing them' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand approve" -l despite -d 'Answer although your guard and theirs judge the command differently'
complete -c guard -n "__fish_guard_using_subcommand approve" -l probe -d 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
complete -c guard -n "__fish_guard_using_subcommand approve" -l qr -d 'Show the token as a QR code, too'
complete -c guard -n "__fish_guard_using_subcommand approve" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand deny" -l key -d 'Private key to sign with; without it a key in ssh-agent' -r -F
complete -c guard -n "__fish_guard_using_subcommand deny" -l as -d 'Your name among the approvers, where the key does not tell' -r
complete -c guard -n "__fish_guard_using_subcommand deny" -l reason -d 'Why; signed with the answer' -r
complete -c guard -n "__fish_guard_using_subcommand deny" -l detached -d 'Write the bytes to be signed into this folder instead of signing them' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand deny" -l despite -d 'Answer although your guard and theirs judge the command differently'
complete -c guard -n "__fish_guard_using_subcommand deny" -l probe -d 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
complete -c guard -n "__fish_guard_using_subcommand deny" -l qr -d 'Show the token as a QR code, too'
complete -c guard -n "__fish_guard_using_subcommand deny" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand review" -l key -d 'Private key to sign with; without it a key in ssh-agent' -r -F
complete -c guard -n "__fish_guard_using_subcommand review" -l as -d 'Your name among the approvers, where the key does not tell' -r
complete -c guard -n "__fish_guard_using_subcommand review" -l reason -d 'Why; signed with the answer' -r
complete -c guard -n "__fish_guard_using_subcommand review" -l detached -d 'Write the bytes to be signed into this folder instead of signing them' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand review" -l despite -d 'Answer although your guard and theirs judge the command differently'
complete -c guard -n "__fish_guard_using_subcommand review" -l probe -d 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
complete -c guard -n "__fish_guard_using_subcommand review" -l qr -d 'Show the token as a QR code, too'
complete -c guard -n "__fish_guard_using_subcommand review" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -l all -d 'Those that are over as well'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -f -a "show" -d 'Show one request: what is asked for, what is bound, what was answered'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -f -a "export" -d 'Print a request for somebody on another machine'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -f -a "withdraw" -d 'Take a request back; agents may do this too'
complete -c guard -n "__fish_guard_using_subcommand requests; and not __fish_seen_subcommand_from show export withdraw help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -l json -d 'As JSON: the document itself'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from export" -l file -d 'The document itself instead of one line'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from withdraw" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show one request: what is asked for, what is bound, what was answered'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print a request for somebody on another machine'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "withdraw" -d 'Take a request back; agents may do this too'
complete -c guard -n "__fish_guard_using_subcommand requests; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "list" -d 'List who is enrolled'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "add" -d 'Enrol a person with a public key'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "remove" -d 'Take a person, or one key, out'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "revoke" -d 'Take a person, or one key, out and never trust the keys again'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "import" -d 'Enrol everybody of an OpenSSH allowed_signers file'
complete -c guard -n "__fish_guard_using_subcommand approvers; and not __fish_seen_subcommand_from list add remove revoke import help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from list" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from add" -l days -d 'For how many days the key is trusted' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from add" -l reason -d 'Why; shown to whoever has to agree' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from add" -l wait -d 'Wait so long for the approval' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from add" -l token -d 'A token with the approval; may be given several times' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from remove" -l reason -d 'Why; shown to whoever has to agree' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from remove" -l wait -d 'Wait so long for the approval' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from remove" -l token -d 'A token with the approval; may be given several times' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from revoke" -l reason -d 'Why; shown to whoever has to agree' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from revoke" -l wait -d 'Wait so long for the approval' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from revoke" -l token -d 'A token with the approval; may be given several times' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from import" -l reason -d 'Why; shown to whoever has to agree' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from import" -l wait -d 'Wait so long for the approval' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from import" -l token -d 'A token with the approval; may be given several times' -r
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "list" -d 'List who is enrolled'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "add" -d 'Enrol a person with a public key'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "remove" -d 'Take a person, or one key, out'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "revoke" -d 'Take a person, or one key, out and never trust the keys again'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "import" -d 'Enrol everybody of an OpenSSH allowed_signers file'
complete -c guard -n "__fish_guard_using_subcommand approvers; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "inspect" -d 'Explain a token in words. Nothing is checked'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "verify" -d 'Check a token as the host that asked would'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "accept" -d 'Take a token in, so that the command that waits here goes on'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "make" -d 'Make a token of the files that stock ssh-keygen works with'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "split" -d 'Write document and signature of a token as files for stock ssh-keygen'
complete -c guard -n "__fish_guard_using_subcommand token; and not __fish_seen_subcommand_from inspect verify accept make split help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from inspect" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from verify" -l request -d 'The request, as a file or its name; without it the one on this host' -r
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from verify" -l at -d 'As if it were this time' -r
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from verify" -l signers -d 'Trust this file instead of the one in force' -r -F
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from accept" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from make" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from split" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "inspect" -d 'Explain a token in words. Nothing is checked'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check a token as the host that asked would'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "accept" -d 'Take a token in, so that the command that waits here goes on'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "make" -d 'Make a token of the files that stock ssh-keygen works with'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "split" -d 'Write document and signature of a token as files for stock ssh-keygen'
complete -c guard -n "__fish_guard_using_subcommand token; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand hook" -l after -d 'For the event after the shell tool: notes how the agent says that the command ended. Prints nothing and exits with 0 whatever happens'
complete -c guard -n "__fish_guard_using_subcommand hook" -l dialog -d 'The agent also calls this hook when it shows its own dialog: what a person agrees to there is run and recorded by guard'
complete -c guard -n "__fish_guard_using_subcommand hook" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand mcp" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand init" -l scope -d 'Whose settings' -r -f -a "user\t'The settings of this user'
project\t'The settings in this project'
managed\t'The settings of this machine, which users cannot switch off; as root'"
complete -c guard -n "__fish_guard_using_subcommand init" -l dry-run -d 'Show what would be written, and write nothing'
complete -c guard -n "__fish_guard_using_subcommand init" -s y -l yes -d 'Write without asking'
complete -c guard -n "__fish_guard_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand uninit" -l scope -d 'Whose settings' -r -f -a "user\t'The settings of this user'
project\t'The settings in this project'
managed\t'The settings of this machine, which users cannot switch off; as root'"
complete -c guard -n "__fish_guard_using_subcommand uninit" -l dry-run -d 'Show what would be taken away, and write nothing'
complete -c guard -n "__fish_guard_using_subcommand uninit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand doctor" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand doctor" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand status" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand status" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand demo" -l dir -d 'The folder; new or empty. Without it one in the temporary folder' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand demo" -l interactive -d 'Play a part yourself' -r -f -a "approver\t'The second human'
operator\t'Whoever has the permissions'"
complete -c guard -n "__fish_guard_using_subcommand demo" -l fast -d 'No pauses for reading'
complete -c guard -n "__fish_guard_using_subcommand demo" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l since -d 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l tier -d 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l actor -d 'Only commands of people, agents, CI jobs, or without anybody' -r -f -a "human\t'A person at a terminal'
agent\t'An AI agent'
ci\t'A CI job'
unattended\t'No agent was seen, but no terminal either'"
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l rule -d 'Only commands that matched a rule; `*` stands for any text' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l program -d 'Only commands in which this program runs' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l until -d 'Only commands until then' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l day -d 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l session -d 'Only commands of this session: a part of one of its names, as in `sessions` with --json' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l object -d 'Only commands that would hit this: a part of `kind/name`' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l text -d 'Only commands with this text in them' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l outcome -d 'Only commands that ended so' -r -f -a "exit\t'Ended with a code'
signal\t'Ended by a signal'
failed\t'Could not be started'
refused\t'guard refused it'
declined\t'A person said no'
cancelled\t'The question was broken off'
pending\t'Somebody elsewhere has not answered'
handed-on\t'Left to the agent by a hook'
running\t'Has not ended'
lost\t'Its end was never recorded'"
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l last -d 'At most this many, the newest; 0: all' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l skip -d 'Leave out the newest N: with --last the next page, further back' -r
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l json -d 'One JSON object a line instead of a table'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l refused -d 'Only commands that guard or a person kept from running'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l wide -d 'Do not cut long commands'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -l no-pager -d 'Print at once, also on a terminal'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "verify" -d 'Check that no line was changed, every checkpoint, and every signature of a person'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "follow" -d 'Show records as they are written'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "export" -d 'Write the record in a form that other systems read'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "stats" -d 'Count: commands, questions, answers and how long they took'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "scan" -d 'Look for secrets that stand in the record all the same'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "reconcile" -d 'Compare with other records: what ran without guard'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "report" -d 'Draft a postmortem: a timeline of a session, a period or one incident'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "checkpoint" -d 'Sign the log as it is, and send the signature where policy says'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "rotate" -d 'Compress the files of earlier days; remove what policy no longer keeps'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "prove" -d 'Write a proof that the records of a command are in the log'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "check-proof" -d 'Check such a proof; needs neither the log nor guard\'s other files'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "path" -d 'Print the path of this host\'s log'
complete -c guard -n "__fish_guard_using_subcommand log; and not __fish_seen_subcommand_from show verify follow export stats scan reconcile report checkpoint rotate prove check-proof path help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l since -d 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l tier -d 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l actor -d 'Only commands of people, agents, CI jobs, or without anybody' -r -f -a "human\t'A person at a terminal'
agent\t'An AI agent'
ci\t'A CI job'
unattended\t'No agent was seen, but no terminal either'"
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l rule -d 'Only commands that matched a rule; `*` stands for any text' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l program -d 'Only commands in which this program runs' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l until -d 'Only commands until then' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l day -d 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l session -d 'Only commands of this session: a part of one of its names, as in `sessions` with --json' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l object -d 'Only commands that would hit this: a part of `kind/name`' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l text -d 'Only commands with this text in them' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l outcome -d 'Only commands that ended so' -r -f -a "exit\t'Ended with a code'
signal\t'Ended by a signal'
failed\t'Could not be started'
refused\t'guard refused it'
declined\t'A person said no'
cancelled\t'The question was broken off'
pending\t'Somebody elsewhere has not answered'
handed-on\t'Left to the agent by a hook'
running\t'Has not ended'
lost\t'Its end was never recorded'"
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l last -d 'At most this many, the newest; 0: all' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l skip -d 'Leave out the newest N: with --last the next page, further back' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l json -d 'One JSON object a line instead of a table'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l refused -d 'Only commands that guard or a person kept from running'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l wide -d 'Do not cut long commands'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -l no-pager -d 'Print at once, also on a terminal'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -l checkpoint -d 'Checkpoints that were kept elsewhere: a file or a folder of them' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -l request -d 'A request that an approver kept: the log must still be what it was then' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -l key -d 'The key that must have signed: a `.pub` file, or its line' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from follow" -l tier -d 'Only commands of this tier; with `+` also the stricter ones' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from follow" -l json -d 'The lines of the log as they are'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from follow" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l format -d 'The form; docs/log.md has the fields' -r -f -a "ocsf\t'Open Cybersecurity Schema Framework 1.8.0, JSON lines'
otlp\t'OpenTelemetry logs, JSON lines'
ecs\t'Elastic Common Schema, JSON lines'
cef\t'ArcSight Common Event Format'
syslog\t'RFC 5424'
jsonl\t'The lines of the log as they are'
csv\t'RFC 4180, with a header'"
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l since -d 'Only records since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l until -d 'Only records until then' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l output -d 'Append to this file instead of standard output' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l cursor -d 'Remember in this file how far it went, and go on from there' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -l follow -d 'Wait for more, until it is interrupted'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -l since -d 'Since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without it four weeks' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -l by -d 'One line for each of these' -r -f -a "day\t'Days, UTC'
week\t'Weeks from Monday, UTC'
agent\t'Agents'
person\t'Login names and hosts'
repository\t'Working directories'
rule\t'The rule that decided'
way\t'Ways by which commands came to guard'"
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -l html -d 'Write a page with charts to this file' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -l csv -d 'As CSV (RFC 4180)'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from scan" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from reconcile" -l auditd -d 'The kernel\'s audit log, as auditd writes it' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from reconcile" -l history -d 'A history of bash or zsh' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from reconcile" -l cloudtrail -d 'Events of AWS CloudTrail, JSON' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from reconcile" -l json -d 'One JSON object a line'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from reconcile" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l session -d 'Only commands of this session: a part of its name, as in `sessions` of `guard log show --json`' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l since -d 'From then on: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without any choice: the last day' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l until -d 'Until then' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l incident -d 'Around one command: the id or the name of its request' -r
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l html -d 'Write HTML to this file instead of Markdown to standard output' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -l all -d 'Harmless commands too'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from report" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s q -l quiet -d 'Say nothing about what went well'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from checkpoint" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from rotate" -l dry-run -d 'Only say what would be done'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from rotate" -s q -l quiet -d 'Say nothing about what went well'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from rotate" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from prove" -s o -l output -d 'Where to write the proof; without it, standard output. Must not exist' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from prove" -l checkpoint -d 'The checkpoint to prove it against; without it the newest' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from prove" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from check-proof" -l key -d 'The host\'s public key: a `.pub` file, or its line' -r -F
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from check-proof" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Check that no line was changed, every checkpoint, and every signature of a person'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "follow" -d 'Show records as they are written'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write the record in a form that other systems read'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Count: commands, questions, answers and how long they took'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "scan" -d 'Look for secrets that stand in the record all the same'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "reconcile" -d 'Compare with other records: what ran without guard'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "report" -d 'Draft a postmortem: a timeline of a session, a period or one incident'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "checkpoint" -d 'Sign the log as it is, and send the signature where policy says'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "rotate" -d 'Compress the files of earlier days; remove what policy no longer keeps'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "prove" -d 'Write a proof that the records of a command are in the log'
complete -c guard -n "__fish_guard_using_subcommand log; and __fish_seen_subcommand_from help" -f -a "check-proof" -d 'Check such a proof; needs neither the log nor guard\'s other files'
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
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from show" -l effective -d 'What is in force of all files together, which is what is shown without it too'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'As JSON'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every line in force, with the file it comes from'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "check" -d 'Check policy files without putting them in force'
complete -c guard -n "__fish_guard_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c guard -n "__fish_guard_using_subcommand man" -l dir -d 'Write every page into this folder' -r -f -a "(__fish_complete_directories)"
complete -c guard -n "__fish_guard_using_subcommand man" -s h -l help -d 'Print help'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "run" -d 'Judge a command, ask where needed, run it and record what happened'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "check" -d 'Give the verdict on a command; never runs it, never asks'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "explain" -d 'Show word by word how a verdict came about'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "approve" -d 'Say yes to a request, after looking at it'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "deny" -d 'Say no to a request; it stays no'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "review" -d 'Close the review of a command that was run past a missing approval'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "requests" -d 'List, show, export and withdraw requests'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "approvers" -d 'Enrol, list and remove the people who may approve'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "token" -d 'Explain and check tokens'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "hook" -d 'Answer a coding agent\'s hook: its JSON in, its verdict out'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "mcp" -d 'Be the shell tool of an agent, by the Model Context Protocol'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "init" -d 'Put guard in front of a coding agent'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "uninit" -d 'Take guard away from a coding agent'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "doctor" -d 'Check that guard is really in front of the agents that are used here'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "status" -d 'Show what guard promises on this host, and what is open'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "demo" -d 'Play the incident that guard was made for, in a folder, with a model cloud'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "log" -d 'Look at the record, or verify it'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "rules" -d 'List, show, test and lint rules'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "policy" -d 'Show or check the policy that is in force'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "completions" -d 'Print a completion script for a shell'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "man" -d 'Print a man page, or write all of them into a folder'
complete -c guard -n "__fish_guard_using_subcommand help; and not __fish_seen_subcommand_from run check explain approve deny review requests approvers token hook mcp init uninit doctor status demo log rules policy completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "show" -d 'Show one request: what is asked for, what is bound, what was answered'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "export" -d 'Print a request for somebody on another machine'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from requests" -f -a "withdraw" -d 'Take a request back; agents may do this too'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from approvers" -f -a "list" -d 'List who is enrolled'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from approvers" -f -a "add" -d 'Enrol a person with a public key'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from approvers" -f -a "remove" -d 'Take a person, or one key, out'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from approvers" -f -a "revoke" -d 'Take a person, or one key, out and never trust the keys again'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from approvers" -f -a "import" -d 'Enrol everybody of an OpenSSH allowed_signers file'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "inspect" -d 'Explain a token in words. Nothing is checked'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "verify" -d 'Check a token as the host that asked would'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "accept" -d 'Take a token in, so that the command that waits here goes on'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "make" -d 'Make a token of the files that stock ssh-keygen works with'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from token" -f -a "split" -d 'Write document and signature of a token as files for stock ssh-keygen'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "show" -d 'List commands, newest last: who asked, the verdict, how it ended'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "verify" -d 'Check that no line was changed, every checkpoint, and every signature of a person'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "follow" -d 'Show records as they are written'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "export" -d 'Write the record in a form that other systems read'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "stats" -d 'Count: commands, questions, answers and how long they took'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "scan" -d 'Look for secrets that stand in the record all the same'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "reconcile" -d 'Compare with other records: what ran without guard'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "report" -d 'Draft a postmortem: a timeline of a session, a period or one incident'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "checkpoint" -d 'Sign the log as it is, and send the signature where policy says'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "rotate" -d 'Compress the files of earlier days; remove what policy no longer keeps'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "prove" -d 'Write a proof that the records of a command are in the log'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "check-proof" -d 'Check such a proof; needs neither the log nor guard\'s other files'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from log" -f -a "path" -d 'Print the path of this host\'s log'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "list" -d 'List the rules, one a line'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "show" -d 'Show the page of a rule: what it finds, why that is dangerous, what to do instead'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "test" -d 'Judge the examples of the rules; fail when one is not judged as it says'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "lint" -d 'Check rule files; report every mistake with line and column'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from rules" -f -a "new" -d 'Write the first draft of a rule file for a tool'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "show" -d 'Show every line in force, with the file it comes from'
complete -c guard -n "__fish_guard_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "check" -d 'Check policy files without putting them in force'
