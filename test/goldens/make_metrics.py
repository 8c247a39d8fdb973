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


def energy(y, x):
    return np.abs(x - y).mean() - np.abs(x[:, None] - x[None, :]).mean() / 2


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
