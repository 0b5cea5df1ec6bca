#!/usr/bin/env bash
# Measures the sidecar beside nginx, HAProxy, Caddy and YARP alone under the same load; see README.md here.
#   run.sh [quick] [--no-build] [--only SCENARIO] [--proxies NAME,NAME…]
#   run.sh soak MINUTES [--no-build]
# SCENARIO: get, json, post, large, reject, conns, keys, tls-in, tls-up, h2-in, rate or startup, or a part of such a name.
# NAME: meliproxy, nginx, haproxy, caddy or yarp.
# Ends with lines of the form "name value". The report is artifacts/load/report.md, or soak.md there.
set -euo pipefail
cd "$(dirname "$0")/../.."
. bench/run-driver.sh

build=true report=artifacts/load/report.md arguments=()
while [ $# -gt 0 ]; do
  case "$1" in
    --no-build) build=false ;;
    quick | --quick) arguments+=(--quick) ;;
    soak)
      [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || { echo "run.sh: soak takes a number of minutes" >&2; exit 1; }
      arguments+=(--soak "$2") report=artifacts/load/soak.md
      shift
      ;;
    --only | --proxies)
      [ $# -gt 1 ] || { echo "run.sh: $1 takes a value" >&2; exit 1; }
      arguments+=("$1" "$2")
      shift
      ;;
    *) echo "run.sh: unknown argument $1" >&2; exit 1 ;;
  esac
  shift
done

# Debian keeps some of them where only root looks.
PATH="$PATH:/usr/sbin"
need nginx nginx
need haproxy haproxy
need caddy caddy
need wrk wrk
need h2load nghttp2-client
install_missing

if [ "$build" = true ]; then
  dotnet publish src/MeliProxy.Sidecar -c Release -o artifacts/sidecar -v quiet -nologo >&2
  dotnet publish bench/MeliProxy.YarpProxy -c Release -o artifacts/yarp-proxy -v quiet -nologo >&2
  dotnet build bench/MeliProxy.LoadBench -c Release -o artifacts/load-bench -v quiet -nologo >&2
fi

run_driver "$report" artifacts/load-bench/MeliProxy.LoadBench --sidecar "$PWD/artifacts/sidecar/meliproxy" \
  --yarp-proxy "$PWD/artifacts/yarp-proxy/yarp-proxy" "${arguments[@]}"
