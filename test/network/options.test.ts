import { describe, expect, it } from 'vitest';
import { GRU, GRUCell, LSTM, LSTMCell } from '../../lib/nn.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const sizes = { inputSize: 2, hiddenSize: 3 };
const tensor = (...shape: number[]) => ({ shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) });

describe.each([GRU, LSTM])('%o', (Network) => {
  it('refuses a dropout that would do nothing, and says what has one', () => {
    for (const dropout of [0.5, 1e-9, -0, 1, Number.NaN, '0', true]) {
      const make = () => new Network({ ...sizes, numLayers: 2, dropout } as never);
      if (dropout === 0) expect(make).not.toThrow();
      else
        expect(make).toThrow(gatecastError('invalid-argument', /0, because forward never drops units .*fit and train/));
    }
  });

  it('takes the states as one argument: a third is refused, not left out', () => {
    const network = new Network(sizes);
    const { output, hidden } = network.forward(tensor(4, 1, 2));
    const forward = network.forward.bind(network) as (...args: unknown[]) => unknown;
    for (const more of [undefined, hidden.h, {}]) {
      expect(() => forward(tensor(4, 1, 2), hidden, more)).toThrow(
        gatecastError('invalid-argument', /at most 2 arguments .*\{ h, c \}.* for forward but received 3/),
      );
    }
    const backward = network.backward.bind(network) as (...args: unknown[]) => unknown;
    expect(() => backward(tensor(4, 1, 2), { output }, hidden, hidden)).toThrow(gatecastError('invalid-argument'));
  });
});

describe.each([GRUCell, LSTMCell])('%o', (Cell) => {
  it('takes the states as one argument', () => {
    const cell = new Cell(sizes);
    const forward = cell.forward.bind(cell) as (...args: unknown[]) => unknown;
    expect(() => forward(tensor(1, 2), undefined, tensor(1, 3))).toThrow(
      gatecastError('invalid-argument', /at most 2 arguments/),
    );
  });
});
