#!/usr/bin/env bash
# Installs what a build and the tests need and this machine lacks: Debian packages from one list,
# DuckDB's C library, a new enough Node, the console's and the tests' packages. Everything is pinned
# by a lock file or a hash; install scripts of packages never run. Fast when nothing is missing.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/env.sh"
cd "$ROOT"

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# --- Debian packages ---------------------------------------------------------------------------

install_debian_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    say "this is not Debian; see scripts/debian-packages.txt for what has to be there"
    return
  fi
  local have_node=no installed missing=() package
  if command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1; then have_node=yes; fi
  installed="$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' 2>/dev/null |
    sed -n 's/^installed //p')"
  while read -r package; do
    case "$package" in
      '' | '#'*) continue ;;
      # A Node from elsewhere is left alone.
      nodejs | npm) [ "$have_node" = yes ] && continue ;;
    esac
    grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
  done <scripts/debian-packages.txt
  [ ${#missing[@]} -eq 0 ] && return

  say "installing Debian packages: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 ||
      die "these Debian packages are missing and sudo is not there: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  local log
  log="$(mktemp)"
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
    -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300)
  if ! { "${apt[@]}" update &&
    "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 30 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${missing[*]}"
  fi
  rm -f "$log"
}

# --- packages locked by package-lock.json ------------------------------------------------------

# npm_install DIR: `npm ci` there unless its node_modules was made from this very lock.
npm_install() {
  local dir="$1" stamp="$1/node_modules/.rapport-lock" want log
  want="$(sha256sum <"$dir/package-lock.json") $(uname -m)"
  [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$want" ] && return
  say "installing the packages of $dir"
  log="$(mktemp)"
  if ! (cd "$dir" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) >"$log" 2>&1
  then
    tail -n 30 "$log" >&2
    rm -f "$log"
    die "npm ci failed in $dir"
  fi
  rm -f "$log"
  mkdir -p "$dir/node_modules"
  printf '%s' "$want" >"$stamp"
}

node_arch() {
  case "$(uname -m)" in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) die "no prebuilt packages for $(uname -m); x86-64 and arm64 are supported" ;;
  esac
}

install_node() {
  node_is_new_enough && return
  local arch
  arch="$(node_arch)"
  npm_install third_party/node
  mkdir -p third_party/node/bin
  ln -sf "../node_modules/node-linux-$arch/bin/node" third_party/node/bin/node
  export PATH="$ROOT/third_party/node/bin:$PATH"
  hash -r
  node_is_new_enough || die "the pinned Node does not run on this machine"
}

# --- DuckDB ------------------------------------------------------------------------------------

# The header is one file of a package whose install script and hundred dependencies are not wanted:
# the packed tarball is fetched, its hash checked, and the one file taken out.
duckdb_version=1.4.4
duckdb_sha512=hEJJ5hyVF0VLj3dmOLpsWrQR0b3d4Ykqtygm6iUXjHJDDnSqg/
duckdb_sha512+=USKxcb5qvNrOhFYPgktayU6dXCtgPqcmmpog==

system_duckdb() {
  [ -e /usr/include/duckdb.h ] || [ -e /usr/local/include/duckdb.h ]
}

install_duckdb() {
  system_duckdb && return
  npm_install third_party/duckdb
  local arch header=third_party/duckdb/include/duckdb.h stamp=third_party/duckdb/include/.version
  arch="$(node_arch)"
  [ -e "third_party/duckdb/node_modules/@duckdb/node-bindings-linux-$arch/libduckdb.so" ] ||
    die "libduckdb.so is not in its package"
  [ -f "$header" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$duckdb_sha512" ] && return
  say "fetching the header of DuckDB $duckdb_version"
  local work got
  work="$(mktemp -d)"
  (cd "$work" && npm pack "duckdb@$duckdb_version" --ignore-scripts --loglevel=error >/dev/null) ||
    die "could not fetch duckdb $duckdb_version"
  got="$(openssl dgst -sha512 -binary "$work/duckdb-$duckdb_version.tgz" | base64 -w0)"
  [ "$got" = "$duckdb_sha512" ] || die "the DuckDB package is not the pinned one: $got"
  mkdir -p third_party/duckdb/include
  tar -xzf "$work/duckdb-$duckdb_version.tgz" -O package/src/duckdb/src/include/duckdb.h \
    >"$header.new"
  mv "$header.new" "$header"
  printf '%s' "$duckdb_sha512" >"$stamp"
  rm -rf "$work"
}

install_debian_packages
install_node
install_duckdb
if [ -f console/package-lock.json ]; then npm_install console; fi
npm_install sdk/browser
npm_install tests
