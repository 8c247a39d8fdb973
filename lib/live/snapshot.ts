import type { Forecaster } from '../model/forecaster.ts';
import type { Row } from './history.ts';

/** The state of a session after a sample, or after a step of learning: everything that a view shows. */
export interface Snapshot {
  phase: 'collecting' | 'training' | 'live';
  /** Whether this snapshot follows a sample; if not, only the learning has progressed. */
  fresh: boolean;
  /** Samples so far, and how many the first learning waits for. */
  samples: number;
  collect: number;
  /** Samples without a forecast since there is a model: by their times they came twice, or too late. */
  leftOut: number;
  /** The remembered samples, oldest first. The list keeps growing with the session. */
  recent: readonly Row[];
  /** The forecast made at the newest sample; undefined while no model is ready. */
  forecast?: ForecastBand | undefined;
  score: Score;
  /** Time from a sample to its forecast: the median of the last few [microseconds]. */
  microseconds?: number | undefined;
  /** The training that is running now: the first one, or a refit. */
  learning?: { epoch: number; epochs: number } | undefined;
  /** How many models took over from another. */
  refits: number;
  /** Whether the model in use repeats the last value, because learning found nothing better. */
  untrained: boolean;
  /** Why the last refit failed. */
  trouble?: string | undefined;
  /** The model in use; the last one is the subscriber's. */
  model?: Forecaster | undefined;
}

/** A forecast of all targets and the interval around it, [targets][horizon], in their own units. */
export interface ForecastBand {
  mean: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
}

/**
 * How good the forecasts of one sensor were lately. Undefined before the first has come true, and if it never moved.
 */
export interface SensorScore {
  /** 1 - the mean absolute error / that of repeating the last value: above 0 is better than repeating. */
  skill: number | undefined;
  /** The share of true values that fell into the interval. */
  coverage: number | undefined;
}

/** The score of each sensor, and of all that moved: sensors that stand still say nothing about a forecast. */
export interface Score {
  sensors: readonly SensorScore[];
  /** The median of the sensors' skills: their units do not compare, and one bad sensor does not drown the rest. */
  skill: number | undefined;
  /** The mean of the sensors' coverages. */
  coverage: number | undefined;
  /** How many sensors moved, and how many of those were forecast better than by repeating. */
  moving: number;
  better: number;
}
