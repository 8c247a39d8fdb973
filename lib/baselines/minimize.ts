/** A local minimum and where it is. */
export interface Minimum {
  at: number[];
  value: number;
}

/** The simplex has shrunk to a point once its values differ by less than this share. */
const TOLERANCE = 1e-9;

/**
 * The least value of `cost` in the unit cube that the simplex of Nelder and Mead (1965) finds from `start`, which it
 * first steps away from by 0.2 in each direction. Points outside are moved to the border. A cost that is not a number
 * counts as infinite. `most`: evaluations.
 */
export function minimize(cost: (at: readonly number[]) => number, start: readonly number[], most = 200): Minimum {
  const evaluations = { left: most };
  const point = (place: readonly number[]): Minimum => {
    evaluations.left -= 1;
    const at = place.map((x) => Math.min(1, Math.max(0, x)));
    const value = cost(at);
    return { at, value: Number.isNaN(value) ? Number.POSITIVE_INFINITY : value };
  };
  const simplex = [point(start)];
  for (let i = 0; i < start.length; i++) simplex.push(point(start.with(i, start[i]! + (start[i]! > 0.5 ? -0.2 : 0.2))));
  const byValue = (a: Minimum, b: Minimum) => a.value - b.value;
  while (evaluations.left > 0) {
    simplex.sort(byValue);
    const [best, worst] = [simplex[0]!, simplex.at(-1)!];
    if (worst.value - best.value <= TOLERANCE * Math.abs(best.value)) break;
    const others = simplex.slice(0, -1);
    const middle = start.map((_, i) => others.reduce((sum, { at }) => sum + at[i]!, 0) / others.length);
    const along = (by: number) => point(middle.map((x, i) => x + by * (worst.at[i]! - x)));
    const reflected = along(-1);
    let next = reflected;
    if (reflected.value < best.value) {
      const expanded = along(-2);
      if (expanded.value < reflected.value) next = expanded;
    } else if (reflected.value >= others.at(-1)!.value) {
      next = reflected.value < worst.value ? along(-0.5) : along(0.5);
    }
    if (next.value < worst.value) simplex[simplex.length - 1] = next;
    else
      for (let k = 1; k < simplex.length; k++) simplex[k] = point(best.at.map((x, i) => (x + simplex[k]!.at[i]!) / 2));
  }
  return simplex.sort(byValue)[0]!;
}
