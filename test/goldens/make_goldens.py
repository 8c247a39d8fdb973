#!/usr/bin/env python3
"""Makes the golden files beside this script: what PyTorch computes for every shape of network that Gatecast knows.

Run with Debian's python3-torch (`/usr/bin/python3 make_goldens.py`; no other package). Weights and inputs are drawn with
fixed seeds and rounded to float32; everything else is computed from those float32 values in float64 and rounded to float32
once, so a file is the truth to half a unit in the last place. Running the script again gives the same files.

Files (safetensors; `__metadata__` tells the sizes):

  <cell>-<layers>[-nobias][-bi][-norm][-residual].safetensors
                                                 cell: gru, gru-reset-before, lstm, lstm-proj
      the state dict under PyTorch's names       weight_ih_l0, ..., as torch.nn.GRU / LSTM.state_dict()
      norm_l0.weight, norm_l0.bias, ...          with -norm: torch.nn.LayerNorm on the output of each layer; with -residual
                                                 each layer but the first then adds its input. Not all combinations
      input [T, B, I], h0, c0                    the initial state is not zero; c0 and cn only for LSTM
      output [T / outputEvery, B, D * H or P]    the output after every `outputEvery`-th step, the last one included
      hn, cn                                     the state after all T steps
      cotangent.output [S, B, ...], .hn, .cn     S = gradientSteps; random
      gradient.<name>                            d L / d <name> for every weight, and for input [S, B, I], h0 and c0, where
                                                 L = sum(output * cotangent.output) + sum(hn * cotangent.hn)
                                                     + sum(cn * cotangent.cn) over a run on the first S steps of input
      `gru` is torch.nn.GRU. `gru-reset-before` applies the reset gate before the recurrent product (ONNX
      linear_before_reset=0), which torch.nn has not: it is written out below, and the same text with the reset gate after
      the product is asserted to equal torch.nn.GRU.

  <gru|lstm>-cell[-nobias].safetensors           torch.nn.GRUCell / LSTMCell
      the state dict, input [T, B, I], h0, c0, output [T, B, H] (the h after each step), hn, cn

  training-<name>.safetensors                    five steps of torch.optim.AdamW on windows of a table
      rows [N, I], starts [steps * batchSize]    a window starting at row s reads rows s .. s + window - 1
      initial.<name>, final.<name>               network and head (head.weight, head.bias) before and after
      losses [steps], norms [steps]              of each step, before its update; the norm of all gradients before clipping
      At a window's step t >= warmup the truth is the rows s+t+1 .. s+t+horizon of the target columns; with the anchor on,
      the row s+t of the target is added to what the head says. Head rows are ordered [target][horizon][level]. The loss is
      the mean over batch, steps t >= warmup, targets, horizon (and levels); every window starts from the zero state.
      With carries=1 a window that starts where one of the step before ended starts from its last state, detached, and has a
      loss at those steps that are `warmup` or more after the zero state.
      Clipping is torch.nn.utils.clip_grad_norm_; the weight decay is decoupled and acts on every tensor.
"""
import itertools
import json
import math
import struct
from pathlib import Path

import torch

FOLDER = Path(__file__).resolve().parent
INPUT, HIDDEN, PROJ = 5, 17, 7  # none a multiple of a vector's width; HIDDEN needs more than one vector of 16
STEPS, BATCH, OUTPUT_EVERY, GRADIENT_STEPS = 200, 2, 5, 12
SHORT_STEPS = 40
# Layers, bias, both directions, norm, residual; every_combination in test/native/cases.cpp has the same.
LAYER_CASES = [
    (1, True, False, True, False),
    (2, True, False, False, True),
    (2, True, False, True, True),
    (3, False, False, True, False),
    (3, True, True, True, True),
]


def write_safetensors(path, tensors, metadata):
    header, chunks, offset = {'__metadata__': {k: str(v) for k, v in metadata.items()}}, [], 0
    for name, tensor in tensors.items():
        values = tensor.detach().reshape(-1).tolist()
        chunks.append(struct.pack(f'<{len(values)}f', *values))
        header[name] = {'dtype': 'F32', 'shape': list(tensor.shape), 'data_offsets': [offset, offset + 4 * len(values)]}
        offset += 4 * len(values)
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    path.write_bytes(struct.pack('<Q', len(text)) + text + b''.join(chunks))


def as_float32(tensor):
    """The nearest float32 values, kept as float64."""
    return tensor.detach().float().double()


def normal(*shape):
    return as_float32(torch.randn(*shape, dtype=torch.float64))


