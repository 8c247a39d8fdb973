import { describe } from '../base/errors.ts';
import type { ColumnKind, ColumnReading } from '../reading/column-reading.ts';
import { NUMERIC_NAMES } from '../reading/numeric-times.ts';
import type { TableReading } from '../reading/table-survey.ts';

const MOST_NOTES = 10;

type Kind = 'numbers' | 'true and false' | 'times' | 'text';

/** What DuckDB calls a column that our reading of all rows found to be of this kind, if the two agree. */
const AGREED: Readonly<Record<ColumnKind, readonly Kind[]>> = {
  number: ['numbers'],
  boolean: ['true and false'],
  category: ['text'],
  text: ['text'],
  time: ['times'],
  empty: ['numbers', 'true and false', 'times', 'text'],
};

/**
 * A sentence for each column that DuckDB's sniffer takes for something else than our reading does. `types`: those of
 * the sniffer, in the order of the fields of a line; `fields`: which of them each column is. None if it saw other
 * fields.
 */
export function secondOpinion(
  { columns, time }: TableReading,
  types: readonly string[],
  fields: readonly number[],
): string[] {
  const kinds = fields.map((field) => kindOf(types[field] ?? ''));
  if (kinds.includes(undefined)) return [];
  const counted = time !== null && Object.values(NUMERIC_NAMES).some((name) => time.form.includes(name));
  const notes = columns.flatMap((column, i) => {
    const theirs = kinds[i]!;
    const isTime = time?.columns.includes(i) ?? false;
    const agrees =
      AGREED[column.kind].includes(theirs) || (isTime && theirs === 'numbers' && (counted || time!.columns.length > 1));
    return agrees ? [] : [`DuckDB reads ${describe(column.name)} as ${theirs}; read here as ${inWords(column)}.`];
  });
  const more = notes.length - MOST_NOTES;
  return more > 0 ? [...notes.slice(0, MOST_NOTES), `DuckDB reads ${more} more columns in another way.`] : notes;
}

function kindOf(type: string): Kind | undefined {
  if (/^(?:U?(?:TINY|SMALL|BIG|HUGE)?INT|INTEGER|UINTEGER|DOUBLE|FLOAT|DECIMAL)/.test(type)) return 'numbers';
  if (/^(?:DATE|TIME)/.test(type)) return 'times';
  if (type === 'BOOLEAN') return 'true and false';
  return type === 'VARCHAR' ? 'text' : undefined;
}

function inWords({ kind, form, words, missing, leftOut }: ColumnReading): string {
  const absent = missing > 0 ? `, ${missing} missing` : '';
  if (kind === 'number') {
    const sign = form?.decimal === ',' ? ' with decimal comma' : '';
    const groups = form?.thousands ? `${sign === '' ? ' with' : ' and'} groups of thousands` : '';
    return `numbers${sign}${groups}${form?.unit ? ` in ${form.unit}` : ''}${absent}`;
  }
  if (kind === 'boolean') return `${words.join(' or ')}${absent}`;
  if (kind === 'category') return `words${absent}`;
  return kind === 'time' && leftOut === null
    ? `the time${absent}`
    : `${kind === 'time' ? 'times' : 'text'}, and left out`;
}
