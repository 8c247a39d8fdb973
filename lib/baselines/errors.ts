import type { Rule } from './rule.ts';

/**
 * The errors of a rule one sample ahead over a series, from row `from` on: value - forecast, 0 where a value is missing
 * or before the first one.
 */
export function errorsOf(rule: Rule, values: Float64Array, from = 0): Float64Array {
  const row = new Float64Array(rule.size);
  rule.reset(row, 0);
  const errors = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (i >= from) errors[i] = value - rule.forecast(row, 0, 1) || 0;
    rule.observe(row, 0, value);
  }
  return errors;
}

export function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

/** The variance of the known values; 1 if they are all the same. */
export function varianceOf(values: Float64Array): number {
  let [mean, sum, count] = [0, 0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    const before = value - mean;
    mean += before / ++count;
    sum += before * (value - mean);
  }
  return sum > 0 ? sum / count : 1;
}
