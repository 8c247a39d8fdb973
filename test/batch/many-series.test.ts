import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { baselines } from '../../lib/baselines/baselines.ts';
import { evaluate } from '../../lib/batch/evaluate.ts';
import { Lanes } from '../../lib/batch/lanes.ts';
import { predict } from '../../lib/batch/predict.ts';
import { type RollingForecast, rolling } from '../../lib/batch/rolling.ts';
import { blocksOf } from '../../lib/data/blocks.ts';
import { type KeyedTable, type Series, seriesOf } from '../../lib/data/series.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { makeModel } from '../support/models.ts';
import { inPieces, someTables } from './pieces.ts';
import { standInModel } from './stand-in-model.ts';

const models = {
  GRU: makeModel(),
  LSTM: makeModel({ loss: 'mse', levels: [], network: { cell: 'lstm', hiddenSize: 7, numLayers: 1 } }),
  window: makeModel({ memory: 'window', lookback: 4 }),
  'window of both directions': makeModel({
    memory: 'window',
    lookback: 4,
    network: { bidirectional: true, attention: 2 },
  }),
};
const tables = someTables([40, 0, 17, 1, 60, 33, 25, 40, 3, 12, 40, 40, 8, 9, 50, 21, 2, 44, 31]); // more series than there is room for at first
const numbersOf = ({ row, forecast }: RollingForecast) => {
  const { at, ready, skipped, numbers } = forecast;
  return { row, at, ready, skipped, numbers };
};

/** The rolling forecasts of each series, in order. */
async function byKey(forecasts: AsyncIterable<RollingForecast>) {
  const found: Record<string, unknown[]> = {};
  for await (const each of forecasts) (found[each.key] ??= []).push(numbersOf(each));
  return found;
}

describe.each(Object.entries(models))('many series of a %s', (_, model) => {
  test.each([{}, { every: 7 }, { every: 3, from: 1, to: 30 }])(
    'are forecast to the bit as each alone: %o',
    async (o) => {
      const alone = [...tables].map(([key, table]) => [key, [...rolling(model, table, o)].map(numbersOf)] as const);
      expect(await byKey(rolling(model, seriesOf(tables), o))).toEqual(
        Object.fromEntries(alone.filter(([, forecasts]) => forecasts.length > 0)),
      );
    },
  );

  test('have the predictions that a rolling forecast gives at its end', async () => {
    const latest = await predict(
      model,
      inPieces(tables, () => 9),
    );
    for (const [key, table] of tables) {
      const last = [...rolling(model, table)].at(-1);
      expect(latest.get(key) && numbersOf(latest.get(key)!), key).toEqual(last && numbersOf(last));
    }
    expect((await predict(model, tables.get('s0')!)).get('')!.forecast.numbers).toEqual(
      latest.get('s0')!.forecast.numbers,
    );
  });

  test('are scored to the bit as if alone, and together', async () => {
    const { series, ...all } = await evaluate(model, seriesOf(tables), { from: 4 });
    const long = [...tables].filter(([, table]) => table.columns[0]!.length > 12);
    const alone = new Map(long.map(([key, table]) => [key, evaluate(model, table, { from: 4 })]));
    for (const [key, score] of alone) expect(series.get(key), key).toEqual(score);
    const scores = [...series.values()];
    expect(all.windows).toBe(scores.reduce((sum, { windows }) => sum + windows, 0));
    expect(all.mae).toBeCloseTo(scores.reduce((sum, { windows, mae }) => sum + windows * mae, 0) / all.windows, 10);
    expect(all.naive.mse).toBeCloseTo(
      scores.reduce((sum, { windows, naive }) => sum + windows * naive.mse, 0) / all.windows,
      10,
    );
  });
});

test('the size of the chunks does not matter', async () => {
  const model = models.GRU;
  const options = { every: 2, from: 3 };
  const forecasts = await byKey(rolling(model, seriesOf(tables), options));
  const score = await evaluate(model, seriesOf(tables), { from: 2, to: 41 });
  const latest = await predict(model, seriesOf(tables));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 45 }), { minLength: 1, maxLength: 9 }), async (sizes) => {
      const series = inPieces(tables, (chunk) => sizes[chunk % sizes.length]!);
      expect(await byKey(rolling(model, series, options))).toEqual(forecasts);
      expect(await evaluate(model, series, { from: 2, to: 41 })).toEqual(score);
      expect([...(await predict(model, series))]).toEqual([...latest]);
    }),
    { numRuns: 10 },
  );
});

