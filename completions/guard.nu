module completions {

  # Judge a command before it runs: show what it would hit, ask, run it, record it
  export extern guard [
    --reason: string          # Why the command is needed; kept in the record
    --dry-run                 # Judge and show, but do not ask and do not run
    --quiet(-q)               # Say nothing about commands that may run
    --help(-h)                # Print help
    --version(-V)             # Print version
  ]

  # Judge a command, ask where needed, run it and record what happened
  export extern "guard run" [
    --reason: string          # Why the command is needed; kept in the record
    --dry-run                 # Judge and show, but do not ask and do not run
    --quiet(-q)               # Say nothing about commands that may run
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

  def "nu-complete guard log actor" [] {
    [ "human" "agent" "ci" "unattended" ]
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
    --last: string            # At most this many, the newest; 0: all
    --wide                    # Do not cut long commands
    --help(-h)                # Print help (see more with '--help')
  ]

  def "nu-complete guard log show actor" [] {
    [ "human" "agent" "ci" "unattended" ]
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
    --last: string            # At most this many, the newest; 0: all
    --wide                    # Do not cut long commands
    --help(-h)                # Print help (see more with '--help')
  ]

  # Check that no line was changed, removed, added or moved
  export extern "guard log verify" [
    --help(-h)                # Print help
    ...files: path            # The files; without them every log in guard's folder
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

  # Check that no line was changed, removed, added or moved
  export extern "guard log help verify" [
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

  # Look at the record, or verify it
  export extern "guard help log" [
  ]

  # List commands, newest last: who asked, the verdict, how it ended
  export extern "guard help log show" [
  ]

  # Check that no line was changed, removed, added or moved
  export extern "guard help log verify" [
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
