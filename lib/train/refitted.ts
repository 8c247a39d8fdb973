import type { StateDict } from '../base/tensor.ts';
import type { ModelParts } from '../model/parts.ts';
import type { TrainedModel } from '../model/trained-model.ts';

/**
 * A model with other weights, learned from all rows, and all else that the validation rows said when they were new to
 * it: the corrections of its quantiles, how its steps go together, its warm-up.
 */
export function refitted<M extends TrainedModel>(
  model: M,
  weights: StateDict,
  make: (parts: ModelParts<M['description']>) => M,
): M {
  const { scaler, residuals, course } = model;
  const description: M['description'] = model.description;
  const training = { ...description.training, refit: true };
  return make({ description: { ...description, training }, weights, scaler, residuals, course });
}
