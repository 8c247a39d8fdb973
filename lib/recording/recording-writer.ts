import { close, fstatSync, openSync, write, writeSync } from 'node:fs';
import { GatecastError, misfit } from '../base/errors.ts';
import { CHUNK_HEAD_BYTES, RECORD_HEAD_BYTES, sealChunk, startOfRecording } from './recording.ts';

/** Size at which a chunk is written [bytes]; a larger record has a chunk of its own. */
const CHUNK_BYTES = 65_536;

/** A chunk on its way to the file. */
interface Sealed {
  readonly bytes: Uint8Array;
  readonly position: number;
}

/**
 * Writes a recording. Records gather in a chunk. When it is full, or its first record has waited for `flush` ms, it is
 * sealed and written in the background, one chunk at a time.
 */
export class RecordingWriter {
  readonly #path: string;
  readonly #file: number;
  readonly #flush: number;
  /** Whether the file system counts a file's names, as most do: a file with no name left was deleted. */
  readonly #linked: boolean;
  #chunk = new Uint8Array(CHUNK_BYTES);
  #view = new DataView(this.#chunk.buffer);
  #length = CHUNK_HEAD_BYTES;
  #number = 0;
  #position: number;
  #waiting: Sealed[];
  #waitingBytes: number;
  #writing = false;
  #timer: NodeJS.Timeout | undefined;
  #failure: Error | undefined;
  #closed = false;

  /** Creates a new file. Throws `invalid-argument` for a path that is not text, and `io` if the file exists already. */
  constructor(path: string, flush: number) {
    if (typeof path !== 'string') throw misfit('a path', 'the file', path);
    this.#path = path;
    this.#flush = flush;
    this.#file = this.#attempt(() => openSync(path, 'wx'));
    this.#linked = fstatSync(this.#file).nlink > 0;
    const start = startOfRecording();
    this.#waiting = [{ bytes: start, position: 0 }];
    this.#waitingBytes = start.length;
    this.#position = start.length;
  }

  /** Number of the chunk that the next record would stand in. */
  get chunk(): number {
    return this.#number;
  }

  /** Bytes of sealed chunks that are not yet written. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Sealed bytes so far, written or waiting, including the start of the file. */
  get bytes(): number {
    return this.#position;
  }

  /** Write a record's numbers here, at the offset that `append` returned. */
  get view(): DataView {
    return this.#view;
  }

  /** Bytes still free in this chunk. */
  get room(): number {
    return this.#chunk.length - this.#length;
  }

  /** Makes sure that records of `bytes` in all, including their heads, fit into one chunk. */
  reserve(bytes: number): void {
    if (bytes <= this.room) return;
    this.seal();
    if (bytes > this.room) this.#renew(CHUNK_HEAD_BYTES + bytes);
  }

  /** Throws `io` if a chunk could not be written; nothing more is written then. */
  check(): void {
    if (this.#failure) throw this.#io(this.#failure);
  }

  /**
   * Adds a record, for which there must be room. Returns the offset of its body in `view`. Throws `io` if a chunk could
   * not be written.
   */
  append(kind: number, length: number): number {
    this.check();
    this.#view.setUint8(this.#length, kind);
    this.#view.setUint32(this.#length + 1, length, true);
    const body = this.#length + RECORD_HEAD_BYTES;
    this.#length = body + length;
    this.#timer ??= setTimeout(() => this.seal(), this.#flush);
    return body;
  }

  /** Seals the chunk and starts to write it. */
  seal(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#length === CHUNK_HEAD_BYTES) return;
    const bytes = this.#chunk.subarray(0, this.#length);
    sealChunk(bytes, this.#number++);
    this.#waiting.push({ bytes, position: this.#position });
    this.#waitingBytes += bytes.length;
    this.#position += bytes.length;
    this.#renew(CHUNK_BYTES);
    this.#write();
  }

  /** Writes all sealed chunks before it returns, also those whose writing failed before. Throws `io`. */
  drain(): void {
    const deleted = this.#deleted();
    if (deleted) throw this.#io(deleted);
    // A write under way cannot be waited for; writing the same bytes to the same place again does no harm.
    for (const { bytes, position } of this.#waiting) this.#writeSync(bytes, position);
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  /** Writes everything and closes the file. Throws `io`. A second call does nothing. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.seal();
      this.drain();
    } finally {
      if (!this.#writing) close(this.#file, ignore);
    }
  }

  #write(): void {
    const next = this.#waiting[0];
    if (this.#writing || this.#failure || !next) return;
    this.#failure = this.#deleted();
    if (this.#failure) return;
    this.#writing = true;
    this.#writeRest(next, 0);
  }

  /** Bytes written to a deleted file are lost, and the system reports no error. */
  #deleted(): Error | undefined {
    return this.#linked && fstatSync(this.#file).nlink === 0 ? new Error('it was deleted') : undefined;
  }

  #writeRest(chunk: Sealed, done: number): void {
    const { bytes, position } = chunk;
    write(this.#file, bytes, done, bytes.length - done, position + done, (error, written) => {
      if (!error && done + written < bytes.length && !this.#closed) return this.#writeRest(chunk, done + written);
      this.#writing = false;
      if (this.#waiting[0] === chunk) {
        if (error) {
          this.#failure = error;
        } else {
          this.#waiting.shift();
          this.#waitingBytes -= bytes.length;
        }
      } // else `drain` has written it already
      // A closed descriptor may be reused for another file, so it stays open while a write is under way.
      if (this.#closed) close(this.#file, ignore);
      else this.#write();
    });
  }

  #writeSync(bytes: Uint8Array, position: number): void {
    this.#attempt(() => {
      for (let done = 0; done < bytes.length; ) {
        done += writeSync(this.#file, bytes, done, bytes.length - done, position + done);
      }
    });
  }

  #renew(size: number): void {
    this.#chunk = new Uint8Array(size);
    this.#view = new DataView(this.#chunk.buffer);
    this.#length = CHUNK_HEAD_BYTES;
  }

  #attempt<T>(act: () => T): T {
    try {
      return act();
    } catch (cause) {
      throw this.#io(cause);
    }
  }

  #io(cause: unknown): GatecastError {
    return new GatecastError('io', `Expected to write ${this.#path} but could not: ${(cause as Error).message}.`, {
      cause,
    });
  }
}

/** An error on close does not matter any more: everything was written. */
function ignore(): void {}
