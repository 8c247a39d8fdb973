import { type OperatorFunction, Subject, type Subscription } from 'rxjs';
import { timeText } from '../../data/rules/time-text.ts';
import { enumerate } from '../../data/table.ts';
import { describe, GatecastError } from '../../base/errors.ts';
import type { TrainedModel } from '../../model/trained-model.ts';
import { givenInputs } from '../../model/gap.ts';
import { makeStates } from '../../model/model.ts';
import { slipOf, type TimedSample } from '../../model/sample.ts';
import { isList } from '../../base/schema.ts';
import { SourceCheck } from '../../model/source-check.ts';
import type { Store } from '../../stores/store.ts';
import { forecast } from '../../stream/forecast.ts';
import { forecastBy } from '../../stream/fleet/forecast-by.ts';
import type { KeepOptions } from '../../stream/keeper.ts';
import { KeyedStreams } from '../../stream/fleet/keyed-streams.ts';
import type { LiveForecast } from '../../online/live-forecast.ts';
import { StreamMetrics } from '../../metrics/stream-metrics.ts';
import { record } from '../../stream/recording/record.ts';
import { SampleReader } from '../../stream/state/sample-reader.ts';
import { forecastParts } from '../../stream/state/forecast-parts.ts';
import { FirstLines } from './first-lines.ts';
import { KINDS, type Kind } from './left-out.ts';
import { ONE_STREAM } from './resume.ts';
import type { KeyedSample } from './samples.ts';
import { type StreamFlags, streamOptionsOf } from './stream-options.ts';

export interface LineStreamFlags extends StreamFlags {
  /** The field that tells many streams apart. */
  key?: string;
  flush?: NonNullable<KeepOptions['flush']>;
  record?: string;
}

/** How many samples are checked for misspelt names. */
const LOOKED_AT = 100;

/** A sample under way, with its key if there are many streams. */
type LineSample = TimedSample & { readonly key?: string };

/** What happened to a line: its forecasts, or why it gave none. */
export interface Outcome {
  readonly forecasts: readonly LiveForecast[];
  readonly left?: { readonly kind: Kind; readonly error: GatecastError };
  /** What looks wrong with a line that was used nevertheless; each text continues 'the line has'. */
  readonly doubts?: readonly string[];
}

/** Live streams that take their samples line by line, and may be stored and recorded. */
export class LineStream {
  readonly #names: readonly string[];
  readonly #streams: KeyedStreams<string> | undefined;
  readonly #states;
  readonly #reader: SampleReader;
  readonly #reading;
  readonly #source = new SourceCheck();
  /** Whether the times of samples matter. */
  readonly #timed: boolean;
  /** Inputs for which no sample has had a value. */
  readonly #unseen: Set<string>;
  readonly #samples = new Subject<LineSample>();
  readonly #counters;
  readonly #subscription: Subscription;
  readonly #first: FirstLines;
  #looked = 0;
  #forecasts: LiveForecast[] = [];
  #failure: { error: unknown } | undefined;

