import { expect, test } from 'vitest';
import { VirtualClock } from '../../lib/control/virtual-clock.ts';
import { gatecastError } from '../support/gatecast-error.ts';

/** A clock at 5, and who it has woken, when. */
function setUp(...waits: [name: string, until: number][]) {
  const clock = new VirtualClock(5);
  const woken: [string, number][] = [];
  const callOffs = waits.map(([name, until]) => clock.wait(until, () => woken.push([name, clock.now()])));
  return { clock, woken, callOffs };
}

test('runs from one wait to the next, up to those due before a time', () => {
  const { clock, woken } = setUp(['c', 30], ['a', 10], ['b', 20], ['late', 1]);
  clock.run(30);
  expect(woken).toEqual([
    ['late', 5],
    ['a', 10],
    ['b', 20],
  ]);
  expect([clock.now(), clock.waited]).toEqual([30, true]);
  clock.wake();
  expect(woken.at(-1)).toEqual(['c', 30]);
  expect(clock.waited).toBe(false);
});

test('waits added while it runs are woken in turn, and cancelled ones are not', () => {
  const { clock, woken, callOffs } = setUp(['b', 20], ['a', 10]);
  clock.wait(15, () => {
    callOffs[0]!();
    clock.wait(17, () => woken.push(['c', clock.now()]));
    clock.spend(3);
  });
  clock.run(100);
  expect(woken).toEqual([
    ['a', 10],
    ['c', 18],
  ]);
  const { clock: other, woken: others, callOffs: offs } = setUp(['b', 20], ['c', 21]);
  other.wait(10, () => offs[0]!());
  other.advance(30);
  other.wake(); // all are due; the first cancels the second
  expect(others).toEqual([['c', 30]]);
});

test('never goes back, and wakes nobody before the time', () => {
  const { clock, woken } = setUp(['a', 10]);
  clock.advance(7);
  clock.advance(6);
  clock.spend(-2);
  expect(clock.now()).toBe(7);
  clock.wake();
  clock.run(3);
  expect([woken, clock.now()]).toEqual([[], 7]);
});

test('refuses a value that is not a time', () => {
  const { clock } = setUp();
  const refused = (run: () => unknown) => expect(run).toThrow(gatecastError('invalid-argument', /finite number/));
  for (const time of [Number.NaN, Number.POSITIVE_INFINITY, '1' as never]) {
    refused(() => new VirtualClock(time));
    refused(() => clock.run(time));
    refused(() => clock.wait(time, () => undefined));
    refused(() => clock.spend(time));
  }
  expect(() => clock.wait(1, 5 as never)).toThrow(gatecastError('invalid-argument', /a function/));
});
