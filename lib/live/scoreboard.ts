import { DelayLines } from '../online/judging/delay-lines.ts';
import { Skill } from '../online/judging/skill.ts';
import type { Row } from './history.ts';
import type { ForecastBand, Score, SensorScore } from './snapshot.ts';

/** Samples over which skill and coverage are averaged, with exponential weights. */
const WINDOW = 500;

/**
 * Scores the forecasts of a session, whichever of its models made them. A forecast counts only once its truth has come,
 * so a new model gets no credit for the samples that it learned from or was warmed on.
 */
export class Scoreboard {
  readonly #targets: number;
  readonly #horizon: number;
  readonly #skill: Skill;
  /** The ends of each interval, kept until its truth has come. */
  readonly #intervals: DelayLines;
  readonly #intervalsAt: number;
  /** The numbers of both parts. */
  readonly #row: Float64Array;
  /** Per target, how many steps were scored, at most the window's, and the recent share of them inside. */
  readonly #scored: Float64Array;
  readonly #inside: Float64Array;
  readonly #block: Float64Array;

  constructor(targets: number, horizon: number) {
    this.#targets = targets;
    this.#horizon = horizon;
    this.#skill = new Skill({ targets, horizon, levels: [], window: WINDOW });
    this.#intervals = new DelayLines(targets, horizon, 2);
    this.#intervalsAt = this.#skill.size;
    this.#row = new Float64Array(this.#skill.size + this.#intervals.size);
    this.#skill.reset(this.#row, 0);
    this.#intervals.reset(this.#row, this.#intervalsAt);
    this.#scored = new Float64Array(targets);
    this.#inside = new Float64Array(targets);
    this.#block = new Float64Array(targets * horizon);
  }

  /**
   * Takes the next sample, scores the forecasts of it, and keeps the new forecast until its truths come.
   *
   * @param truth one value for each target; NaN where missing, which is not scored
   * @param said the forecast made at this sample; undefined if there was none
   * @returns the interval forecast for this sample a whole horizon ago, one value for each target
   */
  take(truth: Float64Array, said?: ForecastBand): Row['expected'] {
    const expected = this.#score(truth);
    this.#skill.observe(this.#row, 0, truth);
    if (said) this.#keep(said);
    return expected;
  }

  /** Takes steps whose samples are missing. */
  skip(steps: number): void {
    const unknown = new Float64Array(this.#targets).fill(Number.NaN);
    for (let i = 0; i < Math.min(steps, this.#horizon); i++) this.take(unknown);
  }

  read(): Score {
    const sensors = Array.from({ length: this.#targets }, (_, target) => this.#sensor(target));
    const skills = sensors.map(({ skill }) => skill).filter((skill) => skill !== undefined);
    const coverages = sensors.map(({ coverage }) => coverage).filter((coverage) => coverage !== undefined);
    skills.sort((a, b) => a - b);
    const middle = skills.length / 2;
    return {
      sensors,
      skill: skills.length > 0 ? (skills[Math.ceil(middle) - 1]! + skills[Math.floor(middle)]!) / 2 : undefined,
      coverage: coverages.length > 0 ? coverages.reduce((a, b) => a + b) / coverages.length : undefined,
      moving: skills.length,
      better: skills.filter((skill) => skill > 0).length,
    };
  }

  #sensor(target: number): SensorScore {
    const skill = this.#skill.skill(this.#row, 0, target);
    return { skill, coverage: skill === undefined ? undefined : this.#inside[target] };
  }

  #score(truth: Float64Array): Row['expected'] {
    const [row, lines, at] = [this.#row, this.#intervals, this.#intervalsAt];
    const lower = new Float64Array(this.#targets);
    const upper = new Float64Array(this.#targets);
    lines.advance(row, at);
    for (let target = 0; target < this.#targets; target++) {
      let inside = 0;
      let steps = 0;
      for (let step = 1; step <= this.#horizon; step++) {
        const entry = lines.entry(row, at, target, step);
        lower[target] = row[entry]!; // the last step's remains
        upper[target] = row[entry + 1]!;
        row[entry] = Number.NaN;
        if (!Number.isFinite(truth[target]) || Number.isNaN(lower[target])) continue;
        steps++;
        if (truth[target]! >= lower[target]! && truth[target]! <= upper[target]!) inside++;
      }
      if (steps === 0) continue;
      this.#scored[target] = Math.min(this.#scored[target]! + steps, WINDOW * this.#horizon);
      this.#inside[target]! += (inside - steps * this.#inside[target]!) / this.#scored[target]!;
    }
    return Number.isNaN(lower[0]) ? undefined : { lower, upper };
  }

  #keep({ mean, lower, upper }: ForecastBand): void {
    this.#block.set(mean);
    this.#skill.answer(this.#row, 0, this.#block, 0);
    for (let target = 0, i = 0; target < this.#targets; target++) {
      for (let step = 1; step <= this.#horizon; step++, i++) {
        const entry = this.#intervals.entry(this.#row, this.#intervalsAt, target, step);
        this.#row[entry] = lower[i]!;
        this.#row[entry + 1] = upper[i]!;
      }
    }
  }
}
