/** Draws `count` different entries of `values` in random order. */
export function draw(values: Int32Array, count: number, random: () => number): Int32Array {
  const left = values.slice();
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (left.length - i));
    const value = left[i]!;
    left[i] = left[j]!;
    left[j] = value;
  }
  return left.subarray(0, count);
}
