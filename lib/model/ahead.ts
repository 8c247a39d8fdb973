import { misfit } from '../base/errors.ts';
import { givenInputs } from './gap.ts';
import { Scaler } from './scaler.ts';
import type { InputDescription, ModelDescription } from './model.ts';

/**
 * A column whose values are known ahead, such as a plan, has further inputs: one for each step of the horizon, named
 * `price+1`, `price+2` and so on. They come after all columns and before the inputs that tell of missing values.
 */
export type AheadInput = InputDescription & Required<Pick<InputDescription, 'of' | 'ahead'>>;

/** The inputs for the steps ahead of these columns, column by column. */
export function aheadInputs(columns: readonly string[], horizon: number): AheadInput[] {
  return columns.flatMap((of) => Array.from({ length: horizon }, (_, step) => aheadInput(of, step + 1)));
}

/** The name of the input for a column `ahead` steps later. */
export function aheadName(of: string, ahead: number): string {
  return `${of}+${ahead}`;
}

function aheadInput(of: string, ahead: number): AheadInput {
  return { name: aheadName(of, ahead), of, ahead };
}

/** The columns of a model whose values are known ahead. */
export function knownAhead({ inputs }: Pick<ModelDescription, 'inputs'>): string[] {
  return inputs.flatMap(({ of, ahead }) => (ahead === 1 ? [of!] : []));
}

/** The columns that a table of a model has: the inputs of a sample without those for the steps ahead, which follow. */
export function tableInputs(description: Pick<ModelDescription, 'inputs' | 'gap'>): string[] {
  const ahead = new Set(description.inputs.flatMap(({ name, of }) => (of === undefined ? [] : [name])));
  return givenInputs(description).filter((name) => !ahead.has(name));
}

/** A scaler of the columns of a table, with the same mean and deviation for all steps ahead of a column. */
export function scalerAhead({ names, mean, std }: Scaler, inputs: readonly InputDescription[]): Scaler {
  const later = inputs.filter(({ of }) => of !== undefined);
  const own = (values: Float64Array) => [...values, ...later.map(({ of }) => values[names.indexOf(of!)]!)];
  return new Scaler([...names, ...later.map(({ name }) => name)], own(mean), own(std));
}

/** For each input the place of the input that is one step later in the same plan; -1 for none. */
export function laterSteps(inputs: readonly InputDescription[]): Int32Array {
  const later = new Int32Array(inputs.length).fill(-1);
  for (const [place, { of, ahead }] of inputs.entries()) {
    if (ahead === undefined) continue;
    later[ahead === 1 ? inputs.findIndex(({ name }) => name === of) : place - 1] = place;
  }
  return later;
}

/**
 * The inputs for the steps ahead must be there for the whole horizon, in order, after all columns; and what is missing
 * of a plan must be filled. Throws `invalid-argument`.
 */
export function checkAhead({
  inputs,
  targets,
  horizon,
  gap,
}: Pick<ModelDescription, 'inputs' | 'targets' | 'horizon' | 'gap'>): void {
  const first = inputs.findIndex(({ of }) => of !== undefined);
  if (first < 0) return;
  const columns = inputs.slice(0, first).map(({ name }) => name);
  const planned = knownAhead({ inputs });
  const stranger = planned.find((name) => !columns.includes(name) || targets.includes(name));
  if (stranger !== undefined) throw misfit('an input before it, and no target,', 'description.inputs.of', stranger);
  // Made one by one: a file can name so many columns and steps that a list of all inputs would not fit into memory.
  const neededAt = (i: number) => {
    const column = planned[Math.floor(i / horizon)];
    return column === undefined ? undefined : aheadInput(column, 1 + (i % horizon));
  };
  const wrong = inputs.slice(first).findIndex(({ name, of, ahead }, i) => {
    const needed = neededAt(i);
    return needed ? name !== needed.name || of !== needed.of || ahead !== needed.ahead : of !== undefined;
  });
  if (wrong >= 0 || inputs.length - first < planned.length * horizon) {
    const place = first + (wrong < 0 ? inputs.length - first : wrong);
    const what = neededAt(place - first)?.name ?? 'no further input of a column known ahead';
    throw misfit(what, `description.inputs[${place}]`, inputs[place]?.name);
  }
  if (gap === undefined) throw misfit('policies, because plans end,', 'description.gap', gap);
}
