import { cellSteps, type SegmentDescription } from '../model/segment/description.ts';

/** The network of a segment model in a few words. */
export function describeSegments({ segments }: SegmentDescription): string {
  const { cell, hidden, segment, linear } = segments;
  const network = `${cell.toUpperCase()} of ${hidden} units over segments of ${segment} samples`;
  if (linear === undefined) return network;
  return `${network}; ${Math.round(100 * linear.share)} % of a forecast is linear in the last ${linear.lookback} values`;
}

/** What a stream of a segment model remembers, and what its forecasts cost. */
export function describeCost(description: SegmentDescription): string {
  const { lookback, targets } = description;
  const each = targets.length === 1 ? '' : ` for each of ${targets.length} targets`;
  return `window of ${lookback} samples; a forecast takes ${cellSteps(description)} steps of the cell${each}`;
}
