import { misfit } from '../base/errors.ts';
import { NUMERIC_TIMES, type NumericTime } from './numeric-times.ts';
import { type DateOrder, ORDERS } from './time-scan.ts';

/** The user's word on how times are written. */
export interface TimeFormat {
  pattern?: string;
  order?: DateOrder;
  unit?: NumericTime;
}

/** Throws `invalid-argument` for an unknown format. */
export function timeFormat(format: string | undefined): TimeFormat {
  if (format === undefined) return {};
  if ((ORDERS as readonly string[]).includes(format)) return { order: format as DateOrder };
  if ((NUMERIC_TIMES as readonly string[]).includes(format)) return { unit: format as NumericTime };
  if (format.includes('%')) return { pattern: format };
  const known = [...ORDERS, ...NUMERIC_TIMES].join(', ');
  throw misfit(`a format such as '%d.%m.%Y %H:%M:%S', or one of ${known},`, 'the time format', format);
}
