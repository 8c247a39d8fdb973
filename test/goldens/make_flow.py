#!/usr/bin/env python3
"""Makes flow-<cell>.safetensors beside this script: how PyTorch's autograd sees gradients flow back through windows.

Run with Debian's python3-torch (`/usr/bin/python3 make_flow.py`). As in make_goldens.py, weights and rows are drawn with
fixed seeds and rounded to float32, and everything else is computed from them in float64 and rounded once. The cells are
written out step by step, so that each state and each gate before its activation can keep its gradient (retain_grad);
that the steps together are torch.nn.GRU or LSTM is asserted.

  initial.<name>                             network and head
  rows [N, I], starts [B]                    windows as in training-<name>; only the last step of a window has a loss
  loss [1]                                   mean over the windows
  gradient.<name>                            d loss / d <name>

All others are means over the windows, each with a loss of its own. Lag 0 is the last step of a window.

  states [layers, 5, lags]                   norms of d loss / d h, h, h - h before, d loss / d c, c
  gates [layers, gates, 4, lags]             norm of d loss / d (gate before its activation), mean activation, share below
                                             0.05 (the candidate: -0.95), share above 0.95
  bins [layers, gates, 20]                   shares of the activations from 0 to 1 (the candidate: from -1)
  deviations [layers, R]                     of h at lag 0
  inputs [I, lags]                           |d loss / d x|
"""
import torch

from make_goldens import FOLDER, as_float32, write_safetensors

INPUT, WINDOW, HORIZON, TARGETS, ROWS = 3, 9, 2, [2, 0], 40
STARTS = [0, 5, 11, 20, 29]
SCALE = 1.4  # of the weights: large enough for saturated gates
BINS, EDGE = 20, 0.05


def kept(tensor):
    if tensor.requires_grad:
        tensor.retain_grad()
    return tensor


def gru_step(weights, suffix, x, h, c, reset_after):
    w_ih, w_hh = weights['weight_ih' + suffix].chunk(3), weights['weight_hh' + suffix].chunk(3)
    b_ih, b_hh = weights['bias_ih' + suffix].chunk(3), weights['bias_hh' + suffix].chunk(3)
    before = [kept(x @ w_ih[k].T + b_ih[k] + h @ w_hh[k].T + b_hh[k]) for k in (0, 1)]
    r, z = (torch.sigmoid(each) for each in before)
    hidden = r * (h @ w_hh[2].T + b_hh[2]) if reset_after else (r * h) @ w_hh[2].T + b_hh[2]
    before.append(kept(x @ w_ih[2].T + b_ih[2] + hidden))
    n = torch.tanh(before[2])
    return kept((1 - z) * n + z * h), None, before, [r, z, n]


def lstm_step(weights, suffix, x, h, c, projected):
    gates = x @ weights['weight_ih' + suffix].T + weights['bias_ih' + suffix]
    gates = gates + h @ weights['weight_hh' + suffix].T + weights['bias_hh' + suffix]
    before = [kept(gate.clone()) for gate in gates.chunk(4)]
    i, f, g, o = (torch.tanh(each) if k == 2 else torch.sigmoid(each) for k, each in enumerate(before))
    c = kept(f * c + i * g)
    h = o * torch.tanh(c)
    if projected:
        h = h @ weights['weight_hr' + suffix].T
    return kept(h), c, before, [i, f, g, o]


def run_window(weights, layers, hidden, size, rows, step):
    """Per layer and time: h before, h, c, gates before and after activation; and the inputs of all times."""
    inputs = [kept(row.clone().requires_grad_()) for row in rows]
    sequence, all_steps = inputs, []
    for layer in range(layers):
        h, c = torch.zeros(size, dtype=torch.float64), torch.zeros(hidden, dtype=torch.float64)
        steps = []
        for x in sequence:
            before = h
            h, c, gates, activations = step(weights, f'_l{layer}', x, h, c)
            steps.append((before, h, c, gates, activations))
        all_steps.append(steps)
        sequence = [each[1] for each in steps]
    return inputs, all_steps