def round_weights(module):
    with torch.no_grad():
        for weight in module.parameters():
            weight.copy_(as_float32(weight))


def gru_by_hand(weights, input, h0, layers, directions, bias, reset_after):
    """torch.nn.GRU in plain operations; `reset_after` chooses the form of the candidate."""
    final, sequence = [], input
    for layer in range(layers):
        halves = []
        for direction in range(directions):
            suffix = f'_l{layer}' + ('_reverse' if direction else '')
            zero = torch.zeros(1, dtype=torch.float64)
            w_ih, w_hh = weights['weight_ih' + suffix], weights['weight_hh' + suffix]
            b_ih = weights['bias_ih' + suffix].chunk(3) if bias else [zero] * 3
            b_hh = weights['bias_hh' + suffix].chunk(3) if bias else [zero] * 3
            w_ir, w_iz, w_in = w_ih.chunk(3)
            w_hr, w_hz, w_hn = w_hh.chunk(3)
            h, outputs = h0[layer * directions + direction], {}
            times = range(len(sequence))
            for t in reversed(times) if direction else times:
                x = sequence[t]
                r = torch.sigmoid(x @ w_ir.T + b_ih[0] + h @ w_hr.T + b_hh[0])
                z = torch.sigmoid(x @ w_iz.T + b_ih[1] + h @ w_hz.T + b_hh[1])
                recurrent = r * (h @ w_hn.T + b_hh[2]) if reset_after else (r * h) @ w_hn.T + b_hh[2]
                n = torch.tanh(x @ w_in.T + b_ih[2] + recurrent)
                h = (1 - z) * n + z * h
                outputs[t] = h
            final.append(h)
            halves.append(torch.stack([outputs[t] for t in times]))
        sequence = torch.cat(halves, dim=-1)
    return sequence, torch.stack(final)


def draw_inputs(depth, proj, lstm, steps):
    """Inputs, and the first states: h and, for an LSTM, c."""
    input = as_float32(1.5 * normal(steps, BATCH, INPUT))
    h0 = as_float32(normal(depth, BATCH, proj or HIDDEN).tanh())
    return input, [h0] + ([normal(depth, BATCH, HIDDEN)] if lstm else [])


def network_name(cell, layers, bias, bidirectional):
    return f'{cell}-{layers}' + ('' if bias else '-nobias') + ('-bi' if bidirectional else '')


def network_metadata(cell, layers, bias, bidirectional):
    return dict(
        kind='network', cell='lstm' if cell.startswith('lstm') else 'gru',
        linearBeforeReset=int(cell != 'gru-reset-before'), inputSize=INPUT, hiddenSize=HIDDEN,
        projSize=PROJ if cell == 'lstm-proj' else 0, numLayers=layers, bias=int(bias), bidirectional=int(bidirectional),
        steps=STEPS, batch=BATCH, outputEvery=OUTPUT_EVERY, gradientSteps=GRADIENT_STEPS,
    )


def write_network(name, weights, run, input, initial, metadata):
    """Runs a network over all steps, and forth and back over the first ones, and writes its file."""
    with torch.no_grad():
        output, final = run(input, initial)
    names = ['h', 'c'][: len(initial)]
    short = input[:GRADIENT_STEPS].clone().requires_grad_()
    leaves = [value.clone().requires_grad_() for value in initial]
    short_output, short_final = run(short, leaves)
    cotangents = [normal(*short_output.shape)] + [normal(*value.shape) for value in short_final]
    sum((a * b).sum() for a, b in zip([short_output] + short_final, cotangents)).backward()

    tensors = dict(weights)
    tensors['input'] = input
    tensors.update({f'{n}0': value for n, value in zip(names, initial)})
    tensors['output'] = output[OUTPUT_EVERY - 1 :: OUTPUT_EVERY]
    tensors.update({f'{n}n': value for n, value in zip(names, final)})
    tensors.update({f'cotangent.{n}': v for n, v in zip(['output'] + [n + 'n' for n in names], cotangents)})
    tensors.update({f'gradient.{name}': weight.grad for name, weight in weights.items()})
    tensors['gradient.input'] = short.grad
    tensors.update({f'gradient.{n}0': leaf.grad for n, leaf in zip(names, leaves)})
    write_safetensors(FOLDER / f'{name}.safetensors', tensors, metadata)


