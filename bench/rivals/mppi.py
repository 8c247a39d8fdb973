# MPPI with PyTorch (Debian: python3-torch), on one thread: the rival of the trial plan. The first line of the standard
# input is JSON: the sizes, the weights by PyTorch's names [base64 of 32-bit floats], and a plan. The answer is what the plan
# leads to, in 32 bits and in 64. After that each line is a count: so many decisions are made, and their seconds printed.
import base64
import json
import sys
import time
from array import array

import torch

torch.set_num_threads(1)


def numbers(text):
    values = array("f")
    values.frombytes(base64.b64decode(text))
    return torch.tensor(values)


class Plant(torch.nn.Module):
    """One cell and a head; outputs come first among the inputs, then the actions."""

    def __init__(self, cell, inputs, hidden, outputs):
        super().__init__()
        self.gru = cell == "gru"
        self.cell = (torch.nn.GRUCell if self.gru else torch.nn.LSTMCell)(inputs, hidden)
        self.head = torch.nn.Linear(hidden, outputs)
        self.hidden = hidden

    def forward(self, y, actions):
        """The outputs y [samples][outputs] rolled out under actions [samples][steps][actions], from the zero state."""
        h = torch.zeros(y.shape[0], self.hidden, dtype=y.dtype)
        c = torch.zeros_like(h)
        told = []
        for t in range(actions.shape[1]):
            x = torch.cat([y, actions[:, t]], 1)
            if self.gru:
                h = self.cell(x, h)
            else:
                h, c = self.cell(x, (h, c))
            y = self.head(h)
            told.append(y)
        return torch.stack(told, 1)


class Mppi:
    """One iteration a decision: the same noise, limits, cost and weights as ours."""

    def __init__(self, plant, samples, steps, outputs, actions):
        self.plant, self.samples, self.steps = plant, samples, steps
        self.mean = torch.zeros(steps, actions)
        self.sent = torch.zeros(actions)
        self.y = torch.zeros(samples, outputs)

    def decide(self):
        self.mean = torch.cat([self.mean[1:], self.mean[-1:]])
        wanted = (self.mean + 0.5 * torch.randn(self.samples, *self.mean.shape)).clamp(-1, 1)
        before, plans = self.sent.expand(self.samples, -1), []
        for t in range(self.steps):
            before = torch.minimum(torch.maximum(wanted[:, t], before - 0.5), before + 0.5)
            plans.append(before)
        plans = torch.stack(plans, 1)
        told = self.plant(self.y, plans)
        off = (told - 0.1).square()
        changes = torch.diff(plans, dim=1, prepend=self.sent.expand(self.samples, 1, -1))
        cost = off.sum((1, 2)) + off[:, -1].sum(1)
        cost += 0.1 * ((plans - 0.1).square().sum((1, 2)) + changes.square().sum((1, 2)))
        weights = torch.softmax(-(cost - cost.min()), 0)
        self.mean = torch.tensordot(weights, plans, 1)
        self.sent = self.mean[0]
        self.plant(self.y[:1], self.mean[None])  # what it leads to


def main():
    asked = json.loads(sys.stdin.readline())
    inputs, hidden, outputs = asked["inputs"], asked["hidden"], asked["outputs"]
    plant = Plant(asked["cell"], inputs, hidden, outputs)
    weights = {name: numbers(text) for name, text in asked["weights"].items()}
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        parameter = getattr(plant.cell, name)
        parameter.data = weights[name + "_l0"].reshape(parameter.shape)
    plant.head.weight.data = weights["head.weight"].reshape(plant.head.weight.shape)
    plant.head.bias.data = weights["head.bias"]
    actions = inputs - outputs
    plan = torch.tensor(asked["plan"], dtype=torch.float64).reshape(1, -1, actions)
    with torch.inference_mode():
        told = plant(torch.zeros(1, outputs), plan.float()).flatten().tolist()
        plant.double()
        exact = plant(torch.zeros(1, outputs, dtype=torch.float64), plan.float().double()).flatten().tolist()
        plant.float()
        print(json.dumps({"told": told, "exact": exact}), flush=True)
        planner = Mppi(plant, asked["samples"], asked["steps"], outputs, actions)
        for line in sys.stdin:
            start = time.perf_counter()
            for _ in range(int(line)):
                planner.decide()
            print(time.perf_counter() - start, flush=True)


main()
