# Training with PyTorch (Debian: python3-torch): the rival of the trial training. The first line of the standard input is
# JSON: the sizes, the number of threads, the weights by PyTorch's names, and a batch of windows x [steps][batch][inputs] with
# the value to forecast after each step [base64 of 32-bit floats]. The answer is the loss and the norm of the gradient in
# the first step of AdamW, in 32 bits and in 64. After that each line is a count: so many steps are taken, and their seconds
# printed.
import base64
import json
import sys
import time
from array import array

import torch


def numbers(text):
    values = array("f")
    values.frombytes(base64.b64decode(text))
    return torch.tensor(values)


class Learner:
    """One layer and a head, which forecasts one value after every step; mean squared error, AdamW."""

    def __init__(self, asked, weights, x, truth, dtype):
        layer = torch.nn.GRU if asked["cell"] == "gru" else torch.nn.LSTM
        self.layer = layer(asked["inputs"], asked["hidden"])
        self.head = torch.nn.Linear(asked["hidden"], 1)
        for name, parameter in self.layer.named_parameters():
            parameter.data = weights[name].reshape(parameter.shape)
        self.head.weight.data = weights["head.weight"].reshape(1, -1)
        self.head.bias.data = weights["head.bias"]
        self.x, self.truth = x.to(dtype), truth.to(dtype)
        self.parameters = [p for part in (self.layer, self.head) for p in part.to(dtype).parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=asked["learningRate"], weight_decay=asked["weightDecay"]
        )

    def step(self):
        self.optimiser.zero_grad(set_to_none=True)
        output, _ = self.layer(self.x)
        loss = torch.nn.functional.mse_loss(self.head(output)[..., 0], self.truth)
        loss.backward()
        self.optimiser.step()
        return loss

    def first_step(self):
        loss = self.step().item()
        return [loss, torch.cat([p.grad.flatten() for p in self.parameters]).norm().item()]


def main():
    asked = json.loads(sys.stdin.readline())
    torch.set_num_threads(asked["threads"])
    x = numbers(asked["x"]).reshape(asked["steps"], asked["batch"], asked["inputs"])
    truth = numbers(asked["truth"]).reshape(asked["steps"], asked["batch"])

    def learner(dtype):
        weights = {name: numbers(text) for name, text in asked["weights"].items()}
        return Learner(asked, weights, x, truth, dtype)

    exact = learner(torch.float64).first_step()
    measured = learner(torch.float32)
    print(json.dumps({"told": measured.first_step(), "exact": exact}), flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            measured.step()
        print(time.perf_counter() - start, flush=True)


main()
