import { misfit } from '../../base/errors.ts';
import { type LqrOptions, lqr } from '../policies/lqr.ts';
import type { Observation } from '../observation.ts';
import { type PidOptions, pid } from '../policies/pid.ts';
import type { LoopDescription } from './loop-description.ts';
import type { Controller } from './loop-trial-options.ts';

/** `given`, or else the controller in the recording of the loop. Throws `invalid-argument` if there is neither. */
export function controllerOf({ controller }: LoopDescription, given: Controller | undefined): Controller {
  if (given !== undefined) return given;
  if (controller === null) {
    const what = 'a controller, which the recording lacks (it keeps a pid or an lqr without functions only),';
    throw misfit(what, 'options.controller', given);
  }
  const { type, options } = controller;
  return type === 'pid'
    ? pid(options as PidOptions<Observation> & { measure: number })
    : lqr(options as LqrOptions<Observation>);
}
