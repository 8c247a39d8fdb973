import { describe, expect, test } from 'vitest';
import type { ControlCycle } from '../../../lib/control/control-cycle.ts';
import { Assertion } from '../../../lib/control/replay/assertions.ts';
import type { LoopDescription } from '../../../lib/control/replay/loop-description.ts';
import { gatecastError } from '../../support/gatecast-error.ts';

/** A loop at 10 Hz. No loop breaks its own limits: what is checked here is made by hand. */
const loop: LoopDescription = {
  hz: 10,
  inputs: [{ min: -5, max: 5 }],
  limits: [
    { min: -1, max: 1, maxRate: 2 },
    { min: 0, max: 9 },
  ],
  deadlineMs: 80,
  maxAgeMs: 300,
  delayMs: 0,
  fallback: 'hold',
  stop: 'hold',
  degradeAfter: 3,
  recoverAfter: 10,
  inputNames: ['angle'],
  actionNames: ['force', 'brake'],
  controller: null,
};
const ORIGIN = 5000;

type Given = Partial<ControlCycle> & { observed?: number };

/** Runs an assertion through cycles, each good in what it does not say. */
function judge(text: string, cycles: readonly Given[], description = loop) {
  const assertion = new Assertion(text, description);
  let next = 0;
  for (const { observed = 0, ...given } of cycles) {
    const seq = given.seq ?? next + (given.missed ?? 0);
    next = seq + 1;
    const tDue = ORIGIN + 100 * seq;
    const cycle: ControlCycle = {
      seq,
      tDue,
      tIn: tDue,
      tOut: tDue + 1,
      tEvent: tDue,
      ageMs: 0,
      missed: 0,
      deadlineMet: true,
      status: 'running',
      source: 'model',
      iterations: 0,
      limited: false,
      flags: [],
      reason: undefined,
      notice: undefined,
      errors: [],
      action: Float64Array.of(0, 0),
      ...given,
    };
    const moment = { seq, seconds: seq / 10 };
    assertion.observed([observed], moment);
    assertion.sent(cycle.action, cycle.status === 'stopped' ? 'stop' : 'cycle', moment);
    assertion.cycle(cycle, ORIGIN, moment);
  }
  const { holds, broken, checked, first } = assertion.verdict();
  return { holds, broken, checked, seq: first?.seq, what: first?.what };
}

const force = (...values: number[]): Given[] => values.map((value) => ({ action: Float64Array.of(value, 0) }));
const bad = (reason: ControlCycle['reason'], source: ControlCycle['source'] = 'fallback'): Given => ({
  reason,
  source,
});
const good: Given = {};
const times = (count: number, each: Given): Given[] => Array.from({ length: count }, () => each);
const sound = (checked: number) => ({ holds: true, broken: 0, checked, seq: undefined, what: undefined });

describe('no action outside bounds', () => {
  test('holds at the bounds', () => {
    const edge = [...force(-1, 1), { action: Float64Array.of(0, 9) }];
    expect(judge('no action outside bounds', edge)).toEqual(sound(3));
  });

  test.each([1.0000001, -1.1, Number.NaN, Number.POSITIVE_INFINITY])('sees %d', (value) => {
    expect(judge('no action outside bounds', force(0, value, 0.5, value))).toEqual({
      holds: false,
      broken: 2,
      checked: 4,
      seq: 1,
      what: `force ${value}, bounds -1 to 1`,
    });
  });

  test('sees the second value, the action at the end, and one too short', () => {
    const cases = [
      { action: Float64Array.of(0, -0.1) },
      { action: Float64Array.of(2, 0), status: 'stopped' as const, reason: 'stopped' as const },
      { action: Float64Array.of(0) },
    ];
    for (const each of cases) {
      expect(judge('no action outside bounds', [good, each])).toMatchObject({ holds: false, broken: 1, seq: 1 });
    }
  });
});

