import { identity, of } from 'rxjs';
import * as gatecast from '../../support/every-name.ts';
import type { Sample } from '../../../lib/index.ts';
import * as lmdb from '../../../lib/adapters/lmdb.ts';
import * as opentelemetry from '../../../lib/adapters/opentelemetry.ts';
import type { Call, Calls } from './calls.ts';
import { model, everything, stream, keyed, live, online, metrics, through, recording } from './subjects.ts';

class Meter {
  createObservableCounter() {}
  createObservableGauge() {}
  addBatchObservableCallback() {}
  removeBatchObservableCallback() {}
}
const timed = () => ({ at: 0, values: { pressure: 1, temperature: 2 }, offset: 1, arrivedAt: 2 });

/** Correct arguments of what users can call, and how to call it where that is not by its name. */
export const calls: Calls = {
  forecast: { args: () => [model, { onInvalid: 'error' }], call: gatecast.forecast as Call },
  'forecast, of a sample': {
    args: () => [{ at: 0, values: [1, 2] }],
    call: (sample) => through(gatecast.forecast(model, { onInvalid: 'error' }), sample),
  },
  forecastBy: {
    args: () => [() => 'key', model, { ...everything(), maxStreams: 2, ttl: '1m', flush: { samples: 2, every: '1s' } }],
    call: gatecast.forecastBy as Call,
  },
  'forecastBy, of a sample': {
    args: () => [timed(), 'key'],
    call: (sample, key) =>
      through(
        gatecast.forecastBy(() => key, model, everything() as never),
        sample,
      ),
  },
  'forecastBy, with streams of the caller': {
    args: () => [() => 'key', keyed()],
    call: gatecast.forecastBy as Call,
  },
  'forecastBy, of the key of a store': {
    args: () => ['key'],
    call: (key) =>
      through(
        gatecast.forecastBy(() => key, model, { store: gatecast.memoryStore() }),
        [1, 2],
      ),
  },
  'forecast, with a store': {
    args: () => [{ store: gatecast.memoryStore(), key: 'key', flush: { samples: 1, every: '1s' } }],
    call: (options) => through(gatecast.forecast(model, options as never), [1, 2]),
  },
  OnlineForecaster: {
    args: () => [{ inputs: ['a', 'b'], hidden: 3, seed: 1 }],
    call: (options) => new gatecast.OnlineForecaster(options as never).dispose(),
  },
  'OnlineForecaster#dispose': { args: () => [], call: () => online().dispose() },
  anomalies: {
    args: () => [
      online(),
      {
        onInvalid: 'error',
        perDay: 1,
        interval: '1s',
        hysteresis: '1m',
        refractory: '1h',
        warmup: 2,
        gap: { pressure: 'impute' },
        decayTime: '5s',
        resetAfter: '1m',
        store: gatecast.memoryStore(),
        key: 'key',
        flush: { samples: 1, every: '1s' },
      },
    ],
    call: gatecast.anomalies as Call,
  },
  anomaliesBy: {
    args: () => [
      () => 'key',
      online(),
      { interval: '1s', lateness: '2s', resample: true, maxStreams: 2, ttl: '1m', store: gatecast.memoryStore() },
    ],
    call: gatecast.anomaliesBy as Call,
  },
  'anomaliesBy, of a sample': {
    args: () => [timed(), 'key'],
    call: (sample, key) =>
      through(
        gatecast.anomaliesBy(() => key, online(), { interval: 1000, lateness: 2000 }),
        sample,
      ),
  },
  'anomalies, of a sample, with health': {
    args: () => [timed()],
    call: (sample) => through(gatecast.anomalies(model, { health: true, onInvalid: 'error' }), sample),
  },
  'anomalies, of a sample, with gaps': {
    args: () => [timed()],
    call: (sample) => through(gatecast.anomalies(online(), { interval: 1000, gap: 'impute' }), sample),
  },
  'anomalies, of a sample': {
    args: () => [timed()],
    call: (sample) => through(gatecast.anomalies(online(), { interval: 1000, onInvalid: 'error' }), sample),
  },
  'anomalies, of a sample, with a model': {
    args: () => [timed()],
    call: (sample) => through(gatecast.anomalies(model, { onInvalid: 'error' }), sample),
  },
  forecastInWorker: {
    args: () => [model, { onInvalid: 'error', precision: 'f32', inFlight: 2, overload: gatecast.drop() }],
    call: gatecast.forecastInWorker as Call, // test/stream/in-worker.test.ts sends it samples of every kind
  },
  measure: { args: () => [metrics(), gatecast.forecast(model)], call: gatecast.measure as Call },
  'measure, of a value': { args: () => [1], call: (value) => through(gatecast.measure(metrics(), identity), value) },
  StreamMetrics: {
    args: () => [{ counters: ['extra'], times: ['flush'] }],
    call: (options) => new gatecast.StreamMetrics(options as never),
  },
  'StreamMetrics#counter': {
    args: () => ['samples', 1],
    call: (name, by) =>
      metrics()
        .counter(name as string)
        .add(by as number),
  },
  'StreamMetrics#time': {
    args: () => ['step', 1],
    call: (name, ns) =>
      metrics()
        .time(name as string)
        .record(ns as number),
  },
  'StreamMetrics#snapshots': { args: () => ['1s'], call: (every) => metrics().snapshots(every as string) },
  'StreamMetrics#reader': { args: () => [], call: () => metrics().reader().read() },
  overload: { args: () => [gatecast.latest(), () => of(1)], call: gatecast.overload as Call },
  'overload, of a value': {
    args: () => [1],
    call: (value) =>
      through(
        gatecast.overload(gatecast.latest(), () => of(1)),
        value,
      ),
  },
  conflate: { args: () => [() => 1], call: gatecast.conflate as Call },
  drop: { args: () => [], call: gatecast.drop },
  latest: { args: () => [], call: gatecast.latest },
  queue: { args: () => [10], call: gatecast.queue as Call },
  record: {
    open: /^1\.options$/,
    args: () => [
      recording(),
      { model, options: { a: 1 }, key: () => 1, flush: '1s', buffer: 9, whenFull: 'drop', around: identity },
    ],
    call: gatecast.record as Call,
  },
  'record, of a sample': {
    args: () => [timed(), 'key'],
    call: (sample, key) => through(gatecast.record(recording(), { key: () => key }), sample),
  },
  'record, around an operator': {
    args: () => [timed(), recording()],
    call: (sample, file) => through(gatecast.record(file as string, { around: gatecast.forecast(model) }), sample),
  },
  readRecording: {
    args: () => ['made.rec'],
    call: async (path) => {
      for await (const entry of gatecast.readRecording(path as string)) void entry;
    },
  },
  lmdbStore: { args: () => ['lmdb'], call: (dir) => lmdb.lmdbStore(dir as string).close() },
  exportMetrics: {
    open: /^2$/,
    args: () => [metrics(), new Meter(), { site: 'north' }],
    call: (...args) => (opentelemetry.exportMetrics as Call)(...args),
  },
  fileStore: { args: () => ['states'], call: (dir) => gatecast.fileStore(dir as string).close() },
  memoryStore: { args: () => [], call: () => gatecast.memoryStore().close() },
  'a store': {
    open: /^2$/,
    args: () => ['key', new Uint8Array(3), { offset: 3 }],
    call: (key, bytes, meta) => {
      const store = gatecast.memoryStore();
      store.put(key as string, bytes as Uint8Array);
      store.meta = meta as never;
      return [store.get(key as string), store.delete(key as string)];
    },
  },
  adwin: { args: () => [{ delta: 0.01 }], call: gatecast.adwin as Call },
  'adwin, of a value': { args: () => [1], call: (value) => through(gatecast.adwin(), value) },
  pageHinkley: { args: () => [{ threshold: 10 }], call: gatecast.pageHinkley as Call },
  'pageHinkley, of a value': { args: () => [1], call: (value) => through(gatecast.pageHinkley(), value) },
  StreamState: {
    args: () => [model, everything(), new gatecast.StreamMetrics()],
    call: (...args) => new gatecast.StreamState(...(args as [never])),
  },
  'StreamState#step': { open: /^0/, args: () => [timed()], call: (sample) => stream().step(sample as Sample) },
  'StreamState#restore': {
    args: () => [stream().snapshot()],
    call: (bytes) => stream().restore(bytes as Uint8Array),
  },
  'StreamState#rewind': { args: () => [1], call: (count) => stream().rewind(count as number) },
  'StreamState#equals': { args: () => [stream()], call: (other) => stream().equals(other as never) },
  'StreamState#fork': { args: () => [], call: () => stream().fork() },
  'StreamState#snapshot': { args: () => [], call: () => stream().snapshot() },
  'StreamState#reset': { args: () => [], call: () => stream().reset() },
  'StreamState#dispose': { args: () => [], call: () => stream().dispose() },
  KeyedStreams: {
    args: () => [
      model,
      { ...everything(), maxStreams: 2, ttl: '1m', store: gatecast.memoryStore(), flush: {}, recent: 3 },
    ],
    call: (...args) => new gatecast.KeyedStreams(...(args as [never])),
  },
  'KeyedStreams#fork': { args: () => ['key'], call: (key) => keyed().fork(key) },
  'KeyedStreams#equals': {
    args: () => ['key', stream()],
    call: (key, state) => keyed().equals(key, state as never),
  },
  'KeyedStreams#snapshot': { args: () => ['key'], call: (key) => keyed().snapshot(key) },
  'KeyedStreams#restore': {
    args: () => ['key', stream().snapshot()],
    call: (key, bytes) => keyed().restore(key, bytes as never),
  },
  'KeyedStreams#rewind': { args: () => ['key', 1], call: (key, count) => keyed().rewind(key, count as never) },
  'KeyedStreams#reset': { args: () => ['key'], call: (key) => keyed().reset(key) },
  'KeyedStreams#swap': {
    args: () => [model, { revertible: false }],
    call: (...args) => keyed().swap(...(args as [never])),
  },
  'KeyedStreams#revert': { args: () => [], call: () => keyed().revert() },
  'KeyedStreams#keys': { args: () => [], call: () => keyed().keys() },
  'KeyedStreams#skipped': { args: () => ['a'], call: (key) => keyed().skipped(key) },
  'KeyedStreams#settle': { args: () => [], call: () => keyed().settle() },
  'KeyedStreams#flush': { args: () => [], call: () => keyed().flush() },
  'KeyedStreams#dispose': { args: () => [], call: () => keyed().dispose() },
  LiveModel: {
    args: () => [model, { ...everything(), recent: 9 }],
    call: (...args) => new gatecast.LiveModel(...(args as [never])),
  },
  'LiveModel#step': {
    open: /^0/,
    args: () => [{ at: 0, values: { pressure: 1, temperature: 2 }, offset: 1, arrivedAt: 2 }],
    call: (sample) => live().step(sample as Sample),
  },
  'LiveModel#swap': {
    args: () => [model, { warm: 3, shadow: '3s', ifBetterBy: 0.1, revertible: 9 }],
    call: (...args) => void live().swap(...(args as [never])),
  },
  'LiveModel#revert': { args: () => [], call: () => live().revert() },
  'LiveModel#dispose': { args: () => [], call: () => live().dispose() },
  replay: {
    args: () => [
      'made.rec',
      model,
      {
        stream: everything(),
        compare: true,
        faults: ['nan'],
        rate: 0.1,
        latency: 1,
        jitter: '1ms',
        seed: 1,
        speed: 1e9,
        signal: new AbortController().signal,
      },
    ],
    call: gatecast.replay as Call,
  },
};
