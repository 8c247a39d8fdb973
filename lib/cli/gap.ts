import { InvalidArgumentError } from 'commander';
import { type Gap, type GapPolicy, gapPolicies } from '../model/gap.ts';

/** Parses a policy for missing values, or one for each input by name: 'hold', 'flow=hold,speed=decay'. */
export function gap(text: string): Gap {
  if (!text.includes('=')) return policy(text);
  const policies = text.split(',').map((part) => {
    const at = part.lastIndexOf('=');
    return [part.slice(0, at).trim(), policy(part.slice(at + 1).trim())];
  });
  return Object.fromEntries(policies);
}

function policy(text: string): GapPolicy {
  const found = gapPolicies.find((name) => name === text);
  if (found) return found;
  throw new InvalidArgumentError(`Expected ${gapPolicies.join(', ')}, or input=policy between commas.`);
}
