import { basename } from 'node:path';
import { concat, filter, map, type Observable, range, take, timer } from 'rxjs';
import { readCsv } from '../adapters/csv.ts';
import { sensors } from '../adapters/sensors.ts';
import { columnIndex, medianInterval, rowCount, selectColumns } from '../data/table.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { missingRows } from '../batch/missing-rows.ts';

/** A sample of a session: its time [ms since the epoch], and a value for each name, NaN where missing. */
export interface LiveSample {
  at?: number;
  values: Float64Array;
}

/** Samples, and how a session is to treat them. */
export interface LiveSource {
  samples: Observable<LiveSample>;
  /** Where the samples come from. */
  title: string;
  names: readonly string[];
  units: readonly string[];
  /** Columns to forecast, as indices, and the range of each. */
  targets: readonly number[];
  limits: readonly (readonly [low: number, high: number])[];
  /** Steps ahead. */
  horizon: number;
  step: { size: number; unit: string };
  /** Time between two samples [ms]; null if not known. */
  interval: number | null;
  /** How many samples come before the first training, and how many are remembered. */
  collect: number;
  keep: number;
}

/**
 * Samples that the first training needs per step of the horizon: with fewer, too few windows are left for validation.
 */
const samplesPerStep = 5;

/**
 * This machine's sensors; learning begins after twenty seconds, or later if few readings come in that time. A reading
 * is stamped with the moment when it was due: how late it came is a sensor of its own, and no reason to miss a step.
 */
export function machineSource({ hz = 10, horizon = 3 }: { hz?: number; horizon?: number }): LiveSource {
  const stream = sensors({ hz });
  const steps = checkHorizon(Math.max(1, Math.round(horizon * hz)));
  const delay = stream.names.indexOf('loopDelay');
  const collect = Math.max(Math.round(20 * hz), samplesPerStep * steps, 60);
  return {
    samples: stream.pipe(map(({ at, values }) => ({ at: at - values[delay]!, values }))),
    title: `${stream.names.length} sensors of this machine, ${hz} readings a second`,
    names: stream.names,
    units: stream.units,
    targets: stream.names.map((_, index) => index),
    limits: stream.units.map((unit) => [0, unit === '%' ? 100 : Number.POSITIVE_INFINITY]),
    horizon: steps,
    step: { size: 1 / hz, unit: 's' },
    interval: 1000 / hz,
    collect,
    keep: Math.max(3000, 2 * collect),
  };
}

/** The largest share of a short file's rows that the first training takes. */
const firstShare = 0.6;

/**
 * The rows of a CSV file. Those of the first training come at once, the others `hz` per second while `flowing()`.
 * Without `targets` all columns of numbers are forecast; words are not shown.
 */
export async function fileSource(
  path: string,
  options: { hz?: number; horizon?: number; targets?: readonly string[]; note: (sentence: string) => void },
  flowing: () => boolean,
): Promise<LiveSource> {
  const { hz = 50, note } = options;
  const horizon = checkHorizon(options.horizon ?? 24);
  const whole = await readCsv(path, { note });
  const numbers = whole.names.filter((_, i) => whole.words?.[i] === undefined);
  if (numbers.length === 0) {
    throw new GatecastError('invalid-data', `Expected at least one column of numbers in ${path} but found none.`);
  }
  const table = selectColumns(whole, numbers);
  const rows = rowCount(table);
  const missing = missingRows(table, table.names, 'are filled in');
  if (missing !== undefined) note(missing);
  const collect = Math.min(Math.max(2000, samplesPerStep * horizon), Math.floor(rows * firstShare));
  if (collect < samplesPerStep * horizon) {
    const least = Math.ceil((samplesPerStep * horizon) / firstShare);
    throw new GatecastError(
      'invalid-data',
      `Expected at least ${least} rows in ${path} for a horizon of ${horizon} but found ${rows}.`,
    );
  }
  const row = (index: number) => ({
    ...(Number.isFinite(table.at?.[index]) && { at: table.at![index]! }),
    values: Float64Array.from(table.columns, (column) => column[index]!),
  });
  const paced = timer(0, 1000 / hz).pipe(
    filter(flowing),
    take(rows - collect),
    map((_, index) => row(collect + index)),
  );
  const targets = options.targets?.map((name) => columnIndex(table, name)) ?? table.names.map((_, index) => index);
  return {
    samples: concat(range(0, collect).pipe(map(row)), paced),
    title: `${basename(path)}, ${hz} rows a second`,
    names: table.names,
    units: table.names.map((_, index) => table.units?.[index] ?? ''),
    targets,
    limits: targets.map(() => [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]),
    horizon,
    step: { size: 1, unit: 'rows' },
    interval: medianInterval(table),
    collect,
    keep: 20_000,
  };
}

function checkHorizon(steps: number): number {
  if (Number.isInteger(steps) && steps >= 1 && steps <= 10_000) return steps;
  throw misfit('a whole number of samples from 1 to 10,000', 'horizon', steps);
}
