import fs, { readFileSync, rmSync, truncateSync, statSync, mkdtempSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { from, NEVER, type Observable, of, type OperatorFunction, Subject, take } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import { RecordingWriter } from '../../lib/recording/recording-writer.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import { readRecording, type RecordingEntry } from '../../lib/recording/read-recording.ts';
import { record, type RecordOperator, type RecordOptions } from '../../lib/stream/recording/record.ts';
import { runChild } from '../support/child.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../support/hostile-values.ts';
import { wordNumber } from '../../lib/model/inputs/word.ts';
import { makeModel } from '../support/models.ts';

const model = makeModel();
let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  path = join(folder, 'a.rec');
});
afterEach(() => rmSync(folder, { recursive: true }));

async function entries(file = path): Promise<RecordingEntry[]> {
  const found: RecordingEntry[] = [];
  for await (const entry of readRecording(file)) found.push(entry);
  return found;
}

const ofType = <T extends RecordingEntry['type']>(list: readonly RecordingEntry[], type: T) =>
  list.filter((entry): entry is Extract<RecordingEntry, { type: T }> => entry.type === type);

/** Typed arrays as plain lists, and everything else as it is, so that what was read can be compared to the bit. */
const plain = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
};

describe('by marbles', () => {
  const sample: Record<string, Sample> = { a: [10, 20], b: { at: 2, values: [11, 19] }, c: [9, 25], n: null as never };

  /** Records to a file; returns how that ended and how many samples it holds. */
  async function marbles(
    source: string,
    subscription: string,
    expected: string,
    error?: unknown,
    unsubscribe?: string,
  ) {
    new TestScheduler((actual, wanted) => expect(actual).toEqual(wanted)).run(
      ({ hot, expectObservable, expectSubscriptions }) => {
        const samples = hot(source, sample);
        expectObservable(samples.pipe(record(path)), unsubscribe).toBe(expected, sample, error);
        expectSubscriptions(samples.subscriptions).toBe(subscription);
      },
    );
    const found = await entries();
    expect(found.at(0)?.type).toBe('header');
    return [ofType(found, 'sample').length, ofType(found, 'end')[0]?.ending];
  }

  test('never', async () => expect(await marbles('---', '^--!', '---', '', '---!')).toEqual([0, 'unsubscribed']));
  test('empty', async () => expect(await marbles('--|', '^-!', '--|')).toEqual([0, 'complete']));
  test('one', async () => expect(await marbles('-a-|', '^--!', '-a-|')).toEqual([1, 'complete']));
  test('many', async () => expect(await marbles('-a-b-c-|', '^------!', '-a-b-c-|')).toEqual([3, 'complete']));
  test('error of the source', async () => {
    expect(await marbles('-a-#', '^--!', '-a-#', 'error')).toEqual([1, 'error']);
  });
  test('early unsubscribe', async () => {
    expect(await marbles('-a-b-c-|', '^---!', '-a-b-', '', '----!')).toEqual([2, 'unsubscribed']);
  });
  test('a value that is not a sample', async () => {
    const error = gatecastError('invalid-argument', /a sample/);
    expect(await marbles('-a-n-c-|', '^--!', '-a-#', error)).toEqual([1, 'error']);
  });
});

test('samples come back as they arrived, to the bit', async () => {
  const double = fc.double(); // NaN, infinities, -0 and subnormal numbers with them
  const values = fc.oneof(
    double,
    fc.array(double, { maxLength: 6 }),
    fc.dictionary(fc.string({ unit: 'grapheme' }), double),
  );
  const known = { at: double, arrivedAt: double, offset: fc.maxSafeNat() };
  const wrapped = fc.record({ values, ...known }, { requiredKeys: ['values'] });
  const bare = fc.oneof(double, fc.array(double, { maxLength: 6 }));
  const samples = fc.array(fc.oneof(bare, wrapped), { maxLength: 40 });
  let run = 0;
  await fc.assert(
    fc.asyncProperty(samples, async (list) => {
      const file = join(folder, `${run++}.rec`);
      from(list as Sample[])
        .pipe(record(file))
        .subscribe();
      const found = ofType(await entries(file), 'sample').map(({ sample }) => plain(sample));
      expect(found).toEqual(list.map(plain)); // toEqual tells -0 from 0, and takes NaN for NaN
    }),
    { numRuns: 100 },
  );
});

