import { expect, it } from 'vitest';
import { runExample } from './run-example.ts';

it('examples/anomalies.ts finds both failures of the pump, once each, and names the input at fault', async () => {
  const { lines } = await runExample('anomalies.ts');
  const opened = lines.filter((line) => line.includes('opened'));
  expect(opened.length).toBeLessThanOrEqual(4);
  expect(opened.some((line) => /^2026-01-04T0[0-2].*temperature/.test(line))).toBe(true);
  expect(opened.filter((line) => /^2026-01-05T00:00 .*vibration/.test(line))).toHaveLength(1);
});
