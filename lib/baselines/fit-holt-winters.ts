import { factorize, solve } from './cholesky.ts';
import { errorsOf, sumOfSquares, varianceOf } from './errors.ts';
import { HoltWinters, type HoltWintersParameters, type HoltWintersState } from './holt-winters.ts';
import { minimize } from './minimize.ts';

/** The shares that are tried: the ends would make a rule that learns nothing, or that has no memory. */
const LEAST = 1e-4;
const MOST = 1 - LEAST;
const within = (x: number, from = LEAST, to = MOST) => from + x * (to - from);

/** The damping that is tried: less would end a trend at once, more cannot be told from none (Hyndman et al. 2008). */
const DAMPED = [0.8, 0.98] as const;

export interface HoltWintersFit {
  /** Samples of a season, 1 for none. */
  period: number;
  /** Whether the trend fades. */
  damped: boolean;
  /** Whether to fit the state before the first sample too, of a single series. */
  initial?: boolean;
}

/**
 * The parameters of Holt-Winters with the least squared errors one sample ahead over all series, each begun anew. With
 * `initial`, the first state is fitted as well; the cost then grows with the square of the period.
 */
export function fitHoltWinters(
  series: readonly Float64Array[],
  { period, damped, initial = false }: HoltWintersFit,
): HoltWintersParameters {
  const parametersOf = ([level = 0, trend = 0, last = 0, other = 0]: readonly number[]) => {
    const own = within(level);
    return {
      period,
      level: own,
      trend: own * within(trend),
      season: period > 1 ? (1 - own) * within(last) : 0,
      damping: damped ? within(period > 1 ? other : last, ...DAMPED) : 1,
    };
  };
  const variances = series.map(varianceOf);
  const first = Math.max(2, period); // the errors before it are those of the first state
  const cost = (place: readonly number[]) => {
    const parameters = parametersOf(place);
    if (initial) return withInitial(parameters, series[0]!).error;
    const rule = new HoltWinters(parameters);
    return series.reduce((sum, values, i) => sum + sumOfSquares(errorsOf(rule, values, first)) / variances[i]!, 0);
  };
  const dimensions = 2 + (period > 1 ? 1 : 0) + (damped ? 1 : 0);
  // the error can have several minima: a level that follows the values, and one that hardly moves
  const starts = [
    [0.3, 0.1, 0.2, 0.9],
    [0.02, 0.02, 0.5, 0.9],
    [0, 0, 0, 1],
  ];
  const minima = starts.map((start) => minimize(cost, start.slice(0, dimensions)));
  const { at } = minima.reduce((a, b) => (b.value < a.value ? b : a));
  const parameters = parametersOf(at);
  return initial ? { ...parameters, initial: withInitial(parameters, series[0]!).state } : parameters;
}

/** The first state with the least squared errors, and these. The errors are linear in the state, so it is exact. */
function withInitial(
  parameters: HoltWintersParameters,
  values: Float64Array,
): { state: HoltWintersState; error: number } {
  const { period = 1 } = parameters;
  const stateOf = ([level = 0, trend = 0, ...season]: readonly number[]): HoltWintersState => {
    const last = -season.reduce((sum, one) => sum + one, 0); // the seasons are 0 in sum, or the level could be anything
    return { level, trend, season: [...season, last] };
  };
  const run = (state: HoltWintersState, of: Float64Array) =>
    errorsOf(new HoltWinters({ ...parameters, initial: state }), of);
  const size = period + 1;
  const unit = (k: number) => stateOf(Array.from({ length: size }, (_, i) => (i === k ? 1 : 0)));
  const still = values.map((value) => (Number.isNaN(value) ? value : 0));
  const effects = Array.from({ length: size }, (_, k) => run(unit(k), still));
  const errors = run(unit(-1), values);
  const matrix = new Float64Array(size * size);
  const right = new Float64Array(size);
  effects.forEach((effect, i) => {
    for (let j = 0; j < size; j++) matrix[i * size + j] = product(effect, effects[j]!);
    matrix[i * (size + 1)]! *= 1 + 1e-12;
    right[i] = -product(effect, errors);
  });
  const state = stateOf(factorize(matrix, size) ? [...solve(matrix, size, right)] : [0]);
  return { state, error: sumOfSquares(run(state, values)) };
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
