import { misfit } from '../../base/errors.ts';
import { type Model, networkOf, scalerOf } from '../../model/model.ts';
import { checkMemory } from '../../base/memory.ts';
import { Adapter } from '../../online/learner/adapter.ts';
import { Calibration } from '../../online/judging/calibration.ts';
import { StreamClock } from '../../online/time/clock.ts';
import { GapFiller } from '../../online/time/gaps.ts';
import { SensorHealth } from '../../online/sensors/health.ts';
import { Novelty } from '../../online/judging/novelty.ts';
import { type Part, type RingPart, sameSteps, type Steps } from '../../online/part.ts';
import { SampleLog } from '../../online/time/sample-log.ts';
import { Skill } from '../../online/judging/skill.ts';
import { Watchdog } from '../../online/judging/watchdog.ts';
import type { StreamOptions } from './stream-options.ts';

/** A part, and where its numbers begin in those of a stream. */
export interface Placed<P extends Part> {
  readonly part: P;
  readonly at: number;
}

/** A part with a ring, and where that begins in those of a stream. */
export interface PlacedRing<P extends RingPart> extends Placed<P> {
  readonly ringAt: number;
}

/**
 * Counters, before the parts: samples left out, by the reason (`SkippedCounts`); the source's offset plus 1 or 0 for
 * none.
 */
export const SKIPPED = 0;
export const OFFSET = 4;
export const COUNTERS = 5;

/** Of each input, the values that the newest step is the mean of. */
class Refined implements Part {
  readonly size: number;

  constructor(inputs: number) {
    this.size = inputs;
  }

  reset(): void {}
}

/** What the last forecast said of the next sample, NaN before there was one. */
class Foreseen implements Part {
  readonly size: number;

  constructor(targets: number) {
    this.size = targets;
  }

  reset(row: Float64Array, at: number): void {
    row.fill(Number.NaN, at, at + this.size);
  }
}

/**
 * Throws `invalid-argument` for options that do not fit the model: when an operator is made, not first when it is
 * subscribed to.
 */
export function checkParts(model: Model, options: StreamOptions): void {
  void new StreamParts(model, options).size;
}

/** The parts that a stream with these options has, and the layout of its numbers. */
export class StreamParts {
  readonly clock: PlacedRing<StreamClock> | undefined;
  readonly log: PlacedRing<SampleLog> | undefined;
  /** Where the counts of the values in the newest step stand, one for each input; undefined where none is refined. */
  readonly inStep: number | undefined;
  /** Numbers, from the front, that a replay does not take back: they know of the samples, not of what came of them. */
  readonly lasting: number;
  /** Where the last forecast's first step stands, one number for each target; undefined where none needs it. */
  readonly foreseen: number | undefined;
  readonly health: Placed<SensorHealth> | undefined;
  readonly gaps: Placed<GapFiller> | undefined;
  readonly adapter: Placed<Adapter> | undefined;
  readonly calibration: Placed<Calibration> | undefined;
  readonly skill: Placed<Skill> | undefined;
  readonly novelty: Placed<Novelty> | undefined;
  readonly watchdog: Placed<Watchdog> | undefined;
  /** Whether the baseline may answer. */
  readonly naive: boolean;
  /** Whether any part has something to say of a forecast. */
  readonly judging: boolean;
  /** All numbers, of which each earlier state has its own. */
  readonly size: number;
  /** Numbers of the rings, which a stream has once. */
  readonly ringSize: number;
  /** Earlier states that a stream keeps. */
  readonly history: number;
  readonly #placed: Placed<Part>[] = [];
  readonly #rings: PlacedRing<RingPart>[] = [];
  #size = COUNTERS;
  #ringSize = 0;

