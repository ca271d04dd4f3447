"""Computes every case that emit.ts wrote again, with SciPy and NumPy, and fails on a difference.

Usage: check.py cases.json. To add a function: a function in CASES here under the name of its cases in emit.ts, with
the same arguments and the same form of result, and its limit.

Limits: 1e-9 for distributions, relative, so that the far tails count (below 1e-300, where doubles lose digits, absolute).
1e-6 for intervals, which add root finding, differences of close numbers and a numerical integral; there the smaller
of the absolute and the relative difference counts: a bound that crosses zero has no relative precision to compare, and
a bound of 1e8 has no absolute one. Texts, booleans and nulls must be the same.
"""

import json
import math
import sys

import numpy as np
from scipy import integrate, stats

import designs

DISTRIBUTION, INTERVAL = 1e-9, 1e-6


def poisson_interval(count, confidence):
    events, exposure = count["events"], count["exposure"]
    tail = (1 - confidence) / 2
    low = stats.chi2.ppf(tail, 2 * events) / 2 if events else 0.0
    return [low / exposure, stats.chi2.isf(tail, 2 * events + 2) / 2 / exposure]


def poisson_upper_bound(count, confidence):
    return stats.chi2.ppf(confidence, 2 * count["events"] + 2) / 2 / count["exposure"]


def mtbf_interval(count, confidence):
    low, high = poisson_interval(count, confidence)
    return [1 / high, 1 / low if low else None]


def rate_ratio_interval(candidate, baseline, confidence):
    x, n = candidate["events"], candidate["events"] + baseline["events"]
    scale = baseline["exposure"] / candidate["exposure"]
    if n == 0:
        return [0.0, None]
    tail = (1 - confidence) / 2
    # Clopper and Pearson's p and 1 - p, both to full relative precision.
    low = [stats.beta.ppf(tail, x, n - x + 1), stats.beta.isf(tail, n - x + 1, x)] if x else [0.0, 1.0]
    high = [stats.beta.isf(tail, x + 1, n - x), stats.beta.ppf(tail, n - x, x + 1)] if x < n else [1.0, 0.0]
    # binomtest's own interval, whose root finder stops at 2e-12: too coarse for the odds of a small p, good for p.
    interval = stats.binomtest(x, n).proportion_ci(confidence, method="exact")
    assert abs(interval.low - low[0]) < 1e-9 and abs(interval.high - high[0]) < 1e-9, (x, n, confidence)
    return [low[0] / low[1] * scale, high[0] / high[1] * scale if x < n else None]


def p_rate_above(candidate, baseline, ratio):
    x, n = candidate["events"], candidate["events"] + baseline["events"]
    if n == 0:
        return 1.0
    expected = ratio * candidate["exposure"]
    share = expected / (expected + baseline["exposure"])
    return stats.binomtest(x, n, share, alternative="greater").pvalue


def mean_interval(values, confidence):
    return list(stats.ttest_1samp(values, 0).confidence_interval(confidence))


def welch_interval(candidate, baseline, confidence):
    test = stats.ttest_ind(np.log(candidate), np.log(baseline), equal_var=False)
    low, high = test.confidence_interval(confidence)
    return [test.df, math.exp(low), math.exp(high)]


def paired_interval(pairs, confidence):
    logs = np.log(pairs)
    low, high = stats.ttest_rel(logs[:, 0], logs[:, 1]).confidence_interval(confidence)
    return [math.exp(np.mean(logs[:, 0] - logs[:, 1])), math.exp(low), math.exp(high)]


def fieller(candidate, baseline, confidence):
    c, b = np.array(candidate), np.array(baseline)
    mc, mb, vc, vb = c.mean(), b.mean(), c.var(ddof=1) / len(c), b.var(ddof=1) / len(b)
    r = mc / mb
    df = (vc + r * r * vb) ** 2 / (vc**2 / (len(c) - 1) + (r * r * vb) ** 2 / (len(b) - 1))
    t2 = stats.t.ppf((1 + confidence) / 2, df) ** 2
    roots = np.roots([mb**2 - t2 * vb, -2 * mc * mb, mc**2 - t2 * vc])
    if np.iscomplex(roots).any():
        return ["whole-line"]
    low, high = sorted(float(root.real) for root in roots)
    middle = (low + high) / 2
    inside = (mc - middle * mb) ** 2 <= t2 * (vc + middle**2 * vb)
    return ["bounded" if inside else "complement", low, high]


def ratio_tests(spread, margin):
    low, high = (
        stats.t(spread["degreesOfFreedom"], math.log(bound), spread["standardError"])
        for bound in (1 - margin, 1 + margin)
    )
    estimate = spread["logRatio"]
    return [low.cdf(estimate), high.cdf(estimate), max(low.sf(estimate), high.cdf(estimate))]


def holm(p_values, alpha):
    # By adjusted p-values, which is the other of the two ways to write it.
    adjusted, running = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, (len(p_values) - rank) * p_values[index])
        adjusted[index] = running
    return [p <= alpha for p in adjusted]


