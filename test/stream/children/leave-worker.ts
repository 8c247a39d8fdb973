// Leaves a worker idle, of a stream that never ends, after printing its one forecast: the process ends by itself. With
// BUSY, leaves it in the midst of its steps.
import { concat, from, NEVER } from 'rxjs';
import type { forecastInWorker as Operator } from '../../../lib/stream/worker/in-worker.ts';
import { makeModel } from '../../support/models.ts';

const built = async <T>(path: string) => (await import(new URL(`../../../dist/${path}`, import.meta.url).href)) as T;
const { Forecaster } = await built<typeof import('../../../lib/model/forecaster.ts')>('model/forecaster.js');
const { forecastInWorker } = await built<{ forecastInWorker: typeof Operator }>('stream/worker/in-worker.js');

const busy = process.env['BUSY'] !== undefined;
const samples = Array.from({ length: busy ? 1000 : 1 }, (_, i) => [i, 20]);
const model = Forecaster.fromBytes(makeModel().toBytes());
concat(from(samples), NEVER)
  .pipe(forecastInWorker(model))
  .subscribe((f) => {
    console.log(f.mean.length);
    if (busy) process.exit(0);
  });
