#!/usr/bin/env bash
# Measures how long a change of the rules takes until it is in force, with real processes under load; see README.md here.
#   run.sh [--quick] [--no-build]
# Ends with lines of the form "name value". The report is artifacts/control/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=true arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=false; else arguments+=("$argument"); fi
done

if ! command -v nats-server >/dev/null 2>&1; then
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "nats-server is missing, and not installed (that takes root on Debian)" >&2
    exit 1
  fi

  # Installing it must not start it: it is started here, on a port of its own.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends nats-server >&2
fi

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet build bench/MeliProxy.ControlBench -c Release -o artifacts/control-bench -v quiet -nologo >&2
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

mkdir -p artifacts/control
artifacts/control-bench/MeliProxy.ControlBench --sidecar "$PWD/artifacts/sidecar/meliproxy" --folder "$folder" \
  --report "$PWD/artifacts/control/report.md" "${arguments[@]}" &
driver=$!
wait "$driver" && status=0 || status=$?
driver=
exit "$status"
