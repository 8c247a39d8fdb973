// Loops tuned by hand: the gates of a unit side by side, so that three or four sums are under way at once.
import { type Case, gatesOf, type Stepper } from '../case.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

export function tunedLoops(net: Case): Stepper {
  const { cell, inputs, hidden } = net;
  const weights = interleaved(net);
  const xh = new Float32Array(inputs + hidden);
  const h = new Float32Array(hidden);
  const c = new Float32Array(hidden);
  const bias = biases(net);
  function step(x: Float32Array): Float32Array {
    xh.set(x);
    xh.set(h, inputs);
    if (cell === 'gru') gru(weights, bias, xh, h, inputs, hidden);
    else lstm(weights, bias, xh, h, c, hidden);
    return h;
  }
  return {
    name: 'tuned loops',
    step,
    run(x, count) {
      for (let k = 0; k < count; k++) step(x);
    },
  };
}

/** [hidden][inputs + hidden][gates] */
function interleaved({ cell, inputs, hidden, weightIh, weightHh }: Case): Float32Array {
  const gates = gatesOf(cell);
  const columns = inputs + hidden;
  const weights = new Float32Array(hidden * columns * gates);
  for (let j = 0; j < hidden; j++) {
    for (let gate = 0; gate < gates; gate++) {
      const row = gate * hidden + j;
      for (let k = 0; k < columns; k++) {
        const value = k < inputs ? weightIh[row * inputs + k]! : weightHh[row * hidden + k - inputs]!;
        weights[(j * columns + k) * gates + gate] = value;
      }
    }
  }
  return weights;
}

/** [4][hidden]: i f g o, or r z and the candidate's two, which a GRU keeps apart */
function biases({ cell, hidden, biasIh, biasHh }: Case): Float32Array {
  const merged = biasIh.map((value, row) => value + biasHh[row]!);
  if (cell === 'lstm') return merged;
  const [merge, apart] = [merged.subarray(0, 2 * hidden), 2 * hidden];
  return Float32Array.from([...merge, ...biasIh.subarray(apart), ...biasHh.subarray(apart)]);
}

function gru(
  weights: Float32Array,
  bias: Float32Array,
  xh: Float32Array,
  h: Float32Array,
  inputs: number,
  hidden: number,
): void {
  for (let j = 0, at = 0; j < hidden; j++) {
    let r = bias[j]!;
    let z = bias[hidden + j]!;
    let n = bias[2 * hidden + j]!;
    let q = bias[3 * hidden + j]!;
    for (let k = 0; k < inputs; k++, at += 3) {
      const value = xh[k]!;
      r += weights[at]! * value;
      z += weights[at + 1]! * value;
      n += weights[at + 2]! * value;
    }
    for (let k = inputs; k < inputs + hidden; k++, at += 3) {
      const value = xh[k]!;
      r += weights[at]! * value;
      z += weights[at + 1]! * value;
      q += weights[at + 2]! * value;
    }
    const update = sigmoid(z);
    h[j] = (1 - update) * Math.tanh(n + sigmoid(r) * q) + update * h[j]!;
  }
}

function lstm(
  weights: Float32Array,
  bias: Float32Array,
  xh: Float32Array,
  h: Float32Array,
  c: Float32Array,
  hidden: number,
): void {
  const columns = xh.length;
  for (let j = 0, at = 0; j < hidden; j++) {
    let i = bias[j]!;
    let f = bias[hidden + j]!;
    let g = bias[2 * hidden + j]!;
    let o = bias[3 * hidden + j]!;
    for (let k = 0; k < columns; k++, at += 4) {
      const value = xh[k]!;
      i += weights[at]! * value;
      f += weights[at + 1]! * value;
      g += weights[at + 2]! * value;
      o += weights[at + 3]! * value;
    }
    c[j] = sigmoid(f) * c[j]! + sigmoid(i) * Math.tanh(g);
    h[j] = sigmoid(o) * Math.tanh(c[j]!);
  }
}
