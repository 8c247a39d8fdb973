import { asyncScheduler, type Subscription } from 'rxjs';
import { readyAfter } from '../../model/model.ts';
import { Comparison } from '../../online/judging/comparison.ts';
import type { Follower } from './follower.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import type { Reading, RecentSamples } from './recent-samples.ts';
import type { SwapOutcome, SwapPlan, SwapScore } from './swap-options.ts';

/** Samples taken in one turn of the event loop while warming: less than a millisecond of work for a small network. */
const SLICE = 64;

/** A target of both models: its place in a sample, and in the numbers of a forecast of either. */
interface Shared {
  readonly name: string;
  readonly place: number;
  readonly first: number;
  readonly second: number;
}

/**
 * A model on trial: warmed on the recent samples, a slice in each turn of the event loop, then stepped beside the model
 * that answers and compared with it. Until it has caught up, the samples wait for it in `recent`.
 */
export class Trial {
  readonly candidate: Follower;
  readonly plan: SwapPlan;
  readonly outcome: Promise<SwapOutcome>;
  readonly #serving: Follower;
  readonly #recent: RecentSamples;
  readonly #shared: readonly Shared[];
  readonly #horizon: number;
  readonly #comparison: Comparison;
  readonly #row: Float64Array;
  readonly #truth: Float64Array;
  readonly #end: (switches: boolean) => void;
  #resolve!: (outcome: SwapOutcome) => void;
  /** Number of the sample that it takes next. */
  #next: number;
  #toWarm: number;
  #toCompare: number;
  /** Steps that the serving state had taken at the last sample. */
  #steps: number;
  #turn: Subscription | undefined;
  #ended = false;

  /** `names`: the inputs in a sample; `end` hears whether the candidate takes over, before the outcome is known. */
  constructor(
    candidate: Follower,
    serving: Follower,
    names: readonly string[],
    recent: RecentSamples,
    plan: SwapPlan,
    end: (switches: boolean) => void,
  ) {
    const [before, after] = [serving.model.description, candidate.model.description];
    this.candidate = candidate;
    this.plan = plan;
    this.outcome = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#serving = serving;
    this.#recent = recent;
    this.#shared = before.targets.map((name, t) => ({
      name,
      place: names.indexOf(name),
      first: t * before.horizon,
      second: after.targets.indexOf(name) * after.horizon,
    }));
    this.#horizon = Math.min(before.horizon, after.horizon);
    this.#comparison = new Comparison(this.#shared.length, this.#horizon);
    this.#row = new Float64Array(this.#comparison.size);
    this.#comparison.reset(this.#row, 0);
    this.#truth = new Float64Array(this.#shared.length);
    this.#end = end;
    this.#toWarm = plan.warm ?? Math.max(recent.kept, readyAfter(after));
    this.#toCompare = plan.shadow;
    this.#next = recent.count - Math.min(this.#toWarm, recent.kept);
    this.#steps = serving.state.samples;
    if (this.#behind) this.#warmInTurns();
  }

  /** Sees the sample that was put last into `recent`, and what the serving model said of it. */
  see(reading: Reading, served: LiveForecast | undefined): void {
    const { samples } = this.#serving.state;
    const steps = samples - this.#steps;
    this.#steps = samples;
    this.#guard(() => {
      if (this.#next < this.#recent.count - 1) {
        this.#takeOne(); // so that it never falls further behind
        return;
      }
      const warm = this.#toWarm === 0;
      const said = this.#take(reading);
      if (warm && served?.kind === 'forecast') this.#compare(reading, served, said, steps);
      this.#decide();
    });
  }

  /** Ends the trial without a switch. */
  cancel(): void {
    this.#finish('cancelled');
  }

  get #behind(): boolean {
    return this.#next < this.#recent.count;
  }

  #warmInTurns(): void {
    this.#turn = asyncScheduler.schedule(() =>
      this.#guard(() => {
        for (let i = 0; i < SLICE && this.#behind; i++) this.#takeOne();
        if (this.#behind) this.#warmInTurns();
        else this.#decide();
      }),
    );
  }

  #takeOne(): void {
    this.#take(this.#recent.read(this.#next));
  }

  #take(reading: Reading): LiveForecast | undefined {
    const said = this.candidate.follow(reading);
    this.#next++;
    if (said !== undefined && this.#toWarm > 0) this.#toWarm--;
    return said;
  }

  #compare(reading: Reading, served: LiveForecast, said: LiveForecast | undefined, steps: number): void {
    const [comparison, row, truth] = [this.#comparison, this.#row, this.#truth];
    if (steps < 1) comparison.forget(row, 0); // the stream began anew
    truth.fill(Number.NaN);
    for (let missing = 1; missing < steps; missing++) comparison.observe(row, 0, truth);
    for (const [t, { name, place }] of this.#shared.entries()) {
      if (served.trust?.flags[name] === undefined) truth[t] = reading.values[place]!;
    }
    comparison.observe(row, 0, truth);
    const numbers = said?.kind === 'forecast' ? said.numbers : undefined;
    for (const [t, { first, second }] of this.#shared.entries()) {
      for (let h = 0; h < this.#horizon; h++) {
        comparison.say(row, 0, t, h + 1, served.numbers[first + h]!, numbers?.[second + h] ?? Number.NaN);
      }
    }
    this.#toCompare--;
  }

  #decide(): void {
    if (this.#toWarm > 0 || this.#toCompare > 0) return;
    const gain = this.#gain();
    const better = this.plan.shadow === 0 || (gain !== undefined && gain >= this.plan.ifBetterBy);
    this.#finish(better ? undefined : 'not-better');
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#finish('failed', error);
    }
  }

  #finish(reason: SwapOutcome['reason'], error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#turn?.unsubscribe();
    const switched = reason === undefined;
    if (!switched) this.candidate.state.dispose();
    this.#end(switched);
    this.#resolve({ switched, reason, gain: this.#gain(), scores: this.#scores(), error });
  }

  #gain(): number | undefined {
    const gains = this.#shared
      .map((_, t) => this.#comparison.gain(this.#row, 0, t))
      .filter((gain) => gain !== undefined)
      .sort((a, b) => a - b);
    const middle = gains.length >> 1;
    return gains.length % 2 === 1 || gains.length === 0 ? gains[middle] : (gains[middle - 1]! + gains[middle]!) / 2;
  }

  #scores(): SwapScore[] {
    if (this.plan.shadow === 0) return [];
    return this.#shared.map(({ name }, t) => ({
      target: name,
      scored: this.#comparison.scored(this.#row, 0, t),
      before: this.#comparison.error(this.#row, 0, t, 0),
      after: this.#comparison.error(this.#row, 0, t, 1),
    }));
  }
}
