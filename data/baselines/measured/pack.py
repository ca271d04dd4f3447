"""
Makes a measured set of what a capture wrote: a folder a run with run.json and its part of every file, set.json with
what belongs to all of them, and manifest.json with size and SHA-256 of each file. Deterministic: equal inputs, equal
bytes.

Usage: pack.py WORK OUT
"""

import gzip
import hashlib
import json
import re
import sys
from datetime import datetime, timezone
from pathlib import Path

from events import utc
from facts import catalogue_entry

LICENCE = "Apache-2.0"
# Readings on both sides of a run, so that its ends are interpolated and never held.
PADDING_MS = 3000
SIZE_LIMIT_BYTES = 10_000_000
JSON_WIDTH = 110


def dumped(value, indent=0):
    """JSON as the repository's formatter writes it: lists of plain values on one line where they fit."""
    inner = " " * (indent + 2)
    if isinstance(value, dict) and value:
        items = [f"{inner}{json.dumps(key)}: {dumped(item, indent + 2)}" for key, item in value.items()]
        return "{\n" + ",\n".join(items) + "\n" + " " * indent + "}"
    if isinstance(value, list) and value:
        line = json.dumps(value)
        if not any(isinstance(item, (dict, list)) for item in value) and len(line) + indent + 30 < JSON_WIDTH:
            return line
        return "[\n" + ",\n".join(inner + dumped(item, indent + 2) for item in value) + "\n" + " " * indent + "]"
    return json.dumps(value)


def write_json(path, value):
    path.write_text(dumped(value) + "\n", encoding="utf-8")


def write_gzip(path, text):
    path.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def whole_lines(path):
    """Lines that end: what a collector was writing when it was stopped is no reading."""
    text = path.read_text(encoding="utf-8")
    return text[: text.rfind("\n") + 1].splitlines()


def smi_time_ms(line):
    stamp = datetime.strptime(line.split(", ", 1)[0], "%Y/%m/%d %H:%M:%S.%f")
    return stamp.replace(tzinfo=timezone.utc).timestamp() * 1000


def between(lines, time_of, start_ms, stop_ms):
    """The header, and the rows of the stretch with what stands beside it."""
    rows = [line for line in lines[1:] if start_ms - PADDING_MS <= time_of(line) <= stop_ms + PADDING_MS]
    return "\n".join([lines[0], *rows]) + "\n"


def phases(events):
    """Start and stop of each phase that has both, in order of their starts."""
    starts = {e["phase"]: e["timeMs"] for e in events if e["event"] == "start"}
    stops = {e["phase"]: e["timeMs"] for e in events if e["event"] == "stop"}
    return {phase: (start, stops[phase]) for phase, start in starts.items() if phase in stops}


