import type { Subscriber, Subscription } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import type { Counter } from '../../metrics/stream-metrics.ts';
import { ActionsUnderWay } from '../actions-under-way.ts';
import { Actuators } from './actuators.ts';
import { atOnce, started } from '../at-once.ts';
import type { ControlCycle, Decide, FallbackContext } from '../control-cycle.ts';
import { Signs } from '../cycle-flags.ts';
import { finiteList } from '../finite-list.ts';
import { asError, reportLate } from '../late-failures.ts';
import { Limiter } from '../limits.ts';
import type { Fallback, LoopSettings } from './loop-options.ts';
import { StatusMachine } from './loop-status.ts';
import { type ReadObservation, readObservation } from '../observation.ts';
import { type Answer, readDecision } from './read-decision.ts';

/** The place of a cycle on the schedule. */
interface Slot {
  readonly seq: number;
  readonly missed: number;
  readonly tDue: number;
  readonly tIn: number;
  readonly deadline: number;
}

/** Observations more than this many periods older than the newest usable one carry no information. */
const REACH = 100;

/** One subscription of a control loop. */
export class ControlRun {
  readonly #settings: LoopSettings;
  readonly #decideBy: Decide;
  readonly #subscriber: Subscriber<ControlCycle>;
  readonly #status: StatusMachine;
  #limiters: readonly Limiter[];
  readonly #underWay = new ActionsUnderWay();
  readonly #counters: Readonly<Record<'cycles' | 'skipped' | 'late' | 'fallbacks', Counter>>;
  readonly #times: Readonly<Record<'period' | 'jitter' | 'age' | 'compute', { record(ns: number): void }>>;
  readonly #actuators: Actuators;
  readonly #signs: Signs;
  #newest: unknown;
  #source: Subscription | undefined;
  #callOff: (() => void) | undefined;
  #ended = false;
  /** Whether a cycle is calling a function of the options, or the subscriber. */
  #inCycle = false;
  #lastAction: Float64Array | undefined;
  /** Time of the last observation that was decided on. */
  #lastEvent: number | undefined;
  /** When cycle 0 is due. */
  #origin = 0;
  /** Number of the next cycle. */
  #next = 0;
  /** When the previous cycle began. */
  #lastIn = Number.NaN;
  /** The time when the clock was last read. */
  #time = 0;

