import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { csvReader } from '../../lib/cli/stream/csv-samples.ts';
import { ndjsonReader } from '../../lib/cli/stream/samples.ts';
import type { Sample } from '../../lib/model/sample.ts';
import { makeModel } from '../support/models.ts';
import { gatecast } from './gatecast.ts';

const words = ['12', 'N', 'W'];
const inputs = [{ name: 'wind', words, shares: [0.5, 0.25, 0.25] }, { name: 'temperature' }];
const model = makeModel({ inputs, network: { inputSize: 4 } });
const options = { inputs: ['wind', 'temperature'], categories: ['wind'], interval: 1000, note: () => {} };
const answer = (sample: Sample | undefined) => model.createState({ onInvalid: 'error' }).step(sample!)!.numbers;
const told = (word: string | null) => answer([word!, 20]);

describe('lines with words', () => {
  test('of NDJSON, in lists and by name, with words that spell numbers', () => {
    const read = ndjsonReader(options);
    const said = (line: string) => answer(read(line, 1));
    expect(said('["N", 20]')).toEqual(told('N'));
    expect(said('["N", "20"]')).toEqual(told('N'));
    expect(said('["12", 20]')).toEqual(told('12'));
    expect(said('{"at": 0, "wind": "W", "temperature": "20"}')).toEqual(told('W'));
    expect(said('{"wind": "12", "temperature": 20}')).toEqual(told('12'));
    expect(said('{"values": {"temperature": 20, "wind": "gale"}}')).toEqual(told('gale'));
    expect(said('{"wind": "N", "temperature": "TRUE"}')).toEqual(answer(['N', 1]));
    expect(said('{"wind": "N", "temperature": false}')).toEqual(answer(['N', 0]));
    for (const missing of ['null', '"NA"', '""'])
      expect(said(`{"wind": ${missing}, "temperature": 20}`)).toEqual(told(null));
    expect(() => said('{"wind": 12, "temperature": 20}')).toThrow(/^Expected a word for wind but received 12\.$/);
    expect(() => said('{"wind": "N", "temperature": "warm"}')).toThrow(/a finite number for temperature/);
  });

  test('of CSV', () => {
    const read = csvReader(options);
    expect(read('temperature,wind', 1)).toBeUndefined();
    const said = (line: string) => answer(read(line, 2));
    expect(said('20,N')).toEqual(told('N'));
    expect(said('20,12')).toEqual(told('12'));
    expect(said('20,"gale"')).toEqual(told('gale'));
    expect(said('20,')).toEqual(told(null));
    expect(said('True,N')).toEqual(answer(['N', 1]));
    expect(said('false,N')).toEqual(answer(['N', 0]));
  });
});

test('gatecast inspect and stream know the words and the calendar of a model', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  try {
    const many = Array.from({ length: 20 }, (_, i) => `w${i}`);
    const wind = { name: 'wind', words: many, shares: many.map(() => 0.05) };
    const calendar = { zone: 'Asia/Tokyo', parts: ['hour'] } as const;
    const file = join(folder, 'rich.gatecast');
    await makeModel({ inputs: [wind, inputs[1]!], calendar, network: { inputSize: 20 + 1 + 6 } }).save(file);
    const { stdout } = await gatecast(folder, ['inspect', file]);
    expect(stdout).toMatch(/^words {6}wind: w0, w1, .*, w11 and 8 more$/m);
    expect(stdout).toMatch(/^calendar {3}hour in Asia\/Tokyo$/m);
    const lines = [
      '{"at": 1000, "wind": "w3", "temperature": 20}',
      '["w4", 20]',
      '{"at": 2000, "values": ["gale", 21]}',
    ];
    const run = await gatecast(folder, ['stream', '--model', file, '--levels', '80'], lines.join('\n'));
    expect(run.code).toBe(0);
    expect(
      run.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).at),
    ).toEqual([1000, 2000]);
    expect(run.stderr).toMatch(/Expected a time, which this model reads,/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
