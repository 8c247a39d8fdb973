import { types } from 'node:util';
import { createBreath } from '../base/breath.ts';
import { GatecastError } from '../base/errors.ts';
import { type Check, object, oneOf, whole } from '../base/schema.ts';
import { reading } from '../base/values.ts';
import type { Baseline } from '../baselines/baseline.ts';
import { type Data, gather, isSeries, seriesOf } from '../data/series.ts';
import { rowCount, sliceRows, type Table } from '../data/table.ts';
import { checkModel, type Model } from '../model/model.ts';
import type { PairedTest } from '../accuracy/paired.ts';
import { evaluate } from './evaluate.ts';
import { type BaselineName, baselineNames, KnownValues } from './fit-baseline.ts';
import type { ErrorScore } from './score.ts';
import { testDifference } from './test-difference.ts';

export interface CompareOptions {
  /**
   * First row of each series that is forecast, or of each by key. Baselines are fitted to the rows before it. With
   * keys, other series are not forecast.
   */
  from: number | ReadonlyMap<string, number>;
  /** Row before which the last forecast ends; default the end of the series. */
  to?: number;
  /** Which deviation scaled errors have, as of `evaluate`; default as the streams of the model have their scale. */
  scale?: 'global' | 'series';
}

/** A model beside the baselines, on the same windows. */
export interface BaselineComparison {
  /** How many windows were compared. */
  windows: number;
  model: ErrorScore;
  /** The errors of each baseline by name, from the best to the worst. */
  baselines: Readonly<Record<string, ErrorScore>>;
  /** The name of the baseline with the least mean squared error on scaled values. */
  best: string;
  /** 1 - the model's mean squared error on scaled values / that of the best baseline; below 0, the model loses. */
  skill: number;
  /** How the model compares with the best baseline, in a sentence. */
  verdict: string;
  /** Whether it differs from the best baseline by more than noise; left out with too few windows to say. */
  noise?: PairedTest;
  /** What was not compared, and why, in sentences. */
  leftOut: readonly string[];
}

const row = whole(1, Number.MAX_SAFE_INTEGER);
const checkFrom: Check<number | ReadonlyMap<string, number>> = (value, name) => {
  if (!types.isMap(value)) return row(value, name);
  return reading(name, () => new Map([...value].map(([key, first]) => [String(key), row(first, `${name} of ${key}`)])));
};
const checkOptions = object<CompareOptions>({ from: checkFrom, to: row, scale: oneOf('global', 'series') }, [
  'to',
  'scale',
]);

/** Most values that each model forecasts. More windows would only take time. */
const MOST_FORECAST = 2_000_000;
/** How many values that are drawn for sample paths count as one: fewer windows are compared then. */
const DRAWN = 5;
/** Most samples times values of a season that a baseline goes through. */
const MOST_SEASONAL = 50_000_000;
/** Most targets to which smoothing is fitted one by one. */
const MOST_TARGETS = 50;

/** After a long hole, one model is warm again before another: this share of the windows may differ. */
const OTHER_WINDOWS = 0.1;

const DAY = 86_400_000;

/**
 * Compares a model with all baselines that apply to the same task: the last value, the drift, the season of each period
 * that was found and of the day and the week, the mean of the last values, exponential smoothing, Holt-Winters with a
 * damped trend, Theta, DLinear and NLinear. They are fitted to the rows before `from` and scored with the model on the
 * windows from there on.
 *
 * The time is bounded to about some seconds: of very many windows, the last ones of each series are compared, and what
 * would take too long is left out. Throws `invalid-argument` or `invalid-data` for arguments that cannot be used, and
 * if there is no window.
 *
 * ```ts
 * const { skill, best, verdict } = await compareWithBaselines(model, table, { from: 8000 });
 * console.log(verdict); // The model's MSE is 12.0% below that of the best baseline, nlinear(336).
 * ```
 */
export async function compareWithBaselines(
  model: Model,
  data: Data,
  options: CompareOptions,
): Promise<BaselineComparison> {
  checkModel(model);
  const { from, to, scale = model.description.scale ? 'series' : 'global' } = checkOptions(options, 'options');
  const tables = isSeries(data) ? await gather(data) : new Map([['', data]]);
  const firsts = new Map(
    [...tables].flatMap(([key, table]): [string, number][] => {
      const first = typeof from === 'number' ? from : (from.get(key) ?? Number.POSITIVE_INFINITY);
      return first < Math.min(to ?? Number.POSITIVE_INFINITY, rowCount(table)) ? [[key, first]] : [];
    }),
  );
  const known = [...firsts].map(([key, first]) => sliceRows(tables.get(key)!, 0, first));
  const leftOut: string[] = [];
  const begins = lastWindows(tables, firsts, model, to, leftOut);
  const span = { from: begins, scale, ...(to !== undefined && { to }) } as const;
  const score = async (one: Model) => {
    const { mse, mae, scaled, windows } = await evaluate(one, seriesOf(tables), span);
    return { errors: { mse, mae, scaled }, windows };
  };
  const own = await score(model);
  const scores: [string, ErrorScore, Baseline][] = [];
  const breathe = createBreath();
  for (const make of candidates(model, known, leftOut)) {
    await breathe();
    const baseline = attempt(make, leftOut)?.beside(model);
    if (!baseline || scores.some(([name]) => name === baseline.name)) continue;
    const { errors, windows } = await scoredOrNone(score, baseline);
    const same = Math.abs(windows - own.windows) <= OTHER_WINDOWS * own.windows;
    if (same || baseline.name === 'last') scores.push([baseline.name, errors, baseline]);
    else leftOut.push(`${baseline.name} needs more rows before the first forecast.`);
  }
  scores.sort(([, a], [, b]) => a.scaled.mse - b.scaled.mse);
  const [best, least, baseline] = scores[0]!; // the last value always applies
  const names = ['the model', best] as const;
  const noise = await testDifference([model, baseline], names, seriesOf(tables), span, own.windows);
  return {
    windows: own.windows,
    model: own.errors,
    baselines: Object.fromEntries(scores.map(([name, errors]) => [name, errors])),
    best,
    skill: skillOf(own.errors, least),
    verdict: verdictOn(own.errors, best, least),
    ...(noise && { noise }),
    leftOut,
  };
}

