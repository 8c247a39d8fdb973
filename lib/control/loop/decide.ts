import { defer, map, type OperatorFunction } from 'rxjs';
import { misfit } from '../../base/errors.ts';
import { started } from '../at-once.ts';
import { hasMethods } from '../../base/has-methods.ts';
import type { Policy } from '../policies/policy.ts';

/**
 * Decides at each forecast, synchronously, by a policy such as `threshold`.
 *
 * Each subscription starts the policy with a fresh memory; an error of the policy ends the stream.
 *
 * ```text
 * forecasts  --80--91--88--84--|     highest value that is forecast
 *            decide(threshold({ above: 90, release: 85 }))
 * decisions  --n---y---y---n---|     n: off   y: on
 * ```
 *
 * ```ts
 * const fan = threshold({ above: 90, within: '5m', release: 85 });
 * temp$.pipe(forecast(model), decide(fan)).subscribe(({ on }) => switchFan(on));
 * ```
 *
 * Throws `invalid-argument` at once for a value that is not a policy.
 */
export function decide<In, Out>(policy: Policy<In, Out>): OperatorFunction<In, Out> {
  if (!hasMethods(policy, 'start')) {
    throw misfit('a policy, such as threshold({ above: 90 })', 'policy', policy);
  }
  return (source) =>
    defer(() => {
      const take = started(policy);
      return source.pipe(map((input) => take(input)));
    });
}
