import { NEVER, Observable, Subject, throwError } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { Table } from '../../lib/data/table.ts';
import {
  type Learning,
  liveSession,
  type Model,
  type SessionOptions,
  type Snapshot,
} from '../../lib/cli/live/session.ts';

/** Forecasts y + slope, y + 2 slope ... of its one input and records what it is fed. */
class FakeModel implements Model {
  fed: number[] = [];
  states = 0;
  disposed = false;
  readonly slope: number;

  constructor(slope: number) {
    this.slope = slope;
  }

  createState() {
    this.states++;
    return {
      step: (values: ArrayLike<number>) => {
        this.fed.push(values[0]!);
        const mean = Float64Array.of(values[0]! + this.slope, values[0]! + 2 * this.slope);
        return {
          ready: true,
          mean,
          interval: () => ({ lower: mean.map((v) => v - 1), upper: mean.map((v) => v + 1) }),
        };
      },
      dispose: () => {
        this.states--;
      },
    };
  }

  dispose() {
    this.disposed = true;
  }
}

function start(overrides: Partial<SessionOptions<FakeModel>> = {}) {
  const source = new Subject<{ at?: number; values: Float64Array }>();
  const tables: Table[] = [];
  const learnings: Subject<Learning<FakeModel>>[] = [];
  let stopped = 0;
  const snapshots: Snapshot<FakeModel>[] = [];
  const outcome: { error?: unknown; complete?: boolean } = {};
  const subscription = liveSession(source, {
    names: ['y'],
    units: ['V'],
    targets: [0],
    limits: [[0, 1000]],
    horizon: 2,
    collect: 10,
    keep: 100,
    level: 0.8,
    learn: (table) => {
      tables.push(table);
      const learning = new Subject<Learning<FakeModel>>();
      learnings.push(learning);
      return new Observable((subscriber) => {
        const inner = learning.subscribe(subscriber);
        return () => {
          if (!subscriber.closed || !learning.closed) stopped++;
          inner.unsubscribe();
        };
      });
    },
    ...overrides,
  }).subscribe({
    next: (snapshot) => snapshots.push(snapshot),
    error: (error: unknown) => {
      outcome.error = error;
    },
    complete: () => {
      outcome.complete = true;
    },
  });
  let t = 0;
  const feed = (samples: number) => {
    for (let i = 0; i < samples; i++) source.next({ at: 1000 + t, values: Float64Array.of(t++) });
  };
  const finish = (index: number, model: FakeModel) => {
    const bestEpoch = model.slope === 0 ? 0 : 1; // without a slope it repeats the last value
    learnings[index]!.next({ epoch: 1, epochs: 1, validationLoss: 0, bestEpoch, forecaster: model });
    learnings[index]!.complete();
  };
  const last = () => snapshots.at(-1)!;
  return { source, tables, learnings, snapshots, outcome, subscription, feed, finish, last, stopped: () => stopped };
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
    session.learnings[0]!.next({ epoch: 1, epochs: 4, validationLoss: 1, bestEpoch: 1 });
    expect(session.last()).toMatchObject({ phase: 'training', learning: { epoch: 1, epochs: 4 }, fresh: false });

    const model = new FakeModel(1);
    session.finish(0, model);
    expect(model.fed).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    session.feed(5);
    expect(model.fed).toEqual(Array.from({ length: 17 }, (_, t) => t));
    expect(session.last()).toMatchObject({ phase: 'live', refits: 0, fresh: true, samples: 17 });
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(17, 18));
    expect(session.last().microseconds).toBeGreaterThan(0);
    expect(session.last().score.total()).toMatchObject({ skill: 1, coverage: 1 });
    expect(session.last().recent.at(-1)?.expected).toEqual({ lower: Float64Array.of(15), upper: Float64Array.of(17) });
  });

  it('swaps a refit in between two samples: none is lost, the score goes on, the old model is released', () => {
    const session = start();
    session.feed(10);
    const first = new FakeModel(1);
    session.finish(0, first);
    session.feed(5);
    expect(session.tables).toHaveLength(2);
    session.feed(4);
    const before = session.last().score.sensor(0).steps;
    const second = new FakeModel(3);
    session.finish(1, second);
    expect(first).toMatchObject({ states: 0, disposed: true });
    expect(second.fed).toEqual(Array.from({ length: 19 }, (_, t) => t));
    session.feed(1);
    expect(session.last().forecast?.mean).toEqual(Float64Array.of(22, 25));
    expect(session.last().refits).toBe(1);
    expect(session.last().score.sensor(0)).toMatchObject({ steps: before + 2, mae: 0 });
    expect(first.fed.length).toBe(19);
    expect(second.fed).toEqual(Array.from({ length: 20 }, (_, t) => t));
    session.feed(3);
    // The new forecasts are wrong by 2 and 4; the old ones were right.
    expect(session.last().score.sensor(0).mae).toBeGreaterThan(0);
  });

  it('tells whether the model in use has learned anything', () => {
    const session = start();
    session.feed(10);
    session.finish(0, new FakeModel(0));
    expect(session.last().untrained).toBe(true);
    session.feed(5);
    session.finish(1, new FakeModel(1));
    expect(session.last()).toMatchObject({ refits: 1, untrained: false });
  });

  it('cuts forecasts off at what a sensor cannot pass', () => {
    const session = start({ limits: [[0.5, 17]] });
    session.feed(10);
    session.finish(0, new FakeModel(1));
    session.feed(6);
    expect(session.last().forecast).toEqual({
      mean: Float64Array.of(16, 17),
      lower: Float64Array.of(15, 16),
      upper: Float64Array.of(17, 17),
    });
  });

  it('remembers no more than it should', () => {
    const session = start({ keep: 20 });
    session.feed(10);
    session.finish(0, new FakeModel(1));
    session.feed(40);
    session.finish(1, new FakeModel(1));
    session.feed(10);
    expect(session.tables).toHaveLength(3);
    expect(session.tables[2]!.columns[0]).toEqual(Float64Array.from({ length: 20 }, (_, i) => 40 + i));
    expect(session.last().recent).toHaveLength(20);
  });

  it('goes on with the old model when a refit fails, and fails when the first one does', () => {
    const session = start();
    session.feed(10);
    session.finish(0, new FakeModel(1));
    session.feed(5);
    session.learnings[1]!.error(new Error('too few rows'));
    expect(session.last()).toMatchObject({ phase: 'live', trouble: 'too few rows', learning: { epoch: 0 } });
    session.feed(1);
    expect(session.last().forecast?.mean[0]).toBe(16);
    expect(session.outcome).toEqual({});

    const failing = start({ learn: () => throwError(() => new Error('nothing to learn')) });
    failing.feed(10);
    expect(failing.outcome.error).toEqual(new Error('nothing to learn'));
  });

  it('ends with its source, stops learning then, and leaves the model to the subscriber', () => {
    const session = start();
    session.feed(10);
    const model = new FakeModel(1);
    session.finish(0, model);
    session.feed(5);
    const learning = session.learnings[1]!;
    expect(learning.observed).toBe(true);
    session.source.complete();
    expect(session.outcome.complete).toBe(true);
    expect(learning.observed).toBe(false);
    expect(model).toMatchObject({ states: 0, disposed: false });
  });

  it('stops everything when unsubscribed', () => {
    const session = start();
    session.feed(10);
    expect(session.learnings[0]!.observed).toBe(true);
    session.subscription.unsubscribe();
    expect(session.learnings[0]!.observed).toBe(false);
    expect(session.source.observed).toBe(false);
  });

  it('passes on an error of the source, and starts nothing before it is subscribed', () => {
    const session = start();
    session.source.error(new Error('unplugged'));
    expect(session.outcome.error).toEqual(new Error('unplugged'));
    let subscribed = false;
    const source = new Observable<never>(() => {
      subscribed = true;
    });
    liveSession<FakeModel>(source, {
      names: ['y'],
      units: [''],
      targets: [0],
      limits: [[0, 1]],
      horizon: 1,
      collect: 1,
      keep: 1,
      level: 0.8,
      learn: () => NEVER,
    });
    expect(subscribed).toBe(false);
  });
});
