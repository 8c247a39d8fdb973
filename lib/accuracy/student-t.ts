/** Beyond this the continued fraction has long converged. */
const FRACTIONS = 1000;
const SMALLEST = 1e-300;

/**
 * P(|T| > t) for Student's t with `freedom` > 0 degrees of freedom: the regularised incomplete beta function I at
 * freedom / (freedom + t^2) with a = freedom / 2, b = 1/2 (Abramowitz and Stegun 26.7.1).
 */
export function twoTails(t: number, freedom: number): number {
  if (!Number.isFinite(t)) return 0;
  const square = t * t;
  return incompleteBeta(freedom / (freedom + square), square / (freedom + square), freedom / 2, 0.5);
}

/** I_x(a, b), y = 1 - x, by the continued fraction 26.5.8 of Abramowitz and Stegun where that converges fast. */
function incompleteBeta(x: number, y: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (y <= 0) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(y));
  if (x < (a + 1) / (a + b + 2)) return (front / a) * betaFraction(x, a, b);
  return 1 - (front / b) * betaFraction(y, b, a);
}

/** By the method of Lentz (Applied Optics 15, 1976). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number) => (Math.abs(value) < SMALLEST ? SMALLEST : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let fraction = d;
  const take = (term: number) => {
    d = 1 / away(1 + term * d);
    c = away(1 + term / c);
    fraction *= d * c;
  };
  for (let m = 1; m < FRACTIONS; m++) {
    take((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const before = fraction;
    take((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    if (Math.abs(fraction / before - 1) < 1e-15) break;
  }
  return fraction;
}

/** Stirling's series (Abramowitz and Stegun 6.1.41) after moving x up to where it is exact; x > 0. */
function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 12; z += 1) shift += Math.log(z);
  const square = 1 / (z * z);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + Math.log(2 * Math.PI) / 2 + series - shift;
}
