import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readCsv } from '../../lib/adapters/csv.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { standInModel } from '../batch/stand-in-model.ts';
import { gatecast } from '../cli/gatecast.ts';

// The data set may not be shipped. It is beside the project, where its protocol is described; otherwise these tests are
// skipped.
const file = fileURLToPath(new URL('../../../shared/data/ett/ETTh1.csv', import.meta.url));
const here = existsSync(file);
if (!here) console.warn(`SKIPPED: the ETTh1 tests need ${file}`);

test.skipIf(!here)(
  'the evaluator gives the check values of repeat-last on ETTh1: 2,857 windows, 0.0343, 0.1394',
  async () => {
    const table = await readCsv(file);
    const scaler = Scaler.fit(table.names, table.columns, 0, 8640);
    const target = table.names.indexOf('OT');
    expect(scaler.mean[target]).toBeCloseTo(17.128262, 6);
    expect(scaler.std[target]).toBeCloseTo(9.176491, 6);
    const repeatLast = standInModel({
      inputs: ['OT'],
      targets: ['OT'],
      horizon: 24,
      lookback: 96,
      std: [scaler.std[target]!],
      predict: (last) => last[0]!,
    });
    const score = evaluate(repeatLast, table, { from: 11_520, to: 14_400 });
    expect(score.windows).toBe(2857);
    expect(score.scaled.mse).toBeCloseTo(0.0343, 4);
    expect(score.scaled.mae).toBeCloseTo(0.1394, 4);
    expect(score.naive.scaled).toEqual(score.scaled);
  },
);

test.skipIf(!here)('gatecast train forecasts OT of ETTh1 better than its last value, with defaults', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gatecast-ett-'));
  try {
    const words = ['train', file, '--target', 'OT', '--horizon', '24', '--split', '8640,2880,2880', '--json'];
    const { code, stdout } = await gatecast(folder, words);
    expect(code).toBe(0);
    const { seconds, test: score } = JSON.parse(stdout);
    const [mse, naive] = [score, score.naive].map((each) => each.mse / 9.176491 ** 2); // the scale of the protocol
    console.log(`ETTh1 OT, 24 steps: MSE ${mse!.toFixed(4)} (last value 0.0343) in ${seconds.toFixed(1)} s`);
    expect(score.windows).toBe(2857);
    expect(naive).toBeCloseTo(0.0343, 4);
    expect(mse).toBeLessThan(0.0325);
  } finally {
    await rm(folder, { recursive: true });
  }
});
