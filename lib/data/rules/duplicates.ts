import { GatecastError } from '../../base/errors.ts';
import type { Table } from '../table.ts';
import type { DuplicateRule } from './rules-options.ts';

/** Makes one row of the rows that belong to the same step. */
export class StepRows {
  readonly #rule: DuplicateRule;
  /** For each column, whether its values are categories, of which there is no mean. */
  readonly #isCategory: readonly boolean[];
  /** For the mean: the values of the step's rows, by column; none while there is one row. */
  #values: number[][] = [];

  constructor(rule: DuplicateRule, isCategory: readonly boolean[]) {
    this.#rule = rule;
    this.#isCategory = isCategory;
  }

  /**
   * Takes a further row of the step that stands in the last row of `columns`: row `from` of `source`, at `time` [ms].
   * Throws `invalid-data` if duplicates are refused.
   */
  add(columns: readonly number[][], source: readonly Float64Array[], from: number, time: number): void {
    switch (this.#rule) {
      case 'first':
        return;
      case 'last':
        for (const [index, column] of columns.entries()) column[column.length - 1] = source[index]![from]!;
        return;
      case 'mean':
        if (this.#values.length === 0) this.#values = columns.map((column) => [column.at(-1)!]);
        for (const [index, values] of this.#values.entries()) values.push(source[index]![from]!);
        return;
      default:
        throw new GatecastError(
          'invalid-data',
          `Expected one row for each step but received a second one at ${timeText(time)}. ` +
            `The rules 'first', 'last' and 'mean' for duplicates make one of them.`,
        );
    }
  }

  /** Ends the step: its row is complete then. */
  end(columns: readonly number[][]): void {
    if (this.#values.length === 0) return;
    for (const [index, column] of columns.entries()) {
      const values = this.#values[index]!.filter((value) => !Number.isNaN(value));
      const mean = this.#isCategory[index] ? values.at(-1) : orderedSum(values) / values.length;
      column[column.length - 1] = mean ?? Number.NaN;
    }
    this.#values = [];
  }
}

/** For each column, whether its values are categories. */
export function categoryColumns(table: Table): boolean[] {
  const { words } = table as Table & { readonly words?: readonly unknown[] };
  return table.names.map((_, index) => words?.[index] !== undefined);
}

/** The sum in ascending order, so that it does not depend on the order of the values. */
export function orderedSum(values: readonly number[]): number {
  let sum = 0;
  for (const value of Float64Array.from(values).sort()) sum += value;
  return sum;
}

/** A time for a sentence: ISO 8601 in UTC, or the number if it is none of a calendar. */
export function timeText(time: number): string {
  return Math.abs(time) <= 8.64e15 ? new Date(time).toISOString() : String(time);
}
