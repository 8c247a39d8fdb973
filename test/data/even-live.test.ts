import fc from 'fast-check';
import { from } from 'rxjs';
import { expect, test } from 'vitest';
import { applyRules } from '../../lib/data/rules/apply-rules.ts';
import { Evener } from '../../lib/data/rules/even.ts';
import { rowCount, type Table } from '../../lib/data/table.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { makeModel } from '../support/models.ts';
import { clockFaults, stampsOf } from '../stream/random-clock.ts';
import { messyTimes, START, upTo } from './rules-set-up.ts';

const INTERVAL = 1000;
const RESET_AFTER = 40;
const model = makeModel();

function tableOf(at: readonly number[]): Table {
  const names = ['pressure', 'temperature'];
  const columns = [at.map((_, i) => 10 + Math.sin(i) / 3), at.map((_, i) => 20 + Math.cos(i / 5))];
  return { names, columns: columns.map((column) => Float64Array.from(column)), at: Float64Array.from(at) };
}

const sampleOf = ({ columns }: Table, row: number) => columns.map((column) => column[row]!);
const numbersOf = (one: LiveForecast) => [...one.mean, ...one.quantiles[0.9]!];

/** The forecasts of a live stream of these rows, and what it counted. */
function live(table: Table) {
  const metrics = new StreamMetrics();
  const forecasts: number[][] = [];
  from(upTo(rowCount(table)).map((row) => ({ at: table.at![row]!, values: sampleOf(table, row) })))
    .pipe(forecast(model, { gap: 'hold', resetAfter: RESET_AFTER * INTERVAL, metrics }))
    .subscribe((one) => forecasts.push(numbersOf(one)));
  const { counters } = metrics.reader().read();
  return { forecasts, counters };
}

/** The forecasts after each row that has values, where each segment begins anew. */
function fromSegments(segments: readonly Table[]): number[][] {
  return segments.flatMap((table) => {
    const state = new StreamState(model, { gap: 'hold' });
    return upTo(rowCount(table)).flatMap((row) => {
      const values = sampleOf(table, row);
      const one = state.step({ values });
      return values.some(Number.isNaN) ? [] : [numbersOf(one!)];
    });
  });
}

function evened(table: Table) {
  const evener = new Evener({ interval: INTERVAL, maxGap: RESET_AFTER * INTERVAL, duplicates: 'first' }, table);
  evener.add(table);
  const segments = evener.take(true).map((segment) => segment.table);
  return { segments, counts: evener.counts };
}

function expectSame(times: readonly number[]): void {
  const table = tableOf(times);
  const { forecasts, counters } = live(table);
  const { segments, counts } = evened(table);
  expect(counts).toEqual({
    untimed: 0,
    missing: counters['missing'] ?? 0,
    duplicates: counters['skipped:duplicate'],
    tooLate: counters['skipped:late'],
    suspects: counters['skipped:unbelieved'],
    segments: counters['resets'] + 1,
  });
  expect(fromSegments(segments)).toEqual(forecasts);
}

test('a table has the steps of a live stream of its rows, to the bit, whatever their times', () => {
  fc.assert(
    fc.property(messyTimes, (times) => expectSame(times.map((step) => START + step * INTERVAL))),
    { numRuns: 200 },
  );
});

test('and if its clock is set, runs wrong or jumps to and fro', () => {
  const faults = clockFaults(INTERVAL, RESET_AFTER, 0);
  fc.assert(
    fc.property(faults, (clock) => expectSame(stampsOf(clock, START, INTERVAL, 20))),
    { numRuns: 100 },
  );
});

test('all rules together give the steps of a live stream of the sorted rows', () => {
  fc.assert(
    fc.property(messyTimes, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (steps, random) => {
      const times = [...new Set(steps)].filter((step) => step < 4000).map((step) => START + step * INTERVAL);
      const mixed = times.map((time) => [random.next().value as number, time] as const).sort(([a], [b]) => a - b);
      const table = tableOf(mixed.map(([, time]) => time));
      const order = upTo(times.length).sort((a, b) => table.at![a]! - table.at![b]! || a - b);
      const sorted = {
        ...table,
        columns: table.columns.map((column) => Float64Array.from(order, (row) => column[row]!)),
        at: Float64Array.from(order, (row) => table.at![row]!),
      };
      const { segments, report } = applyRules(table, { interval: INTERVAL, maxGap: RESET_AFTER * INTERVAL });
      if (report.outlying.length === 0) expect(fromSegments(segments)).toEqual(live(sorted).forecasts);
    }),
    { numRuns: 100 },
  );
});
