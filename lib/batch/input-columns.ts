import { describe, GatecastError } from '../base/errors.ts';
import type { Table } from '../data/table.ts';
import { mapWords } from '../data/words.ts';
import { type InputDescription, type ModelDescription, readsTimes } from '../model/model.ts';
import { wordNumber } from '../model/inputs/word.ts';

/**
 * A table of a model's inputs, in their order, as the model's states read them: words have become their `wordNumber`.
 * Throws `invalid-data` for a column that holds words where the model reads numbers, or the other way around, and for a
 * table without times if the model reads those.
 */
export function inputColumns<T extends Table>(
  table: T,
  description: Pick<ModelDescription, 'inputs' | 'calendar' | 'cycle'>,
): T {
  const { names, columns, words, at } = table;
  const { inputs } = description;
  if (readsTimes(description) && at === undefined) {
    const message = 'Expected times of the rows, which this model reads, but the table has none.';
    throw new GatecastError('invalid-data', message);
  }
  let coded = false;
  const read = columns.map((column, i) => {
    const own = words?.[i];
    if ((own === undefined) !== (inputs[i]!.words === undefined)) throw otherKind(names[i]!, own !== undefined);
    if (own === undefined) return column;
    coded = true;
    return mapWords(column, own, wordNumber);
  });
  if (!coded) return table;
  const { words: _, ...others } = table;
  return { ...others, columns: read } as T;
}

/**
 * The columns of a table with those of the steps ahead: the same columns from a later row on, without a copy. They end
 * before the table does.
 */
export function withAhead(
  columns: readonly Float64Array[],
  inputs: readonly InputDescription[],
): readonly Float64Array[] {
  const ahead = inputs.flatMap(({ of, ahead }) => {
    if (of === undefined) return [];
    return [columns[inputs.findIndex(({ name }) => name === of)]!.subarray(ahead)];
  });
  return ahead.length === 0 ? columns : [...columns, ...ahead];
}

/** Whether a row has all that a model needs: a number for each input that is not a category. */
export function isComplete(
  columns: readonly Float64Array[],
  inputs: readonly InputDescription[],
  row: number,
): boolean {
  for (let i = 0; i < columns.length; i++) {
    if (!Number.isFinite(columns[i]![row]) && inputs[i]!.words === undefined) return false;
  }
  return true;
}

/** Whether a row has no value at all. */
export function isSilent(columns: readonly Float64Array[], row: number): boolean {
  return columns.every((column) => !Number.isFinite(column[row]));
}

function otherKind(name: string, holdsWords: boolean): GatecastError {
  const [needed, found] = holdsWords ? ['numbers', 'words'] : ['words', 'numbers'];
  return new GatecastError('invalid-data', `Expected ${needed} in ${describe(name)} but the table has ${found}.`);
}
