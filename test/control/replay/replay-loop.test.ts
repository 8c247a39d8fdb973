import fs, { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { map, of, Subject, take, timer } from 'rxjs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../../../lib/control/clock.ts';
import type { ControlCycle } from '../../../lib/control/control-cycle.ts';
import type { ControlLoopOptions } from '../../../lib/control/loop/loop-options.ts';
import { lqr } from '../../../lib/control/policies/lqr.ts';
import type { Observation } from '../../../lib/control/observation.ts';
import { pid } from '../../../lib/control/policies/pid.ts';
import { type LoopEntry, readLoop } from '../../../lib/control/replay/read-loop.ts';
import { recordLoop } from '../../../lib/control/replay/record-loop.ts';
import { type LoopReplayOptions, replayLoop } from '../../../lib/control/replay/replay-loop.ts';
import { VirtualClock } from '../../../lib/control/virtual-clock.ts';
import { record } from '../../../lib/stream/recording/record.ts';
import { replay } from '../../../lib/stream/replay/replay.ts';
import { gatecastError } from '../../support/gatecast-error.ts';
import { HOSTILE_VALUES } from '../../support/hostile-values.ts';
import { makeModel } from '../../support/models.ts';
import { follow, numbers, recordCart, settings } from './loops.ts';

let folder: string;
let cart: string;
let recorded: ControlCycle[];
let files = 0;
const newFile = () => join(folder, `${files++}.rec`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  cart = newFile();
  recorded = recordCart(cart, 20_000);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function entriesOf<T extends LoopEntry['type']>(file: string, type: T) {
  const found: Extract<LoopEntry, { type: T }>[] = [];
  for await (const entry of readLoop(file)) if (entry.type === type) found.push(entry as never);
  return found;
}

const replayed = (options: Partial<LoopReplayOptions> = {}, file = cart) =>
  replayLoop(file, { controller: follow, ...options });
const equal = (compared: number) => ({ compared, different: 0, first: undefined });

describe('a recording', () => {
  test('holds what the subscriber had, to the bit', async () => {
    const cycles = (await entriesOf(cart, 'cycle')).map(({ cycle }) => cycle);
    const more = { errors: undefined, tAnswered: expect.any(Number) as number, refused: false };
    expect(cycles).toEqual(recorded.map((cycle) => ({ ...cycle, ...more })));
    expect(cycles.every(({ tIn, tAnswered, tOut }) => tIn <= tAnswered! && tAnswered! <= tOut)).toBe(true);
    // Some took too long, and some were missed for that.
    expect(recorded.filter(({ deadlineMet }) => !deadlineMet).length).toBeGreaterThan(5);
    expect(recorded.filter(({ missed }) => missed > 0).length).toBeGreaterThan(2);
    expect((await entriesOf(cart, 'observation')).map(({ observation }) => (observation as Observation).at)).toEqual(
      recorded.map(({ tEvent }) => tEvent),
    );
    expect(await entriesOf(cart, 'begun')).toEqual([{ type: 'begun', origin: 1.8e12, start: undefined }]);
    expect(await entriesOf(cart, 'stop')).toEqual([{ type: 'stop', action: Float64Array.of(0) }]);
    expect((await entriesOf(cart, 'header'))[0]!.header.loop).toEqual({
      maxPending: 16,
      hz: 100,
      deadlineMs: 10,
      maxAgeMs: 30,
      delayMs: 0,
      degradeAfter: 3,
      recoverAfter: 10,
      stop: [0],
      inputs: settings.inputs,
      limits: settings.limits,
      fallback: [0],
      inputNames: ['position', 'speed'],
      actionNames: ['force'],
      controller: null,
    });
  });

  test('creates a new file each time, and never replaces one', async () => {
    const errors: unknown[] = [];
    recordLoop(cart, { ...settings, observe: () => undefined, decide: () => [0], act: () => undefined }).subscribe({
      error: (error) => errors.push(error),
    });
    expect(errors).toEqual([gatecastError('io', /EEXIST/)]);
    expect(await entriesOf(cart, 'cycle')).toHaveLength(recorded.length);
  });

  test('gives the controller the clock that it knows', () => {
    const clock = new VirtualClock();
    const seen: unknown[] = [];
    const decide: ControlLoopOptions['decide'] = (_, context) => {
      seen.push(context.clock, context.clock.now());
      return [0];
    };
    const loop = { ...settings, observe: () => ({ at: 0, values: [0, 0] }), decide, act: () => undefined, clock };
    const running = recordLoop(newFile(), loop).subscribe();
    clock.run(5);
    running.unsubscribe();
    expect(seen).toEqual([clock, 0]);
  });

  test('that cannot be written ends the loop, after stop', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    const write = vi.spyOn(fs, 'write').mockImplementation((...args: unknown[]) => {
      setImmediate(args.at(-1) as (error: Error) => void, full);
    });
    syncBuiltinESMExports();
    try {
      const clock = new VirtualClock();
      const acted: number[] = [];
      const ends: unknown[] = [];
      const observe = () => ({ at: clock.now(), values: [0.5, 0] });
      const act = ([force]: Float64Array) => void acted.push(force!);
      const options = { ...settings, observe, act, decide: () => [1], stop: [-1], clock };
      recordLoop(newFile(), options).subscribe({ error: (error) => ends.push(error) });
      clock.run(5);
      await new Promise((resolve) => setTimeout(resolve, 5)); // the header could not be written
      clock.run(1000);
      expect(acted.slice(-1)).toEqual([-1]);
      expect(acted.length).toBeLessThan(5);
      expect(ends).toEqual([gatecastError('io', /ENOSPC/)]);
      expect(clock.waited).toBe(false);
    } finally {
      write.mockRestore();
      syncBuiltinESMExports();
    }
  });

  test('names are made up if none are given, and must fit', async () => {
    const file = newFile();
    recordCart(file, 50, {}, {});
    const { loop } = (await entriesOf(file, 'header'))[0]!.header;
    expect([loop.inputNames, loop.actionNames]).toEqual([['input1', 'input2'], ['action1']]);
    const refused = (recording: object, message: RegExp) =>
      expect(() => recordCart(newFile(), 50, {}, recording as never)).toThrow(
        gatecastError('invalid-argument', message),
      );
    refused({ names: { inputs: ['a'] } }, /2 names for names\.inputs/);
    refused({ names: { inputs: ['a', 'b'], actions: ['a'] } }, /names that differ/);
    refused({ names: { inputs: ['a', ''] } }, /names\.inputs\[1\]/);
    refused({ name: {} }, /Did you mean names/);
    refused({ flush: 0 }, /flush/);
    expect(() => recordCart(newFile(), 50, { hz: 0 })).toThrow(gatecastError('invalid-argument', /options\.hz/));
    expect(() => recordCart(5 as never, 50)).toThrow(gatecastError('invalid-argument', /a path/));
  });
});

describe('a replay', () => {
  test('gives the same cycles, to the bit', async () => {
    const again: ControlCycle[] = [];
    const report = await replayed({ onCycle: (cycle) => again.push(cycle) });
    expect(report).toMatchObject({ comparison: equal(recorded.length), ending: 'unsubscribed', changed: [] });
    expect(again).toEqual(recorded);
    expect(report).toMatchObject({
      cycles: recorded.length,
      missed: recorded.reduce((sum, { missed }) => sum + missed, 0),
      late: recorded.filter(({ deadlineMet }) => !deadlineMet).length,
      sources: {
        model: recorded.filter(({ source }) => source === 'model').length,
        fallback: recorded.filter(({ source }) => source === 'fallback').length,
        held: 0,
      },
      seconds: 20,
    });
  });

  test('also with everything that can go wrong', async () => {
    const random = numbers(3);
    const pick = <T>(...choices: T[]) => choices[Math.floor(random() * choices.length)]!;
    const clock = new VirtualClock(1e12);
    const source = new Subject<Observation>();
    const getter = {
      get at(): number {
        throw new Error('a getter');
      },
      values: [],
    };
    const next = () => {
      const hostile = pick(...HOSTILE_VALUES.values())();
      const at = pick<unknown>(clock.now(), clock.now(), clock.now() - 20 * random(), Number.NaN, hostile);
      const values = pick<unknown>([random()], [random()], [random()], [30 * random()], [1, 2], [Number.NaN], hostile);
      source.next(pick<unknown>({ at, values }, { at, values }, { at, values }, undefined, getter, hostile) as never);
    };
    let calls = 0;
    const decide: ControlLoopOptions['decide'] = ({ values }, { seq, underWay, lastAction }) => {
      const sum = underWay.reduce((total, { action }) => total + action[0]!, lastAction?.[0] ?? 0);
      if (seq % 50 === 7) throw new Error('no idea');
      return seq % 50 === 8 ? [] : { action: [values[0]! - 0.3 * sum], iterations: seq };
    };
    const seen: ControlCycle[] = [];
    const file = newFile();
    recordLoop(file, {
      hz: 200,
      observe: source,
      inputs: [{ min: -1, max: 20 }],
      decide: (observation, context) => {
        clock.spend(pick(0.5, 0.5, 0.5, 7, 9.5));
        if (random() < 0.2) next(); // too late for this cycle
        return decide(observation, context);
      },
      act: () => {
        clock.spend(0.01);
        if (calls++ > 0 && random() < 0.05) throw new Error('no contact');
        return random() < 0.05 ? Promise.reject(new Error('it was lost')) : undefined;
      },
      limits: [{ min: -2, max: 2, maxRate: 300 }],
      fallback: ({ seq }) => [seq % 7 === 0 ? Number.NaN : 0.1 * (seq % 5)],
      start: () => [7],
      stop: ({ lastAction }) => [lastAction![0]! / 2],
      delayMs: 12,
      deadlineMs: 4,
      clock,
    }).subscribe({ next: (cycle) => seen.push(cycle), error: () => undefined });
    for (let i = 0; i < 3000; i++) {
      if (random() < 0.9) next();
      clock.run(clock.now() + 10 * random());
      await Promise.resolve();
    }
    source.error(new Error('lost'));
    const reasons = new Set(seen.map(({ reason }) => reason));
    for (const reason of [undefined, 'missing', 'malformed', 'stale', 'wrong-length', 'not-finite', 'late'] as const)
      expect(reasons).toContain(reason);
    for (const reason of ['out-of-range', 'observe-threw', 'decide-threw', 'bad-action', 'overrun'] as const)
      expect(reasons).toContain(reason);
    for (const reason of ['act-threw', 'stopped'] as const) expect(reasons).toContain(reason);
    expect(seen.some(({ reason, errors }) => reason === 'act-threw' && String(errors[0]).includes('lost'))).toBe(true);

    const fallback: LoopReplayOptions['fallback'] = ({ seq }) => [seq % 7 === 0 ? Number.NaN : 0.1 * (seq % 5)];
    const report = await replayLoop(file, { controller: decide, fallback, assert: ['no unflagged miss'] });
    expect(report).toMatchObject({ comparison: equal(seen.length), ending: 'error' });
    expect(report.verdicts).toMatchObject([{ holds: true, checked: seen.length }]);
    await expect(replayLoop(file, { controller: decide })).rejects.toThrow(
      gatecastError('invalid-argument', /the function that was the fallback.*options\.fallback/),
    );
  });

  test.each([1, 2, 5])(
    'also of actions of which %i may be under way, and that settle late, or never',
    async (maxPending) => {
      const random = numbers(maxPending);
      const clock = new VirtualClock(1e12);
      const underWay: { resolve(): void; reject(error: Error): void }[] = [];
      const file = newFile();
      const seen: ControlCycle[] = [];
      const decide = ({ at, values }: Observation<Float64Array>) => [at % 6000 < 4500 ? 1 : values[0]!];
      const subscription = recordLoop(file, {
        hz: 100,
        observe: () => ({ at: clock.now(), values: [Math.sin(clock.now())] }),
        inputs: 1,
        decide,
        act: () => {
          if (random() < 0.1) throw new Error('no contact');
          return random() < 0.8
            ? new Promise<void>((resolve, reject) => underWay.push({ resolve, reject }))
            : undefined;
        },
        limits: [{ min: -1, max: 1 }],
        fallback: 'hold',
        maxPending,
        clock,
      }).subscribe((cycle) => seen.push(cycle));
      for (let cycle = 0; cycle < 1000; cycle++) {
        clock.run(clock.now() + 10);
        for (let chance = cycle % 100 < 50 ? 0.1 : 1; underWay.length > 0 && random() < chance; chance /= 2) {
          const [one] = underWay.splice(Math.floor(random() * underWay.length), 1);
          if (random() < 0.7) one!.resolve();
          else one!.reject(new Error('it was lost'));
        }
        await Promise.resolve();
      }
      subscription.unsubscribe();
      for (const reason of [undefined, 'act-pending', 'act-threw'] as const) {
        expect(seen.filter((cycle) => cycle.reason === reason).length).toBeGreaterThan(20);
      }
      expect(seen.filter(({ flags }) => flags.includes('saturated')).length).toBeGreaterThan(20);
      const report = await replayLoop(file, { controller: decide });
      expect(report).toMatchObject({ comparison: equal(seen.length), nothingCompared: false });
      expect(report.flags.saturated).toBe(seen.filter(({ flags }) => flags.includes('saturated')).length);
      const cycles = await entriesOf(file, 'cycle');
      expect(cycles.map(({ cycle }) => cycle.flags)).toEqual(seen.map(({ flags }) => flags));
    },
  );

  test('also of a run in real time, by the clock of the machine', async () => {
    const file = newFile();
    const seen: ControlCycle[] = [];
    const decide = ({ values }: Observation<Float64Array>) => [values[0]! / 2];
    const busy = (ms: number) => {
      for (const until = performance.now() + ms; performance.now() < until; );
    };
    await new Promise<void>((resolve) => {
      recordLoop(file, {
        hz: 250,
        inputs: 1,
        observe: timer(0, 3).pipe(map((n) => ({ at: systemClock.now(), values: [Math.sin(n)] }))),
        decide: (observation) => {
          if (seen.length % 10 === 3) busy(7);
          return decide(observation);
        },
        act: () => undefined,
        limits: [{ min: -1, max: 1, maxRate: 20 }],
        fallback: 'hold',
      })
        .pipe(take(60))
        .subscribe({ next: (cycle) => seen.push(cycle), complete: resolve });
    });
    const again: ControlCycle[] = [];
    const report = await replayLoop(file, { controller: decide, onCycle: (cycle) => again.push(cycle) });
    expect(report.comparison).toEqual(equal(60));
    expect(again).toEqual(seen);
    expect(report.late).toBeGreaterThan(4);
  });

  test('needs no controller if that is data', async () => {
    const limits = { min: -1, max: 1 };
    const controllers = {
      pid: pid<Observation>({ kp: 1.5, ki: 0.1, kd: 1.2, setpoint: 0.2, interval: 10, limits, measure: 0 }),
      lqr: lqr<Observation>({ gain: [[1, 1.7]], reference: [0.1, 0] }),
    };
    for (const [type, decide] of Object.entries(controllers)) {
      const file = newFile();
      const cycles = recordCart(file, 2000, { decide });
      expect((await entriesOf(file, 'header'))[0]!.header.loop.controller).toMatchObject({ type });
      const report = await replayLoop(file);
      expect(report.comparison).toEqual(equal(cycles.length));
      expect(report.sources.model).toBe(cycles.length);
      expect((await replayLoop(file, { controller: () => [0] })).comparison!.different).toBeGreaterThan(100);
    }
    const file = newFile();
    const setpoint = () => 0.2;
    recordCart(file, 50, { decide: pid<Observation>({ kp: 1, setpoint, interval: 10, limits, measure: 0 }) });
    expect((await entriesOf(file, 'header'))[0]!.header.loop.controller).toBeNull();
  });

  test('reports where it first differs', async () => {
    let calls = 0;
    const decide = follow.start();
    const controller: LoopReplayOptions['controller'] = (observation) => {
      const { action, iterations } = decide(observation);
      return { action: calls++ === 500 ? [action[0]! + 1e-9] : action, iterations };
    };
    const { comparison } = await replayed({ controller });
    const asked = recorded.filter(({ iterations }) => iterations === 3);
    const { seq, tIn, action } = asked[500]!;
    expect(comparison).toEqual({
      compared: recorded.length,
      different: expect.any(Number) as number,
      first: {
        seq,
        seconds: (tIn - 1.8e12) / 1000,
        what: 'action',
        value: 0,
        recorded: action[0],
        computed: expect.closeTo(action[0]! + 1e-9, 12) as number,
      },
    });
    expect(comparison!.first!.computed).not.toBe(action[0]);
    const other = await replayed({ controller: ({ values }) => [-values[0]! - 1.5 * values[1]!] });
    expect(other.comparison!.first!.what).toMatch(/action|iterations/);
    expect((await replayed({ controller: () => [0], compare: false })).comparison).toBeUndefined();
  });

  test('of a torn recording goes as far as it is whole', async () => {
    const file = newFile();
    copyFileSync(cart, file);
    const { length } = readFileSync(cart);
    // At the end, in the midst of a chunk, and so on; 64 KiB of it hold some 500 cycles.
    let last = recorded.length;
    for (const bytes of [length - 1, length - 30, 140_000, 75_000, 68_000]) {
      truncateSync(file, bytes);
      const report = await replayed({ assert: ['no action outside bounds'] }, file);
      expect(report.ending).toBe('torn');
      expect(report.comparison).toEqual(equal(report.cycles));
      expect(report.cycles).toBeGreaterThan(400);
      expect(report.cycles).toBeLessThanOrEqual(last);
      expect(report.verdicts).toMatchObject([{ holds: true }]);
      last = report.cycles;
    }
    expect(last).toBeLessThan(600);
  });

  test('is refused for a file that is not a recording of a loop, is damaged or has no cycle', async () => {
    const bytes = readFileSync(cart);
    bytes[bytes.length - 40]! ^= 1;
    const damaged = newFile();
    writeFileSync(damaged, bytes);
    await expect(replayed({}, damaged)).rejects.toThrow(gatecastError('invalid-file', /damaged/));
    const empty = newFile();
    writeFileSync(empty, bytes.subarray(0, 12));
    await expect(replayed({}, empty)).rejects.toThrow(gatecastError('invalid-file', /before its header/));
    const short = newFile();
    recordCart(short, 0);
    await expect(replayed({}, short)).rejects.toThrow(gatecastError('invalid-file', /cycles but .* has none/));
    const stream = newFile();
    const model = makeModel();
    of([1, 2]).pipe(record(stream, { model })).subscribe();
    await expect(replayed({}, stream)).rejects.toThrow(gatecastError('invalid-file', /is one of a stream/));
    await expect(replay(cart, model)).rejects.toThrow(gatecastError('invalid-file', /is one of a control loop/));
    await expect(replayed({}, join(folder, 'none'))).rejects.toThrow(gatecastError('io', /ENOENT/));
  });

  test('ends early when aborted, and says so', async () => {
    const stop = new AbortController();
    const onCycle = ({ seq }: ControlCycle) => seq === 100 && stop.abort();
    const report = await replayed({ signal: stop.signal, onCycle });
    expect(report).toMatchObject({ ending: 'stopped', cycles: recorded.findIndex(({ seq }) => seq === 100) + 1 });
  });

  test('wrong options are refused', async () => {
    const refused = (options: object, message: RegExp) =>
      expect(replayed(options)).rejects.toThrow(gatecastError('invalid-argument', message));
    await refused({ controller: undefined }, /a controller, which the recording lacks.*options\.controller/);
    await refused({ controller: {} }, /a function that decides or a policy for options\.controller/);
    await refused({ fallback: 'brake' }, /'hold'/);
    await refused({ faults: ['nap'] }, /'nan' or 'drop'.*'late'/);
    await refused({ assert: ['no action'] }, /'no action outside bounds'/);
    await refused({ assert: 'no NaN' }, /options\.assert/);
    await refused({ latency: 'soon' }, /options\.latency/);
    await refused({ rate: 0 }, /options\.rate/);
    await refused({ speed: 1 }, /Did you mean seed/);
  });
});
