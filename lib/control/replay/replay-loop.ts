import { GatecastError } from '../../base/errors.ts';
import { boolean, object } from '../../base/schema.ts';
import { buildChanges } from '../../recording/recording-header.ts';
import { type Fallback, MOST_PENDING } from '../loop/loop-options.ts';
import { CycleMeter } from './cycle-comparison.ts';
import type { LoopRecordingHeader } from './loop-records.ts';
import type { LoopReport } from './loop-report.ts';
import { fallbackOf, type LoopFunctions, LoopSession } from './loop-session.ts';
import {
  checkController,
  anyFallback,
  type CheckedTrialOptions,
  type Controller,
  type LoopTrialOptions,
  trialChecks,
} from './loop-trial-options.ts';
import { headerOf, type LoopEntry, type RecordedCycle, readLoop } from './read-loop.ts';
import { controllerOf } from './recorded-controller.ts';

export interface LoopReplayOptions extends LoopTrialOptions {
  /**
   * The controller: `decide` of the recorded loop, or another one to try; a policy starts with a fresh memory. By
   * default the controller in the recording, which holds a `pid` or an `lqr` without function options.
   */
  controller?: Controller;
  /** In place of the loop's own fallback; needed if that is a function, which a recording cannot hold. */
  fallback?: Fallback;
  /** Whether cycles are compared with the recorded ones; by default true unless the observations are disturbed. */
  compare?: boolean;
}

type Checked = Omit<LoopReplayOptions, keyof LoopTrialOptions> & CheckedTrialOptions;

const check = object<Checked>(
  { ...trialChecks, controller: checkController, fallback: anyFallback, compare: boolean },
  ['controller', 'fallback', 'compare', ...(Object.keys(trialChecks) as (keyof typeof trialChecks)[])],
);

/**
 * Runs the recorded observations of a loop through a loop with the same settings again, in virtual time, and compares
 * every cycle with the recorded one to the bit.
 *
 * Cycles begin when they did and take as long as they did. With `faults`, `latency` or `jitter` the observations are
 * spoiled and delayed, and nothing is compared unless `compare` asks for it; `assert` says what has to hold. A torn
 * recording is replayed up to the tear. A controller that depends on how much time it has, or on chance without a seed,
 * cannot be replayed to the bit.
 *
 * ```ts
 * const { verdicts } = await replayLoop('run.rec', {
 *   controller: decide,
 *   faults: ['nan', 'drop', 'stall'],
 *   latency: '35ms',
 *   assert: ['no action outside bounds', 'fallback at most 10 %'],
 * });
 * ```
 *
 * Rejects with `invalid-argument` for wrong options and for assertions or faults that do not fit the loop; with the
 * errors of `readLoop`; and with `invalid-file` for a recording without a cycle.
 */
export async function replayLoop(file: string, options: LoopReplayOptions = {}): Promise<LoopReport> {
  const checked = check(options, 'options');
  const entries = readLoop(file);
  try {
    const header = await headerOf(entries, file);
    return await new LoopReplay(header, checked).run(entries, file);
  } finally {
    await entries.return(undefined); // closes the file
  }
}

class LoopReplay {
  readonly #header: LoopRecordingHeader;
  readonly #session: LoopSession;
  readonly #comparison: CycleMeter | undefined;
  readonly #signal: AbortSignal | undefined;
  #origin = 0;
  /** The recorded cycle that is being run again. */
  #recorded: RecordedCycle | undefined;
  #stop: Float64Array | undefined;
  /**
   * Settle the promises of `act`, oldest first and no sooner than in the recording, which never had more pending than
   * these.
   */
  readonly #pending: { resolve(): void; reject(error: Error): void }[] = [];

  constructor(header: LoopRecordingHeader, options: Checked) {
    const { fallback, faults = [], latency = 0, jitter = 0, signal } = options;
    const { loop } = header;
    const disturbed = faults.length > 0 || latency > 0 || jitter > 0;
    this.#header = header;
    this.#comparison = (options.compare ?? !disturbed) ? new CycleMeter() : undefined;
    this.#signal = signal;
    const functions: LoopFunctions = {
      controller: controllerOf(loop, options.controller),
      fallback: fallbackOf(loop, fallback),
      // What a function returned is in the recording.
      stop: loop.stop ?? (({ lastAction }) => this.#stop ?? lastAction ?? loop.limits.map(() => 0)),
      act: () => this.#act(),
    };
    this.#session = new LoopSession(loop, functions, options);
  }

  async run(entries: AsyncIterable<LoopEntry>, file: string): Promise<LoopReport> {
    let ending: LoopReport['ending'] = 'unfinished';
    for await (const entry of entries) {
      if (entry.type === 'begun') {
        this.#origin = entry.origin;
        this.#session.begin(entry.origin, entry.start);
      } else if (entry.type === 'observation') this.#session.observe(entry.observation, entry.arrival);
      else if (entry.type === 'cycle') await this.#cycle(entry.cycle);
      else if (entry.type === 'stop') this.#stop = entry.action;
      else if (entry.type === 'end') ending = entry.ending;
      else if (entry.type === 'torn') ending = 'torn';
      if (this.#signal?.aborted) {
        ending = 'stopped';
        break;
      }
    }
    this.#recorded = undefined;
    const failure = this.#session.leave();
    if (this.#session.tally.cycles === 0 && ending !== 'stopped') {
      throw new GatecastError('invalid-file', `Expected a recording with cycles but ${file} has none.`);
    }
    const { compared, different, first } = this.#comparison ?? {};
    return {
      ...this.#session.report(ending),
      changed: buildChanges(this.#header, undefined),
      comparison: compared === undefined ? undefined : { compared, different: different!, first },
      nothingCompared: compared === 0,
      failure,
    };
  }

  async #cycle(recorded: RecordedCycle): Promise<void> {
    this.#recorded = recorded;
    const { reason, refused, tIn } = recorded;
    if (reason === 'stopped') this.#stop = recorded.action;
    await this.#settle(reason, refused);
    const computed = reason === 'stopped' ? this.#session.complete(recorded) : this.#session.run(recorded);
    this.#comparison?.compare(recorded, computed, (tIn - this.#origin) / 1000);
  }

  /** Settles the promises of `act` that had settled before the recorded cycle. */
  async #settle(reason: RecordedCycle['reason'], refused: boolean): Promise<void> {
    if (reason === 'act-pending') return;
    const { maxPending = MOST_PENDING } = this.#header.loop;
    const rejected = reason === 'act-threw' && !refused ? this.#pending.shift() : undefined;
    rejected?.reject(new Error('a promise was rejected, as it was in the recording'));
    const resolved = this.#pending.length >= maxPending ? this.#pending.shift() : undefined;
    resolved?.resolve();
    if (rejected !== undefined || resolved !== undefined) await Promise.resolve(); // lets the loop see it
  }

  #act(): Promise<void> | undefined {
    if (this.#recorded?.refused) throw new Error('the action was refused, as it was in the recording');
    if (this.#recorded === undefined || this.#recorded.reason === 'stopped') return undefined;
    return new Promise<void>((resolve, reject) => this.#pending.push({ resolve, reject }));
  }
}
