"""A simulated board for the dry run: what it draws is written down as it goes, so that the truth is known."""

import json
import os
import time

# When every dry run begins: equal inputs, equal bytes.
START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
UUID = "GPU-0000d0c5-0000-4000-8000-000000000001"
NAME = "NVIDIA H100 80GB HBM3"
LIMIT_W = 700.0

IDLE_W = 70.0
POWER_W = {"bf16": 610.0, "tf32": 520.0, "matmul": 690.0}
# Steps differ by up to this share, either way: a flat line would hide errors of the integration.
SWING = 0.08
# And each start draws and takes a little more than the one before: repetitions are never alike.
DRIFT = 0.002
# What a step takes. With the model of train.py: 404 and 131 TFLOP/s, below what the products reach.
STEP_S = {"bf16": 0.1, "tf32": 0.31}
MATMUL_FLOPS = {"bf16": 700e12, "tf32": 400e12}
# How often the board's own readings are made anew; polling faster repeats them.
SENSOR_PERIOD_MS = 100
COUNTER_PERIOD_MS = 20
AVERAGING_MS = 1000


class Timeline:
    """Power over virtual time, one constant stretch a line: {"untilMs", "powerW"}."""

    def __init__(self, path):
        self.file = open(path, "a", encoding="utf-8")
        self.now_ms = float(START_MS)

    def spend(self, seconds, power_w):
        self.now_ms += seconds * 1000
        self.file.write(json.dumps({"untilMs": self.now_ms, "powerW": power_w}) + "\n")
        self.file.flush()


class SimulatedBackend:
    """Stands where train.py's backend on a GPU does. Time is virtual; `model` (or None) does real steps on the CPU."""

    name = NAME
    is_compiled = False

    def __init__(self, timeline, model=None, real_steps=2):
        self.timeline = timeline
        self.model = model
        self.left = real_steps
        self.precision = None
        self.count = 0
        self.starts = 0
        self.last_loss = 11.0

    def now_ms(self):
        return self.timeline.now_ms

    def elapsed_s(self):
        return self.timeline.now_ms / 1000

    def idle(self, seconds):
        if os.environ.get("SIMULATED_FAULT") == "stall":
            time.sleep(60)
        self.timeline.spend(seconds, IDLE_W)

    def sync(self):
        pass

    def matmul(self, precision, size, count):
        seconds = count * 2 * size**3 / MATMUL_FLOPS[precision]
        self.timeline.spend(seconds, POWER_W["matmul"])
        return seconds

    def start(self, precision):
        """The same beginning for every repetition of a precision."""
        self.precision = precision
        self.count = 0
        self.starts += 1
        self.timeline.spend(0.5, 2 * IDLE_W)
        if self.model:
            self.model.start(precision)

    def step(self):
        self.count += 1
        if self.model and self.left > 0:
            self.left -= 1
            self.model.step()
            self.last_loss = self.model.loss()
        # Knuth's multiplicative hash: uneven and the same every time.
        unit = (self.count * 2_654_435_761 % 2**32) / 2**32
        swing = 1 + SWING * (2 * unit - 1)
        drift = 1 + DRIFT * self.starts
        self.timeline.spend(STEP_S[self.precision] * drift, POWER_W[self.precision] * swing * drift)

    def loss(self):
        return self.last_loss - 0.01 * self.count / (1 + 0.01 * self.count)

    def memory(self):
        return 24e9, 0.3


class SimulatedBoard:
    """The board as its sensor and counter show it, read from the timeline as far as that is written."""

    def __init__(self, path, poll_s=0.02):
        self.path = path
        self.poll_s = poll_s
        self.offset = 0
        self.ends = [float(START_MS)]
        self.powers = []
        self.energies = [0.0]
        self.at = 0

    def follow(self):
        if not os.path.exists(self.path):
            return
        with open(self.path, encoding="utf-8") as file:
            file.seek(self.offset)
            text = file.read()
        whole = text[: text.rfind("\n") + 1]
        self.offset += len(whole.encode())
        for line in whole.splitlines():
            stretch = json.loads(line)
            seconds = (stretch["untilMs"] - self.ends[-1]) / 1000
            self.energies.append(self.energies[-1] + stretch["powerW"] * seconds)
            self.ends.append(stretch["untilMs"])
            self.powers.append(stretch["powerW"])

    def wait_until(self, time_ms, is_stopping):
        """Whether the timeline reaches that time; waits for it to be written unless the collector was told to stop."""
        while self.ends[-1] < time_ms:
            stopping = is_stopping()
            self.follow()
            if self.ends[-1] >= time_ms:
                return True
            if stopping:
                return False
            time.sleep(self.poll_s)
        return True

    def energy_j(self, time_ms):
        """Exact energy from the start to that time."""
        time_ms = min(max(time_ms, self.ends[0]), self.ends[-1])
        if self.ends[self.at] > time_ms:
            self.at = 0
        while self.at + 1 < len(self.powers) and self.ends[self.at + 1] <= time_ms:
            self.at += 1
        seconds = (time_ms - self.ends[self.at]) / 1000
        return self.energies[self.at] + (self.powers[self.at] * seconds if self.powers else 0.0)

    def mean_w(self, time_ms, over_ms):
        """Mean power of the time before; before the beginning there was nothing but idling."""
        first = max(time_ms - over_ms, self.ends[0])
        before_s = (over_ms - (time_ms - first)) / 1000
        return (self.energy_j(time_ms) - self.energy_j(first) + IDLE_W * before_s) / (over_ms / 1000)

    def average_w(self, time_ms):
        shown = time_ms - time_ms % SENSOR_PERIOD_MS
        return self.mean_w(shown, AVERAGING_MS)

    def instant_w(self, time_ms):
        shown = time_ms - time_ms % SENSOR_PERIOD_MS
        return self.mean_w(shown, 1)

    def counter_mj(self, time_ms):
        shown = time_ms - time_ms % COUNTER_PERIOD_MS
        return 1_000_000 + round(self.energy_j(shown) * 1000)
