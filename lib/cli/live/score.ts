/** How good the forecasts of one sensor have been, over every step that has come true. */
export interface SensorScore {
  /** Steps scored: up to `horizon` for each sample. */
  steps: number;
  /** Mean absolute error, and that of repeating the last value, in the sensor's unit. */
  mae: number;
  naiveMae: number;
  /**
   * 1 - mae / naiveMae: above 0 is better than repeating. Undefined when there is no score, or the sensor never moved.
   */
  skill: number | undefined;
  /** The share of true values that fell into the interval; undefined as `skill` is. */
  coverage: number | undefined;
}

/** The score of all sensors that moved; those that stand still say nothing about a forecast. */
export interface TotalScore {
  /** The median of the sensors' skills: their units do not compare, and one bad sensor does not drown the rest. */
  skill: number | undefined;
  coverage: number | undefined;
  /** Sensors that moved, and those of them that were forecast better than by repeating. */
  moving: number;
  better: number;
}

/** What a forecast says, [targets][horizon]. */
export interface Claim {
  mean: ArrayLike<number>;
  lower: ArrayLike<number>;
  upper: ArrayLike<number>;
}

interface Pending {
  claim: { mean: Float64Array; lower: Float64Array; upper: Float64Array };
  last: Float64Array;
}

/** Keeps forecasts until their truth has come, step by step, and scores them against repeating the last value. */
export class ScoreKeeper {
  readonly #targets: number;
  readonly #horizon: number;
  /** The forecast made n samples ago is at `(#now - n) % #horizon`. */
  readonly #pending: (Pending | undefined)[];
  readonly #sums: { steps: number; error: number; naive: number; inside: number }[];
  #now = 0;

  constructor(targets: number, horizon: number) {
    this.#targets = targets;
    this.#horizon = horizon;
    this.#pending = Array.from({ length: horizon }, () => undefined);
    this.#sums = Array.from({ length: targets }, () => ({ steps: 0, error: 0, naive: 0, inside: 0 }));
  }

  /**
   * Takes the next sample, scores what had been said about it, and keeps what is now said about the ones to come.
   *
   * @param truth one value for each target; NaN where missing, which is not scored
   * @param claim the forecast made at this sample; undefined when there was none
   * @returns what had been forecast for this sample a whole horizon ago, one value for each target
   */
  observe(truth: ArrayLike<number>, claim?: Claim): { lower: Float64Array; upper: Float64Array } | undefined {
    const oldest = this.#pending[this.#now % this.#horizon];
    for (let ago = 1; ago <= Math.min(this.#horizon, this.#now); ago++) {
      const pending = this.#pending[(this.#now - ago) % this.#horizon];
      if (pending) this.#score(pending, ago, truth);
    }
    this.#pending[this.#now % this.#horizon] = claim && {
      claim: {
        mean: Float64Array.from(claim.mean),
        lower: Float64Array.from(claim.lower),
        upper: Float64Array.from(claim.upper),
      },
      last: Float64Array.from(truth),
    };
    this.#now++;
    if (!oldest) return undefined;
    const end = (values: Float64Array) =>
      Float64Array.from({ length: this.#targets }, (_, target) => values[(target + 1) * this.#horizon - 1]!);
    return { lower: end(oldest.claim.lower), upper: end(oldest.claim.upper) };
  }

  sensor(target: number): SensorScore {
    const { steps, error, naive, inside } = this.#sums[target]!;
    const moved = naive > 0;
    return {
      steps,
      mae: error / steps,
      naiveMae: naive / steps,
      skill: moved ? 1 - error / naive : undefined,
      coverage: moved ? inside / steps : undefined,
    };
  }

  total(): TotalScore {
    const moving = this.#sums.filter(({ naive }) => naive > 0);
    const skills = moving.map(({ error, naive }) => 1 - error / naive).sort((a, b) => a - b);
    const steps = moving.reduce((total, { steps }) => total + steps, 0);
    const inside = moving.reduce((total, { inside }) => total + inside, 0);
    const middle = skills.length / 2;
    return {
      skill: skills.length > 0 ? (skills[Math.ceil(middle) - 1]! + skills[Math.floor(middle)]!) / 2 : undefined,
      coverage: steps > 0 ? inside / steps : undefined,
      moving: moving.length,
      better: skills.filter((skill) => skill > 0).length,
    };
  }

  #score({ claim, last }: Pending, ago: number, truth: ArrayLike<number>): void {
    for (let target = 0; target < this.#targets; target++) {
      const value = truth[target]!;
      if (!Number.isFinite(value) || !Number.isFinite(last[target]!)) continue;
      const step = target * this.#horizon + ago - 1;
      const sums = this.#sums[target]!;
      sums.steps++;
      sums.error += Math.abs(value - claim.mean[step]!);
      sums.naive += Math.abs(value - last[target]!);
      if (value >= claim.lower[step]! && value <= claim.upper[step]!) sums.inside++;
    }
  }
}
