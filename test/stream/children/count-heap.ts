// Prints how many bytes of the V8 heap recording a count and a time use up.
import { StreamMetrics } from '../../../lib/metrics/stream-metrics.ts';

const CALLS = 20_000;
const ROUNDS = 6;

/** Bytes a call in the best of some rounds: what a call allocates it allocates in each, what V8's compilers do in few. */
function bytesPerCall(call: (k: number) => unknown): number {
  for (let k = 0; k < CALLS; k++) call(k);
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    globalThis.gc!();
    const before = process.memoryUsage().heapUsed;
    for (let k = 0; k < CALLS; k++) call(k);
    least = Math.min(least, (process.memoryUsage().heapUsed - before) / CALLS);
  }
  return least;
}

const metrics = new StreamMetrics();
const counter = metrics.counter('samples');
const step = metrics.time('step');
const times = Float64Array.from({ length: 256 }, (_, k) => 1.1 ** k);
let kept: number[] = [];
console.log(
  JSON.stringify({
    'a list': bytesPerCall((k) => (kept = [k])),
    'a count': bytesPerCall(() => counter.add()),
    'a time': bytesPerCall((k) => step.record(times[k & 255]!)),
    kept: kept.length,
  }),
);
