import type { Table } from '../table.ts';
import { type EvenCounts, Evener } from './even.ts';
import { Resampler } from './resample.ts';
import { longestGap, type Rules } from './rules-options.ts';
import type { Segment } from './segments.ts';

/** Applies the rules to the rows of one series in time order, in chunks: duplicates, even steps, gaps. */
export class SeriesRules {
  readonly #evener: Evener;
  readonly #resampler: Resampler | undefined;

  /** `interval` is the time between steps [ms], that of `every` if it is given. Throws as the two stages do. */
  constructor(rules: Rules, interval: number | null, template: Table) {
    const { every, how, offsetAt, duplicates } = rules;
    const maxGap = longestGap(rules, interval);
    if (every === undefined) {
      this.#evener = new Evener({ interval, maxGap, duplicates }, template);
    } else {
      this.#evener = new Evener({ interval: null, maxGap: Number.POSITIVE_INFINITY, duplicates }, template);
      this.#resampler = new Resampler({ every, how, maxGap, offsetAt }, template);
    }
  }

  /** Takes the next rows of the series. */
  add(table: Table): void {
    this.#evener.add(table);
  }

  /** The rows that are complete. All of them, if no more rows are to come. */
  take(end: boolean): Segment[] {
    const taken = this.#evener.take(end);
    if (!this.#resampler) return taken;
    for (const { table } of taken) this.#resampler.add(table);
    return this.#resampler.take(end);
  }

  get counts(): EvenCounts {
    const counts = this.#evener.counts;
    if (!this.#resampler) return counts;
    const { missing, segments, tooLate } = this.#resampler;
    return { ...counts, missing, segments, tooLate: counts.tooLate + tooLate };
  }

  /** True if the rows so far came out as they went in. */
  get leavesAsIs(): boolean {
    const { untimed, missing, duplicates, tooLate, suspects, segments } = this.counts;
    const changed = untimed + missing + duplicates + tooLate + suspects;
    return !this.#resampler && changed === 0 && segments <= 1;
  }
}
