import { Worker } from 'node:worker_threads';
import { firstValueFrom, type Observable, take, toArray } from 'rxjs';
import { expect, expectTypeOf, test } from 'vitest';
import { systemClock } from '../../lib/control/clock.ts';
import { lqr } from '../../lib/control/policies/lqr.ts';
import type { NativeCycle } from '../../lib/control/native-loop/native-cycle.ts';
import { nativeLoop } from '../../lib/control/native-loop/native-loop.ts';
import type { NativeLoopOptions } from '../../lib/control/native-loop/native-loop-options.ts';
import { SharedRing } from '../../lib/control/native-loop/shared-ring.ts';
import { StreamMetrics } from '../../lib/metrics/stream-metrics.ts';
import { runChild } from '../support/child.ts';
import { gatecastError } from '../support/gatecast-error.ts';

// The rules of a cycle are tested in virtual time, in test/native/loop_cycle_test.cpp and loop_fuzz_test.cpp.

/** A loop of 500 Hz of one input and one action, which is -2 times the input. */
function setUp(options: Partial<NativeLoopOptions> = {}) {
  const observations = new SharedRing({ width: 1 });
  const actions = new SharedRing({ width: options.limits?.length ?? 1 });
  const loop = nativeLoop({
    hz: 500,
    controller: lqr({ gain: [[2]] }),
    observations,
    actions,
    inputs: [{ min: -10, max: 10 }],
    limits: [{ min: -1000, max: 1000 }],
    fallback: [0.5],
    maxAgeMs: 60_000,
    ...options,
  });
  return { observations, actions, loop };
}

function block(ms: number): { from: number; until: number } {
  const from = systemClock.now();
  while (systemClock.now() < from + ms);
  return { from, until: systemClock.now() };
}

/** The cycles until `enough`. */
function cyclesUntil(loop: Observable<NativeCycle>, enough: (cycles: NativeCycle[]) => boolean) {
  const cycles: NativeCycle[] = [];
  return new Promise<NativeCycle[]>((resolve, reject) => {
    const subscription = loop.subscribe({
      next: (cycle) => {
        cycles.push(cycle);
        if (!enough(cycles)) return;
        subscription.unsubscribe();
        resolve(cycles);
      },
      error: reject,
    });
  });
}

test('the start action comes first, then one for each cycle, and the stop action when the subscriber leaves', async () => {
  const { actions, loop } = setUp({ hz: 0.01, start: [-3], stop: [-4] });
  const cycles = await firstValueFrom(loop.pipe(take(1), toArray()));
  const sent = Array.from({ length: 4 }, () => actions.take());
  expect(sent.map((row) => row?.values[0])).toEqual([-3, 0.5, -4, undefined]);
  const [cycle] = cycles;
  expect(cycle).toEqual({
    seq: 0,
    status: 'warming',
    tDue: expect.any(Number),
    tEvent: undefined,
    tIn: expect.any(Number),
    tOut: expect.any(Number),
    ageMs: undefined,
    deadlineMet: true,
    missed: 0,
    source: 'fallback',
    iterations: undefined,
    action: Float64Array.of(0.5),
    limited: false,
    reason: 'missing',
    lost: 0,
    flags: [],
    refused: [],
  });
  expect(cycle!.tDue).toBeLessThanOrEqual(sent[0]!.at + 0.001);
  expect(cycle!.tIn).toBeGreaterThanOrEqual(cycle!.tDue);
  expect(cycle!.tOut).toBeGreaterThanOrEqual(sent[1]!.at - 0.001);
});

