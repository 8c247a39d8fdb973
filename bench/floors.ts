import { type Result, shapeKey } from './record.ts';

/** Gives a step from JavaScript its floor, and training its peak, from the ceilings of the same run. */
export function withFloor(result: Result, before: readonly Result[]): Result {
  if (result.trial === 'training') {
    const peak = before.find(
      ({ trial, cell, precision }) => trial === 'ceilings' && cell === null && precision === 'f32',
    );
    if (peak === undefined) return result;
    const floor = peak.ours * result.threads;
    return { ...result, floor, floorRatio: result.ours / floor };
  }
  if (result.trial !== 'step-js') return result;
  const ceiling = before.find((other) => other.trial === 'ceilings' && shapeKey(other) === shapeKey(result));
  if (ceiling?.floorNs === undefined) return result;
  return { ...result, floor: ceiling.floorNs, floorRatio: result.ours / ceiling.floorNs };
}
