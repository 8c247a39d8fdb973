/** A small seeded generator (mulberry32): numbers in [0, 1), the same on every machine. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws `count` different entries of `values` in random order. Reorders `values`; the answer is a copy. */
export function draw(values: Int32Array, count: number, random: () => number): Int32Array {
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (values.length - i));
    const value = values[i]!;
    values[i] = values[j]!;
    values[j] = value;
  }
  return values.slice(0, count);
}
