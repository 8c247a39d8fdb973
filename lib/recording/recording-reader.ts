import type { FileHandle } from 'node:fs/promises';
import { GatecastError, misfit } from '../base/errors.ts';
import { openRegular } from '../files/open-regular.ts';
import { KIND_BYTES } from '../files/file-kind.ts';
import {
  CHUNK_HEAD_BYTES,
  checkChunkHead,
  checkChunkRecords,
  checkStart,
  type RawRecord,
  recordsOf,
  START_BYTES,
} from './recording.ts';

/** The records of one chunk or, at the end of a file that was not finished, the number of bytes in its torn tail. */
export type RecordingPiece = { readonly records: Iterable<RawRecord> } | { readonly tornBytes: number };

/**
 * Reads a recording chunk by chunk, up to its length when opened. Throws `io` if it cannot be read, and `invalid-file`
 * where it is damaged, after yielding everything before that.
 */
export async function* readRecordingPieces(path: string): AsyncGenerator<RecordingPiece> {
  if (typeof path !== 'string') throw misfit('a path', 'the file', path);
  const file = await attempt(path, () => openRegular(path));
  try {
    const stat = await attempt(path, () => file.stat());
    const read = (length: number, at: number) => attempt(path, () => readWhole(file, length, at));
    checkStart(await read(Math.min(KIND_BYTES, stat.size), 0), path);
    let at = START_BYTES;
    for (let number = 0; at + CHUNK_HEAD_BYTES <= stat.size; number++) {
      const head = await read(CHUNK_HEAD_BYTES, at);
      const length = checkChunkHead(head, number, path);
      if (at + CHUNK_HEAD_BYTES + length > stat.size) break;
      const records = await read(length, at + CHUNK_HEAD_BYTES);
      checkChunkRecords(head, records, number, path);
      yield { records: recordsOf(records, number, path) };
      at += CHUNK_HEAD_BYTES + length;
    }
    if (at !== stat.size) yield { tornBytes: stat.size < START_BYTES ? stat.size : stat.size - at };
  } finally {
    await file.close();
  }
}

async function readWhole(file: FileHandle, length: number, at: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new Error('it was truncated while it was read');
    done += bytesRead;
  }
  return bytes;
}

async function attempt<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    throw new GatecastError('io', `Expected to read ${path} but could not: ${(cause as Error).message}.`, { cause });
  }
}
