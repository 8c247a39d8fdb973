import { GatecastError } from '../base/errors.ts';
import { findColumn } from '../reading/names.ts';
import { TableSurvey, type TableSurveyOptions } from '../reading/table-survey.ts';
import type { Records, TextRecord } from './records.ts';
import { RowSurvey } from './row-survey.ts';

/** How the user says that a table is to be read. */
export interface FileReading extends Omit<TableSurveyOptions, 'source' | 'delimiter' | 'agreed'> {
  /** The columns whose values tell the series apart. */
  by?: readonly string[];
}

/** A file and what all of its rows showed. */
export interface FileSurvey {
  readonly file: Records;
  readonly rows: RowSurvey;
}

/** So many first rows show how the others are followed; if those show otherwise, all rows are read again. */
const FIRST_ROWS = 1000;

/**
 * Reads all rows of a file, to find out how they are to be read. Throws `invalid-data`, naming the line, and `io`; then
 * the file is closed.
 */
export async function surveyFile(file: Records, reading: FileReading): Promise<FileSurvey> {
  try {
    return await survey(file, reading);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function survey(file: Records, { by = [], ...reading }: FileReading): Promise<FileSurvey> {
  const { names, form, time: agreed } = file;
  for (const name of [...by, ...(reading.time ?? []), ...(reading.wanted ?? [])]) file.checkIsOne(name);
  const options = { ...reading, source: file.name, delimiter: form.delimiter ?? undefined, agreed };
  const all = new TableSurvey(names, options);
  const key = by.map((name) => findColumn(names, name, file.name));
  let first: TextRecord[] | undefined = [];
  let rows: RowSurvey | undefined;
  for await (const records of file.records()) {
    for (const { fields, line } of records) all.add(fields, line);
    if (first) {
      first = first.concat(records);
      if (first.length < FIRST_ROWS) continue;
      rows = byFirst(first, names, options, key);
      first = undefined;
    } else if (rows) {
      for (const { fields, line } of records) rows.add(fields, line);
    }
  }
  const table = all.finish();
  if (table.rows === 0)
    throw new GatecastError('invalid-data', `Expected rows below the header of ${file.name} but found none.`);
  if (rows?.settle(table)) return { file, rows };
  const again = new RowSurvey(table, key, options.wanted);
  if (first) addAll(again, first);
  else for await (const records of file.records()) addAll(again, records);
  return { file, rows: again };
}

/** Follows the first rows as they show themselves; undefined if they cannot be read without the others. */
function byFirst(
  first: readonly TextRecord[],
  names: readonly string[],
  options: TableSurveyOptions,
  key: readonly number[],
): RowSurvey | undefined {
  const some = new TableSurvey(names, { ...options, wanted: [] });
  for (const { fields, line } of first) some.add(fields, line);
  try {
    const rows = new RowSurvey(some.finish(), key, options.wanted);
    addAll(rows, first);
    return rows;
  } catch (error) {
    if (error instanceof GatecastError) return undefined;
    throw error;
  }
}

function addAll(rows: RowSurvey, records: readonly TextRecord[]): void {
  for (const { fields, line } of records) rows.add(fields, line);
}