def network_case(cell, layers, bias, bidirectional, seed):
    torch.manual_seed(seed)
    directions, lstm = (2 if bidirectional else 1), cell.startswith('lstm')
    proj = PROJ if cell == 'lstm-proj' else 0
    options = dict(num_layers=layers, bias=bias, bidirectional=bidirectional, dtype=torch.float64)
    module = torch.nn.LSTM(INPUT, HIDDEN, proj_size=proj, **options) if lstm else torch.nn.GRU(INPUT, HIDDEN, **options)
    round_weights(module)
    weights = dict(module.named_parameters())
    input, initial = draw_inputs(layers * directions, proj, lstm, STEPS)

    def run(input, initial):
        if lstm:
            output, state = module(input, tuple(initial))
            return output, list(state)
        if cell == 'gru':
            output, hn = module(input, initial[0])
            return output, [hn]
        output, hn = gru_by_hand(weights, input, initial[0], layers, directions, bias, reset_after=False)
        return output, [hn]

    if cell == 'gru':
        with torch.no_grad():
            by_hand, _ = gru_by_hand(weights, input, initial[0], layers, directions, bias, reset_after=True)
            assert (by_hand - run(input, initial)[0]).abs().max() < 1e-12
    metadata = network_metadata(cell, layers, bias, bidirectional)
    write_network(network_name(cell, layers, bias, bidirectional), weights, run, input, initial, metadata)


class Layers(torch.nn.Module):
    """GRU or LSTM in layers of their own, normalised and residual as asked. Batch first, as torch.nn.GRU may be."""

    def __init__(self, cell, inputs, hidden, layers, norm, residual, *, proj=0, **options):
        super().__init__()
        self.cell, self.residual, self.lstm = cell, residual, cell.startswith('lstm')
        self.directions = 2 if options.get('bidirectional') else 1
        width = self.directions * (proj or hidden)
        sizes = [inputs] + [width] * (layers - 1)
        options = options | dict(dtype=torch.float64)
        self.layers = torch.nn.ModuleList(
            torch.nn.LSTM(size, hidden, proj_size=proj, **options) if self.lstm else torch.nn.GRU(size, hidden, **options)
            for size in sizes
        )
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(width, dtype=torch.float64) for _ in sizes if norm)
        with torch.no_grad():
            for each in self.norms:
                each.weight.copy_(1 + 0.3 * normal(width))
                each.bias.copy_(0.3 * normal(width))
        round_weights(self)

    def named(self):
        """The parameters by the names that they have in a stack."""
        named = {}
        for k, layer in enumerate(self.layers):
            named |= {name.replace('_l0', f'_l{k}'): weight for name, weight in layer.named_parameters()}
            if len(self.norms) > 0:
                named |= {f'norm_l{k}.{name}': weight for name, weight in self.norms[k].named_parameters()}
        return named

    def forward(self, x, initial=None):
        final = []
        for k, layer in enumerate(self.layers):
            first = initial and [value[k * self.directions : (k + 1) * self.directions] for value in initial]
            if self.cell == 'gru-reset-before':
                own = dict(layer.named_parameters())
                y, *state = gru_by_hand(own, x, first[0], 1, self.directions, layer.bias, reset_after=False)
            elif self.lstm:
                y, state = layer(x, first and tuple(first))
            else:
                y, *state = layer(x, first and first[0])
            final.append(state)
            if len(self.norms) > 0:
                y = self.norms[k](y)
            x = x + y if self.residual and k > 0 else y
        return x, [torch.cat(values) for values in zip(*final)]


def layers_case(cell, layers, bias, bidirectional, norm, residual, seed):
    torch.manual_seed(seed)
    proj = PROJ if cell == 'lstm-proj' else 0
    module = Layers(cell, INPUT, HIDDEN, layers, norm, residual, proj=proj, bias=bias, bidirectional=bidirectional)
    input, initial = draw_inputs(layers * module.directions, proj, module.lstm, SHORT_STEPS)
    metadata = network_metadata(cell, layers, bias, bidirectional)
    metadata |= dict(steps=SHORT_STEPS, layerNorm=int(norm), residual=int(residual))
    name = network_name(cell, layers, bias, bidirectional) + ('-norm' if norm else '') + ('-residual' if residual else '')
    write_network(name, module.named(), module, input, initial, metadata)


