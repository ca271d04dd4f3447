#!/usr/bin/env bash
# Renders the reports of the simulated pilot in headless Chromium and checks what a reader would see; with --pictures,
# takes the pictures of docs/pictures and the structure that they are compared by.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
if [ ! -x /usr/bin/chromium ]; then
  apt-get update -qq >/dev/null && apt-get install -y -qq chromium >/dev/null
fi
node cli/main.ts demo --out out/browser >/dev/null
if [ "${1:-}" = --pictures ]; then
  node test/browser/pictures.ts out/browser/reports
else
  node test/browser/check.ts out/browser/reports
fi
