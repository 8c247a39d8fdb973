/** What may be wrong with a reading, in the order of the bits of a flag word, from bit 0. */
export const HEALTH_FLAGS = ['dropout', 'out-of-range', 'stuck', 'flatline', 'spike', 'unit-jump'] as const;

/**
 * What may be wrong with a reading:
 *
 * - `dropout`: not a number, or suddenly the value that the sensor gives when it has no reading.
 * - `out-of-range`: outside the given limits, or far outside the range of the training data.
 * - `stuck`: exactly the same number for longer than is usual for this sensor.
 * - `flatline`: hardly any movement for longer than is usual.
 * - `spike`: far from the readings before it, and not yet confirmed by the next.
 * - `unit-jump`: the readings go on as before, but multiplied by, or shifted by, the constant of a change of unit.
 */
export type HealthFlag = (typeof HEALTH_FLAGS)[number];

/** The bit of a flag in a flag word. */
export function flagBit(flag: HealthFlag): number {
  return 1 << HEALTH_FLAGS.indexOf(flag);
}

/** The names in a flag word, in the order of `HEALTH_FLAGS`; none for 0. */
export function flagNames(word: number): HealthFlag[] {
  return HEALTH_FLAGS.filter((_, bit) => word & (1 << bit));
}
