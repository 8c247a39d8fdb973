import { closeSync, existsSync, fstatSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { GatecastError } from '../base/errors.ts';
import { openRegularSync } from '../files/open-regular.ts';

/*
 * A segment is a file of records, the newer after the older. Numbers are little-endian.
 *
 *     8 bytes   'gatecast'
 *     4 bytes   number of the segment, as in its name
 *     records   4 bytes   CRC-32 of the rest of the record
 *               4 bytes   length of the snapshot, or NO_SNAPSHOT: the key was deleted
 *               2 bytes   length of the key
 *               key, UTF-8
 *               snapshot
 */
const MAGIC = Buffer.from('gatecast', 'latin1');
const HEADER_BYTES = MAGIC.length + 4;
const RECORD_BYTES = 10;
const NO_SNAPSHOT = 0xffff_ffff;
const CHUNK_BYTES = 2 ** 20;

/** One record of a segment. `bytes` is valid until the next one is read. */
export interface SegmentRecord {
  key: string;
  deleted: boolean;
  offset: number;
  bytes: Buffer;
}

/** A segment that was written whole and is open for reading. */
export class Segment {
  readonly number: number;
  readonly path: string;
  readonly bytes: number;
  /** Live bytes: those of records that are the latest of their keys. The owner keeps it up to date. */
  living = 0;
  readonly #file: number;

  /** Throws `invalid-file` for a file that is missing or has another length or head, and what the system throws. */
  constructor(path: string, number: number, bytes: number) {
    this.path = path;
    this.number = number;
    this.bytes = bytes;
    if (!existsSync(path)) throw new GatecastError('invalid-file', `Expected ${path} but it is missing.`);
    this.#file = openRegularSync(path);
    try {
      const found = fstatSync(this.#file).size;
      if (found !== bytes) {
        throw new GatecastError('invalid-file', `Expected ${bytes} bytes in ${path} but received ${found}.`);
      }
      const header = this.#read(Buffer.alloc(HEADER_BYTES), 0);
      if (!header.equals(segmentHeader(number))) {
        throw new GatecastError(
          'invalid-file',
          `Expected segment ${number} of a store in ${path} but it begins differently.`,
        );
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Bytes of all its records. */
  get recordBytes(): number {
    return this.bytes - HEADER_BYTES;
  }

  /** The snapshot of the record at this offset. Throws `invalid-file` if it is damaged. */
  snapshot(offset: number, size: number): Uint8Array {
    const record = this.#read(Buffer.allocUnsafe(size), offset);
    this.#check(record, offset);
    return new Uint8Array(record.subarray(RECORD_BYTES + record.readUInt16LE(8)));
  }

  /** All records in order. Throws `invalid-file` at the first damaged one. */
  *records(): Generator<SegmentRecord> {
    let buffer: Buffer = Buffer.allocUnsafe(CHUNK_BYTES);
    let chunk = buffer.subarray(0, 0);
    let chunkStart = HEADER_BYTES;
    const at = (offset: number, size: number): Buffer => {
      if (size > this.bytes - offset) throw this.#damaged(offset);
      if (offset + size > chunkStart + chunk.length) {
        if (size > buffer.length) buffer = Buffer.allocUnsafe(size);
        chunkStart = offset;
        chunk = this.#read(buffer.subarray(0, Math.min(buffer.length, this.bytes - offset)), offset);
      }
      return chunk.subarray(offset - chunkStart, offset - chunkStart + size);
    };
    for (let offset = HEADER_BYTES; offset < this.bytes; ) {
      const size = recordSize(at(offset, RECORD_BYTES));
      const bytes = at(offset, size);
      this.#check(bytes, offset);
      const key = bytes.toString('utf8', RECORD_BYTES, RECORD_BYTES + bytes.readUInt16LE(8));
      yield { key, deleted: bytes.readUInt32LE(4) === NO_SNAPSHOT, offset, bytes };
      offset += size;
    }
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(into: Buffer, offset: number): Buffer {
    for (let done = 0; done < into.length; ) {
      const read = readSync(this.#file, into, done, into.length - done, offset + done);
      if (read === 0) throw this.#damaged(offset);
      done += read;
    }
    return into;
  }

  #check(record: Buffer, offset: number): void {
    if (record.readUInt32LE(0) !== crc32(record.subarray(4))) throw this.#damaged(offset);
  }

  #damaged(offset: number): GatecastError {
    return new GatecastError(
      'invalid-file',
      `Expected a whole record in ${this.path} at byte ${offset} but it is damaged.`,
    );
  }
}

export function segmentHeader(number: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(number, MAGIC.length);
  return header;
}

/** Length of the record of a snapshot, or of a deletion [bytes]. */
export function recordBytes(key: string, snapshot: Uint8Array | undefined): number {
  return RECORD_BYTES + Buffer.byteLength(key) + (snapshot?.length ?? 0);
}

export function formatRecord(key: string, snapshot: Uint8Array | undefined): Buffer {
  const record = Buffer.allocUnsafe(recordBytes(key, snapshot));
  record.writeUInt32LE(snapshot?.length ?? NO_SNAPSHOT, 4);
  const keyBytes = record.write(key, RECORD_BYTES);
  record.writeUInt16LE(keyBytes, 8);
  if (snapshot) record.set(snapshot, RECORD_BYTES + keyBytes);
  record.writeUInt32LE(crc32(record.subarray(4)), 0);
  return record;
}

function recordSize(head: Buffer): number {
  const snapshot = head.readUInt32LE(4);
  return RECORD_BYTES + head.readUInt16LE(8) + (snapshot === NO_SNAPSHOT ? 0 : snapshot);
}
