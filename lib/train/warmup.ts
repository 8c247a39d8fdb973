import { selectColumns, type Table } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { createBreath } from '../base/breath.ts';
import type { Part } from './plan.ts';
import type { WindowShape } from './windows.ts';

/** Cold starts at most, spread evenly over the validation rows. */
const STARTS = 128;
/**
 * The forecasts of a cold state are as good as those of a warm one when they differ by at most this share of their
 * error.
 */
const TOLERANCE = 0.05;

/**
 * How many samples a cold state needs: from the `warmup`-th after its start on, its forecasts and their quantiles
 * differ from those of a state that had taken `lookback` samples before, on average over the validation rows, by at
 * most 5% of the mean absolute error of the latter. Errors then differ by no more. At most `lookback`; undefined when
 * `signal` aborts meanwhile.
 *
 * To compare the errors themselves was tried: where a model gains little on the last value, as most do, a cold state
 * was within 5% from its first sample on, by luck in the direction of its mistakes.
 */
export async function measureWarmup(
  model: Forecaster,
  parts: readonly Part[],
  { window, warmup, horizon }: WindowShape,
  signal: AbortSignal,
): Promise<number | undefined> {
  // by samples since the start
  const sums = Array.from({ length: window - warmup }, () => ({ difference: 0, error: 0 }));
  const breathe = createBreath();
  const compare = parts.map((part) => compareStarts(model, part, warmup, sums));
  const starts = parts.flatMap((part) => completeStarts(model, part, warmup, window + horizon));
  const count = Math.min(STARTS, starts.length);
  for (let i = 0; i < count; i++) {
    const row = starts[Math.floor((i * starts.length) / count)]!;
    const part = parts.findLastIndex(({ offset }) => offset <= row);
    for (const _ of compare[part]!(row - parts[part]!.offset)) {
      await breathe();
      if (signal.aborted) return undefined;
    }
  }
  const late = sums.findLastIndex(({ difference, error }) => difference > TOLERANCE * error);
  return Math.min(late + 2, warmup + 1);
}

/**
 * The rows, among those of all tables, from which `length` rows on nothing is missing, and `warmup` rows later the
 * validation begins.
 */
function completeStarts(
  model: Forecaster,
  { table, offset, validation }: Part,
  warmup: number,
  length: number,
): number[] {
  const { columns } = inputsOf(model, table);
  const starts: number[] = [];
  let complete = 0;
  for (let row = Math.max(0, validation.from - offset - warmup - 1); row < validation.to - offset; row++) {
    complete = columns.every((column) => Number.isFinite(column[row])) ? complete + 1 : 0;
    if (complete >= length) starts.push(offset + row - length + 1);
  }
  return starts;
}

/**
 * A generator that starts a state at a row of the table and a second one `warmup` rows later, and from there on adds to
 * `sums`, row by row, how far their forecasts differ and how far those of the first are from the truth: absolute, in
 * deviations of the target, means over quantiles, sums over targets and steps.
 */
function compareStarts(
  model: Forecaster,
  { table }: Part,
  warmup: number,
  sums: { difference: number; error: number }[],
): (from: number) => Generator<void> {
  const { targets, horizon } = model.description;
  const { names, columns } = inputsOf(model, table);
  const outputs = targets.flatMap((target) =>
    Array.from({ length: horizon }, (_, h) => ({ input: names.indexOf(target), h })),
  );
  const sample = (row: number) => columns.map((column) => column[row]!);
  return function* (from) {
    const [warm, cold] = [model.createState(), model.createState()];
    try {
      for (let row = from; row < from + warmup; row++, yield) warm.step(sample(row));
      for (const [n, sum] of sums.entries()) {
        const row = from + warmup + n;
        const [a, b] = [warm.step(sample(row))!, cold.step(sample(row))!];
        const pairs = [
          [a.mean, b.mean],
          ...Object.entries(a.quantiles).map(([level, q]) => [q, b.quantiles[Number(level)]!]),
        ];
        outputs.forEach(({ input, h }, i) => {
          const std = model.scaler.std[input]!;
          const apart = pairs.reduce((total, [x, y]) => total + Math.abs(x![i]! - y![i]!), 0);
          sum.difference += apart / pairs.length / std;
          sum.error += Math.abs(columns[input]![row + 1 + h]! - a.mean[i]!) / std;
        });
        yield;
      }
    } finally {
      warm.dispose();
      cold.dispose();
    }
  };
}

function inputsOf({ description }: Forecaster, table: Table): Table {
  return selectColumns(
    table,
    description.inputs.map((input) => input.name),
  );
}
