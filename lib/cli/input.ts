import { fstatSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { openDataFile, seriesOfFile } from '../adapters/data-file.ts';
import { type TableOptions, tableOptions } from '../adapters/table-options.ts';
import type { TextInput } from '../adapters/text-input.ts';
import { mostMemory } from '../base/memory.ts';
import { gather, type Series } from '../data/series.ts';
import { rowCount, type Table } from '../data/table.ts';
import { expected, GatecastError } from '../base/errors.ts';
import { tableInputs } from '../model/ahead.ts';
import { loadModel } from '../model/load-model.ts';
import type { TrainedDescription, TrainedModel } from '../model/trained-model.ts';
import { formatOfName } from './file-formats.ts';
import { say } from './say.ts';

/** The file name that stands for standard input. */
export const STANDARD_INPUT = '-';

/** The stream of standard input. Throws `io` if that is a folder, which Node reads as an empty file. */
export function standardInput(): Readable {
  try {
    if (!fstatSync(0).isDirectory()) return process.stdin;
  } catch {
    return process.stdin; // closed: reads as empty
  }
  throw new GatecastError('io', 'Expected to read standard input but it is a folder.');
}

/** The tables by key, in the order of their first rows; one without a key in the file has the key ''. */
export type Tables = ReadonlyMap<string, Table>;

/**
 * Reads the series of a file of CSV or NDJSON, or from standard input for '-'. Prints what was assumed and what is left
 * out.
 */
export async function readTables(file: string, options: TableOptions): Promise<Tables> {
  const checked = tableOptions({ ...options, note: say });
  let format = '';
  const open = async () => {
    const records = await openDataFile(inputOf(file), checked.file);
    ({ format } = records.form);
    return records;
  };
  const tables = await gather(withinMemory(seriesOfFile(open, checked), file));
  const named = formatOfName(file);
  if (named !== undefined && named !== format && !/\.gz$/i.test(file))
    say(`${file} is read as ${format} despite its name.`);
  return tables;
}

/** As `readTables`, with the columns that a model reads and forecasts. */
export function readTablesOf(description: TrainedDescription, file: string, options: TableOptions): Promise<Tables> {
  const names = new Set([...tableInputs(description), ...description.targets]);
  const roles = Object.fromEntries([...names].map((name) => [name, 'past' as const]));
  return readTables(file, { ...options, roles });
}

/** How often the values of a file are held at a time: as read, joined, put in order, and as a network sees them. */
const COPIES = 4;

/** The same chunks. Throws `invalid-data` as soon as what is made of them needs more than `most` bytes. */
export function withinMemory(series: Series, file: string, most = mostMemory()): Series {
  return {
    async *[Symbol.asyncIterator]() {
      let values = 0;
      for await (const chunk of series) {
        values += rowCount(chunk) * (chunk.columns.length + (chunk.at ? 1 : 0));
        if (8 * COPIES * values > most) {
          const size = `${(most / 2 ** 30).toPrecision(3)} GiB`;
          const hint = 'read fewer rows or columns, or make one row for each step with --every';
          const message = `Expected rows of ${file} that fit into ${size} of memory but there are more: ${hint}.`;
          throw new GatecastError('invalid-data', message);
        }
        yield chunk;
      }
    },
  };
}

/** What the file name of an argument stands for. */
export function inputOf(file: string): TextInput {
  return file === STANDARD_INPUT ? standardInput() : file;
}

/** Refuses standard input for a `what` that must be read as a whole file. Throws `invalid-argument`. */
export function checkIsFile(file: string, what: string): void {
  if (file !== STANDARD_INPUT) return;
  throw new GatecastError(
    'invalid-argument',
    `${expected('a file', what, file)} It cannot be read from standard input.`,
  );
}

/** Loads the model in a file, of any kind. Throws as `loadModel` of the library does. */
export function modelOf(file: string): Promise<TrainedModel> {
  checkIsFile(file, 'the model');
  return loadModel(file);
}
