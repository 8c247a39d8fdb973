import type { EvaluatedModel } from '../../lib/batch/evaluate.ts';
import type { Forecast } from '../../lib/model/forecast.ts';

export interface StandInOptions {
  inputs?: string[];
  targets?: string[];
  horizon: number;
  lookback?: number;
  levels?: number[];
  std?: number[];
  /** The forecast of each target, step (1 ... horizon) and, when asked, level, from the last sample. */
  predict: (last: Float64Array, target: number, step: number, level?: number) => number;
}

/** A model whose forecasts are a known function of the last sample, with the state's rules for invalid samples. */
export function standInModel(options: StandInOptions): EvaluatedModel & { states: number } {
  const { inputs = ['y'], targets = ['y'], horizon, lookback = 1, levels = [], predict } = options;
  const fill = (last: Float64Array, level?: number) =>
    Float64Array.from({ length: targets.length * horizon }, (_, i) =>
      predict(last, Math.floor(i / horizon), (i % horizon) + 1, level),
    );
  const model = {
    states: 0,
    description: { inputs: inputs.map((name) => ({ name })), targets, horizon, levels, lookback },
    scaler: { names: inputs, std: Float64Array.from(options.std ?? inputs.map(() => 1)) },
    createState() {
      model.states += 1;
      let samples = 0;
      return {
        step(values: Float64Array, at?: number): Forecast | undefined {
          if (!values.every(Number.isFinite)) return undefined;
          samples += 1;
          const last = values.slice();
          const quantiles = Object.fromEntries(levels.map((level) => [level, fill(last, level)]));
          return {
            at,
            ready: samples >= lookback,
            targets,
            horizon,
            mean: fill(last),
            quantiles,
          } as unknown as Forecast;
        },
        dispose() {
          model.states -= 1;
        },
      };
    },
  };
  return model as unknown as EvaluatedModel & { states: number };
}
