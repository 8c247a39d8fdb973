import { extname } from 'node:path';

/** The content of files with a known ending. */
const FORMATS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    CSV: '.csv',
    'tabs between columns': '.tsv',
    JSON: '.json',
    NDJSON: '.ndjson .jsonl',
    Parquet: '.parquet',
    'Arrow, Avro or ORC': '.arrow .feather .avro .orc',
    'a workbook': '.xlsx .xls .ods',
    'a database': '.sqlite .sqlite3 .db .duckdb',
    HDF5: '.h5 .hdf5',
    'arrays of NumPy or MATLAB': '.npy .npz .mat',
    'a model of another library': '.pt .pth .onnx .pkl .pickle .keras .tflite .pb',
    safetensors: '.safetensors',
    'a Gatecast model': '.gatecast',
    'a Gatecast recording': '.rec',
    'compressed data': '.gz .tgz .zip .zst .bz2 .xz .lz4 .7z .rar .tar',
    'a web page': '.html .htm',
    'a document or a picture': '.xml .pdf .png .jpg .jpeg .gif .svg',
    settings: '.yaml .yml .toml .ini',
    'a program': '.js .mjs .cjs .ts .py .sh .c .cpp',
  }).flatMap(([format, endings]) => endings.split(' ').map((ending): [string, string] => [ending, format])),
);

/** The format that the ending of a file name stands for; undefined if it is unknown. */
export function formatOfName(file: string): string | undefined {
  return FORMATS.get(extname(file).toLowerCase());
}
