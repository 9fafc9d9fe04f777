module completions {

  # Judge a command before it runs: show what it would hit, ask, run it, record it
  export extern guard [
    --reason: string          # Why the command is needed; kept in the record
    --dry-run                 # Judge and show, but do not ask and do not run
    --quiet(-q)               # Say nothing about commands that may run
    --wait: string            # Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait
    --token: string           # A token with an approval; may be given several times
    --token-file: path        # A file with a token
    --nonce: string           # The number that an agent's hook has written here, whose question a person has answered in the agent: good once, for this text
    --break-glass             # Run without the second person that is needed; only where policy allows it, and never for an agent
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  # Judge a command, ask where needed, run it and record what happened
  export extern "guard run" [
    --reason: string          # Why the command is needed; kept in the record
    --dry-run                 # Judge and show, but do not ask and do not run
    --quiet(-q)               # Say nothing about commands that may run
    --wait: string            # Wait so long for somebody elsewhere to answer, such as 110s or 15m; 0s asks and does not wait
    --token: string           # A token with an approval; may be given several times
    --token-file: path        # A file with a token
    --nonce: string           # The number that an agent's hook has written here, whose question a person has answered in the agent: good once, for this text
    --break-glass             # Run without the second person that is needed; only where policy allows it, and never for an agent
    -c: string                # Shell text (bash) instead of an argv
    --help(-h)                # Print help
  ]

  # Give the verdict on a command; never runs it, never asks
  export extern "guard check" [
    --json                    # The verdict as one JSON object
    --jsonl                   # Read one JSON object a line from standard input and answer each with one line, in the same order, in a fixed neutral context
    -c: string                # Shell text (bash) instead of an argv
    --help(-h)                # Print help
  ]

  # Show word by word how a verdict came about
  export extern "guard explain" [
    -c: string                # Shell text (bash) instead of an argv
    --help(-h)                # Print help
  ]

  # Say yes to a request, after looking at it
  export extern "guard approve" [
    --key: path               # Private key to sign with; without it a key in ssh-agent
    --as: string              # Your name among the approvers, where the key does not tell
    --reason: string          # Why; signed with the answer
    --despite                 # Answer although your guard and theirs judge the command differently
    --probe                   # Look at what would be hit now, from here and as yourself (docs/probes.md)
    --detached: directory     # Write the bytes to be signed into this folder instead of signing them
    --qr                      # Show the token as a QR code, too
    --help(-h)                # Print help
    request: path             # The request: its name, its id, a file, or `-` for a paste
  ]

  # Say no to a request; it stays no
  export extern "guard deny" [
    --key: path               # Private key to sign with; without it a key in ssh-agent
    --as: string              # Your name among the approvers, where the key does not tell
    --reason: string          # Why; signed with the answer
    --despite                 # Answer although your guard and theirs judge the command differently
    --probe                   # Look at what would be hit now, from here and as yourself (docs/probes.md)
    --detached: directory     # Write the bytes to be signed into this folder instead of signing them
    --qr                      # Show the token as a QR code, too
    --help(-h)                # Print help
    request: path             # The request: its name, its id, a file, or `-` for a paste
  ]

  # Close the review of a command that was run past a missing approval
  export extern "guard review" [
    --key: path               # Private key to sign with; without it a key in ssh-agent
    --as: string              # Your name among the approvers, where the key does not tell
    --reason: string          # Why; signed with the answer
    --despite                 # Answer although your guard and theirs judge the command differently
    --probe                   # Look at what would be hit now, from here and as yourself (docs/probes.md)
    --detached: directory     # Write the bytes to be signed into this folder instead of signing them
    --qr                      # Show the token as a QR code, too
    --help(-h)                # Print help
    request: path             # The request: its name, its id, a file, or `-` for a paste
  ]

  # List, show, export and withdraw requests
  export extern "guard requests" [
    --all                     # Those that are over as well
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Show one request: what is asked for, what is bound, what was answered
  export extern "guard requests show" [
    --json                    # As JSON: the document itself
    --help(-h)                # Print help
    id: string                # Its name or id
  ]

  # Print a request for somebody on another machine
  export extern "guard requests export" [
    --file                    # The document itself instead of one line
    --help(-h)                # Print help
    id: string                # Its name or id
  ]

  # Take a request back; agents may do this too
  export extern "guard requests withdraw" [
    --help(-h)                # Print help
    id: string                # Its name or id
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard requests help" [
  ]

  # Show one request: what is asked for, what is bound, what was answered
  export extern "guard requests help show" [
  ]

  # Print a request for somebody on another machine
  export extern "guard requests help export" [
  ]

  # Take a request back; agents may do this too
  export extern "guard requests help withdraw" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard requests help help" [
  ]

  # Enrol, list and remove the people who may approve
  export extern "guard approvers" [
    --help(-h)                # Print help
  ]

  # List who is enrolled
  export extern "guard approvers list" [
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Enrol a person with a public key
  export extern "guard approvers add" [
    --days: string            # For how many days the key is trusted
    --reason: string          # Why; shown to whoever has to agree
    --wait: string            # Wait so long for the approval
    --token: string           # A token with the approval; may be given several times
    --help(-h)                # Print help
    name: string              # Their name, such as dana@example.org
    key: path                 # Their public key: a .pub file, or its line
  ]

  # Take a person, or one key, out
  export extern "guard approvers remove" [
    --reason: string          # Why; shown to whoever has to agree
    --wait: string            # Wait so long for the approval
    --token: string           # A token with the approval; may be given several times
    --help(-h)                # Print help
    name: string              # Their name, or the fingerprint of a key
  ]

  # Take a person, or one key, out and never trust the keys again
  export extern "guard approvers revoke" [
    --reason: string          # Why; shown to whoever has to agree
    --wait: string            # Wait so long for the approval
    --token: string           # A token with the approval; may be given several times
    --help(-h)                # Print help
    name: string              # Their name, or the fingerprint of a key
  ]

  # Enrol everybody of an OpenSSH allowed_signers file
  export extern "guard approvers import" [
    --reason: string          # Why; shown to whoever has to agree
    --wait: string            # Wait so long for the approval
    --token: string           # A token with the approval; may be given several times
    --help(-h)                # Print help
    file: path                # The file
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard approvers help" [
  ]

  # List who is enrolled
  export extern "guard approvers help list" [
  ]

  # Enrol a person with a public key
  export extern "guard approvers help add" [
  ]

  # Take a person, or one key, out
  export extern "guard approvers help remove" [
  ]

  # Take a person, or one key, out and never trust the keys again
  export extern "guard approvers help revoke" [
  ]

  # Enrol everybody of an OpenSSH allowed_signers file
  export extern "guard approvers help import" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard approvers help help" [
  ]

  # Explain and check tokens
  export extern "guard token" [
    --help(-h)                # Print help
  ]

  # Explain a token in words. Nothing is checked
  export extern "guard token inspect" [
    --help(-h)                # Print help
    token: string             # The token, a file with it, or `-`
  ]

  # Check a token as the host that asked would
  export extern "guard token verify" [
    --request: string         # The request, as a file or its name; without it the one on this host
    --at: string              # As if it were this time
    --signers: path           # Trust this file instead of the one in force
    --help(-h)                # Print help
    token: string             # The token, a file with it, or `-`
  ]

  # Take a token in, so that the command that waits here goes on
  export extern "guard token accept" [
    --help(-h)                # Print help
    token: string             # The token, a file with it, or `-`
  ]

  # Make a token of the files that stock ssh-keygen works with
  export extern "guard token make" [
    --help(-h)                # Print help
    document: path            # The decision document
    signature: path           # The signature that `ssh-keygen -Y sign` has made
  ]

  # Write document and signature of a token as files for stock ssh-keygen
  export extern "guard token split" [
    --help(-h)                # Print help
    token: string             # The token, a file with it, or `-`
    folder: directory         # The folder
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard token help" [
  ]

  # Explain a token in words. Nothing is checked
  export extern "guard token help inspect" [
  ]

  # Check a token as the host that asked would
  export extern "guard token help verify" [
  ]

  # Take a token in, so that the command that waits here goes on
  export extern "guard token help accept" [
  ]

  # Make a token of the files that stock ssh-keygen works with
  export extern "guard token help make" [
  ]

  # Write document and signature of a token as files for stock ssh-keygen
  export extern "guard token help split" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard token help help" [
  ]

  def "nu-complete guard hook agent" [] {
    [ "kiro" "amazon-q" "claude-code" "codex" "cursor" "gemini-cli" "copilot-cli" "qwen-code" "opencode" "windsurf" "cline" "openhands" "devin" ]
  }

  # Answer a coding agent's hook: its JSON in, its verdict out
  export extern "guard hook" [
    --after                   # For the event after the shell tool: notes how the agent says that the command ended. Prints nothing and exits with 0 whatever happens
    --dialog                  # The agent also calls this hook when it shows its own dialog: what a person agrees to there is run and recorded by guard
    --help(-h)                # Print help (see more with '--help')
    agent: string@"nu-complete guard hook agent" # The agent
  ]

  # Be the shell tool of an agent, by the Model Context Protocol
  export extern "guard mcp" [
    --help(-h)                # Print help
  ]

  def "nu-complete guard init target" [] {
    [ "kiro" "amazon-q" "claude-code" "codex" "cursor" "gemini-cli" "copilot-cli" "qwen-code" "opencode" "windsurf" "cline" "openhands" "devin" "shims" "shell" ]
  }

  def "nu-complete guard init scope" [] {
    [ "user" "project" "managed" ]
  }

  # Put guard in front of a coding agent
  export extern "guard init" [
    --scope: string@"nu-complete guard init scope" # Whose settings
    --dry-run                 # Show what would be written, and write nothing
    --yes(-y)                 # Write without asking
    --help(-h)                # Print help (see more with '--help')
    target?: string@"nu-complete guard init target" # The agent, `shims` or `shell`; without one, the agents that are used here are listed
    ...names: string          # For `shims`, the programs; for `shell`, which shell, then the programs that get an alias
  ]

  def "nu-complete guard uninit target" [] {
    [ "kiro" "amazon-q" "claude-code" "codex" "cursor" "gemini-cli" "copilot-cli" "qwen-code" "opencode" "windsurf" "cline" "openhands" "devin" "shims" "shell" ]
  }

  def "nu-complete guard uninit scope" [] {
    [ "user" "project" "managed" ]
  }

  # Take guard away from a coding agent
  export extern "guard uninit" [
    --scope: string@"nu-complete guard uninit scope" # Whose settings
    --dry-run                 # Show what would be taken away, and write nothing
    --help(-h)                # Print help (see more with '--help')
    target: string@"nu-complete guard uninit target" # The agent, or `shims`
    ...names: string          # For `shims`, the programs; without one, all
  ]

  # Check that guard is really in front of the agents that are used here
  export extern "guard doctor" [
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Show what guard promises on this host, and what is open
  export extern "guard status" [
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  def "nu-complete guard demo interactive" [] {
    [ "approver" "operator" ]
  }

  # Play the incident that guard was made for, in a folder, with a model cloud
  export extern "guard demo" [
    --dir: directory          # The folder; new or empty. Without it one in the temporary folder
    --interactive: string@"nu-complete guard demo interactive" # Play a part yourself
    --fast                    # No pauses for reading
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete guard log actor" [] {
    [ "human" "agent" "ci" "unattended" ]
  }

  def "nu-complete guard log outcome" [] {
    [ "exit" "signal" "failed" "refused" "declined" "cancelled" "pending" "handed-on" "running" "lost" ]
  }

  # Look at the record, or verify it
  export extern "guard log" [
    --json                    # One JSON object a line instead of a table
    --since: string           # Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)
    --tier: string            # Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)
    --actor: string@"nu-complete guard log actor" # Only commands of people, agents, CI jobs, or without anybody
    --rule: string            # Only commands that matched a rule; `*` stands for any text
    --program: string         # Only commands in which this program runs
    --refused                 # Only commands that guard or a person kept from running
    --until: string           # Only commands until then
    --day: string             # Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day
    --session: string         # Only commands of this session: a part of one of its names, as in `sessions` with --json
    --object: string          # Only commands that would hit this: a part of `kind/name`
    --text: string            # Only commands with this text in them
    --outcome: string@"nu-complete guard log outcome" # Only commands that ended so
    --last: string            # At most this many, the newest; 0: all
    --skip: string            # Leave out the newest N: with --last the next page, further back
    --wide                    # Do not cut long commands
    --no-pager                # Print at once, also on a terminal
    --help(-h)                # Print help (see more with '--help')
    id?: string               # Everything about one command: the id of its request, or the name of the request that somebody answered, such as GEXS-Z6KB
  ]

  def "nu-complete guard log show actor" [] {
    [ "human" "agent" "ci" "unattended" ]
  }

  def "nu-complete guard log show outcome" [] {
    [ "exit" "signal" "failed" "refused" "declined" "cancelled" "pending" "handed-on" "running" "lost" ]
  }

  # List commands, newest last: who asked, the verdict, how it ended
  export extern "guard log show" [
    --json                    # One JSON object a line instead of a table
    --since: string           # Only commands since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)
    --tier: string            # Only this tier; with `+` also the stricter ones (`confirm+`, `T2+`)
    --actor: string@"nu-complete guard log show actor" # Only commands of people, agents, CI jobs, or without anybody
    --rule: string            # Only commands that matched a rule; `*` stands for any text
    --program: string         # Only commands in which this program runs
    --refused                 # Only commands that guard or a person kept from running
    --until: string           # Only commands until then
    --day: string             # Only what was recorded on this day (UTC), as 2026-11-22; reads only the files of that day
    --session: string         # Only commands of this session: a part of one of its names, as in `sessions` with --json
    --object: string          # Only commands that would hit this: a part of `kind/name`
    --text: string            # Only commands with this text in them
    --outcome: string@"nu-complete guard log show outcome" # Only commands that ended so
    --last: string            # At most this many, the newest; 0: all
    --skip: string            # Leave out the newest N: with --last the next page, further back
    --wide                    # Do not cut long commands
    --no-pager                # Print at once, also on a terminal
    --help(-h)                # Print help (see more with '--help')
    id?: string               # Everything about one command: the id of its request, or the name of the request that somebody answered, such as GEXS-Z6KB
  ]

  # Check that no line was changed, every checkpoint, and every signature of a person
  export extern "guard log verify" [
    --checkpoint: path        # Checkpoints that were kept elsewhere: a file or a folder of them
    --request: path           # A request that an approver kept: the log must still be what it was then
    --key: path               # The key that must have signed: a `.pub` file, or its line
    --help(-h)                # Print help
    ...files: path            # The files; without them every log in guard's folder
  ]

  # Show records as they are written
  export extern "guard log follow" [
    --tier: string            # Only commands of this tier; with `+` also the stricter ones
    --json                    # The lines of the log as they are
    --help(-h)                # Print help
  ]

  def "nu-complete guard log export format" [] {
    [ "ocsf" "otlp" "ecs" "cef" "syslog" "jsonl" "csv" ]
  }

  # Write the record in a form that other systems read
  export extern "guard log export" [
    --format: string@"nu-complete guard log export format" # The form; docs/log.md has the fields
    --since: string           # Only records since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC)
    --until: string           # Only records until then
    --output: path            # Append to this file instead of standard output
    --cursor: path            # Remember in this file how far it went, and go on from there
    --follow                  # Wait for more, until it is interrupted
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete guard log stats by" [] {
    [ "day" "week" "agent" "person" "repository" "rule" "way" ]
  }

  # Count: commands, questions, answers and how long they took
  export extern "guard log stats" [
    --since: string           # Since then: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without it four weeks
    --by: string@"nu-complete guard log stats by" # One line for each of these
    --json                    # As JSON
    --csv                     # As CSV (RFC 4180)
    --html: path              # Write a page with charts to this file
    --help(-h)                # Print help (see more with '--help')
  ]

  # Look for secrets that stand in the record all the same
  export extern "guard log scan" [
    --help(-h)                # Print help
    ...files: path            # The files; without them every log in guard's folder
  ]

  # Compare with other records: what ran without guard
  export extern "guard log reconcile" [
    --auditd: path            # The kernel's audit log, as auditd writes it
    --history: path           # A history of bash or zsh
    --cloudtrail: path        # Events of AWS CloudTrail, JSON
    --json                    # One JSON object a line
    --help(-h)                # Print help
  ]

  # Draft a postmortem: a timeline of a session, a period or one incident
  export extern "guard log report" [
    --session: string         # Only commands of this session: a part of its name, as in `sessions` of `guard log show --json`
    --since: string           # From then on: 90s, 30m, 2h, 7d, 2w ago, or a date or time (UTC). Without any choice: the last day
    --until: string           # Until then
    --incident: string        # Around one command: the id or the name of its request
    --all                     # Harmless commands too
    --html: path              # Write HTML to this file instead of Markdown to standard output
    --help(-h)                # Print help
  ]

  # Sign the log as it is, and send the signature where policy says
  export extern "guard log checkpoint" [
    --quiet(-q)               # Say nothing about what went well
    --help(-h)                # Print help
  ]

  # Compress the files of earlier days; remove what policy no longer keeps
  export extern "guard log rotate" [
    --dry-run                 # Only say what would be done
    --quiet(-q)               # Say nothing about what went well
    --help(-h)                # Print help
  ]

  # Write a proof that the records of a command are in the log
  export extern "guard log prove" [
    --output(-o): path        # Where to write the proof; without it, standard output. Must not exist
    --checkpoint: path        # The checkpoint to prove it against; without it the newest
    --help(-h)                # Print help
    id: string                # The id of a request or its beginning, or the name of the request that somebody answered, such as GEXS-Z6KB
  ]

  # Check such a proof; needs neither the log nor guard's other files
  export extern "guard log check-proof" [
    --key: path               # The host's public key: a `.pub` file, or its line
    --help(-h)                # Print help
    file: path                # The proof
  ]

  # Print the path of this host's log
  export extern "guard log path" [
    --help(-h)                # Print help
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard log help" [
  ]

  # List commands, newest last: who asked, the verdict, how it ended
  export extern "guard log help show" [
  ]

  # Check that no line was changed, every checkpoint, and every signature of a person
  export extern "guard log help verify" [
  ]

  # Show records as they are written
  export extern "guard log help follow" [
  ]

  # Write the record in a form that other systems read
  export extern "guard log help export" [
  ]

  # Count: commands, questions, answers and how long they took
  export extern "guard log help stats" [
  ]

  # Look for secrets that stand in the record all the same
  export extern "guard log help scan" [
  ]

  # Compare with other records: what ran without guard
  export extern "guard log help reconcile" [
  ]

  # Draft a postmortem: a timeline of a session, a period or one incident
  export extern "guard log help report" [
  ]

  # Sign the log as it is, and send the signature where policy says
  export extern "guard log help checkpoint" [
  ]

  # Compress the files of earlier days; remove what policy no longer keeps
  export extern "guard log help rotate" [
  ]

  # Write a proof that the records of a command are in the log
  export extern "guard log help prove" [
  ]

  # Check such a proof; needs neither the log nor guard's other files
  export extern "guard log help check-proof" [
  ]

  # Print the path of this host's log
  export extern "guard log help path" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard log help help" [
  ]

  # List, show, test and lint rules
  export extern "guard rules" [
    --help(-h)                # Print help
  ]

  # List the rules, one a line
  export extern "guard rules list" [
    --json                    # A JSON array
    --help(-h)                # Print help
    tool?: string             # Only the rules of this tool or program
  ]

  # Show the page of a rule: what it finds, why that is dangerous, what to do instead
  export extern "guard rules show" [
    --help(-h)                # Print help
    id?: string               # The id of the rule, such as `git.reset-hard`
  ]

  def "nu-complete guard rules test actor" [] {
    [ "agent" "human" ]
  }

  # Judge the examples of the rules; fail when one is not judged as it says
  export extern "guard rules test" [
    --corpus: path            # Score the commands of this file instead of the examples; may be given several times
    --misses: path            # Write every command that is judged wrongly to this file, as a table
    --min-recall: string      # Fail when less than this part of the dangerous commands is found (0 to 1)
    --max-interruptions: string # Fail when more than this part of the safe commands is interrupted (0 to 1)
    --actor: string@"nu-complete guard rules test actor" # Who types the commands
    --help(-h)                # Print help (see more with '--help')
    ...files: path            # Rule files that are tested beside the rules in force
  ]

  # Check rule files; report every mistake with line and column
  export extern "guard rules lint" [
    --deny-warnings           # Fail when there are warnings
    --help(-h)                # Print help
    ...files: path            # The files; without any, those of the system and the user
  ]

  # Write the first draft of a rule file for a tool
  export extern "guard rules new" [
    --id: string              # Id of the one rule, with or without `TOOL.` in front
    --verb: string            # What the one rule's command does: create, modify, stop, delete, access, expose or execute-unknown
    --dir: directory          # Write the file to this folder instead of ~/.config/guard/rules.d
    --stdout                  # Print the draft and write nothing
    --help(-h)                # Print help
    tool: string              # The program; several names of one tool with commas between
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard rules help" [
  ]

  # List the rules, one a line
  export extern "guard rules help list" [
  ]

  # Show the page of a rule: what it finds, why that is dangerous, what to do instead
  export extern "guard rules help show" [
  ]

  # Judge the examples of the rules; fail when one is not judged as it says
  export extern "guard rules help test" [
  ]

  # Check rule files; report every mistake with line and column
  export extern "guard rules help lint" [
  ]

  # Write the first draft of a rule file for a tool
  export extern "guard rules help new" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard rules help help" [
  ]

  # Show or check the policy that is in force
  export extern "guard policy" [
    --help(-h)                # Print help
  ]

  # Show every line in force, with the file it comes from
  export extern "guard policy show" [
    --effective               # What is in force of all files together, which is what is shown without it too
    --json                    # As JSON
    --help(-h)                # Print help
  ]

  # Check policy files without putting them in force
  export extern "guard policy check" [
    --help(-h)                # Print help
    ...files: path            # The files; without them those in force
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard policy help" [
  ]

  # Show every line in force, with the file it comes from
  export extern "guard policy help show" [
  ]

  # Check policy files without putting them in force
  export extern "guard policy help check" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard policy help help" [
  ]

  def "nu-complete guard completions shell" [] {
    [ "bash" "zsh" "fish" "powershell" "elvish" "nushell" ]
  }

  # Print a completion script for a shell
  export extern "guard completions" [
    --help(-h)                # Print help (see more with '--help')
    shell: string@"nu-complete guard completions shell" # The shell
  ]

  # Print a man page, or write all of them into a folder
  export extern "guard man" [
    --dir: directory          # Write every page into this folder
    --help(-h)                # Print help
    page?: string             # The subcommand whose page is printed, such as `run`; without it guard's own
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard help" [
  ]

  # Judge a command, ask where needed, run it and record what happened
  export extern "guard help run" [
  ]

  # Give the verdict on a command; never runs it, never asks
  export extern "guard help check" [
  ]

  # Show word by word how a verdict came about
  export extern "guard help explain" [
  ]

  # Say yes to a request, after looking at it
  export extern "guard help approve" [
  ]

  # Say no to a request; it stays no
  export extern "guard help deny" [
  ]

  # Close the review of a command that was run past a missing approval
  export extern "guard help review" [
  ]

  # List, show, export and withdraw requests
  export extern "guard help requests" [
  ]

  # Show one request: what is asked for, what is bound, what was answered
  export extern "guard help requests show" [
  ]

  # Print a request for somebody on another machine
  export extern "guard help requests export" [
  ]

  # Take a request back; agents may do this too
  export extern "guard help requests withdraw" [
  ]

  # Enrol, list and remove the people who may approve
  export extern "guard help approvers" [
  ]

  # List who is enrolled
  export extern "guard help approvers list" [
  ]

  # Enrol a person with a public key
  export extern "guard help approvers add" [
  ]

  # Take a person, or one key, out
  export extern "guard help approvers remove" [
  ]

  # Take a person, or one key, out and never trust the keys again
  export extern "guard help approvers revoke" [
  ]

  # Enrol everybody of an OpenSSH allowed_signers file
  export extern "guard help approvers import" [
  ]

  # Explain and check tokens
  export extern "guard help token" [
  ]

  # Explain a token in words. Nothing is checked
  export extern "guard help token inspect" [
  ]

  # Check a token as the host that asked would
  export extern "guard help token verify" [
  ]

  # Take a token in, so that the command that waits here goes on
  export extern "guard help token accept" [
  ]

  # Make a token of the files that stock ssh-keygen works with
  export extern "guard help token make" [
  ]

  # Write document and signature of a token as files for stock ssh-keygen
  export extern "guard help token split" [
  ]

  # Answer a coding agent's hook: its JSON in, its verdict out
  export extern "guard help hook" [
  ]

  # Be the shell tool of an agent, by the Model Context Protocol
  export extern "guard help mcp" [
  ]

  # Put guard in front of a coding agent
  export extern "guard help init" [
  ]

  # Take guard away from a coding agent
  export extern "guard help uninit" [
  ]

  # Check that guard is really in front of the agents that are used here
  export extern "guard help doctor" [
  ]

  # Show what guard promises on this host, and what is open
  export extern "guard help status" [
  ]

  # Play the incident that guard was made for, in a folder, with a model cloud
  export extern "guard help demo" [
  ]

  # Look at the record, or verify it
  export extern "guard help log" [
  ]

  # List commands, newest last: who asked, the verdict, how it ended
  export extern "guard help log show" [
  ]

  # Check that no line was changed, every checkpoint, and every signature of a person
  export extern "guard help log verify" [
  ]

  # Show records as they are written
  export extern "guard help log follow" [
  ]

  # Write the record in a form that other systems read
  export extern "guard help log export" [
  ]

  # Count: commands, questions, answers and how long they took
  export extern "guard help log stats" [
  ]

  # Look for secrets that stand in the record all the same
  export extern "guard help log scan" [
  ]

  # Compare with other records: what ran without guard
  export extern "guard help log reconcile" [
  ]

  # Draft a postmortem: a timeline of a session, a period or one incident
  export extern "guard help log report" [
  ]

  # Sign the log as it is, and send the signature where policy says
  export extern "guard help log checkpoint" [
  ]

  # Compress the files of earlier days; remove what policy no longer keeps
  export extern "guard help log rotate" [
  ]

  # Write a proof that the records of a command are in the log
  export extern "guard help log prove" [
  ]

  # Check such a proof; needs neither the log nor guard's other files
  export extern "guard help log check-proof" [
  ]

  # Print the path of this host's log
  export extern "guard help log path" [
  ]

  # List, show, test and lint rules
  export extern "guard help rules" [
  ]

  # List the rules, one a line
  export extern "guard help rules list" [
  ]

  # Show the page of a rule: what it finds, why that is dangerous, what to do instead
  export extern "guard help rules show" [
  ]

  # Judge the examples of the rules; fail when one is not judged as it says
  export extern "guard help rules test" [
  ]

  # Check rule files; report every mistake with line and column
  export extern "guard help rules lint" [
  ]

  # Write the first draft of a rule file for a tool
  export extern "guard help rules new" [
  ]

  # Show or check the policy that is in force
  export extern "guard help policy" [
  ]

  # Show every line in force, with the file it comes from
  export extern "guard help policy show" [
  ]

  # Check policy files without putting them in force
  export extern "guard help policy check" [
  ]

  # Print a completion script for a shell
  export extern "guard help completions" [
  ]

  # Print a man page, or write all of them into a folder
  export extern "guard help man" [
  ]

  # Print this message or the help of the given subcommand(s)
  export extern "guard help help" [
  ]

}

export use completions *
