import { AttachedStates } from '../network/attached-states.ts';
import { isOfLayer, type NetworkSpec, outputSize } from '../network/network-spec.ts';
import { RecurrentNetwork } from '../network/recurrent-network.ts';
import { readStateDict } from '../network/state-dict.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import { compareGoldens, goldenInput, MAX_GOLDEN, MAX_GOLDEN_STEPS } from './golden-vectors.ts';
import { checkMagnitudes } from './magnitudes.ts';

const WHY = 'its weights were changed, or were stored in another gate order or form';

/**
 * What a network computes from a fixed input, each [steps][values]: `golden.input`; `golden.layer0` and so on, the
 * output of each layer for the output of the layer below; and `golden.output`, the output of the head, of a network of
 * two directions only that after the last step.
 */
export function makeGoldens(spec: NetworkSpec, weights: StateDict): StateDict {
  const input = goldenInput(spec.inputSize);
  const goldens: StateDict = { 'golden.input': input, 'golden.output': run(spec, weights, input) };
  let below = input;
  for (let k = 0; k < spec.numLayers; k++) goldens[`golden.layer${k}`] = below = runLayer(spec, weights, k, below);
  return goldens;
}

/**
 * Runs a network again and compares it with its goldens, layer by layer. Each layer is fed with the golden output of
 * the layer below, so that the error names the first layer that computes something else. Throws `golden-mismatch`, and
 * `invalid-state-dict` if the goldens are not those of a network of this shape.
 */
export function checkGoldens(spec: NetworkSpec, weights: StateDict, goldens: StateDict, file: string): void {
  checkShapes(spec, goldens);
  let below = goldens['golden.input']!;
  for (let k = 0; k < spec.numLayers; k++) {
    const layer = goldens[`golden.layer${k}`]!;
    compareGoldens(runLayer(spec, weights, k, below), layer, `layer ${k} of ${file}`, WHY);
    below = layer;
  }
  const output = goldens['golden.output']!;
  compareGoldens(runHead(spec, weights, below), output, `the head of ${file}`, WHY);
  compareGoldens(run(spec, weights, goldens['golden.input']!), output, `the network of ${file} as a whole`, WHY);
}

function checkShapes(spec: NetworkSpec, goldens: StateDict): void {
  const steps = Math.min(Math.max(goldens['golden.input']?.shape[0] ?? 0, 1), MAX_GOLDEN_STEPS);
  const shapes = new Map([['golden.input', [steps, spec.inputSize]]]);
  for (let k = 0; k < spec.numLayers; k++) shapes.set(`golden.layer${k}`, [steps, outputSize(spec)]);
  readStateDict(shapes.set('golden.output', [spec.bidirectional ? 1 : steps, spec.headSize]), goldens);
  checkMagnitudes(goldens, MAX_GOLDEN);
}

/** The output of one layer, which runs as a network of its own; what a residual layer adds comes after. */
function runLayer(spec: NetworkSpec, weights: StateDict, layer: number, input: Tensor): Tensor {
  const own = Object.entries(weights).filter(([name]) => isOfLayer(name, layer));
  const renamed = Object.fromEntries(own.map(([name, tensor]) => [name.replace(`_l${layer}`, '_l0'), tensor]));
  const output = run({ ...spec, inputSize: input.shape[1]!, numLayers: 1, headSize: 0, attention: 0 }, renamed, input);
  if (!spec.residual || layer === 0) return output;
  return { shape: output.shape, data: output.data.map((value, i) => value + input.data[i]!) };
}

function run(spec: NetworkSpec, weights: StateDict, input: Tensor): Tensor {
  const [steps, inputSize] = input.shape as [number, number];
  const network = new RecurrentNetwork(spec);
  try {
    network.loadStateDict(weights);
    if (spec.headSize === 0) return network.forward(input).output;
    if (spec.bidirectional) return runWindow(network, input);
    const state = network.createState();
    const outputs = Array.from({ length: steps }, (_, t) =>
      state.step(input.data.subarray(t * inputSize, (t + 1) * inputSize)).slice(),
    );
    state.dispose();
    const size = outputs[0]!.length;
    const data = new Float32Array(steps * size);
    outputs.forEach((output, t) => data.set(output, t * size));
    return { shape: [steps, size], data };
  } finally {
    network.dispose();
  }
}

function runWindow(network: RecurrentNetwork, input: Tensor): Tensor {
  const states = new AttachedStates(network, 1);
  try {
    states.runWindows(0, Int32Array.of(input.shape[0]!), input.data);
    return { shape: [1, states.outputSize], data: Float32Array.from(states.output) };
  } finally {
    states.dispose();
  }
}

/**
 * The head's output for the outputs of the last layer [steps][values], in plain loops in 64 bits: nothing can go wrong
 * above the layers but the numbers.
 */
function runHead({ bidirectional, attention = 0 }: NetworkSpec, weights: StateDict, { shape, data }: Tensor): Tensor {
  const [steps, size] = shape as [number, number];
  const outputs = Array.from({ length: steps }, (_, t) => [...data.subarray(t * size, (t + 1) * size)]);
  const first = bidirectional ? steps - 1 : 0;
  const answers = outputs.slice(first).map((output, i) => {
    const newest = bidirectional ? [...output.slice(0, size / 2), ...outputs[0]!.slice(size / 2)] : output;
    if (attention === 0) return linear(weights, 'head', newest);
    const t = first + i;
    const zeros = Array<number>(size).fill(0); // outputs before the first step
    const last = Array.from({ length: attention }, (_, j) => outputs[t + 1 - attention + j] ?? zeros);
    return linear(weights, 'head', [...newest, ...attend(linear(weights, 'attention', newest), last)]);
  });
  return { shape: [answers.length, answers[0]!.length], data: Float32Array.from(answers.flat()) };
}

function linear(weights: StateDict, name: string, input: readonly number[]): number[] {
  const { data } = weights[`${name}.weight`]!;
  return Array.from(weights[`${name}.bias`]!.data, (bias, row) => {
    let sum = bias;
    for (let i = 0; i < input.length; i++) sum += data[row * input.length + i]! * input[i]!;
    return sum;
  });
}

/** The mean of the outputs, each weighted by the softmax of its scaled product with the query. */
function attend(query: readonly number[], outputs: readonly (readonly number[])[]): number[] {
  const scores = outputs.map((output) => output.reduce((sum, value, i) => sum + value * query[i]!, 0));
  const largest = Math.max(...scores);
  const shares = scores.map((score) => Math.exp((score - largest) / Math.sqrt(query.length)));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  return query.map((_, i) => outputs.reduce((sum, output, j) => sum + (shares[j]! / whole) * output[i]!, 0));
}
