"""Makes baselines.json: what the fitted baselines must give, computed in another way (NumPy, float64).

    python3 test/goldens/make_baselines.py [FOLDER OF M4]

With the folder of Hourly-train.csv and Hourly-test.csv of the M4 competition, it also scores the Theta method on them.
"""

import csv
import json
import pathlib
import sys

import numpy as np

SHARES = np.r_[1e-4, np.linspace(0.001, 0.999, 999), 0.9999]


def quarters():
    """International visitor nights in Australia, 2005 to 2010 (Hyndman and Athanasopoulos, 1st ed., ch. 7.5)."""
    return np.array(
        [41.727458, 24.04185, 32.328103, 37.328708, 46.213153, 29.346326, 36.48291, 42.977719]
        + [48.901525, 31.180221, 37.717881, 40.420211, 51.206863, 31.887228, 40.978263, 43.772491]
        + [55.558567, 33.850915, 42.076383, 45.642292, 59.76678, 35.191877, 44.319737, 47.913736]
    )


def holt_winters(y, alpha, beta, gamma, phi, level, trend, season):
    """The component form: beta and gamma are those of the error-correction form."""
    season, errors = list(season), []
    m = len(season)
    for t, value in enumerate(y):
        forecast = level + phi * trend + season[t % m]
        errors.append(value - forecast)
        before = level
        level = alpha * (value - season[t % m]) + (1 - alpha) * (level + phi * trend)
        trend = beta / alpha * (level - before) + (1 - beta / alpha) * phi * trend
        season[t % m] = season[t % m] + gamma * errors[-1]
    ahead = lambda h: level + sum(phi**k for k in range(1, h + 1)) * trend + season[(len(y) + h - 1) % m]
    return np.array(errors), [ahead(h) for h in range(1, 9)]


def best_holt_winters(y):
    """Undamped, with the first state: a grid over the shares, and least squares for the state at each point."""
    best = None
    zero = np.zeros_like(y)
    for alpha in np.r_[1e-4, 0.01, 0.05, np.arange(0.1, 1, 0.1)]:
        for beta in alpha * np.r_[1e-4, 0.05, 0.2, 0.5, 0.9]:
            for gamma in (1 - alpha) * np.r_[1e-4, 0.05, np.arange(0.1, 1, 0.1)]:
                shares = (alpha, beta, gamma, 1)
                states = [np.r_[1, 0, 0, 0, 0, 0], np.r_[0, 1, 0, 0, 0, 0]]
                states += [np.r_[0, 0, np.eye(4)[k] - np.eye(4)[3]] for k in range(3)]
                effects = np.array([holt_winters(zero, *shares, s[0], s[1], s[2:])[0] for s in states]).T
                errors = holt_winters(y, *shares, 0, 0, np.zeros(4))[0]
                found = -np.linalg.lstsq(effects, errors, rcond=None)[0] @ np.array(states)
                errors, ahead = holt_winters(y, *shares, found[0], found[1], found[2:])
                if best is None or errors @ errors < best["error"]:
                    best = {"error": errors @ errors, "forecast": ahead, "state": list(found)}
    return best


def decompose(y, m, multiplicative):
    """The season in each phase, as `decompose` of R."""
    window = np.r_[0.5, np.ones(m - 1), 0.5] / m if m % 2 == 0 else np.ones(m) / m
    half = m // 2
    trend = np.full(len(y), np.nan)
    trend[half : len(y) - half] = np.convolve(y, window, "valid")
    rest = y / trend if multiplicative else y - trend
    figure = np.array([np.nanmean(rest[p::m]) for p in range(m)])
    return figure / figure.mean() if multiplicative else figure - figure.mean()


def smoothing_errors(line):
    """For each of SHARES: the squared errors with the best first level, and the last level with it."""
    own, left = np.zeros(len(SHARES)), np.ones(len(SHARES))
    squares = both = weights = 0
    for value in line:
        error = value - own
        squares, both, weights = squares + error**2, both + error * left, weights + left**2
        own = own + SHARES * error
        left = left * (1 - SHARES)
    first = both / weights
    return squares - both**2 / weights, own + left * first


def theta_lines(y, m, multiplicative):
    season = decompose(y, m, multiplicative) if m > 1 else np.array([0.0])
    phases = np.arange(len(y)) % m
    adjusted = y / season[phases] if multiplicative else y - season[phases]
    t = np.arange(1, len(y) + 1)
    slope, intercept = np.polyfit(t, adjusted, 1)
    return season, slope, intercept, 2 * adjusted - (intercept + slope * t)


def theta(y, m, multiplicative, horizon, share=None):
    """With a given share, the first level has the weights of a stream; else share and level are the best ones."""
    season, slope, intercept, line = theta_lines(y, m, multiplicative)
    if share is None:
        errors, levels = smoothing_errors(line)
        share, level = SHARES[errors.argmin()], levels[errors.argmin()]
    else:
        weights = (1 - share) ** np.arange(len(y))[::-1]
        level = weights @ line / weights.sum()
    ahead = np.arange(len(y) + 1, len(y) + horizon + 1)
    forecast = level / 2 + (intercept + slope * ahead) / 2
    phases = (ahead - 1) % m
    return share, forecast * season[phases] if multiplicative else forecast + season[phases]


