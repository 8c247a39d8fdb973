/** Measures of how good forecasts are: `import { metrics } from 'gatecast'`. */
export type { Counts } from './known-values.ts';
export { type PointErrors, pointErrors } from './point.ts';
export { type History, type ScaledErrors, scaledErrors } from './scaled.ts';
export { type QuantileScores, quantileScores } from './quantiles.ts';
export { type CrpsScore, crps, type ForecastDistribution } from './crps.ts';
export { type EnergyScore, energyScore } from './energy.ts';
export { type Interval, type IntervalScores, intervalScores } from './intervals.ts';
export {
  type ChangeDelays,
  changeDelays,
  type ClassScore,
  type ClassScores,
  classScores,
  type Label,
  type Labels,
} from './classes.ts';
export { dieboldMariano, type DieboldMarianoOptions, type PairedOptions, type PairedTest, wilcoxon } from './paired.ts';
