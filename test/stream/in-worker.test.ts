import type { Worker } from 'node:worker_threads';
import {
  concat,
  EMPTY,
  firstValueFrom,
  from,
  NEVER,
  type Observable,
  of,
  Subject,
  take,
  throwError,
  toArray,
} from 'rxjs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, expectTypeOf, test, vi } from 'vitest';
import type * as Gatecast from '../../lib/index.ts';
import type { Forecast } from '../../lib/model/forecast.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import type { Sample } from '../../lib/model/sample.ts';
import type { OverloadOperator } from '../../lib/stream/overload/overload.ts';
import { runChild } from '../support/child.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { clockFaults, stampsOf } from './random-clock.ts';

// A worker runs what was built, for Node loads no TypeScript; so everything of this test is of the built package.
const { conflate, drop, Forecaster, forecast, forecastInWorker, latest, queue } = (await import(
  /* @vite-ignore */ new URL('../../dist/index.js', import.meta.url).href
)) as typeof Gatecast;

const model = Forecaster.fromBytes(makeModel().toBytes());
const samples: Sample[] = Array.from({ length: 500 }, (_, i) => {
  const values = [10 + Math.sin(i), i % 50 === 7 ? Number.NaN : 20 + Math.cos(i / 3)];
  if (i % 50 === 9) return { values: { temperature: 1e300, pressure: 1 } }; // finite, and too far from the mean
  return i % 3 === 0 ? values : { at: 1000 * i, values };
});

const offline = (list: readonly Sample[], options: StreamOptions = {}): LiveForecast[] => {
  const seen: LiveForecast[] = [];
  from(list)
    .pipe(forecast(model, options))
    .subscribe((f) => seen.push(f));
  return seen;
};

let workers: Worker[];
const notice = (worker: Worker) => void workers.push(worker);
beforeEach(() => {
  workers = [];
  process.on('worker', notice);
});
afterEach(async () => {
  await new Promise(setImmediate); // the event of the last worker may be on its way
  process.off('worker', notice);
  // no thread outlives its stream
  while (workers.some((worker) => worker.threadId >= 0)) await new Promise((resolve) => setTimeout(resolve, 5));
});

/** What a stream gives, and how it ends. */
function run(stream: Observable<LiveForecast>): Promise<{ seen: LiveForecast[]; error?: unknown }> {
  const seen: LiveForecast[] = [];
  return new Promise((resolve) => {
    stream.subscribe({
      next: (f) => seen.push(f),
      error: (error: unknown) => resolve({ seen, error }),
      complete: () => resolve({ seen }),
    });
  });
}

test('gives what forecast gives, to the bit and in order', async () => {
  for (const inFlight of [1, 3, 64]) {
    const { seen, error } = await run(from(samples).pipe(forecastInWorker(model, { inFlight })));
    expect(error).toBeUndefined();
    expect(seen).toEqual(offline(samples));
  }
});

test('counts samples lost to a wrong clock as forecast does', async () => {
  const faults = fc.sample(clockFaults(1000, 30, 0), { numRuns: 3, seed: 5 });
  for (const stamps of faults.map((some) => stampsOf(some, Date.UTC(2024, 0, 1), 1000, 60))) {
    const wrong = stamps.map((at, i) => ({ at, values: [10, i % 9 === 8 ? Number.POSITIVE_INFINITY : 20 + (i % 3)] }));
    const expected = offline(wrong, { resetAfter: '30s' });
    expect(expected.at(-1)!.skipped.late + expected.at(-1)!.skipped.unbelieved).toBeGreaterThan(0);
    const { seen } = await run(from(wrong).pipe(forecastInWorker(model, { resetAfter: '30s' })));
    expect(seen).toEqual(expected);
  }
});

test('gives the same as a stream with all its parts: corrections, trust, and when samples arrived', async () => {
  const options: StreamOptions = {
    gap: 'hold',
    lateness: '5s',
    health: true,
    calibrate: true,
    skill: true,
    fallback: 'naive',
    watch: true,
  };
  const at = (i: number) => 1000 * (i % 10 === 4 ? i - 3 : i);
  const untidy: Sample[] = Array.from({ length: 500 }, (_, i) => ({
    at: at(i),
    values: [10 + Math.sin(i) / 2, i % 50 === 7 ? Number.NaN : 20 + Math.cos(i / 3)],
    ...(i % 2 === 0 && { arrivedAt: 1000 * i + 70 }),
  })).filter((_, i) => i % 10 !== 1);
  const expected = offline(untidy, options);
  const kinds = expected.map(({ kind }) => kind);
  expect(kinds).toContain('correction');
  expect(expected.some(({ trust }) => trust!.flags['temperature']?.includes('dropout'))).toBe(true);
  expect(expected.at(-1)!.trust!.coverage[0]).toBeGreaterThan(0);
  const { seen } = await run(from(untidy).pipe(forecastInWorker(model, options)));
  expect(seen).toEqual(expected);
  expect(seen.map(({ kind }) => kind)).toEqual(kinds);
  const single = await run(from(untidy).pipe(forecastInWorker(model, { calibrate: true })));
  expect(single.seen).toEqual(offline(untidy, { calibrate: true }));
});

