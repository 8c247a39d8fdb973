import { existsSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { GatecastError } from '../base/errors.ts';
import { readFileWholeSync } from '../files/read-file.ts';
import { replaceFileSync } from '../files/replace-file.ts';

const FORMAT = 'gatecast store';
const VERSION = 1;
/** 8 hexadecimal digits of CRC-32 between line ends. */
const CHECKSUM_BYTES = 10;

/** What a store on disk consists of at one moment. */
export interface Manifest {
  /** From the oldest to the newest; files of other names do not count. */
  segments: readonly { number: number; bytes: number }[];
  /** JSON. */
  meta: string | undefined;
}

/** The manifest, or undefined when there is none. Throws `invalid-file`, naming it, when it is damaged or newer. */
export function readManifest(path: string): Manifest | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readFileWholeSync(path);
  const body = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  if (body.length === 0 || bytes.toString('latin1', body.length) !== checksum(body)) {
    throw new GatecastError(
      'invalid-file',
      `Expected the manifest of a store in ${path} but its checksum does not fit.`,
    );
  }
  const { format, version, segments, meta } = JSON.parse(body.toString()) as Record<string, unknown>;
  if (format !== FORMAT || version !== VERSION) {
    throw new GatecastError(
      'invalid-file',
      `Expected ${FORMAT}, version ${VERSION}, in ${path} but received ${format}, version ${version}.`,
    );
  }
  return { segments: segments as Manifest['segments'], meta: meta === undefined ? undefined : JSON.stringify(meta) };
}

/** Replaces the manifest whole; from then on the store holds what it lists. */
export function writeManifest(path: string, { segments, meta }: Manifest): void {
  const places = segments.map(({ number, bytes }) => ({ number, bytes }));
  const content = { format: FORMAT, version: VERSION, segments: places, meta: meta && (JSON.parse(meta) as unknown) };
  const body = Buffer.from(JSON.stringify(content));
  replaceFileSync(path, (file) => writeFileSync(file, Buffer.concat([body, Buffer.from(checksum(body), 'latin1')])));
}

function checksum(body: Uint8Array): string {
  return `\n${crc32(body).toString(16).padStart(8, '0')}\n`;
}
