"""The benchmark's job in pandas: rows, pieces of intervals, windows. Without the ledger of interval lengths."""

import numpy as np
import pandas as pd
from frames import COUNTERS, FIELDS, GAUGES, LIMIT_W, NO_LIMIT, RANGES, SLACK_MS, WINDOW_MS, measured


def accepted(path):
    """A number that is none, or out of range, takes its whole row with it."""
    rows = pd.read_csv(path, parse_dates=["time"])
    rows["ms"] = rows.pop("time").dt.as_unit("ms").astype("int64").astype("float64")
    is_good = np.ones(len(rows), dtype=bool)
    for f in FIELDS:
        rows[f] = pd.to_numeric(rows[f], errors="coerce").astype("float64")
        is_good &= rows[f].between(*RANGES.get(f, NO_LIMIT)).to_numpy()
    rows = rows[is_good]
    return rows.assign(scope=rows["scope"].astype("category")).sort_values(["scope", "ms"], ignore_index=True)


def intervals(rows):
    before = rows.groupby("scope", observed=True)[["ms", *FIELDS]].shift(1)
    for f in ["ms", *FIELDS]:
        rows[f"p_{f}"] = before[f]
    rows["length_ms"] = rows["ms"] - rows["p_ms"]
    rows["edge_ms"] = np.floor(rows["p_ms"] / WINDOW_MS + 1) * WINDOW_MS
    for f in COUNTERS:
        rows[f"{f}_broken"] = rows[f] < rows[f"p_{f}"]
    limit = LIMIT_W / 1000 * (rows["length_ms"] + SLACK_MS)
    rows["energy_j_broken"] |= rows["energy_j"] - rows["p_energy_j"] > limit
    return rows


def piece(rows, window, start, stop, length, counts, first, last, cuts):
    return pd.DataFrame(
        {
            "scope": rows["scope"],
            "window_ms": window,
            "from_ms": start,
            "to_ms": stop,
            "length_ms": length,
            "readings": counts[0],
            "ends": counts[1],
            "starts_cut": cuts[0],
            "stops_cut": cuts[1],
            **{f"{f}_broken": rows[f"{f}_broken"] for f in COUNTERS},
            **{f"a_{f}": first(f) for f in FIELDS},
            **{f"b_{f}": last(f) for f in FIELDS},
        }
    )


def pieces(rows):
    """A reading on an edge ends its interval in the window before, and counts in its own."""
    inside = rows[rows["p_ms"].isna() | (rows["ms"] < rows["edge_ms"])]
    crossing = rows[rows["ms"] >= rows["edge_ms"]]
    ms, before, edge, length = (crossing[name] for name in ("ms", "p_ms", "edge_ms", "length_ms"))
    share = (edge - before) / (ms - before)
    is_behind = ms > edge
    at_edge = lambda f: crossing[f"p_{f}"] + share * (crossing[f] - crossing[f"p_{f}"])
    p = lambda f: crossing[f"p_{f}"]
    previous = lambda f: inside[f"p_{f}"].fillna(inside[f])
    own = np.floor(inside["ms"] / WINDOW_MS) * WINDOW_MS
    whole = (1, inside["p_ms"].notna().astype("int64"))
    first, second = (0, (~is_behind).astype("int64")), (1, is_behind.astype("int64"))
    parts = [
        piece(inside, own, previous("ms"), inside["ms"], inside["length_ms"], whole, previous, inside.get, (False, False)),
        piece(crossing, edge - WINDOW_MS, before, edge, length, first, p, at_edge, (False, True)),
        piece(crossing, edge, edge, ms, length.where(is_behind), second, at_edge, crossing.get, (is_behind, False)),
    ]
    return pd.concat(parts, ignore_index=True).sort_values(["scope", "window_ms", "to_ms"], ignore_index=True)


def windows(parts):
    """Pieces are in order of time within a scope and window, so that the first and last of a window are its ends."""
    span = parts["to_ms"] - parts["from_ms"]
    columns = {
        "first_ms": ("from_ms", "min"),
        "last_ms": ("to_ms", "max"),
        "first_is_cut": ("starts_cut", "first"),
        "last_is_cut": ("stops_cut", "any"),
        "readings": ("readings", "sum"),
        "max_interval_ms": ("length_ms", "max"),
    }
    for f in GAUGES:
        a, b = parts[f"a_{f}"], parts[f"b_{f}"]
        parts[f"{f}_area"] = span / 1000 * (a + b) / 2
        parts[f"{f}_low"], parts[f"{f}_high"] = np.minimum(a, b), np.maximum(a, b)
        columns |= {
            f"{f}_integral": (f"{f}_area", "sum"),
            f"{f}_min": (f"{f}_low", "min"),
            f"{f}_max": (f"{f}_high", "max"),
        }
    for f in COUNTERS:
        is_broken = parts[f"{f}_broken"]
        parts[f"{f}_rise"] = (parts[f"b_{f}"] - parts[f"a_{f}"]).where(~is_broken, 0)
        parts[f"{f}_reset"] = is_broken & (parts["ends"] == 1)
        parts[f"{f}_lost_ms"] = span.where(is_broken, 0)
        columns |= {
            f"{f}_delta": (f"{f}_rise", "sum"),
            f"{f}_resets": (f"{f}_reset", "sum"),
            f"{f}_broken_ms": (f"{f}_lost_ms", "sum"),
        }
    for f in FIELDS:
        columns |= {f"{f}_first": (f"a_{f}", "first"), f"{f}_last": (f"b_{f}", "last")}
    result = parts.groupby(["scope", "window_ms"], observed=True).agg(**columns).reset_index()
    return result.assign(scope=result["scope"].astype("str"), max_interval_ms=result["max_interval_ms"].fillna(0))


def job(csv, parquet):
    result = windows(pieces(intervals(accepted(csv))))
    result.to_parquet(parquet, compression="zstd", index=False)
    return {"windows": len(result)}


measured(job)
