
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'guard' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'guard'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'guard' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why the command is needed; kept in the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with an approval; may be given several times')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'A file with a token')
            [CompletionResult]::new('--nonce', '--nonce', [CompletionResultType]::ParameterName, 'The number that an agent''s hook has written here, whose question a person has answered in the agent: good once, for this text')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Judge and show, but do not ask and do not run')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing about commands that may run')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing about commands that may run')
            [CompletionResult]::new('--break-glass', '--break-glass', [CompletionResultType]::ParameterName, 'Run without the second person that is needed; only where policy allows it, and never for an agent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Judge a command, ask where needed, run it and record what happened')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Give the verdict on a command; never runs it, never asks')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show word by word how a verdict came about')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Say yes to a request, after looking at it')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Say no to a request; it stays no')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Close the review of a command that was run past a missing approval')
            [CompletionResult]::new('requests', 'requests', [CompletionResultType]::ParameterValue, 'List, show, export and withdraw requests')
            [CompletionResult]::new('approvers', 'approvers', [CompletionResultType]::ParameterValue, 'Enrol, list and remove the people who may approve')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Explain and check tokens')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Answer a coding agent''s hook: its JSON in, its verdict out')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Be the shell tool of an agent, by the Model Context Protocol')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Put guard in front of a coding agent')
            [CompletionResult]::new('uninit', 'uninit', [CompletionResultType]::ParameterValue, 'Take guard away from a coding agent')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check that guard is really in front of the agents that are used here')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what guard promises on this host, and what is open')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Play the incident that guard was made for, in a folder, with a model cloud')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Look at the record, or verify it')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List, show, test and lint rules')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Show or check the policy that is in force')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, or write all of them into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;run' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why the command is needed; kept in the record')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with an approval; may be given several times')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'A file with a token')
            [CompletionResult]::new('--nonce', '--nonce', [CompletionResultType]::ParameterName, 'The number that an agent''s hook has written here, whose question a person has answered in the agent: good once, for this text')
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Shell text (bash) instead of an argv')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Judge and show, but do not ask and do not run')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing about commands that may run')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing about commands that may run')
            [CompletionResult]::new('--break-glass', '--break-glass', [CompletionResultType]::ParameterName, 'Run without the second person that is needed; only where policy allows it, and never for an agent')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;check' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Shell text (bash) instead of an argv')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The verdict as one JSON object')
            [CompletionResult]::new('--jsonl', '--jsonl', [CompletionResultType]::ParameterName, 'Read one JSON object a line from standard input and answer each with one line, in the same order, in a fixed neutral context')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;explain' {
            [CompletionResult]::new('-c', '-c', [CompletionResultType]::ParameterName, 'Shell text (bash) instead of an argv')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approve' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key to sign with; without it a key in ssh-agent')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Your name among the approvers, where the key does not tell')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; signed with the answer')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Write the bytes to be signed into this folder instead of signing them')
            [CompletionResult]::new('--despite', '--despite', [CompletionResultType]::ParameterName, 'Answer although your guard and theirs judge the command differently')
            [CompletionResult]::new('--probe', '--probe', [CompletionResultType]::ParameterName, 'Look at what would be hit now, from here and as yourself (docs/probes.md)')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Show the token as a QR code, too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;deny' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key to sign with; without it a key in ssh-agent')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Your name among the approvers, where the key does not tell')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; signed with the answer')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Write the bytes to be signed into this folder instead of signing them')
            [CompletionResult]::new('--despite', '--despite', [CompletionResultType]::ParameterName, 'Answer although your guard and theirs judge the command differently')
            [CompletionResult]::new('--probe', '--probe', [CompletionResultType]::ParameterName, 'Look at what would be hit now, from here and as yourself (docs/probes.md)')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Show the token as a QR code, too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;review' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'Private key to sign with; without it a key in ssh-agent')
            [CompletionResult]::new('--as', '--as', [CompletionResultType]::ParameterName, 'Your name among the approvers, where the key does not tell')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; signed with the answer')
            [CompletionResult]::new('--detached', '--detached', [CompletionResultType]::ParameterName, 'Write the bytes to be signed into this folder instead of signing them')
            [CompletionResult]::new('--despite', '--despite', [CompletionResultType]::ParameterName, 'Answer although your guard and theirs judge the command differently')
            [CompletionResult]::new('--probe', '--probe', [CompletionResultType]::ParameterName, 'Look at what would be hit now, from here and as yourself (docs/probes.md)')
            [CompletionResult]::new('--qr', '--qr', [CompletionResultType]::ParameterName, 'Show the token as a QR code, too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;requests' {
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Those that are over as well')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request: what is asked for, what is bound, what was answered')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a request for somebody on another machine')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take a request back; agents may do this too')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;requests;show' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON: the document itself')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;requests;export' {
            [CompletionResult]::new('--file', '--file', [CompletionResultType]::ParameterName, 'The document itself instead of one line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;requests;withdraw' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;requests;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request: what is asked for, what is bound, what was answered')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a request for somebody on another machine')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take a request back; agents may do this too')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;requests;help;show' {
            break
        }
        'guard;requests;help;export' {
            break
        }
        'guard;requests;help;withdraw' {
            break
        }
        'guard;requests;help;help' {
            break
        }
        'guard;approvers' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List who is enrolled')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Enrol a person with a public key')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out and never trust the keys again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Enrol everybody of an OpenSSH allowed_signers file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;approvers;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approvers;add' {
            [CompletionResult]::new('--days', '--days', [CompletionResultType]::ParameterName, 'For how many days the key is trusted')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; shown to whoever has to agree')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for the approval')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with the approval; may be given several times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approvers;remove' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; shown to whoever has to agree')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for the approval')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with the approval; may be given several times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approvers;revoke' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; shown to whoever has to agree')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for the approval')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with the approval; may be given several times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approvers;import' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why; shown to whoever has to agree')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait so long for the approval')
            [CompletionResult]::new('--token', '--token', [CompletionResultType]::ParameterName, 'A token with the approval; may be given several times')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;approvers;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List who is enrolled')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Enrol a person with a public key')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out and never trust the keys again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Enrol everybody of an OpenSSH allowed_signers file')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;approvers;help;list' {
            break
        }
        'guard;approvers;help;add' {
            break
        }
        'guard;approvers;help;remove' {
            break
        }
        'guard;approvers;help;revoke' {
            break
        }
        'guard;approvers;help;import' {
            break
        }
        'guard;approvers;help;help' {
            break
        }
        'guard;token' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Explain a token in words. Nothing is checked')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token as the host that asked would')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take a token in, so that the command that waits here goes on')
            [CompletionResult]::new('make', 'make', [CompletionResultType]::ParameterValue, 'Make a token of the files that stock ssh-keygen works with')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write document and signature of a token as files for stock ssh-keygen')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;token;inspect' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;token;verify' {
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'The request, as a file or its name; without it the one on this host')
            [CompletionResult]::new('--at', '--at', [CompletionResultType]::ParameterName, 'As if it were this time')
            [CompletionResult]::new('--signers', '--signers', [CompletionResultType]::ParameterName, 'Trust this file instead of the one in force')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;token;accept' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;token;make' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;token;split' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;token;help' {
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Explain a token in words. Nothing is checked')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token as the host that asked would')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take a token in, so that the command that waits here goes on')
            [CompletionResult]::new('make', 'make', [CompletionResultType]::ParameterValue, 'Make a token of the files that stock ssh-keygen works with')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write document and signature of a token as files for stock ssh-keygen')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;token;help;inspect' {
            break
        }
        'guard;token;help;verify' {
            break
        }
        'guard;token;help;accept' {
            break
        }
        'guard;token;help;make' {
            break
        }
        'guard;token;help;split' {
            break
        }
        'guard;token;help;help' {
            break
        }
        'guard;hook' {
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'For the event after the shell tool: notes how the agent says that the command ended. Prints nothing and exits with 0 whatever happens')
            [CompletionResult]::new('--dialog', '--dialog', [CompletionResultType]::ParameterName, 'The agent also calls this hook when it shows its own dialog: what a person agrees to there is run and recorded by guard')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;mcp' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;init' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Whose settings')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be written, and write nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Write without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Write without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;uninit' {
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'Whose settings')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be taken away, and write nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;doctor' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;status' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;demo' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'The folder; new or empty. Without it one in the temporary folder')
            [CompletionResult]::new('--interactive', '--interactive', [CompletionResultType]::ParameterName, 'Play a part yourself')
            [CompletionResult]::new('--fast', '--fast', [CompletionResultType]::ParameterName, 'No pauses for reading')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;log' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Only commands of people, agents, CI jobs, or without anybody')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Only commands that matched a rule; `*` stands for any text')
            [CompletionResult]::new('--program', '--program', [CompletionResultType]::ParameterName, 'Only commands in which this program runs')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only commands until then')
            [CompletionResult]::new('--day', '--day', [CompletionResultType]::ParameterName, 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Only commands of this session: a part of one of its names, as in `sessions` with --json')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'Only commands that would hit this: a part of `kind/name`')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Only commands with this text in them')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'Only commands that ended so')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'At most this many, the newest; 0: all')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out the newest N: with --last the next page, further back')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line instead of a table')
            [CompletionResult]::new('--refused', '--refused', [CompletionResultType]::ParameterName, 'Only commands that guard or a person kept from running')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Do not cut long commands')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print at once, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List commands, newest last: who asked, the verdict, how it ended')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no line was changed, every checkpoint, and every signature of a person')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show records as they are written')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the record in a form that other systems read')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count: commands, questions, answers and how long they took')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Look for secrets that stand in the record all the same')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Compare with other records: what ran without guard')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Draft a postmortem: a timeline of a session, a period or one incident')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Sign the log as it is, and send the signature where policy says')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Compress the files of earlier days; remove what policy no longer keeps')
            [CompletionResult]::new('prove', 'prove', [CompletionResultType]::ParameterValue, 'Write a proof that the records of a command are in the log')
            [CompletionResult]::new('check-proof', 'check-proof', [CompletionResultType]::ParameterValue, 'Check such a proof; needs neither the log nor guard''s other files')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of this host''s log')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;log;show' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)')
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Only commands of people, agents, CI jobs, or without anybody')
            [CompletionResult]::new('--rule', '--rule', [CompletionResultType]::ParameterName, 'Only commands that matched a rule; `*` stands for any text')
            [CompletionResult]::new('--program', '--program', [CompletionResultType]::ParameterName, 'Only commands in which this program runs')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only commands until then')
            [CompletionResult]::new('--day', '--day', [CompletionResultType]::ParameterName, 'Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day')
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Only commands of this session: a part of one of its names, as in `sessions` with --json')
            [CompletionResult]::new('--object', '--object', [CompletionResultType]::ParameterName, 'Only commands that would hit this: a part of `kind/name`')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Only commands with this text in them')
            [CompletionResult]::new('--outcome', '--outcome', [CompletionResultType]::ParameterName, 'Only commands that ended so')
            [CompletionResult]::new('--last', '--last', [CompletionResultType]::ParameterName, 'At most this many, the newest; 0: all')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave out the newest N: with --last the next page, further back')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line instead of a table')
            [CompletionResult]::new('--refused', '--refused', [CompletionResultType]::ParameterName, 'Only commands that guard or a person kept from running')
            [CompletionResult]::new('--wide', '--wide', [CompletionResultType]::ParameterName, 'Do not cut long commands')
            [CompletionResult]::new('--no-pager', '--no-pager', [CompletionResultType]::ParameterName, 'Print at once, also on a terminal')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;log;verify' {
            [CompletionResult]::new('--checkpoint', '--checkpoint', [CompletionResultType]::ParameterName, 'Checkpoints that were kept elsewhere: a file or a folder of them')
            [CompletionResult]::new('--request', '--request', [CompletionResultType]::ParameterName, 'A request that an approver kept: the log must still be what it was then')
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The key that must have signed: a `.pub` file, or its line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;follow' {
            [CompletionResult]::new('--tier', '--tier', [CompletionResultType]::ParameterName, 'Only commands of this tier; with `+` also the stricter ones')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'The lines of the log as they are')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;export' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The form; docs/log.md has the fields')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only records since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Only records until then')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Append to this file instead of standard output')
            [CompletionResult]::new('--cursor', '--cursor', [CompletionResultType]::ParameterName, 'Remember in this file how far it went, and go on from there')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Wait for more, until it is interrupted')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;log;stats' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without it four weeks')
            [CompletionResult]::new('--by', '--by', [CompletionResultType]::ParameterName, 'One line for each of these')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write a page with charts to this file')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('--csv', '--csv', [CompletionResultType]::ParameterName, 'As CSV (RFC 4180)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;log;scan' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;reconcile' {
            [CompletionResult]::new('--auditd', '--auditd', [CompletionResultType]::ParameterName, 'The kernel''s audit log, as auditd writes it')
            [CompletionResult]::new('--history', '--history', [CompletionResultType]::ParameterName, 'A history of bash or zsh')
            [CompletionResult]::new('--cloudtrail', '--cloudtrail', [CompletionResultType]::ParameterName, 'Events of AWS CloudTrail, JSON')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object a line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;report' {
            [CompletionResult]::new('--session', '--session', [CompletionResultType]::ParameterName, 'Only commands of this session: a part of its name, as in `sessions` of `guard log show --json`')
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'From then on: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without any choice: the last day')
            [CompletionResult]::new('--until', '--until', [CompletionResultType]::ParameterName, 'Until then')
            [CompletionResult]::new('--incident', '--incident', [CompletionResultType]::ParameterName, 'Around one command: the id or the name of its request')
            [CompletionResult]::new('--html', '--html', [CompletionResultType]::ParameterName, 'Write HTML to this file instead of Markdown to standard output')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Harmless commands too')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;checkpoint' {
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing about what went well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing about what went well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;rotate' {
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only say what would be done')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Say nothing about what went well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Say nothing about what went well')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;prove' {
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where to write the proof; without it, standard output. Must not exist')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where to write the proof; without it, standard output. Must not exist')
            [CompletionResult]::new('--checkpoint', '--checkpoint', [CompletionResultType]::ParameterName, 'The checkpoint to prove it against; without it the newest')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;check-proof' {
            [CompletionResult]::new('--key', '--key', [CompletionResultType]::ParameterName, 'The host''s public key: a `.pub` file, or its line')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;path' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;log;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List commands, newest last: who asked, the verdict, how it ended')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no line was changed, every checkpoint, and every signature of a person')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show records as they are written')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the record in a form that other systems read')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count: commands, questions, answers and how long they took')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Look for secrets that stand in the record all the same')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Compare with other records: what ran without guard')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Draft a postmortem: a timeline of a session, a period or one incident')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Sign the log as it is, and send the signature where policy says')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Compress the files of earlier days; remove what policy no longer keeps')
            [CompletionResult]::new('prove', 'prove', [CompletionResultType]::ParameterValue, 'Write a proof that the records of a command are in the log')
            [CompletionResult]::new('check-proof', 'check-proof', [CompletionResultType]::ParameterValue, 'Check such a proof; needs neither the log nor guard''s other files')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of this host''s log')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;log;help;show' {
            break
        }
        'guard;log;help;verify' {
            break
        }
        'guard;log;help;follow' {
            break
        }
        'guard;log;help;export' {
            break
        }
        'guard;log;help;stats' {
            break
        }
        'guard;log;help;scan' {
            break
        }
        'guard;log;help;reconcile' {
            break
        }
        'guard;log;help;report' {
            break
        }
        'guard;log;help;checkpoint' {
            break
        }
        'guard;log;help;rotate' {
            break
        }
        'guard;log;help;prove' {
            break
        }
        'guard;log;help;check-proof' {
            break
        }
        'guard;log;help;path' {
            break
        }
        'guard;log;help;help' {
            break
        }
        'guard;rules' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules, one a line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the page of a rule: what it finds, why that is dangerous, what to do instead')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Judge the examples of the rules; fail when one is not judged as it says')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check rule files; report every mistake with line and column')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write the first draft of a rule file for a tool')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;rules;list' {
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'A JSON array')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;rules;show' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;rules;test' {
            [CompletionResult]::new('--corpus', '--corpus', [CompletionResultType]::ParameterName, 'Score the commands of this file instead of the examples; may be given several times')
            [CompletionResult]::new('--misses', '--misses', [CompletionResultType]::ParameterName, 'Write every command that is judged wrongly to this file, as a table')
            [CompletionResult]::new('--min-recall', '--min-recall', [CompletionResultType]::ParameterName, 'Fail when less than this part of the dangerous commands is found (0 to 1)')
            [CompletionResult]::new('--max-interruptions', '--max-interruptions', [CompletionResultType]::ParameterName, 'Fail when more than this part of the safe commands is interrupted (0 to 1)')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'Who types the commands')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;rules;lint' {
            [CompletionResult]::new('--deny-warnings', '--deny-warnings', [CompletionResultType]::ParameterName, 'Fail when there are warnings')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;rules;new' {
            [CompletionResult]::new('--id', '--id', [CompletionResultType]::ParameterName, 'Id of the one rule, with or without `TOOL.` in front')
            [CompletionResult]::new('--verb', '--verb', [CompletionResultType]::ParameterName, 'What the one rule''s command does: create, modify, stop, delete, access, expose or execute-unknown')
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write the file to this folder instead of ~/.config/guard/rules.d')
            [CompletionResult]::new('--stdout', '--stdout', [CompletionResultType]::ParameterName, 'Print the draft and write nothing')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;rules;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules, one a line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the page of a rule: what it finds, why that is dangerous, what to do instead')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Judge the examples of the rules; fail when one is not judged as it says')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check rule files; report every mistake with line and column')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write the first draft of a rule file for a tool')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;rules;help;list' {
            break
        }
        'guard;rules;help;show' {
            break
        }
        'guard;rules;help;test' {
            break
        }
        'guard;rules;help;lint' {
            break
        }
        'guard;rules;help;new' {
            break
        }
        'guard;rules;help;help' {
            break
        }
        'guard;policy' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every line in force, with the file it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check policy files without putting them in force')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;policy;show' {
            [CompletionResult]::new('--effective', '--effective', [CompletionResultType]::ParameterName, 'What is in force of all files together, which is what is shown without it too')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'As JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;policy;check' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;policy;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every line in force, with the file it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check policy files without putting them in force')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;policy;help;show' {
            break
        }
        'guard;policy;help;check' {
            break
        }
        'guard;policy;help;help' {
            break
        }
        'guard;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'guard;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page into this folder')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'guard;help' {
            [CompletionResult]::new('run', 'run', [CompletionResultType]::ParameterValue, 'Judge a command, ask where needed, run it and record what happened')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Give the verdict on a command; never runs it, never asks')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Show word by word how a verdict came about')
            [CompletionResult]::new('approve', 'approve', [CompletionResultType]::ParameterValue, 'Say yes to a request, after looking at it')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Say no to a request; it stays no')
            [CompletionResult]::new('review', 'review', [CompletionResultType]::ParameterValue, 'Close the review of a command that was run past a missing approval')
            [CompletionResult]::new('requests', 'requests', [CompletionResultType]::ParameterValue, 'List, show, export and withdraw requests')
            [CompletionResult]::new('approvers', 'approvers', [CompletionResultType]::ParameterValue, 'Enrol, list and remove the people who may approve')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'Explain and check tokens')
            [CompletionResult]::new('hook', 'hook', [CompletionResultType]::ParameterValue, 'Answer a coding agent''s hook: its JSON in, its verdict out')
            [CompletionResult]::new('mcp', 'mcp', [CompletionResultType]::ParameterValue, 'Be the shell tool of an agent, by the Model Context Protocol')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Put guard in front of a coding agent')
            [CompletionResult]::new('uninit', 'uninit', [CompletionResultType]::ParameterValue, 'Take guard away from a coding agent')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check that guard is really in front of the agents that are used here')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what guard promises on this host, and what is open')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'Play the incident that guard was made for, in a folder, with a model cloud')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Look at the record, or verify it')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'List, show, test and lint rules')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'Show or check the policy that is in force')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a man page, or write all of them into a folder')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'guard;help;run' {
            break
        }
        'guard;help;check' {
            break
        }
        'guard;help;explain' {
            break
        }
        'guard;help;approve' {
            break
        }
        'guard;help;deny' {
            break
        }
        'guard;help;review' {
            break
        }
        'guard;help;requests' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one request: what is asked for, what is bound, what was answered')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Print a request for somebody on another machine')
            [CompletionResult]::new('withdraw', 'withdraw', [CompletionResultType]::ParameterValue, 'Take a request back; agents may do this too')
            break
        }
        'guard;help;requests;show' {
            break
        }
        'guard;help;requests;export' {
            break
        }
        'guard;help;requests;withdraw' {
            break
        }
        'guard;help;approvers' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List who is enrolled')
            [CompletionResult]::new('add', 'add', [CompletionResultType]::ParameterValue, 'Enrol a person with a public key')
            [CompletionResult]::new('remove', 'remove', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Take a person, or one key, out and never trust the keys again')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Enrol everybody of an OpenSSH allowed_signers file')
            break
        }
        'guard;help;approvers;list' {
            break
        }
        'guard;help;approvers;add' {
            break
        }
        'guard;help;approvers;remove' {
            break
        }
        'guard;help;approvers;revoke' {
            break
        }
        'guard;help;approvers;import' {
            break
        }
        'guard;help;token' {
            [CompletionResult]::new('inspect', 'inspect', [CompletionResultType]::ParameterValue, 'Explain a token in words. Nothing is checked')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check a token as the host that asked would')
            [CompletionResult]::new('accept', 'accept', [CompletionResultType]::ParameterValue, 'Take a token in, so that the command that waits here goes on')
            [CompletionResult]::new('make', 'make', [CompletionResultType]::ParameterValue, 'Make a token of the files that stock ssh-keygen works with')
            [CompletionResult]::new('split', 'split', [CompletionResultType]::ParameterValue, 'Write document and signature of a token as files for stock ssh-keygen')
            break
        }
        'guard;help;token;inspect' {
            break
        }
        'guard;help;token;verify' {
            break
        }
        'guard;help;token;accept' {
            break
        }
        'guard;help;token;make' {
            break
        }
        'guard;help;token;split' {
            break
        }
        'guard;help;hook' {
            break
        }
        'guard;help;mcp' {
            break
        }
        'guard;help;init' {
            break
        }
        'guard;help;uninit' {
            break
        }
        'guard;help;doctor' {
            break
        }
        'guard;help;status' {
            break
        }
        'guard;help;demo' {
            break
        }
        'guard;help;log' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'List commands, newest last: who asked, the verdict, how it ended')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check that no line was changed, every checkpoint, and every signature of a person')
            [CompletionResult]::new('follow', 'follow', [CompletionResultType]::ParameterValue, 'Show records as they are written')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write the record in a form that other systems read')
            [CompletionResult]::new('stats', 'stats', [CompletionResultType]::ParameterValue, 'Count: commands, questions, answers and how long they took')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Look for secrets that stand in the record all the same')
            [CompletionResult]::new('reconcile', 'reconcile', [CompletionResultType]::ParameterValue, 'Compare with other records: what ran without guard')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Draft a postmortem: a timeline of a session, a period or one incident')
            [CompletionResult]::new('checkpoint', 'checkpoint', [CompletionResultType]::ParameterValue, 'Sign the log as it is, and send the signature where policy says')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Compress the files of earlier days; remove what policy no longer keeps')
            [CompletionResult]::new('prove', 'prove', [CompletionResultType]::ParameterValue, 'Write a proof that the records of a command are in the log')
            [CompletionResult]::new('check-proof', 'check-proof', [CompletionResultType]::ParameterValue, 'Check such a proof; needs neither the log nor guard''s other files')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of this host''s log')
            break
        }
        'guard;help;log;show' {
            break
        }
        'guard;help;log;verify' {
            break
        }
        'guard;help;log;follow' {
            break
        }
        'guard;help;log;export' {
            break
        }
        'guard;help;log;stats' {
            break
        }
        'guard;help;log;scan' {
            break
        }
        'guard;help;log;reconcile' {
            break
        }
        'guard;help;log;report' {
            break
        }
        'guard;help;log;checkpoint' {
            break
        }
        'guard;help;log;rotate' {
            break
        }
        'guard;help;log;prove' {
            break
        }
        'guard;help;log;check-proof' {
            break
        }
        'guard;help;log;path' {
            break
        }
        'guard;help;rules' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the rules, one a line')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show the page of a rule: what it finds, why that is dangerous, what to do instead')
            [CompletionResult]::new('test', 'test', [CompletionResultType]::ParameterValue, 'Judge the examples of the rules; fail when one is not judged as it says')
            [CompletionResult]::new('lint', 'lint', [CompletionResultType]::ParameterValue, 'Check rule files; report every mistake with line and column')
            [CompletionResult]::new('new', 'new', [CompletionResultType]::ParameterValue, 'Write the first draft of a rule file for a tool')
            break
        }
        'guard;help;rules;list' {
            break
        }
        'guard;help;rules;show' {
            break
        }
        'guard;help;rules;test' {
            break
        }
        'guard;help;rules;lint' {
            break
        }
        'guard;help;rules;new' {
            break
        }
        'guard;help;policy' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every line in force, with the file it comes from')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check policy files without putting them in force')
            break
        }
        'guard;help;policy;show' {
            break
        }
        'guard;help;policy;check' {
            break
        }
        'guard;help;completions' {
            break
        }
        'guard;help;man' {
            break
        }
        'guard;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
