/** What a number of times since 1970 counts. */
export type EpochUnit = 's' | 'ms' | 'us' | 'ns';

const UNITS: readonly EpochUnit[] = ['s', 'ms', 'us', 'ns'];

const UNIT_NAMES: Readonly<Record<EpochUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};

/** July 1979 to 2286 [s]: in no two units a number is a time of these years. */
const UNIX_LIKE = [3e8, 1e10] as const;

/** Below, numbers are seconds, the year 5138; each next unit reaches as far. */
const LARGEST_SECONDS = 1e11;

/** Samples that follow each other up to so many times faster or slower than a model's still tell the unit. */
const SPACING_FACTOR = 5;

/** The unit in which a number is a time of our days, or undefined. */
export function unixUnit(value: number): EpochUnit | undefined {
  return UNITS.find(
    (_, i) => Math.abs(value) >= UNIX_LIKE[0] * 1000 ** i && Math.abs(value) < UNIX_LIKE[1] * 1000 ** i,
  );
}

/**
 * Turns the numbers of one source into ms since 1970. Their unit is decided once: by the first that is a time of our
 * days in one unit, or, for clocks that count from elsewhere, by the first two that follow each other as the samples of
 * the model do. As long as nothing tells, what would be `small` seconds are in the unit of that name.
 */
export class EpochReader {
  readonly #interval: number | null;
  readonly #small: 's' | 'ms';
  #unit: EpochUnit | undefined;
  readonly #note: ((sentence: string) => void) | undefined;
  #before: number | undefined;

  /** `interval` [ms] is that of the model, where there is one; `note` is told a unit other than milliseconds, once. */
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
    return UNITS.find((unit) => {
      const ratio = toMilliseconds(spacing, unit) / interval;
      return ratio > 1 / SPACING_FACTOR && ratio < SPACING_FACTOR;
    });
  }
}

function unitOfSize(value: number, small: 's' | 'ms'): EpochUnit {
  const rank = UNITS.findIndex((_, i) => Math.abs(value) < LARGEST_SECONDS * 1000 ** i);
  return rank === 0 ? small : (UNITS[rank] ?? 'ns');
}

/** To the microsecond: more is noise in a number as large as nanoseconds since 1970. */
function toMilliseconds(value: number, unit: EpochUnit): number {
  if (unit === 's') return value * 1000;
  if (unit === 'ms') return value;
  return unit === 'us' ? value / 1000 : Math.round(value / 1000) / 1000;
}
