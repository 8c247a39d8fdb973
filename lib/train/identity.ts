import { createHash } from 'node:crypto';
import { describe } from '../base/errors.ts';
import { isRecord } from '../base/values.ts';
import { version } from '../base/version.ts';
import { isa } from '../network/isa.ts';
import type { TrainingData } from './data.ts';
import type { ResolvedOptions } from './options.ts';
import type { TrainedDescription } from '../model/trained-model.ts';
import type { Plan } from './plan.ts';

/** All that the bits of a training depend on. */
export interface Identity {
  /** Of Gatecast. */
  readonly version: string;
  readonly isa: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** SHA-256 of the scaled rows, the windows and the description, in hexadecimal digits. */
  readonly data: string;
}

/** Options that change nothing in what is learned. */
const ELSEWHERE: readonly string[] = ['checkpoint', 'checkpointEvery'] satisfies (keyof ResolvedOptions)[];

export function identityOf(
  { description }: Plan<TrainedDescription>,
  data: TrainingData,
  options: ResolvedOptions,
): Identity {
  const { from, ...others } = options;
  const counted = Object.entries(others).filter(([name]) => !ELSEWHERE.includes(name));
  return {
    version,
    isa: isa(),
    // As they look in a file: undefined is left out, lists are lists.
    options: JSON.parse(
      JSON.stringify(Object.fromEntries([...counted, ...(from ? [['from', from.fingerprint]] : [])]), spelled),
    ) as Record<string, unknown>,
    data: digestOf(data, { ...description, training: undefined }),
  };
}

/** In words, the first thing in which a training that was found differs from this one; undefined if nothing does. */
export function differenceOf(found: unknown, identity: Identity): string | undefined {
  if (!isRecord(found)) return 'it says nothing of its training';
  const { options, ...others } = found as Partial<Identity>;
  for (const name of ['version', 'isa'] as const) {
    if (others[name] !== identity[name]) return `its ${name} is ${describe(others[name])}, not ${identity[name]}`;
  }
  const theirs = isRecord(options) ? options : {};
  for (const name of new Set([...Object.keys(identity.options), ...Object.keys(theirs)])) {
    const [there, here] = [theirs, identity.options].map((of) => JSON.stringify(of[name]));
    if (there !== here) return `there options.${name} is ${shown(there)}, here ${shown(here)}`;
  }
  return others.data === identity.data ? undefined : 'its data are others';
}

function shown(json: string | undefined): string {
  return json === undefined ? 'left out' : json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/** Bounds may be infinite, which JSON does not know. */
function spelled(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? `${value}` : value;
}

function digestOf({ rows, marks, shape, bySeries, validation, scaler }: TrainingData, description: unknown): string {
  const hash = createHash('sha256');
  const { missing, begins, scaled } = marks;
  for (const array of [rows, missing, begins, scaled, ...bySeries, validation, scaler.mean, scaler.std]) {
    hash.update(`${array?.length}:`);
    if (array) hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  }
  return hash.update(JSON.stringify({ shape, description }, spelled)).digest('hex');
}
