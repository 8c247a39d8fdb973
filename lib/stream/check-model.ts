import { expected, GatecastError } from '../errors.ts';
import { Forecaster } from '../model/forecaster.ts';
import { checkStateOptions, type StateOptions } from '../model/forecaster-state.ts';

/** Checks an operator's arguments when it is made, not first when it is subscribed to. */
export function checkModel(model: Forecaster, options: StateOptions | undefined): void {
  if (!(model instanceof Forecaster)) {
    throw new GatecastError('invalid-argument', expected('a Forecaster', 'model', model));
  }
  if (options !== undefined) checkStateOptions(options, 'options');
}
