import { Scaler } from '../model/scaler.ts';
import { flagBit, HEALTH_FLAGS, type HealthFlag } from './health-flags.ts';
import { checkHealthOptions, type HealthOptions, type HealthPolicy } from './health-options.ts';
import type { Part } from './part.ts';
import { RUN_SIZE, restsOddly } from './resting.ts';
import { convertBack, findConversion } from './unit-change.ts';

/** What is usual for the inputs, from the scaler of a forecaster. */
export interface HealthInputs {
  readonly names: readonly string[];
  readonly mean: ArrayLike<number>;
  readonly std: ArrayLike<number>;
}

const DEFAULT_POLICY: Readonly<Record<HealthFlag, HealthPolicy>> = {
  dropout: 'drop',
  'out-of-range': 'drop',
  stuck: 'flag',
  flatline: 'flag',
  spike: 'drop',
  'unit-jump': 'drop',
};

const [DROPOUT, OUT_OF_RANGE, STUCK, FLATLINE, SPIKE, UNIT_JUMP] = HEALTH_FLAGS.map(flagBit) as [
  number,
  number,
  number,
  number,
  number,
  number,
];

// The places of one input.
const LEVEL = 0; // the last reading believed, in the sensor's first unit
const AGE = 1; // readings since then; 0 before there was one
const LAST = 2; // the reading before
const STEP = 3; // usual distance of two readings
const STEPS = 4; // how many taught it, up to MEMORY
const FAR = 5; // readings in a row that were far from LEVEL
const UNIT = 6; // the conversion that lies on the readings, 0 for none
const SAME = 7; // run of equal readings
const QUIET = SAME + RUN_SIZE; // run of readings without movement
const PLACES = QUIET + RUN_SIZE;

/** Readings over which the usual step is averaged. */
const MEMORY = 500;
/** Steps before the average is trusted alone; till then a quarter deviation is the least. */
const WARM = 32;
/** Usual steps, and deviations of the training data, by which a reading is far: measured on real series, see the test. */
const FAR_STEPS = 12;
const FAR_DEVIATIONS = 3;
/** Usual steps by which a fall to the null value is sudden. A reading of exactly that number says much by itself. */
const DROP_STEPS = 6;
/** A step counts for at most this many usual ones, so that no fault makes the next one usual. */
const MOST_STEPS = 8;
/** A reading this close to the last, in usual steps, is no movement. */
const STILL = 0.25;
/** Usual steps that a reading may be off what a conversion makes of the last one. */
const UNIT_SLACK = 3;
/** Readings in a row that a conversion must explain. */
const UNIT_READINGS = 3;
/** Far readings in a row after which even a restless sensor is believed. */
const FAR_READINGS = 4;

/**
 * Tells from each reading and those before it whether a sensor can be believed. What is usual (the step from reading
 * to reading, how long it rests) is learned from the stream, from what was believed only; mean and deviation of the
 * training data say it before. All is relative to those, so the unit of an input does not matter.
 *
 * A real change of level is a `spike` for its first reading and is believed with the second. A `unit-jump` is named
 * with the third reading (the first two are spikes) and holds until the readings are back in the first unit.
 */
export class SensorHealth implements Part {
  readonly size: number;
  readonly #std: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  /** NaN where the sensor has none, which equals nothing. */
  readonly #nullValue: Float64Array;
  readonly #mean: Float64Array;
  readonly #stuckAfter: number;
  readonly #flatlineAfter: number;
  readonly #looked: number;
  readonly #dropping: number;

