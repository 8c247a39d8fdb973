import { HEALTH_FLAGS, type HealthFlag } from '../../online/sensors/health-flags.ts';
import type { Fault } from '../../recording/faults.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';

/** How the forecasts changed when samples were late, spoiled or lost. "With" and "without" refer to the disturbance. */
export interface Disturbance {
  /** How many readings each fault has spoiled; for `drop`, how many samples. */
  readonly faults: Readonly<Record<Fault, number>>;
  /** How often a sample overtook an earlier one. */
  readonly overtaken: number;
  /** Forecasts that exist both with and without. */
  readonly compared: number;
  /** Forecasts that exist without only. */
  readonly missing: number;
  readonly corrections: number;
  /** Health flags that are raised with and not without. */
  readonly flags: Readonly<Record<HealthFlag, number>>;
  /**
   * By target, the distance of the mean forecasts, over all steps ahead, from those without, in the target's unit; NaN
   * if none could be compared.
   */
  readonly errors: Readonly<Record<string, { readonly mean: number; readonly max: number }>>;
}

/**
 * What is kept of a stream: forecasts without the disturbance, of samples still under way and of the newest that
 * arrived.
 */
interface Kept {
  readonly underway: Map<number, LiveForecast | undefined>;
  newest: LiveForecast | undefined;
}

/**
 * Compares the forecasts of disturbed samples with those of the samples as they were. Samples are identified by number.
 */
export class DisturbanceMeter {
  readonly #targets: readonly string[];
  readonly #streams = new Map<string | undefined, Kept>();
  readonly #sums: Float64Array;
  readonly #most: Float64Array;
  readonly #flags = Object.fromEntries(HEALTH_FLAGS.map((flag) => [flag, 0])) as Record<HealthFlag, number>;
  #last = 0;
  #overtaken = 0;
  #compared = 0;
  #missing = 0;
  #corrections = 0;

  constructor(targets: readonly string[]) {
    this.#targets = targets;
    this.#sums = new Float64Array(targets.length);
    this.#most = new Float64Array(targets.length);
  }

  /** Takes the forecast of a sample as it was. */
  without(sample: number, key: string | undefined, forecast: LiveForecast | undefined): void {
    this.#kept(key).underway.set(sample, forecast);
  }

  /** Notes that a sample never arrives. */
  lost(sample: number, key: string | undefined): void {
    if (this.#take(sample, this.#kept(key)) !== undefined) this.#missing++;
  }

  /** Takes the forecast of a disturbed sample when it arrives. */
  with(sample: number, key: string | undefined, forecast: LiveForecast | undefined): void {
    const kept = this.#kept(key);
    const before = this.#take(sample, kept);
    if (before?.kind === 'forecast' && forecast?.kind === 'forecast') kept.newest = before;
    if (sample < this.#last) this.#overtaken++;
    this.#last = Math.max(this.#last, sample);
    if (forecast === undefined) {
      if (before !== undefined) this.#missing++;
      return;
    }
    if (forecast.kind === 'correction') this.#corrections++;
    this.#countFlags(before, forecast);
    // A correction is about the newest sample, not about the one that brought it.
    const counterpart = before?.at === forecast.at ? before : kept.newest;
    if (counterpart !== undefined && counterpart.at === forecast.at) this.#compare(counterpart, forecast);
  }

  report(faults: Readonly<Record<Fault, number>>): Disturbance {
    const errors = this.#targets.map((target, t) => {
      const mean = this.#sums[t]! / this.#compared;
      return [target, { mean, max: this.#compared > 0 ? this.#most[t]! : Number.NaN }];
    });
    return {
      faults: { ...faults },
      overtaken: this.#overtaken,
      compared: this.#compared,
      missing: this.#missing,
      corrections: this.#corrections,
      flags: { ...this.#flags },
      errors: Object.fromEntries(errors),
    };
  }

  #compare(before: LiveForecast, forecast: LiveForecast): void {
    const { horizon } = forecast;
    this.#compared++;
    for (let t = 0; t < this.#targets.length; t++) {
      for (let i = t * horizon; i < (t + 1) * horizon; i++) {
        const distance = Math.abs(forecast.numbers[i]! - before.numbers[i]!);
        this.#sums[t]! += distance / horizon;
        this.#most[t] = Math.max(this.#most[t]!, distance);
      }
    }
  }

  #countFlags(before: LiveForecast | undefined, { trust }: LiveForecast): void {
    for (const [input, flags] of Object.entries(trust?.flags ?? {})) {
      const known = before?.trust?.flags[input];
      for (const flag of flags) if (!known?.includes(flag)) this.#flags[flag]++;
    }
  }

  #take(sample: number, { underway }: Kept): LiveForecast | undefined {
    const before = underway.get(sample);
    underway.delete(sample);
    return before;
  }

  #kept(key: string | undefined): Kept {
    let kept = this.#streams.get(key);
    if (kept === undefined) {
      kept = { underway: new Map(), newest: undefined };
      this.#streams.set(key, kept);
    }
    return kept;
  }
}
