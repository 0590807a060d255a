#!/bin/sh
# Print the first interpreter that is Python 3.10 or newer.
for name in python3.12 python3.11 python3.13 python3.10 python3.14 python3 python; do
    if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
        command -v "$name"
        exit 0
    fi
done
echo "No Python 3.10 or newer with the venv module was found. Install one (Debian: apt-get install python3-venv)." >&2
echo false
