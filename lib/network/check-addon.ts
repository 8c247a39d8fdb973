import { closeSync, fstatSync, readSync } from 'node:fs';
import { openRegularSync } from '../files/open-regular.ts';

/**
 * Throws an Error for a truncated shared library of Linux: the system would map it all the same and kill the process at
 * the first access beyond its end. Also throws unless the path is a regular file.
 */
export function checkWhole(path: string): void {
  const file = openRegularSync(path);
  try {
    const head = Buffer.alloc(64);
    const read = readSync(file, head, 0, head.length, 0);
    if (!head.subarray(0, 6).equals(ELF64)) return; // all other kinds are left to the loader
    // the table of sections is at the end of the file
    const end = Number(head.readBigUInt64LE(0x28)) + head.readUInt16LE(0x3a) * head.readUInt16LE(0x3c);
    const { size } = fstatSync(file);
    if (read < head.length || size < end) throw new Error(`it was truncated: ${size} bytes of ${end}`);
  } finally {
    closeSync(file);
  }
}

/** First bytes of a 64-bit little-endian ELF file. */
const ELF64 = Buffer.from('\x7fELF\x02\x01', 'latin1');
