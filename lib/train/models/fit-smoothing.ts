import { Smoothing, type SmoothingForm } from '../../model/esrnn/smoothing.ts';

/** The shares that are tried for the level and the seasons. */
const LEVELS = [0.02, 0.05, 0.1, 0.2, 0.4];
const SEASONS = [0.02, 0.05, 0.1, 0.2, 0.3, 0.4];

/** Most series that are looked at, spread evenly over all, and most values of all: more would only take time. */
const MOST_SERIES = 64;
const MOST_VALUES = 2 ** 16;

/**
 * The slowest smoothing is taken whose error is within this factor of the least: the network sees for itself what moved
 * last.
 */
const SLOWER = 1.01;

/** More seasons must bring the error down to this share. */
const GAIN = 0.99;

/** An error is at least this share of the values: that of a series that repeats exactly is known no better. */
const LEAST_ERROR = 1e-9;

/** A season must be seen so often in the series. */
const LEAST_SEASONS = 3;

/** All of a smoothing but what the network reads of it. */
type FittedForm = Omit<SmoothingForm, 'window' | 'block'>;

/** A smoothing, and the error that it gives. */
interface Fitted {
  readonly form: FittedForm;
  readonly error: number;
}

/**
 * The seasons, one of `candidates` from few seasons to more, and what the level and the seasons take of an error: those
 * with which the smoothing alone has the least mean absolute error at the end of the horizon. The geometric mean over
 * the series is compared, so that a factor counts alike in each.
 */
export function fitSmoothing(
  series: readonly Float64Array[],
  candidates: readonly (readonly number[])[],
  log: boolean,
  horizon: number,
): FittedForm {
  const stride = Math.ceil(series.length / MOST_SERIES);
  const some = series.filter((_, i) => i % stride === 0);
  const most = Math.ceil(MOST_VALUES / some.length);
  const taken = some.map((values) => values.subarray(Math.max(0, values.length - most)));
  const lengths = taken.map(({ length }) => length).sort((a, b) => a - b);
  const usual = lengths[Math.floor(lengths.length / 2)]!;
  const [first, ...others] = candidates;
  const tried = [first!, ...others.filter((periods) => LEAST_SEASONS * periods.at(-1)! <= usual)];
  const smoothingOf = (form: FittedForm) => new Smoothing({ ...form, window: 1, block: 1 }, horizon);
  const from = Math.max(...tried.map((periods) => smoothingOf({ periods, level: 0, season: 0, log }).start));
  const fitted = tried.map((periods): Fitted => {
    const shares = LEVELS.flatMap((level) => (periods.length > 0 ? SEASONS : [0]).map((season) => ({ level, season })));
    const all = shares.map((own): Fitted => {
      const form = { periods, ...own, log };
      const smoothing = smoothingOf(form);
      const errors = taken.flatMap((values) => errorOf(smoothing, values, from, horizon) ?? []);
      const logs = errors.reduce((sum, error) => sum + Math.log(error), 0);
      return { form, error: Math.exp(logs / Math.max(1, errors.length)) };
    });
    const least = Math.min(...all.map(({ error }) => error));
    return all.find(({ error }) => error <= SLOWER * least) ?? all[0]!;
  });
  return fitted.reduce((best, one) => (one.error < GAIN * best.error ? one : best)).form;
}

/** The mean absolute error `ahead` steps ahead from value `from` on; undefined for a series that is too short. */
function errorOf(smoothing: Smoothing, values: Float64Array, from: number, ahead: number): number | undefined {
  const row = new Float64Array(smoothing.size);
  let [samples, error, size, count] = [0, 0, 0, 0];
  values.forEach((value, i) => {
    if (Number.isNaN(value)) {
      samples = 0;
      row.fill(0);
      return;
    }
    smoothing.take(row, 0, samples, value);
    samples += 1;
    const later = values[i + ahead] ?? Number.NaN;
    if (i < from || samples < smoothing.start || Number.isNaN(later)) return;
    const truth = smoothing.smoothed(row, 0, samples, later);
    error += Math.abs(truth - smoothing.level(row, 0) - smoothing.season(row, 0, samples - 1 + ahead));
    size += Math.abs(truth);
    count += 1;
  });
  return count > 0 ? Math.max(error, LEAST_ERROR * size, Number.MIN_VALUE) / count : undefined;
}
