import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { quantile } from '../../lib/base/sorted.ts';
import type { Forecaster } from '../../lib/model/forecaster.ts';
import { Calibration } from '../../lib/online/judging/calibration.ts';
import { fit } from '../../lib/train/train.ts';

// The data sets may not be shipped: they lie beside the project where they are described, or these tests skip.
const sets = [
  { name: 'machine temperature', file: 'nab/machine_temperature_system_failure.csv', column: 'value' },
  { name: 'oil temperature (ETTm1)', file: 'ett/ETTm1.csv', column: 'OT' },
].map((set) => ({ ...set, file: fileURLToPath(new URL(`../../../shared/data/${set.file}`, import.meta.url)) }));

const levels = [0.05, 0.1, 0.5, 0.9, 0.95];
const horizon = 12;
const learned = 5000; // rows
const after = 2000; // samples

const changes = ['no change', 'the level rises by 3 deviations', 'the changes triple'] as const;

describe.each(sets)('intervals on $name hold what they promise', ({ name, file, column }) => {
  const here = existsSync(file);
  if (!here) console.warn(`SKIPPED: the test of coverage needs ${file}`);

  test.skipIf(!here)('around the last value, with fixed quantiles of its error', async () => {
    const values = await series(file, column);
    const errors = Array.from({ length: horizon }, (_, h) => {
      const sorted = values
        .slice(h + 1, learned)
        .map((value, i) => value - values[i]!)
        .sort();
      return levels.map((level) => quantile(sorted, level));
    });
    for (const change of changes) {
      check(name, change, changed(values, change), (value, block) => {
        for (let h = 0; h < horizon; h++) {
          block[h] = value;
          levels.forEach((_, l) => {
            block[(1 + l) * horizon + h] = value + errors[h]![l]!;
          });
        }
      });
    }
  });

  test.skipIf(!here)('around the forecasts of a network', async () => {
    const values = await series(file, column);
    const model = await fit(
      { names: ['y'], columns: [values.slice(0, learned)] },
      { targets: 'y', horizon, levels, hidden: 8, epochs: 6, lookback: 48, seed: 1 },
    );
    for (const change of changes) check(`${name}, GRU`, change, changed(values, change), forecasts(model));
    model.dispose();
  });
});

async function series(file: string, column: string): Promise<Float64Array> {
  const { names, columns } = await readCsv(file, { order: 'file' });
  return columns[names.indexOf(column)]!;
}

/** The series with something else from its middle on. */
function changed(values: Float64Array, change: (typeof changes)[number]): Float64Array {
  const middle = values.length >> 1;
  const random = gaussian();
  if (change === 'no change') return values;
  if (change === 'the level rises by 3 deviations') {
    const rise = 3 * deviation(values);
    return values.map((value, i) => (i < middle ? value : value + rise));
  }
  // White noise of twice the deviation of the changes d adds 2 * 2^2 to their square: 1 + 8 = 3^2.
  const size = 2 * deviation(values.slice(1).map((value, i) => value - values[i]!));
  return values.map((value, i) => (i < middle ? value : value + size * random()));
}

/** Runs the stream and asks for the promised coverage within 2 points, overall and after the middle. */
function check(name: string, change: string, values: Float64Array, say: (value: number, block: Float64Array) => void) {
  const calibration = new Calibration({ targets: 1, horizon, levels });
  const row = new Float64Array(calibration.size);
  calibration.reset(row, 0);
  const block = new Float64Array(horizon * (1 + levels.length));
  const middle = values.length >> 1;
  const steps = [1, horizon];
  const said = steps.map(() => [] as number[][]);
  const inside = steps.map(() => [0, 0, 0, 0]);
  for (let now = 0; now < values.length; now++) {
    calibration.observe(row, 0, values.subarray(now, now + 1));
    steps.forEach((step, s) => {
      const then = said[s]![now - step];
      if (!then) return;
      [
        [1, 3],
        [0, 4],
      ].forEach(([lower, upper], i) => {
        if (!(values[now]! >= then[lower!]! && values[now]! <= then[upper!]!)) return;
        inside[s]![i]! += 1;
        if (now >= middle && now < middle + after) inside[s]![2 + i]! += 1;
      });
    });
    say(values[now]!, block);
    calibration.calibrate(row, 0, block, 0);
    steps.forEach((step, s) => said[s]!.push(levels.map((_, l) => block[(1 + l) * horizon + step - 1]!)));
  }
  steps.forEach((step, s) => {
    const [all80, all90, late80, late90] = inside[s]!;
    const shares = [all80! / (values.length - step), all90! / (values.length - step), late80! / after, late90! / after];
    const shown = shares.map((share) => (100 * share).toFixed(1)).join(' ');
    console.log(`${name}, ${change}, step ${step}: ${shown} % (80, 90 overall; 80, 90 in the ${after} samples after)`);
    expect(calibration.coverage(row, 0, 1, 3, 0, step)!.total).toBeCloseTo(shares[0]!, 12);
    expect(calibration.coverage(row, 0, 0, 4, 0, step)!.total).toBeCloseTo(shares[1]!, 12);
    shares.forEach((share, i) =>
      expect.soft(Math.abs(share - [0.8, 0.9][i % 2]!), `${change}, step ${step}, ${i}`).toBeLessThanOrEqual(0.02),
    );
  });
}

function forecasts(model: Forecaster): (value: number, block: Float64Array) => void {
  const state = model.createState();
  return (value, block) => {
    const { mean, quantiles } = state.step(value)!;
    block.set(mean);
    levels.forEach((level, l) => block.set(quantiles[level]!, (1 + l) * horizon));
  };
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/** Normal numbers of Box and Muller, always the same. */
function gaussian(): () => number {
  let seed = 7;
  const uniform = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed + 0.5) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}
