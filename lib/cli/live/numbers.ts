/** A value in at most seven characters, with about three significant digits. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const size = Math.abs(value);
  if (size >= 9.995e10) return value.toExponential(0);
  if (size >= 9_995_000) return `${(value / 1e6).toFixed(0)}M`;
  if (size >= 99_950) return `${(value / 1000).toFixed(0)}k`;
  if (size >= 99.95) return value.toFixed(0);
  if (size >= 9.995) return value.toFixed(1);
  if (size >= 0.0995) return value.toFixed(2);
  if (size === 0) return '0';
  return size >= 0.000995 ? value.toPrecision(2) : value.toExponential(0);
}

/** A share as whole per cent, '-' if undefined; `sign` writes the plus too. */
export function percent(share: number | undefined, { sign = false } = {}): string {
  if (share === undefined || !Number.isFinite(share)) return '-';
  const whole = Math.round(share * 100);
  return `${sign && whole > 0 ? '+' : ''}${whole === 0 ? 0 : whole}%`;
}

/** A whole number with its thousands separated. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
