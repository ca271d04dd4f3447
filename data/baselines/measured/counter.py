"""
Writes NVML's total energy counter ten times a second as CSV: time_unix_ms, uuid, energy_mj, power_mw. Ends on
SIGTERM. NVML through ctypes: no package is needed. Millijoules since the driver was loaded, on Volta and later.
Source: NVIDIA, NVML API reference, nvmlDeviceGetTotalEnergyConsumption and nvmlDeviceGetPowerUsage.

Usage: counter.py UUID OUT.csv [--simulated TIMELINE]
"""

import ctypes
import signal
import sys
import time

import simulated

PERIOD_MS = 100
HEADER = "time_unix_ms,uuid,energy_mj,power_mw\n"


class Nvml:
    """The board through the driver's library, on the host's clock."""

    def __init__(self, uuid):
        self.library = ctypes.CDLL("libnvidia-ml.so.1")
        self.handle = ctypes.c_void_p()
        self.check("nvmlInit_v2", self.library.nvmlInit_v2())
        found = self.library.nvmlDeviceGetHandleByUUID(uuid.encode(), ctypes.byref(self.handle))
        self.check("nvmlDeviceGetHandleByUUID", found)
        self.start_ms = time.time() * 1000

    @staticmethod
    def check(call, code):
        if code != 0:
            sys.exit(f"counter.py: {call} gave NVML error {code}; expected 0. The board has no energy counter to read.")

    def wait_until(self, time_ms, is_stopping):
        while not is_stopping():
            left_s = time_ms / 1000 - time.time()
            if left_s <= 0:
                return True
            time.sleep(min(left_s, 0.05))
        return False

    def read(self, _time_ms):
        """Time, counter (mJ) and power (mW). The stamp is the middle of the call, which can take milliseconds."""
        energy = ctypes.c_ulonglong()
        power = ctypes.c_uint()
        before = time.time()
        code = self.library.nvmlDeviceGetTotalEnergyConsumption(self.handle, ctypes.byref(energy))
        after = time.time()
        self.check("nvmlDeviceGetTotalEnergyConsumption", code)
        has_power = self.library.nvmlDeviceGetPowerUsage(self.handle, ctypes.byref(power)) == 0
        return round((before + after) * 500), energy.value, power.value if has_power else ""


class Simulated:
    """The simulated board, on its virtual clock."""

    def __init__(self, path):
        self.board = simulated.SimulatedBoard(path)
        self.start_ms = simulated.START_MS
        self.wait_until = self.board.wait_until

    def read(self, time_ms):
        milliwatts = round(self.board.average_w(time_ms) * 1000)
        return round(time_ms), self.board.counter_mj(time_ms), milliwatts


def main(arguments):
    uuid, out = arguments[:2]
    source = Simulated(arguments[3]) if arguments[2:3] == ["--simulated"] else Nvml(uuid)
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    time_ms = source.start_ms
    with open(out, "w", encoding="utf-8", buffering=1) as file:
        file.write(HEADER)
        while source.wait_until(time_ms, lambda: bool(stopped)):
            at, energy, power = source.read(time_ms)
            file.write(f"{at},{uuid},{energy},{power}\n")
            # Polls that the machine had no time for are left out, never made up for in a burst.
            time_ms = max(time_ms + PERIOD_MS, at - at % PERIOD_MS)


if __name__ == "__main__":
    main(sys.argv[1:])
