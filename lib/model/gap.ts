import { describe, misfit, nearest } from '../base/errors.ts';
import { type Check, oneOf, recordOf } from '../base/schema.ts';
import { isRecord } from '../base/values.ts';

/**
 * What stands in for a missing value.
 *
 * - `hold`: the last value.
 * - `decay`: a value on its way from the last one to the mean of the training data.
 * - `impute`: what was forecast for it if the input is a target; otherwise like `hold`, as in training.
 * - `mask`: like `hold`, and the input `<name>_missing` is 1 meanwhile, otherwise 0.
 * - `elapsed`: like `mask`, and the input `<name>_elapsed` is log(1 + n), n samples after the last value.
 *
 * All begin with the mean while there was no value yet, or with nothing (NaN) for a model that knows no mean. The model
 * must have been trained with the inputs that `mask` and `elapsed` write.
 */
export type GapPolicy = 'hold' | 'decay' | 'impute' | 'mask' | 'elapsed';

export const gapPolicies: readonly GapPolicy[] = ['hold', 'decay', 'impute', 'mask', 'elapsed'];

/** One policy for all inputs, or policies by name; inputs that are not named use `hold`. */
export type Gap = GapPolicy | Readonly<Record<string, GapPolicy>>;

/** What a policy tells the network about a value beside its stand-in: inputs named after it, with these endings. */
export const MISSING = '_missing';
export const ELAPSED = '_elapsed';
type Ending = typeof MISSING | typeof ELAPSED;

const endings: Partial<Record<GapPolicy, readonly Ending[]>> = { mask: [MISSING], elapsed: [MISSING, ELAPSED] };
const checkPolicy = oneOf(...gapPolicies);
const checkByName = recordOf(checkPolicy);

/** A frozen copy. Throws `invalid-argument`. */
export const checkGap: Check<Gap> = (value, name) => {
  if (typeof value === 'string') return checkPolicy(value, name);
  if (isRecord(value)) return checkByName(value, name);
  throw misfit('a policy, or policies by name', name, value);
};

/** Throws `invalid-argument` for a name that is not among `names`; `where` is what errors call the policies. */
export function checkGapNames(gap: Gap, names: readonly string[], where: string): void {
  const stranger = typeof gap === 'string' ? undefined : Object.keys(gap).find((name) => !names.includes(name));
  if (stranger === undefined) return;
  throw misfit('names of inputs', where, stranger, ` Did you mean ${describe(nearest(stranger, names) ?? names[0])}?`);
}

export function policyOf(gap: Gap, name: string): GapPolicy {
  if (typeof gap === 'string') return gap;
  return Object.hasOwn(gap, name) ? gap[name]! : 'hold';
}

/** The inputs that tell of a missing value of the input `name`. */
export function marksOf(gap: Gap, name: string): string[] {
  return (endings[policyOf(gap, name)] ?? []).map((ending) => name + ending);
}

/** The inputs that a sample has, and a table: all but those that only tell of missing values, which come last. */
export function givenInputs({ inputs, gap }: { readonly inputs: readonly { name: string }[]; gap?: Gap }): string[] {
  return unmarked(
    inputs.map(({ name }) => name),
    gap,
  );
}

/** `names` without those that only tell of missing values of others. */
export function unmarked(names: readonly string[], gap: Gap | undefined): string[] {
  if (gap === undefined) return [...names];
  const marks = new Set(names.flatMap((name) => marksOf(gap, name)));
  return names.filter((name) => !marks.has(name));
}

/** The inputs of a training: those given, then those that only tell of them. */
export function withMarks(names: readonly string[], gap: Gap | undefined): string[] {
  const given = unmarked(names, gap);
  return gap === undefined ? given : [...given, ...given.flatMap((name) => marksOf(gap, name))];
}
