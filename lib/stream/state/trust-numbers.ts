import { flagBit, flagNames, type HealthFlag } from '../../online/sensors/health-flags.ts';
import type { Watch } from '../../online/judging/watchdog.ts';
import type { Trust } from '../../online/live-forecast.ts';
import type { StreamParts } from './stream-parts.ts';

const WATCHES: readonly Watch[] = ['ok', 'saturated', 'growing', 'broken'];

// The numbers: these, then the age and the flag word of each input, then skill and coverage of each target. NaN for
// undefined.
const SOURCE = 0; // 1 for the baseline
const MISSING = 1;
const NOVELTY = 2;
const STATE = 3; // an index into WATCHES
const ADAPTED = 4;
const INPUTS = 5;

/** Writes what the streams of a forecaster say of themselves as numbers, so that it can go through shared memory. */
export class TrustNumbers {
  readonly size: number;
  readonly #inputs: readonly string[];
  readonly #targets: number;
  readonly #parts: StreamParts;

  constructor(inputs: readonly string[], targets: number, parts: StreamParts) {
    this.size = parts.judging ? INPUTS + 2 * inputs.length + 2 * targets : 0;
    this.#inputs = inputs;
    this.#targets = targets;
    this.#parts = parts;
  }

  write(trust: Trust, out: Float64Array, at: number): void {
    const { source, missing, ages, flags, novelty, state, adapted, skill, coverage } = trust;
    out[at + SOURCE] = source === 'naive' ? 1 : 0;
    out[at + MISSING] = missing;
    out[at + NOVELTY] = novelty ?? Number.NaN;
    out[at + STATE] = state === undefined ? Number.NaN : WATCHES.indexOf(state);
    out[at + ADAPTED] = adapted ? 1 : 0;
    let place = at + INPUTS;
    for (const [i, name] of this.#inputs.entries()) {
      out[place++] = ages[i] ?? Number.NaN;
      out[place++] = Object.hasOwn(flags, name) ? wordOf(flags[name]!) : 0;
    }
    for (let target = 0; target < this.#targets; target++) {
      out[place++] = skill[target] ?? Number.NaN;
      out[place++] = coverage[target] ?? Number.NaN;
    }
  }

  read(from: Float64Array, at: number): Trust {
    const { gaps, skill, calibration } = this.#parts;
    const flags: Record<string, readonly HealthFlag[]> = {};
    let place = at + INPUTS;
    const ages = this.#inputs.map((name) => {
      const age = from[place++]!;
      const word = from[place++]!;
      if (word !== 0) flags[name] = flagNames(word);
      return age;
    });
    const skills: (number | undefined)[] = [];
    const coverages: (number | undefined)[] = [];
    for (let target = 0; target < this.#targets; target++) {
      skills.push(orUndefined(from[place++]!));
      coverages.push(orUndefined(from[place++]!));
    }
    return {
      source: from[at + SOURCE] === 1 ? 'naive' : 'model',
      missing: from[at + MISSING]!,
      ages: gaps ? ages : [],
      flags,
      novelty: orUndefined(from[at + NOVELTY]!),
      state: WATCHES[from[at + STATE]!],
      adapted: from[at + ADAPTED] === 1,
      skill: skill ? skills : [],
      coverage: calibration ? coverages : [],
    };
  }
}

function wordOf(flags: readonly HealthFlag[]): number {
  return flags.reduce((word, flag) => word | flagBit(flag), 0);
}

function orUndefined(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}
