import { incompleteBeta } from './incomplete-beta.ts';
import { logGamma } from './log-gamma.ts';

/** P(T > t) of Student's t distribution, for t >= 0: half of I_x(f / 2, 1 / 2) with x = f / (f + t^2), f = freedom. */
export function studentTail(t: number, freedom: number): number {
  const sum = freedom + t * t;
  return 0.5 * incompleteBeta(freedom / sum, (t * t) / sum, freedom / 2, 0.5).lower;
}

/**
 * The t with P(T <= t) = p, 0 < p < 1, given z, the quantile p of the standard normal distribution. It begins with
 * Fisher and Cornish's expansion (Abramowitz and Stegun, 1964, 26.7.5) and goes on by Newton's method on the logarithms
 * of t and of the tail, in which the far tail is a straight line.
 */
export function studentQuantile(p: number, z: number, freedom: number): number {
  if (p === 0.5) return 0;
  const tail = Math.min(p, 1 - p);
  const x = Math.abs(z);
  const y = x * x;
  const first = ((y + 1) * x) / 4 / freedom + (((5 * y + 16) * y + 3) * x) / 96 / (freedom * freedom);
  const front = logGamma((freedom + 1) / 2) - logGamma(freedom / 2) - 0.5 * Math.log(freedom * Math.PI);
  let t = x + first;
  for (let i = 0; i < 50; i++) {
    const own = studentTail(t, freedom);
    const density = Math.exp(front - 0.5 * (freedom + 1) * Math.log1p((t * t) / freedom));
    const step = (Math.log(own / tail) * own) / (density * t);
    t *= Math.exp(Math.max(-1, Math.min(1, step)));
    if (Math.abs(step) < 1e-12) break;
  }
  return p < 0.5 ? -t : t;
}
