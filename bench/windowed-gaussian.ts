import { upperTail } from '../lib/base/normal.ts';

const WINDOW = 6400;
const STEP = 100;

/** The benchmark's own baseline: how far a value is from the last 6,400, whose statistics are updated every 100. */
export function windowedGaussian(values: Float64Array): Float64Array {
  let [window, coming]: number[][] = [[], []];
  let [mean, deviation] = [0, 1];
  return values.map((value, row) => {
    const score = row === 0 ? 0 : 1 - upperTail(Math.abs(value - mean) / deviation);
    if (window!.length < WINDOW) {
      window!.push(value);
    } else {
      coming!.push(value);
      if (coming!.length < STEP) return score;
      [window, coming] = [[...window!.slice(STEP), ...coming!], []];
    }
    mean = average(window!);
    deviation = Math.sqrt(average(window!.map((each) => (each - mean) ** 2))) || 1e-6;
    return score;
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
