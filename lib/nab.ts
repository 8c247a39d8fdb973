/**
 * The score of the Numenta Anomaly Benchmark.
 * @module gatecast/nab
 */
export {
  bestNabScore,
  type NabProfile,
  type NabScore,
  type NabSeries,
  nabProbation,
  nabProfiles,
  nabScore,
} from './batch/nab.ts';
