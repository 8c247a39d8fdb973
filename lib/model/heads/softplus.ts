/** log(1 + e^s), which makes any output of a network a positive number; as native/core/heads/softplus.h. */
export function softplus(s: number): number {
  return Math.max(s, 0) + Math.log1p(Math.exp(-Math.abs(s)));
}

/** The s of a positive number. */
export function inverseSoftplus(value: number): number {
  return value + Math.log(-Math.expm1(-value));
}
