import { types } from 'node:util';
import { describe, expected, GatecastError, misfit } from '../base/errors.ts';
import { checkTensor, type StateDict } from '../base/tensor.ts';
import { isRecord, reading } from '../base/values.ts';
import { writeFileAtomic } from './atomic-write.ts';
import { isSafetensors, kindOf, MAX_HEADER_BYTES, UNKNOWN_KIND } from './file-kind.ts';
import { readFileWhole } from './read-file.ts';
import { parseStrictJson } from './strict-json.ts';

/** The content of a safetensors file: its float tensors by name, and its metadata. */
export interface Safetensors {
  tensors: StateDict;
  metadata: Record<string, string>;
  /** Types of the tensors that are not floats, such as the I64 of a counter, by name. They are checked and left out. */
  others: ReadonlyMap<string, string>;
}

export interface ReadSafetensorsOptions {
  /** Called with a sentence for each tensor that is left out. */
  note?: (sentence: string) => void;
}

const FLOATS = 'F32, F64, F16 or BF16';
const HEADER_KEY = '__metadata__';
const HEADER_DEPTH = 3;

type ReadElement = (view: DataView, offset: number) => number;

/** The element types that are read, all into 32-bit floats. Little-endian, as the format requires. */
const DTYPES: ReadonlyMap<unknown, { bytes: number; read: ReadElement }> = new Map([
  ['F64', { bytes: 8, read: (view: DataView, offset: number) => view.getFloat64(offset, true) }],
  ['F32', { bytes: 4, read: (view: DataView, offset: number) => view.getFloat32(offset, true) }],
  ['F16', { bytes: 2, read: (view: DataView, offset: number) => halfToNumber(view.getUint16(offset, true)) }],
  ['BF16', { bytes: 2, read: readBrainFloat }],
]);

/** Bits per element of the format's other types: F4 and F6 are packed. */
const OTHER_BITS: ReadonlyMap<unknown, number> = new Map([
  ['BOOL', 8],
  ...[8, 16, 32, 64].flatMap((bits): [string, number][] => [
    [`I${bits}`, bits],
    [`U${bits}`, bits],
  ]),
  ['C64', 64],
  ...['F8_E5M2', 'F8_E4M3', 'F8_E8M0'].map((name): [string, number] => [name, 8]),
  ...['F6_E2M3', 'F6_E3M2'].map((name): [string, number] => [name, 6]),
  ['F4', 4],
]);

interface Entry {
  name: string;
  dtype: string;
  shape: number[];
  begin: number;
  end: number;
  /** Undefined for a type that is not read. */
  read: ReadElement | undefined;
  elementBytes: number;
}

/**
 * Reads the bytes of a safetensors file; errors call it `name`. Tensors of type F64, F16 and BF16 are converted to
 * 32-bit floats; those of other types are left out.
 *
 * Throws `invalid-file`, naming the tensor where there is one: if the header does not fit, is not strict JSON or
 * repeats a key; if a tensor's bytes do not match its shape and type; if tensors overlap, leave holes or lie outside
 * the data; and for a type that the format does not have.
 */
