#!/usr/bin/env python3
"""Makes heads.safetensors beside this script: the losses of heads and their gradients as torch.distributions has them.

Run with Debian's python3-torch (`/usr/bin/python3 make_heads.py`; no other package). Outputs and truths are drawn with a
fixed seed and rounded to float32; all else is computed from those in float64 and rounded to float32 once.

For each loss L of `gaussian`, `student-t`, `negative-binomial` and `classes`, with n cases of k outputs:

  L.outputs [n, k]          the outputs of a network for one target and step
  L.truth [n], L.unit [n]   the true value: a number, a count and its unit, or the place of a class
  L.loss [n]                -log of the density or of the probability of the truth
  L.gradient [n, k]         the derivatives of the loss
"""
from pathlib import Path

import torch
from torch.distributions import Categorical, NegativeBinomial, Normal, StudentT
from torch.nn.functional import softplus

from make_goldens import as_float32, write_safetensors

CASES, CLASSES = 64, 5


def gaussian(x, truth, unit):
    return Normal(x[:, 0], 1e-4 + softplus(x[:, 1])).log_prob(truth)


def student_t(x, truth, unit):
    return StudentT(2 + softplus(x[:, 2]), x[:, 0], 1e-4 + softplus(x[:, 1])).log_prob(truth)


def negative_binomial(x, truth, unit):
    mean = unit * (softplus(x[:, 0]) + 1e-6)
    alpha = softplus(x[:, 1]) / unit.sqrt() + 1e-4
    return NegativeBinomial(total_count=1 / alpha, logits=torch.log(alpha * mean)).log_prob(truth)


def classes(x, truth, unit):
    return Categorical(logits=x).log_prob(truth)


def main():
    torch.set_default_dtype(torch.float64)
    random = torch.Generator().manual_seed(20260)
    normal = lambda *shape: as_float32(torch.randn(*shape, generator=random))
    counts = torch.floor(torch.exp(1.5 * normal(CASES) + 1))
    places = torch.randint(CLASSES, (CASES,), generator=random).double()
    ones = torch.ones(CASES)
    cases = {
        'gaussian': (gaussian, 2, normal(CASES), ones),
        'student-t': (student_t, 3, 4 * normal(CASES), ones),
        'negative-binomial': (negative_binomial, 2, counts, as_float32(1 + torch.exp(2 * normal(CASES)))),
        'classes': (classes, CLASSES, places, ones),
    }
    tensors = {}
    for name, (log_prob, outputs, truth, unit) in cases.items():
        x = (2 * normal(CASES, outputs)).requires_grad_()
        loss = -log_prob(x, truth, unit)
        loss.sum().backward()
        tensors |= {f'{name}.outputs': x, f'{name}.truth': truth, f'{name}.unit': unit}
        tensors |= {f'{name}.loss': loss, f'{name}.gradient': x.grad}
    write_safetensors(Path(__file__).resolve().parent / 'heads.safetensors', tensors, {'kind': 'head'})


if __name__ == '__main__':
    main()
