import fc from 'fast-check';
import { firstValueFrom } from 'rxjs';
import { expect, test } from 'vitest';
import { rolling } from '../../lib/batch/rolling.ts';
import { type Series, seriesOf } from '../../lib/data/series.ts';
import { joinTables, type Table } from '../../lib/data/table.ts';
import { prepareData } from '../../lib/train/data.ts';
import { resolveOptions, type TrainOptions } from '../../lib/train/options.ts';
import { planTraining } from '../../lib/train/plan.ts';
import { fit, train } from '../../lib/train/train.ts';
import { trainDynamics } from '../../lib/train/train-dynamics.ts';
import { inPieces } from '../batch/pieces.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { noisySine } from './series.ts';

const options: TrainOptions = { targets: 'sine', horizon: 3, lookback: 12, hidden: 4, epochs: 2 };
const tables = new Map<string, Table>([
  ['long', noisySine(300, 0.1, 1)],
  ['short', noisySine(90, 0.1, 2)],
  ['other', noisySine(160, 0.1, 3)],
]);

test('training on series gives the same bits as on tables, whatever their chunks', async () => {
  const whole = await fit([...tables.values()], options);
  const read = await fit(
    inPieces(tables, (chunk) => 1 + (chunk % 40)),
    options,
  );
  expect(read.fingerprint).toBe(whole.fingerprint);
  expect(read.description.training).toMatchObject({ rows: 240 + 72 + 128, validationRows: 60 + 18 + 32 });
  const one = new Map([['', tables.get('long')!]]);
  expect((await fit(seriesOf(one), options)).fingerprint).toBe((await fit(tables.get('long')!, options)).fingerprint);
});

test('a series too short to validate on is learned from, and the record says so', async () => {
  const more = new Map([...tables, ['tiny', noisySine(5, 0.1, 4)], ['nothing', noisySine(0)]]);
  const { training } = (await fit(seriesOf(more), options)).description;
  expect(training).toMatchObject({ rows: 240 + 72 + 128 + 5, validationRows: 60 + 18 + 32, unvalidated: 2 });
  expect((await fit(seriesOf(tables), options)).description.training).not.toHaveProperty('unvalidated');
  const short = new Map(Array.from({ length: 20 }, (_, i) => [`s${i}`, noisySine(8, 0.1, i)]));
  await expect(fit(seriesOf(short), { ...options, lookback: 3 })).rejects.toThrow(
    gatecastError('invalid-data', /^Expected at least 6 rows to learn from .* and 3 to validate on, but found 6 and 2/),
  );
});

test('no window, and no copy of one, crosses from a series into another', async () => {
  const lengths = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(lengths, fc.boolean(), async (rows, shifted) => {
      // Each series has its own level, so that each scaled row shows its series.
      const series = [...rows, 40].map((count, level) => ({
        key: `s${level}`,
        names: ['y'],
        columns: [new Float64Array(count).fill(level)],
      }));
      const resolved = resolveOptions({ targets: 'y', horizon: 2, lookback: 3 });
      const plan = planTraining(series, resolved);
      const data = await prepareData(plan, shifted ? 3 : 0);
      const { window, horizon } = data.shape;
      const begins = [...(data.marks.begins ?? [])];
      for (const start of [...data.training, ...data.validation]) {
        const begin = begins.findLast((row) => row < start + window) ?? start;
        const rows = data.rows.subarray(Math.max(start, begin), start + window + horizon);
        expect(new Set(rows).size).toBe(1);
        expect(rows.length).toBeGreaterThan(horizon);
      }
      const ends = new Set(plan.series.flatMap(({ training }) => [training.to]));
      expect([...data.validation].some((start) => ends.has(start + window + horizon - 1))).toBe(false);
      expect(data.training.length).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});

test('roles name the targets and the inputs that the options leave open', async () => {
  const holes = joinTables([noisySine(200)]);
  const names = ['sine', 'noise', 'unused'];
  const columns = [...holes.columns, new Float64Array(200)];
  const table: Table = { names, columns, roles: ['target', 'past', undefined] };
  const { targets: _, ...open } = options;
  for (const data of [table, seriesOf(table)]) {
    const { inputs, targets } = (await fit(data, open)).description;
    expect([inputs.map(({ name }) => name), targets]).toEqual([['noise', 'sine'], ['sine']]);
  }
  const named = (await fit(table, { ...open, targets: 'noise', inputs: ['noise'] })).description;
  expect([named.inputs, named.targets]).toEqual([[{ name: 'noise' }], ['noise']]);
  const { roles: __, ...without } = table;
  expect(() => train(without, open)).toThrow(gatecastError('invalid-argument', /options.targets/));
  await expect(fit(seriesOf(without), open)).rejects.toThrow(gatecastError('invalid-argument', /options.targets/));
  expect(() => train({ ...table, roles: ['label'] } as never, open)).toThrow(
    gatecastError('invalid-data', /^Expected 3 roles, each target, past, future, static or undefined, for the roles/),
  );
});

test('wrong options are refused at once, wrong series when they are read', async () => {
  expect(() => train(seriesOf(tables), { ...options, hiden: 3 } as never)).toThrow(/Did you mean hidden/);
  const read = async (series: Series, change: Partial<TrainOptions> = {}) =>
    firstValueFrom(train(series, { ...options, ...change }));
  await expect(read(seriesOf(new Map()))).rejects.toThrow(
    gatecastError('invalid-data', /^Expected rows to learn from in the series but found none\.$/),
  );
  await expect(read(seriesOf(tables), { split: { train: 200, validation: 50 } })).rejects.toThrow(
    /^Expected 200 \+ 50 rows for training and validation but the series "short" has 90\.$/,
  );
  const spiked = noisySine(90);
  spiked.columns[0]![80] = 1e40;
  await expect(read(seriesOf(new Map([...tables, ['spiked', spiked]])))).rejects.toThrow(
    /for sine in row 81 of the series "spiked" but received 1e\+40/,
  );
});

test('a model of many series forecasts a series that it never saw', async () => {
  const model = await fit(seriesOf(tables), options);
  const fresh = new Map([['new', noisySine(60, 0.1, 9)]]);
  const keys = new Set<string>();
  for await (const { key, forecast } of rolling(model, seriesOf(fresh))) if (forecast.ready) keys.add(key);
  expect([...keys]).toEqual(['new']);
});

test('the runs of a plant may be series', async () => {
  const dynamics = { inputs: 'noise', outputs: 'sine', steps: 3, lookback: 4, epochs: 1, hidden: 4 };
  const [runs, read] = [
    await trainDynamics([...tables.values()], dynamics),
    await trainDynamics(seriesOf(tables), dynamics),
  ];
  expect(read.models[0]!.fingerprint).toBe(runs.models[0]!.fingerprint);
  expect(`${read.report}`).toBe(`${runs.report}`);
  await expect(trainDynamics(seriesOf(new Map()), dynamics)).rejects.toThrow(gatecastError('invalid-data'));
});
