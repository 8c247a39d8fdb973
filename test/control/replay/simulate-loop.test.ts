import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ControlCycle } from '../../../lib/control/control-cycle.ts';
import type { LoopSimulationOptions } from '../../../lib/control/replay/simulate-loop.ts';
import { simulateLoop } from '../../../lib/control/replay/simulate-loop.ts';
import { gatecastError } from '../../support/gatecast-error.ts';
import { makeModel } from '../../support/models.ts';
import { follow, names, recordCart, settings } from './loops.ts';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  file = join(folder, 'cart.rec');
  recordCart(file, 2000);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A cart that is pushed, at 1 m at first; what is observed of it and done to it is kept. */
function makeCart() {
  const [seen, done]: [number[][], number[]] = [[], []];
  let [x, v] = [1, 0];
  const plant = () => ({
    observe() {
      seen.push([x, v]);
      return [x, v];
    },
    act([force]: Float64Array) {
      done.push(force!);
      v += 0.01 * force!;
      x += 0.01 * v;
    },
  });
  return { seen, done, plant };
}

const cart = (options: Partial<LoopSimulationOptions> = {}, plant = makeCart().plant) =>
  simulateLoop({ ...settings, names }, { controller: follow, plant, duration: '10s', ...options });

describe('a plant of your own', () => {
  test('is made at once: a promise is refused, and ends no program', async () => {
    const plant = () => Promise.reject(new Error('late'));
    const words = /value at once for what options.plant returns but received a promise/;
    await expect(cart({ plant: plant as never })).rejects.toEqual(gatecastError('invalid-argument', words));
  });

  test('is asked and acted on once a period, as by hand', async () => {
    const { seen, done, plant } = makeCart();
    const cycles: ControlCycle[] = [];
    const report = await cart({ onCycle: (cycle) => cycles.push(cycle) }, plant);
    const decide = follow.start();
    let [x, v, last] = [1, 0, Number.NaN];
    for (let n = 0; n < 1000; n++) {
      expect(seen[n]).toEqual([x, v]);
      const wanted = Math.max(-1, Math.min(1, decide({ at: 0, values: Float64Array.of(x, v) }).action[0]!));
      const force = n === 0 ? wanted : Math.max(last - 0.2, Math.min(last + 0.2, wanted));
      expect(done[n]).toBeCloseTo(force, 12);
      last = done[n]!;
      v += 0.01 * last;
      x += 0.01 * v;
    }
    expect(done).toHaveLength(1000); // the action of stop is not a period
    expect(cycles.map(({ seq, tIn, tOut, ageMs, source }) => [seq, tIn, tOut, ageMs, source])).toEqual(
      cycles.map((_, n) => [n, 10 * n, 10 * n, 0, 'model']),
    );
    expect(report).toMatchObject({ cycles: 1000, seconds: 10, missed: 0, late: 0, ending: 'complete' });
    expect(report).toMatchObject({ comparison: undefined, failure: undefined, faults: undefined, changed: [] });
  });

  test('is what assertions look at, whatever reaches the loop', async () => {
    const assert = ['position within -0.05..0.05 after 8s', 'no action outside bounds', 'fallback at most 20 %'];
    const sound = await cart({ assert });
    expect(sound.verdicts.map(({ holds }) => holds)).toEqual([true, true, true]);
    expect(sound.verdicts[0]!.checked).toBe(200);
    const faults = ['nan', 'drop', 'spike', 'huge'] as const;
    const disturbed = await cart({ assert, faults, rate: 0.02, latency: '5ms', jitter: '5ms', seed: 2 });
    expect(disturbed.verdicts.map(({ holds }) => holds)).toEqual([true, true, true]);
    expect(disturbed.sources.fallback).toBeGreaterThan(20);
    const wrongSign = await cart({ assert, controller: ({ values }) => [values[0]!] });
    expect(wrongSign.verdicts.map(({ holds }) => holds)).toEqual([false, true, false]); // it leaves its range
    expect(await cart({ assert, faults, seed: 3 })).toEqual(await cart({ assert, faults, seed: 3 }));
  });

  test('that is too late for the controller shows in the cart, not in the cycles', async () => {
    const assert = ['position within -0.05..0.05 after 8s'];
    // Full thrust one way or the other swings the more, the older what it goes by is.
    const controller: LoopSimulationOptions['controller'] = ({ values: [x, v] }) => [-20 * x! - 8 * v!];
    expect((await cart({ assert, controller })).verdicts[0]!.holds).toBe(true);
    const setup = { ...settings, maxAgeMs: 1000, names };
    const options = { controller, assert, latency: '400ms', duration: '10s' };
    const late = await simulateLoop(setup, { ...options, plant: makeCart().plant });
    expect(late.sources).toMatchObject({ model: 960, fallback: 40 });
    expect(late.verdicts[0]!.holds).toBe(false);
  });

  test('ends the run if it throws or returns no numbers', async () => {
    const plants: [string, () => unknown, number, RegExp][] = [
      ['throws', () => (count++ < 7 ? [0, 0] : [].at.call(null, 0)), 7, /null/],
      ['diverges', () => (count++ < 3 ? [0, 0] : [Number.NaN, 0]), 3, /2 finite numbers for what the plant observes/],
      ['has too few', () => [0], 0, /2 finite numbers/],
      ['has none', () => undefined, 0, /2 finite numbers/],
    ];
    let count = 0;
    for (const [, observe, seq, message] of plants) {
      count = 0;
      const report = await cart({}, () => ({ observe: observe as () => number[], act: () => undefined }));
      expect(report).toMatchObject({ failure: { seq, message: expect.stringMatching(message) }, cycles: seq });
    }
    const broken = () => ({
      observe: () => [0, 0],
      act: () => {
        throw new Error('a wheel is off');
      },
    });
    expect(await cart({}, broken)).toMatchObject({
      failure: { seq: 0, message: 'the plant: a wheel is off' },
      cycles: 1,
    });
    const stop = () => {
      throw new Error('no contact');
    };
    const setup = { ...settings, stop };
    const stopped = await simulateLoop(setup, { controller: follow, plant: makeCart().plant, duration: '1s' });
    expect(stopped).toMatchObject({ failure: { seq: 100, message: 'the stop failed: no contact' }, cycles: 100 });
  });

  test('runs for a minute, or as long as the recording that the settings come from', async () => {
    const { plant } = makeCart();
    const minute = await simulateLoop({ ...settings, names }, { controller: follow, plant });
    expect([minute.cycles, minute.seconds]).toEqual([6000, 60]);
    const recorded = await simulateLoop(file, { controller: follow, plant: makeCart().plant });
    expect([recorded.cycles, recorded.missed, recorded.loop.actionNames]).toEqual([200, 0, ['force']]);
    const stop = new AbortController();
    const onCycle = ({ seq }: ControlCycle) => seq === 20 && stop.abort();
    expect(await cart({ signal: stop.signal, onCycle })).toMatchObject({ cycles: 21, ending: 'stopped' });
  });
});

