export interface Said {
  mean: number;
  quantiles: number[];
}

/** The calibration of one target, written out plainly: every forecast and every miss is kept. */
export class PlainCalibration {
  readonly levels: number[];
  /** By sample, then by step - 1: the forecast, before and after its quantiles were sorted. */
  readonly said: ((Said & { ordered: number[] })[] | undefined)[] = [];
  readonly offsets: number[][];
  readonly #truths: number[] = [];
  readonly #errors: number[][];
  readonly #excesses: number[][][];

  constructor(horizon: number, levels: number[]) {
    this.levels = levels;
    this.offsets = Array.from({ length: horizon }, () => levels.map(() => 0));
    this.#errors = Array.from({ length: horizon }, () => []);
    this.#excesses = Array.from({ length: horizon }, () => levels.map(() => []));
  }

  /** Takes the next sample, NaN if missing. */
  observe(truth: number): void {
    if (!Number.isNaN(truth)) this.offsets.forEach((_, h) => this.#learn(h, truth));
    this.said.push(undefined);
    this.#truths.push(truth);
  }

  /** The share of all truths that lay within the interval forecast `step` samples before. */
  coverage(lower: number, upper: number, step: number): number {
    const inside = this.#truths.flatMap((truth, now) => {
      const ordered = this.said[now - step]?.[step - 1]?.ordered;
      return ordered && !Number.isNaN(truth) ? [Number(truth >= ordered[lower]! && truth <= ordered[upper]!)] : [];
    });
    return inside.reduce((a, b) => a + b) / inside.length;
  }

  /** Takes the forecast made at this sample, by step; gives its quantiles. */
  calibrate(forecast: Said[]): number[][] {
    const said = forecast.map(({ mean, quantiles }, h) => {
      const moved = quantiles.map((quantile, l) => quantile + this.offsets[h]![l]!);
      return { mean, quantiles: moved, ordered: moved.toSorted((a, b) => a - b) };
    });
    this.said[this.said.length - 1] = said;
    return said.map(({ ordered }) => ordered);
  }

  #learn(h: number, truth: number): void {
    const said = this.said.at(-1 - h)?.[h];
    if (!said) return;
    const errors = this.#errors[h]!;
    errors.push(Math.abs(truth - said.mean));
    const unit = Math.max(recentMean(errors, 500), recentMean(errors, 20) / 4);
    const gain = Math.max(0.2 / Math.cbrt(h + 1), 1 / (errors.length + 1));
    this.levels.forEach((level, l) => {
      const quantile = said.quantiles[l]!;
      const excesses = this.#excesses[h]![l]!;
      excesses.push(level - Number(level < 0.5 ? truth < quantile : truth <= quantile));
      const debt = excesses.reduce((sum, excess) => sum - sum / 500 + excess, 0);
      this.offsets[h]![l]! += unit * (gain * excesses.at(-1)! + (8e-4 / Math.cbrt(h + 1) ** 2) * debt);
    });
  }
}

/** A plain mean of the first `window`, from then on with weights that fall exponentially. */
function recentMean(values: number[], window: number): number {
  return values.reduce((mean, value, i) => mean + (value - mean) / Math.min(i + 1, window), 0);
}
