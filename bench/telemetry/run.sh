#!/usr/bin/env bash
# Measures what telemetry costs: processor time of the Native AOT sidecar for a request, with telemetry set up in several ways, in turn.
#   run.sh [ROUNDS [SECONDS]]     12 rounds of 2 seconds for each way if not said otherwise
# The sidecars run on the first processor; load, upstream and collector on the second. Read the ratios.
set -euo pipefail
cd "$(dirname "$0")/../.."
dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
dotnet build bench/MeliProxy.TelemetryBench -c Release -o artifacts/telemetry-bench -v quiet -nologo >&2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
artifacts/telemetry-bench/MeliProxy.TelemetryBench "$PWD/artifacts/sidecar/meliproxy" "$folder" "${1:-12}" "${2:-2}"
