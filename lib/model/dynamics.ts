import { misfit } from '../base/errors.ts';
import type { Dynamics } from '../network/attached-rollout.ts';
import type { Description } from './description.ts';
import type { StateModel } from './forecaster-states.ts';
import { headOf, pointLosses } from './heads/heads.ts';
import { MAX_SCALED_VALUE } from './magnitudes.ts';

/**
 * A forecaster as the model of a plant. Its targets are measured and predicted one step ahead; its other inputs, in
 * order, are the actions. Throws `invalid-argument` for a forecaster that cannot be rolled out.
 */
export function dynamicsOf({ description, scaler }: Pick<StateModel, 'description' | 'scaler'>): {
  actions: readonly string[];
  dynamics: Dynamics;
} {
  const { targets, anchor, memory } = description;
  const names = description.inputs.map((input) => input.name);
  const actions = names.filter((name) => !targets.includes(name));
  checkDynamics(description, actions);
  return {
    actions,
    dynamics: {
      outputs: Int32Array.from(targets, (name) => names.indexOf(name)),
      mean: scaler.mean,
      deviation: scaler.std,
      anchor: anchor === 'last',
      limit: MAX_SCALED_VALUE,
      feedForward: memory === 'window',
    },
  };
}

function checkDynamics(
  { horizon, memory, lookback, loss, inputs, calendar, cycle, bounds, scale, lags, network }: Description,
  actions: readonly string[],
): void {
  const wrong = (what: string, name: string, received: unknown) =>
    misfit(what, `${name} of the forecaster to roll out`, received);
  if (horizon !== 1) throw wrong('1', 'the horizon', horizon);
  if (memory !== 'carried' && lookback > 1) throw wrong("'carried', or a window of 1,", 'the memory', memory);
  if (network.bidirectional) throw wrong('one direction', 'the network', 'two');
  if (network.attention) throw wrong('none', 'the attention', network.attention);
  if (headOf(loss).gives !== 'point') throw wrong(pointLosses.map((one) => `'${one}'`).join(' or '), 'the loss', loss);
  const category = inputs.find(({ words }) => words !== undefined);
  if (category !== undefined) throw wrong('numbers only', 'the inputs', category.name);
  const ahead = inputs.find(({ of }) => of !== undefined);
  if (ahead !== undefined) throw wrong('none known ahead', 'the inputs', ahead.name);
  if (calendar !== undefined) throw wrong('no value', 'the calendar', calendar);
  if (cycle !== undefined) throw wrong('no value', 'the cycle', cycle);
  if (scale !== undefined) throw wrong('no value', 'the scale', scale.inputs.join(', '));
  if (lags !== undefined) throw wrong('no value', 'the lags', lags.join(', '));
  if (bounds !== undefined) throw wrong('no value', 'the bounds', bounds);
  if (actions.length === 0) {
    throw wrong(
      'an input that is not a target, to be an action,',
      'the inputs',
      inputs.map(({ name }) => name).join(', '),
    );
  }
}
