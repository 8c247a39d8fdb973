import { makeStates } from '../../lib/model/model.ts';
import type { EvaluatedModel } from '../../lib/batch/evaluate-options.ts';

export interface StandInOptions {
  inputs?: string[];
  targets?: string[];
  horizon: number;
  lookback?: number;
  levels?: number[];
  std?: number[];
  /** The forecast of each target, step (1 ... horizon) and, if given, level, from the last sample. */
  predict: (last: Float64Array, target: number, step: number, level?: number) => number;
}

/** A model whose forecasts are a known function of the last sample, in states that cannot grow. */
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
    [makeStates](capacity: number) {
      model.states += 1;
      const values = new Float64Array(capacity * inputs.length);
      const samples = new Map<number, number>();
      const slots: number[] = [];
      const states = {
        values,
        capacity,
        stage: (k: number, slot: number) => {
          slots[k] = slot;
        },
        advance: (count: number) => {
          for (const slot of slots.slice(0, count)) samples.set(slot, (samples.get(slot) ?? 0) + 1);
        },
        /** [1 + levels][targets][horizon], as the numbers of a forecast are. */
        read: (k: number, numbers: Float64Array) => {
          const last = values.slice(k * inputs.length, (k + 1) * inputs.length);
          numbers.set([undefined, ...levels].flatMap((level) => [...fill(last, level)]));
        },
        ready: (slot: number) => samples.get(slot)! >= lookback,
        dispose: () => {
          model.states -= 1;
        },
      };
      return states;
    },
  };
  return model as unknown as EvaluatedModel & { states: number };
}
