import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSafetensors } from '../../lib/files/safetensors.ts';
import { GRU } from '../../lib/network/gru.ts';
import type { Hidden } from '../../lib/network/hidden.ts';
import { LSTM } from '../../lib/network/lstm.ts';
import { type CellName, cells } from '../../lib/network/cells.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import type { StateDict, Tensor } from '../../lib/base/tensor.ts';

/** One file of test/goldens; make_goldens.py there describes the contents. */
export interface Golden {
  name: string;
  metadata: Record<string, string>;
  tensors: StateDict;
}

const folder = fileURLToPath(new URL('../goldens/', import.meta.url));

/** The golden files whose metadata says `kind`, in order of name. */
export function goldens(kind: 'network' | 'cell' | 'training' | 'segment'): Golden[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.safetensors'))
    .sort()
    .map((file) => ({ name: file.replace('.safetensors', ''), ...parseSafetensors(readFileSync(folder + file), file) }))
    .filter(({ metadata }) => metadata['kind'] === kind);
}

/** A tensor of a golden file; throws where it is missing. */
export function tensor(golden: Golden, name: string): Tensor {
  const found = golden.tensors[name];
  if (found === undefined) throw new Error(`${golden.name} has no tensor ${name}`);
  return found;
}

/** A number of the metadata; throws where it is missing. */
export function number(golden: Golden, key: string): number {
  const value = Number(golden.metadata[key]);
  if (Number.isNaN(value)) throw new Error(`${golden.name} has no number ${key}`);
  return value;
}

/** The weights in a golden file, without `prefix` before their names. */
export function weights(golden: Golden, prefix = ''): StateDict {
  const isWeight = /^(weight|bias|norm)_|^head\./;
  return Object.fromEntries(
    Object.entries(golden.tensors)
      .filter(([name]) => name.startsWith(prefix) && isWeight.test(name.slice(prefix.length)))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

/** `name` + 'h' and, where the cell has c, `name` + 'c', with the suffix after them. */
export function hiddenOf(golden: Golden, suffix: '0' | 'n', prefix = ''): Hidden {
  const h = tensor(golden, `${prefix}h${suffix}`);
  return cells[cellOf(golden)].hasC ? { h, c: tensor(golden, `${prefix}c${suffix}`) } : { h };
}

/** The cell of a golden network. */
function cellOf(golden: Golden): CellName {
  return golden.metadata['cell'] as CellName;
}

/** The options that every golden network has. */
export function sizesOf(golden: Golden) {
  return {
    inputSize: number(golden, 'inputSize'),
    hiddenSize: number(golden, 'hiddenSize'),
    numLayers: number(golden, 'numLayers'),
    bias: number(golden, 'bias') === 1,
    bidirectional: number(golden, 'bidirectional') === 1,
  };
}

/** What the layers of a golden network pass on, which no class of PyTorch has an option for. */
export function layersOf({ metadata }: Golden): { layerNorm?: boolean; residual?: boolean } {
  const given = (['layerNorm', 'residual'] as const).filter((name) => metadata[name] === '1');
  return Object.fromEntries(given.map((name) => [name, true]));
}

/** The network of a golden file with its weights loaded. */
export function networkOf(golden: Golden, { batchFirst = false } = {}): RecurrentNetwork {
  const network = newNetwork(golden, { batchFirst, seed: 1 });
  network.loadStateDict(weights(golden));
  return network;
}

/** By the class that users have for it, if there is one. */
function newNetwork(golden: Golden, options: { batchFirst: boolean; seed: number }): RecurrentNetwork {
  const [cell, sizes, projSize, layers] = [
    cellOf(golden),
    sizesOf(golden),
    number(golden, 'projSize'),
    layersOf(golden),
  ];
  const linearBeforeReset = number(golden, 'linearBeforeReset') === 1;
  if (Object.keys(layers).length === 0) {
    if (cell === 'lstm') return new LSTM({ ...sizes, ...options, projSize });
    if (cell === 'gru') return new GRU({ ...sizes, ...options, linearBeforeReset });
  }
  return new RecurrentNetwork({ cell, linearBeforeReset, projSize, headSize: 0, ...sizes, ...layers }, options);
}
