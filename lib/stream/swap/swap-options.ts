import { GatecastError, misfit, nearest } from '../../base/errors.ts';
import { milliseconds } from '../../base/duration.ts';
import { givenInputs } from '../../model/gap.ts';
import type { Model, ModelDescription } from '../../model/model.ts';
import type { SampleForm } from '../../model/sample.ts';
import { type Check, number, object, whole } from '../../base/schema.ts';
import type { StreamOptions } from '../state/stream-options.ts';

/** A number of samples, or the number that come in a time such as '1h' at the model's interval. */
export type SampleSpan = number | string;

export interface SwapOptions {
  /**
   * How many samples the new model takes before it is compared or answers: the newest kept ones and, if those are too
   * few, further ones as they come. By default all that are kept, and at least the model's `warmup`.
   */
  warm?: number;
  /**
   * How long the new model then runs beside the old one and is compared with it. 0 by default: it answers once it is
   * warm.
   */
  shadow?: SampleSpan;
  /** By how much its error must be smaller: 0.02 means by 2 %. By default 0: it must not be worse. Needs `shadow`. */
  ifBetterBy?: number;
  /**
   * How long the old model is kept up to date after the swap, so that `revert` can go back to it; 1000 samples by
   * default.
   */
  revertible?: SampleSpan;
}

/** Errors of both models on the same steps of the same samples: those that both forecast. */
export interface SwapScore {
  readonly target: string;
  /** How many forecast values were scored. */
  readonly scored: number;
  /** Mean absolute error of the old model, in the target's unit. */
  readonly before: number;
  /** Mean absolute error of the new model. */
  readonly after: number;
}

/** The outcome of a swap. */
export interface SwapOutcome {
  /** Whether the new model answers from the next sample on. */
  readonly switched: boolean;
  /**
   * Why the new model does not answer. 'not-better': it was not better by the margin, or nothing could be scored;
   * 'failed': it threw `error`; 'cancelled': another swap, `revert` or `dispose` came first.
   */
  readonly reason: 'not-better' | 'failed' | 'cancelled' | undefined;
  /**
   * 1 - the new model's error / that of the old one, as the median over the targets; undefined if nothing was scored.
   */
  readonly gain: number | undefined;
  /** One for each target that both forecast; empty without `shadow`. */
  readonly scores: readonly SwapScore[];
  /** The error that the new model threw. */
  readonly error: unknown;
}

/** The options of a swap in samples. */
export interface SwapPlan {
  readonly warm: number | undefined;
  readonly shadow: number;
  readonly ifBetterBy: number;
  readonly revertible: number;
}

const MOST = 2 ** 31;
const count = whole(0, MOST);
const span: Check<SampleSpan> = (value, name) => {
  if (typeof value === 'string') void milliseconds(value, name);
  return typeof value === 'string' ? value : count(value, name);
};
const check = object<SwapOptions>({ warm: whole(1, MOST), shadow: span, ifBetterBy: number(0, 1), revertible: span }, [
  'warm',
  'shadow',
  'ifBetterBy',
  'revertible',
]);

/** Throws `invalid-argument` for wrong options, and for a time if the model does not know its interval. */
export function planSwap(options: SwapOptions, { interval }: ModelDescription): SwapPlan {
  const { warm, shadow = 0, ifBetterBy, revertible = 1000 } = check(options, 'options');
  const samples = (value: SampleSpan, name: string) => {
    if (typeof value === 'number') return value;
    if (interval !== null) return count(Math.ceil(milliseconds(value, name) / interval), name);
    const what = 'a number of samples, for the model knows no interval,';
    throw misfit(what, name, value);
  };
  const plan = {
    warm,
    shadow: samples(shadow, 'options.shadow'),
    revertible: samples(revertible, 'options.revertible'),
  };
  if (ifBetterBy !== undefined && plan.shadow === 0) {
    const what = 'a time to compare in, with ifBetterBy,';
    throw misfit(what, 'options.shadow', shadow);
  }
  return { ...plan, ifBetterBy: ifBetterBy ?? 0 };
}

/**
 * Intervals that differ by more than this share do not belong to one stream; the interval that training measures varies
 * a little.
 */
const SAME_INTERVAL = 0.1;

/**
 * Checks that a model can replace another for samples of these inputs. Throws `invalid-argument` if it needs an input
 * that they lack or read as another kind, does not forecast a target, or has another interval.
 */
export function checkSuccessor(model: Model, before: Model, { names, categories }: SampleForm): void {
  const { inputs, targets, interval } = model.description;
  const lacking = givenInputs(model.description).find((name) => !names.includes(name));
  if (lacking !== undefined) {
    const what = `a model of the inputs ${names.join(', ')}`;
    throw misfit(what, 'the model to swap in', lacking, hint(lacking, names));
  }
  const other = inputs.find(
    ({ name, words }) => (words !== undefined) !== (categories?.[names.indexOf(name)] ?? false),
  );
  if (other !== undefined) {
    const [usual, now] = other.words ? ['numbers', 'words'] : ['words', 'numbers'];
    const message = `Expected a model that reads ${usual} for ${other.name}, as the samples have, but received one that reads ${now}.`;
    throw new GatecastError('invalid-argument', message);
  }
  const missed = before.description.targets.find((target) => !targets.includes(target));
  if (missed !== undefined) {
    const what = `a model that forecasts ${missed} too`;
    throw misfit(what, 'the model to swap in', targets.join(', '));
  }
  const usual = before.description.interval;
  if (usual !== null && interval !== null && Math.abs(interval - usual) > SAME_INTERVAL * usual) {
    const what = `a model with an interval near ${usual} ms`;
    throw misfit(what, 'the model to swap in', interval);
  }
}

function hint(name: string, names: readonly string[]): string {
  const guess = nearest(name, names);
  return guess === undefined ? '' : ` Did you mean ${guess}?`;
}

/** The stream options for a model that may have fewer inputs: what they say about the other inputs is left out. */
export function optionsFor(model: Model, options: StreamOptions): StreamOptions {
  const names = givenInputs(model.description);
  const own = <T>(byName: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(byName).filter(([name]) => names.includes(name)));
  const { gap, health } = options;
  return {
    ...options,
    ...(typeof gap === 'object' && { gap: own(gap) }),
    ...(typeof health === 'object' && health.limits && { health: { ...health, limits: own(health.limits) } }),
  };
}
