import type { Table } from '../../lib/data/table.ts';
import { createRandom } from '../../lib/base/random.ts';

/** A sine of period 24 with noise, and a second column of noise only. */
export function noisySine(rows: number, noise = 0.1, seed = 7): Table {
  const random = createRandom(seed);
  const jitter = () => noise * (random() + random() + random() - 1.5) * 2;
  return {
    names: ['sine', 'noise'],
    columns: [
      Float64Array.from({ length: rows }, (_, t) => 20 + 5 * (Math.sin((2 * Math.PI * t) / 24) + jitter())),
      Float64Array.from({ length: rows }, jitter),
    ],
    units: ['°C', undefined],
    at: Float64Array.from({ length: rows }, (_, t) => 60_000 * t),
  };
}
