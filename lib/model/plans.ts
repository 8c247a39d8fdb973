import { expected, GatecastError } from '../base/errors.ts';
import { isList } from '../base/schema.ts';
import { aheadInputs, knownAhead } from './ahead.ts';
import type { ModelDescription } from './model.ts';
import type { SampleValues } from './sample.ts';

/** The inputs of each column that is known ahead, by its name: the column, then one for each step ahead. */
export type Plans = ReadonlyMap<string, readonly string[]>;

type Named = Extract<SampleValues, Readonly<Record<string, unknown>>>;

/** The plans that a sample of a model has; undefined if nothing is known ahead. */
export function plansOf(description: Pick<ModelDescription, 'inputs'>): Plans | undefined {
  const columns = knownAhead(description);
  if (columns.length === 0) return undefined;
  const steps = description.inputs.filter(({ of }) => of === columns[0]).length;
  return new Map(columns.map((name) => [name, [name, ...aheadInputs([name], steps).map((input) => input.name)]]));
}

/**
 * The values of a sample with each list of a plan spread over the inputs of its steps. A value that the sample names
 * itself, such as 'price+1', comes before that of the list. A longer plan than the model reads is cut. Throws
 * `invalid-sample` for a shorter one, unless its end may be missing (`gaps`).
 */
export function spreadPlans(values: Named, plans: Plans, gaps: boolean): Named {
  const spread: Record<string, unknown> = { ...values };
  for (const [name, steps] of plans) {
    const value: unknown = spread[name];
    const plan = isList(value) ? value : [value];
    for (let step = 0; step < steps.length; step++) {
      const given = step > 0 && spread[steps[step]!] !== undefined;
      if (!given) spread[steps[step]!] = plan[step];
    }
    const known = gaps || steps.every((step) => spread[step] !== undefined);
    if (!known && value !== undefined) {
      const what = `a list of ${steps.length} numbers, now and ${steps.length - 1} steps ahead,`;
      throw new GatecastError('invalid-sample', expected(what, name, value));
    }
  }
  return spread as Named;
}
