import type { Forecaster } from '../model/forecaster.ts';
import type { Row } from './history.ts';

/** The state of a session after a sample, or after a step of learning: all that a view shows. */
export interface Snapshot {
  phase: 'collecting' | 'training' | 'live';
  /** Whether this snapshot follows a sample; if not, only learning has moved on. */
  fresh: boolean;
  /** Samples so far, and how many the first learning waits for. */
  samples: number;
  collect: number;
  /** Samples that no forecast answered since there is a model: by their times they came twice, or too late. */
  leftOut: number;
  /** Samples remembered, oldest first. The list goes on with the session. */
  recent: readonly Row[];
  /** Made at the newest sample; undefined while no model is ready. */
  forecast?: ForecastBand | undefined;
  score: Score;
  /** Time from a sample to its forecast: the median of the last few [microseconds]. */
  microseconds?: number | undefined;
  /** The learning that runs now: the first one, or a refit. */
  learning?: { epoch: number; epochs: number } | undefined;
  /** Models that took over from another. */
  refits: number;
  /** Whether the model in use repeats the last value, because learning found nothing better. */
  untrained: boolean;
  /** Why the last refit came to nothing. */
  trouble?: string | undefined;
  /** The model in use; the last one belongs to whoever subscribed. */
  model?: Forecaster | undefined;
}

/** A forecast of all targets and the interval around it, [targets][horizon], in their own units. */
export interface ForecastBand {
  mean: Float64Array;
  lower: Float64Array;
  upper: Float64Array;
}

/** How good the forecasts of one sensor were lately. Undefined before one has come true, and if it never moved. */
export interface SensorScore {
  /** 1 - the mean absolute error / that of repeating the last value: above 0 is better than repeating. */
  skill: number | undefined;
  /** The share of true values that fell into the interval. */
  coverage: number | undefined;
}

/** The score of each sensor, and of all that moved: those that stand still say nothing about a forecast. */
export interface Score {
  sensors: readonly SensorScore[];
  /** The median of the sensors' skills: their units do not compare, and one bad sensor does not drown the rest. */
  skill: number | undefined;
  /** The mean of the sensors' coverages. */
  coverage: number | undefined;
  /** Sensors that moved, and those of them that were forecast better than by repeating. */
  moving: number;
  better: number;
}
