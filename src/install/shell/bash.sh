# guard before each line: `eval "$(guard init shell bash)"`.
# `guard_off` switches it off in this shell, `guard_on` on again.
__guard_run() { bind '"\C-x\C-_r": accept-line'; }
__guard_wait() { bind '"\C-x\C-_r": redraw-current-line'; }
__guard_check() {
    local line=$READLINE_LINE word text code n=0
    __guard_run
    [[ $line =~ ^[[:space:]]*(#.*|guard_off|guard_on)?$ ]] && return
    text=$line
    # What an alias stands for is what runs.
    while ((n++ < 8)) && [[ $text =~ ^[[:space:]]*([^[:space:]\;\&\|\<\>\(\)]+) ]]; do
        word=${BASH_REMATCH[1]}
        [[ -n ${BASH_ALIASES[$word]+x} && ${BASH_ALIASES[$word]%%[[:space:]]*} != "$word" ]] || break
        text="${BASH_ALIASES[$word]}${text#*"$word"}"
    done
    @GUARD@ check -- bash -c "$text" >/dev/null 2>&1 </dev/null
    code=$?
    ((code == 0)) && return
    if ((code != 3 && code != 4)); then
        __guard_wait
        printf '\nguard did not answer (%s), so this was not run. guard_off switches it off here.\n' "$code" >&2
        return
    fi
    # More lines follow: they are checked together with this one.
    if LC_ALL=C bash -n -c "$line" 2>&1 | grep -Eq 'unexpected end of file|unexpected EOF|here-document at line'; then
        __guard_wait
        READLINE_LINE+=$'\n' READLINE_POINT=${#READLINE_LINE}
        return
    fi
    printf -v READLINE_LINE '%s -- bash -c %q' '@GUARD@' "$text"
    READLINE_POINT=${#READLINE_LINE}
}
guard_on() {
    bind -x '"\C-x\C-_c": __guard_check'
    bind '"\C-m": "\C-x\C-_c\C-x\C-_r"'
    bind '"\C-j": "\C-x\C-_c\C-x\C-_r"'
    __guard_run
}
guard_off() { bind '"\C-m": accept-line'; bind '"\C-j": accept-line'; }
[[ $- == *i* && ${BASH_VERSINFO[0]} -ge 4 ]] && guard_on
