#!/usr/bin/env bash
# What usage takes on the disk of an InfluxDB 1.x, with the retention of samples/docker-compose/chronograf: one node with ten rules and
# four pairs of route and class of status, busy all the time. Fills a day of seconds, 30 days of minutes and a year of hours with
# figures that differ each time, has InfluxDB compact them, and prints bytes as "name value" lines. Takes some minutes.
# Needs influxd (Debian package influxdb). Ports are free ones of 127.0.0.1; data is in a temporary folder.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
folder=$(mktemp -d)
pid=""
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM

cat >"$folder/influxdb.conf" <<SETTINGS
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
dir = "$folder/meta"
[data]
dir = "$folder/data"
wal-dir = "$folder/wal"
index-version = "tsi1"
# Compacted at once instead of after hours.
cache-snapshot-write-cold-duration = "5s"
compact-full-write-cold-duration = "10s"
[continuous_queries]
enabled = false
[monitor]
store-enabled = false
[http]
bind-address = "127.0.0.1:0"
log-enabled = false
SETTINGS
influxd -config "$folder/influxdb.conf" >"$folder/log" 2>&1 </dev/null &
pid=$!
until grep -q 'Listening on HTTP' "$folder/log" 2>/dev/null; do
  kill -0 "$pid" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
  sleep 0.2
done
influx=http://$(sed -nE 's/.*Listening on HTTP.* addr=(127\.0\.0\.1:[0-9]+).*/\1/p' "$folder/log" | head -n 1)
curl -sS -f -o /dev/null "$influx/query" --data-urlencode "q@$here/../../samples/docker-compose/chronograf/influxdb/retention.iql"

# fill POLICY STEP COUNT: as many points of each series, up to the full hour. Each file is the body of one request.
fill() {
  mkdir "$folder/batches"
  awk -v step="$2" -v count="$3" -v now="$(($(date +%s) / 3600 * 3600))" -v fine="$((${2} == 1))" -v to="$folder/batches/" -f "$here/disk.awk"
  local batch
  for batch in "$folder/batches/"*; do
    curl -sS -f "$influx/write?db=meliproxy&rp=$1&precision=ms" --data-binary "@$batch"
  done
  rm -r "$folder/batches"
}

size() { du -sb "$folder/data/meliproxy/$1" | cut -f 1; }

# Until nothing has changed for half a minute.
settled() {
  local before="" now="" same=0
  while [ "$same" -lt 6 ]; do
    sleep 5
    now=$(find "$folder/data/meliproxy" "$folder/wal/meliproxy" -type f -printf '%p %s\n' | sort)
    if [ "$now" = "$before" ]; then same=$((same + 1)); else same=0; fi
    before=$now
  done
}

fill 1s 1 86400
fill 60s 60 43200
fill 3600s 3600 8760
settled
seconds=$(size 1s) minutes=$(size 60s) hours=$(size 3600s)
printf 'disk.seconds_per_day %d\ndisk.minutes_per_30_days %d\ndisk.hours_per_year %d\n' "$seconds" "$minutes" "$hours"
printf 'disk.kept_in_all %d\n' "$((seconds * 7 + minutes * 3 + hours))"
printf 'disk.a_year_of_seconds %d\n' "$((seconds * 365))"
