import { createHash } from 'node:crypto';
import { type ErrorCode, expected, GatecastError } from '../errors.ts';
import { formatSafetensors, parseSafetensors } from '../files/safetensors.ts';
import { parseStrictJson } from '../files/strict-json.ts';
import type { StateDict } from '../tensor.ts';
import { parseDescription } from './description.ts';
import type { ForecasterParts } from './parts.ts';
import { Scaler } from './scaler.ts';
import { list, number, record } from './schema.ts';

/** What a .gatecast file holds; docs/format.md is its specification. */
export interface ModelFile {
  parts: ForecasterParts;
  goldens: StateDict;
}

const FORMAT = 'gatecast';
const VERSION = '1';
const NETWORK = 'network.';
const GOLDEN = 'golden.';
const RESIDUALS = 'residuals';
const DESCRIPTION_DEPTH = 3;
const ZEROS = '0'.repeat(64);
const MISFITS: readonly ErrorCode[] = ['invalid-argument', 'invalid-shape', 'invalid-state-dict'];

const numbers = list(number(-Number.MAX_VALUE, Number.MAX_VALUE), 1, 65_536);
const checkScaler = record<{ mean: readonly number[]; std: readonly number[] }>({ mean: numbers, std: numbers });

/** The bytes of a model file. Equal content gives equal bytes. */
export function formatModelFile({ parts, goldens }: ModelFile): Uint8Array {
  const { description, weights, scaler, residuals } = parts;
  const tensors: StateDict = { ...goldens, ...(residuals && { [RESIDUALS]: residuals }) };
  for (const [name, tensor] of Object.entries(weights)) tensors[NETWORK + name] = tensor;
  const format = (sha256: string) =>
    formatSafetensors(tensors, {
      format: FORMAT,
      version: VERSION,
      description: JSON.stringify(description),
      scaler: JSON.stringify({ mean: [...scaler.mean], std: [...scaler.std] }),
      sha256,
    });
  return format(createHash('sha256').update(format(ZEROS)).digest('hex'));
}

/**
 * Takes the bytes of a model file apart and checks its description. Whether the tensors fit it is for `checkParts` to
 * say, then `checkGoldens` runs the network, and the digest is compared last, so that damage is reported by what it
 * damages. Throws `invalid-file`.
 */
export function parseModelFile(bytes: Uint8Array, file: string): ModelFile & { sha256: string } {
  const { tensors, metadata } = parseSafetensors(bytes, file);
  const { format, version, sha256 = '' } = metadata;
  if (format !== FORMAT) throw invalidFile(expected(`'${FORMAT}'`, `the format of ${file}`, format));
  if (version !== VERSION) {
    const hint = Number(version) > Number(VERSION) ? ' It was written by a newer Gatecast: please update.' : '';
    throw invalidFile(expected(`version ${VERSION}`, file, version) + hint);
  }
  return inFile(file, () => {
    const description = parseDescription(parseJson(metadata, 'description'));
    const { mean, std } = checkScaler(parseJson(metadata, 'scaler'), 'scaler');
    const names = description.inputs.map((input) => input.name);
    const { [RESIDUALS]: residuals, ...others } = tensors;
    const isGolden = (name: string) => name.startsWith(GOLDEN);
    const weights = rename(others, (name) => {
      if (name.startsWith(NETWORK)) return name.slice(NETWORK.length);
      return isGolden(name) ? undefined : name; // what belongs nowhere is refused with the weights
    });
    const goldens = rename(others, (name) => (isGolden(name) ? name : undefined));
    return { parts: { description, weights, scaler: new Scaler(names, mean, std), residuals }, goldens, sha256 };
  });
}

/** Compares the digest of a model file with the one it holds. Throws `invalid-file`. */
export function checkDigest(bytes: Uint8Array, sha256: string, file: string): void {
  const position = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(`"${sha256}"`) + 1;
  const digest = createHash('sha256')
    .update(bytes.subarray(0, position))
    .update(ZEROS)
    .update(bytes.subarray(position + ZEROS.length))
    .digest('hex');
  if (digest !== sha256) throw invalidFile(expected(`the SHA-256 ${digest}`, `${file}, which is damaged,`, sha256));
}

/** Runs a check of parts that came from a file; what is wrong with them is wrong with the file. */
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

function parseJson(metadata: Record<string, string>, key: string): unknown {
  try {
    return parseStrictJson(metadata[key] ?? '', DESCRIPTION_DEPTH);
  } catch (cause) {
    throw new GatecastError('invalid-argument', `Expected JSON for ${key}: ${(cause as Error).message}.`, { cause });
  }
}

/** The tensors under the names `newName` gives; those for which it gives none are left out. */
function rename(tensors: StateDict, newName: (name: string) => string | undefined): StateDict {
  const entries = Object.entries(tensors).map(([name, tensor]) => [newName(name), tensor] as const);
  return Object.fromEntries(entries.filter(([name]) => name !== undefined));
}

function invalidFile(message: string): GatecastError {
  return new GatecastError('invalid-file', message);
}
