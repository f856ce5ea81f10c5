#!/usr/bin/env bash
# Measures the whole program over HTTP and writes docs/performance.md. LONG=1 also fills it with
# 1,000,000 customers and 20,000,000 events; PARTS=1 measures the storage adapters alone first;
# BENCH_ARGS go to rapport_load.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
scripts/build.sh release rapport rapport_load rapport_limit rapport_bench
built=build/release
if [ "${PARTS:-0}" = 1 ]; then
  mkdir -p var/bench
  TMPDIR="$ROOT/var/bench" "$built/rapport_bench"
fi
long=()
[ "${LONG:-0}" = 1 ] && long=(--long)
# shellcheck disable=SC2086
exec "$built/rapport_load" --program "$built/rapport" --limit "$built/rapport_limit" \
  --folder var/bench "${long[@]}" --write docs/performance.md ${BENCH_ARGS:-}