test('blocks stay within their limit and keep the rows of each series in order', async () => {
  const rows = (table: KeyedTable) => [...table.columns[0]!];
  for (const held of [1, 60, 1e9]) {
    const found = new Map<string, number[]>();
    let most = 0;
    for await (const block of blocksOf(
      inPieces(tables, () => 10),
      ['temperature'],
      held,
    )) {
      expect(new Set(block.map(({ key }) => key)).size).toBe(block.length);
      most = Math.max(
        most,
        block.reduce((sum, table) => sum + 2 * rows(table).length, 0),
      );
      for (const table of block) found.set(table.key, [...(found.get(table.key) ?? []), ...rows(table)]);
    }
    expect(most).toBeLessThan(held + 2 * 10);
    for (const [key, table] of tables) expect(found.get(key) ?? []).toEqual([...table.columns[1]!]);
  }
});

test('more series than a call can have arguments are stepped side by side', () => {
  const lanes = new Lanes(baselines.last({ inputs: ['a'] }), { lanes: 2 ** 18 });
  const column = Float64Array.of(7);
  const tables = Array.from({ length: 150_000 }, (_, i) => ({ key: String(i), names: ['a'], columns: [column] }));
  for (const step of lanes.run(tables, { wanted: (_, { key }) => key === '149999' })) {
    if (step) expect(step.forecast.mean).toEqual(column);
  }
  expect([...lanes.keys]).toHaveLength(tables.length);
  lanes.dispose();
});

describe('a source', () => {
  const line = (rows: number, key = 'a') => ({
    key,
    names: ['y'],
    columns: [Float64Array.from({ length: rows }, (_, t) => t)],
  });
  const model = () => standInModel({ horizon: 3, predict: (last, _, step) => last[0]! + step });
  const source = (...chunks: unknown[]): Series => ({
    async *[Symbol.asyncIterator]() {
      yield* chunks as KeyedTable[];
    },
  });
  const all = async (series: Series) => {
    const found: RollingForecast[] = [];
    for await (const each of rolling(model(), series)) found.push(each);
    return found;
  };

  test('is ended, and the states are released, if the caller stops early', async () => {
    const counted = model();
    let ended = false;
    const endless: Series = {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) yield line(1e6);
        } finally {
          ended = true;
        }
      },
    };
    for await (const { key } of rolling(counted, endless)) {
      expect(key).toBe('a');
      break;
    }
    expect([ended, counted.states]).toEqual([true, 0]);
  });

  test('of straight lines is forecast without an error, each series and all together', async () => {
    const score = await evaluate(model(), source(line(9), line(9, 'b'), line(2, 'c')));
    expect(score).toMatchObject({ windows: 12, mse: 0, naive: { mae: 2 } });
    expect([...score.series.keys()]).toEqual(['a', 'b']);
  });

  test('that fails ends its reader with the same error', async () => {
    const broken: Series = {
      async *[Symbol.asyncIterator]() {
        yield line(2);
        throw new Error('the line went dead');
      },
    };
    for (const read of [all, (each: Series) => predict(model(), each), (each: Series) => evaluate(model(), each)]) {
      await expect(read(broken)).rejects.toThrow('the line went dead');
    }
  });

  test.each([
    [/^Expected text for the key of a chunk of the series but received undefined\.$/, { ...line(3), key: undefined }],
    [/^Expected text for the key of a chunk of the series but received undefined\.$/, 5],
    [/^Expected an array of column names for names of the series "a" but received undefined\.$/, { key: 'a' }],
    [
      /^Expected the columns y, which came first, for the series "b" but received "z"\.$/,
      line(3),
      { ...line(3, 'b'), names: ['z'] },
    ],
    [/^Expected a column "y" among x\. Did you mean "x"\?$/, { ...line(3), names: ['x'] }],
  ])('is refused in one sentence: %s', async (message, ...chunks) => {
    await expect(all(source(...chunks))).rejects.toThrow(gatecastError('invalid-data', message));
    await expect(predict(model(), source(...chunks))).rejects.toThrow(gatecastError('invalid-data', message));
    await expect(evaluate(model(), source(...chunks))).rejects.toThrow(gatecastError('invalid-data', message));
  });

  test('is not a map or a list of tables: the error says how to make it one', () => {
    for (const wrong of [new Map([['a', line(3)]]), [line(3)]]) {
      expect(() => rolling(model(), wrong as never)).toThrow(
        gatecastError('invalid-data', /^Expected a table or series for the data .* Did you mean seriesOf\(new Map/),
      );
    }
  });

  test('without one complete window has no score', async () => {
    await expect(evaluate(model(), source(line(3), line(2, 'b')))).rejects.toThrow(
      gatecastError(
        'invalid-data',
        /^Expected at least one complete window of horizon 3 from row 0 on but found none\.$/,
      ),
    );
    await expect(evaluate(model(), source())).rejects.toThrow(gatecastError('invalid-data'));
    expect(await predict(model(), source())).toEqual(new Map());
  });
});
