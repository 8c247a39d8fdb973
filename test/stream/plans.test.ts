// A column known ahead on the ways of a live stream that keep or judge its samples.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, lastValueFrom, type OperatorFunction, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { aheadInputs } from '../../lib/model/ahead.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import type { TimedSample } from '../../lib/model/sample.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { readRecording } from '../../lib/recording/read-recording.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import { describeModel, partsFor } from '../support/models.ts';

const HORIZON = 3;

/** A forecaster of `load` that reads `price` ahead, as if it had been trained on both. */
function planned(): Forecaster {
  const inputs = [{ name: 'load' }, { name: 'price' }, ...aheadInputs(['price'], HORIZON)];
  const description = describeModel({ inputs, targets: ['load'], horizon: HORIZON, warmup: 1, gap: 'hold' });
  const names = inputs.map(({ name }) => name);
  const scaler = new Scaler(names, new Float64Array(names.length).fill(1), new Float64Array(names.length).fill(2));
  return Forecaster.from({ ...partsFor(description), scaler });
}

const model = planned();
const price = (step: number) => 3 * Math.sin(step);
const plan = (step: number, length = HORIZON + 1) => Array.from({ length }, (_, k) => price(step + k));
const load = (step: number) => Math.cos(step / 2) + (step % 17 === 0 ? 5 : 0);
const samples = (count: number, priceAt: (step: number) => object): TimedSample[] =>
  Array.from({ length: count }, (_, step) => ({ at: 1000 * step, values: { load: load(step), ...priceAt(step) } }));
const through = <T>(given: readonly TimedSample[], operator: OperatorFunction<TimedSample, T>): Promise<T[]> =>
  lastValueFrom(from(given).pipe(operator, toArray()));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-plans-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('a recording', () => {
  test.each<[string, (step: number) => object]>([
    ['a list', (step) => ({ price: plan(step) })],
    ['a typed array', (step) => ({ price: Float64Array.from(plan(step)) })],
    ['a list that is longer than the horizon', (step) => ({ price: plan(step, 9) })],
    ['a list with missing values', (step) => ({ price: [price(step), null, price(step + 2)] })],
    ['names of steps', (step) => ({ price: price(step), 'price+1': price(step + 1), 'price+3': 1 })],
    ['both, of which names count', (step) => ({ price: plan(step), 'price+2': 7 })],
    ['a plan now and then', (step) => (step % 3 === 0 ? { price: plan(step) } : {})],
  ])('keeps a plan that is given as %s', async (name, priceAt) => {
    const file = join(folder, `${name}.rec`);
    const given = samples(20, priceAt);
    const forecasts = await through(given, record(file, { model, around: forecast(model) }));
    expect(forecasts.map(({ numbers }) => numbers)).toEqual(
      (await through(given, forecast(model))).map(({ numbers }) => numbers),
    );
    const { comparison } = await replay(file, model);
    expect(comparison).toMatchObject({ compared: 20, different: 0 });
  });

  test('has no plan for a list of an input that is not known ahead, which the stream refuses too', async () => {
    const file = join(folder, 'wrong.rec');
    const wrong = { at: 0, values: { load: [1, 2], price: plan(0) } } as never;
    await through([wrong, ...samples(2, (step) => ({ price: plan(step) }))], record(file, { model }));
    const names: string[][] = [];
    for await (const entry of readRecording(file)) {
      if (entry.type === 'sample') names.push(Object.keys((entry.sample as TimedSample).values));
    }
    expect(names).toHaveLength(3);
    expect(names).toEqual(names.map(() => ['load', 'price', 'price+1', 'price+2', 'price+3']));
  });
});

describe('anomalies', () => {
  /** The plan that is known at a step if a whole one was given only at every third. */
  const known = (step: number) => {
    const begun = step - (step % 3);
    return Array.from({ length: HORIZON + 1 }, (_, k) => price(Math.min(step + k, begun + HORIZON)));
  };

  test('judge by a plan that was given before', async () => {
    const options = { warmup: 5, perDay: 100 };
    const each = await through(
      samples(120, (step) => ({ price: known(step) })),
      anomalies(model, options),
    );
    const seldom = await through(
      samples(120, (step) => (step % 3 === 0 ? { price: plan(step) } : {})),
      anomalies(model, options),
    );
    expect(each.some(({ score }) => score > 0)).toBe(true);
    expect(seldom).toEqual(each);
  });
});
