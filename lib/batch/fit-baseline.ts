import { expected, GatecastError } from '../base/errors.ts';
import { boolean, object, oneOf, whole } from '../base/schema.ts';
import { Baseline, type BaselineOptions } from '../baselines/baseline.ts';
import { Drift } from '../baselines/drift.ts';
import { excerpt, held, linearExcerpt, MOST_LINEAR_WINDOW } from '../baselines/excerpt.ts';
import { fitHoltWinters } from '../baselines/fit-holt-winters.ts';
import { fitLinear } from '../baselines/fit-linear.ts';
import { fitSmoothed } from '../baselines/fit-smoothed.ts';
import { fitTheta } from '../baselines/fit-theta.ts';
import { HoltWinters } from '../baselines/holt-winters.ts';
import { Last } from '../baselines/last.ts';
import { Linear, type TargetScale } from '../baselines/linear.ts';
import { MovingAverage } from '../baselines/moving-average.ts';
import type { Rule } from '../baselines/rule.ts';
import { Seasonal } from '../baselines/seasonal.ts';
import { Smoothed } from '../baselines/smoothed.ts';
import { Theta } from '../baselines/theta.ts';
import { type Data, gather, isSeries } from '../data/series.ts';
import { selectColumns, type Table } from '../data/table.ts';
import type { Model, ModelDescription } from '../model/model.ts';
import { findPeriods } from '../time/periods.ts';

/** The name of a baseline, as in `baselines`; 'nlinear' and 'dlinear' are always fitted. */
export type BaselineName =
  | 'last'
  | 'drift'
  | 'seasonal'
  | 'movingAverage'
  | 'smoothed'
  | 'holtWinters'
  | 'theta'
  | 'dlinear'
  | 'nlinear';

/** The baselines, from the simplest to the one that is fitted with most numbers. */
export const baselineNames: readonly BaselineName[] = [
  'last',
  'drift',
  'seasonal',
  'movingAverage',
  'smoothed',
  'holtWinters',
  'theta',
  'dlinear',
  'nlinear',
];

export interface FitBaselineOptions {
  /** Samples of a season, 1 to 100,000, 1 for none; default the strongest period of the data. */
  period?: number;
  /** Whether the trend of Holt-Winters fades; default true. */
  damped?: boolean;
  /**
   * Whether to fit the first state of Holt-Winters too, to a single series; default false. Every stream then begins
   * with it, as is right for streams that begin with the same row.
   */
  initial?: boolean;
  /** Samples that NLinear and DLinear read, 1 to 10,000; default 336, fewer if the rows are few. */
  lookback?: number;
  /** First row of each series that chooses between penalties of NLinear and DLinear; default the last fifth. */
  validation?: number;
}

const checkName = oneOf(...baselineNames);
const checkOptions = object<FitBaselineOptions>(
  {
    period: whole(1, 100_000),
    damped: boolean,
    initial: boolean,
    lookback: whole(1, 10_000),
    validation: whole(1, Number.MAX_SAFE_INTEGER),
  },
  ['period', 'damped', 'initial', 'lookback', 'validation'],
);

/** Samples that linear baselines read by default, and at most this share of the rows to learn from. */
const LOOKBACK = 336;
const LOOKBACK_SHARE = 1 / 4;

/** Most series that parameters are fitted to, spread evenly over all. */
const MOST_SERIES = 16;

/** Most values that parameters are fitted to, of all targets together: the last ones of each series. */
const MOST_VALUES = 100_000;
const LEAST_VALUES = 2000;

/** Most values of a moving average without a period. */
const WINDOW = 10;

/** A season must have been seen this often to be fitted. */
const LEAST_PERIODS = 3;

/**
 * Fits a baseline to data: the length of the season and, of 'smoothed', 'holtWinters' and 'theta', the parameters of
 * each target with the least squared errors one sample ahead; of 'nlinear' and 'dlinear', the weights for the whole
 * horizon. `task` says what to forecast, as in `baselines`, or is a model whose task and scale it takes.
 *
 * Throws `invalid-argument` for arguments that cannot be used, and `invalid-data` for data that cannot be used, and if
 * there is no season for 'seasonal' or no whole window for 'nlinear' or 'dlinear'.
 *
 * ```ts
 * const theta = await fitBaseline('theta', table, { targets: ['load'], horizon: 24 });
 * load$.pipe(forecast(theta)).subscribe((f) => console.log(f.mean));
 * ```
 */
export async function fitBaseline(
  name: BaselineName,
  data: Data,
  task: BaselineOptions | Model = {},
  options: FitBaselineOptions = {},
): Promise<Baseline> {
  checkName(name, 'name');
  const checked = checkOptions(options, 'options');
  const asked = new Baseline(new Last(), task); // checks the task
  const tables = isSeries(data) ? [...(await gather(data)).values()] : [data];
  const known = new KnownValues(tables, asked);
  return known.fit(name, task, {
    period: checked.period ?? known.periods(asked.description.interval)[0],
    ...checked,
  });
}

interface TargetValues {
  readonly name: string;
  /** The values of each series. */
  readonly series: readonly Float64Array[];
  readonly scale: TargetScale;
}

/** The values of the targets that baselines are fitted to. */
export class KnownValues {
  readonly #targets: readonly TargetValues[];
  readonly #horizon: number;

