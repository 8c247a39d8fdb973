import { expected, GatecastError, misfit } from '../../base/errors.ts';
import { type Duration, milliseconds } from '../../base/duration.ts';
import { isList, list, number, object } from '../../base/schema.ts';
import { linearController, type NativePolicy, toNative } from '../../network/native-controller.ts';
import { type ActionLimits, actionLimits, Limiter } from '../limits.ts';
import { reading } from '../../base/values.ts';
import { atOnce } from '../at-once.ts';
import { numberOf } from '../number-of.ts';
import type { Policy } from './policy.ts';
import { type DataPolicy, toData, withoutFunctions } from './policy-data.ts';

export interface LqrOptions<In> {
  /** K, [actions][states]: the solution of the discrete Riccati equation for the plant as sampled. */
  gain: readonly (readonly number[])[];
  /** Wanted states, [states]; zeros by default. */
  reference?: readonly number[] | ((input: In) => ArrayLike<number>);
  /** One for each action. */
  limits?: readonly ActionLimits[];
  /** Time between two inputs; needed for limits with a `maxRate`. */
  interval?: Duration;
  /** Returns the states of an input, [states]; by default the input is the list itself, or an observation of it. */
  state?: (input: In) => ArrayLike<number>;
}

export interface LqrActions {
  /** [actions] */
  readonly action: readonly number[];
  /** Whether the limits have changed any action. */
  readonly limited: boolean;
  /** Whether a value was not finite, so that all actions are the previous ones, at first those nearest to 0. */
  readonly held: boolean;
}

/** More states or actions than any plant modelled by hand has. */
const MOST = 1000;
const LIMIT = Number.MAX_VALUE;
const finite = number(-LIMIT, LIMIT);
type Checked<In> = Omit<LqrOptions<In>, 'interval'> & { interval?: number };

function check<In>(options: unknown): Readonly<Checked<In>> {
  const callback = (value: unknown, name: string) => {
    if (typeof value === 'function') return value as (input: In) => ArrayLike<number>;
    throw misfit('a function', name, value);
  };
  const numbers = list(finite, 1, MOST);
  const fields = {
    gain: list(numbers, 1, MOST),
    reference: (value: unknown, name: string) =>
      typeof value === 'function' ? callback(value, name) : numbers(value, name),
    limits: list(actionLimits, 1, MOST),
    interval: milliseconds,
    state: callback,
  };
  const checked = object<Checked<In>>(fields, ['reference', 'limits', 'interval', 'state'])(options, 'options');
  const { gain, reference, limits, interval } = checked;
  const states = gain[0]!.length;
  for (const [row, { length }] of gain.entries()) {
    if (length !== states) throw misfit(`${states} numbers, as in its first row,`, `options.gain[${row}]`, gain[row]);
  }
  if (typeof reference === 'object' && reference.length !== states) {
    throw misfit(`${states} numbers, one for each state,`, 'options.reference', reference);
  }
  if (limits && limits.length !== gain.length) {
    throw misfit(`limits for each of ${gain.length} actions`, 'options.limits', limits);
  }
  if (!interval && (interval === 0 || limits?.some(({ maxRate }) => maxRate !== undefined))) {
    throw misfit('more than 0 ms, which maxRate counts in,', 'options.interval', interval);
  }
  return checked;
}

/**
 * A linear-quadratic regulator: u = -K (x - r), then the limits of each action.
 *
 * For x' = A x + B u it minimises the sum of x'Q x + u'R u as long as no limit is met, with the K that `dlqr` of MATLAB
 * or of python-control returns for A, B, Q and R. An input with any value that is not finite holds all actions.
 *
 * ```ts
 * const hold = lqr({ gain: [[0.4345, 1.0285]], limits: [{ min: -1, max: 1 }] }); // of position and speed
 * readings$.pipe(decide(hold)).subscribe(({ action }) => thruster.set(action[0]));
 * ```
 *
 * Throws `invalid-argument` at once for wrong options, and later `invalid-shape` for states or a reference of another
 * length.
 */
export function lqr<In = ArrayLike<number>>(
  options: LqrOptions<In>,
): Policy<In, LqrActions> & NativePolicy & DataPolicy {
  const checked = check<In>(options);
  const { gain, reference, limits, interval = 1000, state } = checked;
  const states = gain[0]!.length;
  return {
    [toNative]() {
      if (typeof reference !== 'function' && !state && !limits) {
        return linearController(gain, reference ?? new Array<number>(states).fill(0));
      }
      throw new GatecastError(
        'invalid-argument',
        'Expected an lqr with only a gain and a fixed reference to run natively: a native loop has limits of its own.',
      );
    },
    start() {
      const limiters = gain.map((_, a) => new Limiter(limits?.[a] ?? { min: -LIMIT, max: LIMIT }, interval / 1000));
      const error = new Float64Array(states);
      return (input) => {
        const given = state ? atOnce(state(input), 'the states') : input;
        const wished = typeof reference === 'function' ? atOnce(reference(input), 'the reference') : reference;
        reading('the input of an lqr', () => {
          const x = listOf(state ? given : valuesOf(given), states, 'the states');
          const r = reference && listOf(wished, states, 'the reference');
          for (let s = 0; s < states; s++) error[s] = numberOf(r ? r[s] : 0) - numberOf(x[s]);
        });
        const wanted = gain.map((row) => row.reduce((sum, k, s) => sum + k * error[s]!, 0));
        const held = !wanted.every(Number.isFinite);
        const action = wanted.map((value, a) => limiters[a]!.apply(held ? Number.NaN : value));
        return { action, limited: !held && action.some((value, a) => value !== wanted[a]), held };
      };
    },
    [toData]() {
      const data = withoutFunctions(checked);
      return data && { type: 'lqr', options: data };
    },
  };
}

/** The values of an observation; anything else unchanged. */
function valuesOf(input: unknown): unknown {
  return isList(input) ? input : (reading('an input', () => (Object(input) as { values?: unknown }).values) ?? input);
}

function listOf(value: unknown, length: number, name: string): ArrayLike<unknown> {
  if (isList(value) && value.length === length) return value;
  throw new GatecastError('invalid-shape', expected(`a list of ${length}`, name, value));
}