  /** Throws `invalid-argument` for options that do not fit the model. */
  constructor(model: Model, options: StreamOptions) {
    const { description, scaler } = model;
    const { inputs, interval, lookback, targets, horizon, levels } = description;
    const names = inputs.map(({ name }) => name);
    const { gap, decayTime, resetAfter, lateness, resample, health, adapt, calibrate, fallback, watch } = options;
    const timed = resetAfter !== undefined || lateness !== undefined || resample !== undefined || gap !== undefined;

    if (timed) {
      this.clock = this.#placeRing(
        new StreamClock({
          interval,
          resetAfter: resetAfter ?? (interval === null ? null : lookback * interval),
          lateness: lateness ?? 0,
          resample: resample ?? false,
          history: options.history ?? 0,
        }),
      );
    }
    const depth = this.clock?.part.depth ?? 0;
    const replays = depth > 1 || resample === true;
    this.history = Math.max(options.history ?? 0, replays ? depth : 0);
    if (replays) this.log = this.#placeRing(new SampleLog(names.length, depth, this.history));
    if (resample === true) this.inStep = this.#place(new Refined(names.length)).at;
    this.lasting = this.#size;

    if (health !== undefined && health !== false) {
      this.health = this.#place(new SensorHealth(scalerOf(model, 'health'), health === true ? {} : health));
    }
    if (timed || this.health !== undefined) {
      const filling = { fill: gap ?? 'hold', ...(decayTime !== undefined && { decayTime }) };
      this.gaps = this.#place(new GapFiller({ names, mean: scaler?.mean, targets, interval }, filling));
      this.foreseen = this.#place(new Foreseen(targets.length)).at;
    }
    if (adapt !== undefined && adapt !== false) {
      const { projSize, hiddenSize } = networkOf(model, 'adapt');
      const { std } = scalerOf(model, 'adapt');
      const deviations = targets.map((target) => std[names.indexOf(target)]!);
      const forecasts = { units: projSize || hiddenSize, deviations, horizon };
      this.adapter = this.#place(new Adapter(forecasts, adapt === true ? {} : adapt));
    }
    const shape = { targets: targets.length, horizon, levels };
    if (calibrate && levels.length < 2) {
      throw misfit('a model with two quantile levels or more', 'calibrate', levels);
    }
    if (calibrate) this.calibration = this.#place(new Calibration(shape));
    if (options.skill === false && fallback === 'naive') {
      throw misfit("none or true with fallback: 'naive'", 'skill', false);
    }
    const skill = options.skill === true || options.skill === undefined ? {} : options.skill;
    if (skill !== false && (options.skill !== undefined || fallback === 'naive')) {
      this.skill = this.#place(new Skill({ ...skill, ...shape }));
    }
    if (watch) {
      void [networkOf(model, 'watch'), scalerOf(model, 'watch')];
      this.novelty = this.#place(new Novelty());
      this.watchdog = this.#place(new Watchdog());
    }
    this.naive = fallback === 'naive';
    this.judging = this.#placed.length > 0;
    this.size = this.#size;
    this.ringSize = this.#ringSize;
    checkMemory(8 * (this.size * (1 + this.history) + this.ringSize), 'what one stream with these options remembers');
  }

  /** Makes the numbers, all 0, those of a stream that has seen nothing. */
  reset(row: Float64Array, at: number): void {
    for (const { part, at: place } of this.#placed) part.reset(row, at + place);
  }

  /**
   * Clears, in a copy of a stream's numbers, those that may differ between streams with the same forecasts from now on.
   */
  clearForComparison(row: Float64Array, at: number): void {
    for (const { part, at: place } of this.#placed) part.clearForComparison?.(row, at + place);
  }

  /** Whether streams whose numbers are the same remember the same of their last steps, too. */
  sameSteps(one: Steps, other: Steps): boolean {
    const within = ({ row, at, ring, ringAt }: Steps, placed: PlacedRing<RingPart>) => ({
      row,
      at: at + placed.at,
      ring,
      ringAt: ringAt + placed.ringAt,
    });
    return this.#rings.every((placed) => sameSteps(placed.part, within(one, placed), within(other, placed)));
  }

  #placeRing<P extends RingPart>(part: P): PlacedRing<P> {
    const placed = { ...this.#place(part), ringAt: this.#ringSize };
    this.#ringSize += part.ringSize;
    this.#rings.push(placed);
    return placed;
  }

  #place<P extends Part>(part: P): Placed<P> {
    const placed = { part, at: this.#size };
    this.#size += part.size;
    this.#placed.push(placed);
    return placed;
  }
}
