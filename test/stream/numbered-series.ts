import type { TimedSample } from '../../lib/model/sample.ts';
import type { LiveForecast } from '../../lib/online/live-forecast.ts';
import type { StreamOptions } from '../../lib/stream/state/stream-options.ts';
import { makeModel } from '../support/models.ts';

export const model = makeModel();

export const everything: StreamOptions = {
  history: 2,
  gap: 'impute',
  lateness: '3s',
  health: true,
  adapt: { patience: 5 },
  calibrate: true,
  skill: { patience: 5 },
  fallback: 'naive',
  watch: true,
};

export type Numbered = TimedSample & { id: string };

/** Sample n of a series over some keys: some values are missing, some samples late, some lost. */
export function nth(n: number, keys: number): Numbered {
  const key = (n * 7) % keys;
  const step = Math.floor(n / keys);
  const at = step % 5 === 2 ? step + 1.9 : step % 5 === 4 ? step - 0.9 : step; // two of five swap places
  const values = [
    10 + Math.sin(step / 3 + key) / 2,
    n % 17 === 3 ? Number.NaN : 20 + Math.cos(step / 7) + (n % 5) / 10,
  ];
  return { id: `key ${key}`, at: 1000 * at, values, offset: n };
}

export function line(f: LiveForecast & { key?: string }): string {
  return `${f.key ?? ''} ${f.at} ${f.kind} ${f.numbers.join(' ')} ${JSON.stringify(f.trust)}\n`;
}
