import type { StateDict } from '../../lib/base/tensor.ts';

// The equations of docs/cells.md as plain loops in float64, and the gradient of a loss in each state by differences.

type Vector = readonly number[];
interface State {
  readonly h: Vector;
  readonly c: Vector;
}

/** Adds to the h of a cell after its step at a time. */
export type Nudge = (cell: string, t: number, h: Vector) => Vector;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

export function linear(weights: StateDict, weight: string, bias: string, x: Vector): number[] {
  const { data } = weights[weight]!;
  return Array.from(weights[bias]!.data, (own, row) =>
    x.reduce((sum, value, k) => sum + value * data[row * x.length + k]!, own),
  );
}

export function step(weights: StateDict, cell: 'gru' | 'lstm', suffix: string, x: Vector, { h, c }: State): State {
  const fromX = linear(weights, `weight_ih_${suffix}`, `bias_ih_${suffix}`, x);
  const fromH = linear(weights, `weight_hh_${suffix}`, `bias_hh_${suffix}`, h);
  const size = h.length;
  const gate = (g: number, k: number) => fromX[g * size + k]! + fromH[g * size + k]!;
  if (cell === 'gru') {
    const next = h.map((value, k) => {
      const [r, z] = [sigmoid(gate(0, k)), sigmoid(gate(1, k))];
      return (1 - z) * Math.tanh(fromX[2 * size + k]! + r * fromH[2 * size + k]!) + z * value;
    });
    return { h: next, c };
  }
  const memory = c.map((value, k) => sigmoid(gate(1, k)) * value + sigmoid(gate(0, k)) * Math.tanh(gate(2, k)));
  return { h: memory.map((value, k) => sigmoid(gate(3, k)) * Math.tanh(value)), c: memory };
}

export const zeros = (size: number): State => ({
  h: new Array<number>(size).fill(0),
  c: new Array<number>(size).fill(0),
});

/** What stacked layers, of one or two directions, pass on at each time. Cells are named as in a `GradientFlow`. */
export function layers(
  weights: StateDict,
  {
    cell,
    numLayers,
    hiddenSize,
    bidirectional,
  }: {
    cell: 'gru' | 'lstm';
    numLayers: number;
    hiddenSize: number;
    bidirectional: boolean;
  },
  inputs: readonly Vector[],
  nudge: Nudge,
): Vector[] {
  let sequence = inputs;
  for (let layer = 0; layer < numLayers; layer++) {
    const passed = inputs.map(() => [] as number[]);
    for (const ending of bidirectional ? ['', '_reverse'] : ['']) {
      let state = zeros(hiddenSize);
      const name = `layer ${layer}${ending && ' backwards'}`;
      for (let s = 0; s < inputs.length; s++) {
        const t = ending ? inputs.length - 1 - s : s;
        const next = step(weights, cell, `l${layer}${ending}`, sequence[t]!, state);
        state = { h: nudge(name, t, next.h), c: next.c };
        passed[t]!.push(...state.h);
      }
    }
    sequence = passed;
  }
  return [...sequence];
}

/** The norm of the gradient of a loss in the h of a cell at a time. */
export function slope(loss: (nudge: Nudge) => number, cell: string, t: number, size: number): number {
  const SMALL = 1e-6;
  const slopes = Array.from({ length: size }, (_, k) => {
    const at = (by: number) =>
      loss((name, time, h) => (name === cell && time === t ? h.map((value, i) => (i === k ? value + by : value)) : h));
    return (at(SMALL) - at(-SMALL)) / (2 * SMALL);
  });
  return Math.hypot(...slopes);
}