/** 1 - the model's error / the baseline's; 0 if neither makes one. */
function skillOf(model: ErrorScore, baseline: ErrorScore): number {
  return model.scaled.mse === baseline.scaled.mse ? 0 : 1 - model.scaled.mse / baseline.scaled.mse;
}

/** Errors that differ by a smaller share are the same in the digits that are said. */
const ALIKE = 5e-4;

function verdictOn(model: ErrorScore, name: string, baseline: ErrorScore): string {
  if (baseline.scaled.mse === 0) return `The best baseline, ${name}, makes no error here.`;
  const skill = skillOf(model, baseline);
  if (Math.abs(skill) < ALIKE) return `The model errs as much as the best baseline, ${name}.`;
  const percent = `${Math.abs(100 * skill).toFixed(1)}%`;
  if (skill > 0) return `The model's MSE is ${percent} below that of the best baseline, ${name}.`;
  const times = 1 - skill < 1e4 ? (1 - skill).toFixed(1) : (1 - skill).toExponential(0);
  const above = skill > -1 ? `${percent} above` : `${times} times as large`;
  return `The model loses to the baseline ${name}: its MSE is ${above}.`;
}

/**
 * Why a model does not beat a baseline in a comparison, in a sentence; undefined if it does. `name`: of a baseline,
 * with or without its parameters, or 'best'.
 */
export function notBeaten(
  { model, baselines, best }: BaselineComparison,
  name: BaselineName | 'best',
): string | undefined {
  const meant = Object.keys(baselines).filter((each) =>
    name === 'best' ? each === best : each === name || each.startsWith(`${name}(`),
  );
  const [first] = meant; // the best of them: they are in order
  if (first === undefined) return `There is no baseline ${name} to beat: it does not apply to these rows.`;
  const [own, other] = [model.scaled.mse, baselines[first]!.scaled.mse];
  if (own < other) return undefined;
  return `The model does not beat ${first}: its MSE on scaled values is ${own.toPrecision(4)}, not below ${other.toPrecision(4)}.`;
}

/** The first row of each series from which is forecast, such that not too many windows follow. */
function lastWindows(
  tables: ReadonlyMap<string, Table>,
  firsts: ReadonlyMap<string, number>,
  { description: { horizon, targets, paths } }: Model,
  to: number | undefined,
  leftOut: string[],
): Map<string, number> {
  const values = horizon * targets.length * Math.max(1, (paths?.count ?? 0) / DRAWN);
  const most = Math.max(1, Math.floor(MOST_FORECAST / values / Math.max(1, firsts.size)));
  const begins = new Map(
    [...firsts].map(([key, first]) => {
      const end = Math.min(to ?? Number.POSITIVE_INFINITY, rowCount(tables.get(key)!));
      return [key, Math.max(first, end - horizon + 1 - most)];
    }),
  );
  if ([...begins].some(([key, first]) => first > firsts.get(key)!)) {
    leftOut.push(`Only the last ${most} windows of each series are compared with the baselines.`);
  }
  return begins;
}

/** Functions that fit the baselines. */
function* candidates(model: Model, known: readonly Table[], leftOut: string[]): Generator<() => Baseline> {
  const { interval, targets, scale } = model.description;
  const values = new KnownValues(known, model);
  const rows = known.reduce((sum, table) => sum + rowCount(table), 0) * targets.length;
  const periods = values.periods(interval);
  const calendar = [DAY, 7 * DAY].map((length) => length / (interval ?? Number.NaN));
  const longest = known.reduce((most, table) => Math.max(most, rowCount(table)), 0);
  const fits = calendar.filter((period) => Number.isInteger(period) && period >= 4 && period < longest);
  const affordable = periods.find((period) => rows * period <= MOST_SEASONAL);
  for (const name of baselineNames) {
    const smooths = name === 'smoothed' || name === 'holtWinters' || name === 'theta';
    if (smooths && targets.length > MOST_TARGETS) {
      leftOut.push(`${name} is not fitted to more than ${MOST_TARGETS} targets.`);
    } else if (name === 'dlinear' && scale) {
      leftOut.push('dlinear knows one level, and each series has its own.');
    } else if (name === 'seasonal') {
      for (const period of new Set([...periods, ...fits])) yield () => values.fit(name, model, { period });
    } else {
      yield () => values.fit(name, model, affordable === undefined ? {} : { period: affordable });
    }
  }
}

/** The baseline; undefined, with a sentence, if the rows are too few for it. */
function attempt(make: () => Baseline, leftOut: string[]): Baseline | undefined {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof GatecastError)) throw error;
    leftOut.push(error.message);
    return undefined;
  }
}

/** The score of a baseline; one without windows if it is never ready. */
async function scoredOrNone<T extends { windows: number }>(
  score: (model: Model) => Promise<T>,
  baseline: Baseline,
): Promise<T | { errors: ErrorScore; windows: 0 }> {
  try {
    return await score(baseline);
  } catch (error) {
    if (!(error instanceof GatecastError && error.code === 'invalid-data')) throw error;
    return { errors: { mse: Number.NaN, mae: Number.NaN, scaled: { mse: Number.NaN, mae: Number.NaN } }, windows: 0 };
  }
}
