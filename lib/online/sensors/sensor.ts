import { flagBit, HEALTH_FLAGS } from './health-flags.ts';
import type { Part } from '../part.ts';
import { RUN_SIZE, restsOddly } from './resting.ts';
import { convertBack, findConversion, stepsAgree, trialLength } from './unit-change.ts';

/** What is known about one sensor before its first reading; all but the counts are in its own unit. */
export interface SensorFacts {
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
  /** NaN, which equals nothing, for a sensor without such a value. */
  readonly nullValue: number;
  /** In readings. */
  readonly stuckAfter: number;
  readonly flatlineAfter: number;
  readonly unitJumps: boolean;
}

const [DROPOUT = 0, OUT_OF_RANGE = 0, STUCK = 0, FLATLINE = 0, SPIKE = 0, UNIT_JUMP = 0] = HEALTH_FLAGS.map(flagBit);

const LEVEL = 0; // the last trusted reading, in the sensor's first unit
const AGE = 1; // readings since then; 0 before there was one
const LAST = 2; // the reading before
const STEP = 3; // usual distance between two readings
const STEPS = 4; // how many readings it was learned from, up to MEMORY
const FAR = 5; // readings in a row that were far from LEVEL
const UNIT = 6; // number of the conversion in effect, 0 for none
const TRIAL = 7; // readings since the conversion was found, up to the length of its trial
const MOVED = 8; // mean step of those readings, converted back
const SAME = 9; // run of equal readings
const QUIET = SAME + RUN_SIZE; // run of readings without movement

/** Readings over which the usual step is averaged. */
const MEMORY = 500;
/** Steps before the average is trusted alone; until then it is at least a quarter deviation. */
const WARM = 32;
/**
 * A reading is far if it is off by more than this many usual steps and this many deviations of the training data. Tuned
 * on real series.
 */
const FAR_STEPS = 12;
const FAR_DEVIATIONS = 3;
/** Far readings in a row after which even a restless sensor is trusted. */
const FAR_READINGS = 4;
/**
 * A fall to the null value of at least this many usual steps is sudden. Few are needed, as a reading of exactly that
 * number is itself telling.
 */
const DROP_STEPS = 6;
/**
 * A step counts as at most this many usual steps, so one fault hardly makes the next usual, while much movement does...
 */
const MOST_STEPS = 8;
/** ...or as this many deviations, so that a sensor that starts at rest learns to move. */
const LEAST_DEVIATIONS = 0.01;
/** Readings this close, in usual steps, count as no movement. */
const STILL_STEPS = 0.25;
/** How far, in usual steps, a reading may be from the converted last reading. */
const UNIT_STEPS = 3;
/** A reading that is converted back to within this many deviations of the training mean is plausible in any case. */
const LIKELY_DEVIATIONS = 2;

/** The memory of one sensor and the judgement of its readings: a flag word for each. */
export class Sensor implements Part {
  readonly size = QUIET + RUN_SIZE;
  readonly #facts: SensorFacts;

  constructor(facts: SensorFacts) {
    this.#facts = facts;
  }

  reset(): void {}