describe('a forecaster as the plant', () => {
  const model = makeModel({
    inputs: [{ name: 'force' }, { name: 'speed' }, { name: 'position' }],
    targets: ['position', 'speed'],
    horizon: 1,
    loss: 'mse',
    levels: [],
  });

  test('follows its forecasts, from the first values of the recording', async () => {
    const cycles: ControlCycle[] = [];
    const seen: number[][] = [];
    const decide = follow.start();
    const controller: LoopSimulationOptions['controller'] = (observation) => {
      seen.push([...observation.values]);
      return decide(observation);
    };
    const wide = join(folder, 'wide.rec');
    recordCart(wide, 100, { inputs: 2 });
    await simulateLoop(wide, { controller, plant: model, duration: '1s', onCycle: (cycle) => cycles.push(cycle) });
    expect(seen).toHaveLength(100);
    // Forecasts of a state that is stepped with each action: position and speed by name, rounded to 32 bits.
    const state = model.createState();
    let [position, speed] = seen[0]!;
    expect(position).toBe(1);
    for (const [n, values] of seen.entries()) {
      expect(values).toEqual([position, speed]);
      const { mean } = state.step([Math.fround(cycles[n]!.action[0]!), speed!, position!])!;
      [position, speed] = [Math.fround(mean[0]!), Math.fround(mean[1]!)];
    }
  });

  test('without a recording begins with the means of its training data', async () => {
    const first: number[][] = [];
    const controller: LoopSimulationOptions['controller'] = ({ values }) => (first.push([...values]), [0]);
    await simulateLoop({ ...settings, inputs: 2, names }, { controller, plant: model, duration: '10ms' });
    const { names: inputs, mean } = model.scaler;
    expect(first).toEqual([[mean[inputs.indexOf('position')], mean[inputs.indexOf('speed')]]]);
  });

  test('has to fit', async () => {
    const refused = (plant: unknown, message: RegExp) =>
      expect(simulateLoop(file, { controller: follow, plant: plant as never })).rejects.toThrow(
        gatecastError('invalid-argument', message),
      );
    await refused(makeModel(), /horizon/);
    await refused(makeModel({ horizon: 1, loss: 'mse', levels: [] }), /2, as the loop has .*outputs of the plant/);
    await refused({}, /options\.plant/);
    await refused(() => ({ observe: () => [0, 0] }), /observe\(\), act\(action\)/);
  });
});

test('wrong options are refused', async () => {
  const refused = (loop: object, options: object, message: RegExp) =>
    expect(
      simulateLoop({ ...settings, ...loop }, { controller: follow, plant: makeCart().plant, ...options }),
    ).rejects.toThrow(gatecastError('invalid-argument', message));
  await refused({ hz: 0 }, {}, /options\.hz/);
  await refused({ fallback: undefined }, {}, /options\.fallback/);
  await refused({ hurtz: 1 }, {}, /hurtz/);
  await refused({ names: { inputs: ['a'] } }, {}, /2 names/);
  await refused({}, { duration: 'long' }, /options\.duration/);
  await refused({}, { assert: ['speed within 0..1'] }, /one of input1, input2, action1/);
  await expect(simulateLoop(5 as never, { controller: follow, plant: makeCart().plant })).rejects.toThrow(
    gatecastError('invalid-argument'),
  );
});
