import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOOP_FAULTS, type LoopFault } from '../../../lib/control/replay/observation-faults.ts';
import { type LoopReplayOptions, replayLoop } from '../../../lib/control/replay/replay-loop.ts';
import { gatecastError } from '../../support/gatecast-error.ts';
import { follow, recordCart } from './loops.ts';

let folder: string;
let cart: string;
let files = 0;
const newFile = () => join(folder, `${files++}.rec`);
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatecast-'));
  cart = newFile();
  recordCart(cart, 20_000);
});
afterAll(() => rmSync(folder, { recursive: true }));

const replayed = (options: Partial<LoopReplayOptions> = {}, file = cart) =>
  replayLoop(file, { controller: follow, ...options });

describe('faults', () => {
  const shares = (faults: LoopFault[], options: Partial<LoopReplayOptions> = {}) =>
    replayed({
      faults,
      rate: 0.2,
      seed: 4,
      assert: ['no action outside bounds', 'no action outside rate'],
      ...options,
    });

  test.each<[LoopFault, string | undefined, number]>([
    ['nan', 'not-finite', 0.36], // of two readings
    ['huge', 'out-of-range', 0.36],
    ['wrong-length', 'wrong-length', 0.2],
    ['late', 'stale', 0.1], // the last two of four periods
    ['stuck', 'stale', 0.18], // the first three are not too old yet
    ['drop', 'stale', 0.01], // three in a row
    ['stall', undefined, 0],
    ['spike', undefined, 0],
  ])('%s leads to %s', async (fault, reason, share) => {
    const { reasons, cycles, faults, verdicts, comparison } = await shares([fault]);
    const { overrun = 0, late = 0, ...others } = reasons;
    expect(overrun + late).toBeLessThan(0.05 * cycles);
    const found = Object.values(others).reduce((sum, count) => sum + count, 0);
    if (reason) expect(others[reason as keyof typeof others]! / cycles).toBeGreaterThan(0.7 * share);
    expect(found / cycles).toBeLessThan(1.4 * share + 0.001);
    const readings = ['nan', 'huge', 'stall', 'spike'].includes(fault) ? 2 : 1;
    expect(faults![fault] / cycles / readings).toBeGreaterThan(0.12);
    expect(faults![fault] / cycles / readings).toBeLessThan(0.28);
    expect(Object.values(faults!).filter((count) => count > 0)).toHaveLength(1);
    expect(verdicts.map(({ holds }) => holds)).toEqual([true, true]);
    expect(comparison).toBeUndefined();
  });

  test('with the same seed give the same, with another seed something else; one does not affect the others', async () => {
    const all = [...LOOP_FAULTS];
    const [one, two, other] = [await shares(all), await shares(all), await shares(all, { seed: 5 })];
    expect(one).toEqual(two);
    expect(one.reasons).not.toEqual(other.reasons);
    const alone = await shares(['nan']);
    expect((await shares(['nan', 'huge'])).faults!.nan).toBe(alone.faults!.nan);
  });

  test('late observations: what arrives too old is stale, and the limits hold', async () => {
    const little = await replayed({ latency: 5, jitter: 4, seed: 1 });
    expect(little.reasons.stale ?? 0).toBeLessThan(5); // after missed cycles
    const much = await replayed({ latency: '100ms', assert: ['no action outside rate'] });
    const { missing, stale, overrun = 0, late = 0 } = much.reasons;
    expect(missing).toBe(10); // the first arrives at 100 ms
    expect(missing! + stale!).toBe(much.cycles);
    expect([overrun, late, much.sources.model]).toEqual([0, 0, 0]);
    expect(much.verdicts[0]!.holds).toBe(true);
  });

  test('a spike needs a range', async () => {
    const file = newFile();
    recordCart(file, 50, { inputs: 2 }, {});
    await expect(replayed({ faults: ['spike'] }, file)).rejects.toThrow(
      gatecastError('invalid-argument', /a range, of which a spike is a quarter, for input1/),
    );
    expect((await replayed({ faults: ['nan'] }, file)).cycles).toBe(5);
  });

  test('a controller that is poisoned by them breaks what it should', async () => {
    // It cannot handle gaps: after one it returns NaN until it is started again.
    let last = Number.NaN;
    const controller: LoopReplayOptions['controller'] = ({ at, values }) => {
      const gap = at - last > 25;
      last = gap ? Number.NaN : at;
      if (Number.isNaN(last) && !gap) last = at;
      return [gap ? Number.NaN : -values[0]!];
    };
    const assert = [
      'recovers within 1 good observation',
      'recovers within 2 good observations',
      'fallback at most 1 %',
    ];
    const { verdicts } = await replayed({ controller, faults: ['stuck'], rate: 0.05, assert });
    expect(verdicts.map(({ holds }) => holds)).toEqual([false, true, false]);
    expect(verdicts[0]!.first!.what).toMatch(/bad-action/);
  });
});
