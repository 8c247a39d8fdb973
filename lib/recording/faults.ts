import { createRandom } from '../base/random.ts';
import type { Sample, SampleValues } from '../model/sample.ts';
import { isList } from '../base/schema.ts';

/**
 * What goes wrong between a sensor and its model:
 *
 * - `nan`: a reading is not a number.
 * - `drop`: a sample does not arrive.
 * - `stall`: an input repeats a reading for the next 30 samples.
 * - `spike`: a reading is off by eight standard deviations of the training data.
 */
export const FAULTS = ['nan', 'drop', 'stall', 'spike'] as const;
export type Fault = (typeof FAULTS)[number];

const STALL_SAMPLES = 30;
const SPIKE_DEVIATIONS = 8;

/** Per input of a stream: the reading that it repeats, and for how many more samples. */
interface Stalls {
  readonly held: Float64Array;
  readonly left: Int32Array;
}

/** Injects faults at random. Where one strikes depends on the seed and the samples only, not on the other faults. */
export class FaultInjector {
  /** How many readings each fault has spoiled; for `drop`, how many samples. */
  readonly counts: Record<Fault, number> = { nan: 0, drop: 0, stall: 0, spike: 0 };
  readonly #names: readonly string[];
  readonly #std: ArrayLike<number>;
  /** Per fault: its own chance per sample or reading, and its own generator. */
  readonly #chance: Readonly<Record<Fault, number>>;
  readonly #random: Readonly<Record<Fault, () => number>>;
  readonly #sign: () => number;
  readonly #stalls = new Map<string | undefined, Stalls>();

  /**
   * `inputs`: their names and their standard deviations in the training data. `rate`: the share of readings, or of
   * samples, that each fault spoils.
   */
  constructor(
    inputs: { readonly names: readonly string[]; readonly std: ArrayLike<number> },
    faults: readonly Fault[],
    rate: number,
    seed: number,
  ) {
    this.#names = inputs.names;
    this.#std = inputs.std;
    const chance = (fault: Fault) => (faults.includes(fault) ? rate : 0);
    this.#chance = {
      nan: chance('nan'),
      drop: chance('drop'),
      // If a stall begins with chance p, stalls spoil 30 p of 1 + 30 p readings.
      stall: rate < 1 ? chance('stall') / (STALL_SAMPLES * (1 - rate)) : chance('stall'),
      spike: chance('spike'),
    };
    const [nan, drop, stall, spike, sign] = [1, 2, 3, 4, 5].map((n) => createRandom(seed * 8 + n));
    this.#random = { nan: nan!, drop: drop!, stall: stall!, spike: spike! };
    this.#sign = sign!;
  }

  /** The sample as it arrives; undefined if it does not arrive. Its values are numbers, as in every recording. */
  inject(sample: Sample, key: string | undefined): Sample | undefined {
    if (this.#strikes('drop')) {
      this.counts.drop++;
      return undefined;
    }
    const stalls = this.#stallsOf(key);
    if (typeof sample !== 'object' || isList(sample)) return this.#spoil(sample, stalls) as Sample;
    return { ...sample, values: this.#spoil(sample.values, stalls) };
  }

  #spoil(values: SampleValues, stalls: Stalls): SampleValues {
    if (typeof values === 'number') return this.#reading(0, values, stalls);
    if (isList(values)) {
      return Float64Array.from(values as ArrayLike<number>, (value, input) => this.#reading(input, value, stalls));
    }
    const readings = Object.entries(values as Readonly<Record<string, number>>);
    return Object.fromEntries(
      readings.map(([name, value]) => [name, this.#reading(this.#names.indexOf(name), value, stalls)]),
    );
  }

  #reading(input: number, value: number, { held, left }: Stalls): number {
    if (!(input in held)) return value; // not an input of the model: left as it is
    let reading = value;
    if (left[input]! > 0) {
      left[input]!--;
      reading = held[input]!;
      this.counts.stall++;
    } else if (this.#strikes('stall')) {
      left[input] = STALL_SAMPLES;
      held[input] = value;
    }
    if (this.#strikes('spike')) {
      reading += (this.#sign() < 0.5 ? -SPIKE_DEVIATIONS : SPIKE_DEVIATIONS) * this.#std[input]!;
      this.counts.spike++;
    }
    if (this.#strikes('nan')) {
      reading = Number.NaN;
      this.counts.nan++;
    }
    return reading;
  }

  #strikes(fault: Fault): boolean {
    return this.#random[fault]() < this.#chance[fault];
  }

  #stallsOf(key: string | undefined): Stalls {
    let stalls = this.#stalls.get(key);
    if (stalls === undefined) {
      const inputs = this.#names.length;
      stalls = { held: new Float64Array(inputs), left: new Int32Array(inputs) };
      this.#stalls.set(key, stalls);
    }
    return stalls;
  }
}
