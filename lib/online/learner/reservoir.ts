import { RecurrentNetwork } from '../../network/recurrent-network.ts';

/** Memory of the quickest and of the slowest unit [steps]. */
const QUICKEST = 2;
const SLOWEST = 128;
/** Magnitude of the recurrence's eigenvalues: below 1, so that the distant past fades. */
const RADIUS = 0.9;

/**
 * A GRU with fixed random weights. Its hidden vector is a rich summary of a stream's recent past, from which a linear
 * read-out learns quickly and without gradients (Jaeger, The echo state approach, GMD report 148, 2001).
 *
 * The candidate's recurrence is an orthogonal matrix times 0.9, so all its eigenvalues have that magnitude. The update
 * gate's bias gives the units memories from 2 to 128 steps, evenly on a log scale (Tallec and Ollivier, Can recurrent
 * neural networks warp time?, ICLR 2018). The same seed gives the same weights everywhere.
 */
export function reservoir(inputs: number, hidden: number, seed: number): RecurrentNetwork {
  const network = new RecurrentNetwork(
    {
      cell: 'gru',
      inputSize: inputs,
      hiddenSize: hidden,
      projSize: 0,
      numLayers: 1,
      bias: true,
      bidirectional: false,
      headSize: 0,
    },
    { seed },
  );
  const weights = network.stateDict(); // all uniform within 1 / sqrt(hidden)
  const candidate = 2 * hidden; // rows stand in the order of the gates: reset, update, candidate
  orthogonalise(weights['weight_hh_l0']!.data.subarray(candidate * hidden), hidden);
  const input = weights['weight_ih_l0']!.data.subarray(candidate * inputs);
  const widen = Math.sqrt(hidden / inputs); // to within 1 / sqrt(inputs): inputs move a unit well within tanh
  input.forEach((weight, i) => (input[i] = weight * widen));
  for (let unit = 0; unit < hidden; unit++) {
    const steps = QUICKEST * (SLOWEST / QUICKEST) ** (unit / Math.max(hidden - 1, 1));
    weights['bias_ih_l0']!.data[hidden + unit] = Math.log(steps - 1); // 1 / (1 - sigmoid(bias)) = steps
    weights['bias_hh_l0']!.data[hidden + unit] = 0;
  }
  network.loadStateDict(weights);
  return network;
}

/** Makes a square matrix RADIUS times an orthogonal one, row by row (Gram-Schmidt). */
function orthogonalise(matrix: Float32Array, size: number): void {
  const rows: Float64Array[] = [];
  for (let i = 0; i < size; i++) {
    const row = Float64Array.from(matrix.subarray(i * size, (i + 1) * size));
    for (const other of rows) {
      const share = dot(row, other);
      other.forEach((value, k) => (row[k]! -= share * value));
    }
    const length = Math.sqrt(dot(row, row));
    rows.push(row.map((value) => value / length));
    matrix.set(
      rows[i]!.map((value) => RADIUS * value),
      i * size,
    );
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
