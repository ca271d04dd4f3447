"""The benchmark's job in polars, lazily: rows, pieces of intervals, windows. Without the ledger of interval lengths."""

import polars as pl
from frames import COUNTERS, FIELDS, GAUGES, LIMIT_W, NO_LIMIT, RANGES, SLACK_MS, WINDOW_MS, measured

ms, before = pl.col("ms"), pl.col("p_ms")
edge = (before / WINDOW_MS + 1).floor() * WINDOW_MS


def accepted(path):
    """A number that is none, or out of range, takes its whole row with it."""
    text = pl.scan_csv(path, schema_overrides={f: pl.String for f in ["time", *FIELDS]})
    rows = text.select(
        "scope",
        pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ").dt.epoch("ms").cast(pl.Float64).alias("ms"),
        *[pl.col(f).cast(pl.Float64, strict=False) for f in FIELDS],
    )
    return rows.filter(*[pl.col(f).is_between(*RANGES.get(f, NO_LIMIT)) for f in FIELDS])


def intervals(rows):
    is_same = pl.col("scope") == pl.col("scope").shift(1)
    pairs = rows.sort("scope", "ms").with_columns(
        *[pl.when(is_same).then(pl.col(f).shift(1)).alias(f"p_{f}") for f in ["ms", *FIELDS]]
    )
    rise = {f: pl.col(f) - pl.col(f"p_{f}") for f in COUNTERS}
    broken = {f: rise[f] < 0 for f in COUNTERS}
    broken["energy_j"] |= rise["energy_j"] > LIMIT_W / 1000 * (ms - before + SLACK_MS)
    return pairs.with_columns(
        (ms - before).alias("length_ms"),
        edge.alias("edge_ms"),
        *[broken[f].fill_null(False).alias(f"{f}_broken") for f in COUNTERS],
    )


def piece(rows, window, start, stop, length, counts, first, last, cuts):
    (readings, ends), (starts_cut, stops_cut) = counts, cuts
    return rows.select(
        "scope",
        window.alias("window_ms"),
        start.alias("from_ms"),
        stop.alias("to_ms"),
        length.alias("length_ms"),
        readings.alias("readings"),
        ends.alias("ends"),
        starts_cut.alias("starts_cut"),
        stops_cut.alias("stops_cut"),
        *[f"{f}_broken" for f in COUNTERS],
        *[first(f).alias(f"a_{f}") for f in FIELDS],
        *[last(f).alias(f"b_{f}") for f in FIELDS],
    )


def at_edge(f):
    share = (pl.col("edge_ms") - before) / (ms - before)
    return pl.col(f"p_{f}") + share * (pl.col(f) - pl.col(f"p_{f}"))


def pieces(rows):
    """A reading on an edge ends its interval in the window before, and counts in its own."""
    at, length = pl.col("edge_ms"), pl.col("length_ms")
    no, yes, none, one = pl.lit(False), pl.lit(True), pl.lit(0), pl.lit(1)
    is_behind = ms > at
    inside = rows.filter(before.is_null() | (ms < at))
    crossing = rows.filter(ms >= at)
    own = (ms / WINDOW_MS).floor() * WINDOW_MS
    previous = lambda f: pl.coalesce(f"p_{f}", f)
    p = lambda f: pl.col(f"p_{f}")
    rest = pl.when(is_behind).then(length)
    whole = (one, before.is_not_null().cast(pl.Int32))
    first = (none, (ms == at).cast(pl.Int32))
    second = (one, is_behind.cast(pl.Int32))
    return pl.concat(
        [
            piece(inside, own, previous("ms"), ms, length, whole, previous, pl.col, (no, no)),
            piece(crossing, at - WINDOW_MS, before, at, length, first, p, at_edge, (no, yes)),
            piece(crossing, at, at, ms, rest, second, at_edge, pl.col, (is_behind, no)),
        ]
    )


def windows(parts):
    start, stop = pl.col("from_ms"), pl.col("to_ms")
    a, b = (lambda f: pl.col(f"a_{f}")), (lambda f: pl.col(f"b_{f}"))
    gauges = [
        column
        for f in GAUGES
        for column in (
            ((stop - start) / 1000 * (a(f) + b(f)) / 2).sum().alias(f"{f}_integral"),
            pl.min_horizontal(a(f).min(), b(f).min()).alias(f"{f}_min"),
            pl.max_horizontal(a(f).max(), b(f).max()).alias(f"{f}_max"),
        )
    ]
    counters = [
        column
        for f in COUNTERS
        for is_broken in [pl.col(f"{f}_broken")]
        for column in (
            (b(f) - a(f)).filter(~is_broken).sum().alias(f"{f}_delta"),
            (is_broken & (pl.col("ends") == 1)).sum().alias(f"{f}_resets"),
            (stop - start).filter(is_broken).sum().alias(f"{f}_broken_ms"),
        )
    ]
    ends = [
        column
        for f in FIELDS
        for column in (
            a(f).min_by("to_ms").alias(f"{f}_first"),
            b(f).max_by("to_ms").alias(f"{f}_last"),
        )
    ]
    return parts.group_by("scope", "window_ms").agg(
        start.min().alias("first_ms"),
        stop.max().alias("last_ms"),
        pl.col("starts_cut").min_by("to_ms").alias("first_is_cut"),
        pl.col("stops_cut").any().alias("last_is_cut"),
        pl.col("readings").sum(),
        pl.col("length_ms").max().fill_null(0).alias("max_interval_ms"),
        *gauges,
        *counters,
        *ends,
    )


def job(csv, parquet):
    result = windows(pieces(intervals(accepted(csv)))).collect(engine="streaming")
    result.write_parquet(parquet, compression="zstd")
    return {"windows": result.height}


measured(job)
