#!/usr/bin/env bash
# Fuzzes every fuzz/*_fuzz.cc for FUZZ_SECONDS each (60 unless told).
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
FUZZ_SECONDS="${FUZZ_SECONDS:-60}" scripts/run_tests.py --only fuzz
