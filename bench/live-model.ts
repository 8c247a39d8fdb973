import { type Forecaster, fit } from 'gatecast';
import type { CellName } from './record.ts';

/**
 * A model as live streams use it: two inputs, one of them forecast three steps ahead, with an interval of 80 %. It is
 * trained briefly on a noisy rhythm, so that its weights are those of a trained model; how good it is does not matter
 * here.
 */
export function liveModel(cell: CellName, hidden: number): Promise<Forecaster> {
  const random = uniform(3);
  const columns = [new Float64Array(2000), new Float64Array(2000)];
  for (let t = 0; t < 2000; t++) {
    columns[0]![t] = 50 + 10 * Math.sin(t / 8) + random();
    columns[1]![t] = 20 + 0.2 * columns[0]![Math.max(0, t - 4)]! + random();
  }
  const table = { names: ['load', 'temperature'], columns };
  const levels = [0.1, 0.5, 0.9];
  const options = {
    targets: ['temperature'],
    inputs: table.names,
    horizon: 3,
    levels,
    interval: 1000,
    epochs: 2,
    seed: 1,
  };
  return fit(table, { ...options, cell, hidden });
}

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
