import { expect, test } from 'vitest';
import { checkCells, checkedSpec, expectedOutputs, fixedNumbers, STEPS } from '../../lib/cli/self-check.ts';
import type { NetworkSpec } from '../../lib/network/network-spec.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** The network of the check in plain loops and 64 bits, after PyTorch's equations (docs/cells.md). */
function plainOutputs(cell: NetworkSpec['cell']): number[] {
  const { inputSize, hiddenSize, numLayers, headSize } = checkedSpec(cell);
  const gates = cell === 'gru' ? 3 : 4;
  let seed = 0;
  const next = (count: number) => fixedNumbers(count, ++seed);
  const layers = Array.from({ length: numLayers }, (_, layer) => {
    const width = layer === 0 ? inputSize : hiddenSize;
    const [wi, wh] = [next(gates * hiddenSize * width), next(gates * hiddenSize * hiddenSize)];
    return { width, wi, wh, bi: next(gates * hiddenSize), bh: next(gates * hiddenSize) };
  });
  const [headWeight, headBias] = [next(headSize * hiddenSize), next(headSize)];
  const input = next(STEPS * inputSize);
  const zeros = () => layers.map(() => new Array<number>(hiddenSize).fill(0));
  const [h, c] = [zeros(), zeros()];
  for (let t = 0; t < STEPS; t++) {
    let x: ArrayLike<number> = input.subarray(t * inputSize, (t + 1) * inputSize);
    layers.forEach(({ width, wi, wh, bi, bh }, l) => {
      const before = h[l]!;
      const linear = (weight: Float32Array, bias: Float32Array, row: number, from: ArrayLike<number>, size: number) =>
        Array.from({ length: size }, (_, k) => weight[row * size + k]! * from[k]!).reduce((a, b) => a + b, bias[row]!);
      h[l] = before.map((old, j) => {
        const own = (gate: number) => linear(wi, bi, gate * hiddenSize + j, x, width);
        const back = (gate: number) => linear(wh, bh, gate * hiddenSize + j, before, hiddenSize);
        if (cell === 'gru') {
          const [reset, update] = [sigmoid(own(0) + back(0)), sigmoid(own(1) + back(1))];
          return (1 - update) * Math.tanh(own(2) + reset * back(2)) + update * old;
        }
        const [i, f, g, o] = [0, 1, 2, 3].map((gate) => own(gate) + back(gate));
        c[l]![j] = sigmoid(f!) * c[l]![j]! + sigmoid(i!) * Math.tanh(g!);
        return sigmoid(o!) * Math.tanh(c[l]![j]);
      });
      x = h[l]!;
    });
  }
  return Array.from({ length: headSize }, (_, row) =>
    h.at(-1)!.reduce((sum, value, k) => sum + value * headWeight[row * hiddenSize + k]!, headBias[row]!),
  );
}

test.each(['gru', 'lstm'] as const)('the stored outputs of a %s are those of plain loops in 64 bits', (cell) => {
  plainOutputs(cell).forEach((value, i) => expect(expectedOutputs[cell][i]).toBeCloseTo(value, 9));
});

test('the kernels in use compute them', () => {
  expect(checkCells).not.toThrow();
});
