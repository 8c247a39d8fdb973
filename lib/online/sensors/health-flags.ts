/** What may be wrong with a reading, in the order of the bits of a flag word: the first is bit 0. */
export const HEALTH_FLAGS = ['dropout', 'out-of-range', 'stuck', 'flatline', 'spike', 'unit-jump'] as const;

/**
 * What may be wrong with a reading:
 *
 * - `dropout`: no number, or suddenly the value the sensor gives when it has none.
 * - `out-of-range`: outside the limits given, or far outside what the model was trained on.
 * - `stuck`: the very same number, for longer than is usual for this sensor.
 * - `flatline`: hardly any movement, for longer than is usual.
 * - `spike`: far from the readings before it, and not yet stayed there.
 * - `unit-jump`: the readings go on as before, times or plus the constant of a change of unit.
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
