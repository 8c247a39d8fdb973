import { misfit } from '../base/errors.ts';
import { number, record } from '../base/schema.ts';

/** What an actuator can do, in its unit. */
export interface ActionLimits {
  min: number;
  max: number;
  /** Most change in a second; as much as one likes by default. */
  maxRate?: number;
}

const LIMIT = Number.MAX_VALUE;
const check = record<ActionLimits>(
  { min: number(-LIMIT, LIMIT), max: number(-LIMIT, LIMIT), maxRate: number(0, LIMIT) },
  ['maxRate'],
);

/** A checked copy. Throws `invalid-argument` for what are no limits. */
export function actionLimits(value: unknown, name: string): Readonly<ActionLimits> {
  const limits = check(value, name);
  if (limits.min <= limits.max) return limits;
  throw misfit(`at least min, which is ${limits.min}`, `${name}.max`, limits.max);
}

/**
 * Keeps the values of one actuator inside its limits, each beside the one before. It comes last: nothing changes a
 * value after it.
 */
export class Limiter {
  readonly #limits: Readonly<ActionLimits>;
  /** Most change from one value to the next. */
  readonly #step: number;
  #last: number | undefined;
  /** The one before. */
  #before: number | undefined;

  /**
   * `seconds` pass between two values. `before` is what the actuator does before the first of them, if that is known.
   */
  constructor(limits: Readonly<ActionLimits>, seconds: number, before?: number) {
    this.#limits = limits;
    this.#last = before;
    this.#step = (limits.maxRate ?? Number.POSITIVE_INFINITY) * seconds;
  }

  /** The nearest allowed value. For NaN the one before; for the first, what is nearest to 0. */
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

  /** The value given last was not taken: the next one counts from the one before. */
  takeBack(): void {
    this.#last = this.#before;
  }
}
