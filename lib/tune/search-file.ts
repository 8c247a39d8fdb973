import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { GatecastError } from '../base/errors.ts';
import { list, number, object, oneOf, text, whole } from '../base/schema.ts';
import { version } from '../base/version.ts';
import type { Table } from '../data/table.ts';
import { writeFileAtomic } from '../files/atomic-write.ts';
import { readFileIfThere } from '../files/read-file.ts';
import { inFile, jsonOf } from '../model/sealed-file.ts';
import { cellNames } from '../network/cells.ts';
import { isa } from '../network/isa.ts';
import { modelNames } from '../train/models/names.ts';
import type { CheckedOptions } from './options.ts';
import type { TuneTrial } from './result.ts';
import type { Setting } from './settings.ts';

/** Where a search is. */
export interface SearchState {
  /** Time so far [s]. */
  readonly seconds: number;
  readonly trials: readonly TuneTrial[];
}

/** All that the trials of a search depend on. */
type Identity = Readonly<Record<'format' | 'version' | 'isa' | 'options' | 'data', string>>;

/** What a file says in which one of these is another. */
const DIFFERENCES: Identity = {
  format: 'it is of another format',
  version: 'it is of another version of Gatecast',
  isa: 'it is of another instruction set',
  options: 'it has other options',
  data: 'it is of other data',
};
const FORMAT = 'gatecast-search 1';
const DEPTH = 6;
const MOST_TRIALS = 1_000_000;
/** NaN, which JSON does not know, is left out. */
type Written = Omit<TuneTrial, 'mse' | 'mae'> & Partial<Pick<TuneTrial, 'mse' | 'mae'>>;

/**
 * The file in which a search keeps where it is. Whenever the process is killed, it holds all trials that were done. The
 * training that runs has a checkpoint of its own beside it.
 */
export class SearchFile {
  readonly path: string;
  /** What the file held when it was opened; undefined if there was none. */
  readonly found: SearchState | undefined;
  readonly #identity: Identity;

  private constructor(path: string, identity: Identity, found: SearchState | undefined) {
    this.path = path;
    this.#identity = identity;
    this.found = found;
  }

  /** Throws `invalid-file` for a file of another search or of another kind, and `io` if it cannot be read. */
  static async open(path: string, tables: ReadonlyMap<string, Table>, options: CheckedOptions): Promise<SearchFile> {
    const identity = identityOf(tables, options);
    const bytes = await readFileIfThere(path);
    return new SearchFile(path, identity, bytes && inFile(path, () => parse(bytes, path, identity)));
  }

  /** The checkpoint of a training by the number of its trial. */
  checkpointOf(trial: number): string {
    return checkpointOf(this.path, trial);
  }

  /** Replaces the file, whole or not at all. Throws `io`. */
  async write({ seconds, trials }: SearchState): Promise<void> {
    const written = trials.map(
      ({ mse, mae, ...trial }): Written => ({
        ...trial,
        ...(Number.isFinite(mse) && { mse }),
        ...(Number.isFinite(mae) && { mae }),
      }),
    );
    const text = JSON.stringify({ ...this.#identity, seconds, trials: written }, undefined, 1);
    await writeFileAtomic(this.path, Buffer.from(`${text}\n`));
  }
}

const amount = number(0, Number.MAX_VALUE);
const natural = whole(1, 1e9);

const checkSetting = object<Setting>(
  {
    model: oneOf(...modelNames),
    cell: oneOf(...cellNames),
    hidden: natural,
    layers: natural,
    lookback: natural,
    learningRate: amount,
    dropout: amount,
  },
  ['cell', 'hidden', 'layers', 'lookback', 'learningRate', 'dropout'],
);

const checkTrial = object<Written>(
  {
    number: natural,
    round: whole(0, 1e9),
    step: whole(0, 1e9),
    setting: checkSetting,
    epochs: natural,
    mse: amount,
    mae: amount,
    seconds: amount,
    at: amount,
    failure: text(10_000),
  },
  ['mse', 'mae', 'failure'],
);

const checkFile = object<Identity & { seconds: number; trials: readonly Written[] }>({
  format: text(100),
  version: text(100),
  isa: text(100),
  options: text(1e7),
  data: text(100),
  seconds: amount,
  trials: list(checkTrial, 0, MOST_TRIALS),
});

function parse(bytes: Uint8Array, path: string, identity: Identity): SearchState {
  const json = jsonOf({ search: Buffer.from(bytes).toString() }, 'search', DEPTH);
  const { seconds, trials, ...found } = checkFile(json, 'search');
  const other = (Object.keys(DIFFERENCES) as (keyof Identity)[]).find((name) => found[name] !== identity[name]);
  if (other === undefined) {
    return { seconds, trials: trials.map((trial) => ({ mse: Number.NaN, mae: Number.NaN, ...trial })) };
  }
  const message = `Expected a search of these data and options in ${path} but ${DIFFERENCES[other]}; remove it to start over.`;
  throw new GatecastError('invalid-file', message);
}

function identityOf(tables: ReadonlyMap<string, Table>, { train, seed, test }: CheckedOptions): Identity {
  const hash = createHash('sha256');
  for (const [key, { names, columns, at, words, units, roles }] of tables) {
    hash.update(JSON.stringify({ key, names, words, units, roles, rows: columns[0]?.length }));
    for (const column of [...columns, ...(at ? [at] : [])]) {
      hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
    }
  }
  const { threads: _threads, ...learned } = train; // their number changes the time alone
  const spelled = (_: string, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
  const options = JSON.stringify({ train: learned, seed, test }, spelled);
  return { format: FORMAT, version, isa: isa(), options, data: hash.digest('hex') };
}

/** Removes the file of a search with so many trials, and the checkpoint of its next training. */
export async function removeSearch(path: string, trials: number): Promise<void> {
  await rm(checkpointOf(path, trials + 1), { force: true });
  await rm(path, { force: true });
}

function checkpointOf(path: string, trial: number): string {
  return `${path}.${trial}`;
}
