import { type Case, gatesOf, randomInputs, type Stepper } from './case.ts';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** One step in float64, in the order of the equations. Overwrites h and c. */
function referenceStep(net: Case, x: Float32Array, h: Float64Array, c: Float64Array): void {
  const { hidden, inputs } = net;
  const rows = gatesOf(net.cell) * hidden;
  const a = new Float64Array(rows);
  const b = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    a[row] = net.biasIh[row]!;
    b[row] = net.biasHh[row]!;
    for (let k = 0; k < inputs; k++) a[row]! += net.weightIh[row * inputs + k]! * x[k]!;
    for (let k = 0; k < hidden; k++) b[row]! += net.weightHh[row * hidden + k]! * h[k]!;
  }
  const sum = (gate: number, j: number) => a[gate * hidden + j]! + b[gate * hidden + j]!;
  for (let j = 0; j < hidden; j++) {
    if (net.cell === 'gru') {
      const z = sigmoid(sum(1, j));
      const n = Math.tanh(a[2 * hidden + j]! + sigmoid(sum(0, j)) * b[2 * hidden + j]!);
      h[j] = (1 - z) * n + z * h[j]!;
    } else {
      c[j] = sigmoid(sum(1, j)) * c[j]! + sigmoid(sum(0, j)) * Math.tanh(sum(2, j));
      h[j] = sigmoid(sum(3, j)) * Math.tanh(c[j]!);
    }
  }
}

/**
 * Largest distance from the float64 reference over some steps of `streams` streams, each with its own samples; infinite
 * for a value that is not a number. `samples` returns the rows of a step; random ones by default.
 */
export async function errorOf(
  stepper: Stepper,
  net: Case,
  streams = 1,
  steps = 100,
  samples = (t: number) => randomInputs(streams, net.inputs, t + 1),
): Promise<number> {
  const states = Array.from({ length: streams }, () => [new Float64Array(net.hidden), new Float64Array(net.hidden)]);
  let worst = 0;
  for (let t = 0; t < steps; t++) {
    const x = samples(t);
    const got = await stepper.step(x);
    for (const [stream, [h, c]] of states.entries()) {
      referenceStep(net, x.subarray(stream * net.inputs, (stream + 1) * net.inputs), h!, c!);
      for (let j = 0; j < net.hidden; j++) {
        const error = Math.abs(got[stream * net.hidden + j]! - h![j]!);
        worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
      }
    }
  }
  return worst;
}
