import { Origins } from './origins.ts';
import type { Score, SeriesScore } from './score.ts';
import { Tally, type TallyShape } from './tally.ts';

/** The scores of series, from one evaluation or from several in turn. */
export class ScoreBook {
  readonly season: number;
  /** Present if the errors over time are wanted. */
  readonly origins: Origins | undefined;
  readonly shape: TallyShape;
  readonly #series = new Map<string, Tally>();

  constructor(shape: TallyShape, season: number, origins: boolean) {
    this.shape = shape;
    this.season = season;
    this.origins = origins ? new Origins(shape.horizon) : undefined;
  }

  /** Adds the windows of a series. */
  add(key: string, tally: Tally): void {
    const before = this.#series.get(key);
    if (before) before.plus(tally);
    else this.#series.set(key, tally);
  }

  get windows(): number {
    return [...this.#series.values()].reduce((sum, { windows }) => sum + windows, 0);
  }

  /** Over all series. They are added in the order in which they came, so sums do not depend on the chunks. */
  score(): Score {
    const all = new Tally(this.shape);
    for (const tally of this.#series.values()) all.plus(tally);
    const score = all.score(this.season);
    if (this.origins) score.origins = this.origins.scores();
    return score;
  }

  /** Over all series, and of each. */
  seriesScore(): SeriesScore {
    const scored = [...this.#series].filter(([, { windows }]) => windows > 0);
    const series = new Map(scored.map(([key, tally]) => [key, tally.score(this.season)]));
    return Object.assign(this.score(), { series });
  }
}
