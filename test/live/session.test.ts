import { NEVER, Observable, of, Subject, throwError } from 'rxjs';
import { describe, expect, it, vi } from 'vitest';
import type { Table } from '../../lib/data/table.ts';
import { liveSession } from '../../lib/live/session.ts';
import type { Snapshot } from '../../lib/live/snapshot.ts';
import type { LiveSample, LiveSource } from '../../lib/live/sources.ts';
import type { Bounds } from '../../lib/model/bounds.ts';
import { Forecaster } from '../../lib/model/forecaster.ts';
import { Scaler } from '../../lib/model/scaler.ts';
import { StreamState } from '../../lib/stream/state/stream-state.ts';
import { describeModel, makeModel, partsFor } from '../support/models.ts';

const inputs = [{ name: 'y', unit: 'V' }];
const shape = { inputs, targets: ['y'], interval: 1, horizon: 2, lookback: 50, warmup: 1 };

/** Forecasts y + slope, y + 2 slope of its one input, 1 below and above; without a slope it repeats the last value. */
function line(slope: number, bounds?: Bounds[]): Forecaster {
  const description = describeModel({ ...shape, ...(bounds && { bounds }) });
  const { weights, ...parts } = partsFor({
    ...description,
    training: { ...description.training, bestEpoch: slope === 0 ? 0 : 1 },
  });
  for (const { data } of Object.values(weights)) data.fill(0);
  weights['head.bias']!.data.set([slope - 1, slope, slope + 1, 2 * slope - 1, 2 * slope, 2 * slope + 1]);
  return Forecaster.from({ ...parts, weights, scaler: new Scaler(['y'], [0], [1]) });
}

/** Forecasts of all it has seen. */
const winding = (hiddenSize: number) => makeModel({ ...shape, network: { hiddenSize } });

type Progress = { epoch: number; epochs: number; forecaster?: Forecaster };

function start({ learn, ...overrides }: Partial<LiveSource> & { learn?: (table: Table) => Observable<Progress> } = {}) {
  const samples = new Subject<LiveSample>();
  const tables: Table[] = [];
  const learnings: Subject<Progress>[] = [];
  const snapshots: Snapshot[] = [];
  const outcome: { error?: unknown; complete?: boolean } = {};
  const source: LiveSource = {
    samples,
    title: 'a line',
    names: ['y'],
    units: ['V'],
    targets: [0],
    limits: [[0, 1000]],
    horizon: 2,
    step: { size: 1, unit: 'rows' },
    interval: 1,
    collect: 10,
    keep: 100,
    ...overrides,
  };
  const begin = (table: Table) => {
    tables.push(table);
    learnings.push(new Subject());
    return learnings.at(-1)!;
  };
  const subscription = liveSession(source, learn ?? begin).subscribe({
    next: (snapshot) => snapshots.push(snapshot),
    error: (error: unknown) => {
      outcome.error = error;
    },
    complete: () => {
      outcome.complete = true;
    },
  });
  let t = 0;
  const feed = (count: number) => {
    for (let i = 0; i < count; i++) samples.next({ at: 1000 + t, values: Float64Array.of(t++) });
  };
  const finish = (index: number, forecaster: Forecaster) => {
    learnings[index]!.next({ epoch: 1, epochs: 1, forecaster });
    learnings[index]!.complete();
  };
  const refit = async (index: number, forecaster: Forecaster) => {
    const { refits } = snapshots.at(-1)!;
    finish(index, forecaster);
    await vi.waitFor(() => expect(snapshots.at(-1)!.refits).toBe(refits + 1));
  };
  const last = () => snapshots.at(-1)!;
  return { samples, tables, learnings, snapshots, outcome, subscription, feed, finish, refit, last };
}

/** Whether a model can still be used. */
function inUse(model: Forecaster): boolean {
  try {
    model.createState().dispose();
    return true;
  } catch {
    return false;
  }
}

/** The means that a stream forecasts which has taken 0, 1 ... count - 1. */
function means(model: Forecaster, count: number): Float64Array {
  const state = new StreamState(model, { gap: 'hold', calibrate: true });
  for (let t = 0; t < count - 1; t++) state.step({ at: 1000 + t, values: [t] });
  return state.step({ at: 1000 + count - 1, values: [count - 1] })!.mean;
}

