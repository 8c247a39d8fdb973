/** Insertion sort: for few values that are nearly in order. Allocates nothing. */
export function sortInPlace(values: Float64Array): void {
  for (let i = 1; i < values.length; i++) insertSorted(values, i, values[i]!);
}

/** Puts a value among the first `count`, which are in ascending order. */
export function insertSorted(values: Float64Array, count: number, value: number): void {
  let i = count;
  for (; i > 0 && values[i - 1]! > value; i--) values[i] = values[i - 1]!;
  values[i] = value;
}

/**
 * The quantile of ascending `sorted` at `level` in [0, 1], linear between order statistics
 * (Hyndman and Fan, 1996, definition 7). NaN for an empty array.
 */
export function quantile(sorted: ArrayLike<number>, level: number): number {
  const position = level * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (position - below) * (high - low);
}
