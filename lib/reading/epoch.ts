/** The unit in which a source counts its times since 1970. */
export type EpochUnit = 's' | 'ms' | 'us' | 'ns';

export const EPOCH_UNITS: readonly EpochUnit[] = ['s', 'ms', 'us', 'ns'];

export const UNIT_NAMES: Readonly<Record<EpochUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};

/** July 1979 to 2286 [s]: a number is a time in these years in at most one unit. */
const UNIX_LIKE = [3e8, 1e10] as const;

/** Numbers below this are seconds, up to the year 5138. Each finer unit reaches as far. */
const LARGEST_SECONDS = 1e11;

/** Two samples decide the unit if their spacing differs from the model's interval by less than this factor. */
const SPACING_FACTOR = 5;

export function isEpochUnit(form: string): form is EpochUnit {
  return EPOCH_UNITS.includes(form as EpochUnit);
}

/** The unit in which a number is a present-day time; undefined if there is none. */
export function unixUnit(value: number): EpochUnit | undefined {
  return EPOCH_UNITS.find(
    (_, i) => Math.abs(value) >= UNIX_LIKE[0] * 1000 ** i && Math.abs(value) < UNIX_LIKE[1] * 1000 ** i,
  );
}

/**
 * Converts the numeric times of one source into ms since 1970. The unit is decided once: by the first number that is a
 * present-day time in one unit, or, for clocks that count from another origin, by the first two samples whose spacing
 * fits the model's interval. Until then, numbers small enough to be seconds are read in the unit `small`.
 */
export class EpochReader {
  readonly #interval: number | null;
  readonly #small: 's' | 'ms';
  #unit: EpochUnit | undefined;
  readonly #note: ((sentence: string) => void) | undefined;
  #before: number | undefined;

  /** `interval`: the model's [ms], if known. `note` is called once, for a unit other than milliseconds. */
  constructor(
    small: 's' | 'ms',
    { interval = null, note }: { interval?: number | null; note?: ((sentence: string) => void) | undefined } = {},
  ) {
    this.#small = small;
    this.#interval = interval;
    this.#note = note;
  }

  read(value: number): number {
    if (this.#unit === undefined) this.#decide(value);
    return toMilliseconds(value, this.#unit ?? unitOfSize(value, this.#small));
  }

  #decide(value: number): void {
    this.#unit = unixUnit(value) ?? this.#unitOfSpacing(value);
    this.#before = value;
    if (this.#unit === undefined || this.#unit === 'ms') return;
    this.#note?.(`The times of the samples are read as ${UNIT_NAMES[this.#unit]} since 1970.`);
  }

  #unitOfSpacing(value: number): EpochUnit | undefined {
    const interval = this.#interval;
    if (interval === null || this.#before === undefined || value <= this.#before) return undefined;
    const spacing = value - this.#before;
    return EPOCH_UNITS.find((unit) => {
      const ratio = toMilliseconds(spacing, unit) / interval;
      return ratio > 1 / SPACING_FACTOR && ratio < SPACING_FACTOR;
    });
  }
}

function unitOfSize(value: number, small: 's' | 'ms'): EpochUnit {
  const rank = EPOCH_UNITS.findIndex((_, i) => Math.abs(value) < LARGEST_SECONDS * 1000 ** i);
  return rank === 0 ? small : (EPOCH_UNITS[rank] ?? 'ns');
}

/** Rounds nanoseconds to the microsecond: finer digits are noise in numbers as large as these. */
export function toMilliseconds(value: number, unit: EpochUnit): number {
  if (unit === 's') return value * 1000;
  if (unit === 'ms') return value;
  return unit === 'us' ? value / 1000 : Math.round(value / 1000) / 1000;
}
