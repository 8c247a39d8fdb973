import { Forecaster } from '../../lib/model/forecaster.ts';
import type { Sample, TimedSample } from '../../lib/model/sample.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

export const old = makeModel(); // pressure and temperature, of which the second is forecast 3 steps ahead; one sample a second
export const next = makeModel({
  network: { cell: 'lstm', hiddenSize: 7 },
  horizon: 5,
  lookback: 9,
  levels: [0.2, 0.5, 0.8],
});
export const narrow = makeModel({ inputs: [{ name: 'temperature' }], horizon: 2, levels: [0.3, 0.7], lookback: 3 });

/**
 * A model that repeats the last value of the temperature, plus `bias` deviations: all weights are 0 but the head's bias.
 */
export function repeating(bias: number, changes: Parameters<typeof describeModel>[0] = {}): Forecaster {
  const parts = partsFor(describeModel({ horizon: 1, levels: [0.5], ...changes }));
  const weights = Object.fromEntries(
    Object.entries(parts.weights).map(([name, { shape, data }]) => [
      name,
      { shape, data: new Float32Array(data.length).fill(name === 'head.bias' ? bias : 0) },
    ]),
  );
  return Forecaster.from({ ...parts, weights });
}

export const sample = (t: number): TimedSample => ({
  at: 1000 * t,
  values: [10 + Math.sin(t / 2) / 3, 20 + Math.cos(t / 5) + (t % 3) / 10],
});
export const series = (count: number, begin = 0) => Array.from({ length: count }, (_, i) => sample(begin + i));
export const numbersOf = (forecasts: readonly (LiveForecast | undefined)[]) => forecasts.map((f) => f?.numbers);
export const turn = () => new Promise((resolve) => setTimeout(resolve, 5));

/** What a state of this model forecasts at each sample when it has taken all of them. */
export function alone(model: Forecaster, samples: readonly Sample[], options = {}): (LiveForecast | undefined)[] {
  const state = new StreamState(model, options);
  return samples.map((one) => state.step(one));
}
