import { type BaselineComparison, compareWithBaselines } from '../batch/compare-with-baselines.ts';
import { evaluate } from '../batch/evaluate.ts';
import type { SeriesScore } from '../batch/score.ts';
import { type Series, seriesOf } from '../data/series.ts';
import { sliceRows } from '../data/table.ts';
import type { Model } from '../model/model.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import type { Plan } from './plan.ts';

type Planned = Pick<Plan, 'series'>;

/** Compares a model with the baselines on the validation rows of its training; they are fitted to the training rows. */
export function compareOnValidation(model: Model, plan: Planned): Promise<BaselineComparison> {
  const { data, from } = validationRows(plan);
  return compareWithBaselines(model, data, { from });
}

/** Scores a model on the validation rows of its training, with errors on the scale of each series. */
export function scoreOnValidation(model: TrainedModel, plan: Planned): Promise<SeriesScore> {
  const { data, from } = validationRows(plan);
  return evaluate(model, data, { from, scale: from.size > 1 ? 'series' : 'global' });
}

/** The series with validation rows up to their end, and the first of these rows by key. */
function validationRows({ series }: Planned): { data: Series; from: ReadonlyMap<string, number> } {
  const validated = series.filter(({ validation: { from, to } }) => to > from);
  const key = (i: number) => String(i); // several tables may have the same key
  const tables = validated.map(({ table, offset, validation: { to } }, i) => {
    return [key(i), sliceRows(table, 0, to - offset)] as const;
  });
  const from = validated.map(({ offset, validation }, i) => [key(i), validation.from - offset] as const);
  return { data: seriesOf(new Map(tables)), from: new Map(from) };
}
