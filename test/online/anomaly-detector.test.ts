import { describe, expect, it } from 'vitest';
import { AnomalyDetector, type Verdict } from '../../lib/online/anomaly/anomaly-detector.ts';
import { AnomalyState } from '../../lib/stream/anomaly/anomaly-state.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import type { Judgement } from '../../lib/stream/anomaly/judgement.ts';
import { gaussian, rowOf } from './random.ts';

const rows = 12_000;
const noise = gaussian(11);
/** Minutes of two sensors in daily and hourly cycles, with noise; whatever `fault` does to a row. */
function plant(fault: (values: number[], t: number) => void = () => {}): number[][] {
  return Array.from({ length: rows }, (_, t) => {
    const values = [
      20 + 3 * Math.sin((2 * Math.PI * t) / 1440) + 0.2 * noise(),
      5 + Math.sin((2 * Math.PI * t) / 60) + 0.1 * noise(),
    ];
    fault(values, t);
    return values;
  });
}

function judge(samples: readonly number[][], perDay = 0.5): Judgement[] {
  const model = new OnlineForecaster({ inputs: ['warmth', 'pressure'], hidden: 16 });
  const state = new AnomalyState(model, { interval: '1m', perDay });
  const judged = samples.map((sample) => state.step(sample)!);
  state.dispose();
  model.dispose();
  return judged;
}

const opened = (judged: readonly Judgement[]) => judged.flatMap(({ alert }, t) => (alert === 'opened' ? [t] : []));

describe('anomalies of a stream that is learned online', () => {
  it('alerts about as often as is welcome where nothing is wrong', () => {
    const alerts = opened(judge(plant(), 2)).length; // 8.3 days: 16.7 are welcome
    expect(alerts).toBeGreaterThan(5);
    expect(alerts).toBeLessThan(25);
  });

  it('finds a spike, a step and a slow drift, at the sensor at fault, each with one alert', () => {
    const judged = judge(
      plant((values, t) => {
        if (t === 5000) values[1]! += 2; // a spike: twenty deviations of the noise, two of the cycle
        if (t >= 8000 && t < 8200) values[0]! += 6; // a step, and back
        if (t >= 10_000) values[1]! += (t - 10_000) / 200; // a drift no single forecast misses by much
      }),
    );
    const near = (from: number, to: number) => opened(judged).filter((t) => t >= from && t < to);
    expect(near(5000, 5001)).toEqual([5000]);
    expect(judged[5000]).toMatchObject({ input: 'pressure', ready: true });
    expect(near(8000, 8200)).toHaveLength(1);
    expect(judged[8000]).toMatchObject({ input: 'warmth', alert: 'opened' });
    const drift = near(10_000, 11_500);
    expect(drift.length).toBeGreaterThanOrEqual(1);
    expect(drift.length).toBeLessThanOrEqual(3);
    expect(judged[drift[0]!]!.input).toBe('pressure');
    expect(opened(judged).length).toBeLessThan(12);
  });

  it('finds the first change of what never changed, in whatever unit', () => {
    for (const unit of [1e-6, 1, 1e6]) {
      const samples = Array.from({ length: 2000 }, (_, t) => [unit * (t < 1500 ? 20 : 20.1), unit * 3]);
      const judged = judge(samples);
      expect(opened(judged)).toEqual([1500]);
      expect(judged[1500]).toMatchObject({ input: 'warmth', score: 1 });
    }
  });

  it('says nothing before it has learned', () => {
    const judged = judge(plant((values, t) => (values[0]! += t === 100 ? 50 : 0)).slice(0, 300));
    expect(
      judged.every(
        ({ ready, score, alert, likelihood }) => !ready && score === 0 && likelihood === 0 && alert === 'none',
      ),
    ).toBe(true);
  });
});

describe('the detector', () => {
  it('goes on from a copy of its row as from the first, to the bit', () => {
    const detector = new AnomalyDetector({
      targets: 2,
      rate: 0.01,
      hysteresis: 2,
      refractory: 3,
      warmup: 50,
      stuckAfter: 20,
    });
    const verdict = (): Verdict => ({
      ready: false,
      score: 0,
      threshold: 0,
      likelihood: 0,
      alert: 'none',
      stuck: false,
      target: 0,
    });
    const [first, second] = [verdict(), verdict()];
    const row = rowOf(detector);
    const samples = plant().slice(0, 2000);
    const distances = new Float64Array(2);
    samples.slice(0, 1000).forEach((sample) => {
      distances.fill(noise());
      detector.judge(row, 0, Float64Array.from(sample), distances, first);
    });
    const copy = row.slice();
    for (const sample of samples.slice(1000)) {
      distances.fill(noise());
      detector.judge(row, 0, Float64Array.from(sample), distances, first);
      detector.judge(copy, 0, Float64Array.from(sample), distances, second);
      expect(second).toEqual(first);
    }
    expect(copy).toEqual(row);
    expect(row.every(Number.isFinite)).toBe(true);
  });

  it('keeps finite numbers, and scores from 0 to 1, whatever comes', () => {
    const detector = new AnomalyDetector({
      targets: 1,
      rate: 0.01,
      hysteresis: 2,
      refractory: 3,
      warmup: 10,
      stuckAfter: 20,
    });
    const row = rowOf(detector);
    const verdict: Verdict = {
      ready: false,
      score: 0,
      threshold: 0,
      likelihood: 0,
      alert: 'none',
      stuck: false,
      target: 0,
    };
    const odd = [0, 1e100, -1e100, 5e-324, 1, 1e-300, 1e6];
    for (let t = 0; t < 5000; t++) {
      const value = Float64Array.of(odd[(t * t + (t >> 3)) % odd.length]!);
      detector.judge(row, 0, value, Float64Array.of(((t % 7) - 3) * 10 ** (t % 7)), verdict);
      expect(verdict.score >= 0 && verdict.score <= 1 && verdict.likelihood >= 0 && verdict.likelihood <= 1).toBe(true);
    }
    expect(row.every(Number.isFinite)).toBe(true);
  });
});
