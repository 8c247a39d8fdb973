import { filter, finalize, map, merge, type Observable, type OperatorFunction, Subject, tap } from 'rxjs';
import type { Sample } from '../model/sample.ts';
import { Keeper, type Kept, offsetOf } from './keeper.ts';
import type { CountOptions } from './stream-counters.ts';

/** One live stream. */
interface Stream<R> {
  /** Answers a sample; undefined for one that makes no step. */
  step(sample: Sample): R | undefined;
}

/** One that can be written down and put back. */
interface KeptStream<R> extends Stream<R> {
  snapshot(): Uint8Array;
  restore(snapshot: Uint8Array): void;
}

/** Answers each sample within its `next()`. */
export function stepping<R>(stream: Stream<R>, keeper?: Keeper): OperatorFunction<Sample, R> {
  return (source) =>
    source.pipe(
      map((sample) => {
        if (keeper?.isDue(0)) keeper.flush(); // what was taken has been answered by now
        const result = stream.step(sample);
        keeper?.count(offsetOf(sample));
        return result;
      }),
      filter((result) => result !== undefined),
    );
}

/** The same, by a stream that goes on from what the store has kept under `key`, and is written there. */
export function keeping<R>(
  source: Observable<Sample>,
  stream: KeptStream<R>,
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
