#!/usr/bin/env bash
# lint.sh [--fix]: floors, style, format and the console's own checks. --fix applies the format.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

mapfile -t sources < <(git ls-files -co --exclude-standard -- \
  'src/*.h' 'src/*.cc' 'bench/*.h' 'bench/*.cc' 'fuzz/*.h' 'fuzz/*.cc' |
  while read -r file; do [ -f "$file" ] && echo "$file"; done)

if [ "${1:-}" = --fix ]; then
  clang-format -i "${sources[@]}"
  [ ! -d console/node_modules ] || npm --prefix console run --silent format
  exit
fi

failed=0
check() {
  local name="$1"
  shift
  "$@" || { printf 'lint: %s failed\n' "$name" >&2; failed=1; }
}
check 'floors self-test' python3 scripts/check_floors.py --self-test
check floors python3 scripts/check_floors.py
check 'style self-test' python3 scripts/check_style.py --self-test
check style python3 scripts/check_style.py
if [ ${#sources[@]} -gt 0 ]; then
  check format clang-format --dry-run -Werror "${sources[@]}"
fi
if [ -f console/package.json ] && [ "${1:-}" != --no-console ]; then
  check console scripts/console.sh check
fi
exit "$failed"
