// The scores of whole distributions in evaluate: closed forms, sample paths, and courses of the horizon.
import { describe, expect, test } from 'vitest';
import * as metrics from '../../lib/accuracy/metrics.ts';
import { families } from '../../lib/accuracy/families.ts';
import { backtest } from '../../lib/backtest/backtest.ts';
import { baselines } from '../../lib/baselines/baselines.ts';
import { createRandom } from '../../lib/base/random.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { rolling } from '../../lib/batch/rolling.ts';
import { seriesOf } from '../../lib/data/series.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { headOf, losses } from '../../lib/model/heads/heads.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { describeModel, partsFor } from '../support/models.ts';

const random = createRandom(4);
const column = () => Float64Array.from({ length: 60 }, () => Math.round(3 + 8 * random()));
const table = { names: ['x', 'y'], columns: [column(), column()] };
const inputs = [{ name: 'x' }, { name: 'y' }];
const [horizon, rows] = [3, { from: 30 }];
const dependence = [
  [0.5, 0.5],
  [0.2, 0.2],
];

function modelOf(changes: Parameters<typeof describeModel>[0]): Forecaster {
  const description = describeModel({ inputs, targets: ['y', 'x'], horizon, interval: null, ...changes });
  const { residuals: _, ...parts } = partsFor(description);
  return Forecaster.from(parts);
}

/** The values of all windows: [windows * targets][horizon]. */
function windowsOf(model: Forecaster) {
  return [...rolling(model, table, { from: 29 })]
    .filter(({ row }) => row + horizon < 60)
    .flatMap(({ row, forecast }) =>
      ['y', 'x'].map((name, target) => ({
        forecast: forecast.target(name),
        truth: [...table.columns[1 - target]!.subarray(row + 1, row + 1 + horizon)],
      })),
    );
}

const headSizes = { gaussian: 2, 'student-t': 3, 'negative-binomial': 2 } as const;

describe.each(Object.entries(headSizes))('a model with the loss %s', (name, size) => {
  const loss = name as keyof typeof headSizes;
  const model = modelOf({ loss, anchor: 'none', dependence, network: { headSize: 2 * horizon * size } });
  const score = evaluate(model, table, rows);
  const windows = windowsOf(model);

  test('has the CRPS that metrics gives for its distributions: over all, by step and by target', () => {
    const listed = (chosen: typeof windows, steps: readonly number[]) => {
      const of = (values: (window: (typeof windows)[number]) => ArrayLike<number>) =>
        chosen.flatMap((window) => steps.map((step) => values(window)[step]!));
      const { family, parameters } = windows[0]!.forecast.distribution!;
      const lists = Object.keys(parameters).map((each) => [
        each,
        of(({ forecast }) => forecast.distribution!.parameters[each]!),
      ]);
      return metrics.crps(
        of(({ truth }) => truth),
        { family, parameters: Object.fromEntries(lists) },
      ).crps;
    };
    expect(score.crps).toBeCloseTo(listed(windows, [0, 1, 2]), 10);
    expect(score.steps[1]!.crps).toBeCloseTo(listed(windows, [1]), 10);
    const own = windows.filter(({ forecast }) => forecast.targets[0] === 'x');
    expect(score.targets['x']!.crps).toBeCloseTo(listed(own, [0, 1, 2]), 10);
    expect(score.courses).toBeNull();
    expect(Math.abs(score.quantiles!.crps / score.crps! - 1)).toBeLessThan(0.25); // three levels are rough
  });

  test('has nearly that CRPS by sample paths, which are drawn in any order of the rows alike', async () => {
    const drawn = evaluate(model, table, { ...rows, paths: 50 });
    expect(drawn.crps).toBe(score.crps); // the exact one
    expect(drawn.courses!.paths).toBe(50);
    const steps = windows.flatMap(({ forecast, truth }, seed) => {
      const paths = forecast.paths(200, { seed });
      return truth.map((y, h) => ({ y, samples: Array.from({ length: 200 }, (_, p) => paths[p * horizon + h]!) }));
    });
    const sampled = metrics.crps(
      steps.map(({ y }) => y),
      { samples: steps.map(({ samples }) => samples) },
    );
    expect(sampled.crps / score.crps!).toBeCloseTo(1, 1);
    const again = await evaluate(model, seriesOf(table), { ...rows, paths: 50 });
    expect(again.courses).toEqual(drawn.courses);
  });
});

