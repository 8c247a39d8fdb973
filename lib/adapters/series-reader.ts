import { GatecastError } from '../base/errors.ts';
import { applyRules, applyRulesInOrder, type RulesReport } from '../data/rules/apply-rules.ts';
import type { RulesOptions } from '../data/rules/rules-options.ts';
import { rulesWords, sumReports } from '../data/rules/rules-words.ts';
import { SeriesBuilder } from '../data/series-builder.ts';
import { gather, type KeyedTable, nameOf } from '../data/series.ts';
import type { Role } from '../data/table.ts';
import type { RowTimes } from '../reading/time-reading.ts';
import type { FileSurvey } from './file-survey.ts';
import { Keys } from './keys.ts';
import type { TextRecord } from './records.ts';
import { rolesOf } from './roles.ts';

export interface SeriesReaderOptions {
  roles?: Readonly<Record<string, Role>> | undefined;
  /**
   * How rows are put in order. Without `every` they keep their own times, however uneven these are. Null: rows stay as
   * they are.
   */
  rules: RulesOptions | null;
}

/**
 * Reads the series of a file that was surveyed, in chunks. Each has its rows in time order. Throws what the rules
 * refuse, and `invalid-data` if they leave no row. At the end, `note` is called with each sentence on what was done to
 * rows because of their times.
 */
export async function* readSeries(
  survey: FileSurvey,
  { roles, rules }: SeriesReaderOptions,
  note: (sentence: string) => void,
): AsyncGenerator<KeyedTable> {
  const { series, table } = survey.rows;
  const chunks = { [Symbol.asyncIterator]: () => readRows(survey, roles, note) };
  if (!table.time || !rules) {
    yield* chunks;
    return;
  }
  const given = rules.every === undefined ? { ...rules, interval: null } : rules;
  const reports: RulesReport[] = [];
  let kept = 0;
  if (series.facts().inOrder) {
    const ruled = applyRulesInOrder(chunks, given, (_, report) => reports.push(report));
    for await (const { segment: _, ...chunk } of ruled) {
      kept += chunk.columns[0]!.length;
      yield chunk;
    }
  } else {
    for (const [key, whole] of await gather(chunks)) {
      const { segments, report } = applyRules(whole, given, key === '' ? survey.file.name : nameOf(key));
      reports.push(report);
      for (const segment of segments) {
        kept += segment.columns[0]!.length;
        yield { ...segment, key };
      }
    }
  }
  const sum = sumReports(reports);
  if (sum) for (const sentence of rulesWords(sum, rules.duplicates ?? 'first')) note(sentence);
  if (kept > 0) return;
  const what = `Expected rows with a time in ${survey.file.name} but all ${table.rows} were left out for lack of one.`;
  throw new GatecastError('invalid-data', what);
}

/** So many rows may repeat the time of another, as a share: each of them twice. */
const MOST_REPEATED = 0.5;

/**
 * Throws `invalid-data` for the rows of several series in one, which would be learned across their seams, and for rows
 * most of which would be left out without having been asked.
 */
export function refuseMixed({ file, rows }: FileSurvey, rules: RulesOptions | null): void {
  const verdict = rows.verdict();
  if (!verdict || !rules) return;
  if (verdict.kind === 'series') {
    throw new GatecastError('invalid-data', `Expected the rows of one series in ${file.name} but ${verdict.sentence}.`);
  }
  if (verdict.repeated <= MOST_REPEATED || rules.duplicates !== undefined || rules.every !== undefined) return;
  const share = `${Math.round(100 * verdict.repeated)} % of the rows repeat the time of another`;
  const ways = '--duplicates first, last or mean keeps one row for each time, --every 1m makes one for each step';
  throw new GatecastError('invalid-data', `Expected one row for each time in ${file.name} but ${share}: ${ways}.`);
}

/** The rows in the order of the file, as a chunk for each series in each piece of the file. */
async function* readRows(
  survey: FileSurvey,
  roles: SeriesReaderOptions['roles'],
  note: (sentence: string) => void,
): AsyncGenerator<KeyedTable> {
  const reader = new RowReader(survey, roles);
  for await (const records of survey.file.records()) {
    for (const record of records) reader.add(record);
    yield* reader.take();
  }
  const { shifted } = reader;
  if (shifted === 0) return;
  const which = shifted === 1 ? '1 row has its time' : `${shifted} rows have their times`;
  note(`${which} in an hour that the zone leaves out in spring; the hour after it is taken.`);
}

class RowReader {
  readonly #keys: Keys;
  readonly #time: RowTimes | undefined;
  readonly #columns: readonly number[];
  readonly #read: readonly ((field: string) => number)[];
  readonly #builder: SeriesBuilder;
  readonly #values: number[] = [];

  constructor({ file, rows: { table, by } }: FileSurvey, roles: SeriesReaderOptions['roles']) {
    const { columns, time } = table;
    this.#keys = new Keys(by);
    this.#time = time?.reader();
    this.#columns = valueColumns(table, by);
    if (this.#columns.length === 0) {
      const none = `Expected at least one column of numbers in ${file.name} but found none.`;
      throw new GatecastError('invalid-data', columns.find(({ misfits }) => misfits > 0)?.leftOut ?? none);
    }
    const kept = this.#columns.map((index) => columns[index]!);
    this.#read = kept.map((column) => (field) => column.read(field));
    const names = kept.map(({ name }) => name);
    const units = kept.map(({ form }, i) => file.units[this.#columns[i]!] ?? (form?.unit || undefined));
    const words = kept.map(({ kind, words }) => (kind === 'category' ? words : undefined));
    this.#builder = new SeriesBuilder({
      names,
      ...(units.some((unit) => unit !== undefined) && { units }),
      ...(words.some((list) => list !== undefined) && { words }),
      timed: time !== null,
      ...rolesOf(names, roles, file.name),
    });
  }

  add({ fields }: TextRecord): void {
    const key = this.#keys.of(fields);
    for (let i = 0; i < this.#read.length; i++) this.#values[i] = this.#read[i]!(fields[this.#columns[i]!]!);
    this.#builder.add(key, this.#values, this.#time?.read(fields, key));
  }

  /** How many rows so far were in an hour that their zone leaves out. */
  get shifted(): number {
    return this.#time?.shifted ?? 0;
  }

  take(): KeyedTable[] {
    return this.#builder.take();
  }
}

/** The columns that become columns of a table. */
export function valueColumns({ columns }: FileSurvey['rows']['table'], by: readonly number[]): number[] {
  const kinds = ['number', 'boolean', 'category'];
  return [...columns.keys()].filter((index) => kinds.includes(columns[index]!.kind) && !by.includes(index));
}
