/** Between what the values of a target lie, in its own unit; a bound that is left out is none. */
export interface Bounds {
  readonly min?: number;
  readonly max?: number;
}

/** What of a description says where the numbers of a forecast may lie. */
interface Bounded {
  readonly targets: readonly string[];
  readonly horizon: number;
  readonly levels: readonly number[];
  readonly bounds?: readonly Bounds[];
}

/** Moves the numbers of a forecast, [1 + levels][targets][horizon], to the nearest inside the bounds of their targets. */
export type Bounding = (numbers: Float64Array) => void;

/** The one way in which bounds are kept; undefined where there are none. Quantiles stay in order. */
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
