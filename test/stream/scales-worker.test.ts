import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type { forecastInWorker as Operator } from '../../lib/stream/worker/in-worker.ts';
import { makeModel } from '../support/models.ts';

// A worker runs what was built.
const built = (path: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../dist/${path}`, import.meta.url).href);
const { Forecaster } = (await built('model/forecaster.js')) as typeof import('../../lib/model/forecaster.ts');
const { forecast } = (await built('stream/forecast.js')) as typeof import('../../lib/stream/forecast.ts');
const { forecastInWorker } = (await built('stream/worker/in-worker.js')) as { forecastInWorker: typeof Operator };

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
