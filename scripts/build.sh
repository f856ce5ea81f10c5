#!/usr/bin/env bash
# build.sh [PRESET] [TARGET…]: builds the program (or the named targets) and the console.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
preset="${1:-release}"
[ $# -gt 0 ] && shift
targets=("$@")
[ ${#targets[@]} -eq 0 ] && targets=(rapport)

# quiet NAME COMMAND…: shows the output only when the command fails.
quiet() {
  local name="$1" log
  shift
  log="$(mktemp)"
  if ! "$@" >"$log" 2>&1; then
    tail -n 80 "$log" >&2
    printf 'build: %s failed\n' "$name" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}

quiet configure cmake --preset "$preset"
if [ -t 1 ]; then
  cmake --build --preset "$preset" --target "${targets[@]}"
else
  quiet compile cmake --build --preset "$preset" --target "${targets[@]}"
fi

# The console is rebuilt when one of its sources is newer than what was built.
console_is_stale() {
  local built=console/dist/index.html
  [ -f "$built" ] || return 0
  [ -n "$(find console api -newer "$built" -type f \
    -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/generated/*' \
    -print -quit 2>/dev/null)" ]
}
if [ -f console/package.json ] && console_is_stale; then
  quiet console scripts/console.sh build
fi
