const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);

/**
 * The logarithm of the gamma function for x > 0, with 14 digits: the recurrence up to 16, and from there on Stirling's
 * series (Abramowitz and Stegun, 1964, 6.1.15 and 6.1.41).
 */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  for (; at < 16; at++) product *= at;
  const y = 1 / (at * at);
  const tail = (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y * (1 / 1680 - y / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + HALF_LOG_TWO_PI + tail - Math.log(product);
}