  /** `of`: the model whose targets, horizon and scale are meant. Throws `invalid-data` if a target has no value. */
  constructor(
    tables: readonly Table[],
    {
      description: { targets, horizon },
      scaler,
    }: Pick<Model, 'scaler'> & { readonly description: Pick<ModelDescription, 'targets' | 'horizon'> },
  ) {
    const selected = tables.map((table) => selectColumns(table, targets));
    this.#horizon = horizon;
    this.#targets = targets.map((name, t) => {
      const series = selected.map(({ columns }) =>
        columns[t]!.map((value) => (Math.abs(value) <= 1e300 ? value : Number.NaN)),
      );
      const at = scaler?.names.indexOf(name) ?? -1;
      const scale = at < 0 ? scaleOf(series) : { mean: scaler!.mean[at]!, std: scaler!.std[at]! };
      if (Number.isNaN(scale.mean)) {
        throw new GatecastError('invalid-data', `Expected at least one value in ${name} but received none.`);
      }
      return { name, series, scale };
    });
  }

  /** The periods of all targets and some of the series, from the strongest in sum on. */
  periods(interval: number | null): number[] {
    const strengths = new Map<number, number>();
    for (const values of excerpt(
      this.#targets.flatMap(({ series }) => series),
      MOST_SERIES,
      MOST_VALUES,
    )) {
      for (const { period, strength } of findPeriods(values, interval)) {
        strengths.set(period, (strengths.get(period) ?? 0) + strength);
      }
    }
    return [...strengths].sort(([, a], [, b]) => b - a).map(([period]) => period);
  }

  /** Throws `invalid-data` if there is no season or no whole window. */
  fit(
    name: BaselineName,
    task: BaselineOptions | Model,
    { period = 1, damped = true, initial = false, lookback, validation }: FitBaselineOptions = {},
  ): Baseline {
    if (name === 'last') return new Baseline(new Last(), task);
    if (name === 'drift') return new Baseline(new Drift(), task);
    if (name === 'movingAverage') return new Baseline(new MovingAverage(period > 1 ? period : WINDOW), task);
    if (name === 'seasonal') {
      if (period > 1) return new Baseline(new Seasonal(period), task);
      throw new GatecastError('invalid-data', 'Expected a season in the values of the targets but found none.');
    }
    if (name === 'nlinear' || name === 'dlinear') return new Baseline(this.#linear(name, lookback, validation), task);
    const most = Math.max(LEAST_VALUES, MOST_VALUES / this.#targets.length);
    const rules = this.#targets.map(({ series }) => {
      const few = excerpt(series, initial ? 1 : MOST_SERIES, most);
      const long = few.some(({ length }) => length >= LEAST_PERIODS * period) ? period : 1;
      if (name === 'smoothed') return new Smoothed(fitSmoothed(few));
      if (name === 'theta') return new Theta(fitTheta(few, long));
      return new HoltWinters(fitHoltWinters(few, { period: long, damped, initial }));
    });
    return new Baseline(rules, task);
  }

  #linear(kind: 'nlinear' | 'dlinear', given: number | undefined, validation: number | undefined): Rule[] {
    const longest = this.#targets[0]!.series.reduce((most, { length }) => Math.max(most, length), 0);
    const first = (length: number) => validation ?? Math.floor(0.8 * length);
    const lookback = given ?? Math.max(1, Math.min(LOOKBACK, Math.floor(first(longest) * LOOKBACK_SHARE)));
    if (lookback + this.#horizon > MOST_LINEAR_WINDOW) {
      const what = `at most ${MOST_LINEAR_WINDOW} samples of lookback and horizon together`;
      throw new GatecastError('invalid-data', expected(what, kind, lookback + this.#horizon));
    }
    // NLinear knows no level, so series of different levels and spreads can teach it alike
    const alike = kind === 'nlinear' && this.#targets.some(({ series }) => series.length > 1);
    const scaled = linearExcerpt(
      this.#targets.flatMap(({ series, scale }) =>
        series.map((values) => scaledBy(held(values), alike ? scaleOf([values]) : scale)),
      ),
    );
    const weights = fitLinear(
      kind,
      {
        training: scaled.map((values) => values.subarray(0, first(values.length))),
        validation: scaled.map((values) => values.subarray(Math.max(0, first(values.length) - lookback))),
      },
      lookback,
      this.#horizon,
      !alike, // a bias would be in deviations of each series, which a new stream does not have yet
    );
    if (weights) return this.#targets.map(({ scale }) => new Linear(kind, weights, scale));
    const rows = `${lookback + this.#horizon} rows with values in a row (lookback ${lookback} + horizon ${this.#horizon})`;
    throw new GatecastError(
      'invalid-data',
      `Expected ${rows} to fit ${kind} to, and as many to check it, but found none.`,
    );
  }
}

function scaledBy(values: Float64Array, { mean, std }: TargetScale): Float64Array {
  return values.map((value) => (value - mean) / std);
}

/** The mean and the deviation over all series; NaN without a value. A constant has the deviation 1. */
function scaleOf(series: readonly Float64Array[]): TargetScale {
  let [mean, sum, count] = [0, 0, 0];
  for (const values of series) {
    for (const value of values) {
      if (Number.isNaN(value)) continue;
      const before = value - mean;
      mean += before / ++count;
      sum += before * (value - mean);
    }
  }
  const std = Math.sqrt(sum / count);
  return { mean: count > 0 ? mean : Number.NaN, std: std > Math.abs(mean) * 1e-12 ? std : 1 };
}