export function parseSafetensors(bytes: Uint8Array, name: string): Safetensors {
  if (!types.isUint8Array(bytes)) {
    throw misfit('a Uint8Array', 'the bytes of a safetensors file', bytes);
  }
  if (bytes.byteLength < 8) {
    throw invalidFile(`Expected at least 8 bytes in ${name} but received ${bytes.byteLength}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dataStart = headerEnd(bytes, view, name);
  const header = parseHeader(bytes.subarray(8, dataStart), name);

  let metadata: Record<string, string> = {};
  const entries: Entry[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === HEADER_KEY) metadata = parseMetadata(value, name);
    else entries.push(parseEntry(key, value, name));
  }
  checkCoverage(entries, bytes.byteLength - dataStart, name);

  // fromEntries defines properties, so a tensor named __proto__ stays a tensor
  const tensors = Object.fromEntries(
    entries.flatMap(({ name, shape, begin, end, read, elementBytes }) => {
      if (!read) return [];
      const data = new Float32Array((end - begin) / elementBytes);
      for (let i = 0; i < data.length; i++) data[i] = read(view, dataStart + begin + i * elementBytes);
      return [[name, { shape, data }]];
    }),
  );
  const others = new Map(entries.flatMap(({ name, dtype, read }) => (read ? [] : [[name, dtype]])));
  return { tensors, metadata, others };
}

/**
 * The bytes of a safetensors file with these tensors (type F32) and metadata. Equal content gives equal bytes: names
 * are sorted, and the header is padded with spaces so that the data begins at a multiple of 8.
 */
export function formatSafetensors(tensors: StateDict, metadata: Record<string, string> = {}): Uint8Array {
  if (!isObject(tensors)) {
    throw misfit('an object of tensors', 'the tensors to write', tensors);
  }
  const header: [string, unknown][] = [];
  const text = checkMetadata(metadata);
  if (text.length > 0) header.push([HEADER_KEY, Object.fromEntries(text)]);
  const sorted = reading('the tensors to write', () => Object.entries(tensors)).sort(byName);
  let dataBytes = 0;
  for (const [name, tensor] of sorted) {
    checkTensor(tensor, name);
    if (name === HEADER_KEY) {
      throw misfit('another name', 'a tensor', name);
    }
    const end = dataBytes + tensor.data.length * 4;
    header.push([name, { dtype: 'F32', shape: tensor.shape, data_offsets: [dataBytes, end] }]);
    dataBytes = end;
  }

  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(header)));
  const dataStart = Math.ceil((8 + json.length) / 8) * 8;
  const bytes = new Uint8Array(dataStart + dataBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.fill(0x20, 8, dataStart);
  bytes.set(json, 8);
  let offset = dataStart;
  for (const [, { data }] of sorted) {
    for (let i = 0; i < data.length; i++, offset += 4) view.setFloat32(offset, data[i]!, true);
  }
  return bytes;
}

/**
 * Reads the float tensors of a safetensors file; others, such as a counter of type I64, are left out. Throws
 * `invalid-file` for a file that is damaged or holds no float tensors, and `io` if it cannot be read.
 */
export async function readSafetensors(path: string, options: ReadSafetensorsOptions = {}): Promise<StateDict> {
  const note = checkOptions(options);
  const { tensors, others } = parseSafetensors(await readFileWhole(path), path);
  const [first] = others;
  if (first && Object.keys(tensors).length === 0) {
    throw invalidFile(`Expected a tensor of type ${FLOATS} in ${path} but all have other types, such as ${first[1]}.`);
  }
  for (const [name, dtype] of others) note?.(`Tensor ${describe(name)} is left out: its type is ${dtype}.`);
  return tensors;
}

function checkOptions(options: ReadSafetensorsOptions): ReadSafetensorsOptions['note'] {
  if (!isObject(options)) throw misfit('an object', 'options', options);
  const unknown = Object.keys(options).find((key) => key !== 'note');
  if (unknown !== undefined) throw misfit('only note', 'options', unknown);
  const note: unknown = options.note;
  if (note === undefined || typeof note === 'function') return note as ReadSafetensorsOptions['note'];
  throw misfit('a function', 'options.note', note);
}

/**
 * Writes a safetensors file, whole or not at all. Throws `invalid-shape` for a value that is not a tensor, and `io` if
 * the file cannot be written.
 */
export async function writeSafetensors(
  path: string,
  tensors: StateDict,
  metadata?: Record<string, string>,
): Promise<void> {
  await writeFileAtomic(path, formatSafetensors(tensors, metadata));
}

/** Byte at which the header ends and the data begins. */
function headerEnd(bytes: Uint8Array, view: DataView, file: string): number {
  const length = view.getBigUint64(0, true);
  const limit = Math.min(MAX_HEADER_BYTES, view.byteLength - 8);
  if (length > limit) {
    const kind = kindOf(bytes);
    if (!isSafetensors(bytes) && kind !== UNKNOWN_KIND) {
      throw invalidFile(`Expected a safetensors file but ${file} holds ${kind}.`);
    }
    throw invalidFile(`Expected a header of at most ${limit} bytes in ${file} but received ${length} as its length.`);
  }
  return 8 + Number(length);
}

function parseHeader(bytes: Uint8Array, file: string): object {
  try {
    if (bytes[0] !== 0x7b) throw new SyntaxError('it does not begin with {');
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return parseStrictJson(text, HEADER_DEPTH) as object;
  } catch (cause) {
    const message = `Expected a JSON object as the header of ${file}: ${(cause as Error).message}.`;
    throw new GatecastError('invalid-file', message, { cause });
  }
}

function parseMetadata(value: unknown, file: string): Record<string, string> {
  if (!isObject(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw invalidFile(`Expected only text in the metadata of ${file}.`);
  }
  return value as Record<string, string>;
}

function parseEntry(name: string, value: unknown, file: string): Entry {
  const tensor = `tensor ${describe(name)} in ${file}`;
  const { dtype, shape, data_offsets: offsets, ...others } = isObject(value) ? value : {};
  const type = DTYPES.get(dtype);
  const bits = type ? 8 * type.bytes : OTHER_BITS.get(dtype);
  if (bits === undefined) throw invalidFile(expected(FLOATS, `the type of ${tensor}`, dtype));
  if (!isCounts(shape)) throw invalidFile(expected('a list of whole numbers', `the shape of ${tensor}`, shape));
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw invalidFile(expected('two whole numbers', `the data_offsets of ${tensor}`, offsets));
  }
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw invalidFile(expected('dtype, shape and data_offsets', tensor, unknown));
  const [begin, end] = offsets as [number, number];
  const bytes = shape.reduce((product, size) => product * size, bits) / 8;
  if (end - begin !== bytes) {
    throw invalidFile(
      `Expected ${bytes} bytes for ${tensor}, ${String(dtype)} of shape [${shape.slice(0, 8).join(', ')}], but received ${end - begin}.`,
    );
  }
  return { name, dtype: String(dtype), shape, begin, end, read: type?.read, elementBytes: bits / 8 };
}

/** The tensors must cover each byte of the data exactly once; otherwise something could hide in it. */
function checkCoverage(entries: readonly Entry[], dataBytes: number, file: string): void {
  const ordered = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of ordered) {
    if (begin !== covered || end > dataBytes) {
      throw invalidFile(
        `Expected the data of tensor ${describe(name)} in ${file} to begin at ${covered} and end by ${dataBytes} but received ${begin} to ${end}.`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    throw invalidFile(`Expected ${covered} bytes of tensor data in ${file} but received ${dataBytes}.`);
  }
}

function checkMetadata(metadata: Record<string, string>): [string, string][] {
  if (!isObject(metadata) || Object.values(metadata).some((text) => typeof text !== 'string')) {
    throw misfit('an object of strings', 'metadata', metadata);
  }
  return Object.entries<string>(metadata).sort(byName);
}

function isObject(value: unknown): value is Record<string, unknown> {
  // the tag tells plain objects from lists, maps, typed arrays and the like, in whichever realm they were made
  return (
    isRecord(value) && reading('what is written', () => Object.prototype.toString.call(value)) === '[object Object]'
  );
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}

/** Order by UTF-16 code units, the same in every locale. */
function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const word = new DataView(new ArrayBuffer(4));

/** A brain float is the upper half of a 32-bit float. */
function readBrainFloat(view: DataView, offset: number): number {
  word.setUint32(0, view.getUint16(offset, true) << 16);
  return word.getFloat32(0);
}

function invalidFile(message: string): GatecastError {
  return new GatecastError('invalid-file', message);
}
