import { setImmediate } from 'node:timers/promises';
import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { callable, number, object } from '../../base/schema.ts';
import { atOnce } from '../at-once.ts';
import { finiteList } from '../finite-list.ts';
import { hasMethods } from '../../base/has-methods.ts';
import { whenSettled } from '../late-failures.ts';
import type { ControlLoopOptions, Fallback } from '../loop/loop-options.ts';
import { describeLoop, type LoopDescription, type LoopNames } from './loop-description.ts';
import type { LoopReport } from './loop-report.ts';
import { fallbackOf, LoopSession, messageOf, type RecordedObservation } from './loop-session.ts';
import {
  checkController,
  anyFallback,
  type CheckedTrialOptions,
  type Controller,
  type LoopTrialOptions,
  trialChecks,
} from './loop-trial-options.ts';
import { ModelPlant, type Plant } from './plant.ts';
import { headerOf, readLoop } from './read-loop.ts';
import { controllerOf } from './recorded-controller.ts';
import { isA, reading } from '../../base/values.ts';

/** The options of a loop without its connections to the world. */
export type LoopSetup = Omit<ControlLoopOptions, 'observe' | 'act' | 'decide' | 'clock' | 'metrics'> & {
  names?: LoopNames;
};

export interface LoopSimulationOptions extends LoopTrialOptions {
  /** The controller, as `decide` of `controlLoop` takes it; by default the recorded one, see `replayLoop`. */
  controller?: Controller;
  /**
   * What the loop drives: a forecaster of it that looks one period of the loop ahead, or a function that makes a plant
   * of your own.
   */
  plant: Forecaster | (() => Plant);
  /** In place of the loop's own fallback; needed if a recording has none because it is a function. */
  fallback?: Fallback;
  /** How much time to simulate, up to a year; by default as much as the recording has, or a minute. */
  duration?: Duration;
}

type Checked = Omit<LoopSimulationOptions, keyof LoopTrialOptions | 'duration'> &
  CheckedTrialOptions & { duration?: number };

/** A loop to simulate: its functions, the duration, and the first measurement, if known. */
interface Setup {
  readonly loop: LoopDescription;
  readonly fallback: Fallback;
  readonly stop: Fallback;
  readonly start: LoopSetup['start'];
  readonly seconds: number;
  readonly measured: ArrayLike<number> | undefined;
}

/** A year [ms]: to simulate all of it would take days. */
const checkDuration = number(0, 31_536_000_000);
const optional = [
  'controller',
  'fallback',
  'duration',
  ...(Object.keys(trialChecks) as (keyof typeof trialChecks)[]),
] as const;
const check = object<Checked>(
  {
    ...trialChecks,
    controller: checkController,
    plant: (value, name) => (isA(value, Forecaster) ? value : callable(value, name)),
    fallback: anyFallback,
    duration: (value, name) => checkDuration(milliseconds(value, name), name),
  },
  optional,
);

/** After this many cycles other work gets its turn. */
const TURN = 500;
/** Seconds that a loop is simulated by default. */
const MINUTE = 60;

/**
 * Runs a loop on a simulated plant, in virtual time: hours take seconds. In each period the plant is observed, the loop
 * decides, and the plant runs for one period under the action. Computing takes no time.
 *
 * `loop` is the settings of a loop, or a recording of one, which also gives a forecaster the values to begin with.
 * `faults`, `latency`, `jitter` and `assert` work as in `replayLoop`; assertions about observed values look at the
 * plant, not at what reaches the loop.
 *
 * ```ts
 * const { verdicts } = await simulateLoop(
 *   { hz: 50, inputs: [{ min: -2, max: 2 }], limits: [{ min: -1, max: 1 }], fallback: [0], names: { inputs: ['x'] } },
 *   { controller: ({ values: [x] }) => [-x!], plant: () => makeCart(), assert: ['x within -0.1..0.1 after 5s'] },
 * );
 * ```
 *
 * Rejects with `invalid-argument` for wrong options and for a plant, assertions or faults that do not fit the loop, and
 * with the errors of `readLoop`. A plant that throws, or gives values that are not finite, ends the run: `failure` says
 * why.
 */
export async function simulateLoop(loop: LoopSetup | string, options: LoopSimulationOptions): Promise<LoopReport> {
  const checked = check(options, 'options');
  const setup =
    typeof loop === 'string' ? await recordedSetup(loop, checked.fallback) : setupOf(loop, checked.fallback);
  const { plant: given } = checked;
  const plant = isA(given, Forecaster) ? new ModelPlant(given, setup.loop, setup.measured) : given();
  try {
    return await new LoopSimulation(setup, checkPlant(plant), checked).run();
  } finally {
    if (isA(plant, ModelPlant)) plant.dispose();
  }
}