test('typed arrays and times become lists and milliseconds; words and booleans become numbers, anything else NaN', async () => {
  const samples: Sample[] = [
    new Float64Array([0.1, -0]),
    { at: new Date(5), values: [1] },
    { at: '1970-01-01T00:00:01Z', values: 1 },
    { at: 'soon', values: 1 },
    [1, undefined as never, '2', true],
  ];
  from(samples).pipe(record(path)).subscribe();
  expect(ofType(await entries(), 'sample').map(({ sample }) => plain(sample))).toEqual([
    [0.1, -0],
    { at: 5, values: [1] },
    { at: 1000, values: 1 },
    { at: Number.NaN, values: 1 },
    [1, Number.NaN, wordNumber('2'), 1],
  ]);
});

describe('with a model around', () => {
  const samples: Sample[] = Array.from({ length: 50 }, (_, i) => ({
    at: 1000 * i,
    values: [10 + Math.sin(i), i % 7 === 3 ? Number.NaN : 20 + Math.cos(i)],
  }));

  test('forecasts come back to the bit, each after its sample, and replaying the samples gives them again', async () => {
    const seen: Forecast[] = [];
    from(samples)
      .pipe(record(path, { model, around: forecast(model) }))
      .subscribe((f) => seen.push(f));
    const found = await entries();
    expect(ofType(found, 'forecast').map((entry) => entry.forecast)).toEqual(seen);
    expect(found.slice(1, 9).map(({ type }) => type)).toEqual([
      'sample',
      'forecast',
      'sample',
      'forecast',
      'sample',
      'forecast',
      'sample',
      'sample',
    ]);
    const again: Forecast[] = [];
    from(ofType(found, 'sample').map(({ sample }) => sample))
      .pipe(forecast(model))
      .subscribe((f) => again.push(f));
    expect(again).toEqual(seen);
  });

  test('additions of a live stream are recorded: corrections, when samples arrived, and their offsets; not trust', async () => {
    const options = { lateness: '5s', gap: 'hold' } as const;
    const order = [0, 1, 4, 2, 3, 5];
    const live = order.map((i) => ({ at: 1000 * i, values: [10, 20 + i], arrivedAt: 1e6 + i, offset: i }));
    const seen: LiveForecast[] = [];
    from(live)
      .pipe(record(path, { model, options, around: forecast(model, options) }))
      .subscribe((f) => seen.push(f));
    const found = await entries();
    expect(ofType(found, 'sample').map(({ sample }) => plain(sample))).toEqual(live);
    const forecasts = ofType(found, 'forecast').map((entry) => entry.forecast);
    expect(forecasts.map(({ kind }) => kind)).toEqual(seen.map(({ kind }) => kind));
    expect(forecasts.filter(({ kind }) => kind === 'correction')).toHaveLength(2);
    expect(forecasts.map(({ arrivedAt }) => arrivedAt)).toEqual(live.map(({ arrivedAt }) => arrivedAt));
    expect(forecasts.map(({ numbers }) => numbers)).toEqual(seen.map(({ numbers }) => numbers));
    expect(seen[0]!.trust).toBeDefined();
    expect(forecasts[0]!.trust).toBeUndefined();
  });

  test('keys are kept', async () => {
    const keyed = samples.map((sample, i) => ({ ...(sample as { values: number[] }), id: i % 3 }));
    const around = forecastBy((s: { id: number; values: number[] }) => s.id, model);
    from(keyed)
      .pipe(record(path, { key: (s) => s.id, around }))
      .subscribe();
    const found = await entries();
    expect(ofType(found, 'sample').map(({ key }) => key)).toEqual(keyed.map(({ id }) => String(id)));
    const valid = keyed.filter(({ values }) => !values.some(Number.isNaN));
    expect(ofType(found, 'forecast').map(({ key }) => key)).toEqual(valid.map(({ id }) => String(id)));
  });

  test('the header holds what ran, and what the caller wanted to keep', async () => {
    const options = { onInvalid: 'skip' };
    of(samples[0]!)
      .pipe(record(path, { model, options, state: Uint8Array.of(1, 2, 255) }))
      .subscribe();
    const [first] = await entries();
    const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(first).toEqual({
      type: 'header',
      header: {
        version,
        isa: expect.stringMatching(/^(scalar|avx2|avx512|neon)$/),
        addon: expect.stringMatching(/^[0-9a-f]{64}$/),
        node: process.version,
        platform: process.platform,
        arch: process.arch,
        startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        model: model.fingerprint,
        state: 'AQL/',
        forecasts: false,
        options,
      },
    });
  });
});