  constructor(settings: LoopSettings, subscriber: Subscriber<ControlCycle>) {
    this.#settings = settings;
    this.#decideBy = started(settings.decide);
    this.#subscriber = subscriber;
    this.#status = new StatusMachine(settings.degradeAfter, settings.recoverAfter);
    this.#limiters = limitersFrom(settings);
    const { act, maxPending, onLateFailure, limits, metrics } = settings;
    this.#actuators = new Actuators(act, maxPending, onLateFailure);
    this.#signs = new Signs(limits);
    this.#counters = {
      cycles: metrics.counter('cycles'),
      skipped: metrics.counter('misses:skipped'),
      late: metrics.counter('misses:late'),
      fallbacks: metrics.counter('fallbacks'),
    };
    this.#times = {
      period: metrics.time('period'),
      jitter: metrics.time('jitter'),
      age: metrics.time('age'),
      compute: metrics.time('compute'),
    };
  }

  begin(): void {
    this.#origin = this.#now();
    try {
      this.#start();
    } catch (error) {
      this.#end({ error });
    }
  }

  #start(): void {
    const { observe, start } = this.#settings;
    if (start !== undefined) {
      const errors: unknown[] = [];
      const wanted = this.#obtain('start', start, undefined, errors);
      if (wanted !== undefined) this.#send(this.#limit(wanted), this.#origin, errors);
      if (errors.length > 0) throw errors[0];
      this.#origin = this.#now();
    }
    if (typeof observe !== 'function') {
      this.#source = observe.subscribe({
        next: (observation) => (this.#newest = observation),
        error: (error: unknown) => this.#end({ error }),
        complete: () => this.#end(),
      });
    }
    if (!this.#ended) this.#sleep();
  }

  /**
   * Ends the loop when its subscriber unsubscribes. What `stop` or `act` throws goes to `onLateFailure`, because
   * operators of RxJS such as `takeUntil` swallow what is thrown here; outside a cycle it is thrown too.
   */
  leave(): void {
    if (this.#ended) return;
    const errors: unknown[] = [];
    this.#halt(errors);
    for (const error of errors) reportLate({ source: 'stop', error }, this.#settings.onLateFailure);
    if (errors.length > 0 && !this.#inCycle) throw asError('stop', errors[0]);
  }

  #sleep(): void {
    const { clock, period } = this.#settings;
    const callOff = clock.wait(this.#origin + this.#next * period, () => {
      if (this.#ended) return;
      try {
        this.#cycle(this.#slot(this.#now()));
        if (!this.#ended) this.#sleep();
      } catch (error) {
        this.#end({ error }); // only a clock can throw here
      }
    });
    const name = 'what wait of the clock returns';
    if (typeof atOnce(callOff, name) === 'function') this.#callOff = callOff;
    else throw misfit('a function', name, callOff);
  }

  /** The cycle to run now: the next one, or the last of those that are due by now. */
  #slot(tIn: number): Slot {
    const { period, deadline } = this.#settings;
    const seq = Math.max(this.#next, Math.floor((tIn - this.#origin) / period));
    const tDue = this.#origin + seq * period;
    const missed = seq - this.#next;
    return { seq, missed, tDue, tIn, deadline: tDue + deadline };
  }

  #cycle(slot: Slot): void {
    this.#inCycle = true;
    try {
      this.#runCycle(slot);
    } finally {
      this.#inCycle = false;
    }
  }

  #runCycle(slot: Slot): void {
    const { seq, missed, tDue, tIn, deadline } = slot;
    const failures = this.#actuators.takeFailures();
    const errors = failures.map(({ error }) => error);
    const refused = failures.some(({ source }) => source === 'act');
    const { maxAge, period } = this.#settings;
    this.#underWay.forgetBefore(tIn - maxAge - REACH * period);
    const reading = this.#observe(tIn, errors);
    const answer = reading === undefined ? { reason: 'observe-threw' as const } : this.#decide(slot, reading, errors);
    if (this.#ended) return;

    let wanted = answer.action;
    let source: ControlCycle['source'] = 'model';
    const { full } = this.#actuators;
    if (full) {
      wanted = undefined;
      source = 'held';
    } else if (answer.reason !== undefined) {
      const context = { seq, reason: answer.reason, lastAction: this.#lastAction };
      wanted = this.#obtain('fallback', this.#settings.fallback, context, errors);
      source = wanted === undefined ? 'held' : 'fallback';
      if (this.#ended) return;
    }
    const action = full ? this.#lastAction!.slice() : this.#limit(wanted);
    const acted = full || this.#send(action, tDue, errors);
    if (this.#ended) return;
    const tOut = this.#now();

    const reason = full ? 'act-pending' : acted && !refused ? answer.reason : 'act-threw';
    if (!full && acted) this.#signs.sent(action);
    const deadlineMet = tOut <= deadline;
    if (missed > 0) this.#status.bad(missed);
    if (reason === undefined && deadlineMet) this.#status.good();
    else this.#status.bad(1);
    const tEvent = reading?.at;
    const ageMs = tEvent === undefined ? undefined : tIn - tEvent;
    this.#count(slot, deadlineMet, source, ageMs);
    this.#next = seq + 1;
    this.#subscriber.next({
      seq,
      status: this.#status.status,
      tDue,
      tEvent,
      tIn,
      tOut,
      ageMs,
      deadlineMet,
      missed,
      source,
      iterations: answer.iterations,
      action,
      limited: wanted !== undefined && differ(action, wanted),
      reason,
      notice: answer.notice,
      flags: this.#signs.flags,
      errors,
    });
  }

  /** Reads the newest observation; undefined if that threw. */
  #observe(tIn: number, errors: unknown[]): ReadObservation | undefined {
    const { observe, ranges, maxAge } = this.#settings;
    try {
      const given = typeof observe === 'function' ? observe() : this.#newest;
      const reading = readObservation(given, ranges, maxAge, tIn);
      if (reading.fault === 'malformed') this.#actuators.stray('observe', given, 'values');
      if (reading.values !== undefined) this.#signs.observed(reading.at!, reading.values);
      return reading;
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  }

  #decide({ seq, tIn, tDue, deadline }: Slot, reading: ReadObservation, errors: unknown[]): Answer {
    const { delay, limits, clock } = this.#settings;
    const { at, values, fault } = reading;
    if (fault !== undefined) return { reason: fault };
    if (tIn > deadline) return { reason: 'late' };
    const since = Math.min(this.#lastEvent ?? at!, at!);
    const context = {
      seq,
      tIn,
      deadline,
      tEffect: tDue + delay,
      lastAction: this.#lastAction,
      underWay: this.#underWay.since(since),
      clock,
    };
    const began = this.#now();
    let answer: Answer;
    try {
      const given: unknown = this.#decideBy({ at: at!, values: values! }, context);
      answer = readDecision(given, limits.length);
      this.#lastEvent = at; // not set if `decide` threw, because it has not taken the observation then
      if (answer.reason === 'bad-action') this.#actuators.stray('decide', given, 'action');
      if (answer.action !== undefined) this.#signs.decided(answer.action);
    } catch (error) {
      errors.push(error);
      answer = { reason: 'decide-threw' };
    }
    const answered = this.#now();
    this.#times.compute.record((answered - began) * 1e6);
    return answered > deadline && answer.reason === undefined ? { ...answer, reason: 'overrun' } : answer;
  }

  /** Gets an action other than the model's; undefined to hold the previous one, also if a function fails. */
  #obtain(
    name: 'start' | 'stop' | 'fallback',
    from: Fallback,
    context: FallbackContext | undefined,
    errors: unknown[],
  ): Float64Array | undefined {
    if (from === 'hold') return undefined;
    const { length } = this.#settings.limits;
    try {
      const given = typeof from === 'function' ? from(context!) : from;
      const action = finiteList(given, length);
      if (action !== undefined) return action;
      this.#actuators.stray(name, given);
      throw misfit(`${length} finite numbers`, `the action of ${name}`, given);
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  }

  #limit(wanted: Float64Array | undefined): Float64Array {
    return Float64Array.from(this.#limiters, (limiter, i) => limiter.apply(wanted?.[i] ?? Number.NaN));
  }

  /** Hands an action to `act`. If that throws, it has not taken the action: rates are relative to the action before. */
  #send(action: Float64Array, tDue: number, errors: unknown[]): boolean {
    try {
      if (this.#ended) this.#actuators.sendLast(action);
      else this.#actuators.send(action);
    } catch (error) {
      errors.push(error);
      for (const limiter of this.#limiters) limiter.takeBack();
      return false;
    }
    this.#lastAction = action.slice();
    this.#underWay.add(this.#lastAction, tDue + this.#settings.delay);
    return true;
  }

  #count({ missed, tDue, tIn }: Slot, deadlineMet: boolean, source: string, ageMs: number | undefined): void {
    const { cycles, skipped, late, fallbacks } = this.#counters;
    cycles.add();
    skipped.add(missed);
    if (!deadlineMet) late.add();
    if (source !== 'model') fallbacks.add();
    const { period, jitter, age } = this.#times;
    if (!Number.isNaN(this.#lastIn)) period.record((tIn - this.#lastIn) * 1e6);
    this.#lastIn = tIn;
    jitter.record((tIn - tDue) * 1e6);
    if (ageMs !== undefined) age.record(ageMs * 1e6);
  }

  /** Ends the loop from within, with a last cycle in place of the next one, or of the one under way. */
  #end(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    const errors: unknown[] = [];
    const { seq, missed, tDue, tIn, deadline } = this.#slot(this.#look());
    const { action, source, limited } = this.#halt(errors);
    const tOut = this.#look();
    this.#subscriber.next({
      seq,
      status: this.#status.status,
      tDue,
      tEvent: undefined,
      tIn,
      tOut,
      ageMs: undefined,
      deadlineMet: tOut <= deadline,
      missed,
      source,
      iterations: undefined,
      action,
      limited,
      reason: 'stopped',
      notice: undefined,
      flags: [],
      errors,
    });
    if (failure !== undefined) this.#subscriber.error(failure.error);
    else if (errors.length > 0) this.#subscriber.error(errors[0]);
    else this.#subscriber.complete();
  }

  /** Sends the stop action, or the fallback if that fails; then releases the clock and the source. */
  #halt(errors: unknown[]): Pick<ControlCycle, 'action' | 'source' | 'limited'> {
    this.#ended = true;
    this.#status.stop();
    this.#actuators.end();
    const context = { seq: this.#next, reason: 'stopped' as const, lastAction: this.#lastAction };
    let wanted = this.#obtain('stop', this.#settings.stop, context, errors);
    if (errors.length > 0) wanted = this.#obtain('fallback', this.#settings.fallback, context, errors);
    let action = this.#lastAction ?? new Float64Array();
    if (wanted !== undefined) {
      this.#limiters = limitersFrom(this.#settings); // without a previous value, so at any rate
      action = this.#limit(wanted);
      this.#send(action, this.#time, errors);
    }
    for (const letGo of [this.#callOff, () => this.#source?.unsubscribe()]) {
      try {
        letGo?.();
      } catch (error) {
        errors.push(error);
      }
    }
    const limited = wanted !== undefined && differ(action, wanted);
    return { action, source: wanted === undefined ? 'held' : 'fallback', limited };
  }

  /** The time. A clock that throws, or gives anything but a finite number, ends the loop. */
  #now(): number {
    const time: unknown = atOnce(this.#settings.clock.now(), 'the time of the clock');
    if (typeof time !== 'number' || !Number.isFinite(time)) {
      throw misfit('a finite number', 'the time of the clock', time);
    }
    this.#time = time;
    return time;
  }

  /** The time, or the last known one if the clock has failed. */
  #look(): number {
    try {
      return this.#now();
    } catch {
      return this.#time;
    }
  }
}

/** Limiters whose first value may change at any rate. */
function limitersFrom({ limits, period }: LoopSettings): Limiter[] {
  return limits.map((each) => new Limiter(each, period / 1000));
}

function differ(action: Float64Array, wanted: Float64Array): boolean {
  return action.some((value, i) => value !== wanted[i]);
}
