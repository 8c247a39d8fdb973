import { GatecastError } from '../base/errors.ts';
import type { KeyedTable } from '../data/series.ts';
import { rowCount } from '../data/table.ts';
import { aheadInputs, knownAhead } from '../model/ahead.ts';
import type { Description } from '../model/description.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { headOf } from '../model/heads/heads.ts';
import { checkCounts } from '../train/counts.ts';
import { prepareData, type TrainingData } from '../train/data.ts';
import { evenSeries } from '../train/even-steps.ts';
import { stepOf } from '../train/models/deepar.ts';
import type { SeriesRows } from '../train/plan.ts';

/** Windows of which the last step alone has a loss. */
export interface FlowWindows {
  /** What the network forecasts: all steps of the horizon, or one of a model that draws paths. */
  readonly description: Description;
  readonly data: TrainingData;
  /** First rows of the windows. */
  readonly starts: Int32Array;
  /** The inputs of the network that are forecast; any for a class, whose true values are beside the rows. */
  readonly targets: readonly number[];
}

const MOST_WINDOWS = 64;

/**
 * Windows of `lags` steps as the model reads them, evenly spread over the rows; shorter ones if no series holds one of
 * this length. Throws `invalid-data` for rows that the model cannot read, and if there is no window.
 */
export async function windowsFor(model: Forecaster, tables: readonly KeyedTable[], lags: number): Promise<FlowWindows> {
  const { description, scaler, course } = model.description.paths ? stepOf(model) : model;
  const { inputs, targets, horizon, present, loss, gap, scale, interval, lookback } = description;
  if (tables.length === 0) throw new GatecastError('invalid-data', 'Expected rows in the series but found none.');
  if (headOf(loss).truths === 'counts') checkCounts(tables, { targets, loss });
  const even = evenSeries(tables, { interval, horizon }, lookback);
  let rows = 0;
  const series = even.tables.map((table): SeriesRows => {
    const span = { from: rows, to: rows + rowCount(table) };
    rows = span.to;
    return { table, key: table.key, offset: span.from, training: span, validation: span };
  });
  const names = inputs.map(({ name }) => name);
  const data = await prepareData(
    {
      inputs: names,
      ahead: aheadInputs(knownAhead(description), horizon),
      series,
      rows,
      gap,
      scale,
      scaler,
      course,
      pieces: false,
      description,
      shapes: halves(lags).map((window) => {
        return { window, warmup: window - 1, horizon: present ? 0 : horizon, freeSteps: 0 };
      }),
    },
    0,
  );
  const { training, encoder } = data;
  const count = Math.min(MOST_WINDOWS, training.length);
  return {
    description,
    data,
    starts: Int32Array.from({ length: count }, (_, i) => training[Math.floor(((i + 0.5) * training.length) / count)]!),
    targets: targets.map((target) => encoder.columns[names.indexOf(target)] ?? 0),
  };
}

/** A length, half of it, and so on as long as two steps are left. */
function halves(length: number): number[] {
  return length < 4 ? [length] : [length, ...halves(Math.floor(length / 2))];
}
