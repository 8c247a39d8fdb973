/** Numbers in (0, 1) of chance, the same for the same seed. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 2 ** 32;
  };
}

/** Standard normal numbers (Box and Muller). */
export function gaussian(seed: number): () => number {
  const random = uniform(seed);
  return () => Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** A row that holds one part, reset. */
export function rowOf(part: { size: number; reset(row: Float64Array, at: number): void }): Float64Array {
  const row = new Float64Array(part.size);
  part.reset(row, 0);
  return row;
}
