#!/usr/bin/env bash
# Builds and runs the benchmarks; the last of them writes docs/performance.md.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
scripts/build.sh release all
if [ -x bench/run.sh ]; then
  exec bench/run.sh
fi
for program in build/release/bench/*_bench; do
  [ -x "$program" ] && "$program"
done