test('empty', async () => {
  expect(await run(EMPTY.pipe(forecastInWorker(model)))).toEqual({ seen: [] });
});

test('never', async () => {
  const next = vi.fn<(f: Forecast) => void>();
  const subscription = NEVER.pipe(forecastInWorker(model)).subscribe(next);
  await vi.waitFor(() => expect(workers).toHaveLength(1));
  subscription.unsubscribe();
  expect(next).not.toHaveBeenCalled();
});

test('one sample at a time, each when it is there', async () => {
  const source = new Subject<Sample>();
  const seen: Forecast[] = [];
  source.pipe(forecastInWorker(model)).subscribe((f) => seen.push(f));
  for (let i = 0; i < 5; i++) {
    source.next(samples[i]!);
    await vi.waitFor(() => expect(seen).toHaveLength(i + 1));
  }
  source.complete();
  expect(seen).toEqual(offline(samples.slice(0, 5)));
});

test('an error of the source comes after the forecasts before it', async () => {
  const failing = concat(
    from(samples.slice(0, 5)),
    throwError(() => new Error('lost')),
  );
  const { seen, error } = await run(failing.pipe(forecastInWorker(model)));
  expect(seen).toEqual(offline(samples.slice(0, 5)));
  expect(error).toEqual(new Error('lost'));
});

test.each<[string, Sample, RegExp]>([
  ['NaN', [1, Number.NaN], /temperature/],
  ['too large, which the worker finds', [1, 1e300], /deviations of the mean for temperature/],
])(
  'with onInvalid: error, a sample that is %s ends the stream after the forecasts before it',
  async (_, bad, message) => {
    const list = [...samples.slice(0, 3), bad, ...samples.slice(3, 6)];
    const { seen, error } = await run(from(list).pipe(forecastInWorker(model, { onInvalid: 'error' })));
    expect(seen).toEqual(offline(samples.slice(0, 3)));
    expect(error).toEqual(gatecastError('invalid-sample', message));
  },
);

test('a value that is not a sample ends the stream', async () => {
  const { seen, error } = await run(of(samples[0]!, null as never).pipe(forecastInWorker(model)));
  expect(seen).toHaveLength(1);
  expect(error).toEqual(gatecastError('invalid-argument', /a sample/));
});

test('two subscribers have a worker each', async () => {
  const shared = from(samples).pipe(forecastInWorker(model));
  const runs = await Promise.all([run(shared), run(shared)]);
  expect(workers).toHaveLength(2);
  for (const { seen } of runs) expect(seen).toEqual(offline(samples));
});

test('a consumer that has enough ends the worker', async () => {
  const three = await firstValueFrom(concat(from(samples), NEVER).pipe(forecastInWorker(model), take(3), toArray()));
  expect(three).toEqual(offline(samples).slice(0, 3));
});

test('a consumer may feed forecasts back', async () => {
  const source = new Subject<Sample>();
  const fed: number[][] = [];
  const feed = (value: number) => {
    fed.push([10, value]);
    source.next([10, value]);
  };
  const seen: Forecast[] = [];
  const done = new Promise<void>((resolve) => {
    source.pipe(forecastInWorker(model, { inFlight: 1 }), take(20)).subscribe({
      next: (f) => {
        seen.push(f);
        feed(f.mean[0]!);
      },
      complete: resolve,
    });
  });
  feed(20);
  await done;
  expect(seen).toEqual(offline(fed.slice(0, 20)));
});

describe('overload', () => {
  const burst = samples.slice(10, 40);
  const means = (list: readonly Forecast[]) => list.map((f) => f.mean);

  test('queue: the newest are dropped', async () => {
    const operator = forecastInWorker(model, { inFlight: 4, overload: queue(6) });
    const { seen } = await run(from(burst).pipe(operator));
    expect(seen).toEqual(offline(burst.slice(0, 10)));
    expect(operator.counts).toEqual({ taken: 10, dropped: 20, conflated: 0, waiting: 0, mostWaiting: 6 });
  });
  test('latest: the newest waits', async () => {
    const operator = forecastInWorker(model, { inFlight: 1, overload: latest() });
    const { seen } = await run(from(burst).pipe(operator));
    expect(means(seen)).toEqual(means(offline([burst[0]!, burst.at(-1)!])));
    expect(operator.counts).toMatchObject({ taken: 2, dropped: 28 });
  });
  test('drop: none waits', async () => {
    const operator = forecastInWorker(model, { inFlight: 2, overload: drop() });
    const { seen } = await run(from(burst).pipe(operator));
    expect(seen).toEqual(offline(burst.slice(0, 2)));
    expect(operator.counts).toMatchObject({ taken: 2, dropped: 28 });
  });
  test('conflate: those that wait become one', async () => {
    const overload = conflate<Sample>((waiting, value) =>
      (waiting as number[]).map((x, i) => Math.max(x, (value as number[])[i]!)),
    );
    const operator = forecastInWorker(model, { inFlight: 1, overload });
    const { seen } = await run(of([10, 20], [11, 18], [9, 25]).pipe(operator));
    expect(seen).toEqual(
      offline([
        [10, 20],
        [11, 25],
      ]),
    );
    expect(operator.counts).toMatchObject({ taken: 2, dropped: 0, conflated: 1 });
  });
});

