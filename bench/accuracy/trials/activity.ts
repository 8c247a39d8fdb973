// Which of four activities a smart watch feels, at each tenth of a second and after ten seconds, and how soon it notices another.
import { type Data, evaluateClasses, fit, seriesOf, type Table } from 'gatecast';
import { csvSeries } from 'gatecast/csv';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const TRAIN = 'activity/basic_motions_train.csv';
const TEST = 'activity/basic_motions_test.csv';
const INPUTS = ['ax', 'ay', 'az', 'gx', 'gy', 'gz'];
const CASES = 40;
const METHODS = [
  ['gru carried', { cell: 'gru' }],
  ['lstm carried', { cell: 'lstm' }],
  ['gru window', { cell: 'gru', memory: 'window' }],
  ['lstm window', { cell: 'lstm', memory: 'window' }],
  ['gru both ends', { cell: 'gru', memory: 'window', bidirectional: true }],
  ['lstm both ends', { cell: 'lstm', memory: 'window', bidirectional: true }],
] as const;

export const activity: Trial = {
  name: 'activity',
  about:
    'BasicMotions: share of the 40 test cases told wrongly after their ten seconds (case), and of all samples (sample); ' +
    'samples of 0.1 s until a change is noticed, of those noticed (delay), and share not noticed within a case (missed)',
  needs: [TRAIN, TEST],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const roles = Object.fromEntries([...INPUTS.map((name) => [name, 'past']), ['label', 'target']]);
  const read = (name: string) => csvSeries(file(name), { by: 'case', roles });
  const stream = await oneStream(read(TEST));
  for (const [method, options] of METHODS) {
    for (let seed = 1; seed <= (quick ? 1 : 5); seed++) {
      const settings = { horizon: 0, ...options, ...(quick && { epochs: 1 }) } as const;
      const { value: model, seconds } = await timed(() => fit(read(TRAIN), { ...settings, seed }));
      const cases = await evaluateClasses(model, read(TEST));
      const { delay } = await evaluateClasses(model, stream);
      model.dispose();
      const errors = {
        case: 1 - cases.last.accuracy,
        sample: 1 - cases.accuracy,
        delay: delay.mean,
        missed: 1 - delay.found / delay.changes,
      };
      yield { method, errors, settings, seed, seconds };
    }
  }
}

/** The test cases one after the other, each with another activity than the one before, as one stream. */
async function oneStream(series: AsyncIterable<Table & { key: string }>): Promise<Data> {
  const tables = new Map<string, Table[]>();
  for await (const { key, ...chunk } of series) tables.set(key, [...(tables.get(key) ?? []), chunk]);
  const cases = [...tables.values()];
  const label = cases[0]![0]!.names.indexOf('label');
  const order = Array.from({ length: CASES }, (_, i) => cases[(i % 4) * (CASES / 4) + Math.floor(i / 4)]!).flat();
  const words = [...new Set(order.flatMap((chunk) => chunk.words![label]!))];
  const columns = order[0]!.names.map((_, column) =>
    Float64Array.from(
      order.flatMap((chunk) =>
        Array.from(chunk.columns[column]!, (value) =>
          column === label ? words.indexOf(chunk.words![label]![value]!) : value,
        ),
      ),
    ),
  );
  const names = order[0]!.names;
  return seriesOf(
    new Map([['all', { names, columns, words: names.map((_, i) => (i === label ? words : undefined)) }]]),
  );
}
