# Plays stages as a player types them: bash play.bash STAGE PLAY [STAGE PLAY]…
# Of each stage the printed lines lie in ~/.printed/STAGE, each ended by NUL. PLAY is solution/play.bash of the stage, or empty.
set -eu

# typed BEGINNING: types the next printed line that begins so, exactly as it is printed.
typed() {
  local _at _again=
  for _at in "${!_printed[@]}"; do
    [[ ${_printed[_at]} == "$*"* ]] || continue
    if [[ -n ${_typed[_at]-} ]]; then
      _again=$_at
      continue
    fi
    _again=$_at
    break
  done
  if [[ -z $_again ]]; then
    printf 'No printed line begins with “%s”.\n' "$*" >&2
    exit 1
  fi
  _typed[_again]=yes
  printf '$ %s\n' "${_printed[_again]}"
  eval "${_printed[_again]}"
}

_stage() {
  local _left
  mapfile -d '' -t _printed <"$HOME/.printed/$1"
  _typed=()
  if [[ -n $2 ]]; then
    # shellcheck disable=SC1090
    . "$2"
    for _left in "${!_printed[@]}"; do
      [[ -n ${_typed[_left]-} ]] && continue
      printf 'Nobody has typed this printed line: %s\n' "${_printed[_left]}" >&2
      _lacks=yes
    done
  else
    for _left in "${!_printed[@]}"; do
      printf '$ %s\n' "${_printed[_left]}"
      eval "${_printed[_left]}"
    done
  fi
}

_lacks=
while [[ $# -gt 0 ]]; do
  _name=$1 _play=$2
  shift 2
  _stage "$_name" "$_play"
done
[[ -z $_lacks ]]
