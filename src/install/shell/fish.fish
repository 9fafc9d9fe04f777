# guard before each line: `guard init shell fish | source`.
# `guard_off` switches it off in this shell, `guard_on` on again.
function __guard_accept
    set -l line (commandline | string collect)
    if string match -qr '^\s*(guard_off|guard_on)?\s*$' -- "$line"
        commandline -f execute
        return
    end
    # More lines follow: they are checked together with this one.
    commandline --is-valid
    if test $status -eq 2
        commandline -f execute
        return
    end
    @GUARD@ check -- fish -c "$line" >/dev/null 2>&1 </dev/null
    set -l code $status
    if test $code -eq 3 -o $code -eq 4
        commandline -r -- "@GUARD@ -- fish -c "(string escape -- "$line" | string collect)
    else if test $code -ne 0
        echo >&2
        echo "guard did not answer ($code), so this was not run. guard_off switches it off here." >&2
        commandline -f repaint
        return
    end
    commandline -f execute
end
function guard_on
    for key in \r \n
        bind $key __guard_accept
        bind -M insert $key __guard_accept 2>/dev/null
    end
end
function guard_off
    for key in \r \n
        bind $key execute
        bind -M insert $key execute 2>/dev/null
    end
end
status is-interactive; and guard_on
