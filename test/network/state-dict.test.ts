import * as fastCheck from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GRU, GRUCell, type LoadOptions, LSTM, LSTMCell } from '../../lib/nn.ts';
import { RecurrentNetwork } from '../../lib/network/recurrent-network.ts';
import type { StateDict } from '../../lib/base/tensor.ts';
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

  it('another type of array, and a value that is not a state dict', () => {
    const dict = changed(before, (copy) => {
      copy['weight_ih_l0']!.data = new Float64Array(72) as unknown as Float32Array;
    });
    refuse(dict, 'invalid-shape', 'weight_ih_l0', 'Float32Array', 'Float64Array');
    for (const value of [undefined, null, 3, 'x', [], new Float32Array(3)]) refuse(value, 'invalid-state-dict');
  });
});

describe('loadStateDict of a whole checkpoint', () => {
  const before = new LSTM({ ...options, seed: 1 }).stateDict();
  const fc = { shape: [1, 6], data: new Float32Array(6) };
  const loaded = (dict: StateDict, load?: LoadOptions) => {
    const network = new LSTM({ ...options, seed: 2 });
    network.loadStateDict(dict, load);
    return network.stateDict();
  };
  const prefixed = (prefix: string) =>
    Object.fromEntries(Object.entries(before).map(([name, tensor]) => [prefix + name, tensor]));

  it.each(['module.lstm.', 'lstm.', 'model.encoder.rnn.', 'head.', 'a/b/', 'rnn_', 'weight_ih_l0.'])(
    'names the prefix %s and the option for it, which lets other tensors be',
    (prefix) => {
      for (const dict of [prefixed(prefix), { ...prefixed(prefix), 'fc.weight': fc }]) {
        expect(() => loaded(dict)).toThrow(gatecastError('invalid-state-dict'));
        const [, named] = /load them with \{ prefix: "(.*)" \}/.exec(messageOf(() => loaded(dict)))!;
        expect(named).toBe(prefix);
        expect(loaded(dict, { prefix })).toEqual(before);
      }
    },
  );

  it('finds any prefix of modules', () => {
    const module = fastCheck.stringMatching(/^[a-z][a-z0-9_]{0,8}$/);
    const modules = fastCheck.array(module, { minLength: 1, maxLength: 4 });
    fastCheck.assert(
      fastCheck.property(modules, (names) => {
        const prefix = `${names.join('.')}.`;
        expect(messageOf(() => loaded(prefixed(prefix)))).toContain(`{ prefix: "${prefix}" }`);
        expect(loaded({ ...prefixed(prefix), fc }, { prefix })).toEqual(before);
      }),
      { numRuns: 50 },
    );
  });

  it('says how to leave out tensors beside its own', () => {
    const dict = { ...before, 'fc.weight': fc };
    expect(messageOf(() => loaded(dict))).toBe(
      'Expected only the 8 tensors of this network but received "fc.weight" besides; load without it with { strict: false }.',
    );
    expect(loaded(dict, { strict: false })).toEqual(before);
  });

  it('refuses missing tensors, and a prefix that none has, in every case', () => {
    const { weight_ih_l0, ...rest } = before;
    for (const load of [{}, { strict: false }]) {
      expect(() => loaded(rest, load)).toThrow(
        gatecastError('invalid-state-dict', /for weight_ih_l0 but received none/),
      );
    }
    expect(() => loaded({ weight_ih_l0: weight_ih_l0! }, { prefix: 'lstm.' })).toThrow(
      gatecastError('invalid-state-dict', /prefix "lstm\."/),
    );
    expect(() => loaded(before, { prefx: 'lstm.' } as LoadOptions)).toThrow(
      gatecastError('invalid-argument', /Did you mean prefix/),
    );
  });

  it('does the same for cells', () => {
    const cell = new GRUCell({ inputSize: 2, hiddenSize: 3, seed: 1 });
    const dict = Object.fromEntries(Object.entries(cell.stateDict()).map(([name, tensor]) => [`cell.${name}`, tensor]));
    const other = new GRUCell({ inputSize: 2, hiddenSize: 3, seed: 2 });
    expect(messageOf(() => other.loadStateDict(dict))).toContain('{ prefix: "cell." }');
    other.loadStateDict({ ...dict, fc }, { prefix: 'cell.' });
    expect(other.stateDict()).toEqual(cell.stateDict());
  });
});

function messageOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}
