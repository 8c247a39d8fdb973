import { misfit } from '../base/errors.ts';
import { parameterShapes } from '../network/network-spec.ts';
import { readStateDict } from '../network/state-dict.ts';
import type { StateDict, Tensor } from '../base/tensor.ts';
import { isA, isRecord, reading } from '../base/values.ts';
import { type Description, parseDescription } from './description.ts';
import { headOf } from './heads/heads.ts';
import { checkMagnitudes, MAX_SCALED_VALUE, MAX_WEIGHT } from './magnitudes.ts';
import { Scaler } from './scaler.ts';
import type { TrainedDescription } from './trained-model.ts';

/** The parts that a trained model is made from. */
export interface ModelParts<D extends TrainedDescription = TrainedDescription> {
  readonly description: D;
  /** By PyTorch's names, with 'head.weight' and 'head.bias'; gates in PyTorch's order. */
  readonly weights: StateDict;
  /** One mean and deviation for each input of the description, under its name; those of a category are not used. */
  readonly scaler: Scaler;
  /**
   * [targets * horizon, levels] on the network's scale, from rows that the network has not learned from. For a head
   * that gives points, which needs them if the description has levels: what is added to the forecast for each quantile,
   * quantiles of (true value - forecast). A head that gives quantiles may have them: what is added to each quantile, so
   * that as many true values lie below it as its level says.
   */
  readonly residuals?: Tensor | undefined;
  /** The course of the description's cycle, [targets, phases] on the network's scale; only with a cycle. */
  readonly course?: Tensor | undefined;
}

/** The parts that a forecaster is made from. */
export type ForecasterParts = ModelParts<Description>;

/** How the description of a kind of model is checked, and which weights belong to it. */
export interface PartsForm<D extends TrainedDescription> {
  parse(description: unknown): D;
  shapes(description: D): ReadonlyMap<string, number[]>;
}

export const recurrentForm: PartsForm<Description> = {
  parse: parseDescription,
  shapes: ({ network }) => parameterShapes(network),
};

/**
 * Checks that the parts fit together, before anything is made from them. Returns them with a frozen description, and
 * copies of the scaler, the residuals and the course. Throws `invalid-argument` or `invalid-state-dict`, naming the
 * field or the tensor.
 */
export function checkModelParts<D extends TrainedDescription>(parts: ModelParts<D>, form: PartsForm<D>): ModelParts<D> {
  if (!isRecord(parts)) {
    throw misfit('an object', 'the parts of a forecaster', parts);
  }
  const given = reading('the parts of a forecaster', () => {
    const { description, weights, scaler, residuals, course } = parts;
    return { description, weights, scaler, residuals, course };
  });
  const { description, scaler } = given;
  const checked = form.parse(description);
  const { inputs, targets, horizon, cycle, loss, levels } = checked;
  if (!isA(scaler, Scaler)) throw misfit('a Scaler', 'scaler', scaler);
  const stranger = scaler.names.find((name, i) => name !== inputs[i]?.name);
  if (stranger !== undefined || scaler.names.length !== inputs.length) {
    throw misfit(`the names of the ${inputs.length} inputs, in order`, 'the scaler', stranger ?? scaler.names);
  }
  const weights = readStateDict(form.shapes(checked), given.weights);
  checkMagnitudes(weights, MAX_WEIGHT);
  const { gives } = headOf(loss);
  const shapes = new Map<string, number[]>();
  if (levels.length > 0 && (gives === 'point' || (gives === 'quantiles' && given.residuals)))
    shapes.set('residuals', [targets.length * horizon, levels.length]);
  if (cycle) shapes.set('course', [targets.length, cycle.phases]);
  const beside: StateDict = readStateDict(shapes, {
    ...(given.residuals && { residuals: given.residuals }),
    ...(given.course && { course: given.course }),
  });
  checkMagnitudes(beside, MAX_SCALED_VALUE);
  const copied = new Scaler(scaler.names, scaler.mean, scaler.std);
  const { residuals, course } = beside;
  return {
    description: checked,
    weights,
    scaler: copied,
    residuals: residuals && copy(residuals),
    course: course && copy(course),
  };
}

function copy({ shape, data }: Tensor): Tensor {
  return { shape: [...shape], data: data.slice() };
}
