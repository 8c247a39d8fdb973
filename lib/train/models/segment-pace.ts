import type { SegmentDescription } from '../../model/segment/description.ts';
import type { ResolvedOptions, TrainOptions } from '../options.ts';
import { clamp, paced } from '../pace.ts';
import type { Plan } from '../plan.ts';

/**
 * Passes over so many training values, those of all targets, up to this horizon. On the validation rows of four times as
 * many (ETTm1), 40 passes left something to learn; on those of a third (fine dust in Beijing alone), the loss began to
 * rise after 20.
 */
const PASSES = 40;
const VALUES = 2 ** 16;
const SHORT_HORIZON = 96;

/** Without the factor of the horizon. */
const LIMITS = [16, 80] as const;

/**
 * A plan and its options with as many passes as the options say, or else as the rows bear: with the square root of the
 * values, and fewer beyond `SHORT_HORIZON`, because a window of a longer horizon teaches more at once. All are run.
 */
export function withSegmentPace(
  plan: Plan<SegmentDescription>,
  options: ResolvedOptions,
  given: Pick<TrainOptions, 'epochs' | 'patience'>,
): { plan: Plan<SegmentDescription>; options: ResolvedOptions } {
  const { series, description } = plan;
  const { targets, horizon } = description;
  const values = targets.length * series.reduce((sum, { training: { from, to } }) => sum + to - from, 0);
  const passes = clamp(PASSES * Math.sqrt(values / VALUES), ...LIMITS);
  const epochs = given.epochs ?? Math.ceil(passes * Math.sqrt(Math.min(1, SHORT_HORIZON / horizon)));
  return paced(plan, options, { batchSize: options.batchSize, epochs, patience: given.patience ?? epochs });
}
