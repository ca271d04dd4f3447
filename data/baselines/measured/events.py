"""What a capture writes while it goes: phases with their times, and the lines of the training logs."""

import json
from datetime import datetime, timezone


def utc(time_ms):
    return datetime.fromtimestamp(time_ms / 1000, tz=timezone.utc)


class Events:
    """One JSON object a line: {"timeMs", "event", "phase", ...}. Written at once, so that a crash loses nothing."""

    def __init__(self, path, now_ms):
        self.file = open(path, "a", encoding="utf-8")
        self.now_ms = now_ms

    def note(self, event, phase, **more):
        time_ms = round(self.now_ms())
        self.file.write(json.dumps({"timeMs": time_ms, "event": event, "phase": phase, **more}) + "\n")
        self.file.flush()
        return time_ms


class StepLogs:
    """
    The same steps in two forms of training log: Megatron-LM's (megatron/training/training.py, training_log) and
    torchtitan's (torchtitan/components/metrics.py). Times are UTC, which run.json says of both.
    """

    def __init__(self, folder, run, facts, steps):
        self.megatron = open(f"{folder}/{run}.megatron.log", "w", encoding="utf-8")
        self.titan = open(f"{folder}/{run}.torchtitan.log", "w", encoding="utf-8")
        self.facts = facts
        self.steps = steps

    def begin(self, time_ms):
        self.megatron.write(f"[before the start of training step] datetime: {utc(time_ms):%Y-%m-%d %H:%M:%S} \n")

    def step(self, time_ms, step, step_ms, loss, memory):
        """One line a log interval: `step_ms` is the mean over it, `memory` (bytes, share) the most that was reserved."""
        facts = self.facts
        tokens_per_step = facts["batch"] * facts["sequence"]
        tokens_per_second = tokens_per_step / (step_ms / 1000)
        tflops = tokens_per_second * facts["flopsPerToken"] / 1e12
        at = utc(time_ms)
        self.megatron.write(
            f" [{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}] iteration {step:8d}/{self.steps:8d} |"
            f" consumed samples: {step * facts['batch']:12d} |"
            f" elapsed time per iteration (ms): {step_ms:.3f} |"
            f" throughput per GPU (TFLOP/s/GPU): {tflops:.3f} |"
            f" learning rate: {facts['learningRate']:.6E} |"
            f" global batch size: {facts['batch']:5d} |"
            f" lm loss: {loss:.6E} | loss scale: 1.0 |"
            " number of skipped iterations:   0 | number of nan iterations:   0 |\n"
        )
        peak = facts["peakFlops"]
        mfu = f"{100 * tflops * 1e12 / peak:.2f}%" if peak else "N/A"
        used, share = memory
        self.titan.write(
            f"[rank0]:[titan] {at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d} - root - INFO -"
            f" step: {step:2d}  loss: {loss:7.4f}  memory: {used / 2**30:5.2f}GiB({100 * share:.2f}%)"
            f"  tps: {round(tokens_per_second):,}  tflops: {tflops:,.2f}  mfu: {mfu}\n"
        )

    def end(self, time_ms):
        self.megatron.write(f"[after training is done] datetime: {utc(time_ms):%Y-%m-%d %H:%M:%S} \n")
        self.megatron.close()
        self.titan.close()
