import { MissingWords } from '../../lib/reading/missing.ts';
import { OneTime } from '../../lib/reading/one-time.ts';

const options = { missing: new MissingWords(), format: {}, agreed: false, small: 's', interval: null } as const;

/** The time [ms since 1970] of one text, as the first line of a live source has it; NaN for none and for numbers. */
export function parseTime(text: string): number {
  if (Number.isFinite(Number(text))) return Number.NaN;
  try {
    return new OneTime('time', { ...options, note: () => {} }).read(text, '');
  } catch {
    return Number.NaN;
  }
}
