import { headOf } from '../model/heads/heads.ts';
import { isUndecayed, parameterShapes } from '../network/network-spec.ts';
import { Trainer } from '../network/trainer.ts';
import type { Trainable } from './trainable.ts';
import type { TrainingData } from './data.ts';
import { initialWeights } from './initial.ts';
import type { ResolvedOptions } from './options.ts';
import type { Plan } from './plan.ts';
import { carries } from './windows.ts';

/** The native trainer for a plan, at its starting weights. */
export function createTrainer(plan: Plan, data: TrainingData, options: ResolvedOptions): Trainable {
  // Of a class, the true values are beside the rows, so the column does not matter.
  const { network, channels } = plan.description;
  const { columns } = data.encoder;
  const targets = channels ? [0] : options.targets.map((target) => columns[plan.inputs.indexOf(target)] ?? 0);
  const { loss, dropout, batchSize, weightDecay, clipNorm, seed, threads } = options;
  return new Trainer(
    data.rows,
    {
      network,
      ...data.shape,
      carries: carries(data.shape),
      feedForward: options.memory === 'window' && data.shape.freeSteps > 0, // a window is then one sample
      targets,
      anchor: options.anchor === 'last',
      loss,
      levels: headOf(loss).gives === 'quantiles' ? [...options.levels] : [],
      dropout,
      batchSize,
      weightDecay,
      clipNorm,
      seed,
      frozen: options.frozen ?? [],
      undecayed: [...parameterShapes(network).keys()].filter(isUndecayed),
      threads,
    },
    options.from?.weights() ?? initialWeights(plan.description, data, targets, seed),
    data.marks,
  );
}
