import { object, whole } from '../../base/schema.ts';
import { type SeriesFacts, SeriesTrack } from './series-track.ts';
import { type Spacing, spacingOf } from './spacing.ts';

/** Steps that are kept of each series, and of all; when these are used up, a further series keeps fewer. */
const STEPS = 256;
const ALL_STEPS = 2 ** 20;
const FEW_STEPS = 16;
/** Intervals of series that differ by no more than this share are the same. */
const SAME = 0.1;

/** What is known of all series together. Lines are those that the caller gave. */
export interface SurveyFacts {
  readonly rows: number;
  /** Series found; at most the number that can be followed. */
  readonly series: number;
  /** Rows of all other series, which are counted and not looked at. */
  readonly unfollowed: number;
  readonly untimed: number;
  readonly outOfOrder: number;
  /** The first line that is out of order in its series. */
  readonly firstOutOfOrder: number | undefined;
  /** Series that are newest first. */
  readonly newestFirst: number;
  readonly duplicates: number;
  readonly firstDuplicate: number | undefined;
  readonly differing: number | undefined;
  readonly outlying: number;
  readonly holes: number;
  /** Over the steps of all series. */
  readonly spacing: Spacing;
  /** Series whose interval is not that of the spacing. */
  readonly otherIntervals: number;
  /** True if all series can be read in chunks: rows in time order, none outlying. */
  readonly inOrder: boolean;
}

/**
 * Follows the times of many series while their rows pass in the order of the file, in bounded memory: what is in order,
 * what occurs twice, what is missing.
 */
export class SeriesSurvey {
  readonly #maxKeys: number;
  readonly #tracks = new Map<string, SeriesTrack>();
  #rows = 0;
  #unfollowed = 0;
  #key = '';
  #track: SeriesTrack | undefined;

  /** `maxKeys`: how many series are followed; default 100,000. */
  constructor(options: { maxKeys?: number } = {}) {
    this.#maxKeys = checkOptions(options, 'options').maxKeys ?? 100_000;
  }

  /**
   * Takes a row: the key of its series, its time [ms since 1970, NaN if it has none] and its line in the file.
   * `content` tells equal rows of the same time from different ones: any number that is the same for equal rows.
   */
  add(key: string, time: number, line: number, content = Number.NaN): void {
    this.#rows += 1;
    const track = this.#track !== undefined && key === this.#key ? this.#track : this.#find(key);
    if (track) track.add(time, line, content);
    else this.#unfollowed += 1;
  }

  /** What is known of each series, in the order of their first rows. */
  *series(): Generator<SeriesFacts> {
    for (const [key, track] of this.#tracks) yield track.facts(key);
  }

  facts(): SurveyFacts {
    const sum = { untimed: 0, outOfOrder: 0, newestFirst: 0, duplicates: 0, outlying: 0, holes: 0 };
    let differing: number | undefined;
    const intervals: number[] = [];
    const outOfOrder: number[] = [];
    const duplicates: number[] = [];
    for (const facts of this.series()) {
      sum.untimed += facts.untimed;
      sum.outOfOrder += facts.outOfOrder;
      sum.newestFirst += facts.newestFirst ? 1 : 0;
      sum.duplicates += facts.duplicates;
      sum.outlying += facts.outlying.length;
      sum.holes += facts.holes.count;
      if (facts.differing !== undefined) differing = (differing ?? 0) + facts.differing;
      if (facts.spacing.interval !== null) intervals.push(facts.spacing.interval);
      if (facts.firstOutOfOrder !== undefined) outOfOrder.push(facts.firstOutOfOrder);
      if (facts.firstDuplicate !== undefined) duplicates.push(facts.firstDuplicate);
    }
    const spacing = spacingOf(this.#steps());
    return {
      rows: this.#rows,
      series: this.#tracks.size,
      unfollowed: this.#unfollowed,
      ...sum,
      firstOutOfOrder: smallest(outOfOrder),
      firstDuplicate: smallest(duplicates),
      differing,
      spacing,
      otherIntervals: intervals.filter((interval) => Math.abs(interval / (spacing.interval ?? 1) - 1) > SAME).length,
      inOrder: sum.outOfOrder + sum.newestFirst + sum.outlying + this.#unfollowed === 0,
    };
  }

  #find(key: string): SeriesTrack | undefined {
    let track = this.#tracks.get(key);
    if (!track) {
      if (this.#tracks.size >= this.#maxKeys) return undefined;
      track = new SeriesTrack(this.#tracks.size * STEPS < ALL_STEPS ? STEPS : FEW_STEPS);
      this.#tracks.set(key, track);
    }
    this.#key = key;
    this.#track = track;
    return track;
  }

  *#steps(): Generator<number> {
    for (const track of this.#tracks.values()) yield* track.steps;
  }
}

const checkOptions = object<{ maxKeys?: number }>({ maxKeys: whole(1, 1e7) }, ['maxKeys']);

function smallest(lines: readonly number[]): number | undefined {
  return lines.reduce<number | undefined>(
    (least, line) => (least === undefined || line < least ? line : least),
    undefined,
  );
}
