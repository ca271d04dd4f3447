"""
The load of a capture, on one GPU: idle, products of large matrices, then a GPT at bf16 and at tf32 in turn, each
repetition from the same beginning, then idle again. Writes events.jsonl, session.json and the training logs into
--work. With --dry-run all but the board is the same: the times are virtual and the power is simulated.

Of a repetition, `run` is what is measured: warm-up steps stand before it and further steps behind it, so that a
sensor that shows the mean of the last second shows training at both ends.
"""

import argparse
import json
import math
import platform
import time

from events import Events, StepLogs
from facts import MODEL, TINY, facts_for, flops_per_token, parameter_count

PRECISIONS = ("bf16", "tf32")
MATMUL_SIZE = 8192
MATMUL_BATCHES = 5
MATMUL_BATCH_S = 1.0
# Power settles within a second of averaging; steps right after the start are slow.
WARM_UP_S = 3.0
WARM_UP_STEPS = 10
TAIL_S = 2.0
SETTLE_S = 8.0
LOG_EVERY_S = 1.0
# A sensor of 100 ms makes a hundred readings in it. MLPerf Training power asks for 60.
SHORTEST_RUN_S = 10.0


class GpuBackend:
    """The device that capture.sh made visible, on the host's clock."""

    def __init__(self, compiles):
        import torch

        from gpt import TorchBackend

        if not torch.cuda.is_available():
            raise SystemExit("train.py: PyTorch sees no CUDA device; expected the one that nvidia-smi shows")
        self.torch = torch
        self.name = torch.cuda.get_device_name(0)
        self.model = TorchBackend(MODEL, "cuda:0", compiles)
        for name in ("start", "step", "loss", "sync", "memory"):
            setattr(self, name, getattr(self.model, name))

    @property
    def is_compiled(self):
        return self.model.is_compiled

    def now_ms(self):
        return time.time() * 1000

    def elapsed_s(self):
        return time.perf_counter()

    def idle(self, seconds):
        time.sleep(seconds)

    def matmul(self, precision, size, count):
        a, b = self.model.operands(precision, size)
        self.torch.mm(a, b)
        self.sync()
        began = time.perf_counter()
        for _ in range(count):
            self.torch.mm(a, b)
        self.sync()
        return time.perf_counter() - began


def simulated_backend(work, with_torch):
    from simulated import SimulatedBackend, Timeline

    model = None
    if with_torch:
        try:
            from gpt import TorchBackend

            model = TorchBackend(TINY, "cpu", compiles=False)
        except ImportError:
            print("train.py: PyTorch is not there; the steps of this dry run are written, not done", flush=True)
    return SimulatedBackend(Timeline(f"{work}/timeline.jsonl"), model)


def ceiling(backend, events, precision):
    """Seconds of batches of products, each batch about a second long, after one that warms up and tells the count."""
    events.note("start", f"matmul-{precision}")
    seconds = backend.matmul(precision, MATMUL_SIZE, 10)
    count = max(10, math.ceil(10 * MATMUL_BATCH_S / seconds))
    batches = [round(backend.matmul(precision, MATMUL_SIZE, count), 6) for _ in range(MATMUL_BATCHES)]
    events.note("stop", f"matmul-{precision}")
    return {"precision": precision, "size": MATMUL_SIZE, "products": count, "seconds": batches}


def steps_for(backend, precision, run_s):
    """Steps that last `run_s`, by the mean time of some warm steps; the same number in every repetition."""
    backend.start(precision)
    for _ in range(WARM_UP_STEPS):
        backend.step()
    backend.sync()
    began = backend.elapsed_s()
    for _ in range(WARM_UP_STEPS):
        backend.step()
    backend.sync()
    step_s = (backend.elapsed_s() - began) / WARM_UP_STEPS
    interval = max(1, round(LOG_EVERY_S / step_s))
    return {
        "interval": interval,
        "steps": interval * max(3, math.ceil(run_s / step_s / interval)),
        "warmUp": max(WARM_UP_STEPS, math.ceil(WARM_UP_S / step_s)),
        "tail": max(1, math.ceil(TAIL_S / step_s)),
    }


