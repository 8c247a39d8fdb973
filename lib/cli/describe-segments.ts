import { cellSteps, type SegmentDescription } from '../model/segment/description.ts';

/** The network of a segment model in a few words. */
export function describeSegments({ segments }: SegmentDescription): string {
  const { cell, hidden, segment } = segments;
  return `${cell.toUpperCase()} of ${hidden} units over segments of ${segment} samples`;
}

/** What a stream of a segment model remembers, and what its forecasts cost. */
export function describeCost(description: SegmentDescription): string {
  const { lookback, targets } = description;
  const each = targets.length === 1 ? '' : ` for each of ${targets.length} targets`;
  return `window of ${lookback} samples; a forecast takes ${cellSteps(description)} steps of the cell${each}`;
}
