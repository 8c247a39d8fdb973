// Terminates workers in the middle of what holds threads, rings and files, and says what is left of them.
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { firstValueFrom } from 'rxjs';
import type * as Gatecast from '../../../lib/control.ts';

const module = new URL('../../../dist/control.js', import.meta.url).href;
const { lqr, nativeLoop, SharedRing } = (await import(module)) as typeof Gatecast;
const folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
const pairs = [0, 1].map(() => [new SharedRing({ width: 1 }), new SharedRing({ width: 1 })] as const);
const buffers = pairs.map((rings) => rings.map(({ buffer }) => buffer));

const loop = `{ hz: 1000, inputs: 1, limits: [{ min: -1, max: 1 }], fallback: [0.5], stop: [-0.75] }`;
const ringed = (pair: number) =>
  `const [observations, actions] = workerData.buffers[${pair}].map((buffer) => new G.SharedRing(buffer));`;
const native = `G.nativeLoop({ ...${loop}, controller: G.lqr({ gain: [[1]] }), observations, actions })`;
const programs: Record<string, string> = {
  'a native loop': `${ringed(0)} ${native}.subscribe(); up();`,
  'native loops that begin and end': `${ringed(1)} up(); for (;;) ${native}.subscribe().unsubscribe();`,
  networks: `up(); for (;;) new G.GRU({ inputSize: 2, hiddenSize: 3, seed: 1 }).dispose();`,
  'a pool': `
    const gru = new G.GRU({ inputSize: 8, hiddenSize: 32, threads: 3 });
    const x = { shape: [16, 16, 8], data: new Float32Array(2048) };
    setInterval(() => gru.forward(x), 0); up();`,
  training: `
    const x = Float64Array.from({ length: 20000 }, Math.random);
    void G.fit({ names: ['x'], columns: [x] }, { targets: 'x', horizon: 4, hidden: 64, lookback: 64, epochs: 99 });
    setTimeout(up, 30);`,
  'a recording': `
    G.recordLoop(workerData.file, { ...${loop}, observe: () => ({ at: G.systemClock.now(), values: [1] }),
      decide: () => [0], act: () => new Promise(() => undefined) }, { flush: 1 }).subscribe(); up();`,
};

const threads = () => readdirSync('/proc/self/task').length;
const open = () =>
  readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`).startsWith(folder);
    } catch {
      return false; // that of the folder which was read
    }
  }).length;

async function end(program: string, number: number): Promise<void> {
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    const up = () => parentPort.postMessage('up');
    import(workerData.module).then((G) => { ${program} });`;
  const workerData = { module, buffers, file: join(folder, `${number}.rec`) };
  const worker = new Worker(source, { eval: true, workerData });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await new Promise((resolve) => setTimeout(resolve, 5 * number));
  await worker.terminate();
}

const before = threads();
await Promise.all(Object.values(programs).map(end));
console.log(`${threads() - before} threads, ${open()} files`);
// The rings are free.
const options = {
  hz: 1000,
  inputs: 1,
  limits: [{ min: -1, max: 1 }],
  fallback: [0.5],
  controller: lqr({ gain: [[1]] }),
};
for (const [observations, actions] of pairs) {
  const { seq } = await firstValueFrom(nativeLoop({ ...options, observations, actions }));
  console.log(`cycle ${seq}`);
}
rmSync(folder, { recursive: true });
