import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ControlCycle } from '../../lib/control/control-cycle.ts';
import { controlLoop } from '../../lib/control/loop/control-loop.ts';
import { Signs } from '../../lib/control/cycle-flags.ts';
import type { ControlLoopOptions } from '../../lib/control/loop/loop-options.ts';
import { lqr } from '../../lib/control/policies/lqr.ts';
import type { Observation } from '../../lib/control/observation.ts';
import { pid } from '../../lib/control/policies/pid.ts';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';

const limits = { min: -1, max: 1 };

/** So many cycles of a loop of 100 Hz in virtual time; by default the input changes and the action follows it. */
function cyclesOf(options: { [K in keyof ControlLoopOptions]?: unknown }, count: number): ControlCycle[] {
  const clock = new VirtualClock();
  const cycles: ControlCycle[] = [];
  let reading = 0;
  const loop = controlLoop({
    hz: 100,
    observe: () => ({ at: clock.now(), values: [Math.sin(reading++) / 2] }),
    inputs: 1,
    decide: ({ values }: Observation) => values,
    act: () => undefined,
    limits: [limits],
    fallback: [-0.25],
    clock,
    ...options,
  } as ControlLoopOptions);
  const subscription = loop.subscribe((cycle) => cycles.push(cycle));
  clock.run(10 * count - 5);
  subscription.unsubscribe();
  return cycles;
}

describe('a controller that has nothing to decide from', () => {
  const gains = { kp: 1, setpoint: 1, interval: 10, limits };

  test.each<[string, unknown, string, string?]>([
    ['a pid without measure', pid(gains), 'decide-threw', 'options.measure'],
    ['a pid of an index that does not exist', pid<Observation>({ ...gains, measure: 3 }), 'undecided'],
    ['a pid whose measurement is not a number', pid<Observation>({ ...gains, measure: () => Number.NaN }), 'undecided'],
    ['a pid whose setpoint is not a number', pid({ ...gains, measure: 0, setpoint: () => Number.NaN }), 'undecided'],
    [
      'a pid whose feed-forward is not a number',
      pid({ ...gains, measure: 0, feedForward: () => Number.NaN }),
      'undecided',
    ],
    ['an lqr whose states are not numbers', lqr<Observation>({ gain: [[1]], state: () => [Number.NaN] }), 'undecided'],
    ['an lqr that overflows', lqr<Observation>({ gain: [[1e308]], state: () => [1e308] }), 'undecided'],
    ['a function that says so', () => ({ action: [0.5], held: true }), 'undecided'],
    ['a pid within a function', (observation: never) => pid(gains).start()(observation), 'undecided'],
  ])('%s: the fallback takes over, and the loop is degraded', (_, decide, reason, words) => {
    const cycles = cyclesOf({ decide }, 20);
    expect(cycles).toHaveLength(20);
    for (const cycle of cycles)
      expect(cycle).toMatchObject({ reason, source: 'fallback', action: Float64Array.of(-0.25) });
    expect(cycles.at(-1)!.status).toBe('degraded');
    if (words) expect(cycles[0]!.errors).toEqual([gatecastError('invalid-sample', new RegExp(words))]);
    expect(cyclesOf({ decide, fallback: 'hold' }, 1)).toMatchObject([{ reason, source: 'held' }]);
  });

  test('is asked again in each cycle', () => {
    let reading = 0;
    const decide = pid<Observation>({ ...gains, measure: () => (reading++ % 2 ? Number.NaN : 0.5) });
    expect(cyclesOf({ decide }, 4).map(({ source }) => source)).toEqual(['model', 'fallback', 'model', 'fallback']);
  });

  test('is refused by the compiler too, if the input is not a number', () => {
    const observe = () => undefined;
    const rest = { hz: 1, observe, inputs: 1, limits: [limits], fallback: [0], act: () => undefined };
    controlLoop({ ...rest, decide: pid({ ...gains, measure: 0 }) });
    controlLoop({ ...rest, decide: pid({ ...gains, measure: ({ values }) => values[0]! }) });
    controlLoop({ ...rest, decide: pid({ ...gains, measure: 0, setpoint: ({ at }) => at }) });
    // @ts-expect-error an observation is no number
    controlLoop({ ...rest, decide: pid(gains) });
    // @ts-expect-error likewise
    pid<Observation>(gains);
    // @ts-expect-error likewise
    pid({ ...gains, setpoint: ({ at }: Observation) => at });
    pid({ ...gains, setpoint: (reading: number) => reading });
  });

  test('or is stuck', () => {
    const decide = pid({ ...gains, measure: 0, stuckAfter: 3 });
    const observe = () => ({ at: 0, values: [0.5] });
    const reasons = cyclesOf({ decide, observe, maxAgeMs: 1000 }, 4).map(({ reason }) => reason);
    expect(reasons).toEqual([undefined, undefined, 'undecided', 'undecided']);
  });
});

