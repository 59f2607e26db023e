#compdef attnlab
# What zsh needs to complete attnlab: commands, GROUP=NAME, keys, options and runs, with what each is.
_attnlab() {
  local answer word files
  local -a whole begun
  for answer in "${(@f)$("${words[1]/#\~/$HOME}" completion words -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}"; do
    [[ -z $answer ]] && continue
    [[ $answer == files ]] && files=1 && continue
    word=${answer%%$'\t'*}
    if [[ $word == *' ' ]]; then
      whole+=("${${word% }//:/\\:}:${answer#*$'\t'}")
    else
      begun+=("${word//:/\\:}:${answer#*$'\t'}")
    fi
  done
  _describe -t attnlab attnlab whole -- begun -S ''
  [[ -n $files ]] && compset -P '*='; [[ -n $files ]] && _files
}
# Sourced, it says so itself; found by its name among zsh's functions, it is called.
if [[ $funcstack[1] == _attnlab ]]; then _attnlab "$@"; else compdef _attnlab attnlab; fi
