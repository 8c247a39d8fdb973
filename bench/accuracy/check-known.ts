import type { Measured } from './trial.ts';

/** Throws if an error that is known differs in any of its published digits. */
export function checkKnown({ method, errors, known = {} }: Measured): void {
  for (const [measure, published] of Object.entries(known)) {
    const digits = published.split('.')[1]?.length ?? 0;
    const found = errors[measure]?.toFixed(digits);
    if (found === published) continue;
    throw new Error(`Expected ${published}, as published, for ${measure} of ${method} but found ${found}.`);
  }
}
