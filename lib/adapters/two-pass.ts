import { randomUUID } from 'node:crypto';
import { createReadStream, type Stats } from 'node:fs';
import { type FileHandle, open, stat, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { types } from 'node:util';
import { GatecastError, misfit } from '../base/errors.ts';
import { inputName, type TextInput } from './text-input.ts';

/** Bytes of a stream that are kept in memory; the bytes after them are in a temporary file. */
const MEMORY_BYTES = 2 ** 24;
const PIECE_BYTES = 2 ** 18;

/** Bytes that can be read several times, one pass after another, each from the start. */
export interface TwoPass {
  /** The path, if the bytes are those of a regular file. */
  readonly path?: string;
  /** Throws `io` if the bytes cannot be read, and `invalid-data` for a file that is not what it was at first. */
  pass(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

/**
 * Opens an input for several passes. A regular file is opened again for each; a stream, a pipe or a device is kept.
 * Throws `io` for a file that is not there.
 */
export async function twoPass(input: TextInput): Promise<TwoPass> {
  if (typeof input !== 'string') return new KeptStream(input, inputName(input));
  const there = await statOf(input);
  // The files in these folders are made while they are read, or go on where another reader stopped.
  const lasts = there.isFile() && !/^\/(?:dev|proc|sys)\//.test(resolve(input));
  return lasts ? new LastingFile(input, there) : new KeptStream(createReadStream(input), input);
}

/** The bytes of an input, for one pass. Throws as `twoPass` does. */
export async function onePass(input: TextInput): Promise<AsyncIterable<Uint8Array>> {
  if (typeof input !== 'string') return chunksOf(input, inputName(input));
  await statOf(input);
  return createReadStream(input, { highWaterMark: PIECE_BYTES });
}

async function* chunksOf(input: AsyncIterable<unknown>, name: string): AsyncGenerator<Uint8Array> {
  for await (const chunk of input) yield bytesOf(chunk, name);
}

/** A chunk of a stream. Throws `invalid-argument` if it is not bytes. */
function bytesOf(chunk: unknown, name: string): Uint8Array {
  if (types.isUint8Array(chunk)) return chunk;
  throw misfit('bytes', `a chunk of ${name}`, chunk);
}

/** The error for what cannot be read. An error of Gatecast, or a value that is no error, is returned as it is. */
function unreadable(name: string, cause: unknown): unknown {
  if (cause instanceof GatecastError || !types.isNativeError(cause)) return cause;
  return new GatecastError('io', `Expected to read ${name} but could not: ${cause.message}.`, { cause });
}

async function statOf(path: string): Promise<Stats> {
  const there = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (there.isDirectory()) throw new GatecastError('io', `Expected to read ${path} but it is a folder.`);
  return there;
}

class LastingFile implements TwoPass {
  readonly path: string;
  readonly #there: Stats;

  constructor(path: string, there: Stats) {
    this.path = path;
    this.#there = there;
  }

  /** Of a file that has grown since, as logs do, the part that was there is read. */
  async *pass(): AsyncGenerator<Uint8Array> {
    const { size } = this.#there;
    let file: FileHandle | undefined;
    try {
      file = await open(this.path);
      this.#check(await file.stat());
      for (let from = 0; from < size; ) {
        // A new piece each time: its reader may keep it.
        const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, size - from));
        const { bytesRead } = await file.read(piece, 0, piece.length, from);
        if (bytesRead === 0) break;
        from += bytesRead;
        yield piece.subarray(0, bytesRead);
      }
      this.#check(await file.stat());
    } catch (cause) {
      throw unreadable(this.path, cause);
    } finally {
      await file?.close();
    }
  }

  async close(): Promise<void> {}

  #check({ ino, size, mtimeMs }: Stats): void {
    const then = this.#there;
    if (ino === then.ino && (size > then.size || (size === then.size && mtimeMs === then.mtimeMs))) return;
    throw new GatecastError(
      'invalid-data',
      `Expected ${this.path} to stay as it is while it is read but it was written or replaced; read it again.`,
    );
  }
}

class KeptStream implements TwoPass {
  readonly #name: string;
  readonly #source: AsyncIterator<Uint8Array>;
  #ended = false;
  readonly #memory: Uint8Array[] = [];
  #memoryBytes = 0;
  #file: FileHandle | undefined;
  #fileBytes = 0;

  constructor(input: AsyncIterable<Uint8Array>, name: string) {
    this.#name = name;
    this.#source = input[Symbol.asyncIterator]();
  }

  /** What earlier passes have kept, then the rest of the stream. */
  async *pass(): AsyncGenerator<Uint8Array> {
    yield* this.#memory;
    for (let from = 0; from < this.#fileBytes; ) {
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, this.#fileBytes - from));
      const { bytesRead } = await this.#file!.read(piece, 0, piece.length, from);
      from += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
    while (!this.#ended) {
      const chunk = await this.#next();
      if (chunk === undefined) continue;
      await this.#keep(chunk);
      yield chunk;
    }
  }

  /** The next chunk of the stream; undefined at its end. */
  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#source.next();
      if (!done) return bytesOf(value, this.#name);
    } catch (cause) {
      throw unreadable(this.#name, cause);
    }
    this.#ended = true;
    return undefined;
  }

  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
    await this.#file?.close();
    this.#file = undefined;
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    if (!this.#file && this.#memoryBytes + bytes.length <= MEMORY_BYTES) {
      this.#memory.push(new Uint8Array(bytes)); // the source may use its chunk again
      this.#memoryBytes += bytes.length;
      return;
    }
    try {
      this.#file ??= await nameless();
      let written = 0;
      while (written < bytes.length) {
        const { bytesWritten } = await this.#file.write(bytes, written, bytes.length - written, this.#fileBytes);
        written += bytesWritten;
        this.#fileBytes += bytesWritten;
      }
    } catch (cause) {
      const why = types.isNativeError(cause) ? cause.message : String(cause);
      const message = `Expected to keep ${this.#name} in a temporary file but could not: ${why}.`;
      throw new GatecastError('io', message, { cause });
    }
  }
}

/** A temporary file that only this user can read. It has no name, so nothing of it is left whatever happens. */
async function nameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `gatecast-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
