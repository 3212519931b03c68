#!/bin/sh
# Installs Chromium for the browser tests where Debian or Ubuntu packages are at hand.
set -e
if ! command -v apt-get >/dev/null; then
    echo "The browser tests need Chromium: install it and run make test again." >&2
    exit 1
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
$as_root apt-get update -qq
$as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
