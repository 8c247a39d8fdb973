import { GatecastError } from '../../base/errors.ts';
import type { Table } from '../table.ts';
import type { DuplicateRule } from './rules-options.ts';
import type { SegmentBuilder } from './segments.ts';
import { timeText } from './time-text.ts';

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
   * Takes row `from` of a table with times, which belongs to the step of the newest row. Throws `invalid-data` if
   * duplicates are refused.
   */
  add({ columns, length }: SegmentBuilder, source: Table, from: number): void {
    switch (this.#rule) {
      case 'first':
        return;
      case 'last':
        for (const [index, column] of columns.entries()) column[length - 1] = source.columns[index]![from]!;
        return;
      case 'mean':
        if (this.#values.length === 0) this.#values = columns.map((column) => [column[length - 1]!]);
        for (const [index, values] of this.#values.entries()) values.push(source.columns[index]![from]!);
        return;
      default:
        throw new GatecastError(
          'invalid-data',
          `Expected one row for each step but received a second one at ${timeText(source.at![from]!)}. ` +
            `The rules 'first', 'last' and 'mean' for duplicates make one of them.`,
        );
    }
  }

  /** Ends the step: the newest row is complete then. */
  end({ columns, length }: SegmentBuilder): void {
    if (this.#values.length === 0) return;
    for (const [index, column] of columns.entries()) {
      const values = this.#values[index]!.filter((value) => !Number.isNaN(value));
      const mean = this.#isCategory[index] ? values.at(-1) : orderedSum(values) / values.length;
      column[length - 1] = mean ?? Number.NaN;
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
