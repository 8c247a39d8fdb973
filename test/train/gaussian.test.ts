import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, toArray } from 'rxjs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Table } from '../../lib/data/table.ts';
import { normalQuantile } from '../../lib/base/normal.ts';
import { createRandom } from '../../lib/base/random.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { readRecording } from '../../lib/recording/read-recording.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import { fit } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** `value` jumps about 10 with a deviation of 0.5 or 3, which `rough` announces one row before. */
function noise(rows: number): Table {
  const random = createRandom(11);
  const rough = Float64Array.from({ length: rows }, (_, row) => Math.floor(row / 20) % 2);
  const value = rough.map((_, row) => 10 + (rough[row - 1] ? 3 : 0.5) * normalQuantile(0.001 + 0.998 * random()));
  return { names: ['value', 'rough'], columns: [value, rough] };
}

describe('a forecaster with a Gaussian head', () => {
  const table = noise(3000);
  let model: Forecaster;
  beforeAll(async () => {
    model = await fit(table, {
      targets: 'value',
      inputs: ['rough'],
      horizon: 2,
      loss: 'gaussian',
      anchor: 'none',
      lookback: 8,
      hidden: 16,
      epochs: 40,
      learningRate: 0.01,
    });
  });

  const samples = Array.from({ length: 200 }, (_, row) => ({
    at: 1000 * row,
    values: { value: table.columns[0]![row]!, rough: table.columns[1]![row]! },
  }));

  test('learns the deviation of the true value from the input that announces it', () => {
    const state = model.createState();
    const deviations: number[][] = [[], []];
    for (const sample of samples) {
      const { distribution, mean } = state.step(sample)!;
      expect(distribution!.family).toBe('gaussian');
      expect(distribution!.parameters['mean']).toEqual(mean);
      expect(mean[0]! - 10).toBeLessThan(1);
      deviations[sample.values.rough]!.push(distribution!.parameters['deviation']![0]!);
    }
    const [calm, rough] = deviations.map((list) => list.toSorted((a, b) => a - b)[list.length >> 1]!);
    expect(calm).toBeGreaterThan(0.4);
    expect(calm).toBeLessThan(0.65);
    expect(rough).toBeGreaterThan(2.4);
    expect(rough).toBeLessThan(3.6);
  });

  test('has the same forecasts and the same fingerprint after saving and loading', () => {
    const again = Forecaster.fromBytes(model.toBytes());
    expect(again.fingerprint).toBe(model.fingerprint);
    expect(again.description).toEqual(model.description);
    const [one, other] = [model.createState(), again.createState()];
    for (const sample of samples) expect(other.step(sample)!.numbers).toEqual(one.step(sample)!.numbers);
    expect(() => model.createState().step(samples[0]!)!.interval(0.95)).toThrow(gatecastError('invalid-argument'));
  });

  test('keeps its distribution when a stream moves its quantiles, in each target and in JSON', async () => {
    const options = { adapt: { patience: 1 }, calibrate: true, skill: true, fallback: 'naive' as const };
    const live = await lastValueFrom(from(samples).pipe(forecast(model, options), toArray()));
    const state = model.createState();
    const plain = samples.map((sample) => state.step(sample)!);
    expect(live.map(({ distribution }) => distribution)).toEqual(plain.map(({ distribution }) => distribution));
    expect(live.some(({ trust }) => trust!.adapted)).toBe(true);
    expect(live.at(-1)!.quantiles[0.95]).not.toEqual(plain.at(-1)!.quantiles[0.95]);
    const last = plain.at(-1)!;
    expect(last.target('value').distribution).toEqual(last.distribution);
    const { distribution } = last.toJSON();
    expect(distribution).toEqual({
      family: 'gaussian',
      parameters: {
        mean: { value: [...last.distribution!.parameters['mean']!] },
        deviation: { value: [...last.distribution!.parameters['deviation']!] },
      },
    });
  });

  test('is recorded with its distribution, and replayed to the bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
    try {
      const path = join(folder, 'a.rec');
      const operator = record(path, { model, around: forecast(model) });
      const live = await lastValueFrom(from(samples).pipe(operator, toArray()));
      const read: unknown[] = [];
      for await (const entry of readRecording(path)) {
        if (entry.type === 'forecast') read.push(entry.forecast.distribution);
      }
      expect(read).toEqual(live.map(({ distribution }) => distribution));
      const { comparison } = await replay(path, model);
      expect(comparison).toMatchObject({ compared: samples.length, different: 0 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
