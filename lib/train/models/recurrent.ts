import { headLayout } from '../../model/heads/heads.ts';
import { streamsOf } from '../../model/channels.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { assemble } from '../assemble.ts';
import { createTrainer } from '../create-trainer.ts';
import type { ResolvedOptions } from '../options.ts';
import { passLength } from '../pace.ts';
import type { Plan } from '../plan.ts';
import { refitted } from '../refitted.ts';
import type { LearningTask } from './task.ts';

/** Learning of a stacked GRU or LSTM that keeps its state from sample to sample. */
export function recurrentTask(plan: Plan, options: ResolvedOptions): LearningTask<Forecaster> {
  const { description } = plan;
  return {
    createTrainer: (data) => createTrainer(plan, data, options),
    validated: ({ validation }) => validation,
    tolerance: () => 0,
    windowsOfPass: (data) => passLength(plan, data),
    head: { ...headLayout(description), targets: description.targets.length / streamsOf(description) },
    assemble: (data, best, weights, signal) => assemble(plan, data, options, best, weights, signal),
    refitted: (model, weights) => refitted(model, weights, (own) => Forecaster.from(own)),
  };
}
