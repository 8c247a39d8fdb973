import { from, lastValueFrom, type OperatorFunction, tap } from 'rxjs';
import { beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest';
import type { Sample } from '../../lib/model/sample.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { anomalies } from '../../lib/stream/anomaly/anomalies.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { KeyedStreams } from '../../lib/stream/fleet/keyed-streams.ts';
import { LiveModel } from '../../lib/stream/swap/live-model.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel();
const learner = new OnlineForecaster({ inputs: ['pressure', 'temperature'] });
const byName = (names: object, count: number) => Array.from({ length: count }, () => ({ values: names as Named }));
type Named = Readonly<Record<string, number>>;
const misspelt = { pressure: 10, temperatur: 20, humidity: 3 };
const right = { pressure: 10, temperature: 20, humidity: 3 };

type Options = { onInvalid?: 'skip' };
const operators: Record<string, (options?: Options) => OperatorFunction<{ values: Named }, unknown>> = {
  forecast: (options) => forecast(model, options),
  'a StreamState': (options) => forecast(new StreamState(model, options)),
  'a LiveModel': (options) => forecast(new LiveModel(model, options)),
  forecastBy: (options) => forecastBy((_, n = Math.random()) => n, model, options),
  KeyedStreams: (options) =>
    forecastBy((_, n = Math.random()) => n, new KeyedStreams<number>(model, { recent: 3, ...options })),
  'anomalies of a forecaster': (options) => anomalies(model, options),
  'anomalies of a learner': (options) => anomalies(learner, { interval: '1m', ...options }),
};

let warn: MockInstance;
beforeEach(() => {
  warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
});

const changeable = ['a LiveModel', 'KeyedStreams'];

/** How many samples were taken from a source before it ended, and its error. */
async function run(operator: OperatorFunction<{ values: Named }, unknown>, samples: { values: Named }[]) {
  let asked = 0;
  const counted = from(samples).pipe(tap(() => asked++));
  const error: unknown = await lastValueFrom(counted.pipe(operator), { defaultValue: 0 }).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return { asked, error };
}

describe.each(Object.keys(operators))('%s', (name) => {
  test('gives up a source if none of its first thousand samples is usable, and says why', async () => {
    const { asked, error } = await run(operators[name]!(), byName(misspelt, 1500));
    // If a model can be swapped for one with fewer inputs, a sample may lack any of them.
    const hint = changeable.includes(name) ? '' : '.*The sample has "temperatur". Did you mean "temperature"\\?';
    expect(error).toEqual(gatecastError('unusable-source', new RegExp(`first 1000 .*number for temperature${hint}`)));
    expect(asked).toBe(1000);
  });

  test('warns of it at the tenth sample, once, unless invalid samples are said to be left out', async () => {
    await run(operators[name]!(), byName(misspelt, 9));
    await run(operators[name]!(), [...byName(right, 1), ...byName(misspelt, 50)]);
    await run(operators[name]!({ onInvalid: 'skip' }), byName(misspelt, 50));
    expect(warn).not.toHaveBeenCalled();
    await run(operators[name]!(), byName(misspelt, 50));
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringMatching(/^Expected one usable sample among the first 10 but received none, .* temperature/),
      { type: 'GatecastWarning', code: 'unusable-source' },
    );
  });

  test('accepts any number of unusable samples after a usable one', async () => {
    const samples = [...byName(misspelt, 999), ...byName(right, 1), ...byName(misspelt, 1500)];
    expect(await run(operators[name]!(), samples)).toEqual({ asked: samples.length, error: undefined });
  });
});

test('also with gaps to fill, a sample with other names only is invalid; one without any names is missing', async () => {
  const filling = forecast(model, { gap: 'hold' });
  const { error } = await run(filling, byName({ temp: 3, press: 4 }, 1000));
  expect(error).toEqual(gatecastError('unusable-source', /pressure .*The sample has "temp", "press"/));
  expect(await run(filling, byName({ temp: 3, temperature: null }, 1100))).toMatchObject({ error: undefined });
  expect(await run(filling, byName({}, 1100))).toMatchObject({ error: undefined });
});

test('the error names the most frequent reason, and the count starts again for a source that continues', () => {
  const state = new StreamState(model);
  const step = (sample: Sample) => state.step(sample);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 400; i++) step([1, 2, i]);
    for (let i = 0; i < 599; i++) step([Number.NaN, 2]);
    expect(() => step([1])).toThrow(gatecastError('unusable-source', /because: Expected a finite number for pressure/));
  }
  expect(state.step([10, 20])).toBeDefined();
});

test('absurdly large values are unusable, too', () => {
  const state = new StreamState(model);
  for (let i = 0; i < 999; i++) state.step([1e300, 20]);
  expect(() => state.step([1e300, 20])).toThrow(gatecastError('unusable-source', /deviations of the mean/));
});
