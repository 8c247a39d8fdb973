import { setTimeout } from 'node:timers/promises';
import { GatecastError } from '../../base/errors.ts';
import { endsTooEarly } from '../../recording/recording.ts';
import { checkModel, type Model } from '../../model/model.ts';
import type { Skipped } from '../../model/skipped.ts';
import { type Comparison, ForecastComparison } from './comparison.ts';
import type { Disturbance } from './disturbance.ts';
import { DisturbedRun } from './disturbed-run.ts';
import { type RecordingEntry, readRecording } from '../../recording/read-recording.ts';
import { type BuildChange, buildChanges } from '../../recording/recording-header.ts';
import type { Ending, RecordingHeader } from '../../recording/recording-records.ts';
import { type CheckedReplayOptions, checkReplayOptions, type ReplayOptions } from './replay-options.ts';
import { type ReplayFailure, ReplayRun } from './replay-run.ts';
import { streamOptionsIn } from '../state/stream-options.ts';

/** What a replay came to. */
export interface ReplayReport {
  readonly header: RecordingHeader;
  /** What is not here as it was there, of what decides the bits. */
  readonly changed: readonly BuildChange[];
  /** Samples replayed, and what they came to as they were recorded. */
  readonly samples: number;
  readonly forecasts: number;
  readonly corrections: number;
  /** Samples that gave none, by the reason. */
  readonly skipped: Skipped;
  /**
   * As the recorded stream ended; 'torn' and 'unfinished' are recordings whose process died, 'stopped' is by the
   * signal.
   */
  readonly ending: Ending | 'torn' | 'unfinished' | 'stopped';
  /** Samples and forecasts that the recording lacks, for the disk could not keep up: nothing after them is compared. */
  readonly lost: number;
  /** The sample that ended the stream; with faults, the disturbed one. */
  readonly failure: ReplayFailure | undefined;
  /** Undefined where nothing is compared: it was not asked for, or the recording has no forecasts. */
  readonly comparison: Comparison | undefined;
  /** Undefined where nothing is put in the way of the samples. */
  readonly disturbance: Disturbance | undefined;
  /**
   * Whether there was nothing to compare though `compare` is not false: no forecast, or with faults no sample. Such a
   * replay proves nothing, and is not a success.
   */
  readonly nothingCompared: boolean;
}

type SampleEntry = Extract<RecordingEntry, { type: 'sample' }>;

/**
 * Runs the samples of a recording through a model again, each key with a state of its own, and compares every forecast
 * with the recorded one to the bit.
 *
 * On the build that recorded, and with the streams made in the same way, all are the same. With `faults`, `latency` or
 * `jitter` the samples go through the model twice, as they were and disturbed, and the report says how the forecasts
 * changed. A recording that is torn is replayed up to there. States of `forecastBy` that its `ttl` or `maxStreams` let
 * go are not forgotten here.
 *
 * ```ts
 * const { comparison } = await replay('pump.rec', model);
 * console.log(comparison?.different, comparison?.first);
 * ```
 *
 * Rejects with `invalid-argument` for a model or an option that is none, or that does not fit the model; as
 * `readRecording` throws; and with `invalid-file` for a recording without a header or with the state of another model.
 */
export async function replay(file: string, model: Model, options: ReplayOptions = {}): Promise<ReplayReport> {
  checkModel(model);
  const checked = checkReplayOptions(options, 'options');
  const entries = readRecording(file);
  let session: Replay | undefined;
  try {
    const first = (await entries.next()).value as RecordingEntry | undefined;
    if (first?.type !== 'header') {
      throw endsTooEarly(file);
    }
    if (first.header.loop !== undefined) {
      throw new GatecastError(
        'invalid-file',
        `Expected the recording of a stream but ${file} is one of a control loop.`,
      );
    }
    session = new Replay(first.header, model, checked);
    return await session.run(entries);
  } finally {
    session?.dispose();
    await entries.return(undefined); // closes the file
  }
}

class Replay {
  readonly #header: RecordingHeader;
  readonly #model: Model;
  readonly #options: CheckedReplayOptions;
  readonly #plain: ReplayRun;
  readonly #comparison: ForecastComparison | undefined;
  readonly #disturbed: DisturbedRun | undefined;
  readonly #startedAt = performance.now();
  #lost = 0;

