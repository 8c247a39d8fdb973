"""Writes metrics.json: measures of forecasts, in float64 by numpy and scipy, for test/accuracy.

    python3 test/goldens/make_metrics.py
"""

import json
from pathlib import Path

import numpy as np
from scipy import integrate, stats

random = np.random.default_rng(7)
COUNT = 40
SEASON = 5
LEVELS = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]

truth = random.normal(3, 2, COUNT).round(3)
mean = (truth + random.normal(0, 1, COUNT)).round(3)
deviation = random.uniform(0.3, 2, COUNT).round(3)
history = (np.sin(np.arange(60)) + random.normal(3, 1, 60)).round(3)
quantiles = {level: stats.norm.ppf(level, mean, deviation).round(4) for level in LEVELS}
samples = random.normal(mean[:, None], deviation[:, None], (COUNT, 11)).round(3)


def pinball(level):
    error = truth - quantiles[level]
    return np.maximum(level * error, (level - 1) * error)


def integral(mean, deviation, y):
    """The CRPS by its definition."""
    below = integrate.quad(lambda x: stats.norm.cdf(x, mean, deviation) ** 2, -np.inf, y)[0]
    above = integrate.quad(lambda x: stats.norm.sf(x, mean, deviation) ** 2, y, np.inf)[0]
    return below + above


def distances(a, b):
    """Of numbers, or of courses [n, steps]."""
    return np.abs(a - b) if np.ndim(a - b) < 2 else np.sqrt(np.square(a - b).sum(-1))


def energy(y, x):
    """Of the distribution that the samples x were drawn from: over all pairs of two of them."""
    one, other = np.triu_indices(len(x), 1)
    return distances(x, y).mean() - distances(x[one], x[other]).mean() / 2


def student_integral(y, location, scale, freedom):
    d = stats.t(freedom, location, scale)
    exact = {"epsabs": 1e-13, "epsrel": 1e-12, "limit": 500}
    below = integrate.quad(lambda x: d.cdf(x) ** 2, -np.inf, y, **exact)[0]
    return below + integrate.quad(lambda x: d.sf(x) ** 2, y, np.inf, **exact)[0]


def count_sum(y, mean, alpha):
    """The integral over x from 0 up, on which F is constant between whole numbers."""
    d = stats.nbinom(1 / alpha, 1 / (1 + alpha * mean))
    k = np.arange(max(int(d.isf(1e-18)), int(y)) + 2)
    above = np.clip(k + 1 - y, 0, 1)  # the share of [k, k + 1) that is above y
    return ((1 - above) * d.cdf(k) ** 2 + above * d.sf(k) ** 2).sum() + max(0, -y)


lower, upper = quantiles[0.05], quantiles[0.95]
score = upper - lower + 20 * np.maximum(lower - truth, 0) + 20 * np.maximum(truth - upper, 0)
seasonal = history[SEASON:] - history[:-SEASON]


def diebold_mariano(first, second, horizon):
    d = first - second
    n = len(d)
    lags = min(n, max(3 * horizon, int(np.ceil(1.3 * np.sqrt(n)))))
    gamma = [((d[k:] - d.mean()) * (d[: n - k] - d.mean())).sum() / n for k in range(lags)]
    variance = gamma[0] + 2 * sum((1 - k / lags) * gamma[k] for k in range(1, lags))
    correction = (n + 1 - 2 * horizon + horizon * (horizon - 1) / n) / n
    statistic = d.mean() / np.sqrt(variance / n) * np.sqrt(correction)
    critical = np.polyval([-0.5324, 0.4160, 2.9694, 1.9600], lags / n)  # Kiefer and Vogelsang, table 1
    p = 2 * stats.t.sf(abs(statistic) * 1.96 / critical, n - 1)
    return {"horizon": horizon, "statistic": statistic, "p": p}


def wilcoxon(first, second):
    d = first - second
    d = d[d != 0]
    ranks = stats.rankdata(np.abs(d))
    statistic = min(ranks[d > 0].sum(), ranks[d < 0].sum())
    if len(d) > 200:
        p = stats.wilcoxon(d, method="asymptotic", correction=True).pvalue
    else:  # the distribution of all choices of signs, also with ties
        counts = np.zeros(int(2 * ranks.sum()) + 1)
        counts[0] = 1
        for rank in (2 * ranks).astype(int):
            moved = np.zeros_like(counts)
            moved[rank:] = counts[: len(counts) - rank]
            counts = (counts + moved) / 2
        p = min(1, 2 * counts[: int(2 * statistic) + 1].sum())
    return {"statistic": statistic, "p": p}


