/** Moves a value that is drawn of a distribution; `p`: the share of the distribution up to it. */
export type Correction = (value: number, p: number) => number;

/**
 * How values drawn of a distribution agree with quantiles that a stream has corrected. `own` are the quantiles of the
 * distribution at `levels`, `corrected` those that it is to have. A value between two levels keeps its place between
 * them; one beyond the outermost moves as far as these. Undefined if nothing was corrected.
 */
export function correctionOf(
  levels: readonly number[],
  own: readonly number[],
  corrected: readonly number[],
): Correction | undefined {
  if (own.every((quantile, l) => quantile === corrected[l])) return undefined;
  const last = levels.length - 1;
  return (value, p) => {
    const above = levels.findIndex((level) => p < level);
    if (above <= 0) {
      const end = above < 0 ? last : 0;
      return value + (corrected[end]! - own[end]!);
    }
    const [from, to] = [own[above - 1]!, own[above]!];
    const [least, greatest] = [corrected[above - 1]!, corrected[above]!];
    // quantiles of counts may be equal: then what is drawn of one count is spread out
    const rank = (p - levels[above - 1]!) / (levels[above]! - levels[above - 1]!);
    const share = to > from ? Math.min(Math.max((value - from) / (to - from), 0), 1) : rank;
    return least + share * (greatest - least);
  };
}
