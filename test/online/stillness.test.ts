import { from } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Judgement } from '../../lib/stream/anomaly/judgement.ts';
import { OnlineForecaster } from '../../lib/online/learner/online-forecaster.ts';
import { anomalies, type AnomalyStreamOptions } from '../../lib/stream/anomaly/anomalies.ts';

const MINUTE = 60_000;
const cycle = (i: number) => 10 + 3 * Math.sin(i / 20) + 0.1 * Math.sin(i * 12.9898) * Math.cos(i * 78.233);

function judge(values: readonly number[], options: AnomalyStreamOptions = {}): Judgement[] {
  const judged: Judgement[] = [];
  from(values.map((value, i) => ({ at: i * MINUTE, values: [value, 2] })))
    .pipe(anomalies(new OnlineForecaster({ inputs: ['level', 'set'], seed: 1 }), { interval: '1m', ...options }))
    .subscribe((judgement) => judged.push(judgement));
  return judged;
}

const stuckAt = (judged: readonly Judgement[]) => judged.flatMap(({ stuck }, i) => (stuck ? [i] : []));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe('a sensor that freezes inside its cycle', () => {
  const frozen = upTo(3000).map((i) => cycle(i >= 2000 && i < 2300 ? 2000 : i));

  test('is stuck from its twentieth reading until it moves, and opens an alert of its own', () => {
    const judged = judge(frozen);
    expect(stuckAt(judged)).toEqual(upTo(281).map((i) => 2019 + i));
    const during = judged.slice(2019, 2300);
    expect(new Set(during.map(({ input }) => input))).toEqual(new Set(['level']));
    expect(during.some(({ alert }) => alert === 'opened')).toBe(true);
    expect(during.at(-1)!.alert).toBe('open');
  });

  test('changes no score, here or later', () => {
    const scores = (options: AnomalyStreamOptions) => judge(frozen, options).map(({ score }) => score);
    expect(scores({})).toEqual(scores({ stuckAfter: 1e6 }));
  });

  test('is stuck as soon as it is said', () => {
    expect(stuckAt(judge(frozen, { stuckAfter: 5 }))[0]).toBe(2004);
  });
});

test('what rests at night is odd in the first night alone, which is learned', () => {
  const judged = judge(upTo(4000).map((i) => (i % 1000 < 600 ? cycle(i) : 0)));
  expect(stuckAt(judged)).toEqual(upTo(381).map((i) => 619 + i));
});

test('what never moves, or moves as seldom as a set point, is never stuck', () => {
  expect(stuckAt(judge(upTo(2000).map(() => 5)))).toEqual([]);
  expect(stuckAt(judge(upTo(3000).map((i) => Math.floor(i / 100))))).toEqual([]);
});

test('a coarse sensor is stuck only beyond twice its usual rest', () => {
  const coarse = (i: number) => Math.floor(i / 15) + (i % 15 === 0 ? 0.5 : 0);
  const judged = judge(upTo(3000).map((i) => coarse(Math.min(i, 2000))));
  expect(stuckAt(judged)[0]! - 2000).toBeGreaterThanOrEqual(20);
  expect(stuckAt(judge(upTo(3000).map(coarse)))).toEqual([]);
});
