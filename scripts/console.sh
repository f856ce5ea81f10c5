#!/usr/bin/env bash
# console.sh build|check: the console with types made from the current api/openapi.json.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
if [ -f api/openapi.json ]; then npm --prefix console run --silent types >/dev/null; fi
npm --prefix console run --silent "$1"
