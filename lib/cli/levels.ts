import { GatecastError } from '../base/errors.ts';
import type { TrainedModel } from '../model/trained-model.ts';
import { givenInputs } from '../model/gap.ts';

/** Refuses, before any work, central intervals wider than the model's quantiles. Throws `invalid-argument`. */
export function checkLevels(model: TrainedModel, levels: readonly number[]): void {
  const state = model.createState();
  const { scaler, description } = model;
  const values = givenInputs(description).map((_, i) => (description.inputs[i]!.words ? '' : scaler.mean[i]!));
  const forecast = state.step({ at: 0, values });
  try {
    for (const level of levels) forecast?.interval(level);
  } catch (cause) {
    if (!(cause instanceof GatecastError)) throw cause;
    const percents = levels.map((level) => Number((100 * level).toFixed(6)));
    const hint = `To train a model that has them: gatecast train --levels ${percents.join(',')}.`;
    throw new GatecastError(cause.code, `${cause.message} ${hint}`, { cause });
  } finally {
    state.dispose();
  }
}
