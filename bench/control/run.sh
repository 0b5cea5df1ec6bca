#!/usr/bin/env bash
# Measures how long a change of the rules takes until it is in force, with real processes under load; see README.md here.
#   run.sh [--quick] [--no-build]
# Ends with lines of the form "name value". The report is artifacts/control/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/run-driver.sh

build=true arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=false; else arguments+=("$argument"); fi
done

need nats-server nats-server
install_missing

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet build bench/MeliProxy.ControlBench -c Release -o artifacts/control-bench -v quiet -nologo >&2
fi

run_driver artifacts/control/report.md artifacts/control-bench/MeliProxy.ControlBench --sidecar "$PWD/artifacts/sidecar/meliproxy" "${arguments[@]}"
