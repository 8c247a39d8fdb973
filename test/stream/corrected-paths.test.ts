// The sample paths of a live stream agree with its quantiles, whatever the stream has learned.
import { from, lastValueFrom } from 'rxjs';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../lib/base/random.ts';
import { quantile } from '../../lib/base/sorted.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { forecast } from '../../lib/stream/forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { describeModel, partsFor } from '../support/models.ts';

const PATHS = 500;
const dependence = [[0.5, 0.5]];
const models = {
  quantile: { dependence },
  gaussian: { loss: 'gaussian', dependence, network: { headSize: 6 } },
  deepar: {
    loss: 'gaussian',
    inputs: [{ name: 'x' }],
    targets: ['x'],
    paths: { count: PATHS, seed: 1 },
    network: { headSize: 2 },
  },
} as const satisfies Record<string, Parameters<typeof describeModel>[0]>;

const random = createRandom(6);
const samples = Array.from({ length: 200 }, () => 10 + 4 * random());

describe.each(Object.entries(models))('a stream of a model with %s', (name, changes) => {
  const { residuals: _, ...parts } = partsFor(describeModel({ interval: null, ...changes }));
  const model = Forecaster.from(parts);
  const width = model.description.inputs.length;

  test.each<[StreamOptions]>([
    [{}],
    [{ calibrate: true }],
    [{ adapt: { patience: 20 } }],
    [{ fallback: 'naive', skill: { patience: 20 } }],
  ])('%o', async (options) => {
    const values = from(samples.map((value) => Array<number>(width).fill(value)));
    const live = await lastValueFrom(values.pipe(forecast(model, options)));
    const paths = live.paths(PATHS);
    const { horizon } = live;
    for (let h = 0; h < horizon; h++) {
      const drawn = Float64Array.from({ length: PATHS }, (_, p) => paths[p * horizon + h]!).sort();
      for (const level of live.levels) {
        const [low, high] = [-1, 1].map((side) =>
          quantile(drawn, level + (side * 5 * Math.sqrt(level * (1 - level))) / Math.sqrt(PATHS)),
        );
        const wanted = live.quantiles[level]![h]!;
        expect(wanted, `${name}, step ${h}, level ${level}`).toBeGreaterThanOrEqual(low! - 1e-9);
        expect(wanted, `${name}, step ${h}, level ${level}`).toBeLessThanOrEqual(high! + 1e-9);
      }
    }
    if (name === 'gaussian' && Object.keys(options).length > 0) {
      expect(live.numbers[3]).not.toBe(
        live.distribution!.parameters['mean']![0]! -
          1.2815515655446008 * live.distribution!.parameters['deviation']![0]!,
      );
    }
  });
});
