# Sourced by the run.sh of benches that have a driver: what they have in common. Not to be run itself.

# need PROGRAM PACKAGE: notes the Debian package of a program that is missing.
missing=()
need() { command -v "$1" >/dev/null 2>&1 || missing+=("$2"); }

# Installs what was noted.
install_missing() {
  if [ "${#missing[@]}" = 0 ]; then return; fi
  if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "Missing, and not installed (that takes root on Debian): ${missing[*]}" >&2
    exit 1
  fi

  # Installing them must not start them: they are started here, on ports of their own.
  export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
  apt-get update -qq >&2
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

folder= driver=
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

# run_driver REPORT PROGRAM ARGUMENTS...: runs it with a folder of its own, cleans up whatever happens, and ends with its exit code.
run_driver() {
  local report=$1 status
  shift
  folder=$(mktemp -d)
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  mkdir -p "$(dirname "$report")"
  "$@" --folder "$folder" --report "$PWD/$report" &
  driver=$!
  wait "$driver" && status=0 || status=$?
  driver=
  exit "$status"
}