function setupOf(given: LoopSetup, other: Fallback | undefined): Setup {
  const { names, ...settings } = reading('the loop', () => ({ ...(Object(given) as LoopSetup) }));
  const loop = describeLoop({ ...settings, observe: nothing, act: nothing, decide: nothing }, names);
  const { fallback, stop = fallback, start } = settings;
  return { loop, fallback: other ?? fallback, stop, start, seconds: MINUTE, measured: undefined };
}

/** Throws `invalid-argument` if the loop's fallback is not in the recording and no other is given. */
async function recordedSetup(file: string, other: Fallback | undefined): Promise<Setup> {
  const entries = readLoop(file);
  try {
    const { loop } = await headerOf(entries, file);
    const fallback = fallbackOf(loop, other);
    let start: LoopSetup['start'];
    let measured: ArrayLike<number> | undefined;
    let cycles = 0;
    for await (const entry of entries) {
      if (entry.type === 'begun') start = entry.start;
      else if (entry.type === 'observation') measured ??= usable(entry.observation, loop.inputs.length);
      else if (entry.type === 'cycle') cycles = entry.cycle.seq + (entry.cycle.reason === 'stopped' ? 0 : 1);
    }
    return { loop, fallback, stop: loop.stop ?? 'hold', start, seconds: cycles / loop.hz, measured };
  } finally {
    await entries.return(undefined); // closes the file
  }
}

class LoopSimulation {
  readonly #setup: Setup;
  readonly #plant: Plant;
  readonly #options: Checked;
  readonly #session: LoopSession;
  #failure: LoopReport['failure'];
  #seq = 0;
  #done = false;

  constructor(setup: Setup, plant: Plant, options: Checked) {
    const { loop, fallback, stop } = setup;
    this.#setup = setup;
    this.#plant = plant;
    this.#options = options;
    const act = (action: Float64Array) => this.#act(action);
    this.#session = new LoopSession(
      loop,
      { controller: controllerOf(loop, options.controller), fallback, stop, act },
      options,
    );
  }

  async run(): Promise<LoopReport> {
    const { loop, start, seconds } = this.#setup;
    const { duration = 1000 * seconds, signal } = this.#options;
    const period = 1000 / loop.hz;
    const cycles = Math.max(1, Math.round(duration / period));
    this.#session.begin(0, start);
    for (; this.#seq < cycles && this.#failure === undefined; this.#seq++) {
      if (signal?.aborted) break;
      const now = this.#seq * period;
      const values = this.#attempt(() => this.#measure());
      if (values === undefined) break;
      this.#session.observe({ at: now, values }, now);
      this.#session.run({ seq: this.#seq, tIn: now, tAnswered: now, tOut: now });
      if (this.#seq % TURN === 0) await setImmediate();
    }
    const ending = this.#seq < cycles && this.#failure === undefined ? 'stopped' : 'complete';
    this.#done = true;
    const stopFailure = this.#session.leave();
    const failure = this.#failure ?? stopFailure;
    return { ...this.#session.report(ending), changed: [], comparison: undefined, nothingCompared: false, failure };
  }

  #measure(): Float64Array {
    const { length } = this.#setup.loop.inputs;
    const given = this.#plant.observe();
    this.#catch(given);
    const values = finiteList(given, length);
    if (values !== undefined) return values;
    throw new GatecastError('invalid-data', expected(`${length} finite numbers`, 'what the plant observes', given));
  }

  #act(action: Float64Array): void {
    if (!this.#done) this.#attempt(() => this.#catch(this.#plant.act(action)));
  }

  /** A plant must answer synchronously; if it returns a promise nevertheless, its rejection ends the run. */
  #catch(given: unknown): void {
    whenSettled(given, (failure) => failure !== undefined && this.#fail(failure.error));
  }

  /** Calls the plant; if it throws, that ends the run. */
  #attempt<T>(run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { seq: this.#seq, message: `the plant: ${messageOf(error)}` };
  }
}

function usable(seen: RecordedObservation, length: number): ArrayLike<number> | undefined {
  return typeof seen === 'object' ? finiteList(seen.values, length) : undefined;
}

function checkPlant(value: unknown): Plant {
  atOnce(value, 'what options.plant returns');
  if (hasMethods(value, 'observe', 'act')) return value as Plant;
  throw misfit('{ observe(), act(action) }', 'what options.plant returns', value);
}

/** Stands for the functions that a simulation replaces. */
function nothing(): never {
  throw new GatecastError('invalid-argument', 'Expected a simulated loop not to call this function.');
}
