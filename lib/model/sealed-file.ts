import { createHash } from 'node:crypto';
import { types } from 'node:util';
import { describe, type ErrorCode, expected, GatecastError } from '../base/errors.ts';
import { isSafetensors, kindOf } from '../files/file-kind.ts';
import { formatSafetensors, parseSafetensors, type Safetensors } from '../files/safetensors.ts';
import { parseStrictJson } from '../files/strict-json.ts';
import type { StateDict } from '../base/tensor.ts';

/** The kind of a file, as its metadata states it. */
export interface FileKind {
  /** In words: 'a Gatecast model'. */
  readonly what: string;
  readonly format: string;
  /** A whole number. */
  readonly version: string;
}

/** The tensors of a model: its weights, and what it computed when the file was made. */
export interface ModelTensors {
  /** By PyTorch's names. */
  weights: StateDict;
  /** Names that begin with 'golden.'. */
  goldens: StateDict;
}

const NETWORK = 'network.';
const GOLDEN = 'golden.';
const ZEROS = '0'.repeat(64);
const MISFITS: readonly ErrorCode[] = ['invalid-argument', 'invalid-shape', 'invalid-state-dict'];

/** The bytes of a safetensors file that states its kind and holds its own digest. Equal content gives equal bytes. */
export function formatSealed(kind: FileKind, tensors: StateDict, metadata: Record<string, string>): Uint8Array {
  const { format: name, version } = kind;
  const format = (sha256: string) => formatSafetensors(tensors, { format: name, version, ...metadata, sha256 });
  return format(createHash('sha256').update(format(ZEROS)).digest('hex'));
}

/**
 * Parses the bytes that `formatSealed` made. Throws `invalid-file`. The caller checks the digest last, so that errors
 * name the damaged part.
 */
export function parseSealed(kind: FileKind, bytes: Uint8Array, file: string): Safetensors & { sha256: string } {
  if (types.isUint8Array(bytes) && !isSafetensors(bytes)) throw isOther(kind, bytes, file);
  const { tensors, metadata, others } = parseSafetensors(bytes, file);
  const { format, version, sha256 = '' } = metadata;
  if (format !== kind.format) throw isOther(kind, bytes, file, format);
  if (version !== kind.version) {
    const hint = Number(version) > Number(kind.version) ? ' It was written by a newer Gatecast: please update.' : '';
    throw invalidFile(expected(`version ${kind.version}`, file, version) + hint);
  }
  const [other] = others;
  if (other) throw invalidFile(expected('F32', `the type of tensor ${describe(other[0])} in ${file}`, other[1]));
  return { tensors, metadata, others, sha256 };
}

/** The error for a file of another kind: not Gatecast's, or Gatecast's for another use. */
function isOther({ what }: FileKind, bytes: Uint8Array, file: string, format?: string): GatecastError {
  const named = format === undefined ? 'without a format of Gatecast' : `of the format ${describe(format)}`;
  const kind = kindOf(bytes);
  const received = kind === 'a safetensors file' ? `${kind} ${named}` : kind;
  return invalidFile(`Expected ${what} but ${file} holds ${received}.`);
}

/** Compares the digest of a file with the one that it holds. Throws `invalid-file` if they differ. */
export function checkDigest(bytes: Uint8Array, sha256: string, file: string): void {
  const position = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`"${sha256}"`) + 1;
  const digest = createHash('sha256')
    .update(bytes.subarray(0, position))
    .update(ZEROS)
    .update(bytes.subarray(position + ZEROS.length))
    .digest('hex');
  if (digest !== sha256) throw invalidFile(expected(`the SHA-256 ${digest}`, `${file}, which is damaged,`, sha256));
}

/** Runs a check of parts that came from a file, and reports their errors as `invalid-file`. */
export function inFile<T>(file: string, check: () => T): T {
  try {
    return check();
  } catch (cause) {
    if (cause instanceof GatecastError && MISFITS.includes(cause.code)) {
      throw new GatecastError('invalid-file', `${file}: ${cause.message}`, { cause });
    }
    throw cause;
  }
}

/** The JSON under `key`, nested at most `depth` deep. Throws `invalid-argument` for text that is not such JSON. */
export function jsonOf(metadata: Record<string, string>, key: string, depth: number): unknown {
  try {
    return parseStrictJson(metadata[key] ?? '', depth);
  } catch (cause) {
    throw new GatecastError('invalid-argument', `Expected JSON for ${key}: ${(cause as Error).message}.`, { cause });
  }
}

/** Weights and goldens under the names they have in a file. */
export function joinTensors({ weights, goldens }: ModelTensors): StateDict {
  const tensors: StateDict = { ...goldens };
  for (const [name, tensor] of Object.entries(weights)) tensors[NETWORK + name] = tensor;
  return tensors;
}

/** The inverse of `joinTensors`. A tensor that is neither is put with the weights, whose check refuses it. */
export function splitTensors(tensors: StateDict): ModelTensors {
  const isGolden = (name: string) => name.startsWith(GOLDEN);
  const weights = rename(tensors, (name) => {
    if (name.startsWith(NETWORK)) return name.slice(NETWORK.length);
    return isGolden(name) ? undefined : name;
  });
  return { weights, goldens: rename(tensors, (name) => (isGolden(name) ? name : undefined)) };
}

/** The tensors under the names that `newName` gives; those for which it gives undefined are left out. */
function rename(tensors: StateDict, newName: (name: string) => string | undefined): StateDict {
  const entries = Object.entries(tensors).map(([name, tensor]) => [newName(name), tensor] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== undefined));
}

function invalidFile(message: string): GatecastError {
  return new GatecastError('invalid-file', message);
}
