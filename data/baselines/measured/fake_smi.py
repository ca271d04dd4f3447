"""Answers as nvidia-smi does, for the simulated board of a dry run: the forms that capture.sh asks for, and no more."""

import os
import signal
import sys

import simulated
from events import utc

UNITS = {
    "power.draw.average": "W",
    "power.draw.instant": "W",
    "power.limit": "W",
    "power.default_limit": "W",
    "enforced.power.limit": "W",
    "utilization.gpu": "%",
    "clocks.current.sm": "MHz",
    "memory.used": "MiB",
}
# What a test may ask for: each is a board that capture.sh has to refuse.
FAULT = os.environ.get("SIMULATED_FAULT", "")


def value(field, board, time_ms):
    at = utc(time_ms)
    watts = board.average_w(time_ms)
    is_busy = watts > 2.5 * simulated.IDLE_W
    no_power = FAULT == "no-power"
    limit = f"{500 if FAULT == 'lowered-limit' and field != 'power.default_limit' else simulated.LIMIT_W:.2f}"
    return {
        "timestamp": f"{at:%Y/%m/%d %H:%M:%S}.{at.microsecond // 1000:03d}",
        "index": "0",
        "uuid": simulated.UUID,
        "name": simulated.NAME,
        "driver_version": "000.00.00",
        "vbios_version": "00.00.00.00.00",
        "mig.mode.current": "Enabled" if FAULT == "mig" else "Disabled",
        "persistence_mode": "Enabled",
        "power.draw.average": "[N/A]" if no_power else f"{watts:.2f}",
        "power.draw.instant": "[N/A]" if no_power else f"{board.instant_w(time_ms):.2f}",
        "power.limit": limit,
        "power.default_limit": limit,
        "enforced.power.limit": limit,
        "utilization.gpu": "100" if is_busy else "0",
        "clocks.current.sm": "1755" if is_busy else "345",
        "temperature.gpu": "58" if is_busy else "34",
        "temperature.memory": "64" if is_busy else "40",
        "memory.used": "24000" if is_busy else "0",
        "clocks_event_reasons.active": "0x0000000000000000" if is_busy else "0x0000000000000001",
    }[field]


def cell(field, board, time_ms, has_units):
    text = value(field, board, time_ms)
    return f"{text} {UNITS[field]}" if has_units and field in UNITS and not text.startswith("[") else text


def query(fields, style, period_ms):
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    board = simulated.SimulatedBoard(os.environ["SIMULATED_TIMELINE"])
    has_units = "nounits" not in style
    if "noheader" not in style:
        print(", ".join(f"{f} [{UNITS[f]}]" if f in UNITS else f for f in fields), flush=True)
    board.follow()
    time_ms = board.ends[-1]
    indices = (0, 1) if FAULT == "two-boards" and period_ms is None else (0,)
    for _ in indices:
        print(", ".join(cell(f, board, time_ms, has_units) for f in fields), flush=True)
    if period_ms is None:
        return
    # A poll comes a little later than it should, as on a machine that has other things to do.
    late_ms = 3
    time_ms += period_ms
    while board.wait_until(time_ms + late_ms, lambda: bool(stopped)):
        print(", ".join(cell(f, board, time_ms + late_ms, has_units) for f in fields), flush=True)
        time_ms += period_ms


def snapshot():
    board = simulated.SimulatedBoard(os.environ["SIMULATED_TIMELINE"])
    board.follow()
    at = utc(board.ends[-1])
    print(
        f"""<?xml version="1.0" ?>
<!DOCTYPE nvidia_smi_log SYSTEM "nvsmi_device_v13.dtd">
<nvidia_smi_log>
	<timestamp>{at:%a %b} {at.day:2d} {at:%H:%M:%S %Y}</timestamp>
	<driver_version>000.00.00</driver_version>
	<attached_gpus>1</attached_gpus>
	<gpu id="00000000:00:00.0">
		<product_name>{simulated.NAME}</product_name>
		<serial>1234567890123</serial>
		<uuid>{simulated.UUID}</uuid>
		<gpu_power_readings>
			<average_power_draw>{board.average_w(board.ends[-1]):.2f} W</average_power_draw>
			<current_power_limit>{simulated.LIMIT_W:.2f} W</current_power_limit>
			<default_power_limit>{simulated.LIMIT_W:.2f} W</default_power_limit>
		</gpu_power_readings>
	</gpu>
</nvidia_smi_log>"""
    )


def main(arguments):
    if FAULT == "no-board":
        print("No devices were found")
        sys.exit(6)
    options = dict(a.split("=", 1) for a in arguments if a.startswith("--") and "=" in a)
    period_ms = int(arguments[arguments.index("-lms") + 1]) if "-lms" in arguments else None
    if "--query-gpu" in options:
        query(options["--query-gpu"].split(","), options["--format"].split(","), period_ms)
    elif "--query-compute-apps" in options:
        if FAULT == "busy":
            print("4242, python3")
    else:
        snapshot()


if __name__ == "__main__":
    main(sys.argv[1:])
