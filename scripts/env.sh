# Sourced by every script: the repository's root, and a Node new enough for the tools first on PATH.
# Vite and some published clients need Node 20.19, 22.12 or later; Debian 12 has 18, so setup.sh
# may have placed a pinned one in third_party/node/bin.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
export ROOT
if [ -x "$ROOT/third_party/node/bin/node" ]; then
  export PATH="$ROOT/third_party/node/bin:$PATH"
fi

# True when `node` on PATH is new enough.
node_is_new_enough() {
  command -v node >/dev/null 2>&1 || return 1
  local version major minor
  version="$(node --version 2>/dev/null)" || return 1
  version="${version#v}"
  major="${version%%.*}"
  minor="${version#*.}"
  minor="${minor%%.*}"
  case "$major" in
    20) [ "$minor" -ge 19 ] ;;
    22) [ "$minor" -ge 12 ] ;;
    *) [ "$major" -gt 22 ] ;;
  esac
}

# A clean clone elsewhere on this machine finds what was compiled before.
export CCACHE_BASEDIR="$ROOT" CCACHE_NOHASHDIR=1
