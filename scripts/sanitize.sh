#!/usr/bin/env bash
# sanitize.sh asan|tsan [MODULE…]: builds the unit tests (of the named modules, else of all) with
# the sanitizer and runs them.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
preset="$1"
shift
scripts/run_tests.py --only "$preset" "$@"
