import { assert, asyncProperty, constantFrom, oneof, string, tuple, uint8Array } from 'fast-check';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { readNdjson } from '../../lib/adapters/ndjson.ts';
import { csvReader } from '../../lib/cli/stream/csv-samples.ts';
import { ndjsonReader } from '../../lib/cli/stream/samples.ts';
import { expected, GatecastError, printable } from '../../lib/base/errors.ts';
import { readSafetensors } from '../../lib/files/safetensors.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { RecurrentPolicy } from '../../lib/model/recurrent-policy.ts';
import { readRecording } from '../../lib/recording/read-recording.ts';
import { gatecast } from '../cli/gatecast.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gatecast-printable-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** One line that neither commands a terminal nor fills it. */
function expectSentence(text: string): void {
  expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\ufffd]/u);
  expect(text.length).toBeLessThan(1200);
}

/** Bytes at random, behind what files of some kind begin with. */
const begins = constantFrom(
  '',
  '\ufeff',
  'a,b\n1,',
  'a;"',
  '{"at":',
  '{"a":1}\n{',
  'gatecrec\x01\0\0\0',
  '\x1b[2J,x\n',
  'é,\0\n',
);
const bytes = tuple(begins, oneof(uint8Array({ maxLength: 200 }), string({ unit: 'binary', maxLength: 80 }))).map(
  ([begin, rest]) => Buffer.concat([Buffer.from(begin), Buffer.from(rest as string)]),
);

async function* once(chunk: Uint8Array) {
  yield chunk;
}

async function errorOf(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(GatecastError);
    expectSentence((error as Error).message);
  }
}

describe('bytes of a file in an error', () => {
  test('are readable in every reader, whatever they are', async () => {
    const lines = {
      inputs: ['a'],
      interval: null,
      note: (sentence: string) => expectSentence(printable(sentence)),
    };
    const path = join(folder, 'x');
    await assert(
      asyncProperty(bytes, async (content) => {
        await errorOf(() => readCsv(once(content), { note: lines.note }));
        await errorOf(() => readNdjson(once(content), { note: lines.note }));
        await errorOf(() => Forecaster.fromBytes(content));
        await errorOf(() => RecurrentPolicy.fromBytes(content));
        await errorOf(() => ndjsonReader(lines)(content.toString(), 1));
        await errorOf(() => {
          const read = csvReader({ ...lines, inputs: [] });
          content
            .toString()
            .split('\n')
            .forEach((line, i) => read(line, i + 1));
        });
        await writeFile(path, content);
        await errorOf(() => readSafetensors(path));
        await errorOf(async () => {
          for await (const entry of readRecording(path)) expect(entry).toBeDefined();
        });
      }),
      { numRuns: 150 },
    );
  });

  test.each([
    ['train', 'x.csv', '--target', 'a', '--horizon', '1'],
    ['forecast', 'x.csv', '--model', 'x.csv'],
    ['stream', '--model', 'x.csv'],
    ['inspect', 'x.csv'],
    ['replay', 'x.csv', '--model', 'x.csv'],
  ])('are readable on the terminal of gatecast %s', async (...words) => {
    await writeFile(join(folder, 'x.csv'), Buffer.from('1b5b33316d2c85ff9b41e280ae0a31', 'hex'));
    const { code, stderr } = await gatecast(folder, words);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^gatecast: [ -~]{10,300}\n$/);
  });
});

test.each([
  ['a\u001b[31mb\u0007', 'a\\u001b[31mb\\u0007'],
  ['line\nfeed\ttab\u0085\u2028', 'line\\u000afeed\\u0009tab\\u0085\\u2028'],
  ['turned \u202e and \u200b nothing', 'turned \\u202e and \\u200b nothing'],
  ['lone \ud800 and tag \u{e0041}', 'lone \\ud800 and tag \\u{e0041}'],
  ['Wärme 水 😀 é°µ', 'Wärme 水 😀 é°µ'],
  ['no text é \ufffd', 'no text \\u00e9 \\ufffd'],
])('printable %j', (text, escaped) => {
  expect(printable(text)).toBe(escaped);
});

test('what an error quotes is short, whatever its length', () => {
  const error = new GatecastError('invalid-data', expected('x', 'y'.repeat(1e6), 'z'.repeat(1e6)));
  expect(error.message.length).toBeLessThanOrEqual(1000);
  expect(expected('x', 'y', '\u0000'.repeat(1e6)).length).toBeLessThan(500);
});
