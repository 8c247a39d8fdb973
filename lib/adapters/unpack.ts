import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { GatecastError } from '../base/errors.ts';

const PIECE_BYTES = 2 ** 18;

/**
 * The bytes of an input, unpacked if they are gzip, of one or several members. Throws `invalid-data` if the packed
 * bytes are damaged or end too early, and what reading `input` throws.
 */
export async function* unpacked(input: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const iterator = input[Symbol.asyncIterator]();
  try {
    let first: Uint8Array = new Uint8Array(0);
    // A single byte 0x1f may be half of the mark.
    while (first.length === 0 || (first.length === 1 && first[0] === 0x1f)) {
      const { done, value } = await iterator.next();
      if (done) break;
      first = first.length === 0 ? value : Buffer.concat([first, value]);
    }
    const whole = { [Symbol.asyncIterator]: () => startingWith(first, iterator) };
    yield* first[0] === 0x1f && first[1] === 0x8b ? gunzipped(whole, name) : whole;
  } finally {
    await iterator.return?.();
  }
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function* gunzipped(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  // Its failures also reach the iteration.
  pipeline(Readable.from(packed, { objectMode: true, highWaterMark: 1 }), gunzip, () => {});
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw cause;
    const what = code === 'Z_BUF_ERROR' ? 'ends before its end' : 'is damaged';
    throw new GatecastError('invalid-data', `Expected whole gzip data in ${name} but it ${what}.`, { cause });
  }
}
