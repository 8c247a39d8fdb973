import { GatecastError } from '../base/errors.ts';
import type { CheckedOptions } from './options.ts';

/** A training, and the origins that are forecast with it. Steps are those of the axis. */
export interface Fit {
  /** The training steps. */
  readonly from: number;
  readonly to: number;
  /** The first step that is forecast from its first origin. */
  readonly origin: number;
  /** How many origins it has, `stride` apart. */
  readonly origins: number;
  /** How many origins came before. */
  readonly before: number;
}

/** All trainings of a backtest over so many steps. Throws `invalid-data` if there is no room for one. */
export function planFits(steps: number, options: CheckedOptions): Fit[] {
  const { horizon, stride, gap, mode, refit } = options;
  const last = steps - horizon;
  const first = firstOrigin(last, options, steps);
  const learned = first - gap;
  if (learned < 1 || first > last) {
    const { origins = 1 } = options;
    const [many, them] = origins === 1 ? ['origin', 'it'] : ['origins', 'them'];
    const needed = `${origins} ${many} with a horizon of ${horizon} after ${them}`;
    const message = `Expected ${needed} and rows to learn from before ${gap} rows of gap in ${steps} steps but found too few.`;
    throw new GatecastError('invalid-data', message);
  }
  const origins = Math.floor((last - first) / stride) + 1;
  const fits: Fit[] = [];
  for (let before = 0; before < origins; before += refit) {
    const origin = first + before * stride;
    const to = origin - gap;
    fits.push({
      from: mode === 'sliding' ? to - learned : 0,
      to,
      origin,
      origins: Math.min(refit, origins - before),
      before,
    });
  }
  return fits;
}

function firstOrigin(last: number, { initial, origins, stride }: CheckedOptions, steps: number): number {
  if (origins !== undefined) return last - (origins - 1) * stride;
  return initial ?? Math.floor(steps / 2);
}
