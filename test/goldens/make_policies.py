#!/usr/bin/env python3
"""Makes the files in policies/: policies as training libraries hold them, with a run that PyTorch computed.

Run with Debian's python3-torch (`/usr/bin/python3 make_policies.py`; no other package). `save_policy` is the program of
docs/format.md, word for word. Weights and inputs are drawn with fixed seeds and rounded to float32, the rest is computed from
them in float64. Running the script again gives the same files.

  gru.safetensors   torch.nn.GRU of two layers, one linear layer, tanh onto [low, high], as SAC has it; observations normalised
                    as VecNormalize does, cut off at 1.5; a flag of its own clears the memory before steps 0, 20 and 21
  lstm.safetensors  torch.nn.LSTM and a head of three layers with ELU, as Isaac Lab's recurrent actors have it; the numbers are
                    scaled and clipped; an observation clears the memory where it is 0: steps 0, 13, 40
"""
import hashlib
import json
import struct
from pathlib import Path

import torch


def save_policy(path, description, rnn, layers, inputs, numbers, actions):
    """Writes a policy for Gatecast: a torch.nn.GRU or LSTM, and the linear layers of its head.

    inputs [T, I], numbers [T, A] and actions [T, A] are a run from the start of an episode as the training code computed
    it on the CPU: observations before normalisation, outputs of the head, and actions sent to the environment.
    """
    tensors = {"network." + name: weight for name, weight in rnn.state_dict().items()}
    for k, layer in enumerate(layers):
        place = "network.head." if k == 0 else f"network.head.{k}."
        tensors[place + "weight"], tensors[place + "bias"] = layer.weight, layer.bias
    tensors.update({"golden.input": inputs, "golden.output": numbers, "golden.action": actions})

    metadata = {"format": "gatecast-policy", "version": "1", "description": json.dumps(description), "sha256": "0" * 64}
    header, data = {"__metadata__": metadata}, b""
    for name, tensor in tensors.items():
        values = struct.pack(f"<{tensor.numel()}f", *tensor.detach().flatten().tolist())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(values)]}
        data += values
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file = struct.pack("<Q", len(text)) + text + data
    digest = hashlib.sha256(file).hexdigest()
    with open(path, "wb") as out:
        out.write(file.replace(b"0" * 64, digest.encode(), 1))


FOLDER = Path(__file__).resolve().parent / "policies"
HIDDEN, STEPS = 17, 60


def as_float32(tensor):
    """The nearest float32 values, kept as float64."""
    return tensor.detach().float().double()


def round_weights(*modules):
    with torch.no_grad():
        for module in modules:
            for weight in module.parameters():
                weight.copy_(as_float32(weight))


def network(cell, inputs, layers):
    return {
        "cell": cell, "linearBeforeReset": True, "inputSize": inputs, "hiddenSize": HIDDEN, "projSize": 0,
        "numLayers": layers, "bias": True, "bidirectional": False,
    }


def in_episodes(rnn, read, starts):
    """What the last layer gives at each step; every episode is one call of PyTorch on a whole sequence."""
    bounds = [t for t in range(STEPS) if starts[t]] + [STEPS]
    return torch.cat([rnn(read[a:b])[0] for a, b in zip(bounds, bounds[1:])])


def gru_policy():
    torch.manual_seed(4000)
    mean, var = torch.tensor([3.0, -0.2, 100.0]).double(), torch.tensor([4.0, 0.01, 900.0]).double()
    std = (var + 1e-8).sqrt()
    low, high = torch.tensor([-2.0, 0.0]).double(), torch.tensor([2.0, 30.0]).double()
    rnn, head = torch.nn.GRU(3, HIDDEN, num_layers=2).double(), torch.nn.Linear(HIDDEN, 2).double()
    round_weights(rnn, head)
    observations = as_float32(mean + std * torch.randn(STEPS, 3).double())
    starts = torch.tensor([float(t in (0, 20, 21)) for t in range(STEPS)]).double()
    with torch.no_grad():
        read = ((observations - mean) / std).clamp(-1.5, 1.5)
        numbers = head(in_episodes(rnn, read, starts))
        actions = low + 0.5 * (numbers.tanh() + 1) * (high - low)
    description = {
        "observations": [
            {"name": name, "unit": unit, "mean": m, "std": s}
            for name, unit, m, s in zip(["height", "tilt", "speed"], ["m", "rad", "rad/s"], mean.tolist(), std.tolist())
        ],
        "clip": 1.5,
        "reset": {"signal": "start", "when": "nonzero"},
        "interval": 20,
        "network": {**network("gru", 3, 2), "headSize": 2},
        "squash": "tanh",
        "actions": [
            {"name": name, "scale": (h - l) / 2, "offset": (h + l) / 2}
            for name, l, h in zip(["torque", "thrust"], low.tolist(), high.tolist())
        ],
    }
    inputs = torch.cat([observations, starts[:, None]], dim=1)
    save_policy(FOLDER / "gru.safetensors", description, rnn, [head], inputs, numbers, actions)


def lstm_policy():
    torch.manual_seed(4001)
    rnn = torch.nn.LSTM(4, HIDDEN).double()
    head = torch.nn.Sequential(
        torch.nn.Linear(HIDDEN, 13), torch.nn.ELU(), torch.nn.Linear(13, 9), torch.nn.ELU(), torch.nn.Linear(9, 3)
    ).double()
    round_weights(rnn, head)
    observations = as_float32(torch.randn(STEPS, 4))
    observations[:, 2] = torch.tensor([float(t not in (0, 13, 40)) for t in range(STEPS)])
    scale, offset = torch.tensor([0.25, -3.0, 40.0]).double(), torch.tensor([0.5, 0.0, -10.0]).double()
    low, high = torch.tensor([0.45, -1.0, -1e30]).double(), torch.tensor([1e30, 0.5, 1e30]).double()
    with torch.no_grad():
        numbers = head(in_episodes(rnn, observations, observations[:, 2] == 0))
        actions = (offset + scale * numbers).clamp(low, high)
    description = {
        "observations": [{"name": name, "mean": 0, "std": 1} for name in ["x", "v", "mask", "command"]],
        "reset": {"signal": "mask", "when": "zero"},
        "interval": 5,
        "network": {**network("lstm", 4, 1), "headSize": 13},
        "head": {"hidden": [13, 9], "activation": "elu"},
        "squash": "none",
        "actions": [
            {"name": "hip", "scale": 0.25, "offset": 0.5, "low": 0.45},
            {"name": "knee", "scale": -3, "offset": 0, "low": -1, "high": 0.5},
            {"name": "ankle", "scale": 40, "offset": -10},
        ],
    }
    layers = [module for module in head if isinstance(module, torch.nn.Linear)]
    save_policy(FOLDER / "lstm.safetensors", description, rnn, layers, observations, numbers, actions)


if __name__ == "__main__":
    torch.set_num_threads(1)
    gru_policy()
    lstm_policy()
