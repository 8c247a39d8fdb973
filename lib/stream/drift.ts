import { defer, map, type OperatorFunction } from 'rxjs';
import { Adwin, type AdwinOptions } from '../online/statistics/adwin.ts';
import { PageHinkley, type PageHinkleyOptions } from '../online/statistics/page-hinkley.ts';

/** A value, and whether it revealed a change of the stream's mean. */
export interface MeanDrift {
  readonly value: number;
  readonly drift: boolean;
  /** The direction of the change; undefined without drift. */
  readonly direction: 'up' | 'down' | undefined;
}

/** A value, whether it revealed a change of the stream's mean, and the values since the last change. */
export interface WindowDrift {
  readonly value: number;
  readonly drift: boolean;
  /** Mean of the values since the last change; 0 if there are none. */
  readonly mean: number;
  /** Number of values since the last change. */
  readonly samples: number;
}

const DIRECTIONS = { [-1]: 'down', 0: undefined, 1: 'up' } as const;

/**
 * Reports when the mean of a stream of numbers has changed, by the Page-Hinkley test.
 *
 * Each subscription starts its own test, which restarts after each drift. A value that is not finite passes through and
 * does not count. `delta` and `threshold` are in the unit of the values: for forecast errors divided by their standard
 * deviation, the defaults fit.
 *
 * ```text
 * errors  --0--0--0--9--9--0--|
 *         pageHinkley({ threshold: 8, minSamples: 3 })
 * drift   --n--n--n--n--y--n--|     n: false   y: true, 'up'
 * ```
 *
 * ```ts
 * errors$.pipe(pageHinkley({ threshold: 20 })).subscribe(({ drift, direction }) => drift && console.log(direction));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options.
 */
export function pageHinkley(options?: PageHinkleyOptions): OperatorFunction<number, MeanDrift> {
  const test = new PageHinkley(options);
  return (source) =>
    defer(() => {
      const row = new Float64Array(test.size);
      return source.pipe(
        map((value): MeanDrift => {
          const change = test.update(row, 0, value);
          return { value, drift: change !== 0, direction: DIRECTIONS[change] };
        }),
      );
    });
}

/**
 * Reports when the mean of a stream of numbers has changed, by ADWIN, and the mean since then.
 *
 * Each subscription starts its own window. `delta` bounds the share of false alarms; `range` is the width of the
 * interval in which the values lie. A value that is not finite passes through and does not count.
 *
 * ```text
 * hits   --0--0--0-- ... --0--1--1-- ... --1--|
 *        adwin()
 * drift  --n--n--n-- ... --n--n--n-- ... --y--|     n: false   y: true, mean near 1
 * ```
 *
 * ```ts
 * misses$.pipe(adwin({ delta: 0.002 })).subscribe(({ drift, mean }) => drift && console.log('now', mean));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options.
 */
export function adwin(options?: AdwinOptions): OperatorFunction<number, WindowDrift> {
  const window = new Adwin(options);
  return (source) =>
    defer(() => {
      const row = new Float64Array(window.size);
      return source.pipe(
        map((value) => {
          const drift = window.update(row, 0, value);
          return { value, drift, mean: window.mean(row, 0), samples: window.count(row, 0) };
        }),
      );
    });
}
