/** Round bounds around some values, and the round step between ticks: 1, 2 or 5 times a power of ten. */
export interface Axis {
  low: number;
  high: number;
  step: number;
}

/**
 * The axis with about `ticks` steps that holds all values from `min` to `max`; constant values get room around them.
 */
export function axis(min: number, max: number, ticks: number): Axis {
  // Values that differ by less than a billionth of their size look alike in the labels.
  const least = Math.max(Math.abs(min), Math.abs(max), 1e-12) * 1e-9;
  if (max - min <= least) {
    const room = Math.abs(min) > 1 ? Math.abs(min) * 0.05 : 0.5;
    return axis(min - room, max + room, ticks);
  }
  const rough = (max - min) / Math.max(1, ticks);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
  return { low: Math.floor(min / step + 1e-9) * step, high: Math.ceil(max / step - 1e-9) * step, step };
}
