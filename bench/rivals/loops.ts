// Typed arrays and loops, as one would write them without a library: everything allocated once, weights as they are.
// Arrays are parameters, not captured variables: with captured arrays the loops took twice as long.
import { type Case, gatesOf, type Stepper } from '../case.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function plainLoops(net: Case): Stepper {
  const { cell, inputs, hidden } = net;
  const rows = gatesOf(cell) * hidden;
  const a = new Float32Array(rows);
  const b = new Float32Array(rows);
  const h = new Float32Array(hidden);
  const c = new Float32Array(hidden);
  function step(x: Float32Array): Float32Array {
    product(net.weightIh, net.biasIh, x, a, rows, inputs);
    product(net.weightHh, net.biasHh, h, b, rows, hidden);
    if (cell === 'gru') gruGates(a, b, h, hidden);
    else lstmGates(a, b, h, c, hidden);
    return h;
  }
  return {
    name: 'plain loops',
    step,
    run(x, count) {
      for (let k = 0; k < count; k++) step(x);
    },
  };
}

function product(
  weights: Float32Array,
  bias: Float32Array,
  x: Float32Array,
  out: Float32Array,
  rows: number,
  columns: number,
): void {
  for (let row = 0; row < rows; row++) {
    let sum = bias[row]!;
    for (let k = 0, at = row * columns; k < columns; k++, at++) sum += weights[at]! * x[k]!;
    out[row] = sum;
  }
}

function gruGates(a: Float32Array, b: Float32Array, h: Float32Array, hidden: number): void {
  for (let j = 0; j < hidden; j++) {
    const r = sigmoid(a[j]! + b[j]!);
    const z = sigmoid(a[hidden + j]! + b[hidden + j]!);
    const n = Math.tanh(a[2 * hidden + j]! + r * b[2 * hidden + j]!);
    h[j] = (1 - z) * n + z * h[j]!;
  }
}

function lstmGates(a: Float32Array, b: Float32Array, h: Float32Array, c: Float32Array, hidden: number): void {
  for (let j = 0; j < hidden; j++) {
    const i = sigmoid(a[j]! + b[j]!);
    const f = sigmoid(a[hidden + j]! + b[hidden + j]!);
    const g = Math.tanh(a[2 * hidden + j]! + b[2 * hidden + j]!);
    const o = sigmoid(a[3 * hidden + j]! + b[3 * hidden + j]!);
    c[j] = f * c[j]! + i * g;
    h[j] = o * Math.tanh(c[j]!);
  }
}
