"""What the data frame jobs share: names, limits, and a measurement printed as the other contenders print theirs."""

import json
import resource
import sys
import time

GAUGES = [
    "power_w",
    "temperature_c",
    "clock_hz",
    "utilization_ratio",
    "tensor_active_ratio",
    "throttled_power_ratio",
    "throttled_thermal_ratio",
]
COUNTERS = ["energy_j", "ecc_corrected_total", "work_total"]
FIELDS = GAUGES + COUNTERS
WINDOW_MS = 60_000
LIMIT_W = 20_000
SLACK_MS = 1_000
RANGES = {
    "power_w": (0, LIMIT_W),
    "temperature_c": (-20, 150),
    "clock_hz": (0, 1e10),
    "utilization_ratio": (0, 1.02),
    "tensor_active_ratio": (0, 1.02),
    "throttled_power_ratio": (0, 1.02),
    "throttled_thermal_ratio": (0, 1.02),
}
NO_LIMIT = (0, sys.float_info.max)


def peak_bytes():
    """High-water mark of this process alone; getrusage carries the parent's over."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measured(job):
    arguments = json.loads(sys.argv[1])
    start, cpu = time.perf_counter(), time.process_time()
    made = job(arguments["csv"], arguments["parquet"])
    print(
        json.dumps(
            {
                "ms": (time.perf_counter() - start) * 1e3,
                "cpuMs": (time.process_time() - cpu) * 1e3,
                "peakBytes": peak_bytes(),
                "made": made,
            }
        )
    )