def case(name, seed, *, cell, layers, hidden, proj=0, reset_after=True):
    torch.manual_seed(seed)
    lstm, size, count = cell == 'lstm', proj or hidden, 4 if cell == 'lstm' else 3
    options = dict(num_layers=layers, dtype=torch.float64)
    module = (torch.nn.LSTM(INPUT, hidden, proj_size=proj, **options) if lstm else torch.nn.GRU(INPUT, hidden, **options))
    head = torch.nn.Linear(size, len(TARGETS) * HORIZON, dtype=torch.float64)
    weights = dict(module.named_parameters()) | {f'head.{n}': p for n, p in head.named_parameters()}
    with torch.no_grad():
        for weight in weights.values():
            weight.copy_(as_float32((2 * torch.rand_like(weight) - 1) * SCALE))
    rows = as_float32(torch.randn(ROWS, INPUT, dtype=torch.float64))
    step = ((lambda *a: lstm_step(*a, proj > 0)) if lstm else (lambda *a: gru_step(*a, reset_after)))

    sums = {
        'states': torch.zeros(layers, 5, WINDOW), 'gates': torch.zeros(layers, count, 4, WINDOW),
        'bins': torch.zeros(layers, count, BINS), 'inputs': torch.zeros(INPUT, WINDOW), 'loss': torch.zeros(1),
    }
    sums = {key: value.double() for key, value in sums.items()}
    last = torch.zeros(len(STARTS), layers, size, dtype=torch.float64)
    for w, start in enumerate(STARTS):
        inputs, all_steps = run_window(weights, layers, hidden, size, rows[start : start + WINDOW], step)
        if lstm or reset_after:
            output, _ = module(rows[start : start + WINDOW])
            assert (output - torch.stack([each[1] for each in all_steps[-1]])).abs().max() < 1e-12
        now = start + WINDOW - 1
        truth = torch.stack([rows[now + 1 : now + 1 + HORIZON, target] - rows[now, target] for target in TARGETS])
        loss = ((head(all_steps[-1][-1][1]).reshape(truth.shape) - truth) ** 2).mean()
        (loss / len(STARTS)).backward()  # adds to the gradients of the weights
        share = len(STARTS)
        sums['loss'] += loss.detach()
        for t in range(WINDOW):
            lag = WINDOW - 1 - t
            sums['inputs'][:, lag] += share * inputs[t].grad.abs()
            for layer, steps in enumerate(all_steps):
                before, h, c, gates, activations = steps[t]
                states = sums['states'][layer, :, lag]
                states[0] += share * h.grad.norm()
                states[1] += h.detach().norm()
                states[2] += (h - before).detach().norm()
                if lag == 0:
                    last[w, layer] = h.detach()
                if c is not None:
                    states[3] += share * c.grad.norm()
                    states[4] += c.detach().norm()
                for k, (gate, value) in enumerate(zip(gates, activations)):
                    value, low = value.detach(), -1.0 if k == 2 else 0.0
                    ends = torch.tensor([low + EDGE, 1 - EDGE])
                    assert (value[:, None] - ends).abs().min() > 1e-5  # no rounding moves a value over an edge
                    sums['gates'][layer, k, :, lag] += torch.stack([
                        share * gate.grad.norm(), value.mean(), (value < ends[0]).double().mean(),
                        (value > ends[1]).double().mean(),
                    ])
                    places = ((value - low) / (1 - low) * BINS).floor().long().clamp(0, BINS - 1)
                    sums['bins'][layer, k] += torch.bincount(places, minlength=BINS) / (hidden * WINDOW)
    tensors = {f'initial.{key}': value for key, value in weights.items()}
    tensors |= {f'gradient.{key}': value.grad for key, value in weights.items()}
    tensors |= {key: value / len(STARTS) for key, value in sums.items()}
    tensors |= {'deviations': last.std(0, unbiased=False), 'rows': rows, 'starts': torch.tensor(STARTS).double()}
    metadata = dict(
        kind='flow', cell=cell, linearBeforeReset=int(reset_after), inputSize=INPUT, hiddenSize=hidden, projSize=proj,
        numLayers=layers, bias=1, bidirectional=0, headSize=len(TARGETS) * HORIZON, loss='mse', levels='', window=WINDOW,
        warmup=WINDOW - 1, horizon=HORIZON, targets=','.join(map(str, TARGETS)), anchor=1, batchSize=3, weightDecay=0,
        clipNorm=0,
    )
    write_safetensors(FOLDER / f'flow-{name}.safetensors', tensors, metadata)


if __name__ == '__main__':
    torch.set_num_threads(1)
    case('gru', 5001, cell='gru', layers=2, hidden=18)
    case('gru-reset-before', 5000, cell='gru', layers=1, hidden=9, reset_after=False)
    case('lstm', 5000, cell='lstm', layers=2, hidden=17)
    case('lstm-proj', 5000, cell='lstm', layers=2, hidden=10, proj=4)
