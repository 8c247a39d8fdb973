/** A sample of one of several streams: two values, one sample a second. */
export interface Reading {
  id: string;
  at: number;
  values: number[];
  offset: number;
}

/** The t-th sample of a key. */
export const nth = (id: string, t: number): Reading => ({
  id,
  at: 1000 * t,
  values: [10 + Math.sin(t + id.length), 20 + Math.cos(t / 3 + id.charCodeAt(0))],
  offset: t,
});

export const series = (id: string, count: number, begin = 0) =>
  Array.from({ length: count }, (_, t) => nth(id, begin + t));

/** The end of the turn, when its samples are answered. */
export const settled = () => new Promise((resolve) => setTimeout(resolve));
