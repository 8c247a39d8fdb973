// Leaves a worker idle, of a stream that never ends, after printing its one forecast: the process ends by itself. With
// BUSY, leaves it in the midst of its steps.
import { concat, from, NEVER } from 'rxjs';
import type * as Gatecast from '../../../lib/index.ts';
import { makeModel } from '../../support/models.ts';

const { Forecaster, forecastInWorker } = (await import(
  new URL('../../../dist/index.js', import.meta.url).href
)) as typeof Gatecast;

const busy = process.env['BUSY'] !== undefined;
const samples = Array.from({ length: busy ? 1000 : 1 }, (_, i) => [i, 20]);
const model = Forecaster.fromBytes(makeModel().toBytes());
concat(from(samples), NEVER)
  .pipe(forecastInWorker(model))
  .subscribe((f) => {
    console.log(f.mean.length);
    if (busy) process.exit(0);
  });
