import { misfit } from '../base/errors.ts';
import { isColumn, number, object, whole } from '../base/schema.ts';
import { isArray, reading } from '../base/values.ts';

/** What a found window earns, and what a missed window and a false alarm cost. */
export interface NabProfile {
  found: number;
  missed: number;
  falseAlarm: number;
}

/** The three profiles of the Numenta Anomaly Benchmark: balanced, costly false alarms, costly misses. */
export const nabProfiles = {
  standard: { found: 1, missed: 1, falseAlarm: 0.11 },
  'low-fp': { found: 1, missed: 1, falseAlarm: 0.22 },
  'low-fn': { found: 1, missed: 2, falseAlarm: 0.11 },
} as const satisfies Record<string, NabProfile>;

/** One series with the scores that a detector gave it. */
export interface NabSeries {
  /** How anomalous each row is, in [0, 1]. */
  scores: Float64Array;
  /** First and last row of each labelled window, in order, without overlap. */
  windows: readonly (readonly [first: number, last: number])[];
}

export interface NabScore {
  /**
   * 0 for a detector that reports nothing, 100 for a perfect one; negative if false alarms outweigh the found windows.
   */
  score: number;
  /** A row with this score or a higher one counts as detected. */
  threshold: number;
  /** Windows with a detection, out of `windows`. */
  found: number;
  windows: number;
  /** Detected rows outside the windows. */
  falseAlarms: number;
}

const points = number(0, 1e9);
const checkProfile = object<NabProfile>({ found: points, missed: points, falseAlarm: points });
const checkThreshold = number(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY);
const checkRows = whole(0, Number.MAX_SAFE_INTEGER);

/**
 * How many rows at the start of a series are not scored: 15 % of it, at most 750. Throws `invalid-argument` unless
 * `rows` is a whole number.
 */
export function nabProbation(rows: number): number {
  return Math.floor(Math.min(0.15 * checkRows(rows, 'rows'), 750));
}

/**
 * Scores detections at one threshold for all series, as the Numenta Anomaly Benchmark does.
 *
 * A window earns more the earlier it is found, and only once; a false alarm costs less shortly after a window's end.
 * Both follow S(y) = 2 / (1 + exp(5 y)) - 1 (Lavin and Ahmad, Evaluating real-time anomaly detection algorithms, ICMLA
 * 2015). Throws `invalid-argument` for a value that is not a list of series, a threshold or a profile.
 */
export function nabScore(series: readonly NabSeries[], threshold: number, profile: NabProfile): NabScore {
  checkThreshold(threshold, 'threshold');
  const rows = rowsOf(series);
  const tally = new Tally(series, profile);
  for (const row of rows) if (row.score >= threshold) tally.detect(row);
  return tally.result(threshold);
}

/**
 * The score at the best threshold for these series taken together, as the benchmark reports it. Throws as `nabScore`
 * does.
 */
export function bestNabScore(series: readonly NabSeries[], profile: NabProfile): NabScore {
  const rows = rowsOf(series).sort((a, b) => b.score - a.score);
  const tally = new Tally(series, profile);
  let best = tally.result(Number.POSITIVE_INFINITY);
  rows.forEach((row, i) => {
    tally.detect(row);
    if (row.score === rows[i + 1]?.score) return; // no threshold separates equal scores
    const result = tally.result(row.score);
    if (result.score > best.score) best = result;
  });
  return best;
}

interface Row {
  score: number;
  /** The index of its window in the list of all windows; undefined outside of windows. */
  window: number | undefined;
  /** The worth of detecting it: S(y) / S(-1) within a window, S(y) < 0 outside. */
  worth: number;
}

/** Every scored row of every series. */
function rowsOf(series: readonly NabSeries[]): Row[] {
  if (!isArray(series)) throw misfit('a list', 'series', series);
  let windowsBefore = 0;
  const checked = reading('series', () => Array.from(series, checkSeries));
  return checked.flatMap(({ scores, windows }) => {
    const first = windowsBefore;
    windowsBefore += windows.length;
    return Array.from(scores.subarray(nabProbation(scores.length)), (score, i): Row => {
      const index = i + nabProbation(scores.length);
      const past = windows.findLastIndex(([left]) => left <= index); // the window that contains or precedes it
      if (past < 0) return { score, window: undefined, worth: -1 };
      const [left, right] = windows[past]!;
      const width = right - left + 1;
      if (index > right) return { score, window: undefined, worth: sigmoid((index - right) / (width - 1)) };
      return { score, window: first + past, worth: sigmoid(-(right - index + 1) / width) / sigmoid(-1) };
    });
  });
}

/** The detections so far and their worth. */
class Tally {
  readonly #profile: NabProfile;
  readonly #best: Float64Array;
  #falseAlarms = 0;
  #cost = 0;

  constructor(series: readonly NabSeries[], profile: NabProfile) {
    this.#profile = checkProfile(profile, 'profile');
    this.#best = new Float64Array(series.reduce((sum, { windows }) => sum + windows.length, 0));
  }

  detect({ window, worth }: Row): void {
    if (window !== undefined) {
      this.#best[window] = Math.max(this.#best[window]!, worth);
    } else {
      this.#falseAlarms++;
      this.#cost -= worth;
    }
  }

  result(threshold: number): NabScore {
    const { found: reward, missed, falseAlarm } = this.#profile;
    const windows = this.#best.length;
    const found = this.#best.filter((worth) => worth > 0).length;
    const earned = this.#best.reduce((sum, worth) => sum + (worth > 0 ? reward * worth : -missed), 0);
    const never = -missed * windows;
    const score = (100 * (earned - falseAlarm * this.#cost - never)) / (reward * windows - never);
    return { score, threshold, found, windows, falseAlarms: this.#falseAlarms };
  }
}

function sigmoid(y: number): number {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1;
}

function checkSeries(series: NabSeries, k: number): NabSeries {
  const { scores, windows } = series ?? {};
  if (!isColumn(scores)) throw misfit('a Float64Array', `series[${k}].scores`, scores);
  const odd = scores.find((score) => !(score >= 0 && score <= 1));
  if (odd !== undefined) throw misfit('scores from 0 to 1', `series[${k}].scores`, odd);
  if (!isArray(windows) || windows.length > scores.length) {
    throw misfit('a list of windows', `series[${k}].windows`, windows);
  }
  let end = -1;
  for (const window of windows) {
    const [first, last] = isArray(window) ? (window as readonly unknown[]) : [];
    if (!isRow(first, scores) || !isRow(last, scores) || first <= end || last <= first) {
      throw misfit('windows of two rows or more, in order and within the series', `series[${k}].windows`, windows);
    }
    end = last;
  }
  return series;
}

function isRow(value: unknown, scores: Float64Array): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < scores.length;
}
