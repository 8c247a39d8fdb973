import type { Result } from './record.ts';

/** Three significant digits: 1,234,000 or 12.3, below a hundredth 1.2e-3; "-" for nothing. */
export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  if (value !== 0 && Math.abs(value) < 1e-2) return value.toExponential(1);
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** "8, 64" or "B 64, T 256, I 16, H 64" */
export function shapeText({ sizes, batch }: Result): string {
  const parts = [
    ...(batch > 1 || sizes.steps !== undefined ? [`B ${batch}`] : []),
    ...(sizes.steps === undefined ? [] : [`T ${sizes.steps}`]),
    ...(sizes.hidden === undefined ? [] : [`I ${sizes.inputs}, H ${sizes.hidden}`]),
  ];
  return parts.join(', ');
}
