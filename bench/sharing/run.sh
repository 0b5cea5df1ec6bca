#!/usr/bin/env bash
# Measures shared quotas with real processes, and beside them the same proxy that asks Redis; see README.md here.
#   run.sh [--quick] [--no-build] [--only SCENARIO]     SCENARIO: admission, owner, nats, cpu or redis
# Ends with lines of the form "name value". The report is artifacts/sharing/report.md.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/run-driver.sh

build=true arguments=()
for argument in "$@"; do
  if [ "$argument" = --no-build ]; then build=false; else arguments+=("$argument"); fi
done

need nats-server nats-server
need redis-server redis-server
install_missing

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet publish bench/MeliProxy.RedisProxy -c Release -o artifacts/redis-proxy -v quiet -nologo >&2
  dotnet build bench/MeliProxy.SharingBench -c Release -o artifacts/sharing-bench -v quiet -nologo >&2
fi

run_driver artifacts/sharing/report.md artifacts/sharing-bench/MeliProxy.SharingBench --sidecar "$PWD/artifacts/sidecar/meliproxy" \
  --redis-proxy "$PWD/artifacts/redis-proxy/redis-proxy" "${arguments[@]}"
