import { GatecastError } from '../base/errors.ts';
import { between } from '../model/forecast-json.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { record, whole } from '../base/schema.ts';
import { ErrorMean } from './metrics.ts';
import { checkModel, type RollingModel, rolling } from './rolling.ts';
import { rowCount, selectColumns, type Table } from '../data/table.ts';

export type EvaluatedModel = RollingModel & Pick<Forecaster, 'scaler'>;

export interface EvaluateOptions {
  /** First row that is forecast; rows before it are input only. 0 by default. */
  from?: number;
  /** Row before which the last forecast ends; the end of the table by default. */
  to?: number;
}

/** Mean errors over windows, horizon steps and targets. */
export interface ErrorScore {
  /** Mean squared and absolute error in the user's units. */
  mse: number;
  mae: number;
  /** The same on values scaled by mean and deviation of the training rows: comparable between targets. */
  scaled: { mse: number; mae: number };
}

export interface Score extends ErrorScore {
  /** Windows scored: one for each row from which a whole horizon lies inside [from, to). */
  windows: number;
  /** The same windows forecast by repeating the last value. */
  naive: ErrorScore;
  /** For each quantile level, the share of true values at or below the forecast quantile; ideally the level itself. */
  coverage: Record<number, number>;
  /** Of the interval between the outermost levels, both bounds included; null for a model with less than two levels. */
  interval: { level: number; held: number } | null;
}

const row = whole(0, Number.MAX_SAFE_INTEGER);
const checkOptions = record<EvaluateOptions>({ from: row, to: row }, ['from', 'to']);

/**
 * Scores a model on every window whose horizon lies wholly inside rows [from, to). A window's inputs may reach back
 * before `from`, so the number of windows does not depend on the lookback. A row's forecast is scored only against
 * rows after it. Windows without a warm state or with a missing true value are left out, for the naive forecast too.
 */
export function evaluate(model: EvaluatedModel, table: Table, options: EvaluateOptions = {}): Score {
  checkModel(model);
  const rows = rowCount(table);
  const { from = 0, to = rows } = checkOptions(options, 'options');
  const { targets, horizon, levels } = model.description;
  const truth = selectColumns(table, targets).columns;
  const { scaler } = model;
  const std = targets.map((target) => scaler.std[scaler.names.indexOf(target)]!);
  const own = new Errors();
  const naive = new Errors();
  const covered = new Map(levels.map((level) => [level, 0]));
  const [lowest = Number.NaN, highest = Number.NaN] = [levels[0], levels.at(-1)];
  let windows = 0;
  let held = 0;
  const span = { from: Math.max(from - 1, 0), to: Math.max(Math.min(to, rows) - horizon, 0) };
  for (const { row, forecast } of rolling(model, table, span)) {
    const complete = truth.every((column) => column.subarray(row + 1, row + 1 + horizon).every(Number.isFinite));
    if (!forecast.ready || !complete) continue;
    windows += 1;
    const [lower, upper] = [forecast.quantiles[lowest], forecast.quantiles[highest]];
    truth.forEach((column, target) => {
      for (let step = 0; step < horizon; step++) {
        const value = column[row + 1 + step]!;
        const at = target * horizon + step;
        own.add(forecast.mean[at]! - value, std[target]!);
        naive.add(column[row]! - value, std[target]!);
        if (value >= (lower?.[at] ?? Number.NaN) && value <= (upper?.[at] ?? Number.NaN)) held += 1;
        for (const level of levels) {
          if (value <= forecast.quantiles[level]![at]!) covered.set(level, covered.get(level)! + 1);
        }
      }
    });
  }
  if (windows === 0) {
    throw new GatecastError(
      'invalid-data',
      `Expected at least one complete window of horizon ${horizon} in rows ${from} to ${to} but found none.`,
    );
  }
  const count = windows * horizon * targets.length;
  const coverage = Object.fromEntries(levels.map((level) => [level, covered.get(level)! / count]));
  const interval = highest > lowest ? { level: between(lowest, highest), held: held / count } : null;
  return { windows, ...own.score(), naive: naive.score(), coverage, interval };
}

class Errors {
  readonly #plain = new ErrorMean();
  readonly #scaled = new ErrorMean();

  add(error: number, std: number): void {
    this.#plain.add(error);
    this.#scaled.add(error / std);
  }

  score(): ErrorScore {
    const { mse, mae } = this.#scaled;
    return { mse: this.#plain.mse, mae: this.#plain.mae, scaled: { mse, mae } };
  }
}
