#!/usr/bin/env bash
# Sends one NATS request with bash alone, and prints the answer; for machines without the command `nats`.
#   nats-request.sh HOST:PORT SUBJECT [BODY]
# Exit code 2: nobody is there, or nobody answered within five seconds.
set -euo pipefail
export LC_ALL=C # so that ${#body} and read -N count bytes

server=$1 subject=$2 body=${3:-}
inbox="_INBOX.$$.$RANDOM$RANDOM"
fail() {
  echo "nats-request: $1" >&2
  exit 2
}
receive() { IFS= read -r -t 5 "$@" <&3 || fail "no answer"; }

{ exec 3<>"/dev/tcp/${server%:*}/${server##*:}"; } 2>/dev/null || fail "no connection to $server"
printf 'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"lang":"bash","version":"1"}\r\nSUB %s 1\r\nPUB %s %s %d\r\n%s\r\n' \
  "$inbox" "$subject" "$inbox" "${#body}" "$body" >&3

while receive line; do
  line=${line%$'\r'}
  case "$line" in
    PING) printf 'PONG\r\n' >&3 ;;
    "-ERR"*) fail "$line" ;;
    MSG*)
      receive -d '' -N "${line##* }" answer
      printf '%s\n' "$answer"
      exit
      ;;
    HMSG*)
      # HMSG SUBJECT SID HEADER-BYTES ALL-BYTES
      all=${line##* } header=${line% *} header=${header##* }
      receive -d '' -N "$header" status
      [[ "$status" != "NATS/1.0 503"* ]] || fail "nobody listens to $subject"
      receive -d '' -N $((all - header)) answer
      printf '%s\n' "$answer"
      exit
      ;;
  esac
done
