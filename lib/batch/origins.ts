import type { Forecast } from '../model/forecast.ts';
import type { OriginScore } from './score.ts';

/** The errors of the windows that begin at each place, over all series, as running sums. */
export class Origins {
  readonly #scores: Sums[] = [];
  /** How many numbers a target has in a forecast. */
  readonly #horizon: number;

  constructor(horizon: number) {
    this.#horizon = horizon;
  }

  /**
   * Adds a forecast after row `index` of the targets' columns to the `n`-th place. `row` and `at` are the number and
   * the time of the row after it.
   */
  add(
    n: number,
    place: { row: number; at: number },
    { numbers }: Forecast,
    truth: readonly Float64Array[],
    index: number,
    lastOf: (target: number) => number,
    deviations: readonly number[],
  ): void {
    const sums = (this.#scores[n] ??= { ...place, windows: 0, values: 0, own: new Errors(), naive: new Errors() });
    sums.windows += 1;
    truth.forEach((column, target) => {
      const last = lastOf(target);
      for (let step = 0; step < this.#horizon; step++) {
        const value = column[index + 1 + step]!;
        sums.values += 1;
        sums.own.add(numbers[target * this.#horizon + step]! - value, deviations[target]!);
        sums.naive.add(last - value, deviations[target]!);
      }
    });
  }

  /** Those with a window, in order. */
  scores(): OriginScore[] {
    return this.#scores.flatMap(({ row, at, windows, values, own, naive }) => [
      { row, at, windows, ...own.over(values), naive: naive.over(values) },
    ]);
  }
}

interface Sums {
  readonly row: number;
  readonly at: number;
  windows: number;
  values: number;
  readonly own: Errors;
  readonly naive: Errors;
}

class Errors {
  #absolutes = 0;
  #squares = 0;
  #scaledAbsolutes = 0;
  #scaledSquares = 0;

  add(error: number, deviation: number): void {
    const scaled = error / deviation;
    this.#absolutes += Math.abs(error);
    this.#squares += error * error;
    this.#scaledAbsolutes += Math.abs(scaled);
    this.#scaledSquares += scaled * scaled;
  }

  over(count: number) {
    return {
      mse: this.#squares / count,
      mae: this.#absolutes / count,
      scaled: { mse: this.#scaledSquares / count, mae: this.#scaledAbsolutes / count },
    };
  }
}
