import { inputColumns, isComplete } from '../batch/input-columns.ts';
import { columnIndex, selectColumns, type Table } from '../data/table.ts';
import { Forecast, numberCount, toNumbers } from '../model/forecast.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { type ForecasterState, statesOf } from '../model/model-state.ts';
import { NONE_SKIPPED } from '../model/skipped.ts';
import { createBreath } from '../base/breath.ts';
import type { SeriesRows } from './plan.ts';
import type { WindowShape } from './windows.ts';

/** Most cold starts, spread evenly over the validation rows. */
const STARTS = 128;
/**
 * The forecasts of a cold state count as warm if they differ from those of a warm state by at most this share of the
 * error.
 */
const TOLERANCE = 0.05;

/** The rows of a series, and its inputs as the network sees them; the same if no value is missing. */
export type SeenRows = SeriesRows & { readonly seen?: Table | undefined };

/**
 * How many samples a cold state needs. From the `warmup`-th after its start on, its forecasts and their quantiles
 * differ from those of a state that had taken `lookback` samples before by at most 5 % of the latter's mean absolute
 * error, on average over the validation rows. The errors then differ by no more. At most `lookback`; undefined if
 * `signal` aborts meanwhile. Missing true values do not count.
 *
 * Tried without gain: comparing the errors themselves. Most models gain little on the last value, and then a cold state
 * was within 5 % from its first sample on, because its mistakes happened to cancel.
 */
export async function measureWarmup(
  model: Forecaster,
  series: readonly SeenRows[],
  { window, warmup, horizon }: WindowShape,
  signal: AbortSignal,
): Promise<number | undefined> {
  // by the number of samples since the start
  const sums = Array.from({ length: window - warmup }, () => ({ difference: 0, error: 0 }));
  const breathe = createBreath();
  const compare = series.map((rows) => compareStarts(model, rows, warmup, sums));
  const starts = series.flatMap((rows) => completeStarts(model, rows, warmup, window + horizon));
  if (starts.length === 0) return warmup + 1; // holes leave no room to compare
  const count = Math.min(STARTS, starts.length);
  for (let i = 0; i < count; i++) {
    const row = starts[Math.floor((i * starts.length) / count)]!;
    const index = series.findLastIndex(({ offset }) => offset <= row);
    for (const _ of compare[index]!(row - series[index]!.offset)) {
      await breathe();
      if (signal.aborted) return undefined;
    }
  }
  const late = sums.findLastIndex(({ difference, error }) => difference > TOLERANCE * error);
  return Math.min(late + 2, warmup + 1);
}

/**
 * The rows, among those of all tables, at which `length` complete rows begin, from `warmup` + 1 rows before the
 * validation rows on.
 */
function completeStarts(model: Forecaster, rows: SeenRows, warmup: number, length: number): number[] {
  const { offset, validation } = rows;
  const { columns } = inputsOf(model, rows);
  const starts: number[] = [];
  let complete = 0;
  for (let row = Math.max(0, validation.from - offset - warmup - 1); row < validation.to - offset; row++) {
    complete = isComplete(columns, model.description.inputs, row) ? complete + 1 : 0;
    if (complete >= length) starts.push(offset + row - length + 1);
  }
  return starts;
}

/** Sums of how far the forecasts of two states are apart, and how far those of the first are from the truth. */
interface Apart {
  difference: number;
  error: number;
}

/** Adds to the sums for forecasts of a warm and of a cold state after a row; `deviation` is that of an input. */
type Comparison = (
  warm: Forecast,
  cold: Forecast,
  row: number,
  deviation: (input: number) => number,
  sum: Apart,
) => void;

/**
 * A generator that starts one state at a row of the table and a second one `warmup` rows later. From there on it adds
 * to `sums`, row by row, the difference between their forecasts and the error of the first.
 */
function compareStarts(
  model: Forecaster,
  rows: SeenRows,
  warmup: number,
  sums: readonly Apart[],
): (from: number) => Generator<void> {
  const { table } = rows;
  const { columns } = inputsOf(model, rows);
  const compare = model.description.classes ? comparedWords(model, table) : comparedNumbers(model, rows);
  const numbers = new Float64Array(numberCount(model.description));
  const step = (state: ForecasterState, row: number) => {
    const states = state[statesOf];
    for (let i = 0; i < columns.length; i++) states.values[i] = columns[i]![row]!;
    states.stage(0, 0, table.at?.[row] ?? Number.NaN);
    states.advance(1);
    states.read(0, numbers);
    return new Forecast(model.description, toNumbers(numbers), undefined, true, NONE_SKIPPED);
  };
  return function* (from) {
    const [warm, cold] = [model.createState(), model.createState()];
    try {
      for (let row = from; row < from + warmup; row++, yield) step(warm, row);
      for (const [n, sum] of sums.entries()) {
        const row = from + warmup + n;
        const [a, b] = [step(warm, row), step(cold, row)];
        compare(a, b, row, (input) => warm[statesOf].deviation(0, input), sum);
        yield;
      }
    } finally {
      warm.dispose();
      cold.dispose();
    }
  };
}

/** Absolute, in deviations of the target, means over quantiles, sums over targets and steps. */
function comparedNumbers(model: Forecaster, rows: SeenRows): Comparison {
  const { targets, horizon } = model.description;
  const { names } = inputsOf(model, rows);
  const outputs = targets.flatMap((target) => {
    const truth = columnOf(rows.table, target);
    return Array.from({ length: horizon }, (_, h) => ({ input: names.indexOf(target), truth, h }));
  });
  return (a, b, row, deviation, sum) => {
    const pairs = [
      [a.mean, b.mean],
      ...Object.entries(a.quantiles).map(([level, q]) => [q, b.quantiles[Number(level)]!]),
    ];
    outputs.forEach(({ input, truth, h }, i) => {
      const std = deviation(input);
      const error = Math.abs(truth[row + 1 + h]! - a.mean[i]!) / std;
      if (!Number.isFinite(error)) return;
      const apart = pairs.reduce((total, [x, y]) => total + Math.abs(x![i]! - y![i]!), 0);
      sum.difference += apart / pairs.length / std;
      sum.error += error;
    });
  };
}

/** Half the sum of the differences of the probabilities, and the probability that was not given to the true word. */
function comparedWords({ description }: Forecaster, table: Table): Comparison {
  const { targets, horizon, present } = description;
  const column = columnIndex(table, targets[0]!);
  const words = table.words?.[column] ?? [];
  const first = present ? 0 : 1;
  return (warm, cold, row, _deviation, sum) => {
    const [a, b] = [warm.classes!.probabilities, cold.classes!.probabilities];
    for (let h = 0; h < horizon; h++) {
      const truth = a.get(words[table.columns[column]![row + first + h]!] ?? '');
      if (truth === undefined) continue;
      for (const [word, own] of a) sum.difference += Math.abs(own[h]! - b.get(word)![h]!) / 2;
      sum.error += 1 - truth[h]!;
    }
  };
}

function columnOf(table: Table, name: string): Float64Array {
  return table.columns[columnIndex(table, name)]!;
}

/** The inputs as the states of the model read them. */
function inputsOf({ description }: Forecaster, { table, seen }: SeenRows): Table {
  const names = description.inputs.map((input) => input.name);
  return seen ? selectColumns(seen, names) : inputColumns(selectColumns(table, names), description);
}
