// Prints how many bytes of the V8 heap a call uses up, for calls that allocate and calls that must not.
import { GRU } from '../../../lib/network/gru.ts';
import { LSTM } from '../../../lib/network/lstm.ts';
import { RecurrentNetwork } from '../../../lib/network/recurrent-network.ts';

const WARM_UP = 20_000;
const CALLS = 20_000;
const ROUNDS = 6;

/** Bytes a call in the best of some rounds: what a call allocates it allocates in each, what V8's compilers do in few. */
function bytesPerCall(call: () => unknown): number {
  for (let k = 0; k < WARM_UP; k++) call();
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc!();
    const before = process.memoryUsage().heapUsed;
    for (let k = 0; k < CALLS; k++) call();
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / CALLS);
  }
  return least;
}

let kept: unknown;
const results: Record<string, number> = {
  'a number on the heap': bytesPerCall(() => {
    kept = [Math.random()];
  }),
  'an empty function': bytesPerCall(() => undefined),
};

const sizes = { inputSize: 5, hiddenSize: 24, numLayers: 2, seed: 1 };
const gru = new GRU(sizes);
const networks = {
  gru,
  'gru, reset before': new GRU({ ...sizes, linearBeforeReset: false }),
  lstm: new LSTM(sizes),
  'lstm with projection': new LSTM({ ...sizes, projSize: 7 }),
  'gru with head': new RecurrentNetwork({ ...gru.spec, headSize: 20 }, { seed: 1 }),
};
const samples = { floats: Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5), doubles: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5) };
for (const [name, network] of Object.entries(networks)) {
  const state = network.createState();
  const other = network.createState();
  for (const [kind, sample] of Object.entries(samples)) {
    results[`step of a ${name}, ${kind}`] = bytesPerCall(() => state.step(sample));
  }
  results[`copyFrom of a ${name}`] = bytesPerCall(() => state.copyFrom(other));
}
console.log(JSON.stringify({ results, kept: Boolean(kept) }));
