#!/usr/bin/env bash
# Installs what the tests need and is missing, builds everything, runs every test, and ends with one line:
#   N passed, N failed, N skipped
# Works on Debian as root with git and the .NET SDK alone. Elsewhere it installs nothing, and tests whose server is missing are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
need() { command -v "$1" >/dev/null 2>&1 || packages+=("$2"); }
need clang clang
need nats-server nats-server
need influxd influxdb
need victoria-metrics victoria-metrics
need curl curl
need prometheus prometheus
need chromium chromium
need strace strace
[ -e /usr/include/zlib.h ] || packages+=(zlib1g-dev)
[ -e /usr/share/zoneinfo/America/Sao_Paulo ] || packages+=(tzdata)
if [ "${#packages[@]}" -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing ${packages[*]}"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "Missing and not installed (that takes root on Debian): ${packages[*]}"
  fi
fi

results="$PWD/artifacts/test-results"
rm -rf "$results"
mkdir -p "$results"

dotnet build MeliProxy.sln -c Release -v quiet -nologo

# One project at a time: the machine's cores belong to the tests that run.
status=0
for project in tests/*/*.csproj; do
  name=$(basename "$project" .csproj)
  echo "== $name"
  dotnet test "$project" -c Release --no-build -v quiet -nologo \
    --logger "trx;LogFileName=$name.trx" --logger "console;verbosity=minimal" --results-directory "$results" --blame-hang-timeout 10m --blame-hang-dump-type none \
    </dev/null || status=1
done

# The counts come from the result files; a project without one has crashed, which counts as a failure.
passed=0 failed=0 skipped=0
count() { sed -n "s/.*<Counters [^>]*\b$2=\"\([0-9]*\)\".*/\1/p" "$1"; }
for project in tests/*/*.csproj; do
  file="$results/$(basename "$project" .csproj).trx"
  if [ ! -s "$file" ]; then
    failed=$((failed + 1))
    continue
  fi
  total=$(count "$file" total) ok=$(count "$file" passed) bad=$(count "$file" failed)
  passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + total - ok - bad))
done
[ "$status" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