describe('a flag reports that nothing may be done', () => {
  test.each<[string, { [K in keyof ControlLoopOptions]?: unknown }, string[]]>([
    ['a policy that returns its upper bound for ever', { decide: () => [1] }, ['saturated', 'constant']],
    ['one that wants more than that', { decide: ({ values }: Observation) => [9 + values[0]!] }, ['saturated']],
    ['its lower one', { decide: ({ values }: Observation) => [-9 + values[0]!] }, ['saturated']],
    [
      'the same list object',
      {
        decide: (
          (list) => () =>
            list
        )([0.5]),
      },
      ['constant'],
    ],
    [
      'the same list object, filled again',
      {
        decide: (
          (list) =>
          ({ values }: Observation) => ((list[0] = values[0]!), list)
        )([0]),
      },
      [],
    ],
    ['a bound and the other in turn', { decide: ((k) => () => [k++ % 2 ? 1 : -1])(0) }, []],
    ['an actuator that can do one thing only', { limits: [{ min: 1, max: 1 }] }, []],
    ['all in order', {}, []],
  ])('%s', (_, options, flags) => {
    const cycles = cyclesOf(options, 150);
    expect(cycles[98]!.flags).toEqual([]);
    expect(cycles.at(-1)!.flags).toEqual(flags);
    for (const { reason, source, status } of cycles.slice(20)) {
      expect([reason, source, status]).toEqual([undefined, 'model', 'running']);
    }
  });

  test('readings that never change although their times do', () => {
    const clock = new VirtualClock();
    const values = [0.5];
    const cycles = cyclesOf({ clock, observe: () => ({ at: clock.now(), values }) }, 0);
    expect(cycles).toEqual([]);
    const seen: ControlCycle[] = [];
    const options = { hz: 100, inputs: 1, limits: [limits], fallback: [0], clock, act: () => undefined };
    const observe = () => ({ at: clock.now(), values });
    const decide = ({ values: [x] }: Observation<Float64Array>) => [x!];
    const subscription = controlLoop({ ...options, observe, decide }).subscribe((cycle) => seen.push(cycle));
    clock.run(1195);
    values[0] = 0.6; // it moves again
    clock.run(1205);
    subscription.unsubscribe();
    const raised = seen.map(({ flags }) => flags.includes('frozen'));
    expect(raised).toEqual(Array.from({ length: 121 }, (_, k) => k >= 99 && k < 120));
    expect(seen.every(({ flags }) => !flags.includes('constant'))).toBe(true); // the same answer to the same reading is right
  });

  test('the same observation for ever is stale after maxAgeMs, and no flag', () => {
    const same = { at: 0, values: [0.5] };
    const cycles = cyclesOf({ observe: () => same }, 200);
    expect(cycles.map(({ reason }) => reason)).toEqual(cycles.map((_, k) => (k > 3 ? 'stale' : undefined)));
    expect(cycles.at(-1)).toMatchObject({ status: 'degraded', source: 'fallback', flags: [] });
  });
});

test('flags are what counting over all that happened gives', () => {
  const step = fc.record({ moves: fc.boolean(), newer: fc.boolean(), action: fc.constantFrom(-1, 0, 1) });
  const spells = fc.array(fc.tuple(step, fc.integer({ min: 1, max: 130 })), { maxLength: 5 });
  fc.assert(
    fc.property(spells, (given) => {
      const signs = new Signs([limits]);
      const [ats, values, actions]: number[][] = [[], [], []];
      for (const [{ moves, newer, action }, count] of given) {
        for (let k = 0; k < count; k++) {
          ats!.push((ats!.at(-1) ?? 0) + (newer ? 1 : 0));
          values!.push((values!.at(-1) ?? 0) + (moves ? 1 : 0));
          actions!.push(action);
          signs.observed(ats!.at(-1)!, Float64Array.of(values!.at(-1)!));
          signs.decided(Float64Array.of(action));
          signs.sent(Float64Array.of(action));
        }
      }
      const run = (list: number[]) => list.length - 1 - list.findLastIndex((value) => value !== list.at(-1));
      const held = run(actions!);
      const answered = values!.filter((value, k) => k > values!.length - held && value !== values![k - 1]).length;
      const expected = [
        ...(held >= 100 && actions!.at(-1) !== 0 ? ['saturated'] : []),
        ...(answered >= 100 ? ['constant'] : []),
      ];
      expect(signs.flags.filter((flag) => flag !== 'frozen')).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});
