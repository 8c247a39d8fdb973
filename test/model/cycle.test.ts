import { describe, expect, test } from 'vitest';
import { parseDescription } from '../../lib/model/description.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Phases } from '../../lib/model/inputs/cycle.ts';
import { gatecastError } from '../support/gatecast-error.ts';
import { SegmentForecaster } from '../../lib/model/segment/segment-forecaster.ts';
import { describeModel, makeModel, makeSegmentModel, partsFor } from '../support/models.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5); // a Monday
const cycle = { period: 5000, phases: 5, zone: 'UTC' };
const course = Float32Array.of(0, 1, 3, -2, 0.5);

/** A forecaster of `temperature`, with mean 20 and deviation 1.5, whose network gives `output` for every step. */
function constant(output: number, changes: Parameters<typeof describeModel>[0] = {}): Forecaster {
  const parts = partsFor(describeModel({ cycle, ...changes }));
  parts.weights['head.weight']!.data.fill(0);
  parts.weights['head.bias']!.data.fill(output);
  return Forecaster.from({ ...parts, course: { shape: [1, 5], data: course } });
}

describe('a forecaster with a cycle', () => {
  test('adds the course of the steps ahead to what the network forecasts', () => {
    const [moving, level] = [constant(0.5), constant(0.5, { anchor: 'none' })];
    const [changed, given] = [moving.createState(), level.createState()];
    for (let i = 0; i < 12; i++) {
      const sample = { at: START + i * 1000, values: [10, 21] };
      const [from, from0] = [changed.step(sample)!, given.step(sample)!];
      for (let h = 1; h <= 3; h++) {
        const [now, then] = [phaseOf(i), phaseOf(i + h)].map((phase) => course[phase]!);
        expect(from.mean[h - 1]).toBeCloseTo(21 + 1.5 * (0.5 + then! - now!), 5);
        expect(from0.mean[h - 1]).toBeCloseTo(20 + 1.5 * (0.5 + then!), 5);
        expect(from.quantiles[0.1]![h - 1]).toBe(from.mean[h - 1]);
      }
    }
  });

  test('gives the network a target without its course', () => {
    const plain = makeModel({ anchor: 'none', levels: [0.5] });
    const parts = { ...partsFor(describeModel({ cycle, anchor: 'none', levels: [0.5] })), weights: plain.weights() };
    const cycled = Forecaster.from({ ...parts, course: { shape: [1, 5], data: course } });
    const [with_, without] = [cycled.createState(), plain.createState()];
    for (let i = 0; i < 12; i++) {
      const own = 1.5 * course[phaseOf(i)]!;
      const given = with_.step({ at: START + i * 1000, values: [10 + i / 9, 20 + i / 7 + own] })!;
      const expected = without.step([10 + i / 9, 20 + i / 7])!;
      given.mean.forEach((mean, h) => {
        expect(mean).toBeCloseTo(expected.mean[h]! + 1.5 * course[phaseOf(i + h + 1)]!, 4);
      });
    }
  });

  test('is the same after it was saved, and another with another course', () => {
    const model = constant(0.5);
    const read = Forecaster.fromBytes(model.toBytes());
    expect(read.course).toEqual({ shape: [1, 5], data: course });
    expect(read.fingerprint).toBe(model.fingerprint);
    const parts = partsFor(model.description);
    const other = Forecaster.from({ ...parts, course: { shape: [1, 5], data: course.map((value) => value + 1) } });
    const same = Forecaster.from({ ...parts, course: { shape: [1, 5], data: course } });
    expect(other.fingerprint).not.toBe(same.fingerprint);
  });

  test('needs the time of each sample', () => {
    const state = constant(0).createState({ onInvalid: 'error' });
    const wanted = /^Expected a time, which this model reads, for the time of a sample but received undefined\.$/;
    expect(() => state.step([10, 20])).toThrow(gatecastError('invalid-sample', wanted));
  });

  test('refuses a course that does not fit, and a cycle that cannot be', () => {
    const parts = partsFor(describeModel({ cycle }));
    const { course: _, ...without } = parts;
    expect(() => Forecaster.from(without)).toThrow(gatecastError('invalid-state-dict', /course/));
    const short = { shape: [1, 4], data: new Float32Array(4) };
    expect(() => Forecaster.from({ ...parts, course: short })).toThrow(gatecastError('invalid-state-dict', /course/));
    const uncycled = partsFor(describeModel());
    const extra = { ...uncycled, course: { shape: [1, 5], data: course } };
    expect(() => Forecaster.from(extra)).toThrow(gatecastError('invalid-state-dict', /course/));
    const wrong = (changes: object, message: RegExp) =>
      expect(() => parseDescription(describeModel({ cycle, ...changes }))).toThrow(
        gatecastError('invalid-argument', message),
      );
    wrong(
      { cycle: { ...cycle, phases: 1 } },
      /^Expected a whole number from 2 to 10080 for description\.cycle\.phases/,
    );
    wrong({ cycle: { ...cycle, period: 0 } }, /description\.cycle\.period/);
    wrong({ cycle: { ...cycle, zone: 'Nowhere' } }, /^Expected a time zone such as Europe\/Berlin/);
    wrong({ interval: null }, /^Expected the time between samples, for a cycle, for description\.interval/);
  });
});