  constructor(header: RecordingHeader, model: Model, options: CheckedReplayOptions) {
    const { faults = [], latency = 0, jitter = 0 } = options;
    const disturbs = faults.length > 0 || latency > 0 || jitter > 0;
    const stream = { ...streamOptionsIn(header.options), ...options.stream };
    const state = header.state === null ? undefined : Uint8Array.from(Buffer.from(header.state, 'base64'));
    const compares = header.forecasts && (options.compare ?? !disturbs);
    this.#header = header;
    this.#model = model;
    this.#options = options;
    this.#comparison = compares ? new ForecastComparison() : undefined;
    this.#plain = new ReplayRun(model, stream, state);
    this.#disturbed = disturbs ? new DisturbedRun(model, options, new ReplayRun(model, stream, state)) : undefined;
  }

  async run(entries: AsyncIterable<RecordingEntry>): Promise<ReplayReport> {
    let ending: ReplayReport['ending'] = 'unfinished';
    for await (const entry of entries) {
      if (entry.type === 'sample') await this.#sample(entry);
      else if (entry.type === 'forecast' && this.#lost === 0) this.#comparison?.recorded(entry.forecast, entry.key);
      else if (entry.type === 'lost') this.#lost += entry.samples + entry.forecasts;
      else if (entry.type === 'end') ending = entry.ending;
      else if (entry.type === 'torn') ending = 'torn';
      if (this.#options.signal?.aborted) {
        ending = 'stopped';
        break;
      }
    }
    if (ending !== 'stopped') await this.#arrive(Number.POSITIVE_INFINITY);
    if (this.#lost === 0 && ending !== 'stopped') this.#comparison?.end(ending === 'complete');
    return this.#report(ending);
  }

  dispose(): void {
    this.#plain.dispose();
    this.#disturbed?.run.dispose();
  }

  async #sample({ arrival, key, sample }: SampleEntry): Promise<void> {
    if (!this.#disturbed) await this.#wait(arrival);
    const forecast = this.#plain.step(sample, key);
    if (forecast && this.#lost === 0) this.#comparison?.computed(forecast, key);
    if (this.#disturbed) {
      await this.#arrive(arrival);
      this.#disturbed.send({ number: this.#plain.samples, key, sample }, arrival, forecast);
    } else if (forecast) {
      this.#options.onForecast?.(forecast, key);
    }
  }

  /** Lets the disturbed samples arrive that do before those of `time` can. */
  async #arrive(time: number): Promise<void> {
    if (!this.#disturbed) return;
    for (const delayed of this.#disturbed.underway.due(time)) {
      await this.#wait(delayed.arrival);
      if (this.#options.signal?.aborted) return;
      const forecast = this.#disturbed.arrive(delayed);
      if (forecast) this.#options.onForecast?.(forecast, delayed.item.key);
    }
  }

  /** Waits until it is time for what arrived `arrival` ms after the start, or the signal comes. */
  async #wait(arrival: number): Promise<void> {
    const { speed, signal } = this.#options;
    if (speed === undefined) return;
    const rest = arrival / speed - (performance.now() - this.#startedAt);
    if (rest < 1) return; // timers do not go finer
    await setTimeout(Math.min(rest, 2 ** 31 - 1), undefined, { ...(signal && { signal }) }).catch(() => {});
  }

  #report(ending: ReplayReport['ending']): ReplayReport {
    const { samples, forecasts, corrections, skipped, failure } = this.#plain;
    const { compared, different, first } = this.#comparison ?? {};
    const shown = compared ?? (this.#disturbed === undefined ? 0 : samples);
    return {
      header: this.#header,
      changed: buildChanges(this.#header, this.#model),
      samples,
      forecasts,
      corrections,
      skipped,
      ending,
      lost: this.#lost,
      failure: this.#disturbed?.run.failure ?? failure,
      comparison: compared === undefined ? undefined : { compared, different: different!, first },
      disturbance: this.#disturbed?.report(),
      nothingCompared: shown === 0 && this.#options.compare !== false,
    };
  }
}