test('every head that gives a distribution has a CRPS, of the parameters that it names', () => {
  for (const loss of losses) {
    const names = headOf(loss).family?.parameters;
    expect(names && [...names], loss).toEqual(families[loss] && Object.keys(families[loss].parameters));
  }
});

describe('a model that draws paths', () => {
  const model = modelOf({
    loss: 'gaussian',
    anchor: 'none',
    paths: { count: 40, seed: 2 },
    network: { headSize: 4 },
  });
  const score = evaluate(model, table, rows);
  const windows = windowsOf(model);
  const pathsOf = ({ forecast }: (typeof windows)[number], count: number) =>
    Array.from({ length: count }, (_, p) => [...forecast.samples!.subarray(p * horizon, (p + 1) * horizon)]);
  const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);

  test.each([undefined, 25])('has the scores that metrics gives for its paths; asked for: %s', (asked) => {
    const count = asked ?? 40;
    const { crps, courses, targets } = evaluate(model, table, { ...rows, ...(asked && { paths: asked }) });
    const truth = windows.map((window) => window.truth);
    const paths = windows.map((window) => pathsOf(window, count));
    const steps = paths.flatMap((own) => [0, 1, 2].map((h) => own.map((path) => path[h]!)));
    expect(crps).toBeCloseTo(metrics.crps(truth.flat(), { samples: steps }).crps, 10);
    expect(courses).toEqual({
      paths: count,
      energy: expect.closeTo(metrics.energyScore(truth, paths).energy, 10),
      sum: expect.closeTo(metrics.crps(truth.map(sum), { samples: paths.map((own) => own.map(sum)) }).crps, 10),
    });
    const x = windows.flatMap(({ forecast }, i) => (forecast.targets[0] === 'x' ? [i] : []));
    const own = (list: readonly unknown[]) => x.map((i) => list[i] as never);
    expect(targets['x']!.courses!.energy).toBeCloseTo(metrics.energyScore(own(truth), own(paths)).energy, 10);
  });

  test('is scored alike by backtest, which adds up several runs', async () => {
    const found = await backtest(table, { train: () => model, horizon, initial: 30, stride: 1, refit: 7 });
    expect(found.windows).toBe(score.windows);
    expect(found.crps).toBeCloseTo(score.crps!, 10);
    expect(found.courses!.energy).toBeCloseTo(score.courses!.energy, 10);
    expect(found.courses!.sum).toBeCloseTo(score.courses!.sum, 10);
  });

  test('cannot be asked for more paths than it draws', () => {
    expect(() => evaluate(model, table, { ...rows, paths: 41 })).toThrow(
      gatecastError('invalid-argument', /at most 40/),
    );
  });
});

test('a model of quantiles is scored by paths if they are asked for', () => {
  const model = modelOf({ dependence });
  expect(evaluate(model, table, rows)).toMatchObject({ crps: null, courses: null });
  const { crps, quantiles, courses, targets } = evaluate(model, table, { ...rows, paths: 100 });
  expect(crps! / quantiles!.crps).toBeGreaterThan(0.7);
  expect(crps! / quantiles!.crps).toBeLessThan(1.3);
  expect(courses!.energy).toBeGreaterThan(0);
  expect((targets['x']!.courses!.sum + targets['y']!.courses!.sum) / 2).toBeCloseTo(courses!.sum, 10);
});

test('a model without paths cannot be asked for them', () => {
  const last = baselines.last({ inputs: ['x'], horizon: 2 });
  expect(() => evaluate(last, table, { paths: 10 })).toThrow(gatecastError('invalid-argument', /for paths/));
  expect(() => evaluate(last, table, { paths: 1 })).toThrow(gatecastError('invalid-argument', /options.paths/));
});