def iso(time_ms):
    return utc(time_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def workload(session, precision):
    if precision is None:
        return {"name": "idle"}
    model = session["model"]
    return {
        "name": model["name"],
        "precision": precision,
        "sequenceLength": model["sequence"],
        "globalBatchSize": model["batch"],
        "parameters": model["parameters"],
        "layers": model["layers"],
        "hiddenSize": model["hidden"],
        "vocabularySize": model["vocabulary"],
        "flopsFormula": "palm",
    }


COUNTER_MAPPING = {
    "form": "csv",
    "time": {"column": "time_unix_ms", "form": "unix-ms"},
    "kind": "chip",
    "scope": ["uuid"],
    "readings": [{"field": "energy_j", "column": "energy_mj", "unit": "mJ"}],
}


def run_json(session, board, run, start_ms, stop_ms, precision):
    files = [
        {"pattern": "nvidia-smi.csv*", "timeZone": "UTC"},
        {"pattern": "nvml.csv*", "boundary": "chip", "mapping": COUNTER_MAPPING},
    ]
    if precision:
        files.append({"pattern": "*.log*", "timeZone": "UTC"})
    return {
        "schema": "wattline/run@1",
        "program": "gpu-baseline",
        "run": run,
        "role": "baseline",
        "sku": board["sku"],
        "workload": workload(session, precision),
        "workUnit": "token",
        **({"tokensPerSample": session["model"]["sequence"]} if precision else {}),
        "system": {"name": f"one {board['name']}", "nodes": 1, "chipsPerNode": 1},
        "chips": [{"id": board["uuid"], "firmware": board["vbios"]}],
        "start": iso(start_ms),
        "stop": iso(stop_ms),
        "status": "success",
        "boundary": "chip",
        **({"simulated": True} if session["simulated"] else {}),
        "files": files,
    }


def board_of(work):
    """What capture.sh asked of the board before the first phase: one line of nvidia-smi, without units."""
    names = ["name", "uuid", "driver", "vbios", "powerLimitW", "defaultPowerLimitW"]
    cells = (work / "board.csv").read_text(encoding="utf-8").strip().split(", ")
    board = dict(zip(names, cells, strict=True))
    for limit in names[4:]:
        board[limit] = float(board[limit])
    entry = catalogue_entry(board["name"])
    return {"sku": entry["sku"] if entry else board["name"], **board}


def without_serials(xml):
    """A serial number names a board of somebody's; its digits become zeros, which Wattline's reader knows."""
    return re.sub(
        r"(<(?:serial|chassis_serial_number|board_serial_number|gpu_fabric_guid|host_id)>)([^<]*)",
        lambda found: found[1] + re.sub(r"[0-9A-Fa-f]", "0", found[2]) if re.search(r"\d", found[2]) else found[0],
        xml,
    )


def write_runs(work, out, session, board, times):
    smi, nvml = whole_lines(work / "nvidia-smi.csv"), whole_lines(work / "nvml.csv")
    for run, (start_ms, stop_ms) in times.items():
        folder = out / run
        folder.mkdir(parents=True)
        precision = run.rsplit("-", 1)[0] if run.rsplit("-", 1)[0] in session["plans"] else None
        write_json(folder / "run.json", run_json(session, board, run, start_ms, stop_ms, precision))
        write_gzip(folder / "nvidia-smi.csv.gz", between(smi, smi_time_ms, start_ms, stop_ms))
        write_gzip(folder / "nvml.csv.gz", between(nvml, lambda row: int(row.split(",", 1)[0]), start_ms, stop_ms))
        for form in ("megatron", "torchtitan") if precision else ():
            write_gzip(folder / f"{form}.log.gz", (work / f"{run}.{form}.log").read_text(encoding="utf-8"))


def set_json(session, board, name, times):
    runs = {precision: [r for r in times if r.rsplit("-", 1)[0] == precision] for precision in session["plans"]}
    return {
        "schema": "wattline/measured-set@1",
        "name": name,
        "licence": LICENCE,
        "simulated": session["simulated"],
        "capturedFrom": iso(min(start for start, _ in times.values())),
        "capturedTo": iso(max(stop for _, stop in times.values())),
        "board": board,
        "software": session["software"],
        "model": session["model"],
        "plans": [{"precision": p, **plan, "runs": runs[p]} for p, plan in session["plans"].items()],
        "idleRuns": [run for run in times if run.startswith("idle-")],
        "ceilings": session["ceilings"],
    }


def write_manifest(out, name):
    files = [
        {
            "path": path.relative_to(out).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in sorted(out.rglob("*"))
        if path.is_file()
    ]
    total = sum(file["bytes"] for file in files)
    if total > SIZE_LIMIT_BYTES:
        sys.exit(f"pack.py: {out} has {total} bytes; expected at most {SIZE_LIMIT_BYTES}. Make the runs shorter")
    write_json(
        out / "manifest.json",
        {
            **{"schema": "wattline/measured-manifest@1", "name": name, "licence": LICENCE},
            **{"totalBytes": total, "files": files},
        },
    )
    return total


def main(work, out):
    session = json.loads((work / "session.json").read_text(encoding="utf-8"))
    board = board_of(work)
    events = [json.loads(line) for line in whole_lines(work / "events.jsonl")]
    times = {run: span for run, span in phases(events).items() if not run.startswith("matmul-")}
    first_ms = min(start for start, _ in times.values())
    slug = re.sub(r"[^a-z0-9]+", "-", board["sku"].lower()).strip("-")
    name = f"{'simulated-' if session['simulated'] else ''}{slug}-{utc(first_ms):%Y-%m-%d}"
    target = out / name
    if target.exists():
        sys.exit(f"pack.py: {target} is there already; expected a new folder. Move it away or give another --out")
    target.mkdir(parents=True)
    write_runs(work, target, session, board, times)
    for when in ("before", "after"):
        xml = (work / f"board-{when}.xml").read_text(encoding="utf-8")
        write_gzip(target / f"board-{when}.xml.gz", without_serials(xml))
    write_gzip(target / "events.jsonl.gz", (work / "events.jsonl").read_text(encoding="utf-8"))
    if session["simulated"]:
        write_gzip(target / "truth.jsonl.gz", (work / "timeline.jsonl").read_text(encoding="utf-8"))
    write_json(target / "set.json", set_json(session, board, name, times))
    print(f"{target}: {len(times)} runs, {write_manifest(target, name) / 1e6:.2f} MB")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