test('arrivals are milliseconds since the subscription', async () => {
  const now = vi.spyOn(performance, 'now');
  let clock = 5000;
  now.mockImplementation(() => clock);
  const source = new Subject<number>();
  source.pipe(record(path)).subscribe();
  for (const wait of [0, 0.25, 1e6]) {
    clock += wait;
    source.next(1);
  }
  source.complete();
  now.mockRestore();
  expect(ofType(await entries(), 'sample').map(({ arrival }) => arrival)).toEqual([0, 0.25, 1_000_000.25]);
});

test('a long recording, of many chunks, keys and names, comes back whole while the stream goes on', async () => {
  const source = new Subject<{ id: string; at: number; values: Record<string, number> }>();
  const operator = record<{ id: string; at: number; values: Record<string, number> }>(path, {
    key: (s) => s.id,
    flush: 5,
  });
  const subscription = source.pipe(operator).subscribe();
  const sent: unknown[] = [];
  for (let i = 0; i < 20_000; i++) {
    const values: Record<string, number> = i % 2 ? { a: i, b: -i } : { 'ü€': i / 3 };
    source.next({ id: `key ${i % 500}`, at: i, values });
    sent.push([`key ${i % 500}`, { at: i, values }]);
    if (i % 1000 === 0) await new Promise((resolve) => setTimeout(resolve, i % 4000 === 0 ? 10 : 0));
  }
  const early = ofType(await entries(), 'sample').length;
  expect(early).toBeGreaterThan(0); // it need not have ended to be read
  subscription.unsubscribe();
  const found = ofType(await entries(), 'sample').map(({ key, sample }) => [key, plain(sample)]);
  expect(found).toEqual(sent);
  expect(operator.counts).toEqual({ samples: 20_000, forecasts: 0, dropped: 0, blocked: 0 });
});

describe('a slow disk', () => {
  const wide = Array.from({ length: 4096 }, (_, i) => i); // two samples fill a chunk
  const samples: number[][] = Array.from({ length: 40 }, (_, i) => [i, ...wide]);

  test('makes next() wait by default, and nothing is lost', async () => {
    const operator = record<number[]>(path, { buffer: 200_000 });
    from(samples).pipe(operator).subscribe();
    expect(operator.counts).toMatchObject({ samples: 40, dropped: 0 });
    expect(operator.counts.blocked).toBeGreaterThan(0);
    expect(ofType(await entries(), 'sample').map(({ sample }) => plain(sample))).toEqual(samples);
  });

  test('may drop, and then the recording reports it', async () => {
    const dropping = record<number[]>(path, { buffer: 200_000, whenFull: 'drop' });
    const source = new Subject<number[]>();
    const passed: number[][] = [];
    source.pipe(dropping).subscribe((sample) => passed.push(sample));
    for (const sample of samples.slice(0, 30)) source.next(sample);
    expect(dropping.counts.dropped).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 100)); // the disk catches up
    for (const sample of samples.slice(30)) source.next(sample);
    source.complete();
    expect(passed).toEqual(samples);
    const { samples: kept, dropped } = dropping.counts;
    expect(kept + dropped).toBe(40);
    const found = await entries();
    expect(ofType(found, 'sample')).toHaveLength(kept);
    expect(ofType(found, 'lost').reduce((sum, lost) => sum + lost.samples, 0)).toBe(dropped);
    let number = 0; // walking through the file, the first value of each sample says which it was
    for (const entry of found) {
      if (entry.type === 'lost') number += entry.samples;
      if (entry.type === 'sample') expect((entry.sample as ArrayLike<number>)[0]).toBe(number++);
    }
  });
});

