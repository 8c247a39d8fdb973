/** How many stamps in a row must agree before they are believed against the clock. */
const WITNESSES = 3;
/** How many stamps in a row are believed whatever they contradict, unless fewer already span `mostApart`. */
const ENOUGH = 100;
/**
 * Stamps that follow one another this many times faster than usual are in another unit, such as seconds for
 * milliseconds.
 */
const OTHER_UNIT = 64;

// The numbers of the part.
const COUNT = 0; // length of the run: stamps in a row that agree with one another but were not believed
const FIRST = 1; // the first of them [ms]
const LAST = 2; // and the last
const STRAY = 3; // stamps since the last believed one, in the run or not
const SWITCHES = 4; // how often a run was believed since the clock was last calm; and a half if the last was ahead
const CALM = 5; // expected stamps since the last unexpected one; counted after a switch
const PACE = 6; // time between the stamps of the last believed run, if more than `mostApart` [ms]; else 0
const GAP_FROM = 7; // the last long gap, from stamp to stamp [ms]; none if they are equal
const GAP_TO = 8;
const SINCE = 9; // stamps since the gap

/** Why the stamps of a run may not be the true time. */
export type Objection = 'none' | 'sent-twice';

/** Where stamps are that contradict the clock. */
export type Direction = 'ahead' | 'back';

/**
 * Weighs stamps that contradict a stream's clock: a single one may be false; several that agree are the true time.
 *
 * Stamps agree if each is later than the one before, by at most `mostApart`, with no stamp of the believed time in
 * between. Three are enough. After each switch twice as many are needed, until the clock has been calm, so that two
 * sources in one stream do not set it back and forth. Further ahead and again ahead is no to and fro: a source that is
 * silent now and then is always heard from the third stamp on. Stamps that could belong to samples sent late or twice
 * say little about the clock: such a run is believed when it is 100 stamps long or has lasted `mostApart`, the most
 * that any run needs. Stamps in another unit are never believed if they are faster than the stream; if they are slower,
 * they need a run of the full length.
 *
 * Stamps in the last long gap could belong to samples sent afterwards. But if a clock was ahead for some samples and is
 * right again, its first true stamp leaves room for exactly those samples; such a run counts like any other.
 */
export class Doubts {
  readonly size = 10;
  readonly #mostApart: number;
  readonly #enough: number;

  /** `mostApart` and `interval` in ms; the interval is null if it is not known. */
  constructor(mostApart: number, interval: number | null) {
    this.#mostApart = mostApart;
    const lasting = interval === null ? ENOUGH : Math.floor(mostApart / interval + 1e-9); // 0.3 / 0.1 is not quite 3
    this.#enough = Math.max(WITNESSES, Math.min(ENOUGH, lasting));
  }

  reset(): void {}

  /** Takes a doubtful stamp; true if it is now to be believed. `usual`: time between samples [ms], 0 if not known. */
  believe(
    row: Float64Array,
    at: number,
    time: number,
    usual: number,
    direction: Direction,
    objection: Objection = 'none',
  ): boolean {
    this.#join(row, at, time);
    row[at + STRAY]! += 1;
    if (objection === 'none') row[at + CALM] = 0; // some sources usually send samples twice
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
    const switches = Math.floor(row[at + SWITCHES]!);
    return count >= WITNESSES * 2 ** (direction === 'ahead' && this.#wasAhead(row, at) ? switches - 1 : switches);
  }

  /**
   * Takes a stamp that comes `since` after the newest [ms]; true if it is to be believed, because the last run came at
   * that pace.
   */
  keepsPace(row: Float64Array, at: number, since: number): boolean {
    if (since > 1.5 * row[at + PACE]!) return false;
    row[at + STRAY]! += 1;
    return true;
  }

  /** The first of the agreeing stamps [ms]. */
  first(row: Float64Array, at: number): number {
    return row[at + FIRST]!;
  }

  /**
   * Notes a late stamp for which there was a place: it speaks neither for nor against the run. It shortens the gap that
   * it belongs to, as if it had come in time; a gap no longer than `short` [ms] is forgotten.
   */
  pass(row: Float64Array, at: number, time: number, short: number): void {
    if (row[at + COUNT]! > 0 && time > row[at + LAST]!) row[at + LAST] = time;
    this.#count(row, at);
    if (time <= row[at + GAP_FROM]! || time >= row[at + GAP_TO]!) return;
    if (time - row[at + GAP_FROM]! > short) row[at + GAP_TO] = time;
    else this.expectNoBacklog(row, at);
  }

  /** Notes an expected stamp: unexpected ones before it are dismissed. */
  dismiss(row: Float64Array, at: number): void {
    if (row[at + STRAY] !== 0 || row[at + PACE] !== 0) this.#clear(row, at);
    this.#count(row, at);
  }

  /** Notes that this stamp, and the run with it, is believed from here on. */
  settle(row: Float64Array, at: number, direction: Direction): void {
    const count = row[at + COUNT]!;
    const spacing = count > 1 ? (row[at + LAST]! - row[at + FIRST]!) / (count - 1) : row[at + PACE]!;
    if (count > 0 && direction === 'back') row[at + SWITCHES] = Math.floor(row[at + SWITCHES]!) + 1;
    else if (count > 0 && !this.#wasAhead(row, at)) row[at + SWITCHES]! += 1.5;
    this.#clear(row, at);
    if (spacing > this.#mostApart) row[at + PACE] = spacing;
  }

  /**
   * Notes a gap between two stamps [ms] for which samples may still come. Call it before the later stamp is noted as
   * expected or believed. A longer gap that few samples have followed counts instead.
   */
  expectBacklog(row: Float64Array, at: number, from: number, to: number): void {
    const length = row[at + GAP_TO]! - row[at + GAP_FROM]!;
    if (to - from < length && row[at + SINCE]! < this.#enough) return;
    row[at + GAP_FROM] = from;
    row[at + GAP_TO] = to;
    row[at + SINCE] = row[at + STRAY]!;
  }

  /** Notes that no samples can come for an earlier gap any more. */
  expectNoBacklog(row: Float64Array, at: number): void {
    row[at + GAP_FROM] = 0;
    row[at + GAP_TO] = 0;
    row[at + SINCE] = 0;
  }

  /** Counts a stamp that is not in doubt. */
  #count(row: Float64Array, at: number): void {
    if (row[at + GAP_TO]! > row[at + GAP_FROM]!) row[at + SINCE]! += 1;
    if (row[at + SWITCHES] === 0) return;
    row[at + CALM]! += 1;
    if (row[at + CALM]! < this.#enough) return;
    row[at + SWITCHES] = 0;
    row[at + CALM] = 0;
  }

  /** Adds the stamp to the run if it agrees; otherwise starts a run, with the stamp before if the two agree. */
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

  /** Stamps further apart than `mostApart` must be evenly spaced. */
  #agrees(since: number, spacing: number): boolean {
    if (spacing <= this.#mostApart) return since <= this.#mostApart;
    return since >= spacing / 2 && since <= spacing * 2;
  }

  #wasAhead(row: Float64Array, at: number): boolean {
    return !Number.isInteger(row[at + SWITCHES]);
  }

  #isInGap(row: Float64Array, at: number): boolean {
    return row[at + FIRST]! > row[at + GAP_FROM]! && row[at + LAST]! < row[at + GAP_TO]!;
  }

  /** Whether the run begins so long after the start of the gap that the stamps between fit in at its pace. */
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
