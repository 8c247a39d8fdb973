import { GatecastError } from '../base/errors.ts';
import type { CellName } from '../network/cells.ts';
import { type NetworkSpec, parameterShapes } from '../network/network-spec.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import { elementCount, type StateDict } from '../base/tensor.ts';

export const STEPS = 8;

/** Instruction sets differ by about 1e-6; mixed-up gates by far more. */
const TOLERANCE = 1e-5;

/** The head's outputs after the last step, computed in 64 bits by test/cli/self-check.test.ts. */
export const expectedOutputs = {
  gru: [1.3594046530690458, 0.6781841628268089],
  lstm: [0.6486969223775613, 0.5527475921522924],
};

/** Runs a small network of each cell on the kernels in use. Throws `golden-mismatch` if one computes wrong numbers. */
export function checkCells(): void {
  for (const [cell, expected] of Object.entries(expectedOutputs) as [CellName, number[]][]) {
    const computed = runCell(cell);
    const apart = Math.max(...expected.map((value, i) => Math.abs(value - computed[i]!)));
    if (apart <= TOLERANCE) continue;
    const received = `others, ${apart} apart: the addon is damaged, or this machine computes wrongly`;
    throw new GatecastError(
      'golden-mismatch',
      `Expected the known outputs of a small ${cell} but received ${received}.`,
    );
  }
}

/** Two layers, of a size that does not fill the vectors of any instruction set evenly. */
export function checkedSpec(cell: CellName): NetworkSpec {
  const sizes = { inputSize: 3, hiddenSize: 20, projSize: 0, numLayers: 2, headSize: 2 };
  return { cell, bias: true, bidirectional: false, ...sizes };
}

/** Numbers from -0.5 to 0.5, the same everywhere: the fractional parts of multiples of the golden ratio by squares. */
export function fixedNumbers(count: number, seed: number): Float32Array {
  const ratio = (Math.sqrt(5) - 1) / 2;
  return Float32Array.from({ length: count }, (_, i) => (((i + seed) ** 2 * ratio) % 1) - 0.5);
}

function runCell(cell: CellName): Float32Array {
  const spec = checkedSpec(cell);
  const weights: StateDict = {};
  let seed = 0;
  for (const [name, shape] of parameterShapes(spec)) {
    weights[name] = { shape: [...shape], data: fixedNumbers(elementCount(shape), ++seed) };
  }
  const network = new RecurrentNetwork(spec);
  try {
    network.loadStateDict(weights);
    const state = network.createState();
    const input = fixedNumbers(STEPS * spec.inputSize, ++seed);
    let output = new Float32Array();
    for (let t = 0; t < STEPS; t++) {
      output = state.step(input.subarray(t * spec.inputSize, (t + 1) * spec.inputSize)).slice();
    }
    state.dispose();
    return output;
  } finally {
    network.dispose();
  }
}
