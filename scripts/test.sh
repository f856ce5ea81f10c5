#!/usr/bin/env bash
# Installs what is missing, then builds and runs every test; see run_tests.py for the stages.
# SKIP_SANITIZERS=1 leaves the sanitizer builds and the fuzzing out.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
started="$SECONDS"
scripts/setup.sh
export SETUP_SECONDS=$((SECONDS - started))
exec python3 scripts/run_tests.py "$@"