def cell_case(cell, bias, seed):
    torch.manual_seed(seed)
    steps, lstm = 20, cell == 'lstm'
    module = (torch.nn.LSTMCell if lstm else torch.nn.GRUCell)(INPUT, HIDDEN, bias=bias, dtype=torch.float64)
    round_weights(module)
    input, h0 = normal(steps, BATCH, INPUT), as_float32(normal(BATCH, HIDDEN).tanh())
    c0 = normal(BATCH, HIDDEN)
    tensors = dict(module.named_parameters(), input=input, h0=h0)
    if lstm:
        tensors['c0'] = c0
    h, c, outputs = h0, c0, []
    with torch.no_grad():
        for x in input:
            if lstm:
                h, c = module(x, (h, c))
            else:
                h = module(x, h)
            outputs.append(h)
    tensors.update(output=torch.stack(outputs), hn=h)
    if lstm:
        tensors['cn'] = c
    metadata = dict(kind='cell', cell=cell, inputSize=INPUT, hiddenSize=HIDDEN, bias=int(bias), steps=steps, batch=BATCH)
    write_safetensors(FOLDER / f'{cell}-cell{"" if bias else "-nobias"}.safetensors', tensors, metadata)


class Carried:
    """The last states of the windows of a step, by the row after each: tensors [layers, H or P], and its age."""

    def __init__(self):
        self.windows = {}

    def first(self, starts, layers, widths):
        """The first states of windows, [layers, B, H or P] each, and their ages."""
        found = [self.windows.get(start, ([torch.zeros(layers, w, dtype=torch.float64) for w in widths], 0)) for start in starts]
        return [torch.stack([state[k] for state, _ in found], 1) for k in range(len(widths))], [age for _, age in found]

    def keep(self, ends, state, ages):
        self.windows = {end: ([value[:, b].detach() for value in state], ages[b]) for b, end in enumerate(ends)}


def training_case(name, seed, *, cell, layers, hidden, proj=0, bias=True, loss, levels=(), window, warmup, horizon, targets,
                  anchor, weight_decay, clip_norm, norm=False, residual=False, batch=4, rows=60, inputs=3, steps=5,
                  learning_rate=0.01, chains=None):
    torch.manual_seed(seed)
    options = dict(num_layers=layers, bias=bias, batch_first=True, dtype=torch.float64)
    if norm or residual:
        module = Layers(cell, inputs, hidden, layers, norm, residual, proj=proj, bias=bias, batch_first=True)
    elif cell == 'lstm':
        module = torch.nn.LSTM(inputs, hidden, proj_size=proj, **options)
    else:
        module = torch.nn.GRU(inputs, hidden, **options)
    head_size = len(targets) * horizon * max(1, len(levels))
    head = torch.nn.Linear(proj or hidden, head_size, dtype=torch.float64)
    round_weights(module)
    round_weights(head)
    table = as_float32(torch.randn(rows, inputs, dtype=torch.float64).cumsum(0) * 0.3)
    starts = torch.tensor(chains).flatten() if chains else torch.randint(0, rows - window - horizon + 1, (steps * batch,))
    first, carried, widths = 0 if chains else warmup, Carried(), [proj or hidden, hidden][: 2 if cell == 'lstm' else 1]
    named = (module.named() if norm or residual else dict(module.named_parameters())) | {f'head.{n}': p for n, p in head.named_parameters()}
    initial = {f'initial.{n}': weight.detach().clone() for n, weight in named.items()}
    optimizer = torch.optim.AdamW(named.values(), lr=learning_rate, betas=(0.9, 0.999), eps=1e-8, weight_decay=weight_decay)

    losses, norms = [], []
    for step in range(steps):
        inputs_, truths, anchors = [], [], []
        own = starts[step * batch : (step + 1) * batch].tolist()
        for s in own:
            inputs_.append(table[s : s + window])
            times = range(first, window)
            # [steps, targets, horizon]
            truths.append(torch.stack([table[s + t + 1 : s + t + 1 + horizon][:, targets].T for t in times]))
            anchors.append(torch.stack([table[s + t][targets] for t in times]))
        state, ages = carried.first(own, layers, widths)
        packed = state if isinstance(module, Layers) else tuple(state) if cell == 'lstm' else state[0]
        output, state = module(torch.stack(inputs_), packed) if chains else module(torch.stack(inputs_))
        if chains:
            ended = list(state) if isinstance(state, (tuple, list)) else [state]
            carried.keep([s + window for s in own], ended, [age + window for age in ages])
        predicted = head(output[:, first:])
        predicted = predicted.reshape(*predicted.shape[:2], len(targets), horizon, max(1, len(levels)))
        if anchor:
            predicted = predicted + torch.stack(anchors)[:, :, :, None, None]
        error = torch.stack(truths)[..., None] - predicted
        if chains:
            error = error[torch.tensor([[t >= warmup - age for t in range(window)] for age in ages])]
        if loss == 'mse':
            value = (error ** 2).mean()
        elif loss == 'mae':
            value = error.abs().mean()
        else:
            level = torch.tensor(levels, dtype=torch.float64)
            value = torch.maximum(level * error, (level - 1) * error).mean()
        optimizer.zero_grad()
        value.backward()
        norms.append(math.sqrt(sum((weight.grad ** 2).sum().item() for weight in named.values())))
        if clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(named.values(), clip_norm)
        optimizer.step()
        losses.append(value.item())

    tensors = initial | {f'final.{n}': weight for n, weight in named.items()}
    tensors |= {'rows': table, 'starts': starts.double(), 'losses': torch.tensor(losses), 'norms': torch.tensor(norms)}
    metadata = dict(
        kind='training', cell=cell, linearBeforeReset=1, inputSize=inputs, hiddenSize=hidden, projSize=proj, numLayers=layers,
        bias=int(bias), bidirectional=0, headSize=head_size, loss=loss, levels=','.join(map(str, levels)), window=window,
        warmup=warmup, horizon=horizon, targets=','.join(map(str, targets)), anchor=int(anchor), batchSize=batch, steps=steps,
        learningRate=learning_rate, weightDecay=weight_decay, clipNorm=clip_norm,
    )
    if norm or residual:
        metadata |= dict(layerNorm=int(norm), residual=int(residual))
    if chains:
        metadata |= dict(carries=1)
    write_safetensors(FOLDER / f'training-{name}.safetensors', tensors, metadata)