test('a blocked event loop holds no cycle up, and no cycle is lost without being counted', async () => {
  const metrics = new StreamMetrics();
  const reader = metrics.reader();
  const { actions, observations, loop } = setUp({ metrics });
  observations.push({ at: systemClock.now(), values: [4] });
  let blocked = { from: 0, until: 0 };
  setTimeout(() => (blocked = block(200)), 40);
  const cycles = await cyclesUntil(loop, (all) => blocked.until > 0 && all.at(-1)!.tIn > blocked.until + 50);

  let next = 0;
  for (const { seq, missed, lost } of cycles) {
    expect([seq, lost]).toEqual([next + missed, 0]);
    next = seq + 1;
  }
  const within = cycles.filter(({ tDue }) => tDue > blocked.from && tDue < blocked.until);
  expect(within.filter(({ tOut }) => tOut < blocked.until).length).toBeGreaterThan(0);

  const { counters, times } = reader.read();
  const all = counters.cycles;
  expect(actions.lost + Array.from({ length: 64 }, () => actions.take()).filter(Boolean).length).toBe(all + 1); // and stop
  expect(all).toBeGreaterThanOrEqual(cycles.length);
  expect(counters['misses:skipped']).toBeGreaterThanOrEqual(cycles.reduce((sum, { missed }) => sum + missed, 0));
  expect(counters.fallbacks).toBeGreaterThanOrEqual(cycles.filter(({ source }) => source !== 'model').length);
  expect([times.jitter.count, times.period.count, times.age.count]).toEqual([all, all - 1, all]);
  // The native histograms against the records, as far as those were read.
  const read = cycles.map(({ tIn, tDue }) => 1e6 * (tIn - tDue));
  expect(times.jitter.max).toBeGreaterThanOrEqual(Math.max(...read) - 1000);
  expect(times.jitter.p50).toBeGreaterThanOrEqual(Math.min(...read) - 1000);
});

test('observations come from a worker, and the newest is used', async () => {
  const { actions, observations, loop } = setUp({ maxAgeMs: 5000 });
  const program = `
    const { workerData } = require('node:worker_threads');
    import(workerData.module).then(({ SharedRing, systemClock }) => {
      const ring = new SharedRing(workerData.buffer);
      let n = 0;
      setInterval(() => ring.push({ at: systemClock.now(), values: [(++n % 10) - 4.5] }), 1);
    });`;
  const module = new URL('../../dist/control.js', import.meta.url).href;
  const worker = new Worker(program, { eval: true, workerData: { module, buffer: observations.buffer } });
  const cycles = await cyclesUntil(loop, (all) => all.filter(({ source }) => source === 'model').length >= 50);
  await worker.terminate();
  const used = cycles.filter(({ source }) => source === 'model');
  for (const { action, tEvent, tIn, ageMs, iterations } of used) {
    expect([-9, -7, -5, -3, -1, 1, 3, 5, 7, 9]).toContain(action[0]);
    expect(ageMs).toBeCloseTo(tIn - tEvent!, 2);
    expect(iterations).toBe(1);
  }
  expect(new Set(used.map(({ action }) => action[0])).size).toBeGreaterThan(1);
  expect(cycles.map(({ tEvent = 0 }) => tEvent)).toEqual(
    cycles.map(({ tEvent = 0 }) => tEvent).toSorted((a, b) => a - b),
  );
  expect(actions.takeNewest()?.values[0]).toBe(0.5); // stop is the fallback by default
});

test('hostile observations are not used, and the reason is reported', async () => {
  const { observations, loop } = setUp({ maxAgeMs: 5000 });
  const now = systemClock.now();
  const rows: [reason: string, row: { at: unknown; values: unknown[] }][] = [
    ['malformed', { at: Number.NaN, values: [1] }],
    ['malformed', { at: 'now', values: [1] }],
    ['stale', { at: now - 60_000, values: [1] }],
    ['stale', { at: 1e300, values: [1] }],
    ['not-finite', { at: now, values: [Number.NaN] }],
    ['not-finite', { at: now, values: [undefined] }],
    ['out-of-range', { at: now, values: [1e300] }],
  ];
  const left = [...rows];
  const seen: unknown[] = [];
  observations.push(left[0]![1] as never);
  await cyclesUntil(loop, (all) => {
    const { reason, action } = all.at(-1)!;
    if (reason !== left[0]![0]) return false;
    seen.push([reason, action[0]]);
    left.shift();
    if (left.length > 0) observations.push(left[0]![1] as never);
    return left.length === 0;
  });
  expect(seen).toEqual(rows.map(([reason]) => [reason, 0.5]));
});

