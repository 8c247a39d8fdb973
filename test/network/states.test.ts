import { describe, expect, it } from 'vitest';
import { GRU } from '../../lib/network/gru.ts';
import { LSTM } from '../../lib/network/lstm.ts';
import type { Precision } from '../../lib/network/options.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { randomTensor } from '../support/tensors.ts';

const sizes = { inputSize: 3, hiddenSize: 21, numLayers: 2, seed: 4 };
const precisions: Precision[] = ['f32', 'bf16', 'int8'];

describe.each(precisions)('states stepped together, %s', (precision) => {
  it.each([
    ['gru', new GRU({ ...sizes, precision, threads: 2 })],
    ['lstm', new LSTM({ ...sizes, projSize: 5, precision, threads: 2 })],
  ])('take the bits of one by one: %s', (_, network) => {
    const together = network.createStates(100);
    const alone = Array.from({ length: 100 }, () => network.createState());
    for (let round = 0; round < 5; round++) {
      const slots = Int32Array.from({ length: 90 }, (_, i) => (i * 7 + round) % 100);
      const x = randomTensor([90, 3], round).data;
      const y = together.step(slots, x);
      const width = y.length / 90;
      for (const [row, slot] of slots.entries()) {
        const expected = alone[slot]!.step(x.subarray(3 * row, 3 * row + 3));
        expect(y.subarray(row * width, (row + 1) * width)).toEqual(expected);
      }
    }
    for (const [slot, state] of alone.entries()) expect(together.read(slot)).toEqual(state.hidden);
  });
});

describe('states of many streams', () => {
  const network = new GRU(sizes);

  it('are reset, written and copied slot by slot', () => {
    const states = network.createStates(3);
    states.step(Int32Array.of(0, 1, 2), randomTensor([3, 3], 1).data);
    const first = states.read(0);
    states.copy(0, 2);
    expect(states.read(2)).toEqual(first);
    states.reset(0);
    expect(states.read(0).h.data.every((value) => value === 0)).toBe(true);
    states.write(1, first);
    expect(states.read(1)).toEqual(first);
  });

  it.each([
    ['a slot named twice', Int32Array.of(0, 0), 6, 'invalid-argument'],
    ['a slot out of range', Int32Array.of(0, 5), 6, 'invalid-argument'],
    ['a negative slot', Int32Array.of(-1), 3, 'invalid-argument'],
    ['too many slots', new Int32Array(6), 18, 'invalid-argument'],
    ['too few values', Int32Array.of(0, 1), 5, 'invalid-shape'],
  ] as const)('refuse %s and change nothing', (_, slots, values, code) => {
    const states = network.createStates(5);
    states.step(Int32Array.of(0, 1, 2, 3, 4), randomTensor([5, 3], 2).data);
    const before = [0, 1, 2, 3, 4].map((slot) => states.read(slot));
    expect(() => states.step(slots, new Float32Array(values))).toThrow(gatecastError(code));
    expect([0, 1, 2, 3, 4].map((slot) => states.read(slot))).toEqual(before);
  });

  it('refuse a batch with a value that is not finite, whole', () => {
    const states = network.createStates(2);
    const x = Float32Array.of(1, 2, 3, 4, Number.NaN, 6);
    expect(() => states.step(Int32Array.of(0, 1), x)).toThrow(gatecastError('invalid-sample'));
    expect(states.read(0).h.data.every((value) => value === 0)).toBe(true);
  });

  it('are not to be had of a bidirectional network, and not after they are disposed of', () => {
    expect(() => new GRU({ ...sizes, bidirectional: true }).createStates(2)).toThrow(gatecastError('invalid-argument'));
    const states = network.createStates(2);
    states.dispose();
    expect(() => states.step(Int32Array.of(0), new Float32Array(3))).toThrow(gatecastError('disposed'));
  });
});

describe('precision and threads', () => {
  const input = randomTensor([40, 9, 3], 3);

  it('low precision is near f32 and not equal to it, and keeps the weights as they are', () => {
    const exact = new LSTM(sizes);
    const { data } = exact.forward(input).output;
    for (const [precision, tolerance] of [
      ['bf16', 5e-3],
      ['int8', 2e-2],
    ] as const) {
      const network = new LSTM({ ...sizes, precision });
      expect(network.precision).toBe(precision);
      expect(network.stateDict()).toEqual(exact.stateDict());
      const rough = network.forward(input).output.data;
      const error = Math.max(...rough.map((value, i) => Math.abs(value - data[i]!)));
      expect(error).toBeGreaterThan(1e-6);
      expect(error).toBeLessThan(tolerance);
    }
  });

  it('threads change no bit', () => {
    const [one, three] = [1, 3].map((threads) => new GRU({ ...sizes, bidirectional: true, threads }).forward(input));
    expect(three).toEqual(one);
  });

  it('backward needs f32', () => {
    const network = new GRU({ ...sizes, precision: 'bf16' });
    const output = randomTensor([40, 9, 21], 4);
    expect(() => network.backward(input, { output })).toThrow(gatecastError('invalid-argument', /f32/));
  });

  it('an unknown precision and a wrong number of threads are refused', () => {
    expect(() => new GRU({ ...sizes, precision: 'f16' as never })).toThrow(gatecastError('invalid-argument', /bf16/));
    for (const threads of [0, 65, 1.5]) {
      expect(() => new GRU({ ...sizes, threads })).toThrow(gatecastError('invalid-argument', /threads/));
    }
  });
});