def pairs(count, digits, shift):
    first = random.gamma(2, 1, count).round(digits)
    second = (first + random.normal(shift, 0.5, count)).round(digits)
    return first, second


cases = []
for count, digits, shift in [(12, 3, 0.3), (40, 1, 0.1), (300, 3, 0.03)]:
    first, second = pairs(count, digits, shift)
    cases.append({"first": first.tolist(), "second": second.tolist(), **wilcoxon(first, second)})
noise = random.normal(0, 1, 203)
first = np.abs(noise[3:] + noise[2:-1] + noise[1:-2] + noise[:-3]).round(4)
second = (first + 0.2 + 0.5 * (noise[3:] + noise[2:-1])).round(4)

pinballs = {level: pinball(level).mean() for level in LEVELS}
widths = np.diff(np.concatenate([[0], (np.array(LEVELS)[1:] + np.array(LEVELS)[:-1]) / 2, [1]]))
families = [
    *(
        {"family": "student-t", "truth": y, "parameters": {"location": 0.2, "scale": 1.7, "freedom": freedom}}
        for y in (-7, 0, 0.3, 30)
        for freedom in (1.5, 2, 3, 10, 1e4)
    ),
    *(
        {"family": "negative-binomial", "truth": y, "parameters": {"mean": mean_of, "alpha": alpha}}
        for y in (-1, 0, 1, 3.5, 10, 300)
        for mean_of in (1e-6, 0.3, 3, 40, 3000)
        for alpha in (1e-4, 0.02, 0.5, 4, 50)
    ),
]
for case in families:
    exact = student_integral if case["family"] == "student-t" else count_sum
    case["crps"] = exact(case["truth"], **case["parameters"])
courses = random.normal(0, 1, (6, 4)).cumsum(1).round(3)
paths = random.normal(0, 1, (6, 30, 4)).cumsum(2).round(3)

golden = {
    "truth": truth.tolist(),
    "mean": mean.tolist(),
    "deviation": deviation.tolist(),
    "history": history.tolist(),
    "season": SEASON,
    "quantiles": {str(level): values.tolist() for level, values in quantiles.items()},
    "samples": samples.tolist(),
    "point": {
        "mse": np.square(truth - mean).mean(),
        "mae": np.abs(truth - mean).mean(),
        "rmse": np.sqrt(np.square(truth - mean).mean()),
        "smape": (200 * np.abs(truth - mean) / (np.abs(truth) + np.abs(mean))).mean(),
    },
    "scaled": {
        "mase": np.abs(truth - mean).mean() / np.abs(seasonal).mean(),
        "rmsse": np.sqrt(np.square(truth - mean).mean() / np.square(seasonal).mean()),
    },
    "pinball": {str(level): value for level, value in pinballs.items()},
    "coverage": {str(level): (truth <= values).mean() for level, values in quantiles.items()},
    "wql": np.mean([2 * pinball(level).sum() / np.abs(truth).sum() for level in LEVELS]),
    "crps": {
        "quantiles": 2 * float(widths @ np.array(list(pinballs.values()))),
        "samples": np.mean([energy(y, x) for y, x in zip(truth, samples)]),
        "normal": np.mean([integral(m, s, y) for m, s, y in zip(mean, deviation, truth)]),
    },
    "families": families,
    "courses": {
        "truth": courses.tolist(),
        "paths": paths.tolist(),
        "energy": np.mean([energy(y, x) for y, x in zip(courses, paths)]),
    },
    "interval": {
        "coverage": ((truth >= lower) & (truth <= upper)).mean(),
        "width": (upper - lower).mean(),
        "winkler": score.mean(),
        "msis": score.mean() / np.abs(seasonal).mean(),
    },
    "dieboldMariano": {
        "first": first.tolist(),
        "second": second.tolist(),
        "tests": [diebold_mariano(first, second, horizon) for horizon in (1, 4, 24)],
    },
    "wilcoxon": cases,
    "twoTails": [
        {"t": t, "freedom": freedom, "p": 2 * stats.t.sf(t, freedom)}
        for t in (0, 0.1, 1, 2, 5, 30)
        for freedom in (1, 2, 7.5, 30, 1e3, 1e6)
    ],
}
path = Path(__file__).with_name("metrics.json")
path.write_text(json.dumps(golden, default=float) + "\n")
