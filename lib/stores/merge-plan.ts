import type { Changes } from './backing.ts';
import { recordBytes, type Segment } from './segment.ts';
import type { Place } from './write-segment.ts';

export interface MergePlan {
  /** The oldest segments, which stay as they are. */
  kept: readonly Segment[];
  /** The segments after them, which are replaced. */
  merged: readonly Segment[];
  /** Merged segments whose records are rewritten. */
  sources: readonly Segment[];
}

/**
 * Chooses what a flush merges. All segments if otherwise more bytes would be dead than live. Else the newest ones, for
 * as long as each holds no more live bytes than all newer ones together. Segments then at least double in size from one
 * to the next older, so there are few, and a record is rewritten only as often as they can double.
 */
export function planMerge(
  segments: readonly Segment[],
  changes: Changes,
  placeOf: (key: string) => Place | undefined,
): MergePlan {
  const living = new Map(segments.map((segment) => [segment, segment.living]));
  let fresh = 0;
  let dead = 0;
  for (const [key, snapshot] of changes) {
    const old = placeOf(key);
    if (old) living.set(old.segment, living.get(old.segment)! - old.size);
    if (snapshot) fresh += recordBytes(key, snapshot);
    else dead += recordBytes(key, snapshot);
  }
  let alive = fresh;
  for (const [segment, lives] of living) {
    dead += segment.recordBytes - lives;
    alive += lives;
  }

  let first = dead > alive ? 0 : segments.length;
  for (let newer = fresh; first > 0 && living.get(segments[first - 1]!)! <= newer; first--) {
    newer += living.get(segments[first - 1]!)!;
  }
  const kept = segments.slice(0, first);
  const merged = segments.slice(first);
  // kept segments may hold keys that merged ones mark as deleted; with no kept segments the marks are not needed
  return { kept, merged, sources: merged.filter((segment) => kept.length > 0 || living.get(segment)! > 0) };
}
