import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import { GatecastError, misfit } from '../../base/errors.ts';

/** The kind of stream of a snapshot. A snapshot is restored only into a stream of the same kind. */
export interface SnapshotKind {
  /** Fingerprint of the forecaster, 64 hexadecimal digits. */
  readonly model: string;
  /** The options that decide what a stream remembers, as text. */
  readonly options: string;
  /** The size of the stream's memory in bytes. */
  readonly size: number;
}

const MAGIC = 0x53_43_54_47; // "GTCS"
const VERSION = 4;
const HEAD = 4 + 4 + 32 + 4;

/**
 * "GTCS", version, the model's fingerprint, a checksum of the options, the stream's memory, a checksum of all bytes
 * before it. Little-endian.
 */
export function formatSnapshot(kind: SnapshotKind, write: (bytes: Uint8Array) => void): Uint8Array {
  const bytes = new Uint8Array(HEAD + kind.size + 4);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  bytes.set(Buffer.from(kind.model, 'hex'), 8);
  view.setUint32(40, crc32(kind.options), true);
  write(bytes.subarray(HEAD, HEAD + kind.size));
  view.setUint32(HEAD + kind.size, crc32(bytes.subarray(0, HEAD + kind.size)), true);
  return bytes;
}

/**
 * The stream's memory in a snapshot. Throws `invalid-file` for a snapshot that is damaged, or of another model, version
 * or options.
 */
export function parseSnapshot(kind: SnapshotKind, bytes: Uint8Array): Uint8Array {
  if (!types.isUint8Array(bytes)) {
    throw misfit('the bytes of a snapshot', 'snapshot', bytes);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD + 4 || view.getUint32(0, true) !== MAGIC) throw refused('a snapshot', 'other bytes');
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end, true)) throw refused('a whole snapshot', 'a damaged one');
  const version = view.getUint32(4, true);
  if (version !== VERSION) {
    throw refused(`a snapshot of version ${VERSION}`, `version ${version}, which another release of Gatecast wrote`);
  }
  const model = Buffer.from(bytes.subarray(8, 40)).toString('hex');
  if (model !== kind.model) {
    throw refused(`a snapshot of the model ${kind.model.slice(0, 12)}`, `one of the model ${model.slice(0, 12)}`);
  }
  if (view.getUint32(40, true) !== crc32(kind.options) || end - HEAD !== kind.size) {
    throw refused('a snapshot of a stream with the same options', 'one with others');
  }
  return bytes.subarray(HEAD, end);
}

function refused(wanted: string, received: string): GatecastError {
  return new GatecastError('invalid-file', `Expected ${wanted} but received ${received}.`);
}
