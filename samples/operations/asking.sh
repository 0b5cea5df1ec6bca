# Sourced by run.sh: requests to the sidecars, as clients and as operators.

readonly Path=/categories/MLA97994 Watcher=198.51.100.1 Other=198.51.100.9 Bad=203.0.113.7

policy_with() { printf '"per-client";q=%d;w=10' "$1"; }

rule_with() { printf '{"name":"per-client","key":["client-ip"],"limit":%d,"window":"10s","by":"ana"}' "$1"; }

policy_of() { curl -s -o /dev/null -D - -H "X-Forwarded-For: $Watcher" "${listen[$1]}$Path" | sed -n 's/\r$//; s/^RateLimit-Policy: //Ip'; }

status_of() { curl -s -o /dev/null -w '%{http_code}' -H "X-Forwarded-For: $2" "${listen[$1]}$Path"; }

has_policy() { [ "$(policy_of "$1")" = "$2" ]; }

has_status() { [ "$(status_of "$1" "$2")" = "$3" ]; }

# in_force LIMIT: each sidecar proxies by that limit.
in_force() {
  local i began policy
  policy=$(policy_with "$1")
  began=$(milliseconds)
  typed curl -i -H "X-Forwarded-For: $Watcher" "${listen[1]}$Path"
  for i in 1 2 3; do
    within 5 has_policy "$i" "$policy" || shown "sidecar $i answers with RateLimit-Policy: $policy, but with $(policy_of "$i")" false
  done
  shown "all three answer with RateLimit-Policy: $policy (seen after $(($(milliseconds) - began)) ms)" true
}

# answered CLIENT STATUS: by each sidecar.
answered() {
  local i
  typed curl -i -H "X-Forwarded-For: $1" "${listen[1]}$Path"
  for i in 1 2 3; do
    within 5 has_status "$i" "$1" "$2" || shown "sidecar $i answers $2 to $1, but $(status_of "$i" "$1")" false
  done
  shown "all three answer $2 to $1" true
}

# all_are CONDITION TEXT: within half a minute.
all_are() {
  local i
  for i in 1 2 3; do
    within 30 "$1" "$i" || shown "sidecar $i $2" false
  done
  shown "all three $2" true
}

nats_request() {
  if command -v nats >/dev/null; then
    try nats --server "nats://$nats_address" request --raw "$1" "$2"
  else
    try ./nats-request.sh "$nats_address" "$1" "$2"
  fi
}