describe('liveSession', () => {
  it('collects, learns from all it has, warms the state and forecasts every sample', () => {
    const session = start();
    session.feed(9);
    expect(session.last()).toMatchObject({ phase: 'collecting', samples: 9, collect: 10 });
    expect(session.tables).toHaveLength(0);
    session.feed(1);
    expect(session.last()).toMatchObject({ phase: 'training', samples: 10, fresh: false });
    session.feed(2);
    expect(session.tables).toHaveLength(1);
    expect(session.tables[0]).toEqual({
      names: ['y'],
      units: ['V'],
      columns: [Float64Array.from({ length: 10 }, (_, t) => t)],
      at: Float64Array.from({ length: 10 }, (_, t) => 1000 + t),
    });
    session.learnings[0]!.next({ epoch: 1, epochs: 4 });
    expect(session.last()).toMatchObject({ phase: 'training', learning: { epoch: 1, epochs: 4 }, fresh: false });

    const model = winding(5);
    session.finish(0, model);
    expect(session.last()).toMatchObject({ phase: 'live', fresh: false, refits: 0, forecast: undefined });
    for (let count = 13; count <= 17; count++) {
      session.feed(1);
      expect(session.last()).toMatchObject({ phase: 'live', refits: 0, fresh: true, samples: count });
      expect(session.last().forecast?.mean).toEqual(means(model, count));
    }
    expect(session.last().microseconds).toBeGreaterThan(0);
  });

  it('scores what it has forecast, and nothing of the samples that the model was warmed on', () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.feed(1);
    expect(session.last().score).toMatchObject({ skill: undefined, coverage: undefined, moving: 0 });
    const { lower, upper } = session.last().forecast!;
    session.feed(2);
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(13, 14));
    expect(session.last().score).toMatchObject({ skill: 1, coverage: 1, moving: 1, better: 1 });
    const end = { lower: lower.slice(1), upper: upper.slice(1) };
    expect(session.last().recent.map(({ expected }) => expected)).toEqual([...new Array(12).fill(undefined), end]);
  });

  it('swaps a refit in between two samples: none is lost, the score goes on, the old model is released', async () => {
    const session = start();
    session.feed(10);
    const first = winding(5);
    session.finish(0, first);
    session.feed(5);
    expect(session.tables).toHaveLength(2);
    session.feed(4);
    const { score } = session.last();
    const second = winding(7);
    session.finish(1, second);
    session.feed(1);
    expect(session.last().forecast?.mean).toEqual(means(first, 20)); // the old one answers until the new one is warm
    await vi.waitFor(() => expect(session.last().refits).toBe(1));
    expect(session.last().score).not.toEqual(score);
    expect(session.last().score.skill).toBeDefined();
    expect(session.last().model).toBe(second);
    expect([first, second].map(inUse)).toEqual([false, true]);
    session.feed(1);
    expect(session.last().forecast?.mean).toEqual(means(second, 21));
    expect(session.last()).toMatchObject({ refits: 1, trouble: undefined });
    const answered = session.snapshots.filter(({ fresh, samples }) => fresh && samples > 10);
    expect(answered.map(({ samples }) => samples)).toEqual(Array.from({ length: 11 }, (_, i) => 11 + i));
    expect(answered.every(({ forecast }) => forecast !== undefined)).toBe(true);
  });

  it('scores the old model and the new one together', async () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.feed(9);
    expect(session.last().score.skill).toBe(1);
    await session.refit(1, line(3));
    session.feed(2);
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(23, 26));
    // The new forecasts are wrong by 2 and 4; the old ones were right.
    expect(session.last().score.skill).toBeLessThan(1);
    expect(session.last().score.skill).toBeGreaterThan(0.5);
  });

  it('keeps score in time where samples are missing, and drops what was said before a long silence', () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.feed(2);
    session.samples.next({ at: 1013, values: Float64Array.of(13) }); // that of 1012 is missing
    expect(session.last()).toMatchObject({ score: { skill: 1, coverage: 1 }, leftOut: 0 });
    for (let t = 5000; t < 5006; t++) session.samples.next({ at: t, values: Float64Array.of(t) });
    expect(session.last()).toMatchObject({ score: { skill: 1, coverage: 1 }, leftOut: 2 }); // stamps not believed yet
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(5006, 5007));
  });

  it('counts a sample that comes twice, forecasts nothing from it, and goes on', () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.feed(3);
    session.samples.next({ at: 1012, values: Float64Array.of(99) });
    expect(session.last()).toMatchObject({ samples: 14, fresh: true, leftOut: 1, forecast: undefined });
    session.feed(1);
    expect(session.last()).toMatchObject({ leftOut: 1, score: { skill: 1 } });
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(14, 15));
  });

  it('takes the last value for one that is missing', () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.samples.next({ at: 1010, values: Float64Array.of(Number.NaN) });
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(10, 11));
  });

  it('takes samples without times', () => {
    const session = start({ interval: null });
    for (let t = 0; t < 10; t++) session.samples.next({ values: Float64Array.of(t) });
    expect(session.tables[0]).not.toHaveProperty('at');
    session.finish(0, line(1));
    for (let t = 10; t < 20; t++) session.samples.next({ values: Float64Array.of(t) });
    expect(session.last()).toMatchObject({ phase: 'live', score: { skill: 1 } });
    expect(session.last().recent.at(-1)).toMatchObject({ at: undefined, values: Float64Array.of(19) });
  });

  it('tells whether the model in use has learned anything', async () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(0));
    expect(session.last().untrained).toBe(true);
    session.feed(5);
    await session.refit(1, line(1));
    expect(session.last()).toMatchObject({ refits: 1, untrained: false });
  });

  it('cuts forecasts off at what a sensor cannot pass', () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1, [{ min: 0.5, max: 17 }]));
    session.feed(6);
    const { mean, lower, upper } = session.last().forecast!;
    expect(mean).toEqual(Float64Array.of(16, 17));
    expect(lower[1]).toBeLessThanOrEqual(17);
    expect(upper).toEqual(Float64Array.of(upper[0]!, 17));
  });

  it('remembers no more than it should', async () => {
    const session = start({ keep: 20 });
    session.feed(10);
    session.finish(0, line(1));
    session.feed(40);
    await session.refit(1, line(1));
    session.feed(10);
    expect(session.tables).toHaveLength(3);
    expect(session.tables[2]!.columns[0]).toEqual(Float64Array.from({ length: 20 }, (_, i) => 40 + i));
    expect(session.last().recent).toHaveLength(20);
  });

  it('goes on with the old model when a refit fails, and fails when the first one does', async () => {
    const session = start();
    session.feed(10);
    session.finish(0, line(1));
    session.feed(5);
    session.learnings[1]!.error(new Error('too few rows'));
    expect(session.last()).toMatchObject({ phase: 'live', trouble: 'too few rows', learning: { epoch: 0 } });
    session.feed(1);
    expect(session.last().forecast?.mean[0]).toBe(16);
    expect(session.outcome).toEqual({});

    session.feed(12);
    const stranger = makeModel({ ...shape, interval: 1000 });
    session.finish(2, stranger);
    await vi.waitFor(() => expect(session.last().trouble).toMatch(/^Expected a model with an interval near 1 ms/));
    expect(inUse(stranger)).toBe(false);
    session.feed(1);
    expect(session.last().forecast?.mean[0]).toBe(29);

    const failing = start({ learn: () => throwError(() => new Error('nothing to learn')) });
    failing.feed(10);
    expect(failing.outcome.error).toEqual(new Error('nothing to learn'));
  });

  it('ends with its source, stops learning then, and leaves the model to the subscriber', () => {
    const session = start();
    session.feed(10);
    const model = line(1);
    session.finish(0, model);
    session.feed(5);
    const learning = session.learnings[1]!;
    expect(learning.observed).toBe(true);
    session.samples.complete();
    expect(session.outcome.complete).toBe(true);
    expect(learning.observed).toBe(false);
    expect(session.last().model).toBe(model);
    expect(inUse(model)).toBe(true);
  });

  it('releases a model that has not taken over when it ends, and leaves the one in use', async () => {
    const session = start();
    session.feed(10);
    const [first, second] = [line(1), line(2)];
    session.finish(0, first);
    session.feed(5);
    session.finish(1, second);
    session.subscription.unsubscribe();
    await vi.waitFor(() => expect([first, second].map(inUse)).toEqual([true, false]));
  });

  it('learns within a sample where learning takes no time', () => {
    const session = start({ learn: () => of({ epoch: 1, epochs: 1, forecaster: line(1) }) });
    session.feed(12);
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(12, 13));
  });

  it('stops everything when unsubscribed', () => {
    const session = start();
    session.feed(10);
    expect(session.learnings[0]!.observed).toBe(true);
    session.subscription.unsubscribe();
    expect(session.learnings[0]!.observed).toBe(false);
    expect(session.samples.observed).toBe(false);
  });

  it('passes on an error of the source, and starts nothing before it is subscribed', () => {
    const session = start();
    session.samples.error(new Error('unplugged'));
    expect(session.outcome.error).toEqual(new Error('unplugged'));
    let subscribed = false;
    const samples = new Observable<never>(() => {
      subscribed = true;
    });
    const source = { title: '', names: ['y'], units: [''], targets: [0], limits: [[0, 1] as const], horizon: 1 };
    const times = { step: { size: 1, unit: 'rows' }, interval: null, collect: 1, keep: 1 };
    liveSession({ samples, ...source, ...times }, () => NEVER);
    expect(subscribed).toBe(false);
  });
});
