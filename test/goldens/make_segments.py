#!/usr/bin/env python3
"""Makes segment-<name>.safetensors beside this script: what PyTorch computes for segment networks (SegRNN, arXiv 2308.11200).

Run with Debian's python3-torch (`/usr/bin/python3 make_segments.py`). As in make_goldens.py, weights and rows are drawn with
fixed seeds and rounded to float32, and everything else is computed from them in float64 and rounded once.

  the weights                                embed.weight, embed.bias (Linear), weight_ih_l0, ... (torch.nn.GRU or LSTM),
                                             head.weight, head.bias (Linear), place.weight, channel.weight (Embedding)
  rows [N, C], missing [N, C], starts [B]    a window starting at row s reads rows s .. s + window - 1 of each channel
  outputs [B, C, horizon, outputs]           before the normalisation is undone
  scales [B, C, 2]                           centre and spread
  loss [1]                                   mean over the known true values (and levels) of the `horizon` rows after a window,
                                             after the normalisation is undone
  gradient.<name>                            d loss / d <name>
"""
import torch

from make_goldens import FOLDER, write_safetensors

SEGMENT, HISTORY, HORIZON, HIDDEN, CHANNELS, ROWS = 4, 3, 10, 18, 3, 60
STARTS = [0, 7, 20, 33, 38]


def case(name, seed, *, cell, embed, instance, levels=(), missing=False):
    torch.manual_seed(seed)
    future, outputs = -(-HORIZON // SEGMENT), len(levels) or 1
    half = HIDDEN // 2 if embed else HIDDEN
    modules = {
        'embed.': torch.nn.Linear(SEGMENT, HIDDEN),
        '': (torch.nn.GRU if cell == 'gru' else torch.nn.LSTM)(HIDDEN, HIDDEN),
        'head.': torch.nn.Linear(HIDDEN, SEGMENT * outputs),
        'place.': torch.nn.Embedding(future, half),
    }
    if embed:
        modules['channel.'] = torch.nn.Embedding(CHANNELS, half)
    for module in modules.values():
        module.double()
        for parameter in module.parameters():
            parameter.data = parameter.data.float().double()
    weights = {prefix + key: value for prefix, module in modules.items() for key, value in module.named_parameters()}
    rows = torch.randn(ROWS, CHANNELS).cumsum(0).float().double()
    gone = torch.zeros(ROWS, CHANNELS)
    if missing:
        gone[::3, 0] = 1
        gone[:, 2] = 1

    window = SEGMENT * HISTORY
    x = torch.stack([rows[s : s + window] for s in STARTS]).transpose(1, 2).reshape(-1, window)  # a row for each channel
    truth = torch.stack([rows[s + window : s + window + HORIZON] for s in STARTS]).transpose(1, 2)
    known = 1 - torch.stack([gone[s + window : s + window + HORIZON] for s in STARTS]).transpose(1, 2)
    if instance:
        centre = x.mean(1, keepdim=True)
        spread = (x.var(1, keepdim=True, unbiased=False) + 1e-5).sqrt()
    else:
        centre, spread = x[:, -1:], torch.ones(len(x), 1).double()
    segments = ((x - centre) / spread).reshape(-1, HISTORY, SEGMENT)
    embedded = modules['embed.'](segments).relu().transpose(0, 1)
    _, last = modules[''](embedded)
    places = modules['place.'].weight.repeat(len(x), 1, 1)  # [rows, future, half]
    if embed:
        channels = modules['channel.'].weight.repeat(len(STARTS), 1)[:, None].expand(-1, future, -1)
        places = torch.cat([places, channels], -1)
    state = last if isinstance(last, tuple) else (last,)
    repeated = tuple(value.repeat_interleave(future, 1) for value in state)
    decoded, _ = modules[''](places.reshape(1, -1, HIDDEN), repeated if len(repeated) > 1 else repeated[0])
    shape = (len(STARTS), CHANNELS, HORIZON, outputs)
    y = modules['head.'](decoded).reshape(len(x), future * SEGMENT, outputs)[:, :HORIZON]
    forecast = (y * spread[..., None] + centre[..., None]).reshape(shape)
    error = truth[..., None] - forecast
    if levels:
        q = torch.tensor(levels).double()
        losses = torch.maximum(q * error, (q - 1) * error)
    else:
        losses = error**2
    loss = (losses * known[..., None]).sum() / (known.sum() * outputs)
    loss.backward()
    write_safetensors(
        FOLDER / f'segment-{name}.safetensors',
        {
            **weights,
            'rows': rows,
            'missing': gone,
            'starts': torch.tensor(STARTS),
            'outputs': y.reshape(shape),
            'scales': torch.cat([centre, spread], 1).reshape(len(STARTS), CHANNELS, 2),
            'loss': loss.reshape(1),
            **{f'gradient.{key}': value.grad for key, value in weights.items()},
        },
        {
            'kind': 'segment',
            'cell': cell,
            'segment': SEGMENT,
            'history': HISTORY,
            'horizon': HORIZON,
            'hidden': HIDDEN,
            'channels': CHANNELS,
            'embed': int(embed),
            'instance': int(instance),
            'levels': ','.join(map(str, levels)),
        },
    )


if __name__ == '__main__':
    case('gru', 1, cell='gru', embed=True, instance=False)
    case('gru-plain', 2, cell='gru', embed=False, instance=False, missing=True)
    case('gru-instance', 3, cell='gru', embed=True, instance=True, levels=(0.1, 0.5, 0.8), missing=True)
    case('lstm', 4, cell='lstm', embed=True, instance=False, levels=(0.25, 0.5))
    case('lstm-instance', 5, cell='lstm', embed=False, instance=True)
