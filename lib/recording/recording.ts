import { crc32 } from 'node:zlib';
import { GatecastError } from '../base/errors.ts';
import { kindOf, RECORDING_MAGIC } from '../files/file-kind.ts';

/**
 * A recording is a file that grows by whole chunks of records. All numbers are little-endian.
 *
 *     8 bytes   'gatecrec'
 *     4 bytes   version, 1
 *     chunks    4 bytes   length N of the chunk's records
 *               4 bytes   number of the chunk, from 0
 *               4 bytes   CRC-32 of the records
 *               4 bytes   CRC-32 of the 12 bytes before
 *               N bytes   records: 1 byte kind, 4 bytes length of the body, the body
 *
 * A process that dies leaves at most a torn tail: fewer bytes than the last chunk says. Anything else that does not fit
 * its checksum is damage. `recording-records.ts` lists the kinds; readers skip kinds that they do not know.
 */
const MAGIC = new TextEncoder().encode(RECORDING_MAGIC);
const VERSION = 1;

/** Bytes before the first chunk. */
export const START_BYTES = MAGIC.length + 4;
/** Bytes of a chunk before its records. */
export const CHUNK_HEAD_BYTES = 16;
/** Bytes of a record before its body. */
export const RECORD_HEAD_BYTES = 5;

/** One record; the body is a view into its chunk. */
export interface RawRecord {
  readonly kind: number;
  readonly body: DataView;
}

/** What a recording begins with. */
export function startOfRecording(): Uint8Array {
  const bytes = new Uint8Array(START_BYTES);
  bytes.set(MAGIC);
  viewOf(bytes).setUint32(MAGIC.length, VERSION, true);
  return bytes;
}

/** Throws `invalid-file` unless `bytes`, the first of a file or all it has, are those of a recording. */
export function checkStart(bytes: Uint8Array, file: string): void {
  if (MAGIC.some((byte, i) => i < bytes.length && byte !== bytes[i])) {
    throw invalidRecording(`Expected a recording but ${file} holds ${kindOf(bytes)}.`);
  }
  if (bytes.length < START_BYTES) return;
  const version = viewOf(bytes).getUint32(MAGIC.length, true);
  if (version !== VERSION) {
    const hint = version > VERSION ? ' It may be of a newer Gatecast: please update.' : '';
    throw invalidRecording(`Expected version ${VERSION} of ${file} but received ${version}.${hint}`);
  }
}

/** What is wrong with a recording that has no record. */
export function endsTooEarly(file: string): GatecastError {
  return invalidRecording(`Expected a recording in ${file} but it ends before its header does.`);
}

/** Fills in the head of a chunk, for which its first bytes are free. */
export function sealChunk(chunk: Uint8Array, number: number): void {
  const view = viewOf(chunk);
  view.setUint32(0, chunk.length - CHUNK_HEAD_BYTES, true);
  view.setUint32(4, number, true);
  view.setUint32(8, crc32(chunk.subarray(CHUNK_HEAD_BYTES)), true);
  view.setUint32(12, crc32(chunk.subarray(0, 12)), true);
}

/** The length of a chunk's records, of its head. Throws `invalid-file` where the head is damaged. */
export function checkChunkHead(head: Uint8Array, number: number, file: string): number {
  const view = viewOf(head);
  if (view.getUint32(12, true) !== crc32(head.subarray(0, 12)) || view.getUint32(4, true) !== number) {
    throw damaged(number, file);
  }
  return view.getUint32(0, true);
}

/** Throws `invalid-file` where the records are not those that the head was made for. */
export function checkChunkRecords(head: Uint8Array, records: Uint8Array, number: number, file: string): void {
  if (viewOf(head).getUint32(8, true) !== crc32(records)) throw damaged(number, file);
}

/** Takes the records of a chunk apart. Throws `invalid-file` where they do not fill it. */
export function* recordsOf(chunk: Uint8Array, number: number, file: string): Generator<RawRecord> {
  const view = viewOf(chunk);
  let at = 0;
  while (at < chunk.length) {
    const body = at + RECORD_HEAD_BYTES;
    const length = body <= chunk.length ? view.getUint32(at + 1, true) : Number.POSITIVE_INFINITY;
    if (body + length > chunk.length) throw damaged(number, file);
    yield { kind: view.getUint8(at), body: new DataView(chunk.buffer, chunk.byteOffset + body, length) };
    at = body + length;
  }
}

function damaged(number: number, file: string): GatecastError {
  return invalidRecording(`Expected ${file} to be whole but its chunk ${number} is damaged.`);
}

function invalidRecording(message: string): GatecastError {
  return new GatecastError('invalid-file', message);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
