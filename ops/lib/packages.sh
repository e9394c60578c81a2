# Sourced. Makes sure that what Debian must provide is there.

# need_packages PACKAGE… : installs the missing ones when run by root, otherwise names them and fails.
need_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -ne 0 ]; then
        echo "Missing packages. As an administrator: apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "Installing ${missing[*]}" >&2
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        >/dev/null 2>&1 || { echo "apt-get could not install: ${missing[*]}" >&2; return 1; }
}

# What building and running Outrider takes.
outrider_packages="libpq-dev libcurl4-openssl-dev libssl-dev pkg-config postgresql-15 curl"

# need_swift : a Swift 6.3 toolchain must be on the path.
need_swift() {
    command -v swift >/dev/null || { echo "No swift on the path: install a Swift 6.3 toolchain from swift.org." >&2; return 1; }
}
