import { type BaselineComparison, compareWithBaselines } from '../batch/compare-with-baselines.ts';
import { seriesOf } from '../data/series.ts';
import { sliceRows } from '../data/table.ts';
import type { Model } from '../model/model.ts';
import type { Plan } from './plan.ts';

/** Compares a model with the baselines on the validation rows of its training; they are fitted to the training rows. */
export function compareOnValidation(model: Model, { series }: Pick<Plan, 'series'>): Promise<BaselineComparison> {
  const validated = series.filter(({ validation: { from, to } }) => to > from);
  const key = (i: number) => String(i); // several tables may have the same key
  const tables = validated.map(({ table, offset, validation: { to } }, i) => {
    return [key(i), sliceRows(table, 0, to - offset)] as const;
  });
  const from = validated.map(({ offset, validation }, i) => [key(i), validation.from - offset] as const);
  return compareWithBaselines(model, seriesOf(new Map(tables)), { from: new Map(from) });
}