def repetition(backend, events, work, run, precision, plan):
    """One measured run. The device is waited for at both ends and at each line of the log, nowhere else."""
    events.note("warm-up", run)
    backend.start(precision)
    for _ in range(plan["warmUp"]):
        backend.step()
    backend.sync()
    logs = StepLogs(work, run, facts_for(backend.name, precision), plan["steps"])
    logs.begin(events.note("start", run))
    began = before = backend.elapsed_s()
    for step in range(1, plan["steps"] + 1):
        backend.step()
        if step % plan["interval"] == 0:
            backend.sync()
            now = backend.elapsed_s()
            step_ms = 1000 * (now - before) / plan["interval"]
            logs.step(backend.now_ms(), step, step_ms, backend.loss(), backend.memory())
            before = now
    backend.sync()
    seconds = backend.elapsed_s() - began
    logs.end(events.note("stop", run, steps=plan["steps"], seconds=seconds))
    for _ in range(plan["tail"]):
        backend.step()
    backend.sync()
    events.note("done", run)
    print(f"{run}: {plan['steps']} steps in {seconds:.2f} s", flush=True)


def idle(backend, events, phase, seconds):
    events.note("start", phase)
    backend.idle(seconds)
    events.note("stop", phase)


def software(backend, dry_run):
    facts = {"python": platform.python_version(), "torch": None, "cuda": None, "compiled": backend.is_compiled}
    if not dry_run:
        facts.update(torch=backend.torch.__version__, cuda=backend.torch.version.cuda)
    return facts


def capture(backend, options):
    events = Events(f"{options.work}/events.jsonl", backend.now_ms)
    began = backend.elapsed_s()
    idle(backend, events, "idle-before", options.idle_s)
    ceilings = [ceiling(backend, events, precision) for precision in PRECISIONS]
    for precision in PRECISIONS:
        events.note("prepare", precision)
        steps_for(backend, precision, 1)  # Compiles; what it takes is known behind it.
    runs = options.repetitions * len(PRECISIONS)
    left_s = options.budget_s - (backend.elapsed_s() - began) - options.idle_s - SETTLE_S - 10
    run_s = min(options.run_s, left_s / runs - WARM_UP_S - TAIL_S - 2)
    if run_s < SHORTEST_RUN_S:
        raise SystemExit(
            f"train.py: {left_s:.0f} s are left for {runs} runs; expected {SHORTEST_RUN_S:.0f} s each. "
            "Give more time (--budget-s) or fewer --repetitions"
        )
    plans = {precision: steps_for(backend, precision, run_s) for precision in PRECISIONS}
    # In turn, so that a board that warms up does it in both precisions alike.
    for number in range(1, options.repetitions + 1):
        for precision in PRECISIONS:
            repetition(backend, events, options.work, f"{precision}-{number}", precision, plans[precision])
    backend.idle(SETTLE_S)
    idle(backend, events, "idle-after", options.idle_s)
    # The collectors see the end of the last phase.
    backend.idle(1)
    return {
        "board": backend.name,
        "model": {**MODEL, "parameters": parameter_count(MODEL), "flopsPerToken": flops_per_token(MODEL)},
        "plans": plans,
        "repetitions": options.repetitions,
        "ceilings": ceilings,
        "software": software(backend, options.dry_run),
        "simulated": options.dry_run,
    }


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", required=True, help="folder for what is written")
    parser.add_argument("--run-s", type=float, default=30, help="length of a measured run, about")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--idle-s", type=float, default=20, help="length of each idle stretch")
    parser.add_argument("--budget-s", type=float, default=440, help="runs are cut to end by then")
    parser.add_argument("--no-compile", action="store_true", help="the model as it stands, without torch.compile")
    parser.add_argument("--dry-run", action="store_true", help="a simulated board on virtual time")
    parser.add_argument("--no-torch", action="store_true", help="dry run: no real steps, even where PyTorch is there")
    return parser.parse_args()


def main():
    options = arguments()
    if options.dry_run:
        backend = simulated_backend(options.work, not options.no_torch)
    else:
        backend = GpuBackend(not options.no_compile)
    session = capture(backend, options)
    with open(f"{options.work}/session.json", "w", encoding="utf-8") as file:
        json.dump(session, file, indent=2)


if __name__ == "__main__":
    main()
