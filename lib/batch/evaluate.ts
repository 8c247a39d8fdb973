import { createBreath } from '../base/breath.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { blocksOf } from '../data/blocks.ts';
import { type Data, gather, isSeries, type KeyedTable, type Series, seriesOf } from '../data/series.ts';
import { medianInterval, rowCount, selectColumns, type Table } from '../data/table.ts';
import type { BaselineOptions } from '../baselines/baseline.ts';
import { tableInputs } from '../model/ahead.ts';
import type { Model } from '../model/model.ts';
import { Scaler } from '../model/scaler.ts';
import { checkEvaluateOptions, type EvaluateOptions, firstRow } from './evaluate-options.ts';
import { checkModel, Lanes, type RollingModel, type RunOptions, type Step } from './lanes.ts';
import { type Score, type SeriesScore, Tally } from './score.ts';

export type EvaluatedModel = RollingModel & Pick<Model, 'scaler'>;

const HINT = ' evaluateClasses() scores that.';

/** A function that makes a model for the named columns, such as `baselines.last`. */
export type ModelMaker = (task: BaselineOptions) => EvaluatedModel;

/**
 * Scores a model on every window whose horizon lies within rows [from, to) of a table, or of each series: all series
 * together, and each alone. A window's inputs may reach back before `from`, so the number of windows does not depend on
 * the lookback. A row's forecast is scored only against rows after it. Windows without a warm state or with a missing
 * true value are left out, for the naive forecast too.
 *
 * A function such as `baselines.last` instead of a model makes a model that forecasts every column one row ahead. For
 * it, and for a model without a scaler, all rows of the series are held in memory. Otherwise series are read in chunks.
 *
 * Throws `invalid-argument` or `invalid-data` for arguments that cannot be used and if there is no window. For series,
 * the promise is rejected with these errors, or with the error that their source throws.
 *
 * ```ts
 * const own = evaluate(model, table, { from: 8000 });
 * const seasonal = evaluate(baselines.seasonal(24, model), table, { from: 8000 });
 * ```
 */
export function evaluate(
  model: EvaluatedModel | ModelMaker,
  series: Series,
  options?: EvaluateOptions,
): Promise<SeriesScore>;
export function evaluate(model: EvaluatedModel | ModelMaker, table: Table, options?: EvaluateOptions): Score;
export function evaluate(
  of: EvaluatedModel | ModelMaker,
  data: Data,
  options: EvaluateOptions = {},
): Score | Promise<SeriesScore> {
  if (typeof of !== 'function') {
    checkModel(of);
    if (of.description.classes) throw misfit('a model of numbers', 'model', 'one of a category', HINT);
  }
  const span = checkEvaluateOptions(options, 'options');
  if (isSeries(data)) return evaluateSeries(of, data, span);
  return scoringOf(of, [{ ...data, key: '' }], span).table(data);
}

async function evaluateSeries(
  of: EvaluatedModel | ModelMaker,
  series: Series,
  span: EvaluateOptions,
): Promise<SeriesScore> {
  if (typeof of !== 'function' && of.scaler && !isScaledApart(of, span)) {
    return new Scoring(of, () => of.scaler!, span).series(series);
  }
  const tables = await gather(series);
  const keyed = [...tables].map(([key, table]) => ({ ...table, key }));
  return scoringOf(of, keyed, span).series(seriesOf(tables));
}

/** The scoring of a model. The data may have to give the model itself, or its scaler. */
function scoringOf(of: EvaluatedModel | ModelMaker, tables: readonly KeyedTable[], span: EvaluateOptions): Scoring {
  const model = typeof of === 'function' ? madeFor(tables, of) : of;
  checkModel(model);
  if (isScaledApart(model, span)) {
    const scalers = new Map(tables.map((table) => [table.key, scalerFor(model, [table], span)]));
    return new Scoring(model, (key) => scalers.get(key)!, span);
  }
  const scaler = model.scaler ?? scalerFor(model, tables, span);
  return new Scoring(model, () => scaler, span);
}

/** Whether the errors of each series are scaled by its own deviation. */
function isScaledApart({ description }: EvaluatedModel, { scale }: EvaluateOptions): boolean {
  return scale === undefined ? description.scale !== undefined : scale === 'series';
}

