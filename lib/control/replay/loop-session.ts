import { Subject, type Subscription, UnsubscriptionError } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { createRandom } from '../../base/random.ts';
import { Delays } from '../../recording/delays.ts';
import { started } from '../at-once.ts';
import type { ControlContext, ControlCycle, Decide } from '../control-cycle.ts';
import { controlLoop } from '../loop/control-loop.ts';
import { wordsOf } from '../late-failures.ts';
import { type Fallback, MOST_PENDING } from '../loop/loop-options.ts';
import type { Observation } from '../observation.ts';
import { VirtualClock } from '../virtual-clock.ts';
import { Assertion, type Verdict } from './assertions.ts';
import type { Moment, Sending } from './loop-checks.ts';
import type { LoopDescription } from './loop-description.ts';
import { throwing } from './loop-recorder.ts';
import { type LoopReport, LoopTally } from './loop-report.ts';
import type { CheckedTrialOptions, Controller } from './loop-trial-options.ts';
import { ObservationFaults } from './observation-faults.ts';
import type { LoopEntry } from './read-loop.ts';

/** An observation in a recording. */
export type RecordedObservation = Extract<LoopEntry, { type: 'observation' }>['observation'];

/** The functions of a loop, which its description lacks. */
export interface LoopFunctions {
  readonly controller: Controller;
  readonly fallback: Fallback;
  readonly stop: Fallback;
  /** Stands for the actuators; if it throws, so does `act`. */
  readonly act: (action: Float64Array) => unknown;
}

/** When a cycle begins, has its answer and is over [ms since the epoch]. */
export interface CycleTimes {
  readonly seq: number;
  readonly tIn: number;
  /** Undefined if not known: the controller then takes as long as before. */
  readonly tAnswered: number | undefined;
  readonly tOut: number;
}

/** A loop in virtual time, with faults before it and checks after it. The caller says when each cycle begins. */
export class LoopSession {
  readonly tally = new LoopTally();
  readonly #loop: LoopDescription;
  readonly #functions: LoopFunctions;
  readonly #decide: (observation: Observation<Float64Array>, context: ControlContext) => ReturnType<Decide>;
  readonly #assertions: readonly Assertion[];
  readonly #faults: ObservationFaults | undefined;
  readonly #delays: Delays<Observation>;
  readonly #onCycle: ((cycle: ControlCycle) => void) | undefined;
  readonly #source = new Subject<Observation>();
  /** Observations that came before the loop began. */
  readonly #early: [RecordedObservation, number][] = [];
  #clock: VirtualClock | undefined;
  #subscription: Subscription | undefined;
  #origin = 0;
  #times: CycleTimes | undefined;
  /** Number of the cycle under way, or of the next one. */
  #seq = 0;
  /** How long the controller took last [ms]. */
  #computing = 0;
  #cycle: ControlCycle | undefined;
  #sending: 'start' | 'cycle' | 'stop' = 'start';

  /** Throws `invalid-argument` for assertions and faults that do not fit the loop. */
  constructor(loop: LoopDescription, functions: LoopFunctions, options: CheckedTrialOptions) {
    const { assert = [], faults = [], rate = 0.01, latency = 0, jitter = 0, seed = 0, onCycle } = options;
    const { controller } = functions;
    this.#loop = loop;
    this.#functions = functions;
    this.#decide = typeof controller === 'function' ? controller : started(controller);
    this.#assertions = assert.map((text) => new Assertion(text, loop));
    this.#faults = faults.length > 0 ? new ObservationFaults(loop, faults, rate, seed) : undefined;
    this.#delays = new Delays(latency, jitter, createRandom(seed * 8));
    this.#onCycle = onCycle;
  }