describe('no action outside rate', () => {
  test('holds for 0.2 a cycle, as sums round it, also after missed cycles, and for any end', () => {
    const steps = force(0.9, 0.9 - 0.2, 0.9 - 0.2 - 0.2, 0.9 - 0.2);
    const end: Given = { action: Float64Array.of(-1, 0), status: 'stopped', reason: 'stopped' };
    expect(judge('no action outside rate', [...steps, end])).toEqual(sound(3));
  });

  test('sees a step that is larger, and one over missed cycles', () => {
    expect(judge('no action outside rate', force(0, 0.1, 0.3001, 0.2))).toEqual({
      holds: false,
      broken: 1,
      checked: 3,
      seq: 2,
      what: 'force from 0.1 to 0.3001, allowed 0.2 a cycle',
    });
    const over = [...force(0), { missed: 3, action: Float64Array.of(0.4, 0) }];
    expect(judge('no action outside rate', over)).toMatchObject({ broken: 1, seq: 4 });
    expect(judge('no action outside rate', force(0, Number.NaN))).toMatchObject({ broken: 1, seq: 1 });
  });

  test('counts from the last action that was taken', () => {
    const assertion = new Assertion('no action outside rate', loop);
    const send = (value: number, as: 'start' | 'cycle' | 'refused') =>
      assertion.sent(Float64Array.of(value, 0), as, { seq: 0, seconds: 0 });
    send(0, 'start');
    send(0.2, 'refused');
    send(0.2, 'cycle');
    expect(assertion.verdict()).toMatchObject({ holds: true, checked: 2 });
    send(0.4, 'refused');
    send(0.6, 'cycle');
    expect(assertion.verdict()).toMatchObject({ holds: false, broken: 1 });
  });
});

test('no NaN: every number that is sent is finite', () => {
  expect(judge('no NaN', force(0, 5, 1e300))).toEqual(sound(3));
  expect(judge('no nan', force(0, Number.NaN))).toMatchObject({ holds: false, seq: 1, what: 'force NaN' });
  expect(judge('no NaN', force(Number.NEGATIVE_INFINITY))).toMatchObject({ holds: false, what: 'force -Infinity' });
});

describe('no unflagged miss', () => {
  const late = (seq: number): Given => ({ tOut: ORIGIN + 100 * seq + 80.1 });

  test('holds if misses and late cycles are reported, and everything else has its reason', () => {
    const flaggedOnes = [good, { ...late(1), deadlineMet: false }, { missed: 2 }, bad('missing'), bad('stale', 'held')];
    expect(judge('no unflagged miss', flaggedOnes)).toEqual(sound(5));
    expect(judge('no unflagged miss', [good, { tOut: ORIGIN + 180 }])).toEqual(sound(2)); // just in time
  });

  test.each<[string, Given[], RegExp]>([
    ['a gap', [good, { seq: 3 }], /2 cycles missing/],
    ['a gap that is counted too small', [good, { seq: 4, missed: 1 }], /2 cycles missing/],
    ['a late cycle', [good, late(1)], /^0\.100 ms after its deadline/],
    ['a schedule that drifts', [good, { tDue: ORIGIN + 101 }], /1\.000 ms off the schedule/],
    ['a fallback without a reason', [good, bad(undefined)], /fallback without a reason/],
  ])('sees %s', (_, cycles, what) => {
    const verdict = judge('no unflagged miss', [...cycles, good]);
    expect(verdict).toMatchObject({ holds: false, broken: 1, what: expect.stringMatching(what) });
  });
});

describe('recovers within N good observations', () => {
  const text = 'recovers within 3 good observations';

  test.each<[string, Given[], number]>([
    ['without a bad observation', [good, bad('overrun'), bad('overrun'), bad('overrun'), good], 0],
    ['at once', [bad('not-finite'), good, good], 1],
    ['at the third', [bad('missing'), bad('bad-action'), bad('overrun'), good], 1],
    ['when bad ones come before the third', [bad('stale'), bad('late'), bad('late'), bad('stale'), good], 1],
    ['when it ends before', [bad('stale'), bad('late'), bad('late')], 0],
  ])('holds %s', (_, cycles, checked) => expect(judge(text, cycles)).toEqual(sound(checked)));

  test('is broken once for each time', () => {
    const never = [bad('wrong-length'), ...times(5, bad('bad-action'))];
    expect(judge(text, [...never, good, ...never])).toEqual({
      holds: false,
      broken: 2,
      checked: 2,
      seq: 3,
      what: 'still bad-action with good observation 3 in a row',
    });
    const lateModel = [bad('missing'), ...times(3, { deadlineMet: false })];
    expect(judge(text, lateModel)).toMatchObject({ holds: false, what: expect.stringContaining('still late') });
  });
});

