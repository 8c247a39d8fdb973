import { describe, expect, it } from 'vitest';
import { GRU, GRUCell, LSTM, LSTMCell } from '../../lib/index.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import type { StateDict } from '../../lib/tensor.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { goldens, networkOf, weights } from '../support/goldens.ts';

const options = { inputSize: 4, hiddenSize: 6, numLayers: 2, seed: 3 };

/** A state dict with one change. */
function changed(dict: StateDict, change: (dict: StateDict) => void): StateDict {
  const copy = Object.fromEntries(
    Object.entries(dict).map(([name, { shape, data }]) => [name, { shape: [...shape], data: data.slice() }]),
  );
  change(copy);
  return copy;
}

describe('stateDict', () => {
  it('has the names, shapes and order of PyTorch', () => {
    const shapes = (dict: StateDict) => Object.entries(dict).map(([name, { shape }]) => `${name} ${shape.join('x')}`);
    expect(shapes(new GRU({ ...options, bidirectional: true, numLayers: 2 }).stateDict())).toEqual([
      'weight_ih_l0 18x4',
      'weight_hh_l0 18x6',
      'bias_ih_l0 18',
      'bias_hh_l0 18',
      'weight_ih_l0_reverse 18x4',
      'weight_hh_l0_reverse 18x6',
      'bias_ih_l0_reverse 18',
      'bias_hh_l0_reverse 18',
      'weight_ih_l1 18x12',
      'weight_hh_l1 18x6',
      'bias_ih_l1 18',
      'bias_hh_l1 18',
      'weight_ih_l1_reverse 18x12',
      'weight_hh_l1_reverse 18x6',
      'bias_ih_l1_reverse 18',
      'bias_hh_l1_reverse 18',
    ]);
    expect(shapes(new LSTM({ ...options, projSize: 3, bias: false }).stateDict())).toEqual([
      'weight_ih_l0 24x4',
      'weight_hh_l0 24x3',
      'weight_hr_l0 3x6',
      'weight_ih_l1 24x3',
      'weight_hh_l1 24x3',
      'weight_hr_l1 3x6',
    ]);
    const cell = ['weight_ih 18x4', 'weight_hh 18x6', 'bias_ih 18', 'bias_hh 18'];
    expect(shapes(new GRUCell({ inputSize: 4, hiddenSize: 6 }).stateDict())).toEqual(cell);
    expect(shapes(new LSTMCell({ inputSize: 4, hiddenSize: 6, bias: false }).stateDict())).toEqual([
      'weight_ih 24x4',
      'weight_hh 24x6',
    ]);
    const spec = { ...new GRU(options).spec, headSize: 5, numLayers: 1, bias: false };
    expect(shapes(new RecurrentNetwork(spec).stateDict()).slice(-2)).toEqual(['head.weight 5x6', 'head.bias 5']);
  });

  it.each(goldens('network'))('comes back as it was loaded: $name', (golden) => {
    const dict = weights(golden);
    const returned = networkOf(golden).stateDict();
    expect(Object.keys(returned)).toEqual(Object.keys(dict));
    expect(returned).toEqual(dict);
  });

  it('is a copy, both ways', () => {
    const network = new GRU(options);
    const before = network.stateDict();
    network.stateDict()['weight_ih_l0']!.data.fill(9);
    expect(network.stateDict()).toEqual(before);
    const given = changed(before, (dict) => dict['weight_hh_l1']!.data.fill(0.5));
    network.loadStateDict(given);
    given['weight_hh_l1']!.data.fill(9);
    expect(network.stateDict()['weight_hh_l1']!.data.every((value) => value === 0.5)).toBe(true);
  });

  it('depends on the seed alone, within the bound of PyTorch', () => {
    expect(new GRU(options).stateDict()).toEqual(new GRU(options).stateDict());
    expect(new GRU(options).stateDict()).not.toEqual(new GRU({ ...options, seed: 4 }).stateDict());
    expect(new GRU({ inputSize: 4, hiddenSize: 6 }).stateDict()).not.toEqual(
      new GRU({ inputSize: 4, hiddenSize: 6 }).stateDict(),
    );
    const values = Object.values(new LSTM({ inputSize: 4, hiddenSize: 64, seed: 1 }).stateDict()).flatMap(
      ({ data }) => [...data],
    );
    expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(Math.fround(1 / 8));
    expect(Math.max(...values.map(Math.abs))).toBeGreaterThan(0.124);
  });
});

describe('loadStateDict refuses, changing nothing, and names the tensor, what was expected and what came:', () => {
  const network = new GRU(options);
  const before = network.stateDict();
  const refuse = (dict: unknown, code: 'invalid-state-dict' | 'invalid-shape', ...words: string[]) => {
    let message = '';
    expect(() => network.loadStateDict(dict as StateDict)).toThrow(gatecastError(code));
    try {
      network.loadStateDict(dict as StateDict);
    } catch (error) {
      message = (error as Error).message;
    }
    for (const word of words) expect(message).toContain(word);
    expect(network.stateDict()).toEqual(before);
  };

  it('a missing tensor', () => {
    const dict = changed(before, (copy) => delete copy['bias_hh_l1']);
    refuse(dict, 'invalid-state-dict', 'bias_hh_l1', '[18]', 'none');
  });

  it('an unknown one, with the nearest name', () => {
    const dict = changed(before, (copy) => {
      copy['weight_ih_10'] = copy['weight_ih_l0']!;
    });
    refuse(dict, 'invalid-state-dict', 'weight_ih_10', "'weight_ih_l0'");
  });

  it('the tensors of a deeper network', () => {
    refuse(new GRU({ ...options, numLayers: 3 }).stateDict(), 'invalid-state-dict', '_l2');
  });

  it('another shape, also one of the same count', () => {
    const other = changed(before, (copy) => {
      copy['weight_ih_l0'] = { shape: [18, 5], data: new Float32Array(90) };
    });
    refuse(other, 'invalid-state-dict', 'weight_ih_l0', '[18, 4]', '[18, 5]');
    const transposed = changed(before, (copy) => {
      copy['weight_ih_l0']!.shape = [4, 18];
    });
    refuse(transposed, 'invalid-state-dict', 'weight_ih_l0', '[18, 4]', '[4, 18]');
    const lstm = new LSTM({ inputSize: 4, hiddenSize: 6, numLayers: 2 }).stateDict();
    refuse(lstm, 'invalid-state-dict', 'weight_ih_l0', '[18, 4]', '[24, 4]');
  });

  it('a count that is not its shape', () => {
    const dict = changed(before, (copy) => {
      copy['weight_hh_l1']!.data = new Float32Array(107);
    });
    refuse(dict, 'invalid-shape', 'weight_hh_l1', '108', '107');
  });

  it('values that are not finite', () => {
    for (const value of [NaN, Infinity, -Infinity]) {
      const dict = changed(before, (copy) => {
        copy['bias_ih_l1']!.data[7] = value;
      });
      refuse(dict, 'invalid-state-dict', 'bias_ih_l1', String(value), '7');
    }
  });

  it('another type of array, and what is no state dict', () => {
    const dict = changed(before, (copy) => {
      copy['weight_ih_l0']!.data = new Float64Array(72) as unknown as Float32Array;
    });
    refuse(dict, 'invalid-shape', 'weight_ih_l0', 'Float32Array', 'Float64Array');
    for (const value of [undefined, null, 3, 'x', [], new Float32Array(3)]) refuse(value, 'invalid-state-dict');
  });
});
