# Sourced by run.sh: looks whether every figure is there.

# stored QUERY: whether InfluxDB has an answer to it that is not empty.
stored() { curl -s "$influx/query" --data-urlencode "q=$1" | grep -q '"values"'; }

# says URL TEXT: whether the answer is a good one and has the text in it.
says() {
  local answer
  answer=$(curl -s -f "$1") || return 1
  [[ "$answer" == *"$2"* ]]
}

missing=0 end=0

# there NAME CONDITION…: waits until it is so, or all have had so long that a slow machine manages it too.
there() {
  until "${@:2}"; do
    if [ "$SECONDS" -ge "$end" ]; then
      printf 'MISSING  %s\n' "$1"
      missing=$((missing + 1))
      return
    fi
    sleep 0.5
  done
  printf 'ok       %s\n' "$1"
}

check_figures() {
  echo
  end=$((SECONDS + 90))
  local rule='"meliproxy"."1s"."ratelimit_rule"' http='"meliproxy"."1s"."proxy_http"' node='"meliproxy"."1s"."proxy_node"'
  there "rules that allow" stored "SELECT allowed FROM $rule WHERE allowed > 0"
  there "rules that limit" stored "SELECT limited FROM $rule WHERE limited > 0"
  there "quota used" stored "SELECT used_pct FROM $rule WHERE used_pct > 0"
  there "time for decisions" stored "SELECT decision_us_p99 FROM $rule WHERE decision_us_p99 > 0"
  there "answers with status 2xx" stored "SELECT \"count\" FROM $http WHERE class = '2xx'"
  there "answers with status 4xx" stored "SELECT \"count\" FROM $http WHERE class = '4xx'"
  there "bytes of answers" stored "SELECT bytes_out FROM $http WHERE bytes_out > 0"
  there "time of answers" stored "SELECT duration_ms_p99 FROM $http WHERE duration_ms_p99 > 0"
  there "time of the upstream" stored "SELECT upstream_ms_p99 FROM $http WHERE upstream_ms_p99 > 0"
  there "keys held and memory" stored "SELECT active_keys, rss_mb FROM $node WHERE active_keys > 0 AND rss_mb > 0"
  there "what waits for InfluxDB" stored "SELECT influx_queue, influx_dropped FROM $node"
  there "keys with the most requests" stored 'SELECT pkey, hits FROM "meliproxy"."1s"."ratelimit_top" WHERE hits > 0'
  there "console page" says "$admin/" "<html"
  there "metrics" says "$admin/metrics" "meliproxy"
  if [ "$missing" -gt 0 ]; then
    printf '\n%d missing. The sidecar said:\n' "$missing"
    cat "$folder/sidecar.log"
    exit 1
  fi
  printf '\nEvery figure is there.\n'
}
