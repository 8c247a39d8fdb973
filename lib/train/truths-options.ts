import { expected, GatecastError, misfit } from '../base/errors.ts';
import { columnIndex, type Table } from '../data/table.ts';
import { headOf, losses } from '../model/heads/heads.ts';
import type { Given, ResolvedOptions } from './options.ts';

/** The defaults of options for a category, for counts, and for the class of the newest sample. */
export function defaultsOfTruths(
  { loss, targets, horizon }: Given,
  tables: readonly Table[] | undefined,
): Partial<ResolvedOptions> {
  const words = loss === undefined && tables !== undefined && targets.some((name) => isCategory(tables, name));
  const own = words ? 'classes' : loss;
  const truths = own && headOf(own).truths;
  return {
    ...(own && { loss: own }),
    ...(truths !== undefined && truths !== 'numbers' && { anchor: 'none', levelShift: 0 }),
    ...(truths === 'classes' && { levels: [] }),
    ...(horizon === 0 && { inputs: 'all' }),
  };
}

/** Checks that the options fit the loss, and that the targets are of its kind. */
export function checkTruths(options: ResolvedOptions, tables: readonly Table[] | undefined): void {
  const { loss, model, targets, horizon, anchor, levels, levelShift = 0, cycle, min, max } = options;
  const { truths } = headOf(loss);
  const of = `with the loss '${loss}'`;
  if (truths !== 'numbers') {
    if (model === 'segment') throw misfit(`'recurrent' ${of}`, 'options.model', model);
    if (anchor !== 'none') throw misfit(`'none' ${of}`, 'options.anchor', anchor);
    if (levelShift !== 0) throw misfit(`0 ${of}`, 'options.levelShift', levelShift);
    if (cycle !== 'none') throw misfit(`'none' ${of}`, 'options.cycle', cycle);
  }
  if (model === 'deepar' && headOf(loss).gives !== 'distribution') {
    const known = losses.filter((name) => headOf(name).gives === 'distribution').map((name) => `'${name}'`);
    throw misfit(`${known.join(' or ')} with the model 'deepar'`, 'options.loss', loss);
  }
  if (truths === 'classes') {
    if (targets.length > 1) throw misfit(`one target ${of}`, 'options.targets', targets.join(', '));
    if (levels.length > 0) throw misfit(`none ${of}`, 'options.levels', levels.join(', '));
    if (min !== undefined) throw misfit(`none ${of}`, 'options.min', min);
    if (max !== undefined) throw misfit(`none ${of}`, 'options.max', max);
  }
  if (tables === undefined) return; // what the targets are is not known yet
  if (truths === 'classes') {
    const number = targets.find((name) => !isCategory(tables, name));
    if (number !== undefined) throw new GatecastError('invalid-data', expected(`words, ${of},`, number, 'numbers'));
  } else if (horizon === 0) throw misfit('1 to 65536, or 0 for a category,', 'options.horizon', horizon);
}

function isCategory(tables: readonly Table[], name: string): boolean {
  return tables.some((table) => table.words?.[columnIndex(table, name)] !== undefined);
}
