import { mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { concat, filter, from, map, mergeMap, type Observable, Subject, take, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { createRandom } from '../../lib/base/random.ts';
import type { Sample, TimedSample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { record } from '../../lib/stream/recording/record.ts';
import { replay } from '../../lib/stream/replay/replay.ts';
import type { ReplayOptions } from '../../lib/stream/replay/replay-options.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel();
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  path = join(folder, 'a.rec');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Samples a second apart; the model's means are 10 and 20, its deviations 0.5 and 1.5. */
const series = (count: number): TimedSample[] =>
  Array.from({ length: count }, (_, i) => ({
    at: 1_000_000 + 1000 * i,
    values: [10 + Math.sin(i / 3) / 2, 20 + Math.cos(i / 5)],
    arrivedAt: 1_000_050 + 1000 * i,
    offset: i,
  }));

/** All that a live stream does beyond stepping, so that replaying has to do all of it. */
const everything = {
  gap: 'impute',
  lateness: '5s',
  health: true,
  calibrate: true,
  skill: true,
  fallback: 'naive',
  watch: true,
} satisfies StreamOptions;

/** Late, doubled, missing and invalid samples with the others. */
function untidy(count: number): Sample[] {
  const random = createRandom(7);
  return series(count).flatMap((sample, i) => {
    const chance = random();
    if (chance < 0.05) return [];
    if (chance < 0.1) return [sample, sample];
    if (chance < 0.15) return [{ ...sample, values: [Number.NaN, 20] }];
    if (chance < 0.2) return [{ ...sample, at: (sample.at as number) - 2000 }];
    return i % 50 === 49 ? [{ values: { temperature: 1e300 } }] : [sample];
  });
}

function recordAll(samples: readonly Sample[], options: StreamOptions = {}): LiveForecast[] {
  const seen: LiveForecast[] = [];
  from(samples)
    .pipe(record(path, { model, options, around: forecast(model, options) }))
    .subscribe((f) => seen.push(f));
  return seen;
}

describe('a recording replayed on the build that made it', () => {
  test.each([
    ['of a bare stream', {}],
    ['of a stream with all its parts', everything],
  ])('%s is the same to the bit', async (_, options: StreamOptions) => {
    const seen = recordAll(untidy(300), options);
    const again: LiveForecast[] = [];
    const report = await replay(path, model, { onForecast: (f) => again.push(f) });
    expect(report).toMatchObject({
      changed: [],
      ending: 'complete',
      lost: 0,
      failure: undefined,
      disturbance: undefined,
      forecasts: seen.length,
      corrections: seen.filter(({ kind }) => kind === 'correction').length,
      comparison: { compared: seen.length, different: 0, first: undefined },
    });
    expect(again).toEqual(seen); // with what is not recorded: trust
  });

  test('of many streams too, though they were stepped together', async () => {
    const keyed = untidy(100).flatMap((sample, i) =>
      [1, 2, 3].map((id) => ({ ...(sample as TimedSample), id, offset: 3 * i + id })),
    );
    const around = forecastBy((s: { id: number } & TimedSample) => s.id, model, everything);
    from(keyed)
      .pipe(record(path, { model, options: everything, key: (s) => s.id, around }))
      .subscribe();
    const { comparison } = await replay(path, model);
    expect(comparison).toMatchObject({ different: 0 });
    expect(comparison!.compared).toBeGreaterThan(200);
  });

  test('of a stream that went on from a snapshot', async () => {
    const samples = untidy(200);
    const state = new StreamState(model, everything);
    for (const sample of samples.slice(0, 100)) state.step(sample);
    from(samples.slice(100))
      .pipe(record(path, { model, options: everything, state: state.snapshot(), around: forecast(state) }))
      .subscribe();
    expect((await replay(path, model)).comparison).toMatchObject({ different: 0 });
    const other = makeModel({ horizon: 2 });
    await expect(replay(path, other)).rejects.toThrow(gatecastError('invalid-file', /of the model/));
  });

  test('of a stream that an invalid sample ended', async () => {
    const samples = [...series(5), [1, Number.NaN], ...series(3)];
    from(samples)
      .pipe(record(path, { model, options: { onInvalid: 'error' }, around: forecast(model, { onInvalid: 'error' }) }))
      .subscribe({ error: () => {} });
    expect(await replay(path, model)).toMatchObject({
      samples: 6,
      ending: 'error',
      failure: { sample: 6, message: expect.stringMatching(/finite number/) },
      comparison: { compared: 5, different: 0 },
    });
  });
});

describe('what differs is shown', () => {
  /** The forecasts of a model, of which those from `number` on, counted from 1, are spoiled before they are recorded. */
  function recordSpoiled(number: number, spoil: (f: LiveForecast) => LiveForecast): LiveForecast[] {
    const seen: LiveForecast[] = [];
    const around = (source: Observable<Sample>) =>
      source.pipe(
        forecast(model),
        map((f, i) => (i + 1 < number ? f : spoil(f))),
      );
    from(series(20))
      .pipe(record(path, { model, around }))
      .subscribe((f) => seen.push(f));
    return seen;
  }

  test('with the first place: which forecast, when, of what, how far ahead, at which level', async () => {
    const wrong = 12.5;
    const seen = recordSpoiled(8, (f) => {
      // [1 + levels][targets][horizon] of one target, 3 steps and the levels 0.1, 0.5, 0.9
      (f.numbers as number[])[3 + 2] = wrong;
      (f.numbers as number[])[9 + 1] = wrong;
      return f;
    });
    const right: LiveForecast[] = [];
    const { comparison } = await replay(path, model, { onForecast: (f) => right.push(f) });
    expect(comparison).toEqual({
      compared: 20,
      different: 13,
      first: {
        number: 8,
        key: undefined,
        at: 1_007_000,
        what: 'number',
        target: 'temperature',
        step: 3,
        level: 0.1,
        recorded: wrong,
        computed: right[7]!.quantiles[0.1]![2],
        differing: 2,
      },
    });
    expect(seen[7]!.numbers[5]).toBe(wrong);
  });

  test('a difference of the last bit, and of the sign of 0, counts', async () => {
    recordSpoiled(20, (f) => {
      const numbers = f.numbers as number[];
      numbers[0] = numbers[0]! * (1 + Number.EPSILON);
      return f;
    });
    const { comparison } = await replay(path, model);
    expect(comparison).toMatchObject({ different: 1, first: { number: 20, step: 1, level: undefined, differing: 1 } });
  });

  test('a model with other weights, and one of another shape', async () => {
    recordAll(series(10));
    const trained = { ...model.description.training, seed: 2 };
    const retrained = makeModel({ training: trained }); // to the same weights
    expect(await replay(path, retrained)).toMatchObject({ changed: [], comparison: { different: 0 } });
    const weights = model.weights();
    weights['head.bias']!.data[0]! += 1;
    const parts = { description: model.description, weights, scaler: model.scaler, residuals: model.residuals };
    const { comparison, changed } = await replay(path, Forecaster.from(parts));
    expect(changed.map(({ name }) => name)).toEqual(['model']);
    expect(comparison).toMatchObject({ compared: 10, different: 10, first: { number: 1, what: 'number', step: 1 } });
    const shorter = await replay(path, makeModel({ horizon: 2 }));
    expect(shorter.comparison).toMatchObject({ different: 10, first: { what: 'shape' } });
  });

  test('other options: those given go before those recorded', async () => {
    const samples = series(10).filter((_, i) => i !== 4);
    recordAll(samples, { gap: 'hold' });
    expect((await replay(path, model)).comparison).toMatchObject({ different: 0 });
    const { comparison } = await replay(path, model, { stream: { gap: 'decay' } });
    expect(comparison).toMatchObject({ different: 5, first: { number: 5, at: 1_005_000 } });
  });

  test('forecasts that one side does not have', async () => {
    const around = (source: Observable<Sample>) => source.pipe(forecast(model), take(4));
    from(series(6)).pipe(record(path, { model, around })).subscribe();
    const { comparison } = await replay(path, model);
    expect(comparison).toMatchObject({ compared: 4, different: 0 }); // it completed with the fourth
    rmSync(path);
    // The last is recorded twice.
    const doubling = (source: Observable<Sample>) =>
      source.pipe(
        forecast(model),
        mergeMap((f, i) => (i === 5 ? [f, f] : [f])),
      );
    from(series(6))
      .pipe(record(path, { model, around: doubling }))
      .subscribe();
    expect((await replay(path, model)).comparison).toMatchObject({
      compared: 7,
      different: 1,
      first: { number: 7, at: 1_005_000, what: 'forecast', recorded: 'one', computed: 'none' },
    });
    rmSync(path);
    const lacking = (source: Observable<Sample>) =>
      source.pipe(
        forecast(model),
        filter((_, i) => i < 5),
      );
    from(series(6))
      .pipe(record(path, { model, around: lacking }))
      .subscribe();
    expect((await replay(path, model)).comparison).toMatchObject({
      compared: 6,
      different: 1,
      first: { number: 6, at: 1_005_000, what: 'forecast', recorded: 'none', computed: 'one' },
    });
  });
});

describe('a recording that is not whole', () => {
  test('a forecast that was still to come when it stopped is no difference', async () => {
    const source = new Subject<TimedSample>();
    const around = forecastBy<TimedSample, string>(() => 'a', model);
    const subscription = source.pipe(record(path, { model, key: () => 'a', around })).subscribe();
    for (const sample of series(3)) source.next(sample); // in one turn, at the end of which forecasts are handed out
    subscription.unsubscribe();
    const { comparison, forecasts, ending } = await replay(path, model);
    expect({ ending, forecasts, ...comparison }).toMatchObject({ ending: 'unsubscribed', forecasts: 3, different: 0 });
    expect(comparison!.compared).toBeLessThan(3);
  });

  test('torn, it is replayed up to there', async () => {
    recordAll(series(3000));
    truncateSync(path, statSync(path).size - 20_000);
    const { ending, comparison, samples, nothingCompared } = await replay(path, model);
    expect([ending, nothingCompared]).toEqual(['torn', false]);
    expect(comparison).toMatchObject({ different: 0 });
    expect(samples).toBeGreaterThan(1000);
    expect(comparison!.compared).toBeGreaterThan(1000);
  });

  test('torn before the first forecast, it shows nothing, and says so unless nothing was to be compared', async () => {
    recordAll(series(3));
    truncateSync(path, statSync(path).size - 5);
    const options: [ReplayOptions, boolean][] = [
      [{}, true],
      [{ compare: true }, true],
      [{ faults: ['drop'] }, true],
      [{ compare: false }, false],
      [{ compare: false, faults: ['drop'] }, false],
    ];
    for (const [given, expected] of options) {
      expect(await replay(path, model, given)).toMatchObject({ samples: 0, nothingCompared: expected });
    }
    rmSync(path);
    recordAll(series(3));
    expect(await replay(path, model, { faults: ['drop'] })).toMatchObject({ samples: 3, nothingCompared: false });
  });

  test('torn within its header, it is refused', async () => {
    recordAll(series(3));
    truncateSync(path, 40);
    await expect(replay(path, model)).rejects.toThrow(gatecastError('invalid-file', /before its header/));
  });

  test('with samples only, there is nothing to compare', async () => {
    from(series(5)).pipe(record(path, { model })).subscribe();
    expect(await replay(path, model, { compare: true })).toMatchObject({
      comparison: undefined,
      forecasts: 5,
      nothingCompared: true,
    });
  });

  test('if the disk could not keep up, nothing after that is compared', async () => {
    const wide = makeModel({ horizon: 2000 }); // two forecasts fill a chunk
    const source = new Subject<Sample>();
    const recorder = record<Sample, LiveForecast>(path, {
      model: wide,
      around: forecast(wide),
      buffer: 400_000,
      whenFull: 'drop',
    });
    source.pipe(recorder).subscribe();
    for (const sample of series(40)) source.next(sample);
    await new Promise((resolve) => setTimeout(resolve, 200)); // the disk catches up
    for (const sample of series(50).slice(40)) source.next(sample);
    source.complete();
    const { dropped } = recorder.counts;
    expect(dropped).toBeGreaterThan(0);
    const { lost, comparison } = await replay(path, wide);
    expect(lost).toBe(dropped);
    expect(comparison).toMatchObject({ different: 0 });
    expect(comparison!.compared).toBeGreaterThan(0);
  });
});

describe('disturbed', () => {
  test('the same seed gives the same report, another another', async () => {
    recordAll(series(500), everything);
    const run = (seed: number) => replay(path, model, { faults: ['nan', 'drop', 'stall', 'spike'], rate: 0.05, seed });
    const [one, two, three] = [await run(1), await run(1), await run(2)];
    expect(one).toEqual(two);
    expect(three.disturbance).not.toEqual(one.disturbance);
    expect(one.comparison).toBeUndefined();
    expect((await replay(path, model, { faults: ['nan'], compare: true })).comparison).toMatchObject({ different: 0 });
  });

  test('faults strike as often as asked, and each where it would alone', async () => {
    recordAll(series(4000), { gap: 'hold', health: true });
    const all = (await replay(path, model, { faults: ['nan', 'drop', 'stall', 'spike'], rate: 0.1 })).disturbance!;
    for (const [fault, of_] of [
      ['drop', 4000],
      ['nan', 7200],
      ['spike', 7200],
      ['stall', 7200],
    ] as const) {
      expect(all.faults[fault] / of_, fault).toBeGreaterThan(0.07);
      expect(all.faults[fault] / of_, fault).toBeLessThan(0.13);
    }
    const drops = (await replay(path, model, { faults: ['drop'], rate: 0.1 })).disturbance!;
    expect(drops.faults).toEqual({ nan: 0, drop: all.faults.drop, stall: 0, spike: 0 });
  });

  test('a dropped sample is a missing forecast, and the others change', async () => {
    recordAll(series(400));
    const { disturbance, forecasts } = await replay(path, model, { faults: ['drop'], rate: 0.1 });
    const { faults, missing, compared, errors, corrections, overtaken } = disturbance!;
    expect(forecasts).toBe(400);
    expect(missing).toBe(faults.drop);
    expect(compared).toBe(400 - faults.drop);
    expect([corrections, overtaken]).toEqual([0, 0]);
    expect(errors['temperature']!.mean).toBeGreaterThan(0);
    expect(errors['temperature']!.max).toBeGreaterThanOrEqual(errors['temperature']!.mean);
  });

  test('invalid readings give no forecast without a gap policy, and are flagged by health', async () => {
    recordAll(series(400));
    const bare = (await replay(path, model, { faults: ['nan'], rate: 0.05 })).disturbance!;
    expect(bare.missing).toBeGreaterThan(bare.faults.nan * 0.8);
    const watched = await replay(path, model, { faults: ['nan'], rate: 0.05, stream: { health: true } });
    expect(watched.disturbance).toMatchObject({ missing: 0, compared: 400, faults: bare.faults });
    expect(watched.disturbance!.flags.dropout).toBe(bare.faults.nan);
  });

  test('spikes are seen by health, and hurt less than without it', async () => {
    recordAll(series(400));
    const faults = ['spike'] as const;
    const bare = (await replay(path, model, { faults, rate: 0.03 })).disturbance!;
    const watched = (await replay(path, model, { faults, rate: 0.03, stream: { health: true } })).disturbance!;
    expect(watched.flags.spike + watched.flags['out-of-range']).toBeGreaterThan(0.8 * bare.faults.spike);
    expect(watched.errors['temperature']!.mean).toBeLessThan(bare.errors['temperature']!.mean);
  });

  test('latency alone changes no number and no flag, only when', async () => {
    const spoiled = series(50).map((sample, i) => (i === 20 ? { ...sample, values: [Number.NaN, 20] } : sample));
    const seen = recordAll(spoiled, { health: true });
    expect(seen[20]!.trust!.flags).toEqual({ pressure: ['dropout'] });
    const late: LiveForecast[] = [];
    const { disturbance } = await replay(path, model, { latency: '35ms', onForecast: (f) => late.push(f) });
    expect(disturbance).toMatchObject({ compared: 50, missing: 0, overtaken: 0, errors: { temperature: { max: 0 } } });
    expect(Object.values(disturbance!.flags)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(late.map(({ arrivedAt }) => arrivedAt)).toEqual(series(50).map(({ arrivedAt }) => arrivedAt! + 35));
  });

  test('jitter lets samples overtake each other, which the lateness window puts right', async () => {
    const now = vi.spyOn(performance, 'now');
    let clock = 0;
    now.mockImplementation(() => clock);
    const source = new Subject<Sample>();
    const seen: LiveForecast[] = [];
    source.pipe(record(path, { model, around: forecast(model) })).subscribe((f) => seen.push(f));
    for (const sample of series(200)) {
      clock += 1000;
      source.next(sample);
    }
    source.complete();
    now.mockRestore();
    const late: LiveForecast[] = [];
    const report = await replay(path, model, {
      jitter: '2s',
      latency: '2s',
      stream: { lateness: '10s' },
      onForecast: (f) => late.push(f),
    });
    const { overtaken, corrections, compared, missing } = report.disturbance!;
    expect(overtaken).toBeGreaterThan(20);
    expect(missing).toBe(0);
    expect(corrections).toBeGreaterThan(20);
    expect(compared).toBe(200);
    // Once all have arrived the newest forecast is that of the samples in order.
    expect(late.at(-1)!.numbers).toEqual(seen.at(-1)!.numbers);
  });

  test('if faults end the stream, that is reported', async () => {
    recordAll(series(100));
    const { failure, disturbance } = await replay(path, model, {
      faults: ['nan'],
      rate: 0.1,
      stream: { onInvalid: 'error' },
    });
    expect(failure).toMatchObject({ message: expect.stringMatching(/finite number/) });
    expect(disturbance!.missing).toBe(100 - (failure!.sample - 1));
  });
});

test('is paced by when the samples arrived, and a signal ends it', async () => {
  const now = vi.spyOn(performance, 'now');
  let clock = 0;
  now.mockImplementation(() => clock);
  const source = new Subject<Sample>();
  source.pipe(record(path, { model, around: forecast(model) })).subscribe();
  for (const sample of series(5)) {
    source.next(sample);
    clock += 100_000;
  }
  source.complete();
  now.mockRestore();
  const stop = new AbortController();
  const seen: LiveForecast[] = [];
  const running = replay(path, model, { speed: 1, signal: stop.signal, onForecast: (f) => seen.push(f) });
  await vi.waitUntil(() => seen.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(seen).toHaveLength(1);
  stop.abort();
  expect(await running).toMatchObject({ ending: 'stopped' });
  expect(await replay(path, model, { speed: 1e6 })).toMatchObject({ ending: 'complete', samples: 5 });
});

test('an error of the source is an ending as any', async () => {
  concat(
    from(series(3)),
    throwError(() => new Error('gone')),
  )
    .pipe(record(path, { model, around: forecast(model) }))
    .subscribe({ error: () => {} });
  expect(await replay(path, model)).toMatchObject({ ending: 'error', comparison: { compared: 3, different: 0 } });
});

test('refuses wrong arguments', async () => {
  recordAll(series(3));
  await expect(replay(path, {} as never)).rejects.toThrow(gatecastError('invalid-argument', /Forecaster/));
  const wrong: [object, RegExp][] = [
    [{ faults: ['nap'] }, /'nan' or 'drop'/],
    [{ rate: 0 }, /rate/],
    [{ latency: '2h' }, /latency/],
    [{ jitter: -1 }, /jitter/],
    [{ seed: 0.5 }, /seed/],
    [{ speed: 0 }, /speed/],
    [{ signal: {} }, /AbortSignal/],
    [{ onForecast: 5 }, /function/],
    [{ stream: { gap: 5 } }, /options\.stream\.gap/],
    [{ stream: { lateness: '70000s' } }, /lateness/],
    [{ speeed: 1 }, /Did you mean speed/],
  ];
  for (const [options, message] of wrong) {
    await expect(replay(path, model, options as never)).rejects.toThrow(gatecastError('invalid-argument', message));
  }
  await expect(replay(join(folder, 'none.rec'), model)).rejects.toThrow(gatecastError('io', /none\.rec/));
});
