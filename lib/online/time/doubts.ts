import type { Part } from '../part.ts';

/** Stamps in a row that must agree before they are believed against the clock. */
const WITNESSES = 3;
/** Stamps in a row that are believed whatever they contradict, if not fewer last as long as `mostApart`. */
const ENOUGH = 100;
/**
 * Stamps that follow one another so many times as fast as is usual are in another unit: seconds for milliseconds, say.
 */
const OTHER_UNIT = 64;

// The numbers of the part.
const COUNT = 0; // the run: stamps in a row that were not believed and agree with one another
const FIRST = 1; // the first of them [ms]
const LAST = 2; // and the last
const STRAY = 3; // stamps since the last believed one, of the run or not
const SWITCHES = 4; // times that a run was believed since the clock was last calm
const CALM = 5; // stamps as expected since the last one that was not; counted after a switch
const PACE = 6; // time between the stamps that were believed last, where it is more than `mostApart` [ms]; else 0
const GAP_FROM = 7; // the last long gap, from stamp to stamp [ms]; none where they are the same
const GAP_TO = 8;
const SINCE = 9; // stamps since GAP_FROM

/** Why the stamps of a run may not be the true time. */
export type Objection = 'none' | 'sent-twice';

/**
 * Weighs stamps that contradict a stream's clock: one may be false, several that agree are the true time.
 *
 * They agree when each is later than the one before it, by at most `mostApart`, and no stamp of the believed time comes
 * between. Three are believed; twice as many after each switch, until the clock has been calm, so that two sources in
 * one stream do not set it back and forth. Stamps that could be of samples sent late or twice say little about the
 * clock: such a run is believed when it is 100 stamps long or has lasted `mostApart`, which is the most that any run
 * needs. Stamps in another unit are never believed when they are faster than the stream; when they are slower, as a run
 * of the full length.
 *
 * Stamps in the last long gap could be samples sent afterwards. But where a clock was ahead for some samples and is
 * right again, its first true stamp leaves just the room that these took: then they are as good as any other.
 */
export class Doubts implements Part {
  readonly size = 10;
  readonly #mostApart: number;
  readonly #enough: number;

  /** `mostApart` and `interval` in ms; the interval is null when it is not known. */
  constructor(mostApart: number, interval: number | null) {
    this.#mostApart = mostApart;
    const lasting = interval === null ? ENOUGH : Math.floor(mostApart / interval + 1e-9); // 0.3 / 0.1 is not quite 3
    this.#enough = Math.max(WITNESSES, Math.min(ENOUGH, lasting));
  }

  reset(): void {}

