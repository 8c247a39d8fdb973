import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegularSync } from '../files/open-regular.ts';

/**
 * Throws an Error for a shared library of Linux that was cut short: the system would map it all the same and end the
 * process at the first access beyond its end. Throws too unless it is a regular file.
 */
export function checkWhole(path: string): void {
  const file = openRegularSync(path);
  try {
    const head = Buffer.alloc(64);
    const read = readSync(file, head, 0, head.length, 0);
    if (!head.subarray(0, 6).equals(ELF64)) return; // the loader judges every other kind
    // the table of sections stands at the end of the file
    const end = Number(head.readBigUInt64LE(0x28)) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c);
    const { size } = fstatSync(file);
    if (read < head.length || size < end) throw new Error(`it was cut short: ${size} bytes of ${end}`);
  } finally {
    closeSync(file);
  }
}

/** First bytes of a 64-bit little-endian ELF file. */
const ELF64 = Buffer.from('\x7fELF\x02\x01', 'latin1');
