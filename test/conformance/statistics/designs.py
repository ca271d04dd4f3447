"""The cases of check.py on looking often, on components of variance, on sample size and on trends."""

import math

import numpy as np
from scipy import integrate, optimize, stats


def confidence_sequence(look, distance):
    """Two-sided: the normal mixture of likelihood ratios, integrated numerically. One-sided: the closed form."""
    se, n, tuned_for, alpha = (look[key] for key in ("standardError", "n", "tunedFor", "alpha"))
    rho_of = lambda a: math.sqrt((-2 * math.log(a) + math.log(1 - 2 * math.log(a))) / tuned_for)

    def log_e(d):
        s, rho = math.sqrt(n) * d / se, rho_of(alpha)
        centre, sd = s * rho**2 / (n * rho**2 + 1), rho / math.sqrt(n * rho**2 + 1)
        exponent = lambda x: x * s - n * x * x / 2 - x * x / (2 * rho**2)
        peak = exponent(centre)
        f = lambda x: math.exp(exponent(x) - peak) / (rho * math.sqrt(2 * math.pi))
        return peak + math.log(integrate.quad(f, centre - 12 * sd, centre + 12 * sd, epsabs=0, epsrel=1e-12)[0])

    two = optimize.brentq(lambda d: log_e(d) + math.log(alpha), 0, 1e3 * se, xtol=1e-13 * se, rtol=1e-13)
    nr2 = n * rho_of(2 * alpha) ** 2
    one = se * math.sqrt(2 * (nr2 + 1) / nr2 * math.log(1 + math.sqrt(nr2 + 1) / (2 * alpha)))
    return [two, one, min(1.0, math.exp(-log_e(distance)))]


def spending_bounds(fractions, spending):
    """One Gauss-Legendre rule over all paths that go on, look by look, and Brent's method for the bound."""
    alpha = spending["alpha"] / spending["sides"]
    x, w = np.polynomial.legendre.leggauss(600)
    nodes, mass, spent, before, bounds = np.zeros(1), np.ones(1), 0.0, 0.0, []
    for t in fractions:
        sd = math.sqrt(t - before)
        target = alpha * t ** spending["phi"] - spent
        crossing = lambda z: float(mass @ stats.norm.sf((z * math.sqrt(t) - nodes) / sd))
        bounds.append(optimize.brentq(lambda z: crossing(z) / target - 1, -8, 8, xtol=1e-12))
        spent += crossing(bounds[-1])
        low, high = -9 * math.sqrt(t), bounds[-1] * math.sqrt(t)
        new = (high + low) / 2 + (high - low) / 2 * x
        mass = (high - low) / 2 * w * (stats.norm.pdf((new[:, None] - nodes[None, :]) / sd) / sd @ mass)
        nodes, before = new, t
    return bounds


def variance_components(values):
    """Expected quadratic forms as traces over projections, which needs no formula for unbalanced data."""
    y = np.array([v["logValue"] for v in values])
    incidence = lambda keys: np.array([[float(k == level) for level in sorted(set(keys))] for k in keys])
    chips, lots = incidence([v["chip"] for v in values]), incidence([v["lot"] for v in values])
    onto = lambda z: z @ np.linalg.pinv(z)
    identity = np.eye(len(y))
    forms = [identity - onto(chips), onto(chips) - onto(lots), onto(lots) - np.full_like(identity, 1 / len(y))]
    expected = [[np.trace(a @ v) for v in (identity, chips @ chips.T, lots @ lots.T)] for a in forms]
    night, chip, lot = np.linalg.solve(expected, [y @ a @ y for a in forms])
    return [max(0.0, float(x)) for x in (lot, chip, night)]


def trend(points, day, confidence):
    x, y = (np.array([p[key] for p in points], float) for key in ("day", "logValue"))
    fit, n = stats.linregress(x, y), len(x)
    sd = math.sqrt(np.sum((y - fit.intercept - fit.slope * x) ** 2) / (n - 2))
    at = fit.intercept + fit.slope * day
    t = stats.t.ppf((1 + confidence) / 2, n - 2)
    leverage = 1 / n + (day - x.mean()) ** 2 / np.sum((x - x.mean()) ** 2)
    line, night = (t * sd * math.sqrt(leverage + extra) for extra in (0, 1))
    return [fit.slope, fit.stderr, at, at - line, at + line, at - night, at + night]
