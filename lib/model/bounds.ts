/** Least and greatest value of a target, in its own unit. A side without a value is open. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** The parts of a description that bound the numbers of a forecast. */
interface Bounded {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly levels: readonly number[];
  readonly bounds?: readonly Bounds[];
}

/**
 * Moves the mean and the quantiles of a forecast, [1 + levels][targets][horizon], to the nearest value within the
 * bounds of their targets.
 */
export type Bounding = (numbers: Float64Array) => void;

/** Makes the function that keeps forecasts within their bounds. Undefined without bounds. Quantiles stay in order. */
export function bounding({ targets, horizon, levels, bounds = [] }: Bounded): Bounding | undefined {
  const limits = targets.map((_, t) => [bounds[t]?.min ?? -Infinity, bounds[t]?.max ?? Infinity] as const);
  if (limits.every(([min, max]) => min === -Infinity && max === Infinity)) return undefined;
  return (numbers) => {
    for (let part = 0, i = 0; part <= levels.length; part++) {
      for (const [min, max] of limits) {
        for (let step = 0; step < horizon; step++, i++) numbers[i] = Math.min(Math.max(numbers[i]!, min), max);
      }
    }
  };
}
