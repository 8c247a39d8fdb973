// Has a worker run a native loop and terminates it, then runs one on the same rings and ends the process: whoever looks
// into the ring finds the stop action each time.
import { Worker } from 'node:worker_threads';
import type * as Gatecast from '../../../lib/control.ts';

const module = new URL('../../../dist/control.js', import.meta.url).href;
const { lqr, nativeLoop, SharedRing } = (await import(module)) as typeof Gatecast;
const options = { hz: 1000, inputs: 1, limits: [{ min: -1, max: 1 }], fallback: [0.5], stop: [-0.75] };
const [observations, actions] = [new SharedRing({ width: 1 }), new SharedRing({ width: 1 })];

const program = `
  const { workerData } = require('node:worker_threads');
  import(workerData.module).then(({ lqr, nativeLoop, SharedRing }) => {
    const [observations, actions] = workerData.buffers.map((buffer) => new SharedRing(buffer));
    nativeLoop({ ...workerData.options, controller: lqr({ gain: [[1]] }), observations, actions }).subscribe();
  });`;
const buffers = [observations.buffer, actions.buffer];
const worker = new Worker(program, { eval: true, workerData: { module, options, buffers } });
while (actions.takeNewest() === undefined) await new Promise((resolve) => setTimeout(resolve, 5));
await worker.terminate();
console.log(actions.takeNewest()?.values[0]);

const loop$ = nativeLoop({ ...options, controller: lqr({ gain: [[1]] }), observations, actions });
loop$.subscribe(() => process.exit(0));
process.on('exit', () => console.log(actions.takeNewest()?.values[0]));
