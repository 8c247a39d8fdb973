import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { from, type Observable, Subject } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ForecasterStates } from '../../lib/model/forecaster-states.ts';
import { memoryStore } from '../../lib/stores/memory-store.ts';
import type { Store } from '../../lib/stores/store.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { forecastBy } from '../../lib/stream/fleet/forecast-by.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { KINDS, wordsOf } from '../stores/kinds.ts';
import { everything, line, model, nth, type Numbered } from './numbered-series.ts';
import { programOf } from '../support/bundled.ts';

type Run = (source: Observable<Numbered>, more?: object) => Observable<LiveForecast>;

const operators: [string, number, Run][] = [
  ['forecast', 1, (source, more) => source.pipe(forecast(model, { ...everything, ...more }))],
  ['forecastBy', 9, (source, more) => source.pipe(forecastBy((one) => one.id, model, { ...everything, ...more }))],
];

const series = (count: number, keys: number, begin = 0): Numbered[] =>
  Array.from({ length: count - begin }, (_, k) => nth(begin + k, keys));

function lines(forecasts: Observable<LiveForecast>): string[] {
  const said: string[] = [];
  forecasts.subscribe((f) => said.push(line(f)));
  return said;
}

describe.each(operators)('%s with a store', (_, keys, run) => {
  const whole = lines(run(from(series(400, keys))));

  test('continues after the end as if it had never stopped', () => {
    const store = memoryStore();
    const said: string[] = [];
    for (const [begin, end] of [
      [0, 3],
      [3, 180],
      [180, 400],
    ] as const) {
      said.push(...lines(run(from(series(end, keys, begin)), { store })));
      expect(store.meta).toEqual({ samples: end, offset: end - 1 });
    }
    expect(said).toEqual(whole);
  });

  test('after a failure, only the samples since the last write have to come again', () => {
    const store = memoryStore();
    const source = new Subject<Numbered>();
    const options = { store, flush: { samples: 50, every: '1h' } };
    const subscription = run(source, options).subscribe();
    for (const sample of series(180, keys)) source.next(sample);
    expect(store.meta).toEqual({ samples: 150, offset: 149 });
    subscription.unsubscribe();
    expect(store.meta).toEqual({ samples: 150, offset: 149 });
    const rest = lines(run(from(series(400, keys, 150)), options));
    expect(rest).toEqual(whole.slice(-rest.length));
    expect(rest.length).toBeGreaterThan(150);
  });

  test('a snapshot of another model is an error downstream', () => {
    const store = memoryStore();
    lines(run(from(series(20, keys)), { store }));
    const other = makeModel({ horizon: 2 });
    const freed = vi.spyOn(ForecasterStates.prototype, 'dispose');
    const errors: unknown[] = [];
    const again =
      keys === 1
        ? from(series(20, 1)).pipe(forecast(other, { ...everything, store }))
        : from(series(20, 9)).pipe(forecastBy((one) => one.id, other, { ...everything, store }));
    again.subscribe({ error: (error) => errors.push(error) });
    expect(errors).toEqual([gatecastError('invalid-file', /of the model/)]);
    expect(freed).toHaveBeenCalledTimes(1);
    freed.mockRestore();
  });
});

test('a forgotten stream comes back from the store as it was', () => {
  const run = operators[1]![2];
  const [one, two] = [run(from(series(300, 9))), run(from(series(300, 9)), { store: memoryStore(), maxStreams: 3 })];
  expect(lines(two)).toEqual(lines(one));
});

test('a flush time too long for a timer is refused', () => {
  const options = { store: memoryStore(), flush: { every: '30d' } }; // beyond 2^31 ms a timer fires at once
  const wanted = gatecastError('invalid-argument', /flush.every/);
  expect(() => forecast(model, options)).toThrow(wanted);
  expect(() => forecastBy(() => 'key', model, options)).toThrow(wanted);
});

test('a store takes only text as keys', () => {
  const errors: unknown[] = [];
  from(series(3, 2))
    .pipe(forecastBy((sample) => sample.offset, model, { store: memoryStore() }))
    .subscribe({ error: (error) => errors.push(error) });
  expect(errors).toEqual([gatecastError('invalid-argument', /key/)]);
});

/** How often a stream is killed, over all stores and operators: GATECAST_KILLS=200 for the whole proof. */
const durable = KINDS.filter((kind) => kind.durable);
const kills = Math.ceil(Number(process.env['GATECAST_KILLS'] ?? 12) / (durable.length * operators.length));
const program = programOf('stream/children/stream-for-ever.ts');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-resume-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The whole lines that a stream prints until it is killed, some milliseconds after its first. */
async function killed(kind: string[], operator: string, milliseconds: number): Promise<string[]> {
  const streaming = spawn(process.execPath, [...program, ...kind, folder, operator], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  streaming.stdout.setEncoding('latin1').on('data', (text: string) => (printed += text));
  const closed = once(streaming, 'close');
  await Promise.race([once(streaming.stdout, 'data'), closed]);
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  streaming.kill('SIGKILL');
  const [, signal] = (await closed) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  return printed.split('\n').slice(0, -1);
}

describe.each(durable)('killed at any moment, with $name', (durableKind) => {
  const words = wordsOf(durableKind);
  test.each(operators)(
    '%s forecasts what it would have forecast, and the store shows what was lost',
    async (operator, keys, run) => {
      let kept = 0;
      let begun = 0;
      for (let round = 0; round < kills; round++) {
        const [first, ...said] = await killed(words, operator, Math.random() * 80);
        expect(first).toBe(`from ${kept}`);
        const store: Store = durableKind.open(folder);
        kept = (store.meta as { samples: number } | undefined)?.samples ?? 0;
        store.close();
        expect(kept).toBeGreaterThanOrEqual(begun); // nothing that was written is lost
        // The answers of an uninterrupted run from that sample on, up to the last one printed.
        const source = new Subject<Numbered>();
        const wanted: string[] = [];
        run(source).subscribe((f) => wanted.push(line(f).trimEnd()));
        const step = async (n: number) => {
          source.next(nth(n, keys));
          await Promise.resolve();
        };
        let n = 0;
        while (n < begun) await step(n++);
        const silent = wanted.length;
        while (wanted.length < silent + said.length) await step(n++);
        expect(said).toEqual(wanted.slice(silent, silent + said.length));
        begun = kept;
      }
    },
    kills * 20_000,
  );
});
