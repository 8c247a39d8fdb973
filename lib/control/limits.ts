import { misfit } from '../base/errors.ts';
import { number, object } from '../base/schema.ts';

/** The range of an actuator, in its unit. */
export interface ActionLimits {
  min: number;
  max: number;
  /** Largest change per second; unlimited by default. */
  maxRate?: number;
}

const LIMIT = Number.MAX_VALUE;
const check = object<ActionLimits>(
  { min: number(-LIMIT, LIMIT), max: number(-LIMIT, LIMIT), maxRate: number(0, LIMIT) },
  ['maxRate'],
);

/** A checked copy. Throws `invalid-argument` for wrong limits. */
export function actionLimits(value: unknown, name: string): Readonly<ActionLimits> {
  const limits = check(value, name);
  if (limits.min <= limits.max) return limits;
  throw misfit(`at least min, which is ${limits.min}`, `${name}.max`, limits.max);
}

/**
 * Keeps the values of one actuator inside its limits, each relative to the one before. It comes last: nothing changes a
 * value after it.
 */
export class Limiter {
  readonly #limits: Readonly<ActionLimits>;
  /** Largest change from one value to the next. */
  readonly #step: number;
  #last: number | undefined;
  /** The previous value. */
  #before: number | undefined;

  /** `seconds` pass between two values. `before` is the actuator's value before the first of them, if known. */
  constructor(limits: Readonly<ActionLimits>, seconds: number, before?: number) {
    this.#limits = limits;
    this.#last = before;
    this.#step = (limits.maxRate ?? Number.POSITIVE_INFINITY) * seconds;
  }

  /** The nearest allowed value. For NaN, the previous value; at first, the allowed value nearest to 0. */
  apply(value: number): number {
    const { min, max } = this.#limits;
    this.#before = this.#last;
    let wanted = Number.isNaN(value) ? (this.#last ?? 0) : Math.min(max, Math.max(min, value));
    if (this.#last !== undefined) {
      wanted = Math.min(this.#last + this.#step, Math.max(this.#last - this.#step, wanted));
    }
    this.#last = Math.min(max, Math.max(min, wanted));
    return this.#last;
  }

  /** The last value was not taken: the next one is relative to the value before it. */
  takeBack(): void {
    this.#last = this.#before;
  }
}
