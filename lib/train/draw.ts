/** Draws `count` different entries of `values` in random order. Returns a copy; reorders `values`. */
export function draw(values: Int32Array, count: number, random: () => number): Int32Array {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
  return values.slice(0, count);
}