describe('the worker ends', () => {
  test('a thread that is stopped from outside is one error', async () => {
    const source = new Subject<Sample>();
    const ended = run(source.pipe(forecastInWorker(model)));
    await vi.waitFor(() => expect(workers).toHaveLength(1));
    await workers[0]!.terminate();
    const { error } = await ended;
    expect(error).toEqual(gatecastError('io', /worker.*exit code/));
    expect(source.observed).toBe(false);
  });

  test('in the midst of its steps, many times', async () => {
    const heavy = Forecaster.fromBytes(makeModel({ network: { hiddenSize: 128 } }).toBytes());
    for (let i = 0; i < 10; i++) {
      const answered = new Promise<void>((resolve) => {
        const subscription = concat(from(samples), NEVER)
          .pipe(forecastInWorker(heavy))
          .subscribe(() => {
            subscription.unsubscribe();
            resolve();
          });
      });
      await answered;
    }
    expect(workers).toHaveLength(10);
  });

  test('before it has begun', async () => {
    from(samples).pipe(forecastInWorker(model)).subscribe().unsubscribe();
    await vi.waitFor(() => expect(workers).toHaveLength(1));
  });

  test.each<Record<string, string>>([{}, { BUSY: '1' }])(
    'with the process, which an idle worker does not keep alive: %j',
    (environment) => {
      const { status, lines, errors } = runChild('stream/children/leave-worker.ts', [], environment);
      expect([status, lines, errors]).toEqual([0, ['3'], '']);
    },
  );
});

test('refuses wrong arguments when called', () => {
  expect(() => forecastInWorker({} as never)).toThrow(gatecastError('invalid-argument', /Forecaster/));
  const wrong: [object, RegExp][] = [
    [{ inFlight: 0 }, /inFlight/],
    [{ overload: 'latest' }, /queue\(n\)/],
    [{ onInvalid: 'drop' }, /onInvalid/],
    [{ precision: 'f64' }, /precision/],
    [{ gap: 'holt' }, /'hold' or 'decay'/],
    [{ inflight: 1 }, /Did you mean inFlight/],
  ];
  for (const [options, message] of wrong) {
    expect(() => forecastInWorker(model, options as never)).toThrow(gatecastError('invalid-argument', message));
  }
});

test('has types', () => {
  expectTypeOf(forecastInWorker).returns.toEqualTypeOf<OverloadOperator<Sample, LiveForecast>>();
  expectTypeOf(of([1, 2]).pipe(forecastInWorker(model, { overload: latest() }))).toEqualTypeOf<
    Observable<LiveForecast>
  >();
  // @ts-expect-error text is no sample
  expect(() => of('1,2').pipe(forecastInWorker(model))).not.toThrow();
});

test('gives up a source none of whose samples is usable, on either side', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const misspelt = Array.from({ length: 1500 }, () => ({ values: { pressure: 10, temperatur: 20 } }));
  const wild = Array.from({ length: 1500 }, () => [1e300, 20]);
  for (const [list, reason] of [
    [misspelt, /Did you mean "temperature"/],
    [wild, /deviations of the mean/],
  ] as const) {
    const forecasts = from<Sample[]>(list as never).pipe(forecastInWorker(model, { overload: queue(2000) }));
    await expect(firstValueFrom(forecasts)).rejects.toEqual(gatecastError('unusable-source', reason));
  }
  // the worker warns of what it refuses itself
  expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringMatching(/first 10 .*"temperature"/), {
    type: 'GatecastWarning',
    code: 'unusable-source',
  });
});

test('keeps to the bounds of its targets', async () => {
  const bounded = Forecaster.fromBytes(makeModel({ bounds: [{ min: 19.9, max: 20.1 }] }).toBytes());
  const working = from(samples).pipe(forecastInWorker(bounded, { calibrate: true, adapt: true }), toArray());
  const numbers = (await firstValueFrom(working)).flatMap((one) => one.numbers);
  expect(Math.min(...numbers)).toBe(19.9);
  expect(Math.max(...numbers)).toBe(20.1);
});
