
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
            cand --wait 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait'
            cand --token 'A token with an approval; may be given several times'
            cand --token-file 'A file with a token'
            cand --nonce 'The number that an agent''s hook has written here, whose question a person has answered in the agent: good once, for this text'
            cand --dry-run 'Judge and show, but do not ask and do not run'
            cand -q 'Say nothing about commands that may run'
            cand --quiet 'Say nothing about commands that may run'
            cand --break-glass 'Run without the second person that is needed; only where policy allows it, and never for an agent'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand run 'Judge a command, ask where needed, run it and record what happened'
            cand check 'Give the verdict on a command; never runs it, never asks'
            cand explain 'Show word by word how a verdict came about'
            cand approve 'Say yes to a request, after looking at it'
            cand deny 'Say no to a request; it stays no'
            cand review 'Close the review of a command that was run past a missing approval'
            cand requests 'List, show, export and withdraw requests'
            cand approvers 'Enrol, list and remove the people who may approve'
            cand token 'Explain and check tokens'
            cand hook 'Answer a coding agent''s hook: its JSON in, its verdict out'
            cand mcp 'Be the shell tool of an agent, by the Model Context Protocol'
            cand init 'Put guard in front of a coding agent'
            cand uninit 'Take guard away from a coding agent'
            cand doctor 'Check that guard is really in front of the agents that are used here'
            cand status 'Show what guard promises on this host, and what is open'
            cand demo 'Play the incident that guard was made for, in a folder, with a model cloud'
            cand log 'Look at the record, or verify it'
            cand rules 'List, show, test and lint rules'
            cand policy 'Show or check the policy that is in force'
            cand completions 'Print a completion script for a shell'
            cand man 'Print a man page, or write all of them into a folder'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;run'= {
            cand --reason 'Why the command is needed; kept in the record'
            cand --wait 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait'
            cand --token 'A token with an approval; may be given several times'
            cand --token-file 'A file with a token'
            cand --nonce 'The number that an agent''s hook has written here, whose question a person has answered in the agent: good once, for this text'
            cand -c 'Shell text (bash) instead of an argv'
            cand --dry-run 'Judge and show, but do not ask and do not run'
            cand -q 'Say nothing about commands that may run'
            cand --quiet 'Say nothing about commands that may run'
            cand --break-glass 'Run without the second person that is needed; only where policy allows it, and never for an agent'
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
        &'guard;approve'= {
            cand --key 'Private key to sign with; without it a key in ssh-agent'
            cand --as 'Your name among the approvers, where the key does not tell'
            cand --reason 'Why; signed with the answer'
            cand --detached 'Write the bytes to be signed into this folder instead of signing them'
            cand --despite 'Answer although your guard and theirs judge the command differently'
            cand --probe 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
            cand --qr 'Show the token as a QR code, too'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;deny'= {
            cand --key 'Private key to sign with; without it a key in ssh-agent'
            cand --as 'Your name among the approvers, where the key does not tell'
            cand --reason 'Why; signed with the answer'
            cand --detached 'Write the bytes to be signed into this folder instead of signing them'
            cand --despite 'Answer although your guard and theirs judge the command differently'
            cand --probe 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
            cand --qr 'Show the token as a QR code, too'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;review'= {
            cand --key 'Private key to sign with; without it a key in ssh-agent'
            cand --as 'Your name among the approvers, where the key does not tell'
            cand --reason 'Why; signed with the answer'
            cand --detached 'Write the bytes to be signed into this folder instead of signing them'
            cand --despite 'Answer although your guard and theirs judge the command differently'
            cand --probe 'Look at what would be hit now, from here and as yourself (docs/probes.md)'
            cand --qr 'Show the token as a QR code, too'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;requests'= {
            cand --all 'Those that are over as well'
            cand --json 'As JSON'
            cand -h 'Print help'
            cand --help 'Print help'
            cand show 'Show one request: what is asked for, what is bound, what was answered'
            cand export 'Print a request for somebody on another machine'
            cand withdraw 'Take a request back; agents may do this too'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;requests;show'= {
            cand --json 'As JSON: the document itself'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;requests;export'= {
            cand --file 'The document itself instead of one line'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;requests;withdraw'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;requests;help'= {
            cand show 'Show one request: what is asked for, what is bound, what was answered'
            cand export 'Print a request for somebody on another machine'
            cand withdraw 'Take a request back; agents may do this too'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;requests;help;show'= {
        }
        &'guard;requests;help;export'= {
        }
        &'guard;requests;help;withdraw'= {
        }
        &'guard;requests;help;help'= {
        }
        &'guard;approvers'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand list 'List who is enrolled'
            cand add 'Enrol a person with a public key'
            cand remove 'Take a person, or one key, out'
            cand revoke 'Take a person, or one key, out and never trust the keys again'
            cand import 'Enrol everybody of an OpenSSH allowed_signers file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;approvers;list'= {
            cand --json 'As JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;approvers;add'= {
            cand --days 'For how many days the key is trusted'
            cand --reason 'Why; shown to whoever has to agree'
            cand --wait 'Wait so long for the approval'
            cand --token 'A token with the approval; may be given several times'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;approvers;remove'= {
            cand --reason 'Why; shown to whoever has to agree'
            cand --wait 'Wait so long for the approval'
            cand --token 'A token with the approval; may be given several times'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;approvers;revoke'= {
            cand --reason 'Why; shown to whoever has to agree'
            cand --wait 'Wait so long for the approval'
            cand --token 'A token with the approval; may be given several times'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;approvers;import'= {
            cand --reason 'Why; shown to whoever has to agree'
            cand --wait 'Wait so long for the approval'
            cand --token 'A token with the approval; may be given several times'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;approvers;help'= {
            cand list 'List who is enrolled'
            cand add 'Enrol a person with a public key'
            cand remove 'Take a person, or one key, out'
            cand revoke 'Take a person, or one key, out and never trust the keys again'
            cand import 'Enrol everybody of an OpenSSH allowed_signers file'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;approvers;help;list'= {
        }
        &'guard;approvers;help;add'= {
        }
        &'guard;approvers;help;remove'= {
        }
        &'guard;approvers;help;revoke'= {
        }
        &'guard;approvers;help;import'= {
        }
        &'guard;approvers;help;help'= {
        }
        &'guard;token'= {
            cand -h 'Print help'
            cand --help 'Print help'
            cand inspect 'Explain a token in words. Nothing is checked'
            cand verify 'Check a token as the host that asked would'
            cand accept 'Take a token in, so that the command that waits here goes on'
            cand make 'Make a token of the files that stock ssh-keygen works with'
            cand split 'Write document and signature of a token as files for stock ssh-keygen'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;token;inspect'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;token;verify'= {
            cand --request 'The request, as a file or its name; without it the one on this host'
            cand --at 'As if it were this time'
            cand --signers 'Trust this file instead of the one in force'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;token;accept'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;token;make'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;token;split'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;token;help'= {
            cand inspect 'Explain a token in words. Nothing is checked'
            cand verify 'Check a token as the host that asked would'
            cand accept 'Take a token in, so that the command that waits here goes on'
            cand make 'Make a token of the files that stock ssh-keygen works with'
            cand split 'Write document and signature of a token as files for stock ssh-keygen'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;token;help;inspect'= {
        }
        &'guard;token;help;verify'= {
        }
        &'guard;token;help;accept'= {
        }
        &'guard;token;help;make'= {
        }
        &'guard;token;help;split'= {
        }
        &'guard;token;help;help'= {
        }
        &'guard;hook'= {
            cand --after 'For the event after the shell tool: notes how the agent says that the command ended. Prints nothing and exits with 0 whatever happens'
            cand --dialog 'The agent also calls this hook when it shows its own dialog: what a person agrees to there is run and recorded by guard'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;mcp'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;init'= {
            cand --scope 'Whose settings'
            cand --dry-run 'Show what would be written, and write nothing'
            cand -y 'Write without asking'
            cand --yes 'Write without asking'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;uninit'= {
            cand --scope 'Whose settings'
            cand --dry-run 'Show what would be taken away, and write nothing'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;doctor'= {
            cand --json 'As JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;status'= {
            cand --json 'As JSON'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;demo'= {
            cand --dir 'The folder; new or empty. Without it one in the temporary folder'
            cand --interactive 'Play a part yourself'
            cand --fast 'No pauses for reading'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;log'= {
            cand --since 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)'
            cand --tier 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)'
            cand --actor 'Only commands of people, agents, CI jobs, or without anybody'
            cand --rule 'Only commands that matched a rule; `*` stands for any text'
            cand --program 'Only commands in which this program runs'
            cand --until 'Only commands until then'
            cand --day 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day'
            cand --session 'Only commands of this session: a part of one of its names, as in `sessions` with --json'
            cand --object 'Only commands that would hit this: a part of `kind/name`'
            cand --text 'Only commands with this text in them'
            cand --outcome 'Only commands that ended so'
            cand --last 'At most this many, the newest; 0: all'
            cand --skip 'Leave out the newest N: with --last the next page, further back'
            cand --json 'One JSON object a line instead of a table'
            cand --refused 'Only commands that guard or a person kept from running'
            cand --wide 'Do not cut long commands'
            cand --no-pager 'Print at once, also on a terminal'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, every checkpoint, and every signature of a person'
            cand follow 'Show records as they are written'
            cand export 'Write the record in a form that other systems read'
            cand stats 'Count: commands, questions, answers and how long they took'
            cand scan 'Look for secrets that stand in the record all the same'
            cand reconcile 'Compare with other records: what ran without guard'
            cand report 'Draft a postmortem: a timeline of a session, a period or one incident'
            cand checkpoint 'Sign the log as it is, and send the signature where policy says'
            cand rotate 'Compress the files of earlier days; remove what policy no longer keeps'
            cand prove 'Write a proof that the records of a command are in the log'
            cand check-proof 'Check such a proof; needs neither the log nor guard''s other files'
            cand path 'Print the path of this host''s log'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;log;show'= {
            cand --since 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)'
            cand --tier 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)'
            cand --actor 'Only commands of people, agents, CI jobs, or without anybody'
            cand --rule 'Only commands that matched a rule; `*` stands for any text'
            cand --program 'Only commands in which this program runs'
            cand --until 'Only commands until then'
            cand --day 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day'
            cand --session 'Only commands of this session: a part of one of its names, as in `sessions` with --json'
            cand --object 'Only commands that would hit this: a part of `kind/name`'
            cand --text 'Only commands with this text in them'
            cand --outcome 'Only commands that ended so'
            cand --last 'At most this many, the newest; 0: all'
            cand --skip 'Leave out the newest N: with --last the next page, further back'
            cand --json 'One JSON object a line instead of a table'
            cand --refused 'Only commands that guard or a person kept from running'
            cand --wide 'Do not cut long commands'
            cand --no-pager 'Print at once, also on a terminal'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;log;verify'= {
            cand --checkpoint 'Checkpoints that were kept elsewhere: a file or a folder of them'
            cand --request 'A request that an approver kept: the log must still be what it was then'
            cand --key 'The key that must have signed: a `.pub` file, or its line'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;follow'= {
            cand --tier 'Only commands of this tier; with `+` also the stricter ones'
            cand --json 'The lines of the log as they are'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;export'= {
            cand --format 'The form; docs/log.md has the fields'
            cand --since 'Only records since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)'
            cand --until 'Only records until then'
            cand --output 'Append to this file instead of standard output'
            cand --cursor 'Remember in this file how far it went, and go on from there'
            cand --follow 'Wait for more, until it is interrupted'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;log;stats'= {
            cand --since 'Since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without it four weeks'
            cand --by 'One line for each of these'
            cand --html 'Write a page with charts to this file'
            cand --json 'As JSON'
            cand --csv 'As CSV (RFC 4180)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'guard;log;scan'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;reconcile'= {
            cand --auditd 'The kernel''s audit log, as auditd writes it'
            cand --history 'A history of bash or zsh'
            cand --cloudtrail 'Events of AWS CloudTrail, JSON'
            cand --json 'One JSON object a line'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;report'= {
            cand --session 'Only commands of this session: a part of its name, as in `sessions` of `guard log show --json`'
            cand --since 'From then on: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without any choice: the last day'
            cand --until 'Until then'
            cand --incident 'Around one command: the id or the name of its request'
            cand --html 'Write HTML to this file instead of Markdown to standard output'
            cand --all 'Harmless commands too'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;checkpoint'= {
            cand -q 'Say nothing about what went well'
            cand --quiet 'Say nothing about what went well'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;rotate'= {
            cand --dry-run 'Only say what would be done'
            cand -q 'Say nothing about what went well'
            cand --quiet 'Say nothing about what went well'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;prove'= {
            cand -o 'Where to write the proof; without it, standard output. Must not exist'
            cand --output 'Where to write the proof; without it, standard output. Must not exist'
            cand --checkpoint 'The checkpoint to prove it against; without it the newest'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;check-proof'= {
            cand --key 'The host''s public key: a `.pub` file, or its line'
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;path'= {
            cand -h 'Print help'
            cand --help 'Print help'
        }
        &'guard;log;help'= {
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, every checkpoint, and every signature of a person'
            cand follow 'Show records as they are written'
            cand export 'Write the record in a form that other systems read'
            cand stats 'Count: commands, questions, answers and how long they took'
            cand scan 'Look for secrets that stand in the record all the same'
            cand reconcile 'Compare with other records: what ran without guard'
            cand report 'Draft a postmortem: a timeline of a session, a period or one incident'
            cand checkpoint 'Sign the log as it is, and send the signature where policy says'
            cand rotate 'Compress the files of earlier days; remove what policy no longer keeps'
            cand prove 'Write a proof that the records of a command are in the log'
            cand check-proof 'Check such a proof; needs neither the log nor guard''s other files'
            cand path 'Print the path of this host''s log'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'guard;log;help;show'= {
        }
        &'guard;log;help;verify'= {
        }
        &'guard;log;help;follow'= {
        }
        &'guard;log;help;export'= {
        }
        &'guard;log;help;stats'= {
        }
        &'guard;log;help;scan'= {
        }
        &'guard;log;help;reconcile'= {
        }
        &'guard;log;help;report'= {
        }
        &'guard;log;help;checkpoint'= {
        }
        &'guard;log;help;rotate'= {
        }
        &'guard;log;help;prove'= {
        }
        &'guard;log;help;check-proof'= {
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
            cand --effective 'What is in force of all files together, which is what is shown without it too'
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
            cand approve 'Say yes to a request, after looking at it'
            cand deny 'Say no to a request; it stays no'
            cand review 'Close the review of a command that was run past a missing approval'
            cand requests 'List, show, export and withdraw requests'
            cand approvers 'Enrol, list and remove the people who may approve'
            cand token 'Explain and check tokens'
            cand hook 'Answer a coding agent''s hook: its JSON in, its verdict out'
            cand mcp 'Be the shell tool of an agent, by the Model Context Protocol'
            cand init 'Put guard in front of a coding agent'
            cand uninit 'Take guard away from a coding agent'
            cand doctor 'Check that guard is really in front of the agents that are used here'
            cand status 'Show what guard promises on this host, and what is open'
            cand demo 'Play the incident that guard was made for, in a folder, with a model cloud'
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
        &'guard;help;approve'= {
        }
        &'guard;help;deny'= {
        }
        &'guard;help;review'= {
        }
        &'guard;help;requests'= {
            cand show 'Show one request: what is asked for, what is bound, what was answered'
            cand export 'Print a request for somebody on another machine'
            cand withdraw 'Take a request back; agents may do this too'
        }
        &'guard;help;requests;show'= {
        }
        &'guard;help;requests;export'= {
        }
        &'guard;help;requests;withdraw'= {
        }
        &'guard;help;approvers'= {
            cand list 'List who is enrolled'
            cand add 'Enrol a person with a public key'
            cand remove 'Take a person, or one key, out'
            cand revoke 'Take a person, or one key, out and never trust the keys again'
            cand import 'Enrol everybody of an OpenSSH allowed_signers file'
        }
        &'guard;help;approvers;list'= {
        }
        &'guard;help;approvers;add'= {
        }
        &'guard;help;approvers;remove'= {
        }
        &'guard;help;approvers;revoke'= {
        }
        &'guard;help;approvers;import'= {
        }
        &'guard;help;token'= {
            cand inspect 'Explain a token in words. Nothing is checked'
            cand verify 'Check a token as the host that asked would'
            cand accept 'Take a token in, so that the command that waits here goes on'
            cand make 'Make a token of the files that stock ssh-keygen works with'
            cand split 'Write document and signature of a token as files for stock ssh-keygen'
        }
        &'guard;help;token;inspect'= {
        }
        &'guard;help;token;verify'= {
        }
        &'guard;help;token;accept'= {
        }
        &'guard;help;token;make'= {
        }
        &'guard;help;token;split'= {
        }
        &'guard;help;hook'= {
        }
        &'guard;help;mcp'= {
        }
        &'guard;help;init'= {
        }
        &'guard;help;uninit'= {
        }
        &'guard;help;doctor'= {
        }
        &'guard;help;status'= {
        }
        &'guard;help;demo'= {
        }
        &'guard;help;log'= {
            cand show 'List commands, newest last: who asked, the verdict, how it ended'
            cand verify 'Check that no line was changed, every checkpoint, and every signature of a person'
            cand follow 'Show records as they are written'
            cand export 'Write the record in a form that other systems read'
            cand stats 'Count: commands, questions, answers and how long they took'
            cand scan 'Look for secrets that stand in the record all the same'
            cand reconcile 'Compare with other records: what ran without guard'
            cand report 'Draft a postmortem: a timeline of a session, a period or one incident'
            cand checkpoint 'Sign the log as it is, and send the signature where policy says'
            cand rotate 'Compress the files of earlier days; remove what policy no longer keeps'
            cand prove 'Write a proof that the records of a command are in the log'
            cand check-proof 'Check such a proof; needs neither the log nor guard''s other files'
            cand path 'Print the path of this host''s log'
        }
        &'guard;help;log;show'= {
        }
        &'guard;help;log;verify'= {
        }
        &'guard;help;log;follow'= {
        }
        &'guard;help;log;export'= {
        }
        &'guard;help;log;stats'= {
        }
        &'guard;help;log;scan'= {
        }
        &'guard;help;log;reconcile'= {
        }
        &'guard;help;log;report'= {
        }
        &'guard;help;log;checkpoint'= {
        }
        &'guard;help;log;rotate'= {
        }
        &'guard;help;log;prove'= {
        }
        &'guard;help;log;check-proof'= {
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