  /**
   * Takes a doubtful stamp; true when it is to be believed. `usual`: time between samples [ms], 0 when it is not known.
   */
  believe(row: Float64Array, at: number, time: number, usual: number, objection: Objection): boolean {
    this.#join(row, at, time);
    row[at + STRAY]! += 1;
    if (objection === 'none') row[at + CALM] = 0; // what is sent twice is usual with some sources
    if (row[at + GAP_TO]! > row[at + GAP_FROM]!) row[at + SINCE]! += 1;
    const count = row[at + COUNT]!;
    if (count < WITNESSES) return false;
    const lasted = row[at + LAST]! - row[at + FIRST]!;
    const spacing = lasted / (count - 1);
    if (spacing * OTHER_UNIT < usual) return false;
    if (count >= this.#enough) return true;
    if (spacing > this.#mostApart || objection !== 'none') return false;
    if (lasted + spacing > this.#mostApart) return true;
    if (this.#isInGap(row, at) && !this.#leavesRoom(row, at, spacing)) return false;
    return count >= WITNESSES * 2 ** row[at + SWITCHES]!;
  }

  /**
   * Takes a stamp so long after the newest [ms]; true when it is to be believed, for the last run came at that pace.
   */
  keepsPace(row: Float64Array, at: number, since: number): boolean {
    if (since > 1.5 * row[at + PACE]!) return false;
    row[at + STRAY]! += 1;
    return true;
  }

  /** The first of the stamps that agree [ms]. */
  first(row: Float64Array, at: number): number {
    return row[at + FIRST]!;
  }

  /**
   * Takes note of a late stamp, for which there was a place: it speaks neither for nor against the run. A gap that it
   * belongs into ends with it, as if it had come in time, and is none where that leaves it no longer than `short`
   * [ms].
   */
  pass(row: Float64Array, at: number, time: number, short: number): void {
    if (row[at + COUNT]! > 0 && time > row[at + LAST]!) row[at + LAST] = time;
    this.#count(row, at);
    if (time <= row[at + GAP_FROM]! || time >= row[at + GAP_TO]!) return;
    if (time - row[at + GAP_FROM]! > short) row[at + GAP_TO] = time;
    else this.expectNoBacklog(row, at);
  }

  /** Takes note of a stamp that was as expected: those before it that were not are dismissed. */
  dismiss(row: Float64Array, at: number): void {
    if (row[at + STRAY] !== 0 || row[at + PACE] !== 0) this.#clear(row, at);
    this.#count(row, at);
  }

  /** Takes note that the stamp in hand, and with it the run, is believed from here on. */
  settle(row: Float64Array, at: number): void {
    const count = row[at + COUNT]!;
    const spacing = count > 1 ? (row[at + LAST]! - row[at + FIRST]!) / (count - 1) : row[at + PACE]!;
    if (count > 0) row[at + SWITCHES]! += 1;
    this.#clear(row, at);
    if (spacing > this.#mostApart) row[at + PACE] = spacing;
  }

  /**
   * Takes note of a gap between two stamps [ms] that samples may yet come for; call it before the later one is noted as
   * expected or believed. A longer gap of which few samples have come since is the one that counts.
   */
  expectBacklog(row: Float64Array, at: number, from: number, to: number): void {
    const length = row[at + GAP_TO]! - row[at + GAP_FROM]!;
    if (to - from < length && row[at + SINCE]! < this.#enough) return;
    row[at + GAP_FROM] = from;
    row[at + GAP_TO] = to;
    row[at + SINCE] = row[at + STRAY]!;
  }

  /** No samples may yet come for an earlier gap. */
  expectNoBacklog(row: Float64Array, at: number): void {
    row[at + GAP_FROM] = 0;
    row[at + GAP_TO] = 0;
    row[at + SINCE] = 0;
  }

  /** Counts a stamp that is not doubted. */
  #count(row: Float64Array, at: number): void {
    if (row[at + GAP_TO]! > row[at + GAP_FROM]!) row[at + SINCE]! += 1;
    if (row[at + SWITCHES] === 0) return;
    row[at + CALM]! += 1;
    if (row[at + CALM]! < this.#enough) return;
    row[at + SWITCHES] = 0;
    row[at + CALM] = 0;
  }

  /**
   * Makes the stamp one of the run, if it agrees with it; else a run begins, with the stamp before where that agrees.
   */
  #join(row: Float64Array, at: number, time: number): void {
    const count = row[at + COUNT]!;
    const last = row[at + LAST]!;
    row[at + LAST] = time;
    if (count === 0 || time <= last) {
      row[at + COUNT] = 1;
      row[at + FIRST] = time;
    } else if (count === 1 || this.#agrees(time - last, (last - row[at + FIRST]!) / (count - 1))) {
      row[at + COUNT] = count + 1;
    } else {
      row[at + COUNT] = 2;
      row[at + FIRST] = last;
    }
  }

  /** Stamps further apart than `mostApart` have to be evenly so. */
  #agrees(since: number, spacing: number): boolean {
    if (spacing <= this.#mostApart) return since <= this.#mostApart;
    return since >= spacing / 2 && since <= spacing * 2;
  }

  #isInGap(row: Float64Array, at: number): boolean {
    return row[at + FIRST]! > row[at + GAP_FROM]! && row[at + LAST]! < row[at + GAP_TO]!;
  }

  /** Whether the run begins as long after the gap did as the stamps between take, had they come at its pace. */
  #leavesRoom(row: Float64Array, at: number, spacing: number): boolean {
    const between = row[at + SINCE]! - row[at + COUNT]!;
    const room = (row[at + FIRST]! - row[at + GAP_FROM]!) / spacing;
    return room >= between + 0.5 && room <= between + 1.5 + between / 8;
  }

  #clear(row: Float64Array, at: number): void {
    row.fill(0, at + COUNT, at + STRAY + 1);
    row[at + PACE] = 0;
  }
}
