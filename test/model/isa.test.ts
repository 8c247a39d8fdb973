import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isas } from '../../lib/network/isa.ts';
import { bundled } from '../support/bundled.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const [models, forecaster] = ['../support/models.ts', '../../lib/model/forecaster.ts'].map(
  (module) => pathToFileURL(bundled(fileURLToPath(new URL(module, import.meta.url)))).href,
);

function run(isa: string, code: string): { status: number | null; stderr: string } {
  const script = `
    const { makeModel } = await import(${JSON.stringify(models)});
    const { Forecaster } = await import(${JSON.stringify(forecaster)});
    ${code}
  `;
  const env = { ...process.env, GATECAST_ISA: isa };
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    env,
    encoding: 'utf8',
  });
}

// weights up to 1 in 33 units drive the gates harder than trained ones do
test.each(isas())('a file saved on %s loads on every other instruction set', (saver) => {
  const path = join(folder, `${saver}.gatecast`);
  const model = `makeModel({ network: { cell: 'lstm', hiddenSize: 33, projSize: 17, numLayers: 3 } })`;
  expect(run(saver, `await ${model}.save(${JSON.stringify(path)})`)).toMatchObject({ status: 0, stderr: '' });
  for (const loader of isas()) {
    expect(run(loader, `await Forecaster.load(${JSON.stringify(path)})`), loader).toMatchObject({
      status: 0,
      stderr: '',
    });
  }
});