test('a torn recording is read up to where it is torn', async () => {
  from([
    [1, 2],
    [3, 4],
  ])
    .pipe(record(path))
    .subscribe();
  const whole = await entries();
  truncateSync(path, statSync(path).size - 1);
  const torn = await entries();
  expect(torn.map(({ type }) => type)).toEqual(['header', 'torn']);
  expect(torn[0]).toEqual(whole[0]);
});

test('a consumer that has enough ends the recording', async () => {
  of(1, 2, 3, 4).pipe(record(path), take(2)).subscribe();
  const found = await entries();
  expect(ofType(found, 'sample')).toHaveLength(2);
  expect(found.at(-1)).toEqual({ type: 'end', ending: 'unsubscribed' });
});

test('a second subscription does not touch the recording of the first', async () => {
  const operator = record<number>(path);
  of(1, 2).pipe(operator).subscribe();
  const before = readFileSync(path);
  const error = vi.fn<(error: unknown) => void>();
  of(3).pipe(operator).subscribe({ error });
  expect(error).toHaveBeenCalledWith(gatecastError('io', /EEXIST/));
  expect(readFileSync(path)).toEqual(before);
});

test.each(['block', 'drop'] as const)(
  'a disk that becomes full ends the stream once, also with %s',
  async (whenFull) => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    vi.spyOn(fs, 'write').mockImplementation((...args: unknown[]) => {
      setImmediate(args.at(-1) as (error: Error) => void, full);
    });
    syncBuiltinESMExports();
    try {
      const source = new Subject<number[]>();
      const [next, error] = [vi.fn<() => void>(), vi.fn<(error: unknown) => void>()];
      source.pipe(record(path, { buffer: 0, whenFull })).subscribe({ next, error });
      const wide = Array.from({ length: 10_000 }, () => 1); // a chunk each
      source.next(wide);
      source.next(wide);
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (let i = 0; i < 3; i++) source.next(wide);
      expect(error.mock.calls).toEqual([[gatecastError('io', /ENOSPC/)]]);
      expect(source.observed).toBe(false);
    } finally {
      vi.restoreAllMocks();
      syncBuiltinESMExports();
    }
  },
);

test.skipIf(process.platform === 'win32')('a file that is deleted while it is recorded ends the stream', async () => {
  const source = new Subject<number>();
  const error = vi.fn<(error: unknown) => void>();
  source.pipe(record(path, { flush: 1 })).subscribe({ error });
  source.next(1);
  await vi.waitFor(() => expect(statSync(path).size).toBeGreaterThan(100));
  rmSync(path);
  source.next(2);
  await vi.waitFor(() => {
    source.next(3);
    expect(error.mock.calls).toEqual([[gatecastError('io', /it was deleted/)]]);
  });
});

describe('a disk that fails', () => {
  beforeEach(() => {
    vi.spyOn(fs, 'writeSync').mockImplementation(() => {
      throw new Error('ENOSPC: no space left');
    });
    syncBuiltinESMExports();
  });
  afterEach(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });

  test('ends the stream with io', () => {
    const [complete, error] = [vi.fn<() => void>(), vi.fn<(error: unknown) => void>()];
    of(1).pipe(record(path)).subscribe({ complete, error });
    expect(complete).not.toHaveBeenCalled();
    expect(error).toHaveBeenCalledWith(gatecastError('io', /ENOSPC/));
  });

  test('is reported at unsubscription too', () => {
    const subscription = NEVER.pipe(record(path)).subscribe();
    expect(() => subscription.unsubscribe()).toThrow(
      expect.objectContaining({ errors: [gatecastError('io', /ENOSPC/)] }),
    );
  });
});

test.each([500, 1234])('a process that is killed leaves what it wrote: %i samples and some', async (count) => {
  const { signal, errors } = runChild('stream/children/record-and-die.ts', [], {
    RECORDING: path,
    SAMPLES: String(count),
  });
  expect([signal, errors]).toEqual(['SIGKILL', '']);
  const found = await entries();
  const numbers = ofType(found, 'sample').map(({ sample }) => (sample as ArrayLike<number>)[0]);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i));
  expect(numbers.length).toBeGreaterThanOrEqual(count);
  expect(ofType(found, 'end')).toEqual([]);
});

