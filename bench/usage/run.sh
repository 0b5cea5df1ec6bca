#!/usr/bin/env bash
# Measures what recording usage costs a sidecar, in processor time per request; see README.md here.
#   run.sh [quick] [--no-build]
# Ends with lines of the form "name value". The report is artifacts/usage/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."

build=true arguments=()
for argument in "$@"; do
  case "$argument" in
    --no-build) build=false ;;
    quick | --quick) arguments+=(--quick) ;;
    *) arguments+=("$argument") ;;
  esac
done

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet build bench/MeliProxy.UsageBench -c Release -o artifacts/usage-bench -v quiet -nologo >&2
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

mkdir -p artifacts/usage
artifacts/usage-bench/MeliProxy.UsageBench --sidecar "$PWD/artifacts/sidecar/meliproxy" --folder "$folder" \
  --report "$PWD/artifacts/usage/report.md" "${arguments[@]}" &
driver=$!
wait "$driver" && status=0 || status=$?
driver=
exit "$status"
