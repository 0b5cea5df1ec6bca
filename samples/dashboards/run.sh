#!/usr/bin/env bash
# A sidecar in demo mode that writes its usage to InfluxDB, with some traffic, and where to look at the figures.
#   run.sh           goes on until Ctrl-C
#   run.sh --check   looks by itself whether every figure is there, which takes some seconds; exit code 0 if so
# Variables: MELIPROXY_BINARY, the published sidecar (default: artifacts/sidecar/meliproxy, published if it is not there);
# INFLUX_URL, an InfluxDB 1.x that runs already (default: influxd of this machine is started, with its data in a temporary folder).
# Ports are free ones of 127.0.0.1. Ends what it has started.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
chronograf=$repository/samples/docker-compose/chronograf
PATH=$PATH:/usr/sbin
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
unset "${!MELIPROXY__@}" # settings of the user's own sidecar

case "${1:-}" in
  "" | --check) ;;
  --help | -h) sed -n '2,/^set /{/^#/s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; exit 0 ;;
  *) echo "usage: run.sh [--check | --help]" >&2; exit 2 ;;
esac

binary=${MELIPROXY_BINARY:-$repository/artifacts/sidecar/meliproxy}
if [ ! -x "$binary" ]; then
  echo "Publishing the sidecar, which takes some minutes"
  dotnet publish "$repository/src/MeliProxy.Sidecar" -c Release -o "$(dirname "$binary")" -v quiet -nologo
fi

folder=$(mktemp -d)
pids=()
finish() {
  local code=$?
  trap '' INT TERM HUP
  [ "${#pids[@]}" = 0 ] || kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
  exit "$code"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

source "$here/figures.sh"
source "$here/traffic.sh"

start_influxdb() {
  command -v influxd >/dev/null || { echo "influxd is missing (Debian package influxdb); or set INFLUX_URL to an InfluxDB 1.x" >&2; exit 1; }
  cat >"$folder/influxdb.conf" <<SETTINGS
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "$folder/influxdb/meta"
[data]
dir = "$folder/influxdb/data"
wal-dir = "$folder/influxdb/wal"
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:0"
log-enabled = false
SETTINGS
  influxd -config "$folder/influxdb.conf" >"$folder/influxdb.log" 2>&1 </dev/null &
  pids+=($!)
  awaited "$folder/influxdb.log" 'Listening on HTTP.* addr=127\.0\.0\.1:[0-9]+'
  influx=http://$(sed -nE 's/.*Listening on HTTP.* addr=(127\.0\.0\.1:[0-9]+).*/\1/p' "$folder/influxdb.log" | head -n 1)
}

start_sidecar() {
  mkdir "$folder/sidecar"
  (cd "$folder/sidecar" && MELIPROXY__USAGE__INFLUXDB__URL=$influx exec "$binary" demo --listen http://127.0.0.1:0 --admin http://127.0.0.1:0) \
    >"$folder/sidecar.log" 2>&1 </dev/null &
  pids+=($!)
  awaited "$folder/sidecar.log" 'listens on http'
  listen=$(grep -oE 'listens on http://[0-9.:]+' "$folder/sidecar.log" | sed 's/.* //')
  admin=$(grep -oE 'admin on http://[0-9.:]+' "$folder/sidecar.log" | sed 's/.* //')
}

# awaited LOG PATTERN
awaited() {
  local end=$((SECONDS + 60))
  until grep -qE "$2" "$1" 2>/dev/null; do
    if [ "$SECONDS" -ge "$end" ] || ! kill -0 "${pids[-1]}" 2>/dev/null; then
      echo "it has not started:" >&2
      cat "$1" >&2
      exit 1
    fi
    sleep 0.1
  done
}

if [ -n "${INFLUX_URL:-}" ]; then influx=${INFLUX_URL%/}; else start_influxdb; fi
curl -sS -f -o /dev/null "$influx/query" --data-urlencode "q@$chronograf/influxdb/retention.iql"
start_sidecar
traffic "$listen" </dev/null >/dev/null 2>&1 &
pids+=($!)

cat <<TEXT
Traffic of six clients goes through $listen: most of it passes, some is over a quota, some asks for what there is not.

Console page    $admin/
Metrics         $admin/metrics
InfluxDB        $influx, database meliproxy
Each second     curl -s '$influx/query' --data-urlencode 'q=SELECT allowed, limited FROM "meliproxy"."1s"."ratelimit_rule" WHERE time > now() - 10s GROUP BY "rule"'
Keys            curl -s '$influx/query' --data-urlencode 'q=SELECT pkey, hits, limited FROM "meliproxy"."1s"."ratelimit_top" WHERE time > now() - 15s'
Dashboards      chronograf --influxdb-url=$influx, then import $chronograf/import/*.json under Dashboards;
                with Docker, see $chronograf/README.md
TEXT

if [ "${1:-}" = --check ]; then
  check_figures
else
  printf '\nCtrl-C ends it.\n'
  wait
fi
