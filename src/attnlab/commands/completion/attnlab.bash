# What bash needs to complete attnlab: commands, GROUP=NAME, keys, options and runs.
_attnlab() {
  local line=${COMP_LINE:0:COMP_POINT} word cut= i answer end
  word=${line##*[[:space:]]}
  # readline puts a completion in the place of what follows the word's last break alone.
  for ((i = ${#word}; i > 0; i--)); do
    case $COMP_WORDBREAKS in *"${word:i-1:1}"*) cut=${word:0:i}; break ;; esac
  done
  COMPREPLY=()
  while IFS= read -r answer; do
    case $answer in
      files)
        while IFS= read -r answer; do
          if [[ -d ${answer/#\~/$HOME} ]]; then end=/; else end=' '; fi
          printf -v answer %q "$answer"
          COMPREPLY+=("${answer/#\\\~/\~}$end")
        done < <(compgen -f -- "${word#"$cut"}") ;;
      *) COMPREPLY+=("${answer#"$cut"}") ;;
    esac
  done < <("${COMP_WORDS[0]/#\~/$HOME}" completion line "$line" 2>/dev/null)
}
complete -o nospace -F _attnlab attnlab
