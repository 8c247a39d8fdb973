// A CSV file of many rows: what reading it costs beside the plain parser. Each row has a time and numbers.
import { parse } from 'csv-parse/sync';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspectCsv } from '../../lib/adapters/csv.ts';
import { CsvFile } from '../../lib/adapters/csv-file.ts';
import { uniform } from '../live-model.ts';
import type { Result } from '../record.ts';
import { say } from '../say.ts';

const MINUTE = 60_000;
const BEGIN = Date.UTC(2005, 0, 1);
const PIECE_BYTES = 2 ** 18;
const MB = 2 ** 20;

/** Reads a file to its end and returns a sum over its rows, which must be the same for all that give one. */
type Stage = (path: string) => Promise<{ rows: number; sum?: number }>;

/** Our stages, each of which does all that the one before does. */
const STAGES: readonly (readonly [string, Stage])[] = [
  ['records', records],
  ['report', report],
];

/** `columns`: of numbers, beside the time. */
export async function read(columns: number, rows: number): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatecast-bench-'));
  try {
    const path = join(folder, 'rows.csv');
    await writeRows(path, columns, rows);
    const ours: { name: string; rate: number; sum: number | undefined; peak: number }[] = [];
    for (const [name, stage] of STAGES) {
      const { rate, sum } = await timed(name, stage, path, rows);
      ours.push({ name, rate, sum, peak: process.resourceUsage().maxRSS * 1024 });
    }
    const rival = await timed('csv-parse', plainParser, path, rows);
    return ours.map(({ name, rate, sum, peak }) => {
      if (sum !== undefined && sum !== rival.sum)
        throw new Error(`the fields of ${name} differ from those of csv-parse`);
      return {
        trial: 'read',
        cell: null,
        sizes: {},
        precision: 'f64',
        batch: 1,
        threads: 1,
        isa: '-',
        ours: rate,
        rival: rival.rate,
        rivalName: 'csv-parse',
        unit: 'rows/s',
        ratio: rate / rival.rate,
        floor: null,
        floorRatio: null,
        spread: 0,
        variant: `${name}, ${rows} rows`,
        peakBytes: peak,
      };
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function timed(name: string, stage: Stage, path: string, rows: number) {
  const start = performance.now();
  const found = await stage(path);
  const seconds = (performance.now() - start) / 1000;
  if (found.rows !== rows) throw new Error(`${name} found ${found.rows} of ${rows} rows`);
  const peak = process.resourceUsage().maxRSS / 1024;
  say(`${name}: ${seconds.toFixed(2)} s, at most ${peak.toFixed(0)} MB resident so far`);
  return { rate: rows / seconds, sum: found.sum };
}

async function records(path: string) {
  const file = await CsvFile.open(path, { maxLineBytes: 16 * MB });
  let rows = 0;
  let sum = 0;
  for await (const some of file.records()) {
    for (const { fields } of some) sum += checksum(fields);
    rows += some.length;
  }
  await file.close();
  return { rows, sum };
}

async function report(path: string) {
  const { rows } = await inspectCsv(path);
  return { rows };
}

/** csv-parse at its best: whole lines, some hundred kilobytes at once, as bytes and without any option that costs. */
async function plainParser(path: string) {
  let rows = -1; // the header
  let sum = 0;
  let rest: Buffer = Buffer.alloc(0);
  const take = (bytes: Buffer) => {
    for (const fields of parse(bytes)) if (rows++ >= 0) sum += checksum(fields);
  };
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE_BYTES }) as AsyncIterable<Buffer>) {
    const end = chunk.lastIndexOf(0x0a) + 1;
    if (end > 0) take(Buffer.concat([rest, chunk.subarray(0, end)]));
    rest = end > 0 ? chunk.subarray(end) : Buffer.concat([rest, chunk]);
  }
  if (rest.length > 0) take(rest);
  return { rows, sum };
}

/** Looks at a character of each field, as little as a reader can do. */
function checksum(fields: readonly string[]): number {
  let sum = fields.length;
  for (let i = 0; i < fields.length; i++) sum += fields[i]!.charCodeAt(0);
  return sum;
}

async function writeRows(path: string, columns: number, rows: number): Promise<void> {
  const random = uniform(7);
  const file = await open(path, 'w');
  const names = Array.from({ length: columns }, (_, i) => `sensor_${i + 1}`);
  await file.write(`time,${names.join(',')}\n`);
  for (let row = 0; row < rows; ) {
    const lines: string[] = [];
    for (const end = Math.min(rows, row + 10_000); row < end; row++) {
      const values = names.map((_, i) => (20 * (i + 1) + 5 * random()).toFixed(3));
      lines.push(`${new Date(BEGIN + row * MINUTE).toISOString()},${values.join(',')}\n`);
    }
    await file.write(lines.join(''));
  }
  await file.close();
}
