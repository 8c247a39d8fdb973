import { types } from 'node:util';
import { once } from 'node:events';
import { createReadStream, type ReadStream } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { parse as parseNow } from 'csv-parse/sync';
import { describe, expected, GatecastError } from '../errors.ts';

/** One record of a CSV file. */
export interface CsvRecord {
  /** The line it ends on, from 1. */
  line: number;
  fields: string[];
}

/** How this CSV separates fields and writes fractions. */
export interface CsvDialect {
  delimiter: string;
  /** ',' where ';' separates fields, as spreadsheets in many countries write. */
  decimal: '.' | ',';
}

/** Guesses the dialect from the first line: what it contains most often separates. */
export function guessDialect(line: string): CsvDialect {
  const count = (delimiter: string) => line.split(delimiter).length;
  const delimiter = [',', ';', '\t'].reduce((best, other) => (count(other) > count(best) ? other : best));
  return { delimiter, decimal: delimiter === ';' ? ',' : '.' };
}

/** The records of a file, header included, as a stream; one with another number of fields than the first is refused. */
export async function* csvRecords(path: string): AsyncGenerator<CsvRecord & { dialect: CsvDialect }> {
  let file: ReadStream | undefined;
  try {
    file = createReadStream(path);
    await once(file, 'open');
    const chunks = file[Symbol.asyncIterator]();
    const first = await chunks.next();
    if (first.done) return;
    const dialect = guessDialect(firstLine(first.value as Buffer));
    const source = Readable.from(resume(first.value as Buffer, chunks));
    const parser = parse({ ...parserOptions(dialect), info: true, relax_column_count: true });
    pipeline(source, parser, () => {});
    let width: number | undefined;
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      width ??= record.length;
      if (record.length !== width) {
        const message = `Expected ${width} fields in line ${info.lines} of ${path} but received ${record.length}.`;
        throw new GatecastError('invalid-data', message);
      }
      yield { line: info.lines, fields: record, dialect };
    }
  } catch (cause) {
    throw explain(cause, path);
  } finally {
    file?.destroy();
  }
}

/** The fields of one line, now: for streams, where waiting for the next line would make every sample late. */
export function parseCsvLine(line: string, dialect: CsvDialect): string[] {
  try {
    return parseNow(line, parserOptions(dialect))[0] ?? [];
  } catch (cause) {
    throw new GatecastError('invalid-data', expected('a line of CSV', 'a sample', line), { cause });
  }
}

function parserOptions({ delimiter }: CsvDialect) {
  return { bom: true, delimiter, skip_empty_lines: true, trim: true };
}

function firstLine(chunk: Buffer): string {
  return chunk.toString('utf8').split(/[\r\n]/, 1)[0]!;
}

async function* resume(first: Buffer, rest: AsyncIterator<Buffer>) {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

function explain(cause: unknown, path: string): unknown {
  if (cause instanceof GatecastError) return cause;
  if (cause instanceof CsvError) {
    const where = `line ${cause.lines} of ${path}`;
    return new GatecastError('invalid-data', `Expected well-formed CSV in ${where}: ${cause.message}.`, { cause });
  }
  if (types.isNativeError(cause) && 'code' in cause) {
    return new GatecastError('io', `Expected to read ${describe(path)} but could not: ${cause.message}.`, { cause });
  }
  return cause;
}