  /** Begins: cycle 0 is due at `origin`, and the action of `start` is sent before it. */
  begin(origin: number, start: ArrayLike<number> | (() => ArrayLike<number>) | undefined): void {
    const { hz, inputs, limits, deadlineMs, maxAgeMs, delayMs, degradeAfter, recoverAfter } = this.#loop;
    const { maxPending = MOST_PENDING } = this.#loop;
    const { fallback, stop } = this.#functions;
    const clock = new VirtualClock(origin);
    this.#clock = clock;
    this.#origin = origin;
    const loop = controlLoop({
      hz,
      inputs,
      limits,
      deadlineMs,
      maxAgeMs,
      delayMs,
      degradeAfter,
      recoverAfter,
      fallback,
      stop,
      clock,
      ...(start && { start }),
      observe: this.#source,
      decide: (observation, context) => this.#answer(observation, context),
      act: (action) => this.#act(action),
      maxPending,
      onLateFailure: ignore, // unsubscribing throws what `stop` throws
    });
    this.#subscription = loop.subscribe({ next: (cycle) => (this.#cycle = cycle), error: ignore });
    for (const [observation, arrival] of this.#early.splice(0)) this.observe(observation, arrival);
  }

  /** Sends an observation, which arrives at `arrival` unless a fault or a delay intervenes. */
  observe(observation: RecordedObservation, arrival: number): void {
    if (this.#clock === undefined) {
      this.#early.push([observation, arrival]);
      return;
    }
    if (observation === 'threw') {
      this.#delays.push(throwing(new Error('reading it failed, as it did in the recording')), arrival);
      return;
    }
    const values = observation?.values;
    if (values === undefined) {
      this.#delays.push(observation as Observation, arrival);
      return;
    }
    if (values.length === this.#loop.inputs.length) {
      for (const assertion of this.#assertions) assertion.observed(values, this.#moment(arrival));
    }
    const whole = observation as Observation<Float64Array>;
    if (this.#faults === undefined) {
      this.#delays.push(whole, arrival);
      return;
    }
    const spoiled = this.#faults.inject(whole, arrival);
    if (spoiled !== undefined) this.#delays.push(spoiled.observation, arrival, spoiled.later);
  }

  /** Runs the next cycle; undefined if the loop did not run it. */
  run(times: CycleTimes): ControlCycle | undefined {
    this.#enter(times, 'cycle');
    for (const { item } of this.#delays.arrived(times.tIn)) this.#source.next(item);
    this.#clock!.wake();
    const cycle = this.#take();
    this.#seq++;
    return cycle;
  }

  /** Ends the loop as the end of its observations does, with a last cycle. */
  complete(times: CycleTimes): ControlCycle | undefined {
    this.#enter(times, 'stop');
    this.#source.complete();
    return this.#take();
  }

  /** Leaves the loop, unless it has ended. Returns what its stop threw. */
  leave(): LoopReport['failure'] {
    this.#sending = 'stop';
    this.#times = undefined;
    try {
      this.#subscription?.unsubscribe();
      return undefined;
    } catch (error) {
      const causes = error instanceof UnsubscriptionError ? (error.errors as unknown[]) : [error];
      return { seq: this.#seq, message: `the stop failed: ${causes.map(messageOf).join('; ')}` };
    }
  }

  report(ending: LoopReport['ending']): Omit<LoopReport, 'changed' | 'comparison' | 'nothingCompared' | 'failure'> {
    const { cycles, missed, late, sources, reasons, degraded, flags } = this.tally;
    const verdicts: Verdict[] = this.#assertions.map((assertion) => assertion.verdict());
    return {
      loop: this.#loop,
      cycles,
      missed,
      late,
      sources,
      reasons,
      degraded,
      flags,
      ending,
      verdicts,
      seconds: this.#seq / this.#loop.hz,
      faults: this.#faults?.counts,
    };
  }

  #enter(times: CycleTimes, sending: 'cycle' | 'stop'): void {
    this.#times = times;
    this.#seq = times.seq;
    this.#sending = sending;
    this.#cycle = undefined;
    this.#clock!.advance(times.tIn);
  }

  #answer(observation: Observation<Float64Array>, context: ControlContext): ReturnType<Decide> {
    const { tIn, tAnswered } = this.#times!;
    if (tAnswered !== undefined) this.#computing = tAnswered - tIn;
    try {
      return this.#decide(observation, context);
    } finally {
      this.#clock!.advance(tAnswered ?? tIn + this.#computing);
    }
  }

  #act(action: Float64Array): unknown {
    if (this.#times !== undefined) this.#clock!.advance(this.#times.tOut);
    try {
      const result = this.#sending === 'start' ? undefined : this.#functions.act(action.slice());
      this.#sent(action, this.#sending);
      return result;
    } catch (error) {
      this.#sent(action, this.#sending === 'cycle' ? 'refused' : this.#sending);
      throw error;
    }
  }

  #sent(action: Float64Array, as: Sending): void {
    for (const assertion of this.#assertions) assertion.sent(action, as, this.#moment(this.#clock!.now()));
  }

  #take(): ControlCycle | undefined {
    const cycle = this.#cycle;
    if (cycle === undefined) return undefined;
    this.tally.take(cycle);
    const moment = this.#moment(cycle.tIn);
    for (const assertion of this.#assertions) assertion.cycle(cycle, this.#origin, moment);
    this.#onCycle?.(cycle);
    return cycle;
  }

  #moment(time: number): Moment {
    return { seq: this.#seq, seconds: (time - this.#origin) / 1000 };
  }
}

/** The loop's fallback; `given` if the recording has none because it was a function. Throws `invalid-argument`. */
export function fallbackOf({ fallback }: LoopDescription, given: Fallback | undefined): Fallback {
  const known = given ?? fallback;
  if (known !== null) return known;
  const what = 'the function that was the fallback of the loop, which a recording cannot hold,';
  throw misfit(what, 'options.fallback', given);
}

/** The message of an error that a function of the caller threw. */
export function messageOf(error: unknown): string {
  return wordsOf(error)[0];
}

/** A failure at the end of a loop is in its last cycle, or thrown. */
function ignore(): void {}
