/**
 * What becomes of a reading when its unit changes, new = scale * old + offset: powers of ten (bar and kPa, W and kW,
 * fraction and per cent), Celsius to Fahrenheit and to kelvin, m/s to km/h, per second to per minute, bar to psi, inch
 * to millimetre, and the inverse of each.
 */
const CONVERSIONS: readonly (readonly [scale: number, offset: number])[] = [
  [10, 0] as const,
  [100, 0] as const,
  [1000, 0] as const,
  [1.8, 32] as const,
  [1, 273.15] as const,
  [3.6, 0] as const,
  [60, 0] as const,
  [14.503774, 0] as const,
  [25.4, 0] as const,
].flatMap(([scale, offset]) => [[scale, offset] as const, [1 / scale, -offset / scale] as const]);

/** A jump indicates a conversion only if it is this many times the conversion's uncertainty, in either unit. */
const CLEAR = 8;

/**
 * Number (from 1) of the conversion that turns the reading `from` into `to`, give or take `slack` in the unit of
 * `from`: the nearest if several do, 0 if none does.
 */
export function findConversion(from: number, to: number, slack: number): number {
  let found = 0;
  let nearest = slack;
  for (let i = 0; i < CONVERSIONS.length; i++) {
    const distance = Math.abs(convertBack(to, i + 1) - from);
    // near zero, any number may be a thousand times the last one
    const open = Math.max(1, CONVERSIONS[i]![0]) * slack;
    if (distance > nearest || Math.abs(to - from) < CLEAR * open) continue;
    found = i + 1;
    nearest = distance;
  }
  return found;
}

/** Inverts the conversion of this number. */
export function convertBack(reading: number, conversion: number): number {
  const [scale, offset] = CONVERSIONS[conversion - 1]!;
  return (reading - offset) / scale;
}

/**
 * Number of readings over which steps are averaged to test the conversion of this number: a scale near 1 hardly shows
 * in a few readings, and an offset never shows.
 */
export function trialLength(conversion: number): number {
  const ratio = Math.abs(Math.log(CONVERSIONS[conversion - 1]![0]));
  return ratio > 1 ? 32 : ratio > 0 ? 512 : Number.POSITIVE_INFINITY;
}

/**
 * False if the mean step since the conversion, converted back, contradicts it: it should be the usual step; after a
 * mere change of level it would be the usual step over the scale.
 */
export function stepsAgree(step: number, usual: number, conversion: number): boolean {
  const scale = CONVERSIONS[conversion - 1]![0];
  return scale > 1 === step * step * scale > usual * usual;
}
