#!/usr/bin/env bash
# Measures what recording usage costs a sidecar, in processor time per request; see README.md here.
#   run.sh [quick] [--no-build]
# Ends with lines of the form "name value". The report is artifacts/usage/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/run-driver.sh

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

run_driver artifacts/usage/report.md artifacts/usage-bench/MeliProxy.UsageBench --sidecar "$PWD/artifacts/sidecar/meliproxy" "${arguments[@]}"