test('the counts of left-out samples come back with each forecast', async () => {
  const at = (second: number, value = 20) => ({ at: 1000 * second, arrivedAt: 1000 * second + 5, values: [10, value] });
  const samples = [at(1), at(1), at(5), at(3), at(9000), at(6, 1e300), at(7), at(7), at(8)];
  const seen: LiveForecast[] = [];
  from(samples)
    .pipe(record(path, { model, around: forecast(model, { resetAfter: '1m' }) }))
    .subscribe((f) => seen.push(f));
  const recorded = ofType(await entries(), 'forecast').map((entry) => entry.forecast);
  expect(recorded.map(({ skipped }) => skipped)).toEqual(seen.map(({ skipped }) => skipped));
  expect(recorded.at(-1)!.skipped).toEqual({ invalid: 0, duplicate: 2, late: 1, unbelieved: 1 });
  expect(recorded.map(({ arrivedAt, numbers }) => [arrivedAt, numbers])).toEqual(
    seen.map(({ arrivedAt, numbers }) => [arrivedAt, numbers]),
  );
});

test('unknown kinds of records are skipped', async () => {
  const writer = new RecordingWriter(path, 1000);
  writer.reserve(100);
  writer.append(200, 3);
  const place = writer.append(5, 8);
  writer.view.setUint32(place, 2, true);
  writer.append(99, 0);
  writer.close();
  expect(await entries()).toEqual([{ type: 'lost', samples: 2, forecasts: 0 }]);
});

test('records that say nonsense are refused', async () => {
  const writer = new RecordingWriter(path, 1000);
  writer.reserve(100);
  const place = writer.append(3, 25);
  writer.view.setUint32(place + 1, 7, true); // refers to a text that is missing
  writer.close();
  await expect(entries()).rejects.toThrow(gatecastError('invalid-file', /a\.rec/));
  const table = join(folder, 'a.csv'); // another file: a chunk of the one above may be written a second time still
  await writeFile(table, 'at,temperature\n');
  await expect(entries(table)).rejects.toThrow(gatecastError('invalid-file', /Expected a recording but .* holds CSV/));
});

test('refuses wrong arguments when called', () => {
  for (const [name, make] of HOSTILE_VALUES) {
    if (name === 'a revoked proxy' || typeof make() === 'string') continue;
    expect(() => record(make() as never), name).toThrow(gatecastError('invalid-argument', /path/));
  }
  const wrong: [object, RegExp][] = [
    [{ model: {} }, /Forecaster/],
    [{ options: 5n }, /options/],
    [{ options: { a: 5n } }, /JSON/],
    [{ key: 'id' }, /key/],
    [{ state: 'AQL/' }, /snapshot/],
    [{ flush: 0 }, /flush/],
    [{ flush: '2 days' }, /flush/],
    [{ buffer: -1 }, /buffer/],
    [{ whenFull: 'wait' }, /'block' or 'drop'/],
    [{ around: 5 }, /around/],
    [{ flash: '1s' }, /Did you mean flush/],
  ];
  for (const [options, message] of wrong) {
    expect(() => record(path, options as never)).toThrow(gatecastError('invalid-argument', message));
  }
});

test('has types', () => {
  const numbers = NEVER as Observable<number>;
  expectTypeOf(numbers.pipe(record('a'))).toEqualTypeOf<Observable<number>>();
  expectTypeOf(numbers.pipe(record('a', { model, around: forecast(model) }))).toEqualTypeOf<Observable<LiveForecast>>();
  expectTypeOf(record<number>('a', { key: (value) => value })).toEqualTypeOf<RecordOperator<number, number>>();
  expectTypeOf<RecordOptions<{ id: string }>['key']>().toEqualTypeOf<((s: { id: string }) => unknown) | undefined>();
  expectTypeOf<RecordOperator<Sample, Forecast>>().toExtend<OperatorFunction<Sample, Forecast>>();
  // @ts-expect-error text is no sample
  expect(() => (NEVER as Observable<string>).pipe(record('a'))).not.toThrow();
});
