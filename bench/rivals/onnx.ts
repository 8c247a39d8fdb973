import type { Case, Stepper } from '../case.ts';
import { load } from './load.ts';
import { onnxModel } from './onnx-model.ts';

interface Tensor {
  readonly data: Float32Array;
}
type Tensors = Record<string, Tensor>;

interface Session {
  run(feeds: Tensors, fetches: Tensors): Promise<Tensors>;
}

export interface OnnxRuntime {
  Tensor: new (type: 'float32', data: Float32Array, shape: number[]) => Tensor;
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
}

export const loadOnnxRuntime = (): Promise<OnnxRuntime | undefined> => load<OnnxRuntime>('onnxruntime-node');

/**
 * ONNX Runtime with everything made once: the tensors of two sides take turns as input and output, so that no step
 * allocates a tensor. Fresh outputs at each call, or no arena, made no difference within the noise. One thread, like
 * ours.
 */
export async function onnxStepper(runtime: OnnxRuntime, net: Case, batch: number): Promise<Stepper> {
  const session = await runtime.InferenceSession.create(onnxModel(net, batch), {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    enableCpuMemArena: true,
    enableMemPattern: true,
  });
  const tensor = (width: number) => new runtime.Tensor('float32', new Float32Array(batch * width), [1, batch, width]);
  const input = tensor(net.inputs);
  const sides = [0, 1].map(() => ({ h: tensor(net.hidden), c: net.cell === 'lstm' ? tensor(net.hidden) : undefined }));
  const calls = [0, 1].map((side) => {
    const [from, to] = [sides[side]!, sides[1 - side]!];
    const feeds: Tensors = { X: input, H: from.h };
    const fetches: Tensors = { Y_H: to.h };
    if (from.c !== undefined) feeds['C'] = from.c;
    if (to.c !== undefined) fetches['Y_C'] = to.c;
    return { feeds, fetches, answer: to.h };
  });
  let side = 0;

  async function step(x: Float32Array): Promise<Float32Array> {
    input.data.set(x);
    const { feeds, fetches, answer } = calls[side]!;
    side = 1 - side;
    await session.run(feeds, fetches);
    return answer.data;
  }
  return {
    name: 'onnxruntime-node',
    step,
    async run(x, count) {
      for (let k = 0; k < count; k++) await step(x);
    },
  };
}
