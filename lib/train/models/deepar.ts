import { aheadName } from '../../model/ahead.ts';
import { type Description, parseDescription } from '../../model/description.ts';
import { Forecaster } from '../../model/forecaster.ts';
import { isRead } from '../../model/inputs/inputs.ts';
import { Scaler } from '../../model/scaler.ts';
import { PATHS } from '../defaults.ts';
import type { ResolvedOptions } from '../options.ts';
import type { Plan } from '../plan.ts';
import { recurrentTask } from './recurrent.ts';
import type { LearningTask } from './task.ts';

type PathsOptions = Pick<ResolvedOptions, 'horizon' | 'paths' | 'seed'>;

/**
 * Learning of a model that draws sample paths (DeepAR; Salinas et al., 2020). What is learned is a recurrent model that
 * forecasts one step from true values; the forecasts of more steps are drawn from it. Throws `invalid-argument` for
 * options that such a model cannot have.
 */
export function deeparTask(plan: Plan, options: ResolvedOptions): LearningTask<Forecaster> {
  parseDescription(drawnDescription(plan.description, options));
  const task = recurrentTask(plan, options);
  return {
    ...task,
    assemble: async (...finished) => {
      const step = await task.assemble(...finished);
      if (!step) return undefined;
      try {
        return Forecaster.from({
          description: drawnDescription(step.description, options),
          weights: step.weights(),
          scaler: scalerFor(drawnInputs(step.description, options.horizon), step.scaler),
          course: step.course,
        });
      } finally {
        step.dispose();
      }
    },
  };
}

/** The model of one step that a model learned which draws paths: what `planFrom` goes on from. */
export function stepOf({
  description,
  scaler,
  course,
}: Forecaster): Pick<Forecaster, 'description' | 'scaler' | 'course'> {
  const { paths, ...others } = description;
  const inputs = description.inputs.filter((input) => isRead(input, paths));
  return { description: { ...others, inputs, horizon: 1 }, scaler: scalerFor(inputs, scaler), course };
}

function drawnDescription(step: Description, { horizon, paths: count = PATHS, seed }: PathsOptions): Description {
  return { ...step, inputs: drawnInputs(step, horizon), horizon, paths: { count, seed } };
}

/** The inputs of a step, with all steps ahead of what is known ahead. */
function drawnInputs({ inputs }: Description, horizon: number): Description['inputs'] {
  return inputs.flatMap((input) => {
    const { of } = input;
    if (of === undefined) return [input];
    return Array.from({ length: horizon }, (_, h) => ({ ...input, name: aheadName(of, h + 1), ahead: h + 1 }));
  });
}

/** The numbers of a scaler for these inputs; those of a step ahead are those of the first. */
function scalerFor(inputs: Description['inputs'], { names, mean, std }: Scaler): Scaler {
  const places = inputs.map(({ name, of }) => names.indexOf(of === undefined ? name : aheadName(of, 1)));
  const own = (values: Float64Array) => places.map((place) => values[place]!);
  return new Scaler(
    inputs.map(({ name }) => name),
    own(mean),
    own(std),
  );
}