  /** Throws `io` and `invalid-file` for a recording or a store that cannot be used. */
  constructor(model: TrainedModel, store: Store | undefined, flags: LineStreamFlags) {
    const options = streamOptionsOf(flags);
    const { time, fills } = forecastParts(model, options);
    this.#timed = time !== undefined;
    this.#names = givenInputs(model.description);
    this.#unseen = new Set(this.#names);
    this.#first = new FirstLines(model, flags.key !== undefined);
    this.#states = model[makeStates](1);
    this.#reader = new SampleReader(this.#states, 'error', fills);
    this.#reading = this.#reader.room();
    const metrics = new StreamMetrics();
    this.#counters = KINDS.map((kind) => metrics.counter(`skipped:${kind}`));
    // the first lines say themselves what is wrong with them
    const kept = {
      ...options,
      onInvalid: 'skip' as const,
      metrics,
      ...(store && { store, ...(flags.flush && { flush: flags.flush }) }),
    };
    let around: OperatorFunction<LineSample, LiveForecast>;
    if (flags.key === undefined) {
      around = forecast(model, { ...kept, ...(store && { key: ONE_STREAM }) });
    } else {
      this.#streams = new KeyedStreams<string>(model, kept);
      around = forecastBy((sample) => sample.key!, this.#streams);
    }
    this.#subscription = this.#samples.pipe(recorded(around, model, store, flags)).subscribe({
      next: (one) => this.#forecasts.push(one),
      error: (error: unknown) => {
        this.#failure = { error };
      },
    });
    this.#check();
  }

  /**
   * Takes a sample; `offset` is the position in its source after it. Throws `unusable-source`, and the error that ended
   * the stream.
   */
  next(sample: KeyedSample, offset: number | undefined): Outcome {
    this.#check();
    try {
      this.#reader.read(this.#reading, sample);
    } catch (error) {
      if (!isOfLine(error)) throw error;
      return this.leaveOut(error, sample, offset);
    }
    this.#source.usable();
    const timed = timedOf(sample, offset);
    const outcome = this.#take(timed);
    this.#first.add(this.#reading.values, this.#reading.at, outcome.left?.kind);
    this.#see();
    if (this.#looked === LOOKED_AT) return outcome;
    this.#looked++;
    return { ...outcome, doubts: [...this.#doubts(timed.values)] };
  }

  get inputs(): number {
    return this.#names.length;
  }

  /** The inputs for which no sample has had a value. */
  get unseen(): readonly string[] {
    return [...this.#unseen];
  }

  /** What is wrong with the source as its first lines show it, as a sentence; undefined until they have come. */
  get firstLines(): string | undefined {
    return this.#first.verdict;
  }

  /** Counts a line that is not a sample, or an invalid one, as far as it can be read. Throws `unusable-source`. */
  leaveOut(error: GatecastError, sample?: KeyedSample, offset?: number): Outcome {
    this.#source.unusable(error);
    const left = { kind: 'invalid' as const, error };
    this.#first.addInvalid();
    const { key, offset: own } = timedOf(sample, offset);
    const placed = { ...(own !== undefined && { offset: own }), ...(key !== undefined && { key }) };
    // The stream that the line belongs to counts it too: the counts of left-out samples are part of its state and its
    // forecasts.
    if (this.#streams === undefined || key !== undefined) this.#take({ ...placed, values: [] });
    return { forecasts: [], left };
  }

  /** Writes everything. Throws the error that has ended the stream, if any. */
  end(): void {
    this.#check();
    this.#samples.complete();
    this.#check();
  }

  dispose(): void {
    this.#subscription.unsubscribe();
    this.#streams?.dispose();
    this.#states.dispose();
  }

  #see(): void {
    for (const name of this.#unseen) {
      if (!Number.isNaN(this.#reading.values[this.#names.indexOf(name)])) this.#unseen.delete(name);
    }
  }

  /** If gaps are filled, a misspelt input would go unnoticed for ever; without times, gaps are not even found. */
  *#doubts(values: TimedSample['values']): Generator<string> {
    if (this.#timed && this.#reading.at === undefined) {
      yield 'no time (--time names its field), and counts as the step after the one before.';
    }
    if (typeof values === 'object' && !isList(values)) {
      for (const name of this.#names) {
        const slip = slipOf(name, values, this.#names);
        if (slip === undefined) continue;
        yield `no ${name}, which is filled, but ${describe(slip)}. Did you mean ${describe(name)}?`;
      }
    }
    if (this.#looked === LOOKED_AT && this.#unseen.size > 0) {
      yield `no ${enumerate(this.unseen)}, which is filled, nor had any line before it.`;
    }
  }

  #take(sample: LineSample): Outcome {
    const before = this.#counters.map((counter) => counter.value);
    this.#forecasts = [];
    this.#samples.next(sample);
    this.#streams?.settle();
    this.#check();
    const at = this.#counters.findIndex((counter, i) => counter.value > before[i]!);
    if (at < 0) return { forecasts: this.#forecasts };
    return { forecasts: this.#forecasts, left: { kind: KINDS[at]!, error: untimely(KINDS[at]!, this.#reading.at) } };
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

/** A sample with the offset of its source after it: its own if it has one, otherwise this one. */
function timedOf(sample: KeyedSample | undefined, offset: number | undefined): LineSample {
  const bare = typeof sample !== 'object' || sample === null || isList(sample);
  const timed: LineSample = bare ? { values: sample ?? [] } : sample;
  return offset === undefined || timed.offset !== undefined ? timed : { ...timed, offset };
}

/** Whether an error concerns one line only, unlike a header that lacks an input or a failing disk. */
export function isOfLine(error: unknown): error is GatecastError {
  return error instanceof GatecastError && (error.code === 'invalid-sample' || error.code === 'invalid-argument');
}

/** The same operator, recording its samples and forecasts to a file if that was asked for. */
function recorded(
  around: OperatorFunction<LineSample, LiveForecast>,
  model: TrainedModel,
  store: Store | undefined,
  flags: LineStreamFlags,
): OperatorFunction<LineSample, LiveForecast> {
  if (flags.record === undefined) return around;
  const options = streamOptionsOf(flags);
  if (flags.key !== undefined) {
    if (store?.meta !== undefined) {
      const what =
        'Expected an empty store with --record and --key, because a recording of many streams begins without state.';
      throw new GatecastError('invalid-argument', what);
    }
    return record(flags.record, { model, options, around, key: (sample: LineSample) => sample.key });
  }
  const state = store?.get(ONE_STREAM);
  return record(flags.record, { model, options, around, ...(state && { state }) });
}

/** The error for a sample that was left out because of its time. */
function untimely(kind: Kind, at: number | undefined): GatecastError {
  const time = at === undefined ? 'the time' : timeText(at);
  const what = {
    duplicate: `Expected one sample for each step but ${time} belongs to a step that already has one.`,
    late: `Expected a time after the newest, or within --lateness of it, but ${time} is older.`,
    unbelieved: `Expected a time that continues those before but ${time} does not and is not believed yet.`,
    invalid: 'Expected a sample but it is invalid.',
  };
  return new GatecastError('invalid-sample', what[kind]);
}
