#!/usr/bin/env bash
# Measures one NVIDIA GPU as a baseline: idle power, products of large matrices, and a GPT trained at bf16 and tf32,
# three times each, in under 8 minutes. Writes <out>/<gpu>-<date>/ as `wattline baseline` reads it. README.md beside
# this file says what is measured and what is not. Clocks and power limit are looked at, never set.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: capture.sh [--out DIR] [--gpu INDEX] [--dry-run [--no-torch]] [option of train.py ...]
  --out DIR      where the set's folder is made; beside this script otherwise
  --gpu INDEX    which GPU of several; the only one otherwise
  --dry-run      a simulated board instead of a GPU, in seconds; python3 is all that it needs
  --no-torch     dry run: no real training steps, even where PyTorch is there
Options of train.py: --run-s S (30), --repetitions N (3), --idle-s S (20), --budget-s S (440), --no-compile
TEXT
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here
gpu=
dry_run=
train_options=()
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=${2:?--out: expected a folder}; shift 2 ;;
    --gpu) gpu=${2:?--gpu: expected an index}; shift 2 ;;
    --dry-run) dry_run=1; train_options+=(--dry-run); shift ;;
    --no-torch) train_options+=(--no-torch); shift ;;
    --run-s | --repetitions | --idle-s | --budget-s) train_options+=("$1" "${2:?$1: expected a number}"); shift 2 ;;
    --no-compile) train_options+=("$1"); shift ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; printf 'capture.sh: %s: not known\n' "$1" >&2; exit 2 ;;
  esac
done

fail() {
  printf 'capture.sh: %s\n' "$*" >&2
  exit 1
}

command -v python3 >/dev/null || fail 'python3 is not there; expected 3.10 or later'
python3 -c 'import sys; sys.exit(sys.version_info < (3, 10))' || fail "$(python3 --version) is too old; expected 3.10 or later"
# Its own path: a wrapper of a version manager would stand between a collector and its signal.
python=$(python3 -c 'import sys; print(sys.executable)')
export PYTHONDONTWRITEBYTECODE=1
export TZ=UTC LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/wattline-capture.XXXXXX")
collectors=()
load=

# Collectors end by their own ids, whatever happens; each is waited for, so that its last line is written.
stop_collectors() {
  for pid in "${collectors[@]}"; do kill -TERM "$pid" 2>/dev/null || true; done
  for pid in "${collectors[@]}"; do wait "$pid" 2>/dev/null || true; done
  collectors=()
}
finish() {
  local code=$?
  set +e # A process that is ended by a signal is no reason to leave the others running.
  if [ -n "$load" ]; then kill -TERM "$load" 2>/dev/null; wait "$load" 2>/dev/null; fi
  stop_collectors
  if [ $code -eq 0 ]; then rm -rf "$work"; else printf 'capture.sh: stopped; what was written is in %s\n' "$work" >&2; fi
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

counter_options=()
if [ -n "$dry_run" ]; then
  # The same calls as on a GPU, answered by the simulated board.
  export SIMULATED_TIMELINE=$work/timeline.jsonl
  mkdir "$work/bin"
  printf '#!/bin/sh\nexec "%s" "%s/fake_smi.py" "$@"\n' "$python" "$here" >"$work/bin/nvidia-smi"
  chmod +x "$work/bin/nvidia-smi"
  PATH=$work/bin:$PATH
  counter_options=(--simulated "$SIMULATED_TIMELINE")
fi

# ---- is this board fit to be measured? ----
command -v nvidia-smi >/dev/null || fail 'nvidia-smi is not there: no NVIDIA driver, so no GPU to measure. --dry-run needs none'
boards=$(nvidia-smi --query-gpu=index,uuid --format=csv,noheader 2>&1) || fail "nvidia-smi finds no GPU: $boards"
if [ -z "$gpu" ]; then
  [ "$(printf '%s\n' "$boards" | wc -l)" -eq 1 ] || fail "several GPUs; expected --gpu with one index of: $(printf '%s' "$boards" | cut -d, -f1 | tr '\n' ' ')"
  gpu=${boards%%,*}
fi
ask() { nvidia-smi -i "$gpu" --query-gpu="$1" --format=csv,noheader,nounits; }

uuid=$(ask uuid)
mig=$(ask mig.mode.current)
[ "$mig" != Enabled ] || fail "GPU $gpu is in MIG mode: its power is that of all instances together. Expected MIG off"
power=$(ask power.draw.average)
[[ $power =~ ^[0-9]+([.][0-9]+)?$ ]] || fail "GPU $gpu gives no power: power.draw.average is ${power:-empty}; expected watts (driver 530 or later, on bare metal or a whole passed-through GPU)"
others=$(nvidia-smi -i "$gpu" --query-compute-apps=pid,process_name --format=csv,noheader)
[ -z "$others" ] || fail "other processes use GPU $gpu: $(printf '%s' "$others" | tr '\n' ';'); expected none, their energy would count"
limit=$(ask power.limit)
default_limit=$(ask power.default_limit)
[ "$limit" = "$default_limit" ] || fail "power limit of GPU $gpu is $limit W; expected its default of $default_limit W (nvidia-smi -i $gpu -pl $default_limit)"
ask name,uuid,driver_version,vbios_version,power.limit,power.default_limit >"$work/board.csv"

# ---- PyTorch ----
trainer=$python
if [ -z "$dry_run" ] && ! "$python" -c 'import torch' 2>/dev/null; then
  printf 'PyTorch is not there; installing it from PyPI into %s/venv (some GB)\n' "$work" >&2
  "$python" -m venv "$work/venv"
  "$work/venv/bin/pip" install --quiet torch numpy || fail 'PyTorch could not be installed from PyPI; install it for python3, then start again'
  trainer=$work/venv/bin/python
fi

# ---- collectors, then the load ----
nvidia-smi -q -x -i "$gpu" >"$work/board-before.xml"
# The collector line of the project's README.
nvidia-smi -i "$gpu" --query-gpu=timestamp,index,uuid,name,driver_version,power.draw.average,power.draw.instant,utilization.gpu,clocks.current.sm,temperature.gpu,temperature.memory,memory.used,enforced.power.limit,clocks_event_reasons.active --format=csv -lms 100 >"$work/nvidia-smi.csv" 2>"$work/nvidia-smi.err" &
collectors+=($!)
"$python" "$here/counter.py" "$uuid" "$work/nvml.csv" ${counter_options[@]+"${counter_options[@]}"} 2>"$work/nvml.err" &
collectors+=($!)
for _ in {1..100}; do
  if [ -s "$work/nvidia-smi.csv" ] && [ -s "$work/nvml.csv" ]; then break; fi
  sleep 0.1
done
check_collectors() {
  for pid in "${collectors[@]}"; do
    kill -0 "$pid" 2>/dev/null || fail "a collector ended $1: $(cat "$work/nvidia-smi.err" "$work/nvml.err")"
  done
  for file in nvidia-smi.csv nvml.csv; do
    [ -s "$work/$file" ] || fail "no reading $1: $file is empty; expected a line every 100 ms"
  done
}
check_collectors 'within 10 s of its start'

CUDA_VISIBLE_DEVICES=$uuid "$trainer" "$here/train.py" --work "$work" ${train_options[@]+"${train_options[@]}"} &
load=$!
wait "$load"
load=
check_collectors 'before the load did'
stop_collectors
nvidia-smi -q -x -i "$gpu" >"$work/board-after.xml"
"$python" "$here/pack.py" "$work" "$out"
