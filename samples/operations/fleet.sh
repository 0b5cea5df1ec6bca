# Sourced by run.sh: the processes of the walk. Each has a folder and a log of its own, and a free loopback port.

folder=$(mktemp -d)
declare -A pids=()
declare -a listen=() admin=()
nats_address=""

meliproxy() { "$binary" "$@"; }

# start NAME COMMAND…
start() {
  mkdir -p "$folder/$1"
  : >"$folder/$1.log" # an earlier one of the same name is not to be read any more
  (cd "$folder/$1" && exec "${@:2}") >"$folder/$1.log" 2>&1 </dev/null &
  pids[$1]=$!
}

logged() { grep -qF "$2" "$folder/$1.log"; }

# The first match in a log, such as an address that the process has chosen.
from_log() { grep -oE "$2" "$folder/$1.log" | head -n 1 | sed 's/.* //'; }

# Ends a process without warning.
kill_now() {
  kill -KILL "${pids[$1]}"
  wait "${pids[$1]}" 2>/dev/null || true
  unset "pids[$1]"
}

start_nats() {
  # The first time on a port that is free, then on the same again.
  local port=-1
  [ -z "$nats_address" ] || port=${nats_address##*:}
  start nats nats-server -js -sd "$folder/nats/data" -a 127.0.0.1 -p "$port"
  shown "nats-server has started" within 30 logged nats "Server is ready"
  nats_address=$(from_log nats 'client connections on [0-9.:]+')
}

start_upstream() {
  # Of the demo only the stand-in for an API is used, not the proxy before it.
  start upstream "$binary" demo --listen http://127.0.0.1:0 --admin http://127.0.0.1:0
  shown "a stand-in for an API has started" within 30 logged upstream "forwards to"
  upstream=$(from_log upstream 'forwards to http://[0-9.:]+')
}

start_sidecars() {
  local i
  for i in 1 2 3; do
    mkdir -p "$folder/sidecar$i"
    cp "$here/meliproxy.json" "$folder/sidecar$i"
    start "sidecar$i" "$binary" run --listen http://127.0.0.1:0 --admin http://127.0.0.1:0 --upstream "$upstream" --nats "nats://$nats_address"
  done
  for i in 1 2 3; do
    within 30 logged "sidecar$i" "listens on" || shown "sidecar $i has started" false
    listen[i]=$(from_log "sidecar$i" 'listens on http://[0-9.:]+')
    admin[i]=$(from_log "sidecar$i" 'admin on http://[0-9.:]+')
  done
  all_are is_connected "have started and have their rules from NATS"
}

is_connected() { [[ "$(curl -s "${admin[$1]}/api/v1/rules")" == *'"isCutOff":false'* ]]; }

is_cut_off() { [[ "$(curl -s "${admin[$1]}/api/v1/rules")" == *'"isCutOff":true'* ]]; }

# Ends all that was started here, and nothing else.
finish() {
  local status=$? name
  trap - EXIT
  trap '' INT TERM HUP
  for name in "${!pids[@]}"; do
    kill -TERM "${pids[$name]}" 2>/dev/null || true
  done
  for name in "${!pids[@]}"; do
    within 5 has_ended "${pids[$name]}" || kill -KILL "${pids[$name]}" 2>/dev/null || true
    wait "${pids[$name]}" 2>/dev/null || true
  done
  if [ "$status" = 1 ]; then
    tail -n 20 "$folder"/*.log >&2 || true
  fi
  rm -rf "$folder"
  exit "$status"
}

has_ended() { ! kill -0 "$1" 2>/dev/null; }