def main():
    torch.set_num_threads(1)
    cells = ['gru', 'gru-reset-before', 'lstm', 'lstm-proj']
    for seed, (cell, layers, bias, bidirectional) in enumerate(
        itertools.product(cells, [1, 2, 3], [True, False], [False, True])
    ):
        network_case(cell, layers, bias, bidirectional, 1000 + seed)
    for seed, (cell, case) in enumerate(itertools.product(cells, LAYER_CASES)):
        layers_case(cell, *case, 4000 + seed)
    for seed, (cell, bias) in enumerate(itertools.product(['gru', 'lstm'], [True, False])):
        cell_case(cell, bias, 2000 + seed)
    training_case('mse', 3000, cell='gru', layers=1, hidden=9, loss='mse', window=8, warmup=0, horizon=3, targets=[1],
                  anchor=False, weight_decay=0.0, clip_norm=0)
    training_case('mse-clipped', 3001, cell='lstm', layers=2, hidden=6, loss='mse', window=10, warmup=4, horizon=2,
                  targets=[0, 2], anchor=True, weight_decay=0.1, clip_norm=0.13)
    training_case('mae', 3002, cell='lstm', layers=1, hidden=7, proj=3, loss='mae', window=7, warmup=2, horizon=4,
                  targets=[2], anchor=True, weight_decay=0.05, clip_norm=0.3)
    training_case('quantile', 3003, cell='gru', layers=2, hidden=7, loss='quantile', levels=(0.1, 0.5, 0.9), window=9,
                  warmup=3, horizon=2, targets=[0, 1], anchor=True, weight_decay=0.01, clip_norm=0.15)
    training_case('quantile-plain', 3004, cell='gru', layers=1, hidden=5, bias=False, loss='quantile', levels=(0.25, 0.75),
                  window=6, warmup=1, horizon=1, targets=[2, 0], anchor=False, weight_decay=0.0, clip_norm=10.0)
    training_case('layers', 3005, cell='lstm', layers=3, hidden=7, proj=5, norm=True, residual=True, loss='mse', window=8,
                  warmup=2, horizon=2, targets=[1], anchor=True, weight_decay=0.05, clip_norm=1.0, learning_rate=0.003)
    # One chain over all steps, one that ends and one that begins, and two that change places.
    chains = [[0, 30, 12, 41], [7, 37, 48, 19], [14, 3, 26, 2], [21, 10, 9, 33], [28, 17, 40, 16]]
    training_case('carried', 3006, cell='gru', layers=2, hidden=9, loss='quantile', levels=(0.1, 0.5), window=7, warmup=4,
                  horizon=2, targets=[0, 2], anchor=True, weight_decay=0.05, clip_norm=0.2, chains=chains)
    training_case('carried-layers', 3007, cell='lstm', layers=2, hidden=7, proj=5, norm=True, residual=True, loss='mse',
                  window=7, warmup=0, horizon=1, targets=[1], anchor=False, weight_decay=0.0, clip_norm=0, chains=chains)


if __name__ == '__main__':
    main()