def seasonal(y, m):
    """The test of seasonality of the M4 benchmarks."""
    if len(y) < 3 * m:
        return False
    z = y - y.mean()
    acf = np.array([z[: len(z) - lag] @ z[lag:] for lag in range(m + 1)]) / (z @ z)
    return abs(acf[m]) > 1.645 / np.sqrt(len(y)) * np.sqrt(1 + 2 * (acf[1:m] ** 2).sum())


def windows(channels, length):
    return np.concatenate([np.lib.stride_tricks.sliding_window_view(c, length) for c in channels])


def linear(kind, training, validation, lookback, horizon):
    """Ridge regression over explicit windows; DLinear as what it is, with two sets of weights."""
    padded = lambda x: np.concatenate([x[:, :1].repeat(12, 1), x, x[:, -1:].repeat(12, 1)], 1)
    trend = lambda x: np.lib.stride_tricks.sliding_window_view(padded(x), 25, axis=1).mean(2)

    def split(channels):
        all = windows(channels, lookback + horizon)
        anchor = all[:, lookback - 1 : lookback] if kind == "nlinear" else 0
        x, y = (all - anchor)[:, :lookback], (all - anchor)[:, lookback:]
        return (x, x, y) if kind == "nlinear" else (np.concatenate([trend(x), x - trend(x)], 1), x, y)

    (x, plain, y), (vx, _, vy) = split(training), split(validation)
    centred = plain - plain.mean(0)
    scale = (centred**2).sum() / lookback
    best = None
    for share in [1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6]:
        xc, yc = x - x.mean(0), y - y.mean(0)
        gram = xc.T @ xc + share * scale * np.eye(x.shape[1])
        weights = np.linalg.solve(gram, xc.T @ yc)
        bias = y.mean(0) - x.mean(0) @ weights
        error = ((vx @ weights + bias - vy) ** 2).mean()
        if best is not None and error >= best[0]:
            break
        best = (error, share, weights, bias)
    last = windows([training[0][-lookback:]], lookback)
    anchor = last[0, -1] if kind == "nlinear" else 0
    last = last - anchor
    if kind == "dlinear":
        last = np.concatenate([trend(last), last - trend(last)], 1)
    return {"share": best[1], "error": best[0], "forecast": list(last[0] @ best[2] + best[3] + anchor)}


def score_m4(folder):
    def read(name):
        with open(pathlib.Path(folder) / name) as file:
            rows = list(csv.reader(file))[1:]
        return [np.array([float(v) for v in row[1:] if v != ""]) for row in rows]

    smape, mase = [], []
    for y, truth in zip(read("Hourly-train.csv"), read("Hourly-test.csv")):
        m = 24 if seasonal(y, 24) else 1
        forecast = np.maximum(theta(y, m, m > 1, 48)[1], 0)
        smape.append((200 * np.abs(truth - forecast) / (np.abs(truth) + np.abs(forecast))).mean())
        mase.append(np.abs(truth - forecast).mean() / np.abs(y[24:] - y[:-24]).mean())
    return {"all": [np.mean(smape), np.mean(mase)], "every23rd": [np.mean(smape[::23]), np.mean(mase[::23])]}


def wave(n):
    t = np.arange(n)
    return np.round((50 + 0.1 * t + 3 * np.sin(t**1.3)) * (1 + 0.3 * np.sin(2 * np.pi * t / 12)), 3)


def main():
    y, long = quarters(), wave(200)
    season = y[:4] - y[:4].mean()
    online = lambda phi: holt_winters(y[4:], 0.3, 0.05, 0.4, phi, y[:4].mean(), 0, season)[1]
    channels = [np.round(np.sin(0.3 * np.arange(90) + k) + 0.3 * np.cos(np.arange(90) ** 1.2), 3) for k in range(2)]
    split = [c[:60] for c in channels], [c[60 - 16 :] for c in channels]
    made = {
        "quarters": list(y),
        "holtWinters": {"plain": online(1), "damped": online(0.9), "fitted": best_holt_winters(y)},
        "wave": list(long),
        "theta": {
            "multiplicative": {n: list(theta(long[:n], 12, True, 24, 0.3)[1]) for n in (60, 131, 200)},
            "additive": {n: list(theta(long[:n], 12, False, 24, 0.3)[1]) for n in (60, 131, 200)},
            "plain": list(theta(long, 1, False, 3, 0.3)[1]),
            "odd": list(theta(long, 7, False, 9, 0.3)[1]),
            "fitted": theta(long, 12, True, 1)[0],
            "seasonal": bool(seasonal(long, 12)),
        },
        "channels": [list(c) for c in channels],
        "linear": {kind: linear(kind, *split, 16, 5) for kind in ("nlinear", "dlinear")},
    }
    path = pathlib.Path(__file__).parent / "baselines.json"
    if len(sys.argv) > 1:
        made["m4"] = score_m4(sys.argv[1])
    elif path.exists():
        made["m4"] = json.loads(path.read_text())["m4"]
    path.write_text(json.dumps(made, default=float) + "\n")


main()