test('records that are not read in time make room for the newest, and are counted', async () => {
  const { loop, actions } = setUp({ hz: 1000 }); // room for 1024
  const given = () => Atomics.load(new Int32Array(actions.buffer), 16);
  let blocks = 0;
  setTimeout(() => {
    const before = given();
    while (given() < before + 1300);
    blocks++;
  }, 30);
  const cycles = await cyclesUntil(loop, (all) => blocks > 0 && all.length > 1100);
  const lost = cycles.reduce((sum, cycle) => sum + cycle.lost, 0);
  expect(lost).toBeGreaterThan(0);
  // What is missing between two records is at least what was lost, and each of those cycles may have missed some itself.
  let next = 0;
  for (const cycle of cycles) {
    expect(cycle.seq - cycle.missed - next).toBeGreaterThanOrEqual(cycle.lost);
    if (cycle.lost === 0) expect(cycle.seq - cycle.missed).toBe(next);
    next = cycle.seq + 1;
  }
  expect(loop.metrics.counter('cycles').value).toBeGreaterThanOrEqual(cycles.length + lost);
});

test('a ring serves one loop at a time', async () => {
  const { actions, loop, observations } = setUp({ hz: 1 });
  const first = loop.subscribe();
  await expect(firstValueFrom(loop)).rejects.toEqual(gatecastError('busy', /observations that no other loop takes/));
  const other = setUp({ actions, hz: 1 });
  await expect(firstValueFrom(other.loop)).rejects.toEqual(gatecastError('busy', /a ring for the actions/));
  first.unsubscribe();
  first.unsubscribe();
  expect(await firstValueFrom(other.loop)).toMatchObject({ seq: 0 });
  observations.push({ at: systemClock.now(), values: [3] });
  expect(await firstValueFrom(loop)).toMatchObject({ seq: 0, action: Float64Array.of(-6) });
});

test('a ring is one side of a loop only, by whichever of its buffers', async () => {
  const ring = new SharedRing({ width: 1 });
  // A buffer that comes back from a thread is another object on the same memory.
  const again = new SharedRing(structuredClone(ring.buffer));
  expect(again.buffer).not.toBe(ring.buffer);
  const refused = gatecastError('invalid-argument', /to be two rings but received the memory of one/);
  for (const [observations, actions] of [
    [ring, ring],
    [ring, new SharedRing(ring.buffer)],
    [ring, again],
    [again, ring],
  ] as const) {
    expect(() => setUp({ observations, actions })).toThrow(refused);
  }
  // Loops in a row, and in a circle, are right.
  const [a, b] = [new SharedRing({ width: 1 }), new SharedRing({ width: 1 })];
  const first = setUp({ observations: a, actions: b }).loop.subscribe();
  expect(await firstValueFrom(setUp({ observations: b, actions: a }).loop)).toMatchObject({ seq: 0 });
  first.unsubscribe();
});

test('nobody else pushes to the ring for the actions of a loop, except before and after', async () => {
  const { actions, loop } = setUp();
  const row = { at: 0, values: [1] };
  actions.push(row);
  const subscription = loop.subscribe();
  for (const ring of [actions, new SharedRing(structuredClone(actions.buffer))]) {
    expect(() => ring.push(row)).toThrow(gatecastError('busy', /no native loop writes its actions to/));
  }
  subscription.unsubscribe();
  actions.push(row);
});

test('a loop whose actions nobody takes is degraded, and runs again when somebody does', async () => {
  const { actions, loop, observations } = setUp();
  observations.push({ at: systemClock.now(), values: [1] });
  let takes = false;
  let unreadSoFar = 0;
  const begun = systemClock.now();
  const cycles = await cyclesUntil(loop, (all) => {
    const { reason, status } = all.at(-1)!;
    if (reason === 'unread') unreadSoFar++;
    takes ||= unreadSoFar >= 3 && status === 'degraded'; // a busy machine may have degraded it before the first
    if (takes) actions.takeNewest();
    return takes && status === 'running';
  });
  const unread = cycles.filter(({ reason }) => reason === 'unread');
  for (const { source, action, tOut } of unread) {
    expect([source, action[0]]).toEqual(['model', -2]);
    expect(tOut - begun).toBeGreaterThan(900); // not from the first cycle, whose thread may begin late
  }
  expect(unread.length).toBeGreaterThanOrEqual(3);
});

