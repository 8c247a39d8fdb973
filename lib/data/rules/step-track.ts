import { type Spacing, spacingOf } from './spacing.ts';

/** So many rows in a row that go back show that the times before were ahead. */
const WITNESSES = 3;
/** A longer step than this has rows missing [intervals]. */
const HOLE = 1.5;
/** The longest and the first holes that are kept: more than stamps can be outlying. */
const KEPT = 16;

/** A time without rows, and the line after it. */
export interface Hole {
  /** From row to row [ms]. */
  readonly length: number;
  readonly line: number;
}

/** Where rows are missing. */
export interface Holes {
  readonly count: number;
  /** Undefined if there is none. */
  readonly longest: Hole | undefined;
  readonly first: Hole | undefined;
}

/**
 * The steps between the times of a series, in bounded memory: a sample of them, evenly over the rows, and the holes.
 * What a hole is depends on the interval, for which the first steps stand, until `capacity` of them are known.
 */
export class StepTrack {
  readonly #capacity: number;
  /** Steps of the sample: one in `#stride`. */
  #steps: number[] = [];
  #stride = 1;
  #seen = 0;
  /** The first steps as holes, until the sample is full. */
  #early: Hole[] | undefined = [];
  /** A longer step than this is a hole [ms]. */
  #longer = Number.POSITIVE_INFINITY;
  #count = 0;
  #longest: Hole[] = [];
  #first: Hole[] = [];
  /** The time that the next step begins from. */
  #front = Number.NaN;
  #back = Number.NaN;
  #backward = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Takes the next time [ms]; for a series that is newest first, its negative. */
  add(time: number, line: number): void {
    if (time > this.#front) this.#note(time - this.#front, line);
    else if (time < this.#front && !this.#turnsBack(time)) return;
    this.#front = time;
    this.#backward = 0;
  }

  /** A sample of the steps. */
  get steps(): readonly number[] {
    return this.#steps;
  }

  get spacing(): Spacing {
    return spacingOf(this.#steps);
  }

  /** The holes, apart from those of `longest` ms and more. */
  holes(longest: number): Holes {
    if (this.#early) {
      const { interval } = this.spacing;
      const holes = this.#early.filter(({ length }) => interval !== null && length > HOLE * interval);
      const kept = holes.filter(({ length }) => length < longest);
      return { count: kept.length, longest: kept.toSorted((a, b) => b.length - a.length)[0], first: kept[0] };
    }
    const fits = ({ length }: Hole) => length < longest;
    const left = this.#longest.filter((hole) => !fits(hole)).length;
    return { count: this.#count - left, longest: this.#longest.find(fits), first: this.#first.find(fits) };
  }

  /** Whether a row that goes back is one of several in order, so that those before them were ahead. */
  #turnsBack(time: number): boolean {
    this.#backward = time > this.#back && this.#backward > 0 ? this.#backward + 1 : 1;
    this.#back = time;
    return this.#backward >= WITNESSES;
  }

  #note(step: number, line: number): void {
    if (this.#early) this.#early.push({ length: step, line });
    else if (step > this.#longer) this.#noteHole({ length: step, line });
    if (this.#seen++ % this.#stride === 0) this.#steps.push(step);
    if (this.#steps.length < this.#capacity) return;
    if (this.#early) {
      this.#longer = HOLE * this.spacing.interval!;
      for (const early of this.#early) if (early.length > this.#longer) this.#noteHole(early);
      this.#early = undefined;
    }
    this.#steps = this.#steps.filter((_, index) => index % 2 === 0);
    this.#stride *= 2;
  }

  #noteHole(hole: Hole): void {
    this.#count += 1;
    if (this.#first.length < KEPT) this.#first.push(hole);
    if (this.#longest.length === KEPT && hole.length <= this.#longest.at(-1)!.length) return;
    this.#longest = [...this.#longest, hole].sort((a, b) => b.length - a.length).slice(0, KEPT);
  }
}
