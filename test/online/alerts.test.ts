import { describe, expect, it } from 'vitest';
import { Alerts } from '../../lib/online/anomaly/alerts.ts';
import { Threshold } from '../../lib/online/anomaly/threshold.ts';
import { rowOf, uniform } from './random.ts';

/** Phases as one letter each: . none, [ opened, = open, ] closed. */
function phases(options: { hysteresis: number; refractory: number }, crossings: string): string {
  const alerts = new Alerts(options);
  const row = rowOf(alerts);
  const letters = { none: '.', opened: '[', open: '=', closed: ']' };
  return Array.from(crossings, (letter) => letters[alerts.take(row, 0, letter === 'x')]).join('');
}

describe('alerts', () => {
  it('open at the first crossing and close once all has been quiet', () => {
    expect(phases({ hysteresis: 3, refractory: 0 }, '..x......')).toBe('..[==]...');
    expect(phases({ hysteresis: 1, refractory: 0 }, '..x.x....')).toBe('..[][]...');
  });

  it('are one where crossings come again and again', () => {
    expect(phases({ hysteresis: 3, refractory: 0 }, '.x.x..xxx..x.....')).toBe('.[============]..'.padEnd(17, '.'));
  });

  it('do not open again within the refractory time', () => {
    expect(phases({ hysteresis: 1, refractory: 3 }, 'x.xxxx...')).toBe('[]...[]..');
  });
});

describe('the learned threshold', () => {
  /** Alerts in a thousand samples where P(rarity > r) = exp(-r) and each rarity comes `times` in a row. */
  function alertsOf(rate: number, times: number): number {
    const threshold = new Threshold(rate);
    const alerts = new Alerts({ hysteresis: 20, refractory: 30 });
    const [row, alertsRow] = [rowOf(threshold), rowOf(alerts)];
    const random = uniform(9);
    let opened = 0;
    let rarity = 0;
    for (let t = 0; t < 1_000_000; t++) {
      if (t % times === 0) rarity = -Math.log(random());
      const phase = alerts.take(alertsRow, 0, rarity >= threshold.rarity(row, 0));
      if (phase === 'opened') opened++;
      threshold.learn(row, 0, phase === 'opened');
    }
    return opened / 1000;
  }

  it('opens as many alerts as are wanted, also where rare samples come in clusters', () => {
    for (const rate of [1e-3, 3e-3]) {
      for (const times of [1, 5]) {
        const wanted = 1000 * rate;
        expect(alertsOf(rate, times)).toBeGreaterThan(0.9 * wanted);
        expect(alertsOf(rate, times)).toBeLessThan(1.1 * wanted);
      }
    }
  });

  it('is never lower than where one sample in fifty lies beyond', () => {
    const threshold = new Threshold(0.5);
    const row = rowOf(threshold);
    for (let t = 0; t < 10_000; t++) threshold.learn(row, 0, false);
    expect(Math.exp(-threshold.rarity(row, 0))).toBeCloseTo(0.02, 10);
  });

  it('rises at once where alerts come too often, and comes down again', () => {
    const threshold = new Threshold(0.001);
    const row = rowOf(threshold);
    const first = threshold.rarity(row, 0);
    for (let alert = 0; alert < 20; alert++) threshold.learn(row, 0, true);
    expect(threshold.rarity(row, 0)).toBeGreaterThan(first + 3);
    for (let t = 0; t < 100_000; t++) threshold.learn(row, 0, false);
    expect(threshold.rarity(row, 0)).toBeLessThan(first + 1);
  });
});
