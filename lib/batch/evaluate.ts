import { families } from '../accuracy/families.ts';
import type { BaselineOptions } from '../baselines/baseline.ts';
import { GatecastError, misfit } from '../base/errors.ts';
import { type Data, gather, isSeries, type KeyedTable, type Series, seriesOf } from '../data/series.ts';
import { medianInterval, rowCount, selectColumns, type Table } from '../data/table.ts';
import { Scaler } from '../model/scaler.ts';
import { checkEvaluateOptions, type EvaluatedModel, type EvaluateOptions, firstRow } from './evaluate-options.ts';
import { checkModel } from './lanes.ts';
import type { Score, SeriesScore } from './score.ts';
import { ScoreBook } from './score-book.ts';
import { type ScalerOf, Scoring } from './scoring.ts';
import { seasonOf } from './season.ts';

const HINT = ' evaluateClasses() scores that.';

/** A function that makes a model for the named columns, such as `baselines.last`. */
export type ModelMaker = (task: BaselineOptions) => EvaluatedModel;

/**
 * Scores a model on every window whose horizon lies within rows [from + gap, to) of a table, or of each series: all
 * series together, and each alone. A window's inputs may reach back before `from`, so the number of windows does not
 * depend on the lookback. A row's forecast is scored only against rows after it. Windows without a warm state or with a
 * missing true value are left out, for the naive forecast too, and counted. Memory does not grow with the rows, unless
 * `origins` are asked for.
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
  const tables = [{ ...data, key: '' }];
  const model = modelFor(of, tables);
  const book = bookFor(model, medianInterval(data), span);
  new Scoring(model, scalersFor(model, tables, span), span, book).table(data);
  checkAny(book, model, span, rowCount(data));
  return book.score();
}

async function evaluateSeries(
  of: EvaluatedModel | ModelMaker,
  series: Series,
  span: EvaluateOptions,
): Promise<SeriesScore> {
  if (typeof of !== 'function' && of.scaler && !isScaledApart(of, span)) {
    const book = bookFor(of, null, span);
    await new Scoring(of, () => of.scaler!, span, book).series(series);
    checkAny(book, of, span);
    return book.seriesScore();
  }
  const tables = await gather(series);
  const keyed = [...tables].map(([key, table]) => ({ ...table, key }));
  const model = modelFor(of, keyed);
  const book = bookFor(model, keyed[0] ? medianInterval(keyed[0]) : null, span);
  await new Scoring(model, scalersFor(model, keyed, span), span, book).series(seriesOf(tables));
  checkAny(book, model, span);
  return book.seriesScore();
}

/** Throws `invalid-data` if there was no window. */
function checkAny(
  book: ScoreBook,
  { description }: EvaluatedModel,
  { from = 0, gap = 0, to }: EvaluateOptions,
  end = to,
): void {
  if (book.windows > 0) return;
  const firsts = typeof from === 'number' ? [from] : [...new Set(from.values())];
  const first = firsts.length === 1 ? `row ${firsts[0]! + gap}` : 'the given rows';
  const rows = end === undefined ? `from ${first} on` : `from ${first} to ${to ?? end}`;
  throw new GatecastError(
    'invalid-data',
    `Expected at least one complete window of horizon ${description.horizon} ${rows} but found none.`,
  );
}

/** An empty book of scores. `interval` is that of the data, for a model that does not know its own. */
export function bookFor(
  { description }: Pick<EvaluatedModel, 'description'>,
  interval: number | null,
  { season, paths, origins = false }: EvaluateOptions,
): ScoreBook {
  const { targets, horizon, levels, loss = '', paths: drawn } = description;
  const shape = {
    targets,
    horizon,
    levels,
    family: drawn ? undefined : families[loss], // in place of parameters, its forecasts hold paths
    paths: paths ?? drawn?.count ?? 0,
  };
  return new ScoreBook(shape, season ?? seasonOf(description.interval ?? interval), origins);
}

/** The scalers of a model. The data has to give them if the model has none, or if each series has its own. */
export function scalersFor(model: EvaluatedModel, tables: readonly KeyedTable[], span: EvaluateOptions): ScalerOf {
  if (isScaledApart(model, span)) {
    const scalers = new Map(tables.map((table) => [table.key, scalerFor(model, [table], span)]));
    return (key) => scalers.get(key)!;
  }
  const scaler = model.scaler ?? scalerFor(model, tables, span);
  return () => scaler;
}

/** Whether the errors of each series are scaled by its own deviation. */
function isScaledApart({ description }: EvaluatedModel, { scale }: EvaluateOptions): boolean {
  return scale === undefined ? description.scale !== undefined : scale === 'series';
}

/** The model, or the one that a function makes of the tables. */
function modelFor(of: EvaluatedModel | ModelMaker, tables: readonly Table[]): EvaluatedModel {
  const model = typeof of === 'function' ? madeFor(tables, of) : of;
  checkModel(model);
  return model;
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
