#!/usr/bin/env bash
# Ten minutes of load through a published sidecar while its InfluxDB is killed, hangs and comes back; see OUTAGE.md for a report.
#   outage.sh [--seconds N] [--rate N] [--no-build]        default: 600 seconds, 300 requests a second
# Needs influxd (Debian package influxdb) and python3. Ends with 1 if a request failed or a second is missing or is there twice.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=600 rate=300 build=true
while [ $# -gt 0 ]; do
  case "$1" in
    --seconds) seconds=$2; shift 2 ;;
    --rate) rate=$2; shift 2 ;;
    --no-build) build=false; shift ;;
    *) echo "outage.sh: unknown option $1" >&2; exit 1 ;;
  esac
done
command -v influxd >/dev/null || { echo "outage.sh needs influxd (Debian package influxdb)" >&2; exit 1; }
[ "$build" = false ] || dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2

sidecar="$PWD/artifacts/sidecar/meliproxy" load="$PWD/bench/usage/load.py"
folder=$(mktemp -d)
cd "$folder"
influx_pid= proxy_pid= upstream_pid= load_pid=
finish() {
  trap - EXIT INT TERM
  for pid in "$load_pid" "$proxy_pid" "$upstream_pid" "$influx_pid"; do
    [ -z "$pid" ] || { kill -KILL "$pid" && wait "$pid"; } 2>/dev/null || true
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

read -r influx proxy admin upstream upstream_admin < <(python3 -c '
import socket
sockets = [socket.socket() for _ in range(5)]
for s in sockets: s.bind(("127.0.0.1", 0))
print(*(s.getsockname()[1] for s in sockets))')

cat >influxdb.conf <<CONF
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "$folder/meta"
[data]
dir = "$folder/data"
wal-dir = "$folder/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:$influx"
log-enabled = false
CONF
cat >meliproxy.json <<CONF
{
  "listen": "http://127.0.0.1:$proxy",
  "admin": { "listen": "http://127.0.0.1:$admin" },
  "upstream": "http://127.0.0.1:$upstream",
  "rules": [
    { "name": "all", "key": ["global"], "limit": 1000000, "window": "1s" },
    { "name": "half", "key": ["client-ip"], "limit": $((rate / 2)), "window": "1s", "mode": "shadow" }
  ],
  "state": null,
  "usage": { "influxdb": { "url": "http://127.0.0.1:$influx" } }
}
CONF

now() { date +%s; }
await() { for _ in $(seq 600); do curl -fsS -o /dev/null "$1" 2>/dev/null && return; sleep 0.1; done; echo "$1 does not answer" >&2; exit 1; }
query() { curl -fsS "http://127.0.0.1:$influx/query?db=meliproxy&epoch=ms" --data-urlencode "q=$1"; }
start_influx() { influxd -config influxdb.conf >influxd.log 2>&1 & influx_pid=$!; await "http://127.0.0.1:$influx/ping"; }
kill_influx() { kill -KILL "$influx_pid"; wait "$influx_pid" 2>/dev/null || true; influx_pid=; }

start_influx
query 'CREATE DATABASE meliproxy' >/dev/null
MELIPROXY__MODE=shadow MELIPROXY__USAGE__RECORD=false "$sidecar" demo --listen "http://127.0.0.1:$upstream" --admin "http://127.0.0.1:$upstream_admin" >upstream.log 2>&1 &
upstream_pid=$!
await "http://127.0.0.1:$upstream_admin/healthz"
"$sidecar" run >proxy.log 2>&1 & proxy_pid=$!
await "http://127.0.0.1:$admin/healthz"
python3 "$load" "http://127.0.0.1:$proxy/categories/MLA97994" "$rate" "$seconds" >load.json & load_pid=$!

# What happens when, in percent of the time: 10 killed, 30 started, 40 held, 60 let go, 65 held, 70 killed while held, 80 started.
begin=$(now) next=0
events=("10 kill" "30 start" "40 hold" "60 release" "65 hold" "70 kill" "80 start")
echo "| s | influxd | sidecar RSS, MB | waiting snapshots | dropped |"
echo "|---|---|---|---|---|"
state=runs
for ((step = 0; ; step++)); do
  elapsed=$(($(now) - begin))
  while [ "$next" -lt "${#events[@]}" ] && [ "$elapsed" -ge $((${events[$next]% *} * seconds / 100)) ]; do
    case "${events[$next]#* }" in
      kill) kill_influx; state=killed ;;
      start) start_influx; state=runs ;;
      hold) kill -STOP "$influx_pid"; state=hangs ;;
      release) kill -CONT "$influx_pid"; state=runs ;;
    esac
    next=$((next + 1))
  done
  [ "$elapsed" -lt "$seconds" ] || break
  if [ $((step % 20)) = 0 ]; then
    rss=$(awk '/VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$proxy_pid/status")
    sink=$(curl -fsS "http://127.0.0.1:$admin/api/v1/nodes" | python3 -c '
import json, sys
def find(value):
    if isinstance(value, dict):
        if value.get("name") == "influxdb": return value
        value = list(value.values())
    for item in value if isinstance(value, list) else []:
        found = find(item)
        if found: return found
found = find(json.load(sys.stdin)) or {}
print(found.get("queued", "?"), "|", found.get("dropped", "?"))')
    echo "| $elapsed | $state | $rss | $sink |"
  fi
  sleep 1
done

wait "$load_pid"; load_pid=
# It stops by itself, and sends what it has left before it ends.
kill -TERM "$proxy_pid"; wait "$proxy_pid" || true; proxy_pid=
query 'SELECT active_keys FROM proxy_node' >nodes.json
query 'SELECT sum(total) FROM ratelimit_rule WHERE "rule" = '"'all'" >rules.json
query 'SELECT sum("count") FROM proxy_http' >http.json
query 'SELECT last(influx_dropped) FROM proxy_node' >dropped.json
echo
echo "The sidecar's log on InfluxDB:"
echo
grep -i influx proxy.log | sed 's/^/    /'
echo
python3 - <<'PY'
import json, sys
values = lambda name: json.load(open(name))["results"][0]["series"][0]["values"]
load = json.load(open("load.json"))
times = [row[0] for row in values("nodes.json")]
# Every snapshot but the last ends at a whole second.
whole = [t for t in times if t % 1000 == 0]
expected = (whole[-1] - whole[0]) // 1000 + 1
rules, http, dropped = (values(name)[0][1] for name in ("rules.json", "http.json", "dropped.json"))
print(f"requests {load['requests']}, failed {load['failed']}, by outcome {load['outcomes']}, the slowest {load['slowest_ms']} ms")
print(f"snapshots expected {expected}, found {len(whole)}, more than once {len(times) - len(set(times))}, dropped {dropped}")
print(f"requests counted by the rule {rules}, by status {http}, of {load['requests']}")
sys.exit(load["failed"] != 0 or expected != len(whole) or rules != load["requests"] or http != load["requests"])
PY
