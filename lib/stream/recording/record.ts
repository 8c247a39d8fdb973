import { callable, type Check, number, oneOf, object, whole } from '../../base/schema.ts';
import { types } from 'node:util';
import { defer, finalize, type Observable, type OperatorFunction, tap } from 'rxjs';
import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { knownAhead } from '../../model/ahead.ts';
import type { Forecast } from '../../model/forecast.ts';
import { checkModel, type Model } from '../../model/model.ts';
import type { Sample } from '../../model/sample.ts';
import { observableFrom } from '../observable-from.ts';
import { asText } from '../../recording/record-encoder.ts';
import { Recorder } from './recorder.ts';
import { describeBuild } from '../../recording/recording-header.ts';
import type { RecordingHeader } from '../../recording/recording-records.ts';

export interface RecordOptions<T> {
  /** The model whose forecasts are replayed; its fingerprint is recorded. */
  model?: Model;
  /** Kept as JSON. `replay` makes its streams with the stream options in it. */
  options?: object;
  /**
   * A snapshot of the state that the stream continues from, for `replay` to begin with; by default a stream begins with
   * nothing.
   */
  state?: Uint8Array;
  /** The key of a sample, if several streams are interleaved; recorded as text. */
  key?: (sample: T) => unknown;
  /** Longest time that a record stays in memory while the file can be written, from 1 ms to a day; default '1s'. */
  flush?: Duration;
  /** How many bytes may wait for the disk; default 4 MiB. */
  buffer?: number;
  /**
   * What to do when more would wait: 'block' (the default) writes at once, so that `next()` takes as long as the disk;
   * 'drop' leaves the sample out and counts it.
   */
  whenFull?: 'block' | 'drop';
}

export interface RecordCounts {
  samples: number;
  forecasts: number;
  /** Samples and forecasts left out because the disk could not keep up. */
  dropped: number;
  /** How often `next()` had to wait for the disk. */
  blocked: number;
}

/** An operator that counts what it recorded; all its subscriptions add to the same counts. */
export interface RecordOperator<T, R> extends OperatorFunction<T, R> {
  readonly counts: Readonly<RecordCounts>;
}

const checkObject: Check<object> = (value, name) => {
  if (typeof value === 'object' && value !== null) return value;
  throw misfit('an object', name, value);
};
const readModel: Check<Model> = (value, name) => {
  checkModel(value, name);
  return value;
};
const checkSnapshot: Check<Uint8Array> = (value, name) => {
  if (types.isUint8Array(value)) return value;
  throw misfit('the bytes of a snapshot', name, value);
};
const flushTime = number(1, 86_400_000);
const checkOptions = object<RecordOptions<never> & { around?: unknown }>(
  {
    model: readModel,
    options: checkObject,
    state: checkSnapshot,
    key: callable,
    flush: (value, name) => flushTime(milliseconds(value, name), name),
    buffer: whole(0, 2 ** 30),
    whenFull: oneOf('block', 'drop'),
    around: callable,
  },
  ['model', 'options', 'state', 'key', 'flush', 'buffer', 'whenFull', 'around'],
);

/**
 * Writes the samples of a stream to a file as they arrive, and passes them on; with `around`, also the forecasts of
 * that operator.
 *
 * Values are recorded to the bit, with their times, arrival times and order; `readRecording` reads them back. A word
 * comes back as the number that stands for it, and a plan by the names of its steps. Each subscription makes its own
 * recording in a new file: if the file exists it fails with `io`, so `retry()` needs another name each time.
 *
 * Records gather in memory and are written in the background; when a slow disk lets more than `buffer` bytes wait, the
 * next sample waits for it. At the end, at an error and at unsubscription the rest is written before anything else
 * happens; a process that is killed loses what came since the last `flush`. A disk that fails ends the stream with
 * `io`; if it fails at unsubscription, `unsubscribe` throws.
 *
 * Of a sample, only what a state reads is recorded: its values, its time, when it arrived, the source's offset and,
 * with `key`, its key. Of a forecast, everything is recorded but `trust`, which follows from the samples: `replay`
 * computes it again.
 *
 * ```text
 * samples    --a--b--x--c--|      a, b, x and c are recorded
 *            record(file)
 * samples    --a--b--x--c--|
 * ```
 *
 * ```ts
 * readings$.pipe(record('pump.rec', { model, around: forecast(model) })).subscribe((f) => console.log(f.mean));
 * ```
 *
 * Throws `invalid-argument` at once for a wrong file or option.
 */
export function record<T extends Sample, R extends Forecast>(
  file: string,
  options: RecordOptions<T> & { around: OperatorFunction<T, R> },
): RecordOperator<T, R>;
export function record<T extends Sample>(file: string, options?: RecordOptions<T>): RecordOperator<T, T>;
export function record<T extends Sample>(
  file: string,
  options: RecordOptions<T> & { around?: OperatorFunction<T, Forecast> } = {},
): RecordOperator<T, T | Forecast> {
  if (typeof file !== 'string') throw misfit('a path', 'the file', file);
  const { flush = 1000, buffer = 2 ** 22, whenFull = 'block' } = checkOptions(options, 'options');
  const { model, key, around } = options;
  const description: Omit<RecordingHeader, 'startedAt'> = {
    ...describeBuild(model),
    forecasts: around !== undefined,
    options: asJson(options.options) ?? null,
    state: options.state ? Buffer.from(options.state).toString('base64') : null,
  };
  const planned = model && new Set(knownAhead(model.description));
  const isPlan = planned && ((name: string) => planned.has(name));
  const counts: RecordCounts = { samples: 0, forecasts: 0, dropped: 0, blocked: 0 };
  const operator = (source: Observable<T>) =>
    defer(() => {
      const start = performance.now();
      const header = { ...description, startedAt: new Date().toISOString() };
      const recorder = new Recorder(file, header, counts, { flush: flush as number, buffer, whenFull }, isPlan);
      const samples = source.pipe(
        tap((sample) => recorder.sample(sample, performance.now() - start, key && asText(key(sample)))),
      );
      const results: Observable<T | Forecast> = around
        ? samples.pipe(
            (recorded) => observableFrom(around(recorded), 'what around gives'),
            tap((forecast) => recorder.forecast(forecast)),
          )
        : samples;
      return results.pipe(
        tap({ complete: () => recorder.end('complete'), error: () => recorder.end('error') }),
        finalize(() => recorder.end('unsubscribed')),
      );
    });
  return Object.assign(operator, { counts });
}

/** A copy by way of JSON. Throws `invalid-argument` for a value that JSON cannot hold. */
function asJson(value: object | undefined): unknown {
  try {
    return value && JSON.parse(JSON.stringify(value));
  } catch (cause) {
    throw new GatecastError('invalid-argument', expected('a value that JSON can hold', 'options.options', value), {
      cause,
    });
  }
}
