#!/usr/bin/env bash
# console.sh build|check: the console with types made from the current api/openapi.json.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"
if [ -f api/openapi.json ]; then npm --prefix console run --silent types >/dev/null; fi
npm --prefix console run --silent "$1"

# The browser client that the program hands out, beside the console, with the parts it loads later.
if [ "$1" = build ]; then
  library=sdk/browser/node_modules/@segment/analytics-next/dist/umd
  mkdir -p console/dist/analytics-next/bundles
  cp "$library"/standalone.js "$library"/standalone.js.gz console/dist/analytics-next/
  cp "$library"/*.bundle.*.js "$library"/*.bundle.*.js.gz console/dist/analytics-next/bundles/
fi
