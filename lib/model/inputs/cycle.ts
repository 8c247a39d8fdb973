import { misfit } from '../../base/errors.ts';
import { number, object, text, whole } from '../../base/schema.ts';
import { Zone } from '../../base/zone.ts';

/**
 * A rhythm of the targets that the model knows by its course: the value of each target at each phase. It is subtracted
 * from what the network reads and added to what it forecasts, so that the network only has to learn the rest (Lin et
 * al. 2024, "CycleNet").
 */
export interface CycleDescription {
  /** How long the rhythm takes [ms]. */
  readonly period: number;
  /** Into how many phases of equal length it is cut. */
  readonly phases: number;
  /** IANA name of the time zone in whose local time the phases are: 'Europe/Berlin'. */
  readonly zone: string;
}

/** Most phases: the minutes of a week. */
export const MAX_PHASES = 10_080;

const checkFields = object<CycleDescription>({
  period: number(1, 1e12),
  phases: whole(2, MAX_PHASES),
  zone: text(64),
});

/** Checks the cycle of a description. Throws `invalid-argument`, also for a zone that this machine does not know. */
export function checkCycle(value: unknown, name: string): Readonly<CycleDescription> {
  const cycle = checkFields(value, name);
  Zone.of(cycle.zone, `${name}.zone`);
  return cycle;
}

/** A cycle needs steps of time. Throws `invalid-argument`. */
export function checkCycled({ cycle, interval }: { cycle?: CycleDescription; interval: number | null }): void {
  if (cycle === undefined) return;
  if (interval === null) throw misfit('the time between samples, for a cycle,', 'description.interval', interval);
}

/** 1970 began on a Thursday: a week of phases begins on Monday. */
const MONDAY = 4 * 86_400_000;

/** Finds the phase of a time. */
export class Phases {
  readonly #zone: Zone;
  readonly #length: number;
  readonly #count: number;

  /** Throws `invalid-argument` for a zone that this machine does not know. */
  constructor({ period, phases, zone }: CycleDescription) {
    this.#zone = Zone.of(zone, 'cycle.zone');
    this.#length = period / phases;
    this.#count = phases;
  }

  /** The phase that begins nearest to a time [ms since 1970, UTC], from 0 on; times of samples may jitter. */
  at(time: number): number {
    const local = time + this.#zone.offset(time) - MONDAY;
    const phase = Math.round(local / this.#length) % this.#count;
    return phase < 0 ? phase + this.#count : phase;
  }
}

/** The course of a rhythm, in the targets' own units. */
export class Cycle {
  readonly #phases: Phases;
  readonly #count: number;
  /** [targets][phases] */
  readonly #course: Float64Array;
  /** The inputs that are the targets. */
  readonly #targets: readonly number[];

  /**
   * `course`: [targets.length][phases], in deviations of each target; `std`: the deviation of each input in its own
   * unit.
   */
  constructor(description: CycleDescription, targets: readonly number[], course: Float32Array, std: Float64Array) {
    const { phases } = description;
    this.#phases = new Phases(description);
    this.#count = phases;
    this.#course = Float64Array.from(course, (value, i) => value * std[targets[Math.floor(i / phases)]!]!);
    this.#targets = targets;
  }

  /** The course of target `t` at a time [ms since 1970, UTC]. */
  value(t: number, time: number): number {
    return this.#course[t * this.#count + this.#phases.at(time)]!;
  }

  /** The course of an input at a time [ms since 1970, UTC]; 0 for one that is no target. */
  ofInput(input: number, time: number): number {
    const t = this.#targets.indexOf(input);
    return t < 0 ? 0 : this.value(t, time);
  }

  /**
   * Adds the course of target `t` to its forecast from a sample at `time` [ms since 1970, UTC], whose steps are
   * `interval` ms apart. `since`: the course at `time` is in the forecast already, because it began from a value.
   */
  add(t: number, time: number, interval: number, since: boolean, forecast: Float64Array): void {
    const now = since ? this.value(t, time) : 0;
    for (let h = 0; h < forecast.length; h++) forecast[h]! += this.value(t, time + (h + 1) * interval) - now;
  }

  /** Takes the course at a time out of a sample, whose values begin at `values[from]`. */
  subtract(time: number, values: Float64Array, from: number): void {
    const phase = this.#phases.at(time);
    for (let t = 0; t < this.#targets.length; t++) {
      values[from + this.#targets[t]!]! -= this.#course[t * this.#count + phase]!;
    }
  }
}