def percentiles(values, wanted, confidence):
    x, result = np.sort(values), []
    ranks = np.arange(1, len(x) + 1)
    tail = (1 - confidence) / 2
    for percentile in wanted:
        binomial = stats.binom(len(x), percentile / 100)
        low = ranks[binomial.cdf(ranks - 1) <= tail]
        high = ranks[binomial.sf(ranks - 1) <= tail]
        result += [
            np.percentile(x, percentile),
            x[low[-1] - 1] if len(low) else None,
            x[high[0] - 1] if len(high) else None,
        ]
    return result


def log_e_values(count, rate0):
    """The mixture's integral, numerically, with the exponential weight of rate 1, cut at 1."""
    events, mu = count["events"], rate0 * count["exposure"]

    def log_mean(low, high):
        log_f = lambda theta: (events * math.log(theta) if events else 0.0) - (theta - 1) * mu - theta
        # The exponent is concave with its top at events / (mu + 1): scaled by it, nothing overflows, and cut into
        # pieces about it, the integrator does not miss a narrow peak.
        top = min(max(events / (mu + 1), low if low else 1e-12), high)
        width = math.sqrt(events + 1) / (mu + 1)
        cuts = sorted({low, high, *(min(max(top + k * width, low), high) for k in (-9, -3, -1, 0, 1, 3, 9, 27))})
        peak = log_f(top)
        scaled = lambda theta: math.exp(log_f(max(theta, 1e-300)) - peak)
        pieces = zip(cuts, cuts[1:])
        return peak + math.log(sum(integrate.quad(scaled, a, b, epsabs=1e-13 * width, epsrel=1e-10)[0] for a, b in pieces))

    above = log_mean(1.0, 1.0 + 60.0 * (1 + math.sqrt(events + 1) * 2)) + 1.0
    return [above, log_mean(0.0, 1.0) - math.log(-math.expm1(-1.0))]


CASES = {
    "t_quantile": (DISTRIBUTION, stats.t.ppf),
    "t_cdf": (DISTRIBUTION, stats.t.cdf),
    "normal_quantile": (DISTRIBUTION, stats.norm.ppf),
    "normal_cdf": (DISTRIBUTION, stats.norm.cdf),
    "gamma_quantile": (DISTRIBUTION, lambda p, shape, rate: stats.gamma.ppf(p, shape) / rate),
    "gamma_cdf": (DISTRIBUTION, stats.gamma.cdf),
    "beta_quantile": (DISTRIBUTION, stats.beta.ppf),
    "beta_cdf": (DISTRIBUTION, stats.beta.cdf),
    "poisson_interval": (INTERVAL, poisson_interval),
    "poisson_upper_bound": (INTERVAL, poisson_upper_bound),
    "mtbf_interval": (INTERVAL, mtbf_interval),
    "rate_ratio_interval": (INTERVAL, rate_ratio_interval),
    "p_rate_above": (INTERVAL, p_rate_above),
    "mean_interval": (INTERVAL, mean_interval),
    "welch_interval": (INTERVAL, welch_interval),
    "paired_interval": (INTERVAL, paired_interval),
    "fieller": (INTERVAL, fieller),
    "ratio_tests": (INTERVAL, ratio_tests),
    "holm": (INTERVAL, holm),
    "percentiles": (INTERVAL, percentiles),
    "log_e_values": (INTERVAL, log_e_values),
    "confidence_sequence": (INTERVAL, designs.confidence_sequence),
    "spending_bounds": (INTERVAL, designs.spending_bounds),
    "variance_components": (INTERVAL, designs.variance_components),
    "trend": (INTERVAL, designs.trend),
}


def flat(value):
    return [part for item in value for part in flat(item)] if isinstance(value, list) else [value]


def difference(ours, theirs, limit):
    """0 for the same text, boolean or null; infinite for a different one or where only one side is a number."""
    if any(x is None or isinstance(x, (str, bool)) for x in (ours, theirs)):
        return 0.0 if ours == theirs else math.inf
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return math.inf
    gap = abs(ours - theirs)
    if abs(theirs) < 1e-300:
        return gap
    return gap / abs(theirs) if limit == DISTRIBUTION else min(gap, gap / abs(theirs))


def main(path):
    with open(path, encoding="utf-8") as file:
        cases = json.load(file)
    seen = {name: [0, 0.0] for name in CASES}
    failures = []
    for case in cases:
        name, ours = case["name"], flat(case["result"])
        limit, compute = CASES[name]
        theirs = flat(compute(*case["input"]))
        gaps = [difference(a, b, limit) for a, b in zip(ours, theirs)] if len(ours) == len(theirs) else [math.inf]
        seen[name][0] += len(gaps)
        seen[name][1] = max([seen[name][1], *gaps])
        if any(gap > limit for gap in gaps):
            failures.append(f"{name}{tuple(case['input'])}: ours {ours}, SciPy {theirs}, limit {limit}")
    for name, (values, largest) in seen.items():
        print(f"{name:22} {values:5} values, largest difference {largest:.1e} (limit {CASES[name][0]:.0e})")
        if values == 0:
            failures.append(f"{name}: emit.ts wrote no case")
    for failure in failures[:20]:
        print(failure[:2000], file=sys.stderr)
    total = sum(values for values, _ in seen.values())
    print(f"{total} values compared, largest difference {max(gap for _, gap in seen.values()):.1e}, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
