#!/usr/bin/env bash
# Three sidecars, whose rules are changed while they run: a walk that shows each command and what comes of it, and checks that it is so.
#   run.sh
# Variables: MELIPROXY_BINARY, the published sidecar (default: artifacts/sidecar/meliproxy, published if it is not there);
# WALK_WITHOUT_NODE=1 leaves the step with a client in JavaScript out.
# All ports are free ones of 127.0.0.1. Ends what it has started. Exit code 0: every step showed what it should.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
PATH=$PATH:/usr/sbin
export NO_PROXY=127.0.0.1 no_proxy=127.0.0.1
unset "${!MELIPROXY__@}" # settings of the user's own sidecar

command -v nats-server >/dev/null || { echo "nats-server is missing (Debian package nats-server)" >&2; exit 1; }
binary=${MELIPROXY_BINARY:-$repository/artifacts/sidecar/meliproxy}
if [ ! -x "$binary" ]; then
  echo "Publishing the sidecar, which takes some minutes"
  dotnet publish "$repository/src/MeliProxy.Sidecar" -c Release -o "$(dirname "$binary")" -v quiet -nologo
fi

cd "$here"
source ./showing.sh
source ./fleet.sh
source ./asking.sh
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

step "A NATS server, something to stand in front of, and three sidecars."
start_nats
start_upstream
start_sidecars

step "The rules, asked of the first sidecar."
try meliproxy rules list --admin "${admin[1]}"
shown "the rule per-client has a limit of 100" says "100 per 10s"
in_force 100

step "A limit is changed by a plain NATS request; whichever sidecar takes it first answers."
nats_request meliproxy.shop.cmd.rules.put "$(rule_with 50)"
shown "it was accepted" says '"ok":true'
in_force 50

step "A client in another language finds the sidecars, and changes the limit too."
if [ -n "${WALK_WITHOUT_NODE:-}" ]; then
  echo "   left out, as WALK_WITHOUT_NODE says"
elif ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  echo "   left out: there is no node or no npm on this machine"
elif ! { cp -r nats-js "$folder/nats-js" && npm ci --prefix "$folder/nats-js" --no-audit --no-fund >"$folder/npm.log" 2>&1; }; then
  echo "   left out: npm cannot install the NATS client"
else
  cd "$folder/nats-js"
  try node command.mjs "nats://$nats_address" shop --ping
  shown "it found three" says "3 sidecars of the domain shop"
  try node command.mjs "nats://$nats_address" shop rules.put "$(rule_with 60)"
  shown "it was accepted" says '"ok":true'
  cd "$here"
  in_force 60
fi

step "The limit is changed by REST, only if nobody else changed anything in between."
try_curl -i "${admin[2]}/api/v1/rules/per-client"
tag=$(printf '%s\n' "$output" | sed -n 's/^ETag: //Ip')
put=(-i -X PUT -H "If-Match: $tag" -H "Content-Type: application/json" -d "$(rule_with 40)" "${admin[2]}/api/v1/rules/per-client")
try_curl "${put[@]}"
shown "it was accepted" says "200 OK"
in_force 40
echo
echo "   The same once more: the rules are not those any more that it was meant for."
try_curl "${put[@]}"
shown "the lost race is told, and nothing was changed" says "412 Precondition Failed"

step "The limit is changed by the command line: first only tried out, then done."
try meliproxy rules put per-client --limit 30 --dry-run --admin "${admin[3]}"
shown "nothing was changed" says "dry run"
in_force 40
try meliproxy rules put per-client --limit 30 --admin "${admin[3]}"
shown "it was changed" exits_with 0
in_force 30

step "One client is blocked for ten seconds."
answered "$Bad" 200
began=$(milliseconds)
try meliproxy overrides put per-client "$Bad" --block --ttl 10s --admin "${admin[1]}"
shown "it was accepted" exits_with 0
answered "$Bad" 429
answered "$Other" 200
within 20 has_status 1 "$Bad" 200 || true
took=$(($(milliseconds) - began))
echo
shown "the first request of $Bad that passes again comes $((took / 1000)) s after the command" [ "$took" -ge 10000 ]
answered "$Bad" 200

step "Commands that are wrong change nothing, and the answer says what is wrong with them."
nats_request meliproxy.shop.cmd.rules.put '{"name":"per-client","key":["client-ip"],"limit":-5,"windoww":"10s"}'
shown "it is refused with a code" says '"code":"invalid-rule"'
shown "and with the JSON path of each mistake" says '"path":"$.windoww"'
try meliproxy rules put per-client --limit -5 --admin "${admin[1]}"
shown "the command line says so too, and fails" exits_with 1
in_force 30

step "Who has changed what."
try meliproxy audit --admin "${admin[2]}"
shown "it has changes by NATS" says "  ana  nats  rules.put"
shown "and by REST, which the command line uses too" says "  rest  overrides.put"

step "Back to how it all began, with one command."
try meliproxy rules rollback 1 --admin "${admin[1]}"
shown "it was accepted" exits_with 0
in_force 100

step "NATS is killed."
kill_now nats
answered "$Other" 200
all_are is_cut_off "have noticed"
answered "$Other" 200
try meliproxy rules put per-client --limit 20 --admin "${admin[1]}"
shown "a change says that it cannot be made now" exits_with 2
in_force 100

step "NATS is started again, and rules can be changed."
start_nats
all_are is_connected "are connected again"
try meliproxy rules put per-client --limit 20 --admin "${admin[1]}"
shown "it was accepted" exits_with 0
in_force 20

printf '\nAll %d steps showed what they should.\n' "$number"
