# shellcheck shell=bash
# Sourced by the scripts beside it: makes .venv and finds or installs what the system must have.
# Afterwards "$python" is the interpreter of .venv.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
venv=$root/.venv
python=$venv/bin/python
# A relative YULIN_DATA means relative to where the caller stands.
if [ -n "${YULIN_DATA:-}" ]; then YULIN_DATA=$(realpath -m -- "$YULIN_DATA"); export YULIN_DATA; fi
cd "$root" || exit

# Run a long command so that being told to stop ends it at once; bash alone would wait for its end.
run() {
    local status=0
    "$@" &
    trap 'kill $! 2>/dev/null; exit 130' INT TERM HUP
    wait $! || status=$?
    trap - INT TERM HUP
    return $status
}

# Install Debian packages if we may. If not, say the one command that does and return 1.
install_packages() {
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
    if [ "$(id -u)" != 0 ]; then apt=(sudo -n "${apt[@]}"); fi
    if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        echo "==> Installing system packages: $*"
        run "${apt[@]}" install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
        run "${apt[@]}" update -qq && run "${apt[@]}" install -y -qq --no-install-recommends "$@" >/dev/null && return
    fi
    echo "Missing on this system: $*. Please run:" >&2
    echo "    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
    return 1
}

# The libraries behind PDF pages, and fonts with Chinese letters. Without them all but PDFs works.
install_libraries() {
    local missing=() libraries
    libraries=$(/sbin/ldconfig -p 2>/dev/null || true)
    [[ $libraries == *libpangoft2-1.0.so.0* ]] || missing+=(libpango-1.0-0 libpangoft2-1.0-0)
    [[ $libraries == *libharfbuzz-subset.so.0* ]] || missing+=(libharfbuzz-subset0)
    compgen -G '/usr/share/fonts/*/*/*CJK*' >/dev/null || missing+=(fonts-noto-cjk)
    [ ${#missing[@]} = 0 ] || install_packages "${missing[@]}" || true
}

# The newest of this system's Pythons that is new enough.
find_python() {
    local name
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed; on Debian 12 or Ubuntu 24.04: apt-get install python3" >&2
    return 1
}

# Whether .venv was made here, from this requirements.txt, and still holds all of it.
venv_is_good() {
    [ "$(cat "$venv/made-from" 2>/dev/null)" = "$1" ] || [ -L "$venv" ] || return 1
    "$python" - <<'PYTHON' 2>/dev/null
from importlib.metadata import version
for line in open("requirements.txt", encoding="utf-8"):
    name, pinned, wanted = line.split("#")[0].strip().partition("==")
    if pinned and version(name) != wanted:
        raise SystemExit(1)
PYTHON
}

# Make .venv if there is none, or if it was moved, broken, or made from other requirements.
# A .venv that is a link is somebody's own and is never rebuilt.
make_venv() {
    local made_from base
    exec 9<"$root"
    flock 9 # two starts at once must not build it together
    made_from="$venv $(sha256sum <requirements.txt)"
    if ! venv_is_good "$made_from"; then
        if [ -L "$venv" ]; then
            echo "The linked .venv does not hold what requirements.txt asks for." >&2
            return 1
        fi
        base=$(find_python)
        if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
            install_packages "$base-venv" || return 1
        fi
        echo "==> Making .venv ($("$base" --version)) …"
        rm -rf "$venv"
        run "$base" -m venv "$venv"
        install_requirements
        echo "$made_from" >"$venv/made-from"
    fi
    exec 9<&-
}

install_requirements() {
    local pip=("$python" -m pip --disable-pip-version-check --no-input install -r requirements.txt)
    run "${pip[@]}" > >(grep --line-buffered -o '^Collecting.*' || true) && return
    command -v cc >/dev/null && command -v make >/dev/null && return 1
    echo "Some package has to be compiled for this machine; trying again with a compiler."
    install_packages build-essential python3-dev && run "${pip[@]}"
}
