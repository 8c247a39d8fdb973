// What `compare` recommends, from two sets of seeds: the second must not overturn the first.
import { readCsv } from '../../../lib/adapters/csv.ts';
import { compareModels } from '../../../lib/compare/compare.ts';
import { type Outcome, type Task, timed, type Trial } from '../trial.ts';

const FILE = 'classic/daily-min-temperatures.csv';
const TARGET = 'Temp';
const HORIZON = 7;
const BUDGET = 120;
const SEEDS = [
  [1, 2, 3],
  [4, 5, 6],
];

export const compareTrial: Trial = {
  name: 'compare',
  about: `what compare recommends for the lowest temperature of each day, a week ahead, from two sets of seeds, ${BUDGET} s each`,
  needs: [FILE],
  run,
};

async function* run({ quick, file }: Task): AsyncIterable<Outcome> {
  const table = await readCsv(file(FILE));
  const train = { targets: TARGET, horizon: HORIZON, ...(quick && { epochs: 1 }) };
  const choices = new Set<string>();
  for (const seeds of SEEDS) {
    const { value, seconds } = await timed(() => compareModels(table, { train, seeds, budget: BUDGET * 1000 }));
    const { recommendation, candidates, baselines, model } = value;
    model.dispose();
    if (seconds > BUDGET) throw new Error(`Expected at most ${BUDGET} s but it took ${seconds} s.`);
    choices.add(recommendation.choice);
    const settings = { train, seeds, choice: recommendation.choice, against: recommendation.against };
    const best = baselines.baselines[baselines.best]!;
    yield { method: `recommended: ${recommendation.choice}`, errors: {}, settings, seconds };
    for (const { name, mse, mae } of candidates) {
      yield { method: name, errors: { 'MSE scaled': mse, MAE: mae }, settings, seconds: 0 };
    }
    yield { method: baselines.best, errors: { 'MSE scaled': best.scaled.mse, MAE: best.mae }, settings, seconds: 0 };
  }
  if (choices.size > 1) throw new Error(`Expected one recommendation but found ${[...choices].join(' and ')}.`);
}
