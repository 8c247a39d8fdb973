import { createBreath } from '../base/breath.ts';
import { isSilent } from '../batch/input-columns.ts';
import { laterSteps } from '../model/ahead.ts';
import { Scaler } from '../model/scaler.ts';
import { GapFiller } from '../online/time/gaps.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { Plan, SeriesRows } from './plan.ts';
import type { Place } from './truths.ts';

/** The columns of a series: as given, or of all inputs. */
export type Columns = SeriesRows & { readonly columns: readonly Float64Array[] };

/** Series as a network sees them, in the inputs' own units. */
export interface Filled {
  /** Of all inputs, fitted to the training rows; values that were filled in do not count. */
  readonly scaler: Scaler;
  readonly series: readonly Columns[];
}

/** Fills the missing values of all series as live streams do, each from its first row on. */
export async function fillAll(
  plan: Plan<TrainedDescription>,
  given: Scaler,
  series: readonly Columns[],
): Promise<Filled> {
  const { inputs, gap, description } = plan;
  const marks = inputs.slice(given.names.length);
  const mean = [...given.mean, ...marks.map(() => 0)]; // those of marks are never stand-ins
  const later = laterSteps(description.inputs);
  const filler = new GapFiller({ names: inputs, mean, targets: [], interval: null, gap, later });
  const filled: Columns[] = [];
  for (const each of series) filled.push({ ...each, columns: await fillSeries(filler, each.columns, plan) });
  if (marks.length === 0) return { scaler: given, series: filled };
  const own = Scaler.fit(marks, trainingColumns(filled).slice(given.names.length));
  return {
    scaler: new Scaler(inputs, [...given.mean, ...own.mean], [...given.std, ...own.std]),
    series: filled,
  };
}

/** The training rows of all series, column by column. */
export function trainingColumns(series: readonly Columns[]): Float64Array[] {
  const rows = series.reduce((sum, { training: { from, to } }) => sum + to - from, 0);
  return series[0]!.columns.map((_, column) => {
    const all = new Float64Array(rows);
    let at = 0;
    for (const { columns, training, offset } of series) {
      all.set(columns[column]!.subarray(training.from - offset, training.to - offset), at);
      at += training.to - training.from;
    }
    return all;
  });
}

/**
 * For each row and target 1 where the true value is missing, at its place among those of `all` rows; undefined if none
 * is. The columns are those given.
 */
export function missingTruths(
  series: readonly Columns[],
  targets: readonly number[],
  all: number,
  place: Place,
): Uint8Array | undefined {
  let marks: Uint8Array | undefined;
  for (const { columns, offset } of series) {
    targets.forEach((target, t) => {
      columns[target]!.forEach((value, row) => {
        if (Number.isFinite(value)) return;
        marks ??= new Uint8Array(all * targets.length);
        marks[place(offset + row, t)] = 1;
      });
    });
  }
  return marks;
}

/**
 * The inputs of a series as a live stream fills them, in their own units. A hole of `lookback` rows without any value,
 * or more, stays empty (NaN), and so do the rows before the first value: there a stream starts anew, so nothing is
 * learned across them. A row without any value is a step without a row, to which nobody tells a plan.
 */
async function fillSeries(
  filler: GapFiller,
  given: readonly Float64Array[],
  { inputs, ahead = [], shapes }: Pick<Plan, 'inputs' | 'ahead' | 'shapes'>,
): Promise<Float64Array[]> {
  const lookback = shapes[0]!.warmup + 1;
  const rows = given[0]!.length;
  const own = given.slice(0, given.length - ahead.length);
  const columns = inputs.map(() => new Float64Array(rows));
  const empty = (from: number, to: number) => {
    for (const column of columns) column.fill(Number.NaN, from, to);
  };
  const memory = new Float64Array(filler.size);
  const sample = new Float64Array(inputs.length);
  const breathe = createBreath();
  filler.reset(memory, 0);
  let known = -Infinity; // the last row with a value
  for (let row = 0; row < rows; row++) {
    if (row % 256 === 0) await breathe();
    sample.fill(Number.NaN);
    if (!isSilent(own, row)) {
      for (let i = 0; i < given.length; i++) {
        const value = given[i]![row]!;
        if (Number.isFinite(value)) sample[i] = value;
      }
      if (row - known > lookback) {
        filler.reset(memory, 0);
        empty(Math.max(0, known + 1), row);
      }
      known = row;
    }
    filler.fillSample(memory, 0, sample);
    for (let i = 0; i < columns.length; i++) columns[i]![row] = sample[i]!;
  }
  if (rows - known > lookback) empty(Math.max(0, known + 1), rows);
  return columns;
}
