import { from, lastValueFrom, toArray } from 'rxjs';
import { expect, test } from 'vitest';
import type * as Gatecast from '../../lib/index.ts';
import { makeModel } from '../support/models.ts';

// A worker runs what was built.
const { Forecaster, forecast, forecastInWorker } = (await import(
  /* @vite-ignore */ new URL('../../dist/index.js', import.meta.url).href
)) as typeof Gatecast;

test('a worker forecasts from words and times as the main thread does, and skips samples without a time', async () => {
  const model = Forecaster.fromBytes(
    makeModel({
      inputs: [{ name: 'wind', words: ['N', 'W'], shares: [0.5, 0.5] }, { name: 'temperature' }],
      calendar: { zone: 'America/New_York', parts: ['minute-of-hour', 'hour'] },
      interval: 600_000,
      network: { inputSize: 2 + 1 + 2 + 6 },
    }).toBytes(),
  );
  const samples = Array.from({ length: 200 }, (_, i) => {
    const values = { temperature: 20 + Math.sin(i), wind: ['N', 'W', 'storm', null][((i * i) % 7) % 4]! };
    return { ...(i % 11 !== 5 && { at: Date.UTC(2026, 2, 7) + 600_000 * (i + (i > 90 ? 3 : 0)) }), values };
  });
  const options = { gap: 'hold', lateness: '30m', history: 2 } as const;
  const [here, there] = await Promise.all(
    [forecast(model, options), forecastInWorker(model, options)].map((operator) =>
      lastValueFrom(from(samples as never[]).pipe(operator, toArray())),
    ),
  );
  expect(there!.map(({ at, numbers }) => ({ at, numbers }))).toEqual(here!.map(({ at, numbers }) => ({ at, numbers })));
  expect(there!.at(-1)!.skipped).toEqual(here!.at(-1)!.skipped);
  expect(there).toHaveLength(200 - 18);
});