/** The model that `make` makes for all columns of numbers. */
function madeFor(tables: readonly Table[], make: ModelMaker): EvaluatedModel {
  const [first] = tables;
  if (!first) throw new GatecastError('invalid-data', 'Expected at least one series in the data but found none.');
  const interval = medianInterval(first);
  try {
    const inputs = first.names.filter((_, i) => first.words?.[i] === undefined);
    return make({ inputs, ...(interval !== null && { interval }) });
  } catch (cause) {
    if (cause instanceof GatecastError) throw cause;
    const message = 'Expected a function that makes a model for model but received one that throws.';
    throw new GatecastError('invalid-argument', message, { cause });
  }
}

/**
 * Mean and deviation of the targets over the rows before `from` of each table, or over all rows if no row is before
 * `from`.
 */
function scalerFor({ description }: EvaluatedModel, tables: readonly KeyedTable[], span: EvaluateOptions): Scaler {
  const { targets } = description;
  const known = tables.map((table) => {
    const { columns } = selectColumns(table, targets);
    const from = firstRow(span, table.key);
    return from > 0 && Number.isFinite(from) ? columns.map((column) => column.subarray(0, from)) : columns;
  });
  const joined = targets.map((_, t) => {
    const parts = known.map((columns) => columns[t]!);
    const column = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      column.set(part, at);
      at += part.length;
    }
    return column;
  });
  return Scaler.fit(targets, joined);
}

/** The lanes of an evaluation, and the counts of each. */
class Scoring {
  readonly #model: EvaluatedModel;
  readonly #span: EvaluateOptions;
  readonly #names: readonly string[];
  /** The indices of the targets among the inputs. */
  readonly #targets: readonly number[];
  readonly #scalerOf: (key: string) => Pick<Scaler, 'names' | 'std'>;
  readonly #run: RunOptions;
  readonly #tallies = new Map<string, Tally>();

  constructor(model: EvaluatedModel, scalerOf: (key: string) => Pick<Scaler, 'names' | 'std'>, span: EvaluateOptions) {
    const { targets } = model.description;
    this.#model = model;
    this.#span = span;
    this.#names = tableInputs(model.description);
    this.#targets = targets.map((target) => this.#names.indexOf(target));
    this.#scalerOf = scalerOf;
    this.#run = {
      wanted: (row, { key }) => row >= firstRow(span, key) - 1,
      ...(span.to !== undefined && { to: span.to }),
    };
  }

  table(table: Table): Score {
    const selected = { ...selectColumns(table, this.#names), key: '' };
    const lanes = new Lanes(this.#model, { ahead: this.#model.description.horizon, lanes: 1 });
    try {
      for (const step of lanes.run([selected], this.#run)) if (step) this.#take(step);
    } finally {
      lanes.dispose();
    }
    return this.#score([''], rowCount(table));
  }

  async series(series: Series): Promise<SeriesScore> {
    const lanes = new Lanes(this.#model, { ahead: this.#model.description.horizon });
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

  /** The deviation of each target in a series. */
  #deviations(key: string): number[] {
    const { names, std } = this.#scalerOf(key);
    return this.#model.description.targets.map((target) => std[names.indexOf(target)]!);
  }

  #take({ lane, table, index, forecast, last }: Step): void {
    let tally = this.#tallies.get(lane.key);
    if (!tally) {
      tally = new Tally(this.#model.description, this.#deviations(lane.key));
      this.#tallies.set(lane.key, tally);
    }
    const truth = this.#targets.map((input) => table.columns[input]!);
    tally.add(forecast, truth, index, (t) => last(this.#targets[t]!));
  }

  /** The score of these series together. They are added in this order, so sums do not depend on the chunks. */
  #score(keys: Iterable<string>, end?: number): Score {
    const all = new Tally(this.#model.description, []);
    for (const key of keys) {
      const tally = this.#tallies.get(key);
      if (tally) all.plus(tally);
    }
    if (all.windows > 0) return all.score();
    const { horizon } = this.#model.description;
    const { from = 0, to = end } = this.#span;
    const first = typeof from === 'number' ? `row ${from}` : 'the given rows';
    const rows = to === undefined ? `from ${first} on` : `from ${first} to ${to}`;
    throw new GatecastError(
      'invalid-data',
      `Expected at least one complete window of horizon ${horizon} ${rows} but found none.`,
    );
  }
}
