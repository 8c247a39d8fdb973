import { GatecastError } from '../base/errors.ts';
import { EXPORT, type TextKind, textKindOf } from './text-kind.ts';

/** First bytes of a recording. */
export const RECORDING_MAGIC = 'gatecrec';

/** The longest header of a safetensors file that a reader may accept, in bytes. */
export const MAX_HEADER_BYTES = 100_000_000;

/** How many bytes of a file `kindOf` needs. */
export const KIND_BYTES = 16_384;

/** What `kindOf` returns for an empty file. */
export const EMPTY_KIND = 'nothing';

/** What `kindOf` returns for an unknown kind. */
export const UNKNOWN_KIND = 'bytes of no known kind';

const UNPACK = 'unpack it first';

/** [first bytes as Latin-1, kind, advice]. Of two entries that begin alike, the longer comes first. */
const MAGICS: readonly (readonly [string, string, string?])[] = [
  ['\x1f\x8b', 'gzip data', UNPACK],
  ['\x1f\x9d', 'data packed with compress', UNPACK],
  ['\x28\xb5\x2f\xfd', 'zstd data', UNPACK],
  ['BZh', 'bzip2 data', UNPACK],
  ['\xfd7zXZ\0', 'xz data', UNPACK],
  ['\x04\x22\x4d\x18', 'lz4 data', UNPACK],
  ['7z\xbc\xaf\x27\x1c', 'a 7z archive', UNPACK],
  ['Rar!\x1a\x07', 'a RAR archive', UNPACK],
  ['PAR1', 'a Parquet file', EXPORT],
  ['ARROW1', 'an Arrow file', EXPORT],
  ['FEA1', 'a Feather file', EXPORT],
  ['Obj\x01', 'an Avro file', EXPORT],
  ['ORC', 'an ORC file', EXPORT],
  ['SQLite format 3\0', 'an SQLite database', EXPORT],
  ['\x89HDF\r\n\x1a\n', 'an HDF5 file', EXPORT],
  ['CDF\x01', 'a NetCDF file', EXPORT],
  ['CDF\x02', 'a NetCDF file', EXPORT],
  ['TDSm', 'a TDMS file of LabVIEW', EXPORT],
  ['MDF     ', 'an MDF file', EXPORT],
  ['version https://git-lfs.github.com/', 'a pointer of Git LFS', 'fetch the file it stands for'],
  ['\x93NUMPY', 'a NumPy array', EXPORT],
  ['MATLAB 5.0 MAT-file', 'a MATLAB file', EXPORT],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'an Excel workbook (xls)', EXPORT],
  ['%PDF-', 'a PDF'],
  ['\x89PNG\r\n', 'an image'],
  ['\xff\xd8\xff', 'an image'],
  ['GIF8', 'an image'],
  ['\x7fELF', 'a program'],
  ['\x80\x02', 'a Python pickle'],
  ['\x80\x04\x95', 'a Python pickle'],
  [RECORDING_MAGIC, 'a Gatecast recording'],
];

/** For zip archives: [name of a file inside, kind, advice]. */
const ARCHIVES: readonly (readonly [string, string, string?])[] = [
  ['[Content_Types].xml', 'an Excel workbook (xlsx)', EXPORT],
  ['mimetypeapplication/vnd.oasis.opendocument', 'a spreadsheet (ods)', EXPORT],
  ['data.pkl', 'a PyTorch checkpoint'],
  ['.npy', 'NumPy arrays (npz)', EXPORT],
];

/** Guesses the kind of a file from its first bytes. Text that may be a table is 'CSV' or 'text'. */
export function kindOf(bytes: Uint8Array): string {
  return (binaryKind(bytes) ?? { name: nameOfText(bytes) }).name;
}

/** Whether a file with these first bytes is for the readers of tables to read, or to refuse. */
export function mayBeTable(bytes: Uint8Array): boolean {
  const kind = binaryKind(bytes);
  return kind === undefined || kind.advice === UNPACK;
}

/** Throws `invalid-data` if the first bytes show a known kind that is not text. */
export function checkIsText(bytes: Uint8Array, what: string, file: string): void {
  const kind = binaryKind(bytes);
  if (kind) throw isNot(what, `${file} is not text: it holds`, kind);
}

/** Throws `invalid-data` if the first lines show a text of another kind. */
export function checkIsTable(lines: readonly string[], what: string, file: string): void {
  const kind = textKindOf(lines);
  if (kind) throw isNot(what, `${file} holds`, kind);
}

function isNot(what: string, holds: string, { name, advice }: TextKind): GatecastError {
  const hint = advice === undefined ? '' : `; ${advice}`;
  return new GatecastError('invalid-data', `Expected ${what} but ${holds} ${name}${hint}.`);
}

function headOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, KIND_BYTES));
}

function binaryKind(bytes: Uint8Array): TextKind | undefined {
  const head = headOf(bytes).toString('latin1');
  if (head.startsWith('PK\x03\x04')) {
    return kind(ARCHIVES.find(([inside]) => head.includes(inside)) ?? ['', 'a zip archive', UNPACK]);
  }
  const magic = MAGICS.find(([magic]) => head.startsWith(magic));
  if (magic) return kind(magic);
  if (isSafetensors(bytes)) return { name: safetensorsKind(bytes) };
  if (head.slice(8, 12) === 'DUCK') return { name: 'a DuckDB database', advice: EXPORT };
  if (head.slice(257, 262) === 'ustar') return { name: 'a tar archive', advice: UNPACK };
  return undefined;
}

function kind([, name, advice]: readonly [string, string, string?]): TextKind {
  return { name, ...(advice !== undefined && { advice }) };
}

/** Whether the bytes begin like a safetensors file: the length of the header, then the header, a JSON object. */
export function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.byteLength < 9 || bytes[8] !== 0x7b) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) <= MAX_HEADER_BYTES;
}

/** Searches as much of the header as there is. */
function safetensorsKind(bytes: Uint8Array): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 8 + length));
  const at = header.indexOf('"format"');
  const [, name] = at < 0 ? [] : (/^"format":\s*"([^"]*)"/.exec(header.toString('latin1', at, at + 60)) ?? []);
  if (name === 'gatecast-policy') return 'a Gatecast policy';
  return name === 'gatecast' ? 'a Gatecast model' : 'a safetensors file';
}

function nameOfText(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return EMPTY_KIND;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return 'text in UTF-16';
  const text = headOf(bytes).toString('utf8');
  // The first bytes may end in the middle of a character.
  if (/[\0-\x08\x0e-\x1a\x7f]|\ufffd(?!\ufffd{0,2}$)/.test(text)) return UNKNOWN_KIND;
  const lines = text.split(/\r\n?|\n/);
  if (lines.length > 1) lines.pop(); // it may be cut
  return textKindOf(lines)?.name ?? (/[,;\t]/.test(lines[0]!) ? 'CSV' : 'text');
}