  /** Returns the flag word of a reading; NaN and infinities are missing readings. */
  judge(row: Float64Array, at: number, value: number): number {
    const { mean, std, min, max, nullValue, stuckAfter, flatlineAfter } = this.#facts;
    if (!Number.isFinite(value)) {
      passOver(row, at);
      return DROPOUT;
    }
    const before = row[at + LAST]!;
    row[at + LAST] = value;
    let flags = value < min || value > max ? OUT_OF_RANGE : 0;
    if (restsOddly(row, at + SAME, value, 0, stuckAfter)) flags |= STUCK;

    const step = row[at + STEP]!;
    const usual = row[at + STEPS]! < WARM ? Math.max(step, std / 4) : step;
    const known = row[at + AGE]! > 0;
    const level = known ? row[at + LEVEL]! : mean;
    if (value === nullValue && Math.abs(value - level) > DROP_STEPS * usual) {
      passOver(row, at);
      return flags | DROPOUT;
    }
    if (!known) {
      if (flags === 0) believe(row, at, value);
      return flags;
    }
    if (row[at + UNIT] !== 0 && this.#keepsUnit(row, at, value, usual, flags === 0)) return flags | UNIT_JUMP;

    const distance = Math.abs(value - row[at + LEVEL]!);
    // a random walk moves by the square root of the time in which it was not seen
    const time = Math.sqrt(row[at + AGE]!);
    const reach = Math.max(FAR_STEPS * usual * time, FAR_DEVIATIONS * std);
    const far = distance > reach;
    if (far && this.#changesUnit(row, at, value, UNIT_STEPS * usual * time)) return flags | UNIT_JUMP;
    if (!far && restsOddly(row, at + QUIET, value, STILL_STEPS * step, flatlineAfter)) flags |= FLATLINE;
    if (flags === 0) learnStep(row, at, distance / time, LEAST_DEVIATIONS * std);
    if (far) return flags | judgeFar(row, at, value, flags === 0, Math.abs(value - before) <= reach);
    believe(row, at, value);
    return flags;
  }

  /** True if a conversion explains a second far reading, give or take `slack`; that conversion is then in effect. */
  #changesUnit(row: Float64Array, at: number, value: number, slack: number): boolean {
    if (!this.#facts.unitJumps || row[at + FAR] === 0) return false;
    const unit = findConversion(row[at + LEVEL]!, value, slack);
    if (unit === 0 || !this.#isLikelier(convertBack(value, unit), value)) return false;
    believe(row, at, convertBack(value, unit));
    row[at + UNIT] = unit;
    row[at + TRIAL] = 0;
    row[at + MOVED] = 0;
    return true;
  }

  /**
   * True while the conversion is in effect: until the readings are back where they would be without it, or show that
   * the unit never changed. A credible reading then becomes the new level.
   */
  #keepsUnit(row: Float64Array, at: number, value: number, usual: number, credible: boolean): boolean {
    const level = row[at + LEVEL]!;
    const original = convertBack(value, row[at + UNIT]!);
    const returned = Math.abs(value - level) < Math.abs(original - level);
    if (!returned && this.#isLikelier(original, value) && standsTrial(row, at, original, usual)) {
      believe(row, at, original);
      return true;
    }
    row[at + UNIT] = 0;
    if (!returned && credible) believe(row, at, value);
    return false;
  }

  /** True if the model was trained on readings like `original` rather than like `value`. */
  #isLikelier(original: number, value: number): boolean {
    const { mean, std } = this.#facts;
    const distance = Math.abs(original - mean);
    return distance <= LIKELY_DEVIATIONS * std || distance <= Math.abs(value - mean);
  }
}

/** Judges a far reading that no change of unit explains: it is a spike, unless the readings stay there. */
function judgeFar(row: Float64Array, at: number, value: number, credible: boolean, stays: boolean): number {
  const far = ++row[at + FAR]!;
  if (credible && ((stays && far > 1) || far >= FAR_READINGS)) {
    believe(row, at, value);
    return 0;
  }
  passOver(row, at);
  return far < FAR_READINGS ? SPIKE : 0;
}

/** False once the readings since a change of unit have not moved as readings in another unit would. */
function standsTrial(row: Float64Array, at: number, original: number, usual: number): boolean {
  const unit = row[at + UNIT]!;
  const length = trialLength(unit);
  if (row[at + TRIAL]! >= length) return true;
  const count = ++row[at + TRIAL]!;
  row[at + MOVED]! += (Math.abs(original - row[at + LEVEL]!) - row[at + MOVED]!) / count;
  return count < length || stepsAgree(row[at + MOVED]!, usual, unit);
}

function learnStep(row: Float64Array, at: number, step: number, least: number): void {
  const steps = Math.min(row[at + STEPS]! + 1, MEMORY);
  const usual = row[at + STEP]!;
  row[at + STEPS] = steps;
  row[at + STEP] = usual + (Math.min(step, MOST_STEPS * Math.max(usual, least)) - usual) / steps;
}

function believe(row: Float64Array, at: number, reading: number): void {
  row[at + LEVEL] = reading;
  row[at + AGE] = 1;
  row[at + FAR] = 0;
}

/** Makes the level one reading older, if there is one. */
function passOver(row: Float64Array, at: number): void {
  if (row[at + AGE]! > 0) row[at + AGE]!++;
}
