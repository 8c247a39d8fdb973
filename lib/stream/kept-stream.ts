import { crc32 } from 'node:zlib';
import { GatecastError } from '../base/errors.ts';
import type { RecentSamples } from './swap/recent-samples.ts';

/**
 * A stream in a store together with its last samples, so that it can be rebuilt from them if the snapshot belongs to
 * another model.
 */
export interface KeptStream {
  readonly snapshot: Uint8Array;
  /** How many samples came after the snapshot; one more than are kept if the snapshot cannot be used. */
  readonly missed: number;
}

const MAGIC = 0x4b_43_54_47; // "GTCK"
const VERSION = 1;
const HEAD = 4 + 4 + 4 + 4 + 4;

/**
 * Layout: "GTCK", version, a checksum of the names of the inputs, how many numbers the samples take, samples missed;
 * the numbers; the snapshot; a checksum of everything before it. Little-endian.
 */
export function formatKept(
  names: readonly string[],
  recent: RecentSamples,
  { snapshot, missed }: KeptStream,
): Uint8Array {
  const numbers = recent.numbers();
  const bytes = new Uint8Array(HEAD + numbers.byteLength + snapshot.length + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  view.setUint32(8, checksum(names), true);
  view.setUint32(12, numbers.length, true);
  view.setUint32(16, missed, true);
  bytes.set(new Uint8Array(numbers.buffer), HEAD);
  bytes.set(snapshot, HEAD + numbers.byteLength);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

/**
 * Parses what `formatKept` wrote, with the samples into `recent`; a plain snapshot counts as one without samples.
 * Throws `invalid-file` if it is damaged or belongs to other inputs.
 */
export function parseKept(names: readonly string[], recent: RecentSamples, bytes: Uint8Array): KeptStream {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  recent.clear();
  if (bytes.length < HEAD + 4 || view.getUint32(0, true) !== MAGIC) return { snapshot: bytes, missed: 0 };
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true)) throw refused('a whole stream', 'a damaged one');
  const version = view.getUint32(4, true);
  if (version !== VERSION) throw refused(`a stream of version ${VERSION}`, `version ${version}`);
  if (view.getUint32(8, true) !== checksum(names)) {
    throw refused(`a stream of the inputs ${names.join(', ')}`, 'one of others');
  }
  const snapshot = HEAD + 8 * view.getUint32(12, true);
  if (snapshot > end) throw refused('a whole stream', 'a part of one');
  recent.take(new Float64Array(bytes.slice(HEAD, snapshot).buffer));
  return { snapshot: bytes.subarray(snapshot, end), missed: view.getUint32(16, true) };
}

function checksum(names: readonly string[]): number {
  return crc32(JSON.stringify(names));
}

function refused(wanted: string, received: string): GatecastError {
  return new GatecastError('invalid-file', `Expected ${wanted} in the store but received ${received}.`);
}
