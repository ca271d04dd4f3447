#!/usr/bin/env bash
# Computes our statistics a second time with SciPy, over random inputs. An argument is the seed (default 1).
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/.bin:$PATH"
venv=.venv/scipy
if ! "$venv/bin/python" -c 'import numpy, scipy' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'numpy==2.4.6' 'scipy==1.17.1'
fi
cases=$(mktemp)
trap 'rm -f "$cases"' EXIT
node test/conformance/statistics/emit.ts "${1:-1}" >"$cases"
"$venv/bin/python" test/conformance/statistics/check.py "$cases"
