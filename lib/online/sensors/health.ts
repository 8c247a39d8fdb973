import { isWordNumber } from '../../model/inputs/word.ts';
import { type Model, scalerOf } from '../../model/model.ts';
import { Scaler } from '../../model/scaler.ts';
import { flagBit, flagNames, HEALTH_FLAGS, type HealthFlag } from './health-flags.ts';
import { checkHealthOptions, type HealthOptions, type HealthPolicy } from './health-options.ts';
import type { WritableTrust } from '../live-forecast.ts';
import type { Part } from '../part.ts';
import type { Step } from '../step.ts';
import { Sensor } from './sensor.ts';

/** What is usual for the inputs, from a forecaster's scaler. */
export interface HealthInputs {
  readonly names: readonly string[];
  readonly mean: ArrayLike<number>;
  readonly std: ArrayLike<number>;
  /** Inputs whose level differs between streams: by default, no reading of theirs is out of range. */
  readonly levels?: readonly string[] | undefined;
}

/** The health of the sensors of a model's streams. Throws as the constructor does, and for a model without a scaler. */
export function sensorHealthOf(model: Model, options?: HealthOptions): SensorHealth {
  const { names, mean, std } = scalerOf(model, 'health');
  return new SensorHealth({ names, mean, std, levels: model.description.scale?.inputs }, options);
}

const DEFAULT_POLICY: Readonly<Record<HealthFlag, HealthPolicy>> = {
  dropout: 'drop',
  'out-of-range': 'drop',
  stuck: 'flag',
  flatline: 'flag',
  spike: 'drop',
  'unit-jump': 'drop',
};

/**
 * Judges from each reading and those before it whether a sensor can be trusted.
 *
 * What is usual (the step from reading to reading, how long the sensor rests) is learned from trusted readings; until
 * there are any, it is derived from the mean and deviation of the training data. A real change of level is a `spike` at
 * its first reading and is accepted with the second. A `unit-jump` is reported from the second reading on, until the
 * readings are back, or until 32 of them (512 for Celsius and Fahrenheit) move as if no unit had changed.
 */
export class SensorHealth implements Part {
  readonly size: number;
  readonly reportSize: number;
  readonly #names: readonly string[];
  readonly #words: Int32Array;
  readonly #sensors: readonly Sensor[];
  readonly #sensorSize: number;
  readonly #looked: number;
  readonly #dropping: number;

  /** Throws `invalid-argument` for names, means and deviations of different lengths and for wrong options. */
  constructor(inputs: HealthInputs, options: HealthOptions = {}) {
    const { names, mean, std } = new Scaler(inputs.names, inputs.mean, inputs.std);
    const { limits = {}, policy, reach = 10, stuckAfter = 20, flatlineAfter = 40 } = checkHealthOptions(options, names);
    const policies = { ...DEFAULT_POLICY, ...policy };
    this.#sensors = names.map((name, i) => {
      const center = mean[i]!;
      const width = inputs.levels?.includes(name) ? Number.POSITIVE_INFINITY : reach * std[i]!;
      const { min = center - width, max = center + width, nullValue = 0 } = limits[name] ?? {};
      return new Sensor({
        mean: center,
        std: std[i]!,
        min,
        max,
        nullValue: nullValue ?? Number.NaN,
        stuckAfter,
        flatlineAfter,
        unitJumps: policies['unit-jump'] !== 'off',
      });
    });
    this.#sensorSize = this.#sensors[0]!.size;
    this.size = names.length * this.#sensorSize;
    this.reportSize = names.length;
    this.#names = names;
    this.#words = new Int32Array(names.length);
    this.#looked = ~wordOf(policies, 'off');
    this.#dropping = wordOf(policies, 'drop');
  }

  reset(): void {}

  /** Drops the readings that its policies say. */
  before(step: Step): void {
    const { row, at, values, report, reportAt } = step;
    const words = this.#words;
    this.check(row, at, values, words);
    for (let i = 0; i < words.length; i++) {
      report[reportAt + i] = words[i]!;
      if (words[i] !== 0) step.flagged = true;
      if (this.drops(words[i]!)) values[i] = Number.NaN;
    }
  }

  trust(report: readonly number[], at: number, trust: WritableTrust): void {
    trust.flags = this.flags(report, at);
  }

  /** What it has reported, by name of the input. */
  flags(report: ArrayLike<number>, at: number): Record<string, readonly HealthFlag[]> {
    const flags: Record<string, readonly HealthFlag[]> = {};
    for (let i = 0; i < this.#names.length; i++) {
      if (report[at + i] !== 0) flags[this.#names[i]!] = flagNames(report[at + i]!);
    }
    return flags;
  }

  /**
   * Judges one sample: `values` [inputs] in their units, NaN for missing ones. Writes a flag word per input into
   * `flags`.
   */
  check(row: Float64Array, at: number, values: ArrayLike<number>, flags: Int32Array): void {
    for (let i = 0; i < this.#sensors.length; i++) {
      if (isWordNumber(values[i]!)) {
        flags[i] = 0; // a word has no range, and may stay for long
        continue;
      }
      flags[i] = this.#sensors[i]!.judge(row, at + i * this.#sensorSize, values[i]!) & this.#looked;
    }
  }

  /** True if a reading with this flag word is to be treated as missing. */
  drops(word: number): boolean {
    return (word & this.#dropping) !== 0;
  }
}

/** The bits of the flags that have this policy. */
function wordOf(policies: Readonly<Record<HealthFlag, HealthPolicy>>, wanted: HealthPolicy): number {
  return HEALTH_FLAGS.reduce((word, flag) => (policies[flag] === wanted ? word | flagBit(flag) : word), 0);
}
