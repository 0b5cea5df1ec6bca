#!/usr/bin/env bash
# Measures shared quotas with real processes, and beside them the same proxy that asks Redis; see README.md here.
#   run.sh [--quick] [--no-build] [--only SCENARIO]     SCENARIO: admission, owner, nats, cpu or redis
# Ends with lines of the form "name value". The report is artifacts/sharing/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=true arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=false; else arguments+=("$argument"); fi
done

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
need nats-server nats-server
need redis-server redis-server
if [ "${#packages[@]}" -gt 0 ]; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing, and not installed (that takes root on Debian): ${packages[*]}" >&2
    exit 1
  fi

  # Installing them must not start them: they are started here, on ports of their own.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${packages[@]}" >&2
fi

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet publish bench/MeliProxy.RedisProxy -c Release -o artifacts/redis-proxy -v quiet -nologo >&2
  dotnet build bench/MeliProxy.SharingBench -c Release -o artifacts/sharing-bench -v quiet -nologo >&2
fi

folder=$(mktemp -d)
driver=
finish() {
  trap - EXIT INT TERM HUP
  if [ -n "$driver" ] && kill -TERM "$driver" 2>/dev/null; then wait "$driver" || true; fi

  # The driver ends what it started. This is for the case that it was killed itself.
  if [ -s "$folder/pids" ]; then
    while read -r id; do
      case "$(readlink "/proc/$id/cwd" 2>/dev/null || true)" in "$folder"/*) kill -KILL "$id" 2>/dev/null || true ;; esac
    done <"$folder/pids"
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mkdir -p artifacts/sharing
artifacts/sharing-bench/MeliProxy.SharingBench --sidecar "$PWD/artifacts/sidecar/meliproxy" --redis-proxy "$PWD/artifacts/redis-proxy/redis-proxy" \
  --folder "$folder" --report "$PWD/artifacts/sharing/report.md" "${arguments[@]}" &
driver=$!
wait "$driver" && status=0 || status=$?
driver=
exit "$status"
