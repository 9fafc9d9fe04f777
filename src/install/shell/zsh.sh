# guard before each line: `eval "$(guard init shell zsh)"`.
# `guard_off` switches it off in this shell, `guard_on` on again.
__guard_accept() {
    emulate -L zsh
    local line=$PREBUFFER$BUFFER text word code
    integer n=0
    text=$line
    if [[ -z ${line//[[:space:]]/} || $line == (guard_off|guard_on) ]]; then
        zle .accept-line
        return
    fi
    # What an alias stands for is what runs.
    while (( n++ < 8 )); do
        word=${${(z)text}[1]}
        [[ -n $word && -n ${aliases[$word]} && ${aliases[$word]%%[[:space:]]*} != $word ]] || break
        text=${aliases[$word]}${text#*$word}
    done
    @GUARD@ check -- zsh -c "$text" >/dev/null 2>&1 </dev/null
    code=$?
    if (( code == 3 || code == 4 )); then
        # More lines follow: they are checked together with this one. zsh does not
        # tell an end that is missing from another mistake, bash does.
        if LC_ALL=C bash -n -c "$line" 2>&1 | grep -Eq 'unexpected end of file|unexpected EOF|here-document at line'; then
            BUFFER+=$'\n'
            CURSOR=$#BUFFER
            return
        fi
        BUFFER="@GUARD@ -- zsh -c ${(qq)text}"
        CURSOR=$#BUFFER
    elif (( code != 0 )); then
        zle -M "guard did not answer ($code), so this was not run. guard_off switches it off here."
        return
    fi
    zle .accept-line
}
guard_on() { zle -N accept-line __guard_accept; }
guard_off() { zle -A .accept-line accept-line; }
[[ -o interactive ]] && guard_on
