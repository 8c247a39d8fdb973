import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type * as Gatecast from '../../lib/index.ts';
import { makeModel } from '../support/models.ts';

// A worker runs what was built.
const { Forecaster, forecast, forecastInWorker } = (await import(
  /* @vite-ignore */ new URL('../../dist/index.js', import.meta.url).href
)) as typeof Gatecast;

test('a worker keeps the scale of a stream as the main thread does', async () => {
  const scale = { samples: 6, inputs: ['pressure', 'temperature'] };
  const model = Forecaster.fromBytes(makeModel({ scale }).toBytes());
  const samples = Array.from({ length: 200 }, (_, i) => ({ at: 1000 * i, values: [1e5 + Math.sin(i), i % 7] }));
  const [here, there] = await Promise.all(
    [forecast(model), forecastInWorker(model)].map((operator) =>
      lastValueFrom(from(samples as never[]).pipe(operator, toArray())),
    ),
  );
  expect(there!.map(({ at, numbers }) => ({ at, numbers }))).toEqual(here!.map(({ at, numbers }) => ({ at, numbers })));
  expect(there).toHaveLength(200);
});
