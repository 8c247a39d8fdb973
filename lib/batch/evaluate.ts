import { createBreath } from '../base/breath.ts';
import { GatecastError } from '../base/errors.ts';
import { record, whole } from '../base/schema.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, isSeries, type Series } from '../data/series.ts';
import { rowCount, selectColumns, type Table } from '../data/table.ts';
import type { Forecaster } from '../model/forecaster.ts';
import { checkModel, Lanes, type RollingModel, type RunOptions, type Step } from './lanes.ts';
import { type Score, type SeriesScore, Tally } from './score.ts';

export type EvaluatedModel = RollingModel & Pick<Forecaster, 'scaler'>;

export interface EvaluateOptions {
  /** First row of each series that is forecast; rows before it are input only. 0 by default. */
  from?: number;
  /** Row before which the last forecast ends; the end of the series by default. */
  to?: number;
}

const row = whole(0, Number.MAX_SAFE_INTEGER);
const checkOptions = record<EvaluateOptions>({ from: row, to: row }, ['from', 'to']);

/**
 * Scores a model on every window whose horizon lies wholly inside rows [from, to) of a table, or of each series: all
 * together, and each. A window's inputs may reach back before `from`, so the number of windows does not depend on the
 * lookback. A row's forecast is scored only against rows after it. Windows without a warm state or with a missing true
 * value are left out, for the naive forecast too. Throws `invalid-argument` or `invalid-data` for arguments that cannot
 * be used and where there is no window; the promise for series is rejected with them, and with what their source
 * throws.
 */
export function evaluate(model: EvaluatedModel, series: Series, options?: EvaluateOptions): Promise<SeriesScore>;
export function evaluate(model: EvaluatedModel, table: Table, options?: EvaluateOptions): Score;
export function evaluate(
  model: EvaluatedModel,
  data: Data,
  options: EvaluateOptions = {},
): Score | Promise<SeriesScore> {
  checkModel(model);
  const series = isSeries(data);
  const span = checkOptions(options, 'options');
  const scoring = new Scoring(model, span);
  return series ? scoring.series(data) : scoring.table(data);
}

/** The lanes of an evaluation, and what is counted of each. */
class Scoring {
  readonly #model: EvaluatedModel;
  readonly #span: EvaluateOptions;
  readonly #names: readonly string[];
  /** Among the inputs. */
  readonly #targets: readonly number[];
  readonly #std: readonly number[];
  readonly #run: RunOptions;
  readonly #tallies = new Map<string, Tally>();

  constructor(model: EvaluatedModel, span: EvaluateOptions) {
    const { inputs, targets, horizon } = model.description;
    const { names, std } = model.scaler;
    const { from = 0, to = Infinity } = span;
    this.#model = model;
    this.#span = span;
    this.#names = inputs.map((input) => input.name);
    this.#targets = targets.map((target) => this.#names.indexOf(target));
    this.#std = targets.map((target) => std[names.indexOf(target)]!);
    this.#run = { wanted: (row) => row >= from - 1, to: to - horizon };
  }

  table(table: Table): Score {
    const selected = { ...selectColumns(table, this.#names), key: '' };
    const lanes = new Lanes(this.#model, this.#model.description.horizon, 1);
    try {
      for (const step of lanes.run([selected], this.#run)) if (step) this.#take(step);
    } finally {
      lanes.dispose();
    }
    return this.#score([''], rowCount(table));
  }

  async series(series: Series): Promise<SeriesScore> {
    const lanes = new Lanes(this.#model, this.#model.description.horizon);
    const breathe = createBreath();
    try {
      for await (const block of blocksOf(series, this.#names)) {
        for (const step of lanes.run(block, this.#run)) {
          if (step) this.#take(step);
          else await breathe();
        }
      }
      const scored = [...lanes.keys].filter((key) => (this.#tallies.get(key)?.windows ?? 0) > 0);
      return { ...this.#score(scored), series: new Map(scored.map((key) => [key, this.#tallies.get(key)!.score()])) };
    } finally {
      lanes.dispose();
    }
  }

  #take({ lane, table, index, forecast }: Step): void {
    let tally = this.#tallies.get(lane.key);
    if (!tally) {
      tally = new Tally(this.#model.description, this.#std);
      this.#tallies.set(lane.key, tally);
    }
    const truth = this.#targets.map((input) => table.columns[input]!);
    tally.add(forecast, truth, index);
  }

  /** Of these series together, in this order: sums do not depend on the chunks. */
  #score(keys: Iterable<string>, end?: number): Score {
    const all = new Tally(this.#model.description, this.#std);
    for (const key of keys) {
      const tally = this.#tallies.get(key);
      if (tally) all.plus(tally);
    }
    if (all.windows > 0) return all.score();
    const { horizon } = this.#model.description;
    const { from = 0, to = end } = this.#span;
    const rows = to === undefined ? `from row ${from} on` : `in rows ${from} to ${to}`;
    throw new GatecastError(
      'invalid-data',
      `Expected at least one complete window of horizon ${horizon} ${rows} but found none.`,
    );
  }
}
