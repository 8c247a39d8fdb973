import type { Forecaster } from '../model/forecaster.ts';

/** Refuses, before any work, central intervals wider than the model's quantiles. Throws `invalid-argument`. */
export function checkLevels(model: Forecaster, levels: readonly number[]): void {
  const state = model.createState();
  const forecast = state.step(model.scaler.mean);
  for (const level of levels) forecast?.interval(level);
  state.dispose();
}