test('fallback at most P %: of the cycles, but for the last one of the end', () => {
  const end = { ...bad('stopped'), status: 'stopped' as const };
  const cycles = [...times(71, good), ...times(29, bad('missing', 'held')), end];
  expect(judge('fallback at most 29 %', cycles)).toMatchObject({ holds: true, broken: 29, checked: 100, seq: 71 });
  expect(judge('fallback at most 28.9%', cycles)).toMatchObject({ holds: false, what: 'held: missing' });
  expect(judge('fallback at most 0 %', [good])).toEqual(sound(1));
});

test('misses at most P %: of what was due', () => {
  const cycles = [good, { missed: 2 }, { deadlineMet: false }, ...times(5, good)];
  expect(judge('misses at most 30 %', cycles)).toMatchObject({ holds: true, broken: 3, checked: 10 });
  expect(judge('misses at most 29.9 %', cycles)).toMatchObject({ holds: false, seq: 3, what: '2 not run before it' });
});

describe('NAME within LOW..HIGH', () => {
  const angles = (...values: number[]): Given[] => values.map((observed) => ({ observed }));

  test('looks at what is observed', () => {
    expect(judge('angle within -0.5..0.5', angles(0.5, -0.5, 0))).toEqual(sound(3));
    expect(judge('angle within -0.5 .. .5', angles(0, 0.6, 0))).toEqual({
      holds: false,
      broken: 1,
      checked: 3,
      seq: 1,
      what: '0.6',
    });
  });

  test('looks at actions, and from a time on', () => {
    expect(judge('force within 0..1e-1', force(0, 0.1, 0.2))).toMatchObject({ holds: false, broken: 1, seq: 2 });
    expect(judge('force within 0..1 after 150ms', force(-1, -1, 0.5))).toEqual(sound(1));
    expect(judge('angle within 0..1 after 0.2s', angles(9, 9, 9))).toMatchObject({ broken: 1, checked: 1, seq: 2 });
  });

  test('without a value to look at it does not hold', () => {
    expect(judge('angle within 0..1', angles(Number.NaN))).toMatchObject({ holds: false, broken: 0, checked: 0 });
    expect(judge('angle within 0..1 after 1h', angles(0))).toMatchObject({ holds: false, checked: 0 });
  });
});

test('words may be apart by any space, and others are refused with the list', () => {
  expect(new Assertion('  no  action\toutside bounds ', loop).verdict().assertion).toBe('no action outside bounds');
  const refused: [unknown, RegExp, LoopDescription?][] = [
    [
      'no action out of bounds',
      /one of 'no action outside bounds', .*'NAME within LOW\.\.HIGH \[after TIME\]'.*out of/,
    ],
    ['', /one of/],
    [5, /one of/],
    ['recovers within 0 good observations', /at least 1/],
    ['fallback at most 101 %', /0 to 100 %/],
    ['misses at most -1 %', /0 to 100 %/],
    ['angel within 0..1', /one of angle, force, brake.*"angel"/],
    ['angle within 1..0', /at least 1/],
    ['angle within 0..1 after soon', /milliseconds or text.*"soon"/],
    ['no action outside rate', /a loop with a maxRate/, { ...loop, limits: [{ min: 0, max: 1 }] }],
  ];
  for (const [text, message, description = loop] of refused) {
    expect(() => new Assertion(text as string, description)).toThrow(gatecastError('invalid-argument', message));
  }
});
