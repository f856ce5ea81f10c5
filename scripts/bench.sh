#!/usr/bin/env bash
# Measures the whole program over HTTP and over SMTP and writes docs/performance.md, of which it
# keeps the sections that others measure. LONG=1 also fills it with 1,000,000 customers and
# 20,000,000 events, and starts a campaign to 1,000,000 instead of 100,000; PARTS=1 measures the
# storage adapters alone first; BENCH_ARGS go to rapport_load.
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
fresh="$(mktemp)"
trap 'rm -f "$fresh"' EXIT
# shellcheck disable=SC2086
"$built/rapport_load" --program "$built/rapport" --limit "$built/rapport_limit" \
  --folder var/bench "${long[@]}" --write "$fresh" ${BENCH_ARGS:-}
node bench/document.mjs "$fresh" docs/performance.md
mkdir -p var/bench
# Campaigns at full size only with LONG=1; the data lies on the disk of the other measurements.
export TMPDIR="$ROOT/var/bench"
recipients=100000
[ "${LONG:-0}" = 1 ] && recipients=1000000
node bench/mail.mjs --write docs/performance.md
node bench/campaigns.mjs --recipients "$recipients" --write docs/performance.md
