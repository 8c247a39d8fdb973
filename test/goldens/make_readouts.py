#!/usr/bin/env python3
"""Makes readout-<name>.safetensors beside this script: what PyTorch computes for networks whose head reads more than the newest
output, in both directions, with attention over the last outputs, or with both.

Run with Debian's python3-torch (`/usr/bin/python3 make_readouts.py`). As in make_goldens.py, weights and rows are drawn with
fixed seeds and rounded to float32, and everything else is computed from them in float64 and rounded once.

  the weights                          weight_ih_l0, ... (torch.nn.GRU or LSTM), attention.weight, attention.bias and
                                       head.weight, head.bias (Linear)
  rows [N, I], starts [B]              a window starting at row s reads rows s .. s + window - 1
  answers [B, window - warmup, head]   what the head says after each step t >= warmup
  loss [1]                             mean squared error over all of them; the truth after step t is the rows s + t + 1 ..
                                       s + t + horizon of the targets, in the order [target][horizon]
  gradient.<name>                      d loss / d <name>
"""
import torch
from torch.nn.functional import pad

from make_goldens import FOLDER, as_float32, round_weights, write_safetensors

INPUTS, HIDDEN, WINDOW, HORIZON, TARGETS, ROWS = 3, 7, 9, 2, [2, 0], 50
STARTS = [0, 5, 17, 28, 39]


class Network(torch.nn.Module):
    def __init__(self, cell, layers, bidirectional, attention):
        super().__init__()
        module = torch.nn.GRU if cell == 'gru' else torch.nn.LSTM
        self.recurrent = module(INPUTS, HIDDEN, layers, bidirectional=bidirectional, batch_first=True)
        width = HIDDEN * (2 if bidirectional else 1)
        if attention:
            self.attention = torch.nn.Linear(width, width)
        self.head = torch.nn.Linear(width * (2 if attention else 1), len(TARGETS) * HORIZON)
        self.reach = attention

    def forward(self, windows):
        """The head after the last step of windows [B, T, inputs]."""
        outputs, hidden = self.recurrent(windows)
        h = hidden[0] if isinstance(hidden, tuple) else hidden
        read = torch.cat([h[-2], h[-1]], dim=-1) if self.recurrent.bidirectional else h[-1]
        if self.reach:
            last = pad(outputs, (0, 0, self.reach, 0))[:, -self.reach :]  # zeros before the first step
            scores = (last @ self.attention(read)[:, :, None]).squeeze(-1) / outputs.shape[-1] ** 0.5
            context = (torch.softmax(scores, dim=-1)[:, None] @ last).squeeze(1)
            read = torch.cat([read, context], dim=-1)
        return self.head(read)


def case(name, seed, *, cell, layers=1, bidirectional=False, attention=0, warmup=WINDOW - 1):
    torch.manual_seed(seed)
    network = Network(cell, layers, bidirectional, attention).double()
    with torch.no_grad():
        for weight in network.parameters():
            weight.mul_(2)  # so that the weights of attention are not all the same
    round_weights(network)
    named = {key.removeprefix('recurrent.'): weight for key, weight in network.named_parameters()}
    rows = as_float32(torch.randn(ROWS, INPUTS, dtype=torch.float64))
    windows = torch.stack([rows[s : s + WINDOW] for s in STARTS])
    times = range(warmup, WINDOW)
    answers = torch.stack([network(windows[:, : t + 1]) for t in times], dim=1)
    truth = torch.stack(
        [torch.stack([rows[s + t + 1 : s + t + 1 + HORIZON][:, TARGETS].T.reshape(-1) for t in times]) for s in STARTS]
    )
    loss = ((answers - truth) ** 2).mean()
    loss.backward()

    tensors = dict(named, rows=rows, starts=torch.tensor(STARTS).double(), answers=answers, loss=loss.reshape(1))
    tensors |= {f'gradient.{key}': weight.grad for key, weight in named.items()}
    metadata = dict(
        kind='readout', cell=cell, linearBeforeReset=1, inputSize=INPUTS, hiddenSize=HIDDEN, projSize=0, numLayers=layers,
        bias=1, bidirectional=int(bidirectional), attention=attention, headSize=len(TARGETS) * HORIZON, window=WINDOW,
        warmup=warmup, horizon=HORIZON, targets=','.join(map(str, TARGETS)), batchSize=len(STARTS),
    )
    write_safetensors(FOLDER / f'readout-{name}.safetensors', tensors, metadata)


def main():
    torch.set_num_threads(1)
    for seed, cell in enumerate(['gru', 'lstm']):
        case(f'{cell}-bi', 4000 + seed, cell=cell, layers=2, bidirectional=True)
        case(f'{cell}-attention', 4010 + seed, cell=cell, attention=4, warmup=2)
        case(f'{cell}-both', 4020 + seed, cell=cell, bidirectional=True, attention=WINDOW)


if __name__ == '__main__':
    main()