  /** Throws `invalid-argument` for names, means and deviations that do not belong together and for wrong options. */
  constructor(inputs: HealthInputs, options: HealthOptions = {}) {
    const { names, mean, std } = new Scaler(inputs.names, inputs.mean, inputs.std);
    const { limits = {}, policy, reach = 10, stuckAfter = 20, flatlineAfter = 40 } = checkHealthOptions(options, names);
    const limit = (i: number) => (Object.hasOwn(limits, names[i]!) ? limits[names[i]!]! : {});
    this.size = names.length * PLACES;
    this.#std = std;
    this.#mean = mean;
    this.#min = mean.map((center, i) => limit(i).min ?? center - reach * std[i]!);
    this.#max = mean.map((center, i) => limit(i).max ?? center + reach * std[i]!);
    this.#nullValue = mean.map((_, i) => {
      const { nullValue = 0 } = limit(i);
      return nullValue ?? Number.NaN;
    });
    this.#stuckAfter = stuckAfter;
    this.#flatlineAfter = flatlineAfter;
    const policies = { ...DEFAULT_POLICY, ...policy };
    const bits = (wanted: HealthPolicy) =>
      HEALTH_FLAGS.reduce((word, flag) => (policies[flag] === wanted ? word | flagBit(flag) : word), 0);
    this.#looked = ~bits('off');
    this.#dropping = bits('drop');
  }

  reset(): void {}

  /** True when a reading with these flags is to be treated as missing. */
  drops(flags: number): boolean {
    return (flags & this.#dropping) !== 0;
  }

  /** Judges one sample: `values` [inputs] in the inputs' units, NaN for missing ones; writes one word an input into `flags`. */
  check(row: Float64Array, at: number, values: ArrayLike<number>, flags: Int32Array): void {
    for (let i = 0; i < this.#std.length; i++) {
      flags[i] = this.#judge(row, at + i * PLACES, i, values[i]!) & this.#looked;
    }
  }

  #judge(row: Float64Array, at: number, i: number, value: number): number {
    if (!Number.isFinite(value)) {
      row[at + AGE]! += Math.sign(row[at + AGE]!);
      return DROPOUT;
    }
    const before = row[at + LAST]!;
    row[at + LAST] = value;
    const known = row[at + AGE]! > 0;
    const level = known ? row[at + LEVEL]! : this.#mean[i]!;
    const usual = row[at + STEPS]! < WARM ? Math.max(row[at + STEP]!, this.#std[i]! / 4) : row[at + STEP]!;
    let flags = value < this.#min[i]! || value > this.#max[i]! ? OUT_OF_RANGE : 0;
    if (restsOddly(row, at + SAME, value, 0, this.#stuckAfter)) flags |= STUCK;

    if (value === this.#nullValue[i]! && Math.abs(value - level) > DROP_STEPS * usual) {
      row[at + AGE]! += Math.sign(row[at + AGE]!);
      return flags | DROPOUT;
    }
    if (!known) {
      if (flags === 0) believe(row, at, value);
      return flags;
    }
    if (row[at + UNIT] !== 0) {
      const original = convertBack(value, row[at + UNIT]!);
      if (Math.abs(original - level) <= Math.abs(value - level)) {
        believe(row, at, original);
        return flags | UNIT_JUMP;
      }
      row[at + UNIT] = 0;
    }
    // a sensor that walks comes as far as the root of the time it was not seen
    const reach = Math.max(FAR_STEPS * usual * Math.sqrt(row[at + AGE]!), FAR_DEVIATIONS * this.#std[i]!);
    if (Math.abs(value - level) > reach) return flags | this.#far(row, at, value, before, usual, reach, flags !== 0);

    if (restsOddly(row, at + QUIET, value, STILL * row[at + STEP]!, this.#flatlineAfter)) flags |= FLATLINE;
    if (flags === 0 && row[at + AGE] === 1) this.#learn(row, at, i, Math.abs(value - level));
    believe(row, at, value);
    return flags;
  }

  /** A reading far from the last one believed: alone, or the first of a new unit or a new level? */
  #far(row: Float64Array, at: number, value: number, before: number, usual: number, reach: number, wrong: boolean) {
    const far = ++row[at + FAR]!;
    const unit =
      this.#looked & UNIT_JUMP
        ? findConversion(row[at + LEVEL]!, value, UNIT_SLACK * usual * Math.sqrt(row[at + AGE]!))
        : 0;
    if (unit !== 0 && far >= UNIT_READINGS) {
      believe(row, at, convertBack(value, unit));
      row[at + UNIT] = unit;
      return UNIT_JUMP;
    }
    const stays = (far > 1 && Math.abs(value - before) <= reach) || far >= FAR_READINGS;
    if (stays && !wrong && unit === 0) {
      believe(row, at, value);
      return 0;
    }
    row[at + AGE]!++;
    return far < FAR_READINGS ? SPIKE : 0;
  }

  #learn(row: Float64Array, at: number, i: number, step: number): void {
    const steps = Math.min(row[at + STEPS]! + 1, MEMORY);
    const usual = row[at + STEP]!;
    const most = MOST_STEPS * Math.max(usual, this.#std[i]! / 100);
    row[at + STEPS] = steps;
    row[at + STEP] = usual + (Math.min(step, most) - usual) / steps;
  }
}

function believe(row: Float64Array, at: number, reading: number): void {
  row[at + LEVEL] = reading;
  row[at + AGE] = 1;
  row[at + FAR] = 0;
}
