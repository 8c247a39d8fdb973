import { GatecastError } from '../base/errors.ts';
import type { Tensor } from '../base/tensor.ts';
import type { KeyedTable } from '../data/series.ts';
import { rowCount } from '../data/table.ts';
import { aheadInputs, knownAhead } from '../model/ahead.ts';
import { headOf } from '../model/heads/heads.ts';
import type { Scaler } from '../model/scaler.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import { checkCounts } from '../train/counts.ts';
import { prepareData, type TrainingData } from '../train/data.ts';
import { evenSeries } from '../train/even-steps.ts';
import type { Plan, SeriesRows } from '../train/plan.ts';

/** What of a model decides how it reads rows. */
export interface Reader<D extends TrainedDescription> {
  readonly description: D;
  readonly scaler: Scaler;
  readonly course: Tensor | undefined;
}

/** Rows as a model reads them, and windows of which the last step alone has a loss. */
export interface FlowWindows<D extends TrainedDescription> {
  readonly plan: Plan<D>;
  readonly data: TrainingData;
  /** First rows of the windows. */
  readonly starts: Int32Array;
}

const MOST_WINDOWS = 64;

/**
 * Windows of so many rows, evenly spread over the rows of all series, of which each series is read from row `first` on;
 * shorter ones if no series holds one of the first of these lengths. Throws `invalid-data` for rows that the model
 * cannot read, and if there is no window.
 */
export async function windowsOf<D extends TrainedDescription>(
  { description, scaler, course }: Reader<D>,
  tables: readonly KeyedTable[],
  lengths: readonly number[],
  first = 0,
): Promise<FlowWindows<D>> {
  const { inputs, targets, horizon, present, loss, gap, scale, interval, lookback } = description;
  if (tables.length === 0) throw new GatecastError('invalid-data', 'Expected rows in the series but found none.');
  if (headOf(loss).truths === 'counts') checkCounts(tables, { targets, loss });
  const even = evenSeries(tables, { interval, horizon }, lookback);
  let rows = 0;
  const series = even.tables.map((table): SeriesRows => {
    const [from, to] = [rows, rows + rowCount(table)];
    rows = to;
    const span = { from: Math.min(from + first, to), to };
    return { table, key: table.key, offset: from, training: span, validation: span };
  });
  const plan: Plan<D> = {
    inputs: inputs.map(({ name }) => name),
    ahead: aheadInputs(knownAhead(description), horizon),
    series,
    rows,
    gap,
    scale,
    scaler,
    course,
    pieces: false,
    description,
    shapes: lengths.map((window) => {
      return { window, warmup: window - 1, horizon: present ? 0 : horizon, freeSteps: 0 };
    }),
  };
  const data = await prepareData(plan, 0);
  const { training } = data;
  const count = Math.min(MOST_WINDOWS, training.length);
  return {
    plan,
    data,
    starts: Int32Array.from({ length: count }, (_, i) => training[Math.floor(((i + 0.5) * training.length) / count)]!),
  };
}

/** A length, half of it, and so on as long as two steps are left. */
export function halves(length: number): number[] {
  return length < 4 ? [length] : [length, ...halves(Math.floor(length / 2))];
}
