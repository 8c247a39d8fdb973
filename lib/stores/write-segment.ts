import { writeSync } from 'node:fs';
import { replaceFileSync } from '../files/replace-file.ts';
import { Segment, type SegmentRecord, segmentHeader } from './segment.ts';

/** Where the latest record of a key is. */
export interface Place {
  segment: Segment;
  offset: number;
  size: number;
}

/** A segment that was just written, and where its snapshots are. */
export interface WrittenSegment {
  segment: Segment;
  places: ReadonlyMap<string, Place>;
}

const BUFFER_BYTES = 2 ** 20;

/**
 * Writes a segment; it is durable on return. Throws what the system or the records throw; no file is left behind then.
 */
export function writeSegment(
  path: string,
  number: number,
  records: Iterable<Omit<SegmentRecord, 'offset'>>,
): WrittenSegment {
  const written: { key: string; offset: number; size: number }[] = [];
  let bytes = 0;
  replaceFileSync(path, (file) => {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    let buffered = 0;
    const flush = () => {
      writeWhole(file, buffer.subarray(0, buffered));
      buffered = 0;
    };
    const add = (part: Uint8Array) => {
      if (part.length > BUFFER_BYTES - buffered) flush();
      if (part.length > BUFFER_BYTES) writeWhole(file, part);
      else {
        buffer.set(part, buffered);
        buffered += part.length;
      }
      bytes += part.length;
    };
    add(segmentHeader(number));
    for (const { key, deleted, bytes: record } of records) {
      if (!deleted) written.push({ key, offset: bytes, size: record.length });
      add(record);
    }
    flush();
  });
  const segment = new Segment(path, number, bytes);
  return { segment, places: new Map(written.map(({ key, offset, size }) => [key, { segment, offset, size }])) };
}

function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
