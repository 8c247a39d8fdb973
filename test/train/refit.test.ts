// Learning again from the rows of training and of validation, for every kind of model.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, take, toArray } from 'rxjs';
import { afterAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { sliceRows, type Table } from '../../lib/data/table.ts';
import type { TrainOptions } from '../../lib/train/options.ts';
import { fit, train } from '../../lib/train/train.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatecast-refit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ROWS = 400;
const LAST = 200;
/** Validation begins a little before the first pulse. */
const SPLIT = { train: 320, validation: 80 };
const FIRST_PULSE = 330;
const random = createRandom(4);

/** A sine with noise; pulses, which fade away, come late. */
function series(phase: number): Table {
  let pulse = 0;
  const values = Float64Array.from({ length: ROWS + LAST }, (_, row) => {
    pulse = row >= FIRST_PULSE && (row + phase) % 12 === 0 ? 4 : 0.6 * pulse;
    return 5 + Math.sin((2 * Math.PI * (row + phase)) / 10) + pulse + 0.1 * random();
  });
  return { names: ['y'], columns: [values] };
}

const all = new Map([0, 3, 5, 7].map((phase) => [`${phase}`, series(phase)]));
const known = seriesOf(new Map([...all].map(([key, table]) => [key, sliceRows(table, 0, ROWS)])));

const kinds = {
  recurrent: { lookback: 20, levelShift: 0, scale: 'global' },
  deepar: { model: 'deepar', lookback: 20, paths: 20, lags: 'none', scale: 'global', learningRate: 0.003 },
  segment: { model: 'segment', lookback: 24, segment: 4 },
  esrnn: { model: 'esrnn', periods: [], lookback: 9, members: 2, epochs: 80, learningRate: 0.02, batchSize: 1 },
} as unknown as Record<string, TrainOptions>;
const shared: TrainOptions = { targets: 'y', horizon: 4, hidden: 8, epochs: 12, batchSize: 4, split: SPLIT };
const optionsOf = (kind: string): TrainOptions => ({ ...shared, ...kinds[kind] });

describe.each(Object.keys(kinds))('%s', (kind) => {
  const options = optionsOf(kind);
  const short = { ...options, epochs: 6 };

  test('knows what only the last rows show, and keeps what they said of the first weights', async () => {
    const plain = await lastValueFrom(train(known, { ...options, refit: false }));
    const again = await lastValueFrom(train(known, { ...options, refit: true }));
    const [first, second] = [plain.forecaster!, again.forecaster!];
    expect(second.description).toMatchObject({
      training: { refit: true, bestEpoch: first.description.training.bestEpoch },
    });
    expect(first.description.training).not.toHaveProperty('refit');
    expect(second.residuals).toEqual(first.residuals);
    expect(second.weights()).not.toEqual(first.weights());
    expect(second.description.training.validationLoss).toBe(first.description.training.validationLoss);
    expect(await again.validate!()).toEqual(await plain.validate!());
    const errorOf = async (model: typeof first) => (await evaluate(model, seriesOf(all), { from: ROWS })).scaled.mse;
    expect(await errorOf(second)).toBeLessThan(0.97 * (await errorOf(first)));
    second.dispose();
    await expect(again.validate!()).rejects.toThrow(gatecastError('disposed', /in use/));
  });

  test('has the same bits for any number of threads, and when it goes on from any pass', async () => {
    const passes = await lastValueFrom(train(known, { ...short, refit: true, threads: 1 }).pipe(toArray()));
    const best = passes.at(-1)!.bestEpoch;
    expect(best).toBeGreaterThan(0);
    expect(passes.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 6 + best + 1 }, (_, i) => i));
    expect(passes.at(-1)!.epochs).toBe(6 + best);
    const whole = passes.at(-1)!.forecaster!;
    const threads = await fit(known, { ...short, refit: true, threads: 3 });
    expect(threads.weights()).toEqual(whole.weights());
    for (const ended of [4, 6]) {
      const checkpoint = join(folder, `${kind}-${ended}`);
      const kept = { ...short, refit: true, threads: 1, checkpoint, checkpointEvery: 1 };
      await lastValueFrom(train(known, kept).pipe(take(ended + 1)));
      await expect.poll(() => existsSync(checkpoint), { timeout: 10_000 }).toBe(true);
      const resumed = await lastValueFrom(train(known, kept));
      expect(resumed.notes.at(-1)).toMatch(/goes on after pass/);
      expect(resumed.forecaster!.weights()).toEqual(whole.weights());
      expect(resumed.forecaster!.residuals).toEqual(whole.residuals);
    }
  });
});

test('goes with learning on from a model, whose frozen parts keep their bits', async () => {
  const from = await fit(known, { ...optionsOf('recurrent'), anchor: 'none', epochs: 1, learningRate: 0.001 });
  const split = { train: 370, validation: 30 };
  const model = await fit(known, { from, freeze: 'recurrent', epochs: 6, learningRate: 0.003, split, refit: true });
  expect(model.description.training).toMatchObject({ refit: true, from: from.fingerprint });
  const [before, after] = [from.weights(), model.weights()];
  expect(after.weight_ih_l0).toEqual(before.weight_ih_l0);
  expect(after['head.weight']).not.toEqual(before['head.weight']);
});

test('learns nothing again if no pass was better than the untrained weights', async () => {
  const noise = { names: ['y'], columns: [Float64Array.from({ length: 120 }, () => random())] };
  const options = { targets: 'y', horizon: 1, epochs: 1, learningRate: 1, anchor: 'none', rampUp: 0 } as const;
  const { forecaster, epochs } = await lastValueFrom(train(noise, { ...options, refit: true }));
  expect(forecaster!.description.training.bestEpoch).toBe(0);
  expect(forecaster!.description.training).not.toHaveProperty('refit');
  expect(epochs).toBe(1);
});

test("refuses the schedule 'plateau' in one sentence", () => {
  expect(() => train(known, { ...shared, refit: true, schedule: 'plateau' })).toThrow(
    gatecastError(
      'invalid-argument',
      /another schedule with options.refit: .* for options.schedule but received "plateau"/,
    ),
  );
});