describe.each(['last', 'instance'] as const)('a model of segments with a cycle, normalised by %s', (normalise) => {
  const form = { levels: [0.5], segments: { normalise } };
  const plain = makeSegmentModel(form);
  const cycled = makeSegmentModel({ ...form, cycle });
  const std = [0.5, 1.5];
  /** The course of target t after `step` seconds, in its own unit. */
  const courseAt = (t: number, step: number) => std[t]! * cycled.course!.data[5 * t + phaseOf(step)]!;

  test('forecasts what it does without one of values without the course, and adds that of the steps ahead', () => {
    const [with_, without] = [cycled.createState(), plain.createState()];
    for (let i = 0; i < 20; i++) {
      const values = [10 + Math.sin(i), 20 + i / 7];
      const own = values.map((value, t) => value + courseAt(t, i));
      const given = with_.step({ at: START + i * 1000, values: own })!;
      const expected = without.step(values)!;
      given.mean.forEach((mean, k) => {
        const [t, h] = [Math.floor(k / 3), k % 3];
        expect(mean).toBeCloseTo(expected.mean[k]! + courseAt(t, i + h + 1), 4);
      });
    }
  });

  test('is the same after it was saved, and needs the time of each sample', () => {
    const read = SegmentForecaster.fromBytes(cycled.toBytes());
    expect(read.course).toEqual(cycled.course);
    expect(read.fingerprint).toBe(cycled.fingerprint);
    expect(read.fingerprint).not.toBe(plain.fingerprint);
    const state = cycled.createState({ onInvalid: 'error' });
    expect(() => state.step([10, 20])).toThrow(gatecastError('invalid-sample', /^Expected a time, which this model/));
    expect(() => makeSegmentModel({ ...form, cycle, interval: null })).toThrow(
      gatecastError('invalid-argument', /^Expected the time between samples, for a cycle, for description\.interval/),
    );
  });
});

describe('the phases of a cycle', () => {
  test('follow local time when the clocks change, and start a week on Monday', () => {
    const days = new Phases({ period: 24 * HOUR, phases: 24, zone: 'Europe/Berlin' });
    expect(days.at(Date.UTC(2026, 2, 28, 8))).toBe(9);
    expect(days.at(Date.UTC(2026, 2, 29, 8))).toBe(10); // summer time
    const weeks = new Phases({ period: 168 * HOUR, phases: 168, zone: 'UTC' });
    expect(weeks.at(START)).toBe(0);
    expect(weeks.at(START - HOUR)).toBe(167);
    expect(weeks.at(START + 30 * HOUR)).toBe(30);
  });

  test('are those of the nearest step, before 1970 too', () => {
    const phases = new Phases({ period: 3000, phases: 3, zone: 'UTC' });
    for (const begin of [0, START, -START]) {
      const first = phases.at(begin);
      for (const jitter of [-400, 0, 400]) expect(phases.at(begin + 3000 * 7 + jitter)).toBe(first);
      expect(phases.at(begin + 1000)).toBe((first + 1) % 3);
    }
  });
});

function phaseOf(step: number): number {
  return new Phases(cycle).at(START + step * 1000);
}
