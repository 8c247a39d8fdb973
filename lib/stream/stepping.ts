import { filter, finalize, map, merge, type Observable, type OperatorFunction, Subject, tap } from 'rxjs';
import type { Sample } from '../model/sample.ts';
import { Keeper, type Kept, offsetOf } from './keeper.ts';
import type { CountOptions } from './stream-counters.ts';

/** One live stream. */
interface Stream<R> {
  /** Answers a sample; undefined if the sample makes no step. */
  step(sample: Sample): R | undefined;
}

/** A stream that can be saved and restored. */
interface StoredStream<R> extends Stream<R> {
  snapshot(): Uint8Array;
  restore(snapshot: Uint8Array): void;
}

/** Answers each sample within its `next()`. */
export function stepping<R>(stream: Stream<R>, keeper?: Keeper): OperatorFunction<Sample, R> {
  return (source) =>
    source.pipe(
      map((sample) => {
        if (keeper?.isDue(0)) keeper.flush(); // all samples taken have been answered by now
        const result = stream.step(sample);
        keeper?.count(offsetOf(sample));
        return result;
      }),
      filter((result) => result !== undefined),
    );
}

/** As `stepping`, for a stream that continues from its snapshot under `key` in the store, and is written there. */
export function keeping<R>(
  source: Observable<Sample>,
  stream: StoredStream<R>,
  options: Kept & CountOptions,
  key: string,
): Observable<R> {
  const { store } = options;
  const saved = store.get(key);
  if (saved !== undefined) {
    stream.restore(saved);
    options.metrics?.counter('restores').add();
  }
  const failures = new Subject<never>();
  const keeper = new Keeper(options, () => store.put(key, stream.snapshot()));
  keeper.start((error) => failures.error(error));
  const flush = () => keeper.flush();
  const results = source.pipe(
    stepping(stream, keeper),
    tap({ complete: flush, error: flush }),
    finalize(() => {
      keeper.stop();
      failures.complete();
    }),
  );
  return merge(failures, results);
}
