// What the calls of hostile values need: models, streams and the like, made anew where a call may change them.
import { Observable, type OperatorFunction } from 'rxjs';
import * as gatecast from '../../support/every-name.ts';
import { makeModel } from '../../support/models.ts';
import { makePolicy } from '../../support/policies.ts';

export const model = makeModel();
export const plant = makeModel({ horizon: 1, loss: 'mse', levels: [] });
export const ring = () => new gatecast.SharedRing({ width: 2, capacity: 4 });
export const trained = makePolicy();
export const rollout = () => new gatecast.Rollout(plant, { samples: 2, horizon: 3 });
export const state = () => model.createState({ onInvalid: 'error' });
export const everything = () => ({
  onInvalid: 'error',
  history: 2,
  gap: { pressure: 'hold', temperature: 'decay' },
  decayTime: '5s',
  resetAfter: 10_000,
  lateness: '2s',
  resample: true,
  health: { policy: { spike: 'flag' }, limits: { pressure: { min: 0, max: 9, nullValue: null } }, reach: 9 },
  calibrate: true,
  skill: { naive: 'seasonal', season: 3, smoothing: 0.2, window: 9, patience: 3 },
  fallback: 'naive',
  watch: true,
});
export const stream = () => {
  const state = new gatecast.StreamState(model, everything() as never);
  state.step([1, 2]);
  return state;
};
export const keyed = () => {
  const options = { ...everything(), store: gatecast.memoryStore(), recent: 3 };
  const streams = new gatecast.KeyedStreams(model, options as never);
  streams.restore('key', stream().snapshot());
  return streams;
};
export const live = () => new gatecast.LiveModel(model, everything() as never);
export const forecast = () => state().step([1, 2])!;
export const online = () => new gatecast.OnlineForecaster({ inputs: ['pressure', 'temperature'], hidden: 3, seed: 1 });
export const metrics = () => new gatecast.StreamMetrics({ counters: ['extra'], times: ['flush'] });
/** What an operator makes of one value. */
export const through = (operator: unknown, value: unknown) =>
  new Promise<void>((resolve, reject) => {
    // `of` looks into its arguments, and a promise into what it becomes.
    const source = new Observable((subscriber) => {
      subscriber.next(value);
      subscriber.complete();
    });
    source.pipe(operator as OperatorFunction<unknown, unknown>).subscribe({ error: reject, complete: resolve });
  });
export const loopOptions = () => ({
  hz: 100,
  observe: () => undefined,
  inputs: [{ min: 0, max: 1 }],
  decide: () => [0],
  act: () => undefined,
  fallback: [0],
  limits: [{ min: 0, max: 1, maxRate: 1 }],
  clock: new gatecast.VirtualClock(),
});
/** A cycle of a recorded loop, and its end. */
export function recordedLoop(observed: unknown, decided: unknown, file: string) {
  const clock = new gatecast.VirtualClock();
  const observe = () => observed as never;
  const loop = gatecast.recordLoop(file, { ...loopOptions(), clock, observe, decide: () => decided as never });
  const running = loop.subscribe();
  clock.run(5);
  running.unsubscribe();
}
export let recordings = 0;
export const recording = () => `recording-${recordings++}`; // a name is recorded to once