test('a ring that nobody writes, and one whose writer has gone, give no observations', async () => {
  const silent = await firstValueFrom(setUp().loop);
  expect(silent).toMatchObject({ reason: 'missing', source: 'fallback' });
  const { observations, loop } = setUp({ maxAgeMs: 50 });
  const program = `
    const { workerData, parentPort } = require('node:worker_threads');
    import(workerData.module).then(({ SharedRing, systemClock }) => {
      new SharedRing(workerData.buffer).push({ at: systemClock.now(), values: [1] });
      parentPort.postMessage(1);
      setInterval(() => undefined, 1000);
    });`;
  const module = new URL('../../dist/control.js', import.meta.url).href;
  const worker = new Worker(program, { eval: true, workerData: { module, buffer: observations.buffer } });
  await new Promise((resolve) => worker.once('message', resolve));
  await worker.terminate();
  const cycles = await cyclesUntil(loop, (all) => all.at(-1)!.reason === 'stale');
  expect(cycles.at(-1)).toMatchObject({ source: 'fallback', action: Float64Array.of(0.5) });
});

test('a core that does not exist is refused in a sentence, and the loop runs', async () => {
  const { loop } = setUp({ affinity: 1023 });
  const cycle = await firstValueFrom(loop);
  expect(cycle.refused).toEqual(['The system refused core 1023: the loop runs on any core.']);
});

test('the loop outlives neither the worker that subscribed nor its process: each time the stop action is out', () => {
  const ended = runChild('control/children/leave-loop.ts');
  expect(ended).toMatchObject({ status: 0, lines: ['-0.75', '-0.75'], errors: '' });
});

test.runIf(process.platform === 'linux')(
  'workers that are terminated leave no thread, ring or file, and harm nobody',
  () => {
    const ended = runChild('control/children/end-workers.ts');
    expect(ended).toMatchObject({
      status: 0,
      signal: null,
      lines: ['0 threads, 0 files', 'cycle 0', 'cycle 0'],
      errors: '',
    });
  },
);

test('wrong options', () => {
  const two = new SharedRing({ width: 2 });
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ hz: 0 }, /options\.hz/],
    [{ controller: {} }, /a policy that runs natively.*options\.controller/],
    [{ controller: lqr({ gain: [[1, 1]] }) }, /2, as the controller takes, for the number of options\.inputs/],
    [{ controller: lqr({ gain: [[1], [1]] }) }, /2, as the controller returns, for the number of options\.limits/],
    [
      { controller: lqr({ gain: [[1]], limits: [{ min: 0, max: 1 }] }) },
      /an lqr with only a gain and a fixed reference/,
    ],
    [{ controller: lqr({ gain: [[1]], reference: () => [1] }) }, /an lqr with only a gain and a fixed reference/],
    [{ observations: [] }, /a SharedRing for options\.observations/],
    [{ observations: two }, /1, as inputs has, for the width of options\.observations/],
    [{ actions: two }, /1, as limits has, for the width of options\.actions/],
    [{ fallback: () => [0] }, /'hold' or a list of finite numbers for options\.fallback/],
    [{ fallback: [Number.NaN] }, /options\.fallback/],
    [{ fallback: [1, 2] }, /1 numbers, as limits has/],
    [{ start: 'hold' }, /options\.start/],
    [{ stop: [1, 2] }, /1 numbers, as limits has/],
    [{ deadlineMs: 3 }, /at most a period, 2 ms/],
    [{ affinity: -1 }, /options\.affinity/],
    [{ priority: 0 }, /options\.priority/],
    [{ observe: () => undefined }, /only hz/],
  ];
  for (const [options, message] of cases) {
    expect(() => setUp(options as never), String(message)).toThrow(gatecastError('invalid-argument', message));
  }
});

test('a failure that only the native side can see is an error of the stream', async () => {
  const { loop } = setUp({ hz: 10_000, maxAgeMs: 86_400_000 });
  await expect(firstValueFrom(loop)).rejects.toEqual(gatecastError('invalid-argument', /reach back fewer cycles/));
});

test('types', () => {
  expectTypeOf(setUp().loop.pipe(take(1))).toEqualTypeOf<Observable<NativeCycle>>();
  expectTypeOf(setUp().loop.metrics).toEqualTypeOf<StreamMetrics>();
});
