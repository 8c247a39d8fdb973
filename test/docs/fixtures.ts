import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Scratch } from './scratch.ts';

const makers: Record<string, (scratch: Scratch) => Promise<void>> = {
  'pump.gatecast': (scratch) =>
    make(
      scratch,
      `import { fit } from 'gatecast';
       import { readCsv } from 'gatecast/csv';
       const table = await readCsv('examples/data/pump.csv');
       const model = await fit(table, { targets: 'temperature', inputs: 'all', horizon: 10, hidden: 8, epochs: 2, interval: 60_000 });
       await model.save('pump.gatecast');`,
    ),
  'weights.safetensors': (scratch) =>
    make(
      scratch,
      `import { GRU, writeSafetensors } from 'gatecast/nn';
       const gru = new GRU({ inputSize: 10, hiddenSize: 20, numLayers: 2, seed: 1 });
       await writeSafetensors('weights.safetensors', gru.stateDict());`,
    ),
};

/** The files that a block may read without making them. docs/contributing.md names them. */
export const fixtureNames = Object.keys(makers);

/** Makes the fixture in the scratch folder, unless it is there. */
export async function provide(scratch: Scratch, name: string): Promise<void> {
  if (!existsSync(join(scratch.folder, name))) await makers[name]?.(scratch);
}

async function make(scratch: Scratch, program: string): Promise<void> {
  scratch.write('.blocks/fixture.mjs', program);
  const { status, output } = await scratch.node('.blocks/fixture.mjs');
  if (status !== 0) throw new Error(`a fixture could not be made:\n${output}`);
}
