import type { Forecaster } from '../../lib/model/forecaster.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { createRandom } from '../../lib/base/random.ts';

/** Changes a segment of a target's values; `mean` and `deviation` are the target's. */
type Disturbance = (values: Float64Array, mean: number, deviation: number) => Float64Array;

const random = createRandom(5);
/** Of mean 0 and deviation 1, nearly normal. */
const normal = () => (random() + random() + random() + random() - 2) * Math.sqrt(3);

/** What goes wrong for a while. */
const poisons: Readonly<Record<string, Disturbance>> = {
  'noise of 10 deviations': (values, _, deviation) => values.map((value) => value + 10 * deviation * normal()),
  'a stuck value': (values) => values.map(() => values[0]!),
  'a constant far out': (values, mean, deviation) => values.map(() => mean + 4 * deviation),
  'a sign flip': (values, mean) => values.map((value) => 2 * mean - value),
  'a scale of 3': (values, mean) => values.map((value) => mean + 3 * (value - mean)),
  'spikes of 15 deviations': (values, _, deviation) =>
    values.map((value) => (random() < 0.1 ? value + (random() < 0.5 ? -15 : 15) * deviation : value)),
  'a level that is 3 deviations up': (values, _, deviation) => values.map((value) => value + 3 * deviation),
};

/** A frozen and an adapting state of the same model, on the same samples. */
class Pair {
  readonly model: Forecaster;
  readonly #frozen: StreamState;
  readonly #adapting: StreamState;
  readonly #target: number;
  /** The forecasts at each sample, [frozen, adapting]: the mean of each step. */
  readonly #said: [number[], number[]][] = [];
  readonly #truths: number[] = [];

  constructor(model: Forecaster, states = [new StreamState(model), new StreamState(model, { adapt: true })]) {
    this.model = model;
    [this.#frozen, this.#adapting] = states as [StreamState, StreamState];
    this.#target = model.scaler.names.indexOf(model.description.targets[0]!);
  }

  fork(): Pair {
    return new Pair(this.model, [this.#frozen.fork(), this.#adapting.fork()]);
  }

  /** Steps rows [from, to) of the columns. */
  run(columns: readonly Float64Array[], from = 0, to = columns[0]!.length): this {
    const { horizon } = this.model.description;
    for (let t = from; t < to; t++) {
      const values = columns.map((column) => column[t]!);
      const forecasts = [this.#frozen.step(values)!, this.#adapting.step(values)!];
      this.#said.push(forecasts.map(({ numbers }) => numbers.slice(0, horizon)) as [number[], number[]]);
      this.#truths.push(values[this.#target]!);
    }
    return this;
  }

  /**
   * Mean absolute errors, in the target's unit, of the forecasts from the `from`-th sample on whose true values were
   * among the samples.
   */
  errors(from: number): { frozen: number; adapting: number } {
    const { horizon } = this.model.description;
    const sums = [0, 0];
    let count = 0;
    for (let t = from; t + horizon < this.#truths.length; t++) {
      count += horizon;
      for (let step = 0; step < horizon; step++) {
        for (const s of [0, 1]) sums[s]! += Math.abs(this.#truths[t + 1 + step]! - this.#said[t]![s]![step]!);
      }
    }
    return { frozen: sums[0]! / count, adapting: sums[1]! / count };
  }

  dispose(): void {
    this.#frozen.dispose();
    this.#adapting.dispose();
  }
}

/**
 * Errors after a poisoned segment, adapting / frozen: over all segments of a kind together, and of the worst segment.
 */
export interface AfterPoison {
  together: number;
  worst: number;
}

/**
 * Poisons segments of these lengths from these rows on, each in another copy of the states, and measures the errors on
 * the `after` clean samples that follow.
 */
export function afterPoison(
  model: Forecaster,
  columns: readonly Float64Array[],
  { starts, lengths, after }: { starts: readonly number[]; lengths: readonly number[]; after: number },
): Map<string, AfterPoison> {
  const target = model.scaler.names.indexOf(model.description.targets[0]!);
  const [mean, deviation] = [model.scaler.mean[target]!, model.scaler.std[target]!];
  const clean = new Pair(model);
  const errors = new Map<string, { frozen: number; adapting: number }[]>();
  let at = 0;
  for (const start of starts) {
    clean.run(columns, at, start);
    at = start;
    for (const length of lengths) {
      for (const [kind, disturb] of Object.entries(poisons)) {
        const segment = columns.map((column) => column.slice(start, start + length + after));
        segment[target]!.set(disturb(segment[target]!.slice(0, length), mean, deviation));
        const pair = clean.fork().run(segment);
        errors.set(kind, [...(errors.get(kind) ?? []), pair.errors(length)]);
        pair.dispose();
      }
    }
  }
  clean.dispose();
  const sum = (values: number[]) => values.reduce((total, value) => total + value);
  return new Map(
    [...errors].map(([kind, all]) => [
      kind,
      {
        together: sum(all.map((e) => e.adapting)) / sum(all.map((e) => e.frozen)),
        worst: Math.max(...all.map((e) => e.adapting / e.frozen)),
      },
    ]),
  );
}

/**
 * How much larger the error of the frozen model is on `drifted`, which differs from `columns` from row `at` on, than on
 * `columns`, and which share of that adaptation removes, over all samples from `at` on.
 */
export function recovered(
  model: Forecaster,
  columns: readonly Float64Array[],
  drifted: readonly Float64Array[],
  at: number,
): { excess: number; share: number } {
  const [clean, drift] = [new Pair(model), new Pair(model)];
  const before = clean.run(columns).errors(at).frozen;
  const { frozen, adapting } = drift.run(drifted).errors(at);
  clean.dispose();
  drift.dispose();
  return { excess: frozen / before - 1, share: (frozen - adapting) / (frozen - before) };
}
