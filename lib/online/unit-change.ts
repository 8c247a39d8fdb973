/**
 * What a reading turns into when its unit changes, new = scale * old + offset: powers of ten (bar and kPa, W and kW,
 * share and per cent), Celsius to Fahrenheit and to kelvin, m/s to km/h, per second to per minute, bar to psi, inch
 * to millimetre, and the way back of each.
 */
const CONVERSIONS: readonly (readonly [scale: number, offset: number])[] = [
  [10, 0],
  [100, 0],
  [1000, 0],
  [1.8, 32],
  [1, 273.15],
  [3.6, 0],
  [60, 0],
  [14.503774, 0],
  [25.4, 0],
].flatMap(([scale, offset]) => [[scale!, offset!] as const, [1 / scale!, -offset! / scale!] as const]);

/** A jump tells a conversion only when it is this many times what the conversion leaves open. */
const CLEAR = 4;

/**
 * Number (from 1) of the conversion that turns the reading `from` into `to`, give or take `slack` in the unit of
 * `from`; the nearest where several do, 0 where none does.
 */
export function findConversion(from: number, to: number, slack: number): number {
  let found = 0;
  let nearest = slack;
  for (let i = 0; i < CONVERSIONS.length; i++) {
    const distance = Math.abs(convertBack(to, i + 1) - from);
    // near zero, any number is a thousand times the last one
    if (distance > nearest || Math.abs(to - from) < CLEAR * CONVERSIONS[i]![0] * slack) continue;
    found = i + 1;
    nearest = distance;
  }
  return found;
}

/** The reading before the conversion of this number. */
export function convertBack(reading: number, conversion: number): number {
  const [scale, offset] = CONVERSIONS[conversion - 1]!;
  return (reading - offset) / scale;
}
