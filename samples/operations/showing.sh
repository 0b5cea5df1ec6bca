# Sourced by run.sh: prints what is done and what came of it, and ends the walk where that is not what it should be.

output="" code=0 number=0

step() { printf '\n%d. %s\n' "$((number += 1))" "$1"; }

# An argument as it is typed in a shell.
quoted() {
  if [[ "$1" =~ ^[A-Za-z0-9_./:@%=+,-]+$ ]]; then printf '%s' "$1"; else printf "'%s'" "${1//\'/\'\\\'\'}"; fi
}

typed() {
  local word text=""
  for word in "$@"; do text+=" $(quoted "$word")"; done
  printf '\n   $%s\n' "$text"
}

indented() { [ -z "$1" ] || printf '%s\n' "$1" | sed 's/^/     /'; }

# Shows a command, runs it, and shows what it printed, which is then in $output, and its exit code in $code.
try() {
  typed "$@"
  output=$("$@" 2>&1) && code=0 || code=$?
  indented "$output"
}

# The same for curl -i, of whose answer only status, tag and body are shown.
try_curl() {
  typed curl "$@"
  output=$(curl -s "$@" 2>&1) && code=0 || code=$?
  output=$(printf '%s\n' "$output" | sed -nE 's/\r$//; 1p; /^(ETag|Retry-After):/Ip; /^$/,${/./p}')
  indented "$output"
}

# shown TEXT CONDITION…: what the step was to show.
shown() {
  if "${@:2}"; then
    printf '   ok: %s\n' "$1"
  else
    printf '   NOT SO: %s\n' "$1"
    exit 1
  fi
}

says() { [[ "$output" == *"$1"* ]]; }

exits_with() { [ "$code" = "$1" ]; }

milliseconds() { printf '%s' "$((${EPOCHREALTIME/[.,]/} / 1000))"; }

# within SECONDS CONDITION…: tries until it is so; after that long it is not so.
within() {
  local end=$(($(milliseconds) + $1 * 1000))
  until "${@:2}"; do
    [ "$(milliseconds)" -lt "$end" ] || return 1
    sleep 0.02
  done
}
