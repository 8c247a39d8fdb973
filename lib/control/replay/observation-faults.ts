import { expected, GatecastError } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import { FAULTS, FaultInjector } from '../../recording/faults.ts';
import type { Observation } from '../observation.ts';
import type { LoopDescription } from './loop-description.ts';

/**
 * Faults between the sensors and a loop. They include those of a stream (`lib/recording/faults.ts`), where a `spike` is
 * off by a quarter of the input's range. Others:
 *
 * - `stuck`: an observation comes again in place of the next 30, with its time.
 * - `huge`: a reading is 1e300.
 * - `wrong-length`: the last value of an observation is missing.
 * - `late`: an observation, and all that follow, wait until a period after it has become stale, and then arrive at
 *   once.
 */
export const LOOP_FAULTS = [...FAULTS, 'stuck', 'huge', 'wrong-length', 'late'] as const;
export type LoopFault = (typeof LOOP_FAULTS)[number];

/** What arrives instead of an observation, and how much later [ms]. */
export interface Spoiled {
  readonly observation: Observation<Float64Array>;
  readonly later: number;
}

const STUCK_OBSERVATIONS = 30;
/** Deviations that a spike is off, in `FaultInjector`. */
const SPIKE_DEVIATIONS = 8;
const OWN = ['stuck', 'huge', 'wrong-length', 'late'] as const;
type Own = (typeof OWN)[number];

/**
 * Spoils observations by chance. Where a fault strikes depends on the seed and the observations only, not on the other
 * faults.
 */
export class ObservationFaults {
  readonly #injector: FaultInjector;
  readonly #counts: Record<Own, number> = { stuck: 0, huge: 0, 'wrong-length': 0, late: 0 };
  readonly #chance: Readonly<Record<Own, number>>;
  readonly #random: Readonly<Record<Own, () => number>>;
  /** How long `late` observations wait at most [ms], and until when they do now. */
  readonly #wait: number;
  #waitUntil = Number.NEGATIVE_INFINITY;
  #held: Observation<Float64Array> | undefined;
  #left = 0;

  /** `rate` is the share of readings, or observations, that each fault spoils. Throws `invalid-argument`. */
  constructor(loop: LoopDescription, faults: readonly LoopFault[], rate: number, seed: number) {
    const std = loop.inputs.map(({ min, max }, i) => {
      const quarter = (max - min) / 4;
      if (!faults.includes('spike') || Number.isFinite(quarter)) return quarter / SPIKE_DEVIATIONS;
      const message = expected('a range, of which a spike is a quarter,', loop.inputNames[i]!, 'none');
      throw new GatecastError('invalid-argument', message);
    });
    const known = FAULTS.filter((fault) => faults.includes(fault));
    this.#injector = new FaultInjector({ names: loop.inputNames, std }, known, rate, seed);
    const chance = (fault: Own) => (faults.includes(fault) ? rate : 0);
    const period = 1000 / loop.hz;
    this.#wait = loop.maxAgeMs + period;
    // Begun with chance p, what goes on for n observations spoils n p of 1 + n p.
    const spell = (fault: Own, n: number) => (rate < 1 ? chance(fault) / (n * (1 - rate)) : chance(fault));
    this.#chance = {
      stuck: spell('stuck', STUCK_OBSERVATIONS),
      huge: chance('huge'),
      'wrong-length': chance('wrong-length'),
      late: spell('late', this.#wait / period),
    };
    // Apart from those of the injector, which are below 2^31.
    const randoms = OWN.map((fault, i) => [fault, createRandom(2 ** 31 + seed * 8 + i)]);
    this.#random = Object.fromEntries(randoms) as Record<Own, () => number>;
  }

  /** Readings that each fault has spoiled; observations, of those that spoil them whole. */
  get counts(): Readonly<Record<LoopFault, number>> {
    return { ...this.#injector.counts, ...this.#counts };
  }

  /** What arrives instead of what would at `arrival` [ms]; undefined for nothing. */
  inject(given: Observation<Float64Array>, arrival: number): Spoiled | undefined {
    const whole = this.#stick(given);
    const observation = this.#injector.inject(whole, undefined) as Observation<Float64Array> | undefined;
    if (observation === undefined) return undefined;
    let values = observation.values.map((value) => (this.#strikes('huge') ? 1e300 : value));
    if (this.#strikes('wrong-length')) values = values.slice(0, -1);
    return { observation: { at: observation.at, values }, later: this.#lateness(arrival) };
  }

  #lateness(arrival: number): number {
    if (arrival < this.#waitUntil) this.#counts.late++;
    else if (this.#strikes('late')) this.#waitUntil = arrival + this.#wait;
    return Math.max(0, this.#waitUntil - arrival);
  }

  #stick(given: Observation<Float64Array>): Observation<Float64Array> {
    if (this.#left > 0) {
      this.#left--;
      this.#counts.stuck++;
      return this.#held!;
    }
    // Not counted: this one is as it was.
    if (this.#random.stuck() < this.#chance.stuck) {
      this.#left = STUCK_OBSERVATIONS;
      this.#held = given;
    }
    return given;
  }

  #strikes(fault: Exclude<Own, 'stuck'>): boolean {
    const strikes = this.#random[fault]() < this.#chance[fault];
    if (strikes) this.#counts[fault]++;
    return strikes;
  }
}
