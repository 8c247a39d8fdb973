import { type Forecaster, forecast, forecastBy, memoryStore, StreamState, type StreamOptions } from 'gatecast';
import { map, retry, Subject, take } from 'rxjs';
import { uniform } from './live-model.ts';

/**
 * One life of some streams: samples go in, and afterwards nothing may be left of them. Returns how many samples it
 * took.
 */
export type Cycle = () => number | Promise<number>;

interface Reading {
  readonly id: string;
  readonly at: number;
  readonly values: readonly number[];
}

const SAMPLES = 2000;
const INTERVAL = 1000;

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

const everything: StreamOptions = {
  history: 8,
  gap: 'hold',
  lateness: '5s',
  health: true,
  calibrate: true,
  fallback: 'naive',
  watch: true,
};

/**
 * What streams go through in months, one cycle of each per turn; `thrown` is called for errors that a cycle causes on
 * purpose.
 */
export function soakCycles(model: Forecaster, thrown: () => void): Record<string, Cycle> {
  const random = uniform(1);
  let time = 1.8e12;
  const reading = (keys: number): Reading => {
    time += INTERVAL / keys;
    return {
      id: `device-${Math.floor(random() * keys)}`,
      at: time,
      values: random() < 0.001 ? [Number.NaN, 30] : [50 + 10 * random(), 30 + random()],
    };
  };
  const feed = (source: Subject<Reading>, keys = 1) => {
    for (let n = 0; n < SAMPLES; n++) source.next(reading(keys));
    return SAMPLES;
  };
  const fail = (every: number) => {
    let seen = 0;
    return () => {
      if (++seen % every !== 0) return;
      thrown();
      throw new Error('on purpose');
    };
  };

  return {
    'subscribers that leave': () => {
      const source = new Subject<Reading>();
      const staying = source.pipe(forecast(model)).subscribe();
      source.pipe(forecast(model, everything), take(SAMPLES / 2)).subscribe();
      feed(source);
      staying.unsubscribe();
      return 1.5 * SAMPLES;
    },

    'subscribers that throw': () => {
      const source = new Subject<Reading>();
      source.pipe(forecast(model)).subscribe(fail(100));
      source.pipe(forecast(model), map(fail(500)), retry()).subscribe();
      feed(source);
      source.complete();
      return 2 * SAMPLES;
    },

    'a fleet with more keys than room, and a store': async () => {
      const store = memoryStore();
      const source = new Subject<Reading>();
      const options = { maxStreams: 100, store, flush: { samples: 500 } };
      const fleet = source.pipe(forecastBy(({ id }) => id, model, options)).subscribe();
      feed(source, 150);
      await turn();
      fleet.unsubscribe();
      source.pipe(forecastBy(({ id }) => id, model, options)).subscribe(fail(300));
      feed(source, 150);
      source.complete();
      store.close();
      return 2 * SAMPLES;
    },

    'a fleet with everything, left within a turn': async () => {
      const source = new Subject<Reading>();
      source
        .pipe(
          forecastBy(({ id }) => id, model, { ...everything, ttl: '1m' }),
          take(SAMPLES - 100),
        )
        .subscribe();
      feed(source, 50);
      await turn();
      return SAMPLES;
    },

    'states copied, taken back and put back, and left to the collector': () => {
      let state = new StreamState(model, everything);
      const other = new StreamState(model, everything);
      for (let n = 0; n < SAMPLES; n++) {
        state.step(reading(1));
        if (n % 50 === 49) state.rewind(3);
        if (n % 100 === 99) state = state.fork();
        if (n % 250 === 249) other.restore(state.snapshot());
      }
      if (!other.equals(state)) throw new Error('a restored state differs from its snapshot');
      other.dispose();
      return SAMPLES;
    },
  };
}
