import { createRequire } from 'node:module';
import { dirname, join, sep } from 'node:path';
import type { Case, Stepper } from '../case.ts';
import { gatesOf } from '../case.ts';
import { load } from './load.ts';

interface Tensor {
  dataSync(): Float32Array;
  dispose(): void;
}

/** The parts of @tensorflow/tfjs-core that are used. */
export interface Tfjs {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor1d(values: Float32Array): Tensor;
  tensor2d(values: Float32Array, shape: [number, number]): Tensor;
  tidy<Result extends Tensor | Tensor[]>(work: () => Result): Result;
  split(x: Tensor, parts: number, axis: number): Tensor[];
  add(a: Tensor, b: Tensor): Tensor;
  sub(a: Tensor, b: Tensor): Tensor;
  mul(a: Tensor, b: Tensor): Tensor;
  sigmoid(x: Tensor): Tensor;
  tanh(x: Tensor): Tensor;
  fused: { matMul(options: { a: Tensor; b: Tensor; bias: Tensor }): Tensor };
}

interface WasmBackend {
  setWasmPaths(folder: string): void;
  setThreadsCount(count: number): void;
}

/** TensorFlow.js on its WebAssembly backend: SIMD, one thread. */
export async function loadTfjs(): Promise<Tfjs | undefined> {
  const tf = await load<Tfjs>('@tensorflow/tfjs-core');
  const wasm = await load<WasmBackend>('@tensorflow/tfjs-backend-wasm');
  if (tf === undefined || wasm === undefined) return undefined;
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(join(dirname(entry), sep));
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) return undefined;
  await tf.ready();
  return tf;
}

/** The operations of its GRU and LSTM cells, with the two products fused with their biases. */
export function tfjsStepper(tf: Tfjs, net: Case): Stepper {
  const { cell, inputs, hidden } = net;
  const gates = gatesOf(cell);
  const rows = gates * hidden;
  const weightIh = tf.tensor2d(transposed(net.weightIh, rows), [inputs, rows]);
  const weightHh = tf.tensor2d(transposed(net.weightHh, rows), [hidden, rows]);
  const biasIh = tf.tensor1d(net.biasIh);
  const biasHh = tf.tensor1d(net.biasHh);
  let state = [tf.tensor2d(new Float32Array(hidden), [1, hidden]), tf.tensor2d(new Float32Array(hidden), [1, hidden])];

  function next(x: Float32Array, h: Tensor, c: Tensor): Tensor[] {
    const a = tf.fused.matMul({ a: tf.tensor2d(x, [1, inputs]), b: weightIh, bias: biasIh });
    const b = tf.fused.matMul({ a: h, b: weightHh, bias: biasHh });
    if (cell === 'gru') {
      const [ar, az, an] = tf.split(a, 3, 1) as [Tensor, Tensor, Tensor];
      const [br, bz, bn] = tf.split(b, 3, 1) as [Tensor, Tensor, Tensor];
      const z = tf.sigmoid(tf.add(az, bz));
      const n = tf.tanh(tf.add(an, tf.mul(tf.sigmoid(tf.add(ar, br)), bn)));
      return [tf.add(n, tf.mul(z, tf.sub(h, n)))];
    }
    const [i, f, g, o] = tf.split(tf.add(a, b), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const nextC = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    return [tf.mul(tf.sigmoid(o), tf.tanh(nextC)), nextC];
  }

  function step(x: Float32Array): Float32Array {
    const [h, c] = state as [Tensor, Tensor];
    const after = tf.tidy(() => next(x, h, c));
    h.dispose();
    if (after.length === 2) c.dispose();
    state = after.length === 2 ? after : [after[0]!, c];
    return after[0]!.dataSync();
  }
  return {
    name: 'tfjs-wasm',
    step,
    run(x, count) {
      for (let k = 0; k < count; k++) step(x);
    },
  };
}

// In the layout of its own cells; `transposeB` of the fused product gave wrong numbers at 64 columns.
function transposed(matrix: Float32Array, rows: number): Float32Array {
  const columns = matrix.length / rows;
  return matrix.map((_, at) => matrix[(at % rows) * columns + Math.floor(at / rows)]!);
}
